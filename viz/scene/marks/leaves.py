"""Many leaves as one strip: a cell for each value and, beside it, one for each gradient."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal, TypeAlias

from autograd_mini.language import tell
from viz.graph.parts import Leaves
from viz.scene.graphviz import Box
from viz.scene.marks.mark import Bounds, Mark, Spot, around, marked
from viz.scene.scales import Scales
from viz.scene.shapes import Group, Rect, Shape, text
from viz.style.typeset import width

__all__ = ["LeavesMark"]

PITCH, GAP, LEFT, HEADER = 13.0, 12.0, 14.0, 46.0
SPAN = 340.0
"""The longest side of a strip; larger ones have smaller cells."""


def _shape(leaves: Leaves) -> tuple[int, int]:
    """Rows and columns: a square where the leaves make one (an image), else columns of 16."""
    count = len(leaves.data)
    side = math.isqrt(count)
    if side * side == count and count >= 16:
        return side, side
    rows = min(16, count)
    return rows, math.ceil(count / rows)


def _leaf_pitch(leaves: Leaves) -> float:
    return min(PITCH, max(2.5, SPAN / max(_shape(leaves))))


Side: TypeAlias = tuple[str, Literal["value", "gradient"], tuple[float | None, ...], Callable[[float | None], str], str]


@marked
class LeavesMark(Mark[Leaves]):
    """Many leaves as one strip of cells."""

    kind = Leaves
    ways = heat = True

    def box(self, node: Leaves) -> Box:
        """Return the size of a strip."""
        return leaves_box(node)

    def draw(self, node: Leaves, spot: Spot) -> Group:
        """Return a strip of leaves."""
        return draw_leaves(node, spot.x, spot.y, spot.box, spot.scale)

    def obstacles(self, group: Group) -> list[Bounds]:
        """One obstacle, not one for each cell."""
        return [around(group.shapes[0])]

    def values(self, node: Leaves) -> int:
        """All of them."""
        return len(node.data)

    def measured(self, node: Leaves) -> tuple[tuple[float | None, ...], tuple[float | None, ...]]:
        """The numbers that the cells show."""
        return node.data, node.grads

    def lines(self, node: Leaves) -> list[str]:
        """Its title."""
        return [_leaves_title(node)]


def leaves_box(leaves: Leaves) -> Box:
    """Return the size of a strip."""
    rows, columns = _shape(leaves)
    pitch, sides = _leaf_pitch(leaves), 2 if _known(leaves) else 1
    wide = LEFT + sides * max(columns * pitch + GAP, 40.0) + 4
    return Box(leaves.key, max(wide, width(_leaves_title(leaves), 13, bold=True) + 24), HEADER + rows * pitch + 12)


def _known(leaves: Leaves) -> bool:
    return any(grad is not None for grad in leaves.grads)


def _leaves_title(leaves: Leaves) -> str:
    return f"{len(leaves.data)} {tell(leaves.kind)}"


def draw_leaves(leaves: Leaves, x: float, y: float, box: Box, scale: Scales) -> Group:
    """Return a strip of leaves with its centre at (x, y)."""
    rows, columns = _shape(leaves)
    pitch = _leaf_pitch(leaves)
    left, top = x - box.width / 2, y - box.height / 2
    size, corner = pitch - (1.5 if pitch > 6 else 0.4), 1.5 if pitch > 6 else 0.0
    shapes: list[Shape] = [
        Rect(left, top, box.width, box.height, "tray", 9),
        text(left + 12, top + 20, _leaves_title(leaves), "value-text", 13, bold=True, anchor="start"),
    ]
    sides: list[Side] = [("value", "value", leaves.data, scale.signed, "forward")]
    if _known(leaves):
        sides.append(("|∂|", "gradient", leaves.grads, scale.glow, "gradient"))
    square = rows == columns
    for side, (name, what, numbers, role, ink) in enumerate(sides):
        start = left + LEFT + side * max(columns * pitch + GAP, 40.0)
        shapes.append(text(start, top + 40, name, ink, 10.5, bold=True, anchor="start"))
        for i, (key, value) in enumerate(zip(leaves.members, numbers, strict=True)):
            row, column = divmod(i, columns) if square else divmod(i, rows)[::-1]
            place = (start + column * pitch, top + HEADER + row * pitch)
            shapes.append(Rect(*place, size, size, role(value), corner, (key, what)))
    return Group(tuple(shapes), f"n-{leaves.key}", _leaves_title(leaves), "node-leaves")
