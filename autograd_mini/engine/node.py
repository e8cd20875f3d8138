"""Node: make the nodes of a graph, and connect a Value to its parents."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from autograd_mini.engine.value import CONSTANT_LEAF, MANY, NODE, Value
from autograd_mini.primitives.floats import as_number
from autograd_mini.primitives.row import Primitive

__all__ = ["constant", "hang", "new", "node"]

new: Callable[[], Value] = partial(Value.__new__, Value)
"""A node without __init__, in half the time; the caller sets its slots."""


def constant(number: Any) -> Value | None:
    """Return a constant leaf for a plain number, None for anything else."""
    if type(number) is not float:
        try:
            number = as_number(number, "constant")
        except TypeError:
            return None
    if NODE is not None:
        return NODE.leaf(number)  # type: ignore[no-any-return]
    leaf = new()
    leaf.data = number
    leaf._grad = None
    leaf.left = None
    leaf.kind = CONSTANT_LEAF
    return leaf


def node(op: Primitive, data: float, parents: tuple[Value, ...], partials: Any) -> Value:
    """Return a new node of the graph; ``partials`` has one number per parent, or is as ``edges`` says."""
    if NODE is not None:
        return NODE.node(op, data, parents, partials)  # type: ignore[no-any-return]
    made = new()
    made.data = data
    made._grad = None
    hang(made, op, parents, partials)
    return made


def hang(value: Value, op: Primitive, parents: tuple[Value, ...], partials: Any) -> None:
    """Connect an existing Value to its parents, as ``node`` does for a new one."""
    if NODE is not None:
        NODE.node(op, value.data, parents, partials, value)
        return
    value.kind = op
    count = len(parents) if type(partials) is tuple else 0
    if count == 2:
        (value.left, value.right), (value.to_left, value.to_right) = parents, partials
    elif count == 1:
        (value.left,), value.right, (value.to_left,) = parents, None, partials
    else:
        value.left, value.right, value.to_left = parents, MANY, partials
