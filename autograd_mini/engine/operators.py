"""The operators and methods of Value: which row each name stands for.

Importing this module installs them; a primitive defined later gets its method when it is defined.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from autograd_mini.engine.arrays import UFUNCS
from autograd_mini.engine.methods import (
    TABLE,
    apply_general,
    binary,
    in_c,
    method_of,
    power_of_number,
    reflected,
)
from autograd_mini.engine.node import constant
from autograd_mini.engine.observer import observer, observers
from autograd_mini.engine.rules import OPERATORS
from autograd_mini.engine.value import NODE, Value, install
from autograd_mini.primitives import table
from autograd_mini.primitives.floats import OPERAND, as_number
from autograd_mini.primitives.registry import PRIMITIVES, on_primitive
from autograd_mini.primitives.row import Primitive

__all__ = ["INNER"]


def _comparison(primitive: Primitive, swapped: bool = False) -> Callable[[Value, Any], Any]:
    test = primitive.value

    def method(self: Value, other: Any) -> Any:
        if type(other) is not float and not isinstance(other, Value) and constant(other) is None:
            return NotImplemented
        if observers and (watching := observer()) is not None:
            return watching.compare(primitive, *((other, self) if swapped else (self, other)))
        x, y = self.data, other.data if isinstance(other, Value) else as_number(other, primitive.name, OPERAND)
        return test(y, x) if swapped else test(x, y)

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
    method = method_of(primitive)
    if primitive.arity in (1, 2) and not primitive.defaults and not primitive.static:
        primitive.method = Value, method
    install(dict.fromkeys(names, method))
    UFUNCS.update(dict.fromkeys(names, primitive))


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
if NODE is not None:
    NODE.setup({"apply_general": apply_general, **{name: PRIMITIVES[name] for name in OPERATORS}})
INNER = TABLE - {*table.__all__, *OPERATORS, "power"}  # rows that only rules of other rows use: no methods
on_primitive(_install)


def _rounded(self: Value, digits: Any = None) -> Any:
    """round(x) and round(x, digits) of a Value."""
    if digits is None:
        return Value.round(self)
    if not hasattr(digits, "__index__"):
        raise TypeError(f"round: digits is {digits!r}, a {type(digits).__name__}; a whole number is needed")
    return table.round_to(self, operator.index(digits))


# Tab completion leaves out NumPy's spellings, the methods behind operators, and slots.
_HIDDEN = {
    *(name for row in PRIMITIVES.values() for name in row.aliases if name != "detach"),
    *OPERATORS, "power", "left", "right", "to_left", "to_right", "kind", "tag",
}  # fmt: skip


def _shown(self: Value) -> list[str]:
    """Return the names for Tab completion: those that users need."""
    return [name for name in object.__dir__(self) if name not in _HIDDEN]


def _of(*rows: str) -> dict[str, Any]:
    return {f"__{row}__": getattr(Value, row) for row in rows}


install(
    {
        **_of("mod", "floordiv", "abs", "floor", "ceil", "trunc"),
        "__rmod__": reflected(table.mod),
        "__rfloordiv__": reflected(table.floordiv),
        "__divmod__": lambda self, other: (self // other, self % other),
        "__rdivmod__": lambda self, other: (other // self, other % self),
        "__round__": _rounded,
        "__pos__": lambda self: self,
        "conjugate": lambda self: self,  # NumPy's std and var call it
        "__lt__": _comparison(table.less),
        "__le__": _comparison(table.less_equal),
        "__gt__": _comparison(table.less, swapped=True),
        "__ge__": _comparison(table.less_equal, swapped=True),
        "__eq__": _comparison(table.equal),
        "__ne__": _comparison(table.not_equal),
        "__hash__": object.__hash__,  # by identity, beside a numeric ==
        "__dir__": _shown,
    }
)
if NODE is None:
    install(
        {
            **_of("add", "sub", "mul", "neg"),
            "__truediv__": getattr(Value, table.div.name),
            "__radd__": binary(table.add, swapped=True),
            "__rsub__": binary(table.sub, swapped=True),
            "__rmul__": binary(table.mul, swapped=True),
            "__rtruediv__": binary(table.div, swapped=True),
            "__pow__": power_of_number(),
            "__rpow__": binary(table.pow, swapped=True),
        }
    )
else:  # + − × ÷ and ** are slots of the class in C
    in_c(table.power)  # what ** takes
