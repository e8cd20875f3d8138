"""Placement of the text beside an edge: near its middle, off the line, not over other shapes."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import TypeAlias

from viz.scene.graphviz import Point
from viz.scene.shapes import ASCENT, DESCENT, Shows, Span, Text

__all__ = ["EdgeLabel", "Floor", "Line", "place", "polyline"]

Bounds: TypeAlias = tuple[float, float, float, float]
CELL = 48.0
BLOCKED = 100
"""The cost of overlapping a node or a text; crossing a line costs 1 per piece of it."""
CLEARANCE, LEVEL = 5.0, 4.5
"""Free space between a label and its edge, and what is added where the edge is level."""
STATIONS = (0.0, -0.08, 0.08, -0.16, 0.16, -0.24, 0.24, -0.32, 0.32)
"""The allowed offsets of a label from its preferred position along the edge, best first."""


@dataclass(frozen=True, slots=True)
class EdgeLabel:
    """Text for one side of an edge: ``above`` for values, below for gradients.

    ``at`` is its preferred position, as a share of the length; a ``note`` may be left out if there is no room.
    """

    path: int
    above: bool
    spans: tuple[Span, ...]
    note: tuple[Span, ...] = ()
    at: float = 0.5
    shows: Shows | None = None


class Floor:
    """The occupied area: boxes, found by the cells of a grid that they touch."""

    def __init__(self) -> None:
        self._cells: dict[tuple[int, int], list[tuple[Bounds, int]]] = defaultdict(list)

    def _touched(self, box: Bounds) -> Iterable[tuple[int, int]]:
        left, top, right, bottom = (int(edge // CELL) for edge in box)
        return ((i, j) for i in range(left, right + 1) for j in range(top, bottom + 1))

    def take(self, box: Bounds, cost: int) -> None:
        """Mark ``box`` as occupied; overlapping it costs ``cost``."""
        for cell in self._touched(box):
            self._cells[cell].append((box, cost))

    def take_line(self, line: Line) -> None:
        """Mark a line, which a text may cross if no free place exists."""
        for (x0, y0), (x1, y1) in pairwise(line.points):
            self.take((min(x0, x1) - 1, min(y0, y1) - 1, max(x0, x1) + 1, max(y0, y1) + 1), 1)

    def cost(self, box: Bounds) -> int:
        """Return the cost of a text in ``box``; 0 where it is free."""
        left, top, right, bottom = box
        total = 0
        for cell in self._touched(box):
            for (a, b, c, d), cost in self._cells.get(cell, ()):
                if a < right and left < c and b < bottom and top < d:
                    total += cost
        return total


def polyline(points: Sequence[Point], steps: int = 10) -> list[Point]:
    """Return points along a path of cubic Bézier pieces."""
    found = [points[0]]
    for start in range(0, len(points) - 3, 3):
        (x0, y0), (x1, y1), (x2, y2), (x3, y3) = points[start : start + 4]
        for step in range(1, steps + 1):
            t = step / steps
            u = 1 - t
            a, b, c, d = u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t
            found.append((a * x0 + b * x1 + c * x2 + d * x3, a * y0 + b * y1 + c * y2 + d * y3))
    return found


class Line:
    """A path as a polyline, with its length."""

    def __init__(self, path: Sequence[Point]) -> None:
        self.points = polyline(path)
        self.reach = list(accumulate((math.dist(a, b) for a, b in pairwise(self.points)), initial=0.0))

    def at(self, share: float) -> tuple[Point, Point]:
        """Return the point at ``share`` of the length, and the unit direction there."""
        wanted = share * self.reach[-1]
        piece = min(max(1, bisect_left(self.reach, wanted)), len(self.points) - 1)
        (x0, y0), (x1, y1) = self.points[piece - 1 : piece + 1]
        length = self.reach[piece] - self.reach[piece - 1]
        if not length:
            return (x0, y0), (1.0, 0.0)
        part = (wanted - self.reach[piece - 1]) / length
        return (x0 + (x1 - x0) * part, y0 + (y1 - y0) * part), ((x1 - x0) / length, (y1 - y0) / length)


def place(labels: Sequence[EdgeLabel], lines: Sequence[Line], floor: Floor) -> tuple[list[Text], int]:
    """Return the labels as Texts, and how many overlap something that is not a line.

    ``floor`` holds the nodes, fixed texts and lines; each placed label is added.
    """
    placed: list[Text] = []
    crowded = 0
    for label in labels:
        line = lines[label.path]
        cost, found = _best(label, line, floor)
        if cost >= BLOCKED and label.note:
            shorter = _best(replace(label, note=()), line, floor)
            if shorter[0] < cost:
                cost, found = shorter
        crowded += cost >= BLOCKED
        left, top, right, bottom = found.box
        floor.take((left - 2, top - 1, right + 2, bottom + 1), BLOCKED)
        placed.append(found)
    return placed, crowded


def _best(label: EdgeLabel, line: Line, floor: Floor) -> tuple[int, Text]:
    spans = label.spans + label.note
    wide, size = sum(span.width for span in spans), max(span.size for span in spans)
    best: tuple[int, Point] | None = None
    for gap in (CLEARANCE, CLEARANCE + 7):
        for step in STATIONS:
            x, y = _beside(line.at(min(0.88, max(0.12, label.at + step))), label.above, wide, size, gap)
            left = x - wide / 2
            cost = floor.cost((left, y - ASCENT * size, left + wide, y + DESCENT * size))
            if best is None or cost < best[0]:
                best = (cost, (x, y))
            if cost == 0:
                break
        if best is not None and best[0] == 0:
            break
    assert best is not None
    return best[0], Text(*best[1], spans, "middle", halo=True, shows=label.shows)


def _beside(spot: tuple[Point, Point], above: bool, wide: float, size: float, gap: float) -> Point:
    """The middle of the baseline of a text off its edge along the normal.

    It is centred on a level edge and wholly to one side of a sloping one.
    """
    (x, y), (dx, dy) = spot
    if dx < 0:
        dx, dy = -dx, -dy
    nx, ny = (dy, -dx) if above else (-dy, dx)
    tall = size * 0.74
    side = max(-1.0, min(1.0, nx / 0.3))
    reach = (1 - abs(side)) * wide / 2  # overlap of the text with the line, which rises below it
    x += nx * gap + side * wide / 2
    rise = (gap + LEVEL * (1 - abs(side))) * abs(ny) + reach * abs(nx) / max(abs(ny), 0.1) + tall / 2
    return x, y + (-rise if above else rise) + tall / 2
