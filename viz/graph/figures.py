"""Figures of functions: a curve with its tangent, a switch, bars, and a rectangle that grows.

Each is plain data, made from the numbers of one application; a mark draws it inside the square.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from autograd_mini.primitives.registry import PRIMITIVES
from viz.graph.nodes import Edge, Quantity

__all__ = ["Area", "Bars", "Curve", "Figure", "Switch", "figure"]

SAMPLES = 32
MOST_BARS = 12
REACH = 0.4
"""The length of a tangent on each side, as a share of the width."""
STRAIGHT = frozenset({"add", "sub", "neg", "identity", "mul", "div"})
"""Functions without a figure: as functions of one argument they are straight lines (÷ is obvious without one)."""

Spot = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Curve:
    """A plot in the unit square, y upwards: pieces of the curve, the current point and the ends of the tangent."""

    stretches: tuple[tuple[Spot, ...], ...]
    point: Spot
    tangent: tuple[Spot, Spot]


@dataclass(frozen=True, slots=True)
class Switch:
    """The operand that is chosen: ``taken`` is its number, counted from the top."""

    taken: int
    ways: int


@dataclass(frozen=True, slots=True)
class Bars:
    """Shares of a whole, and which of them this is (−1 for all)."""

    shares: tuple[float, ...]
    chosen: int


@dataclass(frozen=True, slots=True)
class Area:
    """A product as the area of a rectangle, ``a`` wide and ``b`` high; its two growing strips are the derivatives."""

    a: float
    b: float


Figure: TypeAlias = Curve | Switch | Bars | Area


def figure(name: str, results: Sequence[Quantity], edges: Sequence[Edge], condition: float | None) -> Figure | None:
    """Return the figure of the function ``name``, None where it has none.

    ``edges`` are those of its operands that are drawn; ``condition`` is that of a ``where`` whose
    truth value is written in its square.
    """
    if name == "where" and condition is not None and len(edges) == 2:
        return Switch(0 if condition else 1, 2)
    if name in ("maximum", "minimum") and len(edges) == 2 and sorted(edge.local or 0.0 for edge in edges) == [0.0, 1.0]:
        return Switch([edge.local for edge in edges].index(1.0), 2)
    if name == "softmax" and results and results[0].source is not None:
        return _bars(results)
    if name == "mul" and len(edges) == 2 and edges[0].data and edges[1].data:
        a, b = edges[0].data, edges[1].data
        return Area(a, b) if math.isfinite(a * b) else None
    return _curve(results[0], edges[0], edges[0].slot) if len(results) == len(edges) == 1 else None


def _bars(results: Sequence[Quantity]) -> Bars | None:
    source = results[0].source
    assert source is not None
    assert source.op is not None
    shares = tuple(PRIMITIVES[source.op.name].value(*(parent.data for parent in source.parents)))
    chosen = source.op.index if len(results) == 1 and source.op.index is not None else -1
    return Bars(shares, chosen) if len(shares) <= MOST_BARS and all(map(math.isfinite, shares)) else None


def _curve(result: Quantity, edge: Edge, slot: int) -> Curve | None:
    """The curve of the function that made ``result``, over its argument ``slot``; None where there is none.

    The window is around the current value, wide enough to show where the function bends.
    """
    source, x, slope = result.source, edge.data, edge.local
    if source is None or source.op is None or source.op.name in STRAIGHT or source.op.index is not None:
        return None
    if x is None or slope is None or result.data is None or not all(map(math.isfinite, (x, slope, result.data))):
        return None
    given = [parent.data for parent in source.parents]
    reach = max(1.5, 0.8 * abs(x))
    xs = [x + reach * (2 * i / SAMPLES - 1) for i in range(SAMPLES + 1)]
    points = [(t, source.op.value(*given[:slot], t, *given[slot + 1 :])) for t in xs]
    seen = [y for _, y in points if math.isfinite(y)]
    if len(seen) < SAMPLES / 4:
        return None
    low, high = min(seen), max(seen)
    if not math.isfinite(high - low) or high - low < 1e-12 * max(1.0, abs(high)):
        return None

    def spot(t: float, y: float) -> Spot:
        return (t - xs[0]) / (2 * reach), (y - low) / (high - low)

    stretches: list[list[Spot]] = [[]]
    for t, y in points:
        if math.isfinite(y):
            stretches[-1].append(spot(t, y))
        elif stretches[-1]:
            stretches.append([])
    at = spot(x, result.data)
    steep = slope * 2 * reach / (high - low)
    before, after = (min(REACH, _room(at[1], sign * steep)) for sign in (-1, 1))
    ends = ((at[0] - before, at[1] - before * steep), (at[0] + after, at[1] + after * steep))
    return Curve(tuple(tuple(each) for each in stretches if len(each) > 1), at, ends)


def _room(v: float, steep: float) -> float:
    """The length of a line from height ``v`` to the border of the unit square."""
    return REACH if steep == 0 else ((1.0 if steep > 0 else 0.0) - v) / steep
