"""Dashed frames around groups of nodes."""

from __future__ import annotations

from viz.graph.model import Model
from viz.graph.nodes import Node
from viz.graph.parts import Frame
from viz.scene.graphviz import Box, Point
from viz.scene.marks.mark import mark_of
from viz.scene.shapes import Group, Rect, text
from viz.style.typeset import width

__all__ = ["framed", "worthy"]


def worthy(graph: Model) -> list[Frame]:
    """Return the frames that say something: neither around one box, which bears
    its name, nor across the border of another."""
    kinds = {node.key: node for node in graph.nodes}
    found: list[Frame] = []
    for frame in (each for each in graph.frames if _says_something(each, kinds)):
        members = set(frame.members)
        others = [set(each.members) for each in found]
        if all(members <= other or other <= members or not members & other for other in others):
            found.append(frame)
    return found


def _says_something(frame: Frame, kinds: dict[str, Node]) -> bool:
    members = [kinds[key] for key in frame.members if key in kinds]
    boxes = [node for node in members if node.size]
    return len(boxes) > 1 or (bool(boxes) and not mark_of(boxes[0]).titled)


def framed(frames: list[Frame], centres: dict[str, Point], boxes: dict[str, Box]) -> list[Group]:
    """Return the frames where their members stand, outer ones first."""
    made: list[Group] = []
    for number_, frame in enumerate(frames):
        depth = sum(set(frame.members) < set(other.members) for other in frames)
        inner = sum(set(other.members) < set(frame.members) for other in frames)
        pad = 14.0 + 9 * min(inner, 3)
        left = min(centres[key][0] - boxes[key].width / 2 for key in frame.members) - pad
        right = max(centres[key][0] + boxes[key].width / 2 for key in frame.members) + pad
        top = min(centres[key][1] - boxes[key].height / 2 for key in frame.members) - pad - 14 * (1 + min(inner, 1))
        bottom = max(centres[key][1] + boxes[key].height / 2 for key in frame.members) + pad
        right = max(right, left + width(frame.title, 12, bold=True) + 24)
        shapes = (
            Rect(left, top, right - left, bottom - top, "group", 12),
            text(left + 10, top + 16, frame.title, "constant-text", 12, bold=True, anchor="start"),
        )
        made.append(Group(shapes, f"g-{number_}", frame.title, f"frame depth-{depth}"))
    return made
