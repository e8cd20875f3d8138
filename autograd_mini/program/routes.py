"""The loop that routes a call, or the rows of a table, to the recorded paths they take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

__all__ = ["route"]

Path = TypeVar("Path")
Left = TypeVar("Left")


def route(
    paths: Sequence[Path],
    left: Left | None,
    record: Callable[[int, Left], bool],
    take: Callable[[Path, Left, bool], Left | None],
) -> None:
    """Try each path in turn on the remaining rows until none is left; a new path is recorded.

    ``record``  (index, left) records the path of the first remaining row as number ``index``; returns
                False where another thread has recorded this path in the meantime
    ``take``    (path, left, is_new) computes the rows that take the path and returns the others.
                With ``is_new`` the first remaining row takes the path, because it was recorded for
                this row, even if a guard has another value in another engine by rounding
    """
    index = 0
    while left is not None:
        is_new = index == len(paths) and record(index, left)
        left = take(paths[index], left, is_new)
        index += 1
