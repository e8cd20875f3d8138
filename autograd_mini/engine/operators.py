"""The operators and methods of Value, one for each row of the table.

Importing this module installs them; a primitive defined later gets its method when it is
defined. There is one template per arity, filled in for each row, because a generic call on the hot
path would take two to four times as long. The templates call the row's own functions; there are no
derivative rules here.
"""

from __future__ import annotations

import linecache
import math
import operator
import weakref
from collections.abc import Callable
from keyword import iskeyword
from typing import Any

from autograd_mini.engine.arrays import UFUNCS
from autograd_mini.engine.observer import observer, observers
from autograd_mini.engine.rules import OPERATORS
from autograd_mini.engine.value import CONSTANT_LEAF, NODE, Value, constant, new
from autograd_mini.primitives import table as table
from autograd_mini.primitives.floats import as_number
from autograd_mini.primitives.row import PRIMITIVES, Primitive, on_primitive

_UNARY = """\
def {name}(self):
    if observers:
        return apply_general(primitive, (self,))
    x = self.data
    made = new()
    try:
        made.data = out = {value}
        made.to_left = {left}
    except ArithmeticError:
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
    except ArithmeticError:
        made.data = out = primitive.evaluate((x, y))
        made.to_left, made.to_right = primitive.derivatives((x, y), out)
    made._grad = None
    made.kind = primitive
    made.left, made.right = {parents}
    return made
"""
LARGEST = 2**53  # smaller ints are exact as floats; others are converted in ``constant``


def _unary(primitive: Primitive) -> Callable[..., Any]:
    left = primitive.text[0] if primitive.text else "partials(x, out)"
    return _compile(_UNARY, primitive, value=primitive.value_text or "value(x)", left=left)


def _binary(
    primitive: Primitive, reflected: bool = False, operands: str = "other", first: str = ""
) -> Callable[..., Any]:
    edges = "made.to_left, made.to_right = partials(x, y, out)"
    if primitive.text:
        edges = f"made.to_left = {primitive.text[0]}\n        made.to_right = {primitive.text[1]}"
    parents, names = ("(other, self)", "y, x") if reflected else ("(self, other)", "x, y")
    value, kind = primitive.value_text or "value(x, y)", ", reflected" if reflected else ""
    return _compile(_BINARY, primitive, kind, value=value, edges=edges, parents=parents, names=names,
                    operands=operands, first=first, largest=str(LARGEST))  # fmt: skip


def _method(primitive: Primitive) -> Callable[..., Any]:
    if primitive.arity not in (1, 2) or primitive.defaults or primitive.static:
        return _general(primitive)
    if NODE is None:
        return (_unary if primitive.arity == 1 else _binary)(primitive)
    return _in_c(primitive)


def _reflected(primitive: Primitive) -> Callable[..., Any]:
    """Return the reflected method, which Python calls for a Value on the right, as in ``7.0 % x``."""
    if NODE is None:
        return _binary(primitive, reflected=True)
    text = "def {name}(self, other):\n    return apply_general(primitive, (other, self))\n"
    return _compile(text, primitive, ", reflected")


def _in_c(primitive: Primitive) -> Callable[..., Any]:
    """Return the method of a row where nodes are made in C; rows of users, which may be removed, stay in Python."""
    operands = "self" if primitive.arity == 1 else "self, other"
    text = "def {name}({operands}):\n    return apply_general(primitive, ({operands},))\n"
    method = _compile(text, primitive, operands=operands)
    if primitive.name not in TABLE or NODE is None:
        return method
    value, rule = primitive.float_value, primitive.float_partials
    made: Callable[..., Any] = NODE.method(
        primitive, value, rule, method, primitive.arity, primitive.name, primitive.doc
    )
    return made


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
        "__name__": __name__, "observers": observers, "apply_general": _apply_general, "decline": _decline,
        "constant": constant,
        "new": new, "Value": Value, "CONSTANT_LEAF": CONSTANT_LEAF, "primitive": primitive,
        "value": primitive.float_value, "partials": primitive.float_partials,
    }  # fmt: skip
    exec(compile(source, file, "exec"), scope)
    method: Any = scope.pop(function)
    linecache.cache[file] = len(source), None, source.splitlines(keepends=True), file
    weakref.finalize(method, linecache.cache.pop, file, None).atexit = False
    return _named(method, primitive)


def _apply_general(primitive: Primitive, parents: tuple[Any, ...]) -> Any:
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


def _comparison(primitive: Primitive, swapped: bool = False) -> Callable[[Value, Any], Any]:
    test = primitive.value

    def method(self: Value, other: Any) -> Any:
        if type(other) is not float and not isinstance(other, Value) and constant(other) is None:
            return NotImplemented
        if observers and (watching := observer()) is not None:
            return watching.compare(primitive, *((other, self) if swapped else (self, other)))
        x, y = self.data, other.data if isinstance(other, Value) else as_number(other, primitive.name)
        return test(y, x) if swapped else test(x, y)

    return method


def _named(method: Callable[..., Any], primitive: Primitive) -> Callable[..., Any]:
    method.__name__ = method.__qualname__ = primitive.name
    method.__doc__ = primitive.doc
    return method


def _install(primitive: Primitive) -> None:
    """Give Value the methods of a row; NumPy's ufuncs of those names find them too."""
    if primitive.boolean or primitive.arity is None:
        UFUNCS.setdefault(primitive.name, primitive.value)
        return
    if primitive.name in INNER:
        return
    names = (primitive.name, *primitive.aliases)
    for name in names:
        if hasattr(Value, name):
            raise ValueError(
                f"primitive {primitive.name!r}: Value has an attribute {name!r} already, choose another name"
            )
    method = _method(primitive)
    if primitive.arity in (1, 2) and not primitive.defaults and not primitive.static:
        primitive.method = Value, method
    for name in names:
        setattr(Value, name, method)
        UFUNCS[name] = primitive


UFUNCS.update(
    {
        "power": operator.pow,
        "square": lambda v: v * v,
        "reciprocal": lambda v: 1.0 / v,
        "positive": operator.pos,
        "divmod": divmod,
        "isnan": lambda v: math.isnan(v.data),
        "isfinite": lambda v: math.isfinite(v.data),
        "isinf": lambda v: math.isinf(v.data),
        "greater": operator.gt,
        "greater_equal": operator.ge,
    }
)
TABLE = frozenset(PRIMITIVES)
INNER = TABLE - {*table.__all__, *OPERATORS, "power"}  # rows that only rules of other rows use: no methods
if NODE is not None:
    NODE.setup({"apply_general": _apply_general, **{name: PRIMITIVES[name] for name in OPERATORS}})
on_primitive(_install)
for _name, _row in {"add": table.add, "sub": table.sub, "mul": table.mul, "truediv": table.div}.items():
    if NODE is None:
        setattr(Value, f"__{_name}__", getattr(Value, _row.name))
        setattr(Value, f"__r{_name}__", _binary(_row, reflected=True))
for _name, _row in {"mod": table.mod, "floordiv": table.floordiv}.items():
    setattr(Value, f"__{_name}__", getattr(Value, _row.name))
    setattr(Value, f"__r{_name}__", _reflected(_row))
for _name, _row in {"abs": table.abs, "floor": table.floor, "ceil": table.ceil, "trunc": table.trunc}.items():
    setattr(Value, f"__{_name}__", getattr(Value, _row.name))
for _name, _row in {"lt": table.less, "le": table.less_equal, "eq": table.equal, "ne": table.not_equal}.items():
    setattr(Value, f"__{_name}__", _comparison(_row))
for _name, _row in {"gt": table.less, "ge": table.less_equal}.items():
    setattr(Value, f"__{_name}__", _comparison(_row, swapped=True))


def _rounded(self: Value, digits: Any = None) -> Any:
    """round(x) and round(x, digits) of a Value."""
    if digits is None:
        return Value.round(self)
    if not hasattr(digits, "__index__"):
        raise TypeError(f"round: digits is {digits!r}, a {type(digits).__name__}; a whole number is needed")
    return table.round_to(self, operator.index(digits))


# A constant exponent has a separate row, whose rule does not need ln x.
_BY_EXPONENT = """\
if modulus is not None:
        return NotImplemented
    if isinstance(other, Value):
        return Value.pow(self, other)
    """
if NODE is not None:
    _in_c(table.power)  # what ** takes
else:
    setattr(Value, "__neg__", getattr(Value, "neg"))  # noqa: B009, B010
    setattr(Value, "__pow__", _binary(table.power, False, "other, modulus=None", _BY_EXPONENT))  # noqa: B010
    setattr(Value, "__rpow__", _binary(table.pow, reflected=True))  # noqa: B010
for _name, _function in {
    "__round__": _rounded,
    "__divmod__": lambda self, other: (self // other, self % other),
    "__rdivmod__": lambda self, other: (other // self, other % self),
    "__pos__": lambda self: self,
    "conjugate": lambda self: self,  # NumPy's std and var call it
    "__hash__": object.__hash__,  # by identity, beside a numeric ==
}.items():
    setattr(Value, _name, _function)


# Tab completion leaves out NumPy's spellings, the methods behind operators, and slots.
_HIDDEN = {
    *(name for row in PRIMITIVES.values() for name in row.aliases if name != "detach"),
    *OPERATORS, "power", "left", "right", "to_left", "to_right", "kind", "tag",
}  # fmt: skip


def _shown(self: Value) -> list[str]:
    """Return the names for Tab completion: those that users need."""
    return [name for name in object.__dir__(self) if name not in _HIDDEN]


setattr(Value, "__dir__", _shown)  # noqa: B010
