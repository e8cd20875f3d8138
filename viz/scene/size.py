"""The size of a picture, and the time that it takes, before any of it is laid out.

The columns of a layout are known from the graph alone: a function stands after everything it uses, a leaf before its
first use. A column is as high as its boxes, and the rows of the compact form are as many columns as a page is wide.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from viz.graph.model import Model
from viz.graph.nodes import Edge
from viz.levels.flow import flow
from viz.scene.marks.mark import measured

__all__ = ["Size", "of_classical", "of_compact"]

COLUMN, BETWEEN = 90.0, 46.0
"""Free space of the classical form: between columns, which holds numbers, and between the boxes of a column."""
ROOM, RANK, NODE, ROW = 868.0, 26.0, 9.0, 26.0
"""The compact form: the width of a page, free space between columns, in a column, and between rows."""
PORT, NUMBER, NUMBERED = 26.0, 25.0, 82.0
"""The height of a port with its number, of a number beside an edge, and the width of a column of such numbers."""
PASSES = 3
REACH, DIRECT = 3, 2
"""A value has a port where it is used more columns away, or a leaf that is used more often."""
BOXED, LINED = 3e-3, 1e-3
"""Seconds for each box, and for each column that an edge passes; both were measured, and are rounded up."""


@dataclass(frozen=True, slots=True)
class Size:
    """The expected width and height, in pixels, and the seconds on a slow machine."""

    width: float
    height: float
    seconds: float


def of_classical(graph: Model) -> Size:
    """Return the expected size of ``graph`` in the classical form, with a box for every node."""
    boxes = measured(graph)
    place = _columns(graph)
    wide: dict[int, float] = defaultdict(float)
    tall: dict[int, float] = defaultdict(float)
    for key, box in boxes.items():
        wide[place[key]] = max(wide[place[key]], box.width)
        tall[place[key]] += box.height + BETWEEN
    spans = sum(place[edge.head] - place[edge.tail] for edge in graph.edges)
    return Size(sum(wide.values()) + COLUMN * len(wide), max(tall.values(), default=0.0), _seconds(len(boxes), spans))


def of_compact(pieces: Model) -> Size:
    """Return the expected size of ``pieces`` in the compact form, in rows as wide as a page."""
    graph = flow(pieces)
    boxes = measured(graph)
    place = _columns(graph)
    uses: dict[str, list[Edge]] = defaultdict(list)
    for edge in graph.edges:
        uses[edge.tail].append(edge)
    made = {edge.head for edge in graph.edges}
    apart = {key for key in boxes if key not in made and len(uses[key]) > DIRECT}
    row: dict[int, int] = {}
    size = Size(0.0, 0.0, 0.0)
    for _ in range(PASSES):  # the rows decide which values are ports, and these how many columns a row has
        wide: dict[int, float] = defaultdict(float)
        tall: dict[int, float] = defaultdict(float)
        numbers: dict[int, float] = defaultdict(float)
        for key, box in boxes.items():
            if key not in apart:
                wide[place[key]] = max(wide[place[key]], box.width + RANK)
                tall[place[key]] += box.height + NODE
        for edge in graph.edges:
            tail, head = place[edge.tail], place[edge.head]
            if edge.tail in apart or head - tail > REACH or row.get(tail) != row.get(head):
                tall[head - 1] += PORT
            elif len(uses[edge.tail]) > 1:
                numbers[head] += NUMBER
        height = across = highest = 0.0
        lines = 0
        for column in sorted(tall):
            needed = wide[column] + (NUMBERED if column in numbers else 0.0)
            if across and across + needed > ROOM:
                height, across, highest, lines = height + highest + ROW, 0.0, 0.0, lines + 1
            row[column] = lines
            across, highest = across + needed, max(highest, tall[column], numbers[column])
        spans = sum(min(place[edge.head] - place[edge.tail], REACH) for edge in graph.edges)
        size = Size(ROOM if lines else across, height + highest, _seconds(len(boxes), spans))
    return size


def _columns(graph: Model) -> dict[str, int]:
    """The column of each node: the longest way to it; a leaf stands before its first use."""
    place = {node.key: 0 for node in graph.nodes}
    first: dict[str, int] = {}
    made = {edge.head for edge in graph.edges}
    into: dict[str, list[str]] = defaultdict(list)
    for edge in graph.edges:
        into[edge.head].append(edge.tail)
    for node in graph.nodes:  # in the order of computation
        place[node.key] = max((place[tail] + 1 for tail in into[node.key]), default=0)
    for edge in graph.edges:
        if edge.tail not in made:
            first[edge.tail] = min(first.get(edge.tail, place[edge.head]), place[edge.head])
    return place | {key: at - 1 for key, at in first.items()}


def _seconds(boxes: int, spans: int) -> float:
    return BOXED * boxes + LINED * spans
