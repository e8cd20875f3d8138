"""Columns of layers moved together: a band needs less room between them than the numbers beside an edge."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import pairwise

from viz.graph.model import Model
from viz.scene.graphviz import Box, Point
from viz.scene.rows import columns

__all__ = ["closer", "moved"]

BAND = 27.0
"""Free space that a band needs."""


def closer(
    graph: Model, centres: dict[str, Point], boxes: dict[str, Box], inside: set[int]
) -> Callable[[Point], Point] | None:
    """Return where a point goes when every gap that only the bands ``inside`` cross is as narrow as a band allows.

    None where there is nothing to move.
    """
    found = columns({key: x for key, (x, _) in centres.items()}, {key: box.width for key, box in boxes.items()})
    cuts: list[float] = []
    moves: list[float] = [0.0]
    for left, right in pairwise(found):
        start, end = left.right, right.left
        middle = (start + end) / 2
        crossing = {
            at for at, edge in enumerate(graph.edges) if centres[edge.tail][0] < middle < centres[edge.head][0]
        }  # fmt: skip
        if end - start > BAND and crossing <= inside:
            cuts.append(middle)
            moves.append(moves[-1] + end - start - BAND)
    if not cuts:
        return None
    return lambda point: (point[0] - moves[bisect_right(cuts, point[0])], point[1])


def moved(paths: Sequence[tuple[Point, ...]], to: Callable[[Point], Point]) -> list[tuple[Point, ...]]:
    """Return the paths with every point moved."""
    return [tuple(to(point) for point in path) for path in paths]
