"""Backward: the backward pass from an output to its leaves, and the topological order.

Each node is visited after all nodes that use it, and the chain rule is applied:
parent.grad += node.grad · partial.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from threading import RLock
from typing import TypeAlias

from autograd_mini.engine.edges import OwnBackward
from autograd_mini.engine.observer import observer, observers
from autograd_mini.engine.value import MANY, NODE, Value, install
from autograd_mini.primitives.floats import as_number

__all__ = ["backward", "topological_order"]

Collected: TypeAlias = dict[Value, dict[int, float]]
"""Of a pass under way: each joint with the gradients of its outputs."""

_one_at_a_time = RLock()  # threads may run passes over graphs that share nodes


class _Mark:
    """Marks a node in its gradient slot during a pass; each pass has its own mark, so that passes cannot mix."""

    __slots__ = ()


def backward(self: Value, gradient: float = 1.0) -> None:
    """Set ``node.grad`` to ``gradient`` · ∂self/∂node for every node that self depends on.

    Gradients of leaves accumulate: two losses over a shared subgraph add up, and a second call adds
    the same amount again. Gradients of other nodes are replaced by each call. Partials are those of
    the forward pass: changing ``.data`` afterwards has no effect. Several threads may call it at
    the same time on graphs that share nodes; each pass is added completely, once.

    Method: reverse-mode automatic differentiation in reverse topological order, without recursion.
    """
    if type(gradient) is not float:
        gradient = as_number(gradient, "backward")
    if observers and (watching := observer()) is not None:
        watching.backward(self, gradient)
        return
    with _one_at_a_time:
        if self.left is None:
            self.grad += gradient
        else:
            sweep(self, gradient)


def _pass(output: Value, gradient: float) -> None:
    # Depth first, without leaves: ``order`` gets every node after all nodes it was computed from.
    seen, done = _Mark(), _Mark()
    collected: Collected = {}
    order: list[Value] = []
    stack = [output]
    pop, push, append = stack.pop, stack.append, order.append
    while stack:
        node = pop()
        grad = node._grad
        if grad is seen:  # reached again, after all nodes it was computed from
            node._grad = done
            append(node)
        elif grad is not done:
            node._grad = seen
            push(node)
            left, right = node.left, node.right
            if right is None:
                if left.left is not None and left._grad is not done:
                    push(left)
            elif right is not MANY:
                if right.left is not None and right._grad is not done:
                    push(right)
                if left.left is not None and left._grad is not done:
                    push(left)
            else:
                for parent in reversed(left):
                    if parent.left is not None and parent._grad is not done:
                        push(parent)
    output._grad = gradient
    order.reverse()
    for node in order:
        grad = node._grad
        if grad is done:  # all edges to this node are NO_FLOW
            node._grad = None
            continue
        right = node.right
        if right is MANY:
            for parent, term in zip(node.left, _pull_many(node, grad, collected) or ()):  # noqa: B905  (equal, or none)
                if term is not None:
                    before = parent._grad
                    parent._grad = term if before is done or before is None else before + term
            continue
        partial = node.to_left
        if partial is not None:
            left = node.left
            before = left._grad
            left._grad = grad * partial if before is done or before is None else before + grad * partial
        if right is not None:
            partial = node.to_right
            if partial is not None:
                before = right._grad
                right._grad = grad * partial if before is done or before is None else before + grad * partial


def _pull_many(node: Value, grad: float, collected: Collected) -> Sequence[float | None] | None:
    """Return what flows to each parent of a node with any number of edges, see ``edges``; None: nothing as yet."""
    edges = node.to_left
    if type(edges) is tuple:
        return [None if partial is None else grad * partial for partial in edges]
    if type(edges) is int:  # the joint collects the gradients of its outputs
        joint = node.left[0]
        collected.setdefault(joint, {})[edges] = grad
        joint._grad = 0.0  # reached
        return None
    if type(edges) is OwnBackward:
        node._backward()  # type: ignore[attr-defined]
        return None
    node._grad = None
    return edges.pull(collected.pop(node))  # type: ignore[no-any-return]


if NODE is not None:
    NODE.setup({"pull": _pull_many})
sweep: Callable[[Value, float], None] = _pass if NODE is None else NODE.sweep
install({"backward": backward})


def topological_order(*outputs: Value, until: Iterable[Value] = ()) -> list[Value]:
    """Return a list of every node that the outputs depend on, parents before children, each once.

    The order is deterministic. Works for graphs of any depth, without recursion. What lies below
    the nodes of ``until`` is left out.
    """
    ends = set(until)
    order: list[Value] = []
    seen: set[Value] = set()
    for output in outputs:
        if not isinstance(output, Value):
            raise TypeError(f"topological_order: got {output!r}; Values are needed")
    stack: list[tuple[Value, bool]] = [(output, False) for output in reversed(outputs)]
    while stack:
        item, expanded = stack.pop()
        if expanded:
            order.append(item)
        elif item not in seen:
            seen.add(item)
            stack.append((item, True))
            if item in ends:
                continue
            if item.left is not None and type(item.to_left) is int:
                joint = item.left[0]
                if joint in seen:  # another output of it was here: so were all parents, and looking again is n² in all
                    continue
                seen.add(joint)
            stack.extend((parent, False) for parent in reversed(item.parents) if parent not in seen)
    return order
