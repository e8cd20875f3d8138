"""Record: apply a primitive to Values and make its node."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

import numpy as np

from autograd_mini.engine.arrays import elementwise
from autograd_mini.engine.edges import Joint, outputs
from autograd_mini.engine.node import constant, node
from autograd_mini.engine.observer import observer, observers
from autograd_mini.engine.value import Value, install
from autograd_mini.primitives.row import Primitive

__all__ = ["record"]

_PLAIN = {Value}
_data = attrgetter("data")


def apply(primitive: Primitive, args: tuple[Any, ...]) -> Any:
    """Apply ``primitive`` to Values and numbers; the general path."""
    plain = {*map(type, args)} == _PLAIN
    if not plain and any(isinstance(arg, np.ndarray) and arg.ndim for arg in args):
        return elementwise(primitive, args)
    if observers and (watching := observer()) is not None:
        return watching.apply(primitive, args)
    return _record(primitive, args) if plain else record(primitive, args)


install({"__apply__": staticmethod(apply)})


def record(primitive: Primitive, args: tuple[Any, ...]) -> Any:
    """Evaluate ``primitive`` and return its node, or a list of nodes where it has several outputs."""
    return _record(primitive, tuple(arg if isinstance(arg, Value) else _operand(arg, primitive, args) for arg in args))


def _record(primitive: Primitive, parents: tuple[Value, ...]) -> Any:
    values = tuple(map(_data, parents))
    out = primitive.evaluate(values)
    if not primitive.outputs:
        return node(primitive, out, parents, primitive.derivatives(values, out))
    return outputs(Joint(primitive, values, out), parents)


def _operand(arg: object, primitive: Primitive, args: tuple[Any, ...]) -> Value:
    leaf = constant(arg)
    if leaf is None:
        names = ", ".join(repr(type(each).__name__) for each in args[:4]) + ", …" * (len(args) > 4)
        raise TypeError(f"{primitive.name}: unsupported operand types ({names}); Values and real numbers are needed")
    return leaf
