"""Bands: one grey ribbon in place of the many edges between two layers."""

from __future__ import annotations

from collections import defaultdict
from typing import TypeAlias

from viz.graph.model import Model
from viz.graph.nodes import Node
from viz.scene.graphviz import Box, Point
from viz.scene.marks.mark import mark_of
from viz.scene.shapes import Group, Path, Shape, text

__all__ = ["bands"]

Stretch: TypeAlias = tuple[float, float, float]
"""(x of a side, top and bottom of a band there)."""


def bands(graph: Model, centres: dict[str, Point], boxes: dict[str, Box]) -> tuple[list[Shape], set[int]]:
    """Return bands into layers, from a layer, a strip or a column of leaves; and the edges that they represent."""
    kinds = {node.key: node for node in graph.nodes}

    def side(node: Node, where: int) -> Stretch:
        """The x of a node's left (−1) or right (1) side, and where a band meets it."""
        (x, y), box = centres[node.key], boxes[node.key]
        first, last = mark_of(node).stretch(node, box)
        return x + where * box.width / 2, y - box.height / 2 + first, y - box.height / 2 + last

    made: list[Shape] = []
    covered: set[int] = set()
    columns: dict[str, list[int]] = defaultdict(list)
    values = {node.key for node in graph.quantities}
    for index, edge in enumerate(graph.edges):
        tail, head = kinds[edge.tail], kinds[edge.head]
        if mark_of(head).gathers and edge.tail in values and edge.band == 1:
            columns[edge.head].append(index)
        elif edge.band > 1 and edge.flow != "unwanted" and mark_of(tail).heat:
            covered.add(index)
            copies = mark_of(head).repeats(head)
            count = edge.band // copies if edge.band % copies == 0 else edge.band
            if copies == 1:
                count = mark_of(tail).values(tail) or count
            made += _band(side(tail, 1), side(head, -1), str(count), edge.key)
    for key, indices in columns.items():
        tails = [graph.edges[index].tail for index in indices]
        xs = [centres[tail][0] for tail in tails]
        if len(tails) > 1 and max(xs) - min(xs) < 3:
            covered |= set(indices)
            right = max(centres[tail][0] + boxes[tail].width / 2 for tail in tails)
            top = min(centres[tail][1] for tail in tails) - 14
            bottom = max(centres[tail][1] for tail in tails) + 14
            made += _band((right, top, bottom), side(kinds[key], -1), str(len(tails)), tails[0])
    return made, covered


def _band(near: Stretch, far: Stretch, words: str, key: str) -> list[Shape]:
    x, y = (near[0] + far[0]) / 2, (near[1] + near[2] + far[1] + far[2]) / 4
    label = text(x, y + 4, words, "muted", 11, bold=True)
    return [Group((_ribbon(near, far), label), f"band-{key}", f"{words} values", "band-group")]


def _ribbon(near: Stretch, far: Stretch) -> Path:
    """A band from (x, top, bottom) to (x, top, bottom)."""
    (x0, top0, bottom0), (x1, top1, bottom1) = near, far
    middle = (x0 + x1) / 2
    third = (bottom1 - top1) / 3
    points = (
        (x0, top0), (middle, top0), (middle, top1), (x1, top1),
        (x1, top1 + third), (x1, bottom1 - third), (x1, bottom1),
        (middle, bottom1), (middle, bottom0), (x0, bottom0),
    )  # fmt: skip
    return Path(points, "band", closed=True)
