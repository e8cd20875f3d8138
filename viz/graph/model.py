"""What a picture shows: values, functions and the edges between them, without any drawing.

The model of a graph is plain data in topological order. Everything that turns a graph into
something to look at (pictures, DOT, narration, pages) reads this and never a ``Value``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from autograd_mini.engine.origin import origin
from autograd_mini.engine.value import Value, topological_order
from autograd_mini.primitives.row import NO_FLOW, Primitive
from autograd_mini.program.ir import Program
from viz.graph.parts import Block, Card, Frame, Layer, Leaves
from viz.style.typeset import clean, number, superscript

__all__ = ["LIMIT", "Edge", "Function", "Model", "Node", "Quantity", "Role", "State", "count_functions", "model"]

Role: TypeAlias = Literal["input", "parameter", "constant", "result", "output"]
State: TypeAlias = Literal["", "not finite", "dead", "saturated"]
Flow: TypeAlias = Literal["flows", "untaken", "unwanted"]

LIMIT = 200_000
"""Nodes that are counted before a graph is called larger than that."""

_SQUASHERS = frozenset({"tanh", "sigmoid", "erf"})
SATURATION = 1e-2
"""A squashing function whose slope is below this passes almost no gradient."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value: a circle. ``grad`` is None where no backward pass came, ``data`` where nothing ran."""

    key: str
    role: Role
    label: str
    data: float | None
    grad: float | None
    terms: tuple[float, ...] = ()
    """The contributions of the edges that leave it, where there are several."""
    source: Value | None = None

    @property
    def finite(self) -> bool:
        """False where the value or its gradient is nan or infinite."""
        return all(x is None or math.isfinite(x) for x in (self.data, None if self.role == "constant" else self.grad))


@dataclass(frozen=True, slots=True)
class Function:
    """One application of a primitive: a square."""

    key: str
    name: str
    label: str
    state: State = ""
    group: tuple[tuple[str, int], ...] = ()
    """The groups it was made in, outermost first: a name, and a number that tells entries apart."""
    line: str = ""
    """The line of code that made it, "" where that was not recorded."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A value going into a function (``local`` is ∂out/∂value there), or coming out of one.

    ``grad`` is what flows back along it: ``upstream · local`` into a function, the gradient of the
    result out of one; None where nothing was computed.
    """

    key: str
    tail: str
    head: str
    data: float | None
    grad: float | None
    upstream: float | None = None
    local: float | None = None
    flow: Flow = "flows"
    name: str = ""
    """The label of the value, where the edge stands for it and no circle does."""
    slot: int = 0
    """Which argument it is; in a card, which row."""
    band: int = 1
    """How many edges it stands for."""


Node: TypeAlias = Quantity | Function | Card | Layer | Block | Leaves


@dataclass(frozen=True, slots=True)
class Model:
    """A graph, parents before children. ``notes`` say what is folded or left out."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    notes: tuple[str, ...] = ()
    frames: tuple[Frame, ...] = ()
    delta: bool = False
    """True where every number is a change, from one pass to another."""

    @property
    def quantities(self) -> list[Quantity]:
        """The values, in topological order."""
        return [node for node in self.nodes if isinstance(node, Quantity)]

    @property
    def functions(self) -> list[Function]:
        """The functions, in topological order."""
        return [node for node in self.nodes if isinstance(node, Function)]

    @property
    def size(self) -> int:
        """How many functions there are, those in cards and blocks included."""
        return sum(getattr(node, "size", 1) for node in self.nodes if not isinstance(node, (Quantity, Leaves)))

    def without_plain_intermediates(self) -> Model:
        """Return the model with each unnamed intermediate that is used once turned into an edge."""
        into = {edge.head: edge for edge in self.edges}
        leaving: dict[str, list[Edge]] = {}
        for edge in self.edges:
            leaving.setdefault(edge.tail, []).append(edge)
        gone = {
            node.key
            for node in self.quantities
            if node.role == "result" and not node.label and len(leaving.get(node.key, ())) == 1
        }
        edges = [
            replace(edge, tail=into[edge.tail].tail) if edge.tail in gone else edge
            for edge in self.edges
            if edge.head not in gone
        ]
        nodes = tuple(node for node in self.nodes if node.key not in gone)
        kept = {node.key for node in nodes}
        frames = tuple(replace(each, members=tuple(key for key in each.members if key in kept)) for each in self.frames)
        return replace(self, nodes=nodes, edges=tuple(edges), frames=frames)


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


def model(graph: Value | Sequence[Value] | Program) -> Model:
    """Return the model of everything ``graph`` depends on: a Value, several, or a Program."""
    if isinstance(graph, Program):
        return _of_program(graph)
    return _of_values((graph,) if isinstance(graph, Value) else tuple(graph))


# ---------------------------------------------------------------- from Values


def _gradient(node: Value) -> float | None:
    return node.grad if node.has_grad else None


def _label(text: str) -> str:
    """A label in one line that a terminal or a page can show."""
    return clean(" ".join(text.split()))


def _role(node: Value, outputs: Sequence[Value]) -> Role:
    if any(node is output for output in outputs):
        return "output"
    if node.is_leaf:
        return "constant" if node.is_constant else "parameter" if node.is_parameter else "input"
    return "result"


def _of_values(outputs: tuple[Value, ...]) -> Model:
    order = topological_order(*outputs)
    keys: dict[Value, str] = {}
    uses: dict[Value, list[Edge]] = {}
    squares: dict[tuple[str, tuple[int, ...]], tuple[int, list[Value]]] = {}
    nodes: list[Node] = []
    edges: list[Edge] = []
    # A primitive with several outputs is one square: its nodes are found before any is drawn.
    for node in order:
        if node.op is not None and node.op.index is not None:
            place = (node.op.name, tuple(map(id, node.parents)))
            squares.setdefault(place, (len(squares), []))[1].append(node)
    hidden = _shown_in_label(order, outputs)
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
                nodes.append(Function(square, node.op.name, _function_label(node), _state(node), *origin(node)))
                for slot, parent in enumerate(node.parents):
                    if parent not in hidden:
                        edge = _into(f"{square}-{slot}", keys[parent], square, slot, family)
                        uses.setdefault(parent, []).append(edge)
                        edges.append(edge)
            edges.append(Edge(f"{key}-in", square, key, node.data, _gradient(node)))
        label = _label(node.label) or conditions.get(node, "")
        nodes.append(Quantity(key, _role(node, outputs), label, node.data, _gradient(node), source=node))
    by_key = {keys[node]: found for node, found in uses.items()}
    shown = tuple(
        replace(node, terms=_terms(by_key.get(node.key, ()))) if isinstance(node, Quantity) else node for node in nodes
    )
    return Model(shown, tuple(edges), frames=_frames(nodes, edges))


def _frames(nodes: Iterable[Node], edges: Iterable[Edge]) -> tuple[Frame, ...]:
    """A frame around each group: its functions and what they make."""
    makes: dict[str, list[str]] = {}
    for edge in edges:
        makes.setdefault(edge.tail, []).append(edge.head)
    members: dict[tuple[tuple[str, int], ...], list[str]] = {}
    for node in nodes:
        if isinstance(node, Function):
            for depth in range(1, len(node.group) + 1):
                members.setdefault(node.group[:depth], []).extend((node.key, *makes.get(node.key, ())))
    return tuple(
        Frame(_label(path[-1][0]), tuple(keys)) for path, keys in sorted(members.items(), key=lambda p: len(p[0]))
    )


def _into(key: str, tail: str, head: str, slot: int, family: list[Value]) -> Edge:
    """The edge of argument ``slot`` into a function whose results are ``family``."""
    parent = family[0].parents[slot]
    locals_ = [node.partials[slot] for node in family]
    if all(partial is NO_FLOW for partial in locals_):
        first = family[0].op
        untaken = first is not None and first.name == "where" and slot > 0
        return Edge(key, tail, head, parent.data, None, flow="untaken" if untaken else "unwanted", slot=slot)
    reached = [node for node in family if node.has_grad]
    grad = sum(node.grad * node.partials[slot] for node in reached) if reached else None
    upstream = _gradient(family[0]) if len(family) == 1 else None
    return Edge(key, tail, head, parent.data, grad, upstream, locals_[0] if len(family) == 1 else None,
                "unwanted" if parent.is_constant else "flows", slot=slot)  # fmt: skip


def _terms(edges: Iterable[Edge]) -> tuple[float, ...]:
    terms = tuple(edge.grad for edge in edges if edge.grad is not None and edge.flow == "flows")
    return terms if len(terms) > 1 else ()


def _shown_in_label(order: list[Value], outputs: Sequence[Value]) -> set[Value]:
    """Constant exponents: they stand in the square, as in x², and need no circle."""
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
    """Return what the square of a power says: "x²", "x⁻¹", "x^0.5"."""
    text = number(exponent)
    return f"x{superscript(text)}" if exponent == int(exponent) and abs(exponent) < 1000 else f"x^{text}"


def _state(node: Value) -> State:
    assert node.op is not None
    if not math.isfinite(node.data) and all(math.isfinite(parent.data) for parent in node.parents):
        return "not finite"
    if node.op.name == "relu" and node.parents[0].data <= 0:
        return "dead"
    if node.op.name in _SQUASHERS and abs(node.partials[0]) < SATURATION:
        return "saturated"
    return ""


# ---------------------------------------------------------------- from Programs


def _of_program(program: Program) -> Model:
    """A program has no numbers of its own: every data and grad is None, but literals are what they are."""
    captured = dict(zip(program.inputs[len(program.arguments) :], program.captured, strict=True))
    nodes: list[Node] = []
    edges: list[Edge] = []
    keys: dict[int, str] = {}
    literals = 0

    def operand(x: int | float) -> str:
        nonlocal literals
        if isinstance(x, int):
            return keys[x]
        key = f"c{literals}"
        literals += 1
        nodes.append(Quantity(key, "constant", "", x, None))
        return key

    for variable in program.inputs:
        keys[variable] = f"v{variable}"
        value = captured.get(variable)
        label = _label(program.names.get(variable, "") or (value.label if value is not None else ""))
        role: Role = "parameter" if value is not None and value.is_parameter else "input"
        nodes.append(Quantity(keys[variable], role, label, None if value is None else value.data, None, source=value))
    outputs = {output for output in program.outputs if isinstance(output, int)}
    for instruction in program.instructions:
        square = f"f{instruction.results[0]}"
        label, operands = _instruction_label(instruction.primitive, instruction.operands)
        tails = [operand(x) for x in operands]
        nodes.append(Function(square, instruction.primitive.name, label))
        edges += [Edge(f"{square}-{slot}", tail, square, None, None, slot=slot) for slot, tail in enumerate(tails)]
        for result in instruction.results:
            keys[result] = f"v{result}"
            role = "output" if result in outputs else "result"
            nodes.append(Quantity(keys[result], role, _label(program.names.get(result, "")), None, None))
            edges.append(Edge(f"v{result}-in", square, keys[result], None, None))
    return Model(tuple(nodes), tuple(edges))


def _instruction_label(primitive: Primitive, operands: tuple[int | float, ...]) -> tuple[str, tuple[int | float, ...]]:
    if primitive.name == "power" and isinstance(operands[1], float):
        return power_label(operands[1]), operands[:1]
    return primitive.label, operands
