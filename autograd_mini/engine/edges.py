"""Edges: how a node is connected to its parents, where one partial per parent is not enough.

A node with ``right`` MANY has in ``to_left`` a tuple of partials, or one of these:

* an int: the node is that output of a ``Joint``, which is between it and the parents. The
  joint is a node of its own, which only backward passes and copies use;
* a ``Joint``: all outputs of one application, pulled back at once (softmax: n products, not n²);
* an ``OwnBackward``: the user assigns a function to ``_backward``.
"""

from __future__ import annotations

from collections.abc import Sequence

from autograd_mini.engine.node import node
from autograd_mini.engine.value import Value
from autograd_mini.primitives.row import Primitive

__all__ = ["Joint", "OwnBackward", "first_outputs", "joint_of", "outputs"]


class Joint:
    """One application of a primitive with several outputs: the numbers of its arguments and outputs."""

    __slots__ = ("_rows", "outs", "primitive", "values")

    def __init__(self, primitive: Primitive, values: tuple[float, ...], outs: tuple[float, ...]) -> None:
        self.primitive, self.values, self.outs = primitive, values, outs
        self._rows: dict[int, tuple[float | None, ...]] = {}

    def partials(self, index: int) -> tuple[float | None, ...]:
        """Return the local derivatives of output ``index``, computed at the first call."""
        if index not in self._rows:
            self._rows[index] = self.primitive.derivatives(self.values, self.outs, index)
        return self._rows[index]

    def pull(self, adjoints: dict[int, float]) -> tuple[float | None, ...]:
        """Return the adjoint of each argument from the adjoints of the outputs, None where an output has none."""
        return self.primitive.pull(self.values, self.outs, [adjoints.get(i) for i in range(len(self.outs))])


class OwnBackward(tuple[None, ...]):
    """The edges of a node with a ``_backward`` function of the user, which does their work."""


def outputs(joint: Joint, parents: tuple[Value, ...]) -> list[Value]:
    """Return the nodes of all outputs."""
    between = node(joint.primitive, 0.0, parents, joint)
    return [node(joint.primitive.component(i), y, (between,), i) for i, y in enumerate(joint.outs)]


def joint_of(value: Value) -> tuple[Joint, int] | None:
    """Return (joint, index of the output) of a node that is an output of a joint; None for other nodes."""
    if value.op is None or value.op.index is None or type(value.to_left) is not int:
        return None
    return value.left[0].to_left, value.to_left


def first_outputs(order: Sequence[Value]) -> dict[Joint, Value]:
    """Return {joint: its first output in ``order``}."""
    first: dict[Joint, Value] = {}
    for each in order:
        found = joint_of(each)
        if found is not None:
            first.setdefault(found[0], each)
    return first
