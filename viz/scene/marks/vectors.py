"""A vector as a circle that shows its numbers, and a map of vectors as a square."""

from __future__ import annotations

import math
from typing import Literal

from autograd_mini.language import tell
from viz.graph.networks import FEW, Map, Vector
from viz.graph.nodes import Node
from viz.scene.graphviz import Box
from viz.scene.marks.mark import Bounds, Mark, Spot, around, marked
from viz.scene.shapes import Group, Rect, Shape, Text, text
from viz.style.typeset import number, shorten, width

__all__ = ["CellsMark", "MapMark", "VectorMark"]

NAME, NUMBER, SMALL = 14.0, 11.5, 10.5
ROW, HEAD, ROUND = 16.0, 26.0, 26.0
GAP, SIDE = 10.0, 14.0
PITCH, SPAN, LEAST = 11.0, 132.0, 28.0
"""The size of a cell, the longest side of the cells (larger vectors have smaller ones), and their least width."""


@marked
class VectorMark(Mark[Vector]):
    """A vector of a few numbers: its name, and a line for each value and its gradient."""

    kind = Vector
    ways = brief = snug = True
    gap = 30.0

    def box(self, node: Vector) -> Box:
        """Return the size of the circle."""
        left, right = _columns(node)
        wide = max(left + bool(right) * (GAP + right), width(_title(node), NAME, bold=True)) + 2 * SIDE
        return Box(node.key, max(wide, 60.0), HEAD + ROW * len(node.data) + 16.0)

    def draw(self, node: Vector, spot: Spot) -> Group:
        """Return the circle with its numbers."""
        left, right = _columns(node)
        top = spot.y - spot.box.height / 2
        start = spot.x - (left + bool(right) * (GAP + right)) / 2
        shapes = _outline(node, spot)
        for row, (key, value, grad) in enumerate(zip(node.members, node.data, node.grads, strict=True)):
            y = top + HEAD + ROW * row + 13.0
            shapes.append(text(start + left, y, number(value), "forward", NUMBER, anchor="end", shows=(key, "value")))
            if right:
                shapes.append(
                    text(start + left + GAP, y, _slope(grad), "gradient", NUMBER, anchor="start",
                         shows=(key, "gradient"))
                )  # fmt: skip
        return Group(tuple(shapes), f"n-{node.key}", _told(node), f"node-{node.role}")

    def obstacles(self, group: Group) -> list[Bounds]:
        """One obstacle, not one for each number."""
        return [around(group.shapes[0])]

    def values(self, node: Vector) -> int:
        """Return how many numbers it holds."""
        return len(node.data)

    def lines(self, node: Vector) -> list[str]:
        """Its name, and a line for each number."""
        return [_title(node), *(f"{number(x)}  {_slope(grad)}" for x, grad in zip(node.data, node.grads, strict=True))]


@marked
class CellsMark(VectorMark):
    """A vector of many numbers: a cell for each value and for each gradient."""

    rank = 1
    heat = True

    def matches(self, node: Node) -> bool:
        """Return whether there are too many numbers to write."""
        return isinstance(node, Vector) and len(node.data) > FEW

    def box(self, node: Vector) -> Box:
        """Return the size of the circle."""
        rows, columns, pitch = _grid(node)
        wide = max((1 + _known(node)) * (max(columns * pitch, LEAST) + GAP) - GAP, width(_title(node), NAME, bold=True))
        return Box(node.key, wide + 2 * SIDE, HEAD + 14.0 + rows * pitch + 18.0)

    def draw(self, node: Vector, spot: Spot) -> Group:
        """Return the circle with its cells."""
        rows, columns, pitch = _grid(node)
        across = max(columns * pitch, LEAST)
        top = spot.y - spot.box.height / 2 + HEAD + 14.0
        start = spot.x - ((1 + _known(node)) * (across + GAP) - GAP) / 2
        size = pitch - (1.2 if pitch > 6 else 0.4)
        shapes = _outline(node, spot)
        kinds: list[tuple[Literal["value", "gradient"], str, tuple[float | None, ...]]] = [
            ("value", "value", node.data)
        ]
        if _known(node):
            kinds.append(("gradient", "|∂|", node.grads))
        for side, (what, name, numbers) in enumerate(kinds):
            left = start + side * (across + GAP)
            role = spot.scale.signed if what == "value" else spot.scale.glow
            shapes.append(
                text(left, top - 4, name, "forward" if what == "value" else "gradient", SMALL, anchor="start")
            )
            for place, (key, x) in enumerate(zip(node.members, numbers, strict=True)):
                row, column = divmod(place, columns) if rows == columns else divmod(place, rows)[::-1]
                shapes.append(
                    Rect(left + column * pitch, top + row * pitch, size, size, role(x), 1.5 * (pitch > 6), (key, what))
                )
        return Group(tuple(shapes), f"n-{node.key}", _told(node), f"node-{node.role}")

    def measured(self, node: Vector) -> tuple[tuple[float | None, ...], tuple[float | None, ...]]:
        """The numbers that the cells show."""
        return node.data, node.grads

    def lines(self, node: Vector) -> list[str]:
        """Its name and size."""
        return [_title(node)]


@marked
class MapMark(Mark[Map]):
    """A map of vectors as a square: what it computes, and its parameters."""

    kind = Map
    ways = brief = True

    def box(self, node: Map) -> Box:
        """Return the size of the square."""
        wide = max(width(node.label, NAME, bold=True), width(node.detail, SMALL)) + 22
        return Box(node.key, max(42.0, wide), 48.0 if node.detail else 42.0)

    def draw(self, node: Map, spot: Spot) -> Group:
        """Return the square."""
        role, ink = ("warning", "warning-text") if node.state else ("function", "function-text")
        wide, high = spot.box.width, spot.box.height
        shapes: list[Shape] = [
            Rect(spot.x - wide / 2, spot.y - high / 2, wide, high, role, 5),
            text(spot.x, spot.y + (-2 if node.detail else 5), node.label, ink, NAME, bold=True),
        ]
        if node.detail:
            shapes.append(text(spot.x, spot.y + 14, node.detail, ink, SMALL))
        said = f"{node.label}, {tell('{count:,} functions', count=node.size)}"
        return Group(tuple(shapes), f"n-{node.key}", said, "node-block")

    def bindings(self, node: Map) -> tuple[str, ...]:
        """Its functions."""
        return node.members

    def lines(self, node: Map) -> list[str]:
        """What it computes, and its parameters."""
        return [node.label, *([node.detail] if node.detail else []), *([f"({tell(node.state)})"] if node.state else [])]


def _title(node: Vector) -> str:
    """ "h (3)": its name, and the number of its values where there are several."""
    several = f" ({len(node.data)})" if len(node.data) > 1 else ""
    return f"{shorten(node.name, 80.0, NAME, bold=True)}{several}".strip()


def _told(node: Vector) -> str:
    return f"{tell(node.role)} {node.name}, {tell('{count} values', count=len(node.data))}".replace(" ,", ",")


def _slope(grad: float | None) -> str:
    return f"∂ {number(grad)}"


def _known(node: Vector) -> bool:
    """Whether it shows gradients: a constant has none."""
    return node.role != "constant"


def _columns(node: Vector) -> tuple[float, float]:
    """The widths of the values and of the gradients, 0 where there are none."""
    right = max(width(_slope(grad), NUMBER) for grad in node.grads) if _known(node) else 0.0
    return max(width(number(x), NUMBER) for x in node.data), right


def _grid(node: Vector) -> tuple[int, int, float]:
    """Rows, columns and the size of a cell: a square where the numbers make one (an image), else columns of 16."""
    count = len(node.data)
    side = math.isqrt(count)
    rows, columns = (side, side) if side * side == count else (min(16, count), math.ceil(count / 16))
    return rows, columns, max(2.0, min(PITCH, SPAN / max(rows, columns)))


def _outline(node: Vector, spot: Spot) -> list[Shape]:
    """The outline of the circle, and the title in it."""
    role = "warning" if node.strange else "constant" if node.role == "constant" else "value"
    role = "output" if role == "value" and node.role == "output" else role
    ink = {"warning": "warning-text", "constant": "constant-text"}.get(role, "value-text")
    wide, high = spot.box.width - 2.0, spot.box.height - 2.0
    left, top = spot.x - wide / 2, spot.y - high / 2
    title: Text = text(spot.x, top + 20.0, _title(node), ink, NAME, bold=True)
    return [Rect(left, top, wide, high, role, min(ROUND, wide / 2, high / 2)), title]
