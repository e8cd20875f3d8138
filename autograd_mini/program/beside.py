"""Beside: two arrays read as one table, without a copy."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_mini.program.target import Floats

__all__ = ["Beside"]


class Beside:
    """``left`` (N, k) and ``right`` (N, m) as one table (N, k + m).

    ``table[rows]`` is a Beside again, ``table[rows, a:b]`` an array; np.asarray gives the whole table as an array.
    """

    __slots__ = ("left", "right", "shape")

    def __init__(self, left: Floats, right: Floats) -> None:
        self.left, self.right = left, right
        self.shape = len(left), left.shape[1] + right.shape[1]

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: Any) -> Any:
        if not isinstance(key, tuple):
            return Beside(self.left[key], self.right[key])
        rows, columns = key
        start, stop, step = columns.indices(self.shape[1])
        middle = self.left.shape[1]
        if stop <= middle:
            return self.left[rows, start:stop:step]
        if start >= middle:
            return self.right[rows, start - middle : stop - middle : step]
        return np.asarray(self)[rows, columns]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.concatenate([self.left, self.right], axis=1).astype(dtype or np.float64, copy=False)
