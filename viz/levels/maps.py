"""Maps: the functions of a graph in layers; those of one kind, on results of the same layers, are one map."""

from __future__ import annotations

from collections import defaultdict
from typing import TypeAlias

from viz.graph.model import Model
from viz.graph.nodes import Edge, Function

__all__ = ["Maps"]

Kind: TypeAlias = tuple[object, ...]


class Maps:
    """The maps of a graph, in order of execution.

    A function's kind is its label and the maps that made its operands. So a map is made after the maps of its
    operands, and no two depend on each other. Affine functions with a common input are one map: all inputs in a dense
    layer, some in a convolution. An activation belongs to the map whose results only it uses.

    ``maps``   the functions of each map
    ``home``   the key of a function → the number of its map
    ``into``   the edges to a function, in the order of its operands
    ``maker``  the key of a value → the key of the function that made it
    ``uses``   the key of a value → the keys of the functions that use it, once for each use
    """

    def __init__(self, graph: Model) -> None:
        self.graph = graph
        self.values = {node.key: node for node in graph.quantities}
        self.functions = {node.key: node for node in graph.functions}
        self.into: dict[str, list[Edge]] = defaultdict(list)
        self.maker: dict[str, str] = {}
        self.uses: dict[str, list[str]] = defaultdict(list)
        for edge in sorted(graph.edges, key=lambda edge: edge.slot):
            if edge.head in self.functions:
                self.into[edge.head].append(edge)
                self.uses[edge.tail].append(edge.head)
            else:
                self.maker[edge.head] = edge.tail
        self.home: dict[str, int] = {}
        self.maps: list[list[Function]] = []
        known: dict[Kind, int] = {}
        for function in graph.functions:
            place = self._place(function, known)
            if place == len(self.maps):
                self.maps.append([])
            self.maps[place].append(function)
            self.home[function.key] = place

    def _place(self, function: Function, known: dict[Kind, int]) -> int:
        """The number of the map of ``function``, one more than there are for a new one."""
        operands = [edge.tail for edge in self.into[function.key]]
        if function.whole is not None:
            return known.setdefault(function.whole, len(self.maps))
        layer = self._activates(function)
        if layer is not None:
            return layer
        kind: Kind = (
            function.label,
            *(self.home.get(self.maker.get(key, ""), self.values[key].role) for key in operands),
        )
        if function.name != "affine":
            return known.setdefault(kind, len(self.maps))
        inputs = [(kind, key) for key in self.inputs(function)]
        place = next((known[each] for each in inputs if each in known), len(self.maps))
        known |= dict.fromkeys(inputs, place)
        return place

    def _activates(self, function: Function) -> int | None:
        """The map of affine functions whose unnamed results are the only operands of ``function``, used by it alone."""
        found: set[int] = set()
        for edge in self.into[function.key]:
            value, maker = self.values[edge.tail], self.functions.get(self.maker.get(edge.tail, ""))
            if maker is None or maker.name != "affine" or value.label or len(self.uses[value.key]) > 1:
                return None
            found.add(self.home[maker.key])
        return found.pop() if len(found) == 1 else None

    def inputs(self, function: Function) -> list[str]:
        """Return the values that an affine function weighs: its operands are weights, inputs and bias."""
        operands = [edge.tail for edge in self.into[function.key]]
        return operands[len(operands) // 2 : -1]

    def weights(self, function: Function) -> list[str]:
        """Return the weights and the bias of an affine function."""
        operands = [edge.tail for edge in self.into[function.key]]
        return [*operands[: len(operands) // 2], operands[-1]]

    def places(self, key: str) -> frozenset[int]:
        """Return the maps that use a value."""
        return frozenset(self.home[use] for use in self.uses[key])
