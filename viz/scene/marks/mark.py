"""Mark: how one kind of node is drawn; other modules get the properties of a node's drawing from its mark."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from viz.graph.model import Model
from viz.graph.nodes import Node
from viz.scene.graphviz import Box
from viz.scene.scales import Scales
from viz.scene.shapes import Group, Shape, Text, bounds

__all__ = ["Bounds", "Mark", "Spot", "around", "mark_of", "marked", "measure", "measured"]

N = TypeVar("N", bound=Node)
K = TypeVar("K", bound="Mark[Any]")
Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Spot:
    """The position of a node: its centre and size; and its texts in the picture."""

    x: float
    y: float
    box: Box
    name: str
    scale: Scales


class Mark(Generic[N]):
    """How nodes of ``kind`` are drawn.

    The mark with the highest ``rank`` that matches a node draws it. A subclass defines ``box`` and
    ``draw``; the other methods have defaults for a simple shape.
    """

    kind: type[N]
    rank = 0
    ways = False
    """Edges end at its own rows or sides, not where Graphviz's paths end."""
    network = False
    """It contains parameters: the leaves that go to it are in order, and it shows their gradients."""
    heat = False
    """Its colours show numbers, so that the picture needs colour scales; bands, not edges, leave it."""
    gathers = False
    """A column of leaves that goes to it is drawn as one band."""
    brief = False
    """Its edges have no room for products."""
    titled = False
    """It has the name of the group that was folded into it."""
    alike = False
    """All of its nodes in one picture are equally wide."""
    snug = False
    """Columns beside it stand close together: edges at it have no numbers."""
    gap = 0.0
    """The free space above and below it; 0 for the default of the picture."""

    def matches(self, node: Node) -> bool:
        """Return whether this mark can draw ``node``."""
        return isinstance(node, self.kind)

    def box(self, node: N) -> Box:
        """Return its size."""
        raise NotImplementedError(f"{type(self).__name__} has no size; define box(self, node)")

    def draw(self, node: N, spot: Spot) -> Group:
        """Return its shapes, with its centre at the spot."""
        raise NotImplementedError(f"{type(self).__name__} has no shapes; define draw(self, node, spot)")

    def port(self, node: N, box: Box, row: int) -> float:
        """Return the distance from its top at which the edge of ``row`` ends; edges leave at row −1."""
        return box.height / 2

    def grip(self, node: N, box: Box) -> float:
        """Return the distances from its middle at which edges end, on the left and on the right."""
        return box.width / 2

    def pin(self, node: N, box: Box, slot: int) -> float:
        """Return the distance below its middle at which the edge of operand ``slot`` ends in the compact form."""
        return 0.0

    def stretch(self, node: N, box: Box) -> tuple[float, float]:
        """Return the distances from its top between which a band ends at it."""
        inset = min(8.0, box.height / 4)
        return inset, box.height - inset

    def obstacles(self, group: Group) -> list[Bounds]:
        """Return the boxes that labels must not overlap, of a node drawn as ``group``."""
        return [around(shape) for shape in group.shapes]

    def weighs(self, node: N) -> bool:
        """Return whether edges into it show the sign and the size of their gradient."""
        return False

    def holds(self, node: N) -> bool:
        """Return whether it contains the numbers of the edges into it."""
        return False

    def folds(self, node: N) -> bool:
        """Return whether it hides a computation, so that the picture is an overview."""
        return False

    def column(self, node: N) -> object:
        """Return a key that is equal for nodes which are to be placed in order, or None."""
        return None

    def repeats(self, node: N) -> int:
        """Return the number of samples that it represents."""
        return 1

    def values(self, node: N) -> int:
        """Return the number of values in a band that leaves it; 0 where the edges determine it."""
        return 0

    def bindings(self, node: N) -> tuple[str, ...]:
        """Return the keys of the functions that it represents, as far as a page can update them."""
        return ()

    def measured(self, node: N) -> tuple[Iterable[float | None], Iterable[float | None]]:
        """Return the values and the gradients that its colours show."""
        return (), ()

    def lines(self, node: N) -> list[str]:
        """Return its lines of text, for formats without shapes."""
        return [node.called]


def around(shape: Shape) -> Bounds:
    """Return its bounds, including the width of its outline."""
    left, top, right, bottom = bounds((shape,))
    air = 0.0 if isinstance(shape, Text) else 2.0
    return left - air, top - air, right + air, bottom + air


MARKS: list[Mark[Any]] = []


def marked(kind: type[K]) -> type[K]:
    """Register a mark: ``@marked`` above its class."""
    MARKS.append(kind())
    MARKS.sort(key=lambda mark: -mark.rank)
    return kind


def mark_of(node: Node) -> Mark[Any]:
    """Return the mark that draws ``node``. Raises LookupError where none does."""
    for mark in MARKS:
        if mark.matches(node):
            return mark
    raise LookupError(f"no mark draws a {type(node).__name__}; add one in viz/scene/marks")


def measure(model: Model) -> Scales:
    """Return the colour scales for all marks of ``model`` whose colours show numbers."""
    found = [mark_of(node).measured(node) for node in model.nodes]
    return Scales.of((x for data, _ in found for x in data), (x for _, grads in found for x in grads))


def measured(model: Model) -> dict[str, Box]:
    """Return the size of every node; with equal widths for marks that require it."""
    made = {node.key: mark_of(node).box(node) for node in model.nodes}
    alike = [node.key for node in model.nodes if mark_of(node).alike]
    widest = max((made[key].width for key in alike), default=0.0)
    return made | {key: replace(made[key], width=widest) for key in alike}
