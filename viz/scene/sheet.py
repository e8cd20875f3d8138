"""The sheet around a drawing: margins, the legend and the notes."""

from __future__ import annotations

from viz.graph.model import Model
from viz.scene.marks.legend import entries, legend
from viz.scene.scales import Scales, heat_legend
from viz.scene.shapes import Group, Scene, Shape, bounds, shift, text

__all__ = ["MARGIN", "composed"]

MARGIN = 16.0


def composed(shapes: list[Shape], graph: Model, title: str, description: str, scale: Scales | None) -> Scene:
    """Return the scene of ``shapes``, which show ``graph``."""
    left, top, right, bottom = bounds(shapes)
    dx, dy = MARGIN - left, MARGIN - top
    moved = [shift(shape, dx, dy) for shape in shapes]
    wide, y = right + dx, bottom + dy + 14
    key: list[Shape] = []
    if scale is not None:
        key += heat_legend(scale, MARGIN, y + 11)
        y += 24
    key += legend(entries(graph), MARGIN, y, max(wide - MARGIN, 540.0))
    _, _, key_right, y = bounds(key)
    for note in graph.notes:
        line = text(MARGIN, y + 20, note, "muted", 11, anchor="start")
        key.append(line)
        _, _, note_right, y = line.box
        key_right = max(key_right, note_right)
    moved.append(Group(tuple(key), "", "", "legend"))
    return Scene(max(wide, key_right) + MARGIN, y + 12, tuple(moved), title, description, graph.notes)
