"""Sweeps: adjoints from outputs to inputs along the recorded graph, tangents from inputs to outputs.

Both work in floats (with the partials of the forward pass) or in Values (with the rules of the table
applied to Values); then the result can be differentiated again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from typing import Any, Literal, cast, overload

from autograd_mini.engine.backward import topological_order
from autograd_mini.engine.edges import Joint, OwnBackward, first_outputs, joint_of
from autograd_mini.engine.node import constant
from autograd_mini.engine.observer import observer
from autograd_mini.engine.value import Value
from autograd_mini.primitives.row import NO_FLOW, Several

__all__ = ["StandIns", "gradients", "pull", "push"]


@overload
def gradients(output: Value, inputs: Sequence[Value], create_graph: Literal[False] = False) -> list[float]: ...
@overload
def gradients(output: Value, inputs: Sequence[Value], create_graph: Literal[True]) -> list[Value]: ...
def gradients(output: Value, inputs: Sequence[Value], create_graph: bool = False) -> list[Any]:
    """Return [∂output/∂input for each input], leaving every ``.grad`` as it is.

    The results are floats; with ``create_graph`` they are Values, which can be differentiated again.
    An input may be any node of the graph; an input on which the output does not depend has gradient
    0. Raises TypeError where output and inputs are not Values.

    >>> x = Value(3.0)
    >>> (first,) = gradients(x**3, [x], create_graph=True)
    >>> first.data, gradients(first, [x])
    (27.0, [18.0])
    """
    if isinstance(inputs, Value) or not isinstance(inputs, Sequence):
        raise TypeError(f"gradients: inputs is a {type(inputs).__name__}; a list of Values is needed, as [x]")
    for item in (output, *inputs):
        if not isinstance(item, Value):
            raise TypeError(f"gradients: output and inputs are Values, got {type(item).__name__!r}")
    return pull([output], [1.0], inputs, create_graph)


class StandIns(list[Value]):
    """Inputs that were made for one call: none depends on another, and no sweep need look below them."""


def pull(outputs: Sequence[Value], seeds: Sequence[Any], inputs: Sequence[Value], create_graph: bool) -> list[Any]:
    """Return Σ seed · ∂output/∂input for each input: one reverse sweep, or vector–Jacobian product."""
    watching = observer()
    if watching is not None:
        return watching.pull(outputs, seeds, inputs, create_graph, _sweep)
    return _sweep(outputs, seeds, inputs, create_graph)


def _sweep(outputs: Sequence[Value], seeds: Sequence[Any], inputs: Sequence[Value], create_graph: bool) -> list[Any]:
    """Do the reverse sweep on the recorded graph."""
    order = topological_order(*outputs, until=_ends(inputs))
    needed, known = set(inputs), dict[Joint, bool]()
    for node in order:
        if _rests_on(node, needed, known):
            needed.add(node)
    adjoints: dict[Value, Any] = {}
    for output, seed in zip(outputs, seeds, strict=True):
        if not isinstance(seed, float) or seed != 0.0:  # seed 0 adds nothing, even to an infinite slope
            adjoints[output] = adjoints[output] + seed if output in adjoints else seed
    first, collected = first_outputs(order), defaultdict[Joint, dict[int, Any]](dict)
    for node in reversed(order):
        if node.op is None or node not in needed:
            continue
        terms: Iterable[Any] = ()
        found_joint = joint_of(node)
        if found_joint is not None:  # all outputs of one application are pulled back together, at the last one reached
            joint, index = found_joint
            if node in adjoints:
                collected[joint][index] = adjoints[node]
            if first[joint] is node and joint in collected:
                terms = _pull_joint(joint, collected[joint], _arguments(node) if create_graph else None)
        elif node in adjoints:
            terms = _terms(node, adjoints[node], create_graph)
        for parent, term in zip(node.parents, terms, strict=False):
            if term is not NO_FLOW and parent in needed:
                adjoints[parent] = adjoints[parent] + term if parent in adjoints else term
    found = [adjoints.get(each, 0.0) for each in inputs]
    return [each if isinstance(each, Value) else constant(each) for each in found] if create_graph else found


def _ends(inputs: Sequence[Value]) -> Sequence[Value]:
    return inputs if isinstance(inputs, StandIns) else ()


def _rests_on(node: Value, some: Container[Value], known: dict[Joint, bool]) -> bool:
    """Tell whether any parent is among ``some``; of several outputs of one application only the first looks."""
    found = joint_of(node)
    if found is None:
        return any(parent in some for parent in node.parents)
    if found[0] not in known:
        known[found[0]] = any(parent in some for parent in node.parents)
    return known[found[0]]


def _terms(node: Value, adjoint: Any, create_graph: bool) -> Iterator[Any]:
    """Yield adjoint·partial for each parent, NO_FLOW where no adjoint flows."""
    if isinstance(node.to_left, OwnBackward):
        raise TypeError(f"{node!r} was made by hand and has a _backward of its own; only backward() can follow it")
    one = isinstance(adjoint, float) and adjoint == 1.0
    for recorded, partial in zip(node.partials, _partials(node, create_graph), strict=True):
        if recorded is NO_FLOW or partial is NO_FLOW:
            yield NO_FLOW
        else:
            yield partial if one else adjoint * partial


def _partials(node: Value, create_graph: bool) -> tuple[Any, ...]:
    assert node.op is not None
    return node.op.derivatives(_arguments(node), node) if create_graph else node.partials


def _pull_joint(joint: Joint, adjoints: dict[int, Any], arguments: tuple[Any, ...] | None) -> tuple[Any, ...]:
    """Return the adjoint of each argument: from the forward pass's numbers, or from ``arguments`` as Values."""
    if arguments is None:
        return joint.pull(adjoints)
    outs: Any = cast(Several, joint.primitive)(arguments)
    return joint.primitive.pull(arguments, outs, [adjoints.get(i) for i in range(len(outs))])


def push(outputs: Sequence[Value], inputs: Sequence[Value], tangents: Sequence[Any], create_graph: bool) -> list[Any]:
    """Return Σ ∂output/∂input · tangent for each output: one forward sweep, or Jacobian–vector product."""
    moved: dict[Value, Any] = {
        each: tangent
        for each, tangent in zip(inputs, tangents, strict=True)
        if not isinstance(tangent, float) or tangent != 0.0  # tangent 0 adds nothing, even to an infinite slope
    }
    known, joints = dict[Joint, bool](), dict[Joint, list[Any]]()
    for node in topological_order(*outputs, until=_ends(inputs)):
        if node in moved or not _rests_on(node, moved, known):
            continue
        found_joint = joint_of(node)
        if found_joint is not None:  # all outputs of one application move together
            joint, index = found_joint
            if joint not in joints:
                joints[joint] = _push_joint(joint, node, moved, create_graph)
            moved[node] = joints[joint][index]
            continue
        terms = [
            partial * moved[parent]
            for parent, recorded, partial in zip(
                node.parents, node.partials, _partials(node, create_graph), strict=True
            )
            if parent in moved and recorded is not NO_FLOW and partial is not NO_FLOW
        ]
        if terms:
            moved[node] = sum(terms[1:], start=terms[0])
    return [moved.get(output, 0.0) for output in outputs]


def _push_joint(joint: Joint, node: Value, moved: dict[Value, Any], create_graph: bool) -> list[Any]:
    """Return how each output of a joint moves, in linear time, by the one rule there is: its pull-back.

    That is Jᵀu, linear in u, and the derivative of (Jᵀu) · tangent by u is J · tangent.
    """
    duals = [Value(1.0) for _ in joint.outs]
    arguments: tuple[Any, ...] = _arguments(node) if create_graph else joint.values
    outs: Any = cast(Several, joint.primitive)(arguments) if create_graph else joint.outs
    pulled = zip(node.parents, joint.primitive.pull(arguments, outs, duals), strict=True)
    flows = [(term, moved[parent]) for parent, term in pulled if parent in moved and isinstance(term, Value)]
    return _sweep([term for term, _ in flows], [tangent for _, tangent in flows], duals, create_graph)


def _arguments(node: Value) -> tuple[Any, ...]:
    """Return the parents as arguments of a rule: static ones as plain numbers."""
    assert node.op is not None
    return tuple(parent.data if i in node.op.static else parent for i, parent in enumerate(node.parents))
