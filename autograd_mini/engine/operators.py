"""The operators and methods of Value, one for each row of the table.

Importing this module installs them; a primitive defined later gets its method when it is
defined. There is one template per arity, filled once for each row: a generic call on the hot
path would cost two to four times as much. The row's own functions are called; nothing is
derived here.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from autograd_mini.engine.arrays import UFUNCS
from autograd_mini.engine.observer import observer, observers
from autograd_mini.engine.value import CONSTANT, UNSET, Value, constant, new
from autograd_mini.primitives import table as table
from autograd_mini.primitives.row import Primitive, as_number, on_primitive

_MAKE = """
    made = new()
    try:
        made.data = out = {value}
        made.partials = {partials}
    except ArithmeticError:
        made.data = out = primitive.evaluate({values})
        made.partials = primitive.derivatives({values}, out)
    made.grad = UNSET
    made.parents = {parents}
    made.op = primitive
    return made
"""
_UNARY = (
    """def method(self):
    if observers:
        return careful(primitive, {parents})
    x = self.data"""
    + _MAKE
)
_BINARY = (
    """def method(self, other):
    if observers:
        return careful(primitive, {parents})
    if not isinstance(other, Value):
        if type(other) is float:
            leaf = new()
            leaf.data = other
            leaf.grad = UNSET
            leaf.parents = leaf.partials = ()
            leaf.op = None
            leaf.tag = CONSTANT
            other = leaf
        else:
            leaf = constant(other)
            if leaf is None:
                return decline(primitive, {parents})
            other = leaf
    {names} = self.data, other.data"""
    + _MAKE
)


def _unary(primitive: Primitive) -> Callable[..., Any]:
    return _fill(_UNARY, primitive, "x", "(self,)")


def _binary(primitive: Primitive) -> Callable[..., Any]:
    return _fill(_BINARY, primitive, "x, y", "(self, other)")


def _reflected(primitive: Primitive) -> Callable[..., Any]:
    return _fill(_BINARY, primitive, "x, y", "(other, self)", names="y, x")


def _fill(template: str, primitive: Primitive, xs: str, parents: str, names: str = "x, y") -> Callable[..., Any]:
    """Return the method of a row; an operator's value is written out, any other is called."""
    rule, unary = primitive.float_partials, xs == "x"
    called = f"partials({xs}, out)"
    source = template.format(
        value=f"x {primitive.infix} y" if primitive.infix else f"value({xs})",
        partials="partials" if isinstance(rule, tuple) else f"({called},)" if unary else called,
        values=f"({xs},)",
        parents=parents,
        names=names,
    )
    scope = {
        "observers": observers, "careful": _careful, "decline": _decline, "constant": constant, "new": new,
        "Value": Value, "UNSET": UNSET, "CONSTANT": CONSTANT, "primitive": primitive,
        "value": primitive.float_value, "partials": rule,
    }  # fmt: skip
    exec(compile(source, __file__, "exec"), scope)
    method: Any = scope["method"]
    return _named(method, primitive)


def _careful(primitive: Primitive, parents: tuple[Any, ...]) -> Any:
    if any(not isinstance(each, Value) and constant(each) is None for each in parents):
        return _decline(primitive, parents)
    return Value.__apply__(primitive, parents)


def _decline(primitive: Primitive, parents: tuple[object, ...]) -> Any:
    """Leave an operand that may have arithmetic of its own to answer; refuse Python's own types by name."""
    strangers = [each for each in parents if not isinstance(each, Value)]
    left, right = parents
    if all(type(each).__module__ != "builtins" for each in strangers):
        return NotImplemented
    raise TypeError(
        f"unsupported operand types for {_symbol(primitive)}: {type(left).__name__!r} and {type(right).__name__!r}; "
        "a Value combines with Values and real numbers (int, float, NumPy scalar or array)"
    )


def _symbol(primitive: Primitive) -> str:
    sign = {"add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "**", "power": "**"}.get(primitive.name)
    return primitive.name if sign is None else f"{sign} ({primitive.name})"


def _general(primitive: Primitive) -> Callable[..., Any]:
    def method(*args: Any) -> Any:
        return primitive(*args)

    return _named(method, primitive)


def _comparison(primitive: Primitive, swapped: bool = False) -> Callable[[Value, Any], Any]:
    test = primitive.value

    def method(self: Value, other: Any) -> Any:
        if not isinstance(other, Value) and constant(other) is None:
            return NotImplemented
        if observers and (watching := observer()) is not None:
            return watching.compare(primitive, *((other, self) if swapped else (self, other)))
        x, y = self.data, other.data if isinstance(other, Value) else as_number(other, primitive.name)
        return test(y, x) if swapped else test(x, y)

    return method


def _named(method: Callable[..., Any], primitive: Primitive) -> Callable[..., Any]:
    method.__name__ = method.__qualname__ = primitive.name
    method.__doc__ = primitive.__doc__
    return method


def _install(primitive: Primitive) -> None:
    """Give Value the methods of a row; NumPy's ufuncs of those names find them too."""
    if primitive.boolean or primitive.arity is None:
        UFUNCS.setdefault(primitive.name, primitive.value)
        return
    names = (primitive.name, *primitive.aliases)
    for name in names:
        if hasattr(Value, name):
            raise ValueError(
                f"primitive {primitive.name!r}: Value has an attribute {name!r} already, choose another name"
            )
    general = primitive.arity > 2 or primitive.defaults or primitive.static
    method = _general(primitive) if general else (_unary if primitive.arity == 1 else _binary)(primitive)
    for name in names:
        setattr(Value, name, method)
        UFUNCS[name] = primitive


UFUNCS.update(
    {
        "power": operator.pow,
        "square": lambda v: v * v,
        "reciprocal": lambda v: 1.0 / v,
        "positive": operator.pos,
        "isnan": lambda v: math.isnan(v.data),
        "isfinite": lambda v: math.isfinite(v.data),
        "isinf": lambda v: math.isinf(v.data),
        "greater": operator.gt,
        "greater_equal": operator.ge,
    }
)
on_primitive(_install)
for _name, _row in {"add": table.add, "sub": table.sub, "mul": table.mul, "truediv": table.div}.items():
    setattr(Value, f"__{_name}__", _binary(_row))
    setattr(Value, f"__r{_name}__", _reflected(_row))
for _name, _row in {"neg": table.neg, "abs": table.abs, "floor": table.floor, "ceil": table.ceil}.items():
    setattr(Value, f"__{_name}__", _unary(_row))
for _name, _row in {"lt": table.less, "le": table.less_equal, "eq": table.equal, "ne": table.not_equal}.items():
    setattr(Value, f"__{_name}__", _comparison(_row))
for _name, _row in {"gt": table.less, "ge": table.less_equal}.items():
    setattr(Value, f"__{_name}__", _comparison(_row, swapped=True))
_pow, _power = _binary(table.pow), _binary(table.power)


def _raised(self: Value, exponent: Any) -> Any:
    """A constant exponent has a row of its own, which never needs ln x."""
    return (_pow if isinstance(exponent, Value) else _power)(self, exponent)


for _name, _method in {
    "__pow__": _raised,
    "__rpow__": _reflected(table.pow),
    "__round__": _unary(table.round),
    "__pos__": lambda self: self,
    "conjugate": lambda self: self,  # what NumPy's std and var ask of an object
    "__hash__": object.__hash__,  # by identity, beside a numeric ==
}.items():
    setattr(Value, _name, _method)
