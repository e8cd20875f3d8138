"""Backward: the pass from an output to its leaves, and the order that it follows.

The nodes are visited so that each comes after all that use it, and the chain rule is applied:
parent.grad += node.grad · partial.
"""

from __future__ import annotations

from collections.abc import Iterator

from autograd_mini.engine.observer import observer, observers
from autograd_mini.engine.value import UNSET, Value
from autograd_mini.primitives.row import NO_FLOW, as_number

__all__ = ["backward", "topological_order"]


def backward(self: Value, gradient: float = 1.0) -> None:
    """Compute ∂self/∂node, times ``gradient``, for every node self depends on.

    Intermediate gradients are set afresh; leaf gradients accumulate, so that two losses
    over a shared subgraph add up and a repeated call adds once more, no more. Partials
    are those of forward time: changing ``.data`` afterwards changes nothing here.
    """
    gradient = as_number(gradient, "backward")
    if observers and (watching := observer()) is not None:
        watching.backward(self, gradient)
        return
    if not self.parents:
        self.grad += gradient
        return
    # Depth first, leaves left out: ``order`` gets every node after all it was computed from.
    # A zero of this pass's own marks a node as seen and as fresh.
    mark = float("0")
    order: list[Value] = []
    below: list[tuple[Value, Iterator[Value]]] = []
    node, parents = self, iter(self.parents)
    node.grad = mark
    while True:
        for parent in parents:
            if parent.grad is not mark and parent.parents:
                below.append((node, parents))
                node, parents = parent, iter(parent.parents)
                node.grad = mark
                break
        else:
            order.append(node)
            if not below:
                break
            node, parents = below.pop()
    self.grad = gradient
    for node in reversed(order):
        grad, ends = node.grad, node.parents
        if grad is mark:  # only a branch not taken led here
            node.grad = UNSET
        elif len(ends) == 2:
            left, right = ends
            to_left, to_right = node.partials
            left.grad += grad * to_left
            if to_right is not NO_FLOW:
                right.grad += grad * to_right
        else:
            for parent, derivative in zip(ends, node.partials):  # noqa: B905  (equal by construction)
                if derivative is not NO_FLOW:
                    parent.grad += grad * derivative


setattr(Value, "backward", backward)  # noqa: B010  (a declared method is not assigned to)


def topological_order(*outputs: Value) -> list[Value]:
    """Return every node the outputs depend on, parents before children; iterative, stable."""
    order: list[Value] = []
    seen: set[Value] = set()
    stack: list[tuple[Value, bool]] = [(output, False) for output in reversed(outputs)]
    while stack:
        item, expanded = stack.pop()
        if expanded:
            order.append(item)
        elif item not in seen:
            seen.add(item)
            stack.append((item, True))
            stack.extend((parent, False) for parent in reversed(item.parents) if parent not in seen)
    return order
