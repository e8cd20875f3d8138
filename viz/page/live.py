"""A recorded graph as one program of its leaves: every value, local derivative and gradient.

The derivatives are the table's own rules, recorded with the leaves as inputs. So the program gives
for other inputs exactly the results of the eager engine.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from autograd_mini.engine.value import Value
from autograd_mini.primitives.registry import PRIMITIVES
from autograd_mini.primitives.row import NO_FLOW
from autograd_mini.primitives.table import identity, where
from autograd_mini.program.ir import Operand, Program
from autograd_mini.program.passes.adjoint import pull_back
from autograd_mini.program.passes.lower import lower
from autograd_mini.program.record.recorder import Partial, Recorder, Traced
from autograd_mini.program.targets import python
from viz.graph.model import Model
from viz.graph.nodes import Edge, Function

__all__ = ["Flow", "LiveGraph", "evaluate", "leaf_numbers", "live_graph", "recomputed"]

Flow: TypeAlias = Literal["always", "never", "chosen"]
"""Whether a gradient passes an edge; "chosen": where its local derivative is 1, not 0."""

MOST_OUTPUTS = 8
"""Up to so many outputs a live graph has the gradient of each of them."""


@dataclass(frozen=True, slots=True)
class LiveGraph:
    """The program of a live graph, and the keys of the model that belong to its inputs and outputs.

    ``program`` maps ``leaves`` to the values of ``quantities``, then for each of ``edges`` its
    local derivatives (one per result of the function), then for each of ``outputs`` its gradient
    with respect to every quantity. ``chosen`` are the conditions of ``where`` that were plain truth values
    when the graph was recorded; these, and numbers that occur only in a label, are literals.
    """

    program: Program
    leaves: tuple[str, ...]
    quantities: tuple[str, ...]
    edges: tuple[Edge, ...]
    flows: tuple[Flow, ...]
    results: dict[str, tuple[str, ...]]
    outputs: tuple[str, ...]
    chosen: tuple[str, ...]


def live_graph(model: Model) -> LiveGraph:
    """Return ``model``, which must come from Values, as a live graph."""
    functions = {node.key: node for node in model.functions}
    sources = {node.key: node.source for node in model.quantities if node.source is not None}
    into: dict[str, list[Edge]] = defaultdict(list)
    results: dict[str, list[str]] = defaultdict(list)
    for edge in model.edges:
        if edge.head in functions:
            into[edge.head].append(edge)
        else:
            results[edge.tail].append(edge.head)
    chosen = _conditions(model, functions, into, sources)
    leaves = [node.key for node in model.quantities if sources[node.key].is_leaf and node.key not in chosen]
    outputs = [node.key for node in model.quantities if node.role == "output"][:MOST_OUTPUTS]

    recorder = Recorder()
    locals_: dict[str, list[Operand]] = {}
    flows: dict[str, Flow] = {}
    with recorder:
        found: dict[Value, Any] = {sources[key]: sources[key].data for key in chosen}
        found |= {sources[key]: recorder.argument() for key in leaves}
        for node in model.functions:
            made = [sources[key] for key in results[node.key]]
            partials = _apply(recorder, made, found)
            dynamic = node.name == "where" and isinstance(partials[0][1], int)
            for edge in into[node.key]:
                column = [row[edge.slot] for row in partials]
                still = all(x is None for x in column)
                flows[edge.key] = "never" if still else "chosen" if dynamic else "always"
                locals_[edge.key] = [0.0 if x is None else x for x in column]
        values = [_operand(recorder, found[sources[node.key]]) for node in model.quantities]
        variables = [x for x in values if isinstance(x, int)]
        gradients: list[Operand] = []
        for key in outputs:
            top = _operand(recorder, found[sources[key]])
            of = dict(zip(variables, pull_back(recorder, [top], [1.0], variables), strict=True))
            gradients += (of[x] if isinstance(x, int) else 0.0 for x in values)
        edges = tuple(edge for node in model.functions for edge in into[node.key])
        flat = [x for edge in edges for x in locals_[edge.key]]
        program = recorder.program([*values, *flat, *gradients])
    return LiveGraph(
        program, tuple(leaves), tuple(node.key for node in model.quantities), edges,
        tuple(flows[edge.key] for edge in edges), {key: tuple(keys) for key, keys in results.items()},
        tuple(outputs), tuple(chosen),
    )  # fmt: skip


def _conditions(
    model: Model, functions: dict[str, Function], into: dict[str, list[Edge]], sources: dict[str, Value]
) -> list[str]:
    """Keys of leaves that are only a condition: truth values, which cannot be dragged."""
    uses: dict[str, list[bool]] = defaultdict(list)
    for edges in into.values():
        for edge in edges:
            uses[edge.tail].append(functions[edge.head].name == "where" and edge.slot == 0)
    return [
        node.key
        for node in model.quantities
        if sources[node.key].is_constant and uses[node.key] and all(uses[node.key])
    ]


def _operand(recorder: Recorder, number: Any) -> Operand:
    if isinstance(number, Partial):
        number = where(number.live, number.value, 0.0)
    return number.operand if isinstance(number, Traced) else float(number)


def _apply(recorder: Recorder, made: Sequence[Value], found: dict[Value, Any]) -> list[list[Operand | None]]:
    """Record the function that made the Values ``made``; return its local derivatives, a row per result.

    None where no gradient flows.
    """
    first = made[0]
    assert first.op is not None
    row = PRIMITIVES.get(first.op.name, first.op)
    args: list[Any] = [found.get(parent, parent.data) for parent in first.parents]
    for position in row.static if row is not where else ():
        args[position] = first.parents[position].data
    if row is where and isinstance(args[0], Traced):
        return [_choose(first, args, found)]
    answer: Any = recorder.apply(row, tuple(args))
    rows: list[list[Operand | None]] = []
    for value in made:
        out = answer[value.op.index] if row.outputs and value.op is not None else answer
        if row is where:  # decided when it was recorded: without a variable of its own it would share a gradient
            out = recorder.emit(identity, (out.operand,))
        found[value] = out
        index = value.op.index if value.op is not None else None
        partials = row.derivatives(tuple(args), out if index is None else tuple(answer), index)
        rows.append([None if partial is NO_FLOW else _operand(recorder, partial) for partial in partials])
    return rows


def _choose(value: Value, args: list[Any], found: dict[Value, Any]) -> list[Operand | None]:
    """Record a ``where`` whose condition is a Value: the local derivative is 1 to the branch it takes."""
    found[value] = where(*args)
    taken, other = where(args[0], 1.0, 0.0), where(args[0], 0.0, 1.0)
    return [None, taken.operand, other.operand]


# ---------------------------------------------------------------- numbers


def leaf_numbers(model: Model, graph: LiveGraph) -> list[float]:
    """Return the recorded numbers of the leaves."""
    data = {node.key: node.data for node in model.quantities}
    return [float(data[key] or 0.0) for key in graph.leaves]


def evaluate(model: Model, graph: LiveGraph) -> tuple[float, ...]:
    """Return the results of the program for the recorded leaves."""
    return python.compile_python(lower(graph.program, python.TARGET))(*leaf_numbers(model, graph))


def recomputed(model: Model, graph: LiveGraph, numbers: Sequence[float]) -> Model:
    """Return ``model`` with the numbers of one forward and one backward pass from the first output."""
    count = len(graph.quantities)
    data = dict(zip(graph.quantities, numbers, strict=False))
    columns: dict[str, Sequence[float]] = {}
    at = count
    for edge in graph.edges:
        columns[edge.key] = numbers[at : at + len(graph.results[edge.head])]
        at += len(columns[edge.key])
    open_ = {
        edge.key: flow == "always" or (flow == "chosen" and columns[edge.key][0] == 1.0)
        for edge, flow in zip(graph.edges, graph.flows, strict=True)
    }
    gradients: dict[str, float | None] = dict(zip(graph.quantities, numbers[at : at + count], strict=False))
    reached = _reached(model, graph, open_)
    gradients = {key: grad if key in reached else None for key, grad in gradients.items()}
    terms: dict[str, list[float]] = defaultdict(list)
    edges: list[Edge] = []
    for edge in model.edges:
        if edge.key not in columns:
            edges.append(replace(edge, data=data[edge.head], grad=gradients[edge.head]))
            continue
        upstreams = [gradients[key] for key in graph.results[edge.head]]
        products = [g * d for g, d in zip(upstreams, columns[edge.key], strict=True) if g is not None]
        grad = sum(products) if products and open_[edge.key] else None
        single = len(upstreams) == 1
        flow = edge.flow if open_[edge.key] or edge.flow != "flows" else "untaken"
        if grad is not None and flow == "flows":
            terms[edge.tail].append(grad)
        edges.append(
            replace(edge, data=data[edge.tail], grad=grad, flow=flow,
                    upstream=upstreams[0] if single else None, local=columns[edge.key][0] if single else None)
        )  # fmt: skip
    shown = (
        replace(node, data=data[node.key], grad=gradients[node.key],
                terms=tuple(terms[node.key]) if len(terms[node.key]) > 1 else ())
        for node in model.quantities
    )  # fmt: skip
    return replace(model.with_nodes({node.key: node for node in shown}), edges=tuple(edges))


def _reached(model: Model, graph: LiveGraph, open_: dict[str, bool]) -> set[str]:
    """Keys of the values that the gradient of the first output reaches."""
    found = {graph.outputs[0]}
    into: dict[str, list[Edge]] = defaultdict(list)
    for edge in graph.edges:
        into[edge.head].append(edge)
    for node in reversed(model.functions):
        if not found.isdisjoint(graph.results[node.key]):
            found.update(edge.tail for edge in into[node.key] if open_[edge.key])
    return found
