"""The plan of the compact form: which uses are ports, which edges have a number, and the rows."""

from __future__ import annotations

from collections import defaultdict

from viz.graph.model import Model
from viz.graph.nodes import Edge, Node
from viz.graph.parts import Card, Given, Layer, Leaves, Port, Step
from viz.levels.flow import flow
from viz.scene.frames import worthy
from viz.scene.graphviz import Engine, Link, arrange
from viz.scene.marks.mark import mark_of, measure, measured
from viz.scene.rows import Column, broken, columns
from viz.style.typeset import number

__all__ = ["NODE", "Plan"]

RANK, NETWORK, NODE = 26.0, 62.0, 9.0
"""Free space between columns, between those of a network's cards, and within a column."""
SPAN = 3
"""The largest number of columns that an edge spans; a value used farther away has a port there."""
DIRECT = 2
"""Up to so many uses a leaf has edges; with more it has a port at each use."""


class Plan:
    """A graph in pieces, with its ports and rows."""

    def __init__(self, graph: Model, engine: Engine, gap: float = 0.0) -> None:
        self.graph = flow(graph)
        self.engine: Engine = engine
        self.kinds: dict[str, Node] = {node.key: node for node in self.graph.nodes}
        self.marks = {key: mark_of(node) for key, node in self.kinds.items()}
        self.boxes = measured(self.graph)
        self.uses: dict[str, list[Edge]] = defaultdict(list)
        for edge in self.graph.edges:
            self.uses[edge.tail].append(edge)
        given = {node.key: node for node in self.graph.each(Given)}
        self.leaves = {key for key, node in given.items() if node.value.role not in ("result", "output")}
        self.names = {node.key: node.name for node in self.graph.each(Step)}
        self.names |= {node.key: node.name for node in given.values()}
        self.names |= {node.key: node.name for node in self.graph.each(Card)}
        self.scale = measure(self.graph)
        self.frames = worthy(self.graph)
        network = any(mark.weighs(self.kinds[key]) for key, mark in self.marks.items())
        self.gap = gap or (NETWORK if network else RANK)
        self.ports: set[str] = set()
        self.row = dict.fromkeys(self.kinds, 0)
        self.choose()

    def labelled(self, edge: Edge) -> bool:
        """Whether an edge has a number, its contribution: where it is not the only one."""
        head = self.kinds[edge.head]
        if edge.band > 1:
            return True
        return edge.data is not None and edge.flow != "unwanted" and len(self.uses[edge.tail]) > 1 and (
            not self.marks[edge.head].holds(head)
        )  # fmt: skip

    def port(self, edge: Edge) -> Port:
        """The port in place of the tail of an edge."""
        name = self.names.get(edge.tail) or edge.name or number(edge.data)
        if edge.band > 1:
            name = f"{edge.band} values{self._whence(edge.tail)}"
        numeric = edge.band == 1 and edge.data is not None and name == number(edge.data)
        return Port(f"p{edge.key}", name, edge, len(self.uses[edge.tail]) == 1, numeric)

    def _whence(self, key: str) -> str:
        """Which layer or strip of leaves many values come from, as it is titled."""
        tail = self.kinds[key]
        if isinstance(tail, Layer):
            return f" ({tail.inputs}→{len(tail.cards)})"
        return f" ({tail.kind})" if isinstance(tail, Leaves) else ""

    def choose(self) -> None:
        """Decide on ports and rows."""
        place = self.place_of_columns()
        named = {edge.key for edge in self.graph.edges if self.names.get(edge.tail)}
        for edge in self.graph.edges:
            if edge.key not in named or self.marks[edge.head].weighs(self.kinds[edge.head]):
                continue
            leaf, uses = edge.tail in self.leaves, self.uses[edge.tail]
            many = leaf and len(uses) > DIRECT and len({use.head for use in uses}) > 1
            if many or place[edge.head] - place[edge.tail] > (SPAN if len(uses) > 1 or leaf else 2 * SPAN):
                self.ports.add(edge.key)

    def place_of_columns(self) -> dict[str, int]:
        """Return the column of each node in a simple layout."""
        links = [Link(edge.tail, edge.head) for edge in self.graph.edges]
        laid = arrange(list(self.boxes.values()), links, rank_gap=RANK, node_gap=NODE, engine=self.engine)
        found = columns({key: x for key, (x, _) in laid.centres.items()}, {k: b.width for k, b in self.boxes.items()})
        return {key: place for place, column in enumerate(found) for key in column.keys}

    def strip(self) -> list[str]:
        """The leaves set apart, because each of their uses is a port."""
        return [
            key for key in self.kinds
            if key in self.leaves and self.uses[key] and all(self.ported(edge) for edge in self.uses[key])
        ]  # fmt: skip

    def ported(self, edge: Edge) -> bool:
        """Whether the tail of an edge is replaced by a port."""
        return edge.key in self.ports or self.row[edge.tail] != self.row[edge.head]

    def break_rows(self, found: list[Column], room: float) -> None:
        """Cut the picture, laid out in the columns ``found``, into rows no wider than ``room``."""
        apart = set(self.strip())
        place = {key: at for at, column in enumerate(found) for key in column.keys}
        reach: dict[str, int] = {}
        for edge in self.graph.edges:
            if not self.ported(edge) and edge.tail not in self.leaves:
                reach[edge.tail] = max(reach.get(edge.tail, 0), place[edge.head])
        rows = broken(found, room, lambda at: sum(place[key] < at <= last for key, last in reach.items()))
        for key in self.kinds:
            if key not in apart:
                self.row[key] = rows[place[key]]
        for key in self.leaves - apart:  # a leaf is placed in the row of its first use
            if self.uses[key]:
                self.row[key] = min(self.row[edge.head] for edge in self.uses[key])
