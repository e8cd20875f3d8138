"""The model of a graph: nodes and edges, parents before children, without any drawing.

It is plain data. Everything that shows a graph (pictures, DOT, narration, pages) uses a model and
never a ``Value``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from viz.graph.nodes import Edge, Function, Node, Quantity
from viz.graph.parts import Frame

__all__ = ["Model"]

N = TypeVar("N", bound=Node)


@dataclass(frozen=True, slots=True)
class Model:
    """A graph, parents before children. ``notes`` say what is folded or left out."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    notes: tuple[str, ...] = ()
    frames: tuple[Frame, ...] = ()
    delta: bool = False
    """True where every number is a difference between two passes."""

    def each(self, kind: type[N]) -> list[N]:
        """Return the nodes of one kind, in topological order."""
        return [node for node in self.nodes if isinstance(node, kind)]

    @property
    def quantities(self) -> list[Quantity]:
        """The values, in topological order."""
        return self.each(Quantity)

    @property
    def functions(self) -> list[Function]:
        """The functions, in topological order."""
        return self.each(Function)

    def with_nodes(self, changed: Mapping[str, Node]) -> Model:
        """Return the model with the nodes in ``changed`` replaced, by their keys."""
        return replace(self, nodes=tuple(changed.get(node.key, node) for node in self.nodes))

    @property
    def size(self) -> int:
        """The number of functions, including those in cards and blocks."""
        return sum(node.size for node in self.nodes)

    def edges_of_nodes(self) -> tuple[dict[str, list[Edge]], dict[str, list[Edge]]]:
        """Return the edges into each node and those out of it, by its key; of a node without any, an empty list."""
        into: dict[str, list[Edge]] = defaultdict(list)
        leaving: dict[str, list[Edge]] = defaultdict(list)
        for edge in self.edges:
            into[edge.head].append(edge)
            leaving[edge.tail].append(edge)
        return into, leaving

    def without_plain_intermediates(self) -> Model:
        """Return the model in which each unlabelled intermediate value that is used once is an edge."""
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
