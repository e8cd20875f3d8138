"""Figures inside the square of a function: a curve with its tangent, a switch, bars, a growing rectangle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from viz.graph.figures import Area, Bars, Curve, Figure, Switch
from viz.scene.graphviz import Point
from viz.scene.shapes import Circle, Path, Rect, Shape

__all__ = ["draw_figure", "figure_size"]

PLOT, SWITCH, AREA = (44.0, 24.0), (34.0, 22.0), (34.0, 24.0)
BAR, GAP, BARS = 6.0, 2.5, 24.0
STRIP = 4.0


def figure_size(figure: Figure) -> tuple[float, float]:
    """Return the width and height of a figure."""
    return SIZES[type(figure)](figure)


def draw_figure(figure: Figure, x: float, y: float) -> list[Shape]:
    """Return the shapes of a figure with its middle at (x, y)."""
    return DRAWN[type(figure)](figure, x, y)


def _line(spots: Sequence[Point], role: str) -> Path:
    """Straight pieces as a path."""
    points = [spots[0]]
    for (x0, y0), (x1, y1) in pairwise(spots):
        dx, dy = (x1 - x0) / 3, (y1 - y0) / 3
        points += [(x0 + dx, y0 + dy), (x1 - dx, y1 - dy), (x1, y1)]
    return Path(tuple(points), role)


def _curve(curve: Curve, x: float, y: float) -> list[Shape]:
    wide, high = PLOT

    def place(spot: Point) -> Point:
        return x + (spot[0] - 0.5) * wide, y - (spot[1] - 0.5) * high

    shapes: list[Shape] = [_line([*map(place, each)], "curve") for each in curve.stretches]
    shapes.append(_line([*map(place, curve.tangent)], "tangent"))
    return [*shapes, Circle(*place(curve.point), 2.6, "point")]


def _switch(switch: Switch, x: float, y: float) -> list[Shape]:
    """A contact for each branch on the left, one on the right, and the lever between."""
    half = SWITCH[0] / 2
    contacts = [(x - half, y + (way - (switch.ways - 1) / 2) * 12.0) for way in range(switch.ways)]
    shapes: list[Shape] = [_line([contacts[switch.taken], (x + half, y)], "tangent")]
    shapes += (
        Circle(*contact, 2.4, "point" if way == switch.taken else "open") for way, contact in enumerate(contacts)
    )
    return [*shapes, Circle(x + half, y, 2.4, "point")]


def _bars(bars: Bars, x: float, y: float) -> list[Shape]:
    """A bar for each share, on a common baseline; the chosen one is dark."""
    wide = _bars_size(bars)[0]
    most = max(bars.shares)
    shapes: list[Shape] = []
    for place, share in enumerate(bars.shares):
        tall = max(1.0, BARS * share / most)
        left = x - wide / 2 + place * (BAR + GAP)
        shapes.append(Rect(left, y + BARS / 2 - tall, BAR, tall, "point" if place == bars.chosen else "bar"))
    return shapes


def _area(area: Area, x: float, y: float) -> list[Shape]:
    """The rectangle a·b with its growth: a strip of height b where a grows, one of width a where b grows."""
    most = max(abs(area.a), abs(area.b))
    wide, high = AREA[0] - STRIP, AREA[1] - STRIP
    w, h = max(4.0, wide * abs(area.a) / most), max(4.0, high * abs(area.b) / most)
    left, bottom = x - (w + STRIP) / 2, y + (h + STRIP) / 2
    return [
        Rect(left, bottom - h, w, h, "bar"),
        Rect(left + w + 0.8, bottom - h, STRIP - 0.8, h, "growth"),
        Rect(left, bottom - h - STRIP, w, STRIP - 0.8, "growth"),
    ]


def _bars_size(bars: Bars) -> tuple[float, float]:
    return len(bars.shares) * (BAR + GAP) - GAP, BARS


SIZES: dict[type, Callable[[Any], tuple[float, float]]] = {
    Curve: lambda _: PLOT,
    Switch: lambda _: SWITCH,
    Bars: _bars_size,
    Area: lambda _: AREA,
}
DRAWN: dict[type, Callable[[Any, float, float], list[Shape]]] = {
    Curve: _curve,
    Switch: _switch,
    Bars: _bars,
    Area: _area,
}
