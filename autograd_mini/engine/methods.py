"""The method of a row: what Value has for each row of the table.

There is one template per arity, filled in for each row, because a generic call on the hot path would take two to four
times as long. The templates call the row's own functions; there are no derivative rules here. Where nodes are made in
C, the methods of the table's rows are in C too, and call those here for anything unusual.
"""

from __future__ import annotations

import linecache
import weakref
from collections.abc import Callable
from keyword import iskeyword
from typing import Any

from autograd_mini.engine.node import constant, new
from autograd_mini.engine.observer import observers
from autograd_mini.engine.value import CONSTANT_LEAF, NODE, Value
from autograd_mini.primitives import ieee, table
from autograd_mini.primitives.registry import PRIMITIVES
from autograd_mini.primitives.row import Primitive

__all__ = ["LARGEST", "TABLE", "apply_general", "binary", "in_c", "method_of", "named", "power_of_number", "reflected"]

TABLE = frozenset(PRIMITIVES)
"""The rows of the package, without those of users."""

_UNARY = """\
def {name}(self):
    if observers:
        return apply_general(primitive, (self,))
    x = self.data
    made = new()
    try:
        made.data = out = {value}
        made.to_left = {left}
    except (ArithmeticError, ValueError):  # of Python, where IEEE 754 has a result; or of the row, again
        made.data = out = primitive.evaluate((x,))
        made.to_left = primitive.derivatives((x,), out)[0]
    made._grad = None
    made.kind = primitive
    made.left = self
    made.right = None
    return made
"""
_BINARY = """\
def {name}(self, {operands}):
    {first}if observers:
        return apply_general(primitive, {parents})
    if not isinstance(other, Value):
        if type(other) is float:
            number = other
        elif type(other) is int and -{largest} < other < {largest}:
            number = other + 0.0
        else:
            leaf = constant(other)
            if leaf is None:
                return decline(primitive, {parents})
            number = leaf.data
        other = new()
        other.data = number
        other._grad = None
        other.left = None
        other.kind = CONSTANT_LEAF
    {names} = self.data, other.data
    made = new()
    try:
        made.data = out = {value}
        {edges}
    except (ArithmeticError, ValueError):  # of Python, where IEEE 754 has a result; or of the row, again
        made.data = out = primitive.evaluate((x, y))
        made.to_left, made.to_right = primitive.derivatives((x, y), out)
    made._grad = None
    made.kind = primitive
    made.left, made.right = {parents}
    return made
"""
_BY_EXPONENT = """\
if modulus is not None:
        return NotImplemented
    if isinstance(other, Value):
        return Value.pow(self, other)
    """
LARGEST = 2**53  # smaller ints are exact as floats; others are converted in ``constant``


def _unary(primitive: Primitive) -> Callable[..., Any]:
    left = primitive.text[0] if primitive.text else "partials(x, out)"
    return _compile(_UNARY, primitive, value=primitive.value_text or "value(x)", left=left)


def binary(primitive: Primitive, swapped: bool = False, operands: str = "other", first: str = "") -> Callable[..., Any]:
    """Return the method of two operands in Python; ``swapped`` where Python calls it for the right one."""
    edges = "made.to_left, made.to_right = partials(x, y, out)"
    if primitive.text:
        edges = f"made.to_left = {primitive.text[0]}\n        made.to_right = {primitive.text[1]}"
    parents, names = ("(other, self)", "y, x") if swapped else ("(self, other)", "x, y")
    value, kind = primitive.value_text or "value(x, y)", ", reflected" if swapped else ""
    return _compile(_BINARY, primitive, kind, value=value, edges=edges, parents=parents, names=names,
                    operands=operands, first=first, largest=str(LARGEST))  # fmt: skip


def method_of(primitive: Primitive) -> Callable[..., Any]:
    """Return the method of a row."""
    if primitive.arity not in (1, 2) or primitive.defaults or primitive.static:
        return _general(primitive)
    if NODE is None:
        return (_unary if primitive.arity == 1 else binary)(primitive)
    return in_c(primitive)


def reflected(primitive: Primitive) -> Callable[..., Any]:
    """Return the reflected method, which Python calls for a Value on the right, as in ``7.0 % x``."""
    if NODE is None:
        return binary(primitive, swapped=True)
    text = "def {name}(self, other):\n    return apply_general(primitive, (other, self))\n"
    return _compile(text, primitive, ", reflected")


def power_of_number() -> Callable[..., Any]:
    """Return ``__pow__`` in Python: a constant exponent has a separate row, whose rule does not need ln x."""
    return binary(table.power, False, "other, modulus=None", _BY_EXPONENT)


def in_c(primitive: Primitive) -> Callable[..., Any]:
    """Return the method of a row where nodes are made in C; rows of users, which may be removed, stay in Python."""
    operands = "self" if primitive.arity == 1 else "self, other"
    text = "def {name}({operands}):\n    return apply_general(primitive, ({operands},))\n"
    method = _compile(text, primitive, operands=operands)
    if primitive.name not in TABLE or NODE is None:
        return method
    value, rule = _first(primitive), primitive.float_partials
    made: Callable[..., Any] = NODE.method(
        primitive, value, rule, method, primitive.arity, primitive.name, primitive.doc
    )
    return made


def _first(primitive: Primitive) -> Callable[..., Any]:
    """Return the value on floats, without the layer that handles errors: the methods do that."""
    return ieee.FIRST.get(primitive.float_value, primitive.float_value)


def _general(primitive: Primitive) -> Callable[..., Any]:
    return _compile("def {name}(*args):\n    return primitive(*args)\n", primitive)


def _compile(template: str, primitive: Primitive, kind: str = "", **parts: str) -> Callable[..., Any]:
    """Return the compiled method of a row, whose source tracebacks and ``inspect.getsource`` can show."""
    function = primitive.name + "_" * iskeyword(primitive.name)
    source = template.format(name=function, **parts)
    file = name = f"<autograd_mini {primitive.name}{kind}>"
    again = 1
    while file in linecache.cache:
        again += 1
        file = f"{name[:-1]}, {again}>"
    scope = {
        "__name__": __name__, "observers": observers, "apply_general": apply_general, "decline": _decline,
        "constant": constant,
        "new": new, "Value": Value, "CONSTANT_LEAF": CONSTANT_LEAF, "primitive": primitive,
        "value": _first(primitive), "partials": primitive.float_partials,
    }  # fmt: skip
    exec(compile(source, file, "exec"), scope)
    method: Any = scope.pop(function)
    linecache.cache[file] = len(source), None, source.splitlines(keepends=True), file
    weakref.finalize(method, linecache.cache.pop, file, None).atexit = False
    return named(method, primitive)


def apply_general(primitive: Primitive, parents: tuple[Any, ...]) -> Any:
    """Apply a row to operands of any kind; NotImplemented for one with its own arithmetic."""
    if any(not isinstance(each, Value) and constant(each) is None for each in parents):
        return _decline(primitive, parents)
    return Value.__apply__(primitive, parents)


def _decline(primitive: Primitive, parents: tuple[object, ...]) -> Any:
    """Return NotImplemented for an operand with its own arithmetic; raise TypeError for Python's own types."""
    others = [each for each in parents if not isinstance(each, Value)]
    left, right = parents
    if all(type(each).__module__ != "builtins" for each in others):
        return NotImplemented
    raise TypeError(
        f"unsupported operand types for {_symbol(primitive)}: {type(left).__name__!r} and {type(right).__name__!r}; "
        "a Value combines with Values and real numbers (int, float, NumPy scalar or array)"
    )


SIGNS = {
    "add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "**", "power": "**", "mod": "%", "floordiv": "//",
}  # fmt: skip
"""Row → its operator in Python, for messages."""


def _symbol(primitive: Primitive) -> str:
    sign = SIGNS.get(primitive.name)
    return primitive.name if sign is None else f"{sign} ({primitive.name})"


def named(method: Callable[..., Any], primitive: Primitive) -> Callable[..., Any]:
    """Return a method with the name and the description of its row."""
    method.__name__ = method.__qualname__ = primitive.name
    method.__doc__ = primitive.doc
    return method
