"""Mark: how one kind of node is drawn. Whoever needs to know of a node asks its mark."""

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
    """Where a node stands: its centre and size; and what the picture says of it."""

    x: float
    y: float
    box: Box
    name: str
    scale: Scales


class Mark(Generic[N]):
    """How nodes of ``kind`` are drawn.

    Of the marks that match a node the one of the highest ``rank`` draws it. A subclass gives ``box``
    and ``draw``; the rest has answers that suit a plain shape.
    """

    kind: type[N]
    rank = 0
    ways = False
    """Edges that meet it land on rows or sides of its own, not where Graphviz leads them."""
    network = False
    """It holds parameters: the leaves that go to it stand in order, and it shows their gradients itself."""
    heat = False
    """Its colours are numbers, so that the picture needs scales; bands, not edges, leave from it."""
    gathers = False
    """A column of leaves that goes to it is drawn as one band."""
    brief = False
    """Its edges have no room for products."""
    titled = False
    """It bears the name of the group it was folded from."""
    alike = False
    """All of its nodes in one picture are equally wide."""
    gap = 0.0
    """The free space it wants above and below it, 0 where that is for the picture to say."""

    def matches(self, node: Node) -> bool:
        """Return whether this mark can draw ``node``."""
        return isinstance(node, self.kind)

    def box(self, node: N) -> Box:
        """Return how large it is."""
        raise NotImplementedError(f"{type(self).__name__} says no size")

    def draw(self, node: N, spot: Spot) -> Group:
        """Return its shapes, with its centre at the spot."""
        raise NotImplementedError(f"{type(self).__name__} draws nothing")

    def port(self, node: N, box: Box, row: int) -> float:
        """Return how far below its top the edge of ``row`` meets it; row −1 is where edges leave."""
        return box.height / 2

    def grip(self, node: N, box: Box) -> float:
        """Return how far from its middle edges meet it to the left and right."""
        return box.width / 2

    def pin(self, node: N, box: Box, slot: int) -> float:
        """Return how far below its middle the edge of operand ``slot`` arrives in the compact form."""
        return 0.0

    def stretch(self, node: N, box: Box) -> tuple[float, float]:
        """Return how far below its top the stretch begins and ends where a band meets it."""
        inset = min(8.0, box.height / 4)
        return inset, box.height - inset

    def obstacles(self, group: Group) -> list[Bounds]:
        """Return what no label may stand on, of a node drawn as ``group``."""
        return [around(shape) for shape in group.shapes]

    def weighs(self, node: N) -> bool:
        """Return whether edges into it wear the sign and the size of their gradient."""
        return False

    def holds(self, node: N) -> bool:
        """Return whether it shows the numbers of the edges into it itself."""
        return False

    def folds(self, node: N) -> bool:
        """Return whether it hides a computation, so that the picture is an overview."""
        return False

    def column(self, node: N) -> object:
        """Return what it has in common with the nodes it should stand in order with, None for nothing."""
        return None

    def repeats(self, node: N) -> int:
        """Return how many samples run through it."""
        return 1

    def values(self, node: N) -> int:
        """Return how many values leave it by one band, 0 where that is for the edges to say."""
        return 0

    def bindings(self, node: N) -> tuple[str, ...]:
        """Return the keys of the functions that it stands for, as far as a page can keep them true."""
        return ()

    def measured(self, node: N) -> tuple[Iterable[float | None], Iterable[float | None]]:
        """Return the values and the gradients that its colours show."""
        return (), ()

    def lines(self, node: N) -> list[str]:
        """Return what it says where only lines of text can be shown."""
        return [node.called]


def around(shape: Shape) -> Bounds:
    """Return its bounds and the room its outline takes."""
    left, top, right, bottom = bounds((shape,))
    air = 0.0 if isinstance(shape, Text) else 2.0
    return left - air, top - air, right + air, bottom + air


MARKS: list[Mark[Any]] = []


def marked(kind: type[K]) -> type[K]:
    """Enter a mark into the list of all: ``@marked`` above its class."""
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
    """Return the scales that suit every mark of ``model`` whose colours are numbers."""
    found = [mark_of(node).measured(node) for node in model.nodes]
    return Scales.of((x for data, _ in found for x in data), (x for _, grads in found for x in grads))


def measured(model: Model) -> dict[str, Box]:
    """Return the size of every node; those of a mark that wants so are equally wide."""
    made = {node.key: mark_of(node).box(node) for node in model.nodes}
    alike = [node.key for node in model.nodes if mark_of(node).alike]
    widest = max((made[key].width for key in alike), default=0.0)
    return made | {key: replace(made[key], width=widest) for key in alike}
