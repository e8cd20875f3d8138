"""A use of a value far from the value itself: its name, and the contribution of this use."""

from __future__ import annotations

from autograd_mini.language import tell
from viz.graph.parts import Port
from viz.scene.graphviz import Box
from viz.scene.marks.captions import NAME, WIDEST, Line, contribution, gradient_of, room, under, wide
from viz.scene.marks.mark import Mark, Spot, marked
from viz.scene.shapes import Group, Rect, text
from viz.style.typeset import shorten, width

__all__ = ["PortMark"]


@marked
class PortMark(Mark[Port]):
    """A name in a small capsule, with the contribution of this use of the value below it."""

    kind = Port

    def shape(self, node: Port) -> tuple[float, float]:
        """Return the width and height of the capsule."""
        return max(22.0, width(self._name(node), NAME, bold=True) + 14), 20.0

    def _name(self, node: Port) -> str:
        return shorten(node.name, WIDEST, NAME, bold=True)

    def _below(self, node: Port) -> list[Line]:
        edge = node.edge
        if edge.band > 1 or edge.flow == "unwanted" or edge.data is None or (node.alone and edge.flow == "flows"):
            return []
        return contribution(edge)

    def box(self, node: Port) -> Box:
        """Return the box of the capsule and its texts, with the capsule in the middle."""
        w, h = self.shape(node)
        return room(node.key, max(w, wide(self._below(node))), h, 2.0, self._below(node))

    def grip(self, node: Port, box: Box) -> float:
        """Return the distances of the capsule's left and right end from its middle."""
        return self.shape(node)[0] / 2

    def lines(self, node: Port) -> list[str]:
        """Its name."""
        return [node.name]

    def draw(self, node: Port, spot: Spot) -> Group:
        """Return the capsule, and the contribution below it."""
        x, y = spot.x, spot.y
        w, h = self.shape(node)
        capsule = Group(
            (Rect(x - w / 2, y - h / 2, w, h, "port", h / 2),
             text(x, y + 3.9, self._name(node), "value-text", NAME, bold=True,
                  shows=(node.edge.key, "value") if node.numeric else None)),
            f"n-{node.key}", tell("{name}, used here", name=node.name), "node-port",
        )  # fmt: skip
        texts = under(self._below(node), x, y + h / 2, gradient_of(node.edge.key))
        return Group((capsule, Group(tuple(texts), f"t-{node.key}", "", "label")) if texts else (capsule,))
