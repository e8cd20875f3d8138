"""Numbers: the content of an array that a recorded function could read."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_mini.program.watch.atoms import all_same
from autograd_mini.program.watch.identical import identical
from autograd_mini.program.watch.notes import Name

__all__ = ["LAYOUT", "Numbers", "layout"]

LAYOUT = {"flags", "strides"}
"""Attributes that tell how the numbers of an array lie in memory."""


class Numbers:
    """The numbers of an array or a buffer, compared bit by bit; the elements of an array of objects, by identity."""

    LARGE = 1 << 16  # bytes; larger arrays are compared without a copy

    def __init__(self, label: str, holder: Any) -> None:
        self.label, self.holder = label, holder
        self.seen = _content(holder)
        self.shape, self.dtype = getattr(holder, "shape", None), getattr(holder, "dtype", None)

    @property
    def key(self) -> tuple[object, ...]:
        """The key that identifies the note."""
        return "numbers", id(self.holder)

    def text(self, name: Name) -> str:
        """Return the condition."""
        here = name(self.holder)
        if type(self.holder) is np.ndarray and self.dtype != object and self.holder.nbytes < self.LARGE:
            kind = f"{here}.shape == {name(self.shape)} and {here}.dtype is {name(self.dtype)}"
            return f"{here}.tobytes() == {name(self.seen)} and {kind}"
        return f"{name(self.holds)}()"

    def holds(self) -> bool:
        """Tell whether the numbers are the same."""
        holder = self.holder
        if getattr(holder, "shape", None) != self.shape or getattr(holder, "dtype", None) is not self.dtype:
            return False
        if isinstance(holder, np.ndarray) and holder.dtype == object:
            now = _content(holder)
            return identical([now], [self.seen]) or all_same(now, self.seen)
        if isinstance(holder, np.ndarray) and holder.nbytes >= self.LARGE and holder.nbytes % 8 == 0:
            words = np.ascontiguousarray(holder).reshape(-1).view(np.int64)
            return bool((words == np.frombuffer(self.seen, dtype=np.int64)).all())
        return bool(_content(holder) == self.seen)


def _content(holder: Any) -> Any:
    if isinstance(holder, np.ndarray):
        return holder.ravel().tolist() if holder.dtype == object else holder.tobytes()
    return bytes(memoryview(holder))


def layout(array: np.ndarray) -> str:
    """Return how the numbers of an array lie in memory."""
    return f"{array.strides} {array.flags}"
