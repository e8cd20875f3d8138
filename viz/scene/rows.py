"""Breaking a long picture into rows, as a paragraph is broken into lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

__all__ = ["Column", "broken", "columns"]

SAME = 2.0
PORT = 62.0
"""The width of the names at the start of a row."""


@dataclass(frozen=True, slots=True)
class Column:
    """Boxes above one another: their keys, and their extent to the left and right."""

    keys: tuple[str, ...]
    left: float
    right: float


def columns(centres: dict[str, float], widths: dict[str, float]) -> list[Column]:
    """Return the columns of a layout, from left to right."""
    found: list[list[str]] = []
    last = float("-inf")
    for key, x in sorted(centres.items(), key=lambda item: item[1]):
        if x - last > SAME:
            found.append([])
        found[-1].append(key)
        last = x
    return [
        Column(
            tuple(keys), min(centres[k] - widths[k] / 2 for k in keys), max(centres[k] + widths[k] / 2 for k in keys)
        )
        for keys in found
    ]


def broken(found: Sequence[Column], room: float, crossing: Callable[[int], int]) -> list[int]:
    """Return the row of each column: as few rows as ``room`` allows, cut where few values cross, about equally long.

    ``crossing(i)`` is how many values cross between columns i − 1 and i.
    """
    count = len(found)
    best: list[tuple[float, int]] = [(0.0, 0)] + [(float("inf"), 0)] * count
    for end in range(1, count + 1):
        for start in range(end - 1, -1, -1):
            wide = found[end - 1].right - found[start].left + (PORT if start else 0.0)
            if wide > room and end - start > 1:
                break
            ragged = 1.5 * (1 - min(1.0, wide / room)) ** 2
            cost = best[start][0] + 4.0 + ragged + (crossing(start) if start else 0)
            if cost < best[end][0]:
                best[end] = (cost, start)
    rows: list[int] = []
    end = count
    while end:
        start = best[end][1]
        rows = [0] * (end - start) + [row + 1 for row in rows]
        end = start
    return rows
