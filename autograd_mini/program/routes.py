"""One loop routes a call, or the rows of a table, to the recorded paths they take."""

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
    """Offer what is left to each path in turn until nothing is left; a path not met before is recorded.

    ``record``  (index, left) records the path of the first that is left as number ``index``;
                False where another thread has recorded that one meanwhile
    ``take``    (path, left, is_new) answers for those that take the path and returns those that
                do not. The first that is left takes a path recorded for its very numbers,
                whatever the last bit of a comparison says in another engine
    """
    index = 0
    while left is not None:
        is_new = index == len(paths) and record(index, left)
        left = take(paths[index], left, is_new)
        index += 1
