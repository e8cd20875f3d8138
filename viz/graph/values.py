"""The model of Values, with their current numbers and gradients."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from autograd_mini.engine.backward import topological_order
from autograd_mini.engine.origin import origin
from autograd_mini.engine.value import Value
from autograd_mini.primitives.row import NO_FLOW
from viz.graph.model import Model
from viz.graph.nodes import Edge, Function, Node, Quantity, Role, State
from viz.graph.parts import Frame
from viz.style.typeset import clean, number, superscript

__all__ = ["LIMIT", "count_functions", "of_values", "one_line", "power_label"]

LIMIT = 200_000
"""The largest number of nodes that are counted."""
SATURATION = 1e-2
"""A saturating function with a smaller slope passes almost no gradient."""
_SQUASHERS = frozenset({"tanh", "sigmoid", "erf"})


def count_functions(*outputs: Value) -> tuple[int, bool]:
    """Return how many operations the outputs depend on, and whether counting stopped at ``LIMIT`` nodes."""
    seen: set[Value] = set(outputs)
    stack = list(outputs)
    functions = 0
    while stack:
        node = stack.pop()
        functions += bool(node.parents)
        for parent in node.parents:
            if parent not in seen:
                seen.add(parent)
                stack.append(parent)
        if len(seen) > LIMIT:
            return functions, True
    return functions, False


def _gradient(node: Value) -> float | None:
    return node.grad if node.has_grad else None


def one_line(text: str) -> str:
    """Return a label in one line that a terminal or a page can show."""
    return clean(" ".join(text.split()))


def _role(node: Value, outputs: Sequence[Value]) -> Role:
    if any(node is output for output in outputs):
        return "output"
    if node.is_leaf:
        return "constant" if node.is_constant else "parameter" if node.is_parameter else "input"
    return "result"


def of_values(outputs: tuple[Value, ...]) -> Model:
    """Return the model of everything ``outputs`` depend on."""
    order = topological_order(*outputs)
    keys: dict[Value, str] = {}
    uses: dict[Value, list[Edge]] = {}
    squares: dict[tuple[str, tuple[int, ...]], tuple[int, list[Value]]] = {}
    nodes: list[Node] = []
    functions: list[Function] = []
    edges: list[Edge] = []
    # A primitive with several outputs is one square, so all its nodes are found first.
    for node in order:
        if node.op is not None and node.op.index is not None:
            place = (node.op.name, tuple(map(id, node.parents)))
            squares.setdefault(place, (len(squares), []))[1].append(node)
    hidden = _shown_in_label(order, outputs)
    wholes = _wholes(order)
    conditions = {
        node.parents[0]: "true" if node.parents[0].data else "false"
        for node in order
        if node.op is not None and node.op.name == "where" and node.parents[0].is_constant
    }
    drawn: dict[int, str] = {}
    for node in order:
        if node in hidden:
            continue
        key = keys[node] = f"v{len(keys)}"
        if node.op is not None:
            family = [node]
            square = ""
            if node.op.index is not None:
                number_, family = squares[node.op.name, tuple(map(id, node.parents))]
                square = drawn.get(number_, "")
                drawn.setdefault(number_, f"f{key[1:]}")
            if not square:
                square = f"f{key[1:]}"
                where = origin(node)
                label = _function_label(node)
                functions.append(
                    Function(
                        square, node.op.name, label, _state(node), where.groups, where.line, whole=wholes.get(node)
                    )
                )
                nodes.append(functions[-1])
                for slot, parent in enumerate(node.parents):
                    if parent not in hidden:
                        edge = _into(f"{square}-{slot}", keys[parent], square, slot, family)
                        uses.setdefault(parent, []).append(edge)
                        edges.append(edge)
            edges.append(Edge(f"{key}-in", square, key, node.data, _gradient(node)))
        label = one_line(node.label) or conditions.get(node, "")
        nodes.append(Quantity(key, _role(node, outputs), label, node.data, _gradient(node), source=node))
    by_key = {keys[node]: found for node, found in uses.items()}
    ran = any(output.has_grad for output in outputs)
    if ran:  # no gradient along these: the path to the output is a branch that was not taken
        edges = [replace(e, flow="untaken") if e.grad is None and e.flow == "flows" else e for e in edges]
    plain = Model(tuple(nodes), tuple(edges), frames=_frames(functions, edges))
    told = (
        replace(each, terms=_terms(by_key.get(each.key, ())), barred=ran and each.grad is None)
        for each in plain.quantities
    )
    return plain.with_nodes({each.key: each for each in told})


def _wholes(order: Iterable[Value]) -> dict[Value, tuple[str, int]]:
    """Return which function of several operations, such as a loss, a node is a part of: its name and number."""
    found: dict[Value, tuple[str, int]] = {}
    for place, node in enumerate(order):
        whole = origin(node).whole
        if whole is not None:
            found |= dict.fromkeys(whole.nodes(node), (whole.name, place))
    return found


def _frames(functions: Iterable[Function], edges: Iterable[Edge]) -> tuple[Frame, ...]:
    """Return a frame around each group: its functions and their results."""
    makes: dict[str, list[str]] = {}
    for edge in edges:
        makes.setdefault(edge.tail, []).append(edge.head)
    members: dict[tuple[tuple[str, int], ...], list[str]] = {}
    for node in functions:
        for depth in range(1, len(node.group) + 1):
            members.setdefault(node.group[:depth], []).extend((node.key, *makes.get(node.key, ())))
    return tuple(
        Frame(one_line(path[-1][0]), tuple(keys)) for path, keys in sorted(members.items(), key=lambda p: len(p[0]))
    )


def _into(key: str, tail: str, head: str, slot: int, family: list[Value]) -> Edge:
    """The edge of argument ``slot`` into a function whose results are ``family``."""
    parent = family[0].parents[slot]
    partials = [node.partials[slot] for node in family]
    row = family[0].op
    if row is not None and all(partial is NO_FLOW for partial in partials):
        untaken = row.name == "where" and slot > 0
        if untaken or slot in row.static or row.name == "stop_gradient":
            return Edge(key, tail, head, parent.data, None, flow="untaken" if untaken else "unwanted", slot=slot)
    locals_ = [0.0 if partial is NO_FLOW else partial for partial in partials]  # shown as 0
    reached = [(node.grad, slope) for node, slope in zip(family, locals_, strict=True) if node.has_grad]
    grad = sum(grad * slope for grad, slope in reached) if reached else None
    upstream = _gradient(family[0]) if len(family) == 1 else None
    return Edge(key, tail, head, parent.data, grad, upstream, locals_[0] if len(family) == 1 else None,
                "unwanted" if parent.is_constant else "flows", slot=slot)  # fmt: skip


def _terms(edges: Iterable[Edge]) -> tuple[float, ...]:
    terms = tuple(edge.grad for edge in edges if edge.grad is not None and edge.flow == "flows")
    return terms if len(terms) > 1 else ()


def _shown_in_label(order: list[Value], outputs: Sequence[Value]) -> set[Value]:
    """Constant exponents, which are written in the square, as in x², and have no circle."""
    exponents = {n.parents[1] for n in order if n.op is not None and n.op.name == "power" and n.parents[1].is_constant}
    shared = {
        parent
        for node in order
        for slot, parent in enumerate(node.parents)
        if not (node.op is not None and node.op.name == "power" and slot == 1)
    }
    return exponents - shared - set(outputs)


def _function_label(node: Value) -> str:
    assert node.op is not None
    exponent = node.parents[1] if node.op.name == "power" else None
    if exponent is not None and exponent.is_constant:
        return power_label(exponent.data)
    return node.op.label


def power_label(exponent: float) -> str:
    """Return the text in the square of a power: "x²", "x⁻¹", "x^0.5"."""
    text = number(exponent)
    return f"x{superscript(text)}" if exponent == int(exponent) and abs(exponent) < 1000 else f"x^{text}"


def _state(node: Value) -> State:
    assert node.op is not None
    if not math.isfinite(node.data) and all(math.isfinite(parent.data) for parent in node.parents):
        return "not finite"
    if node.op.name == "relu" and node.parents[0].data <= 0:
        return "dead"
    if node.op.name in _SQUASHERS and abs(node.partials[0] or 0.0) < SATURATION:
        return "saturated"
    return ""
