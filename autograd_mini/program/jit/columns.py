"""A jitted function over columns: arrays of numbers, where each row takes its own path."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_mini.program.jit.paths import Path, Version
from autograd_mini.program.record.traced import WholeArray
from autograd_mini.program.routes import route
from autograd_mini.transforms.structure import Structure

__all__ = ["Columns"]


class Columns:
    """One call with columns, which broadcast as in a NumPy ufunc."""

    def __init__(
        self,
        name: str,
        version: Version,
        leaves: Sequence[Any],
        record: Callable[[Version, Sequence[float], int], bool],
    ) -> None:
        self.name, self.version, self.record = name, version, record
        try:
            self.shape = np.broadcast_shapes(*(np.shape(leaf) for leaf in leaves))
        except ValueError:
            raise WholeArray from None  # no rows: the function is recorded on such arrays as a whole
        self.columns = [
            np.ascontiguousarray(np.broadcast_to(leaf, self.shape)).reshape(-1)
            if isinstance(leaf, np.ndarray)
            else leaf
            for leaf in leaves
        ]
        self.rows = int(np.prod(self.shape))
        self.outs: list[Any] = []

    def run(self) -> Any:
        """Return the result with a column at each scalar; an array of k numbers becomes (rows, k)."""
        version = self.version
        if not version.paths:
            self.record(version, self._first(self.columns), 0)
        path = version.paths[0]
        if path.match is None:
            self.outs = path.body.columns(self.columns, self.rows)
        else:
            self.outs = [np.empty(self.rows) for _ in path.given.outputs]
            route(version.paths, np.arange(self.rows) if self.rows else None, self._record, self._take)
        return self._stacked(path.result, [out.reshape(self.shape) for out in self.outs])

    def _record(self, index: int, left: Any) -> bool:
        return self.record(self.version, self._first([_rows(x, left) for x in self.columns]), index)

    def _take(self, path: Path, left: Any, is_new: bool) -> Any:
        """Store the results of the rows that take a path; return the other rows, None where there are none."""
        if path.result != self.version.paths[0].result:
            raise TypeError(f"{self.name} returns different structures for different rows; return one structure")
        here = [_rows(x, left) for x in self.columns]
        holds = np.ones(len(left), dtype=bool)
        if path.match is not None:
            holds = path.match.columns(here, len(left))[0] != 0.0
        holds[0] |= is_new
        if holds.any():
            found = path.body.columns([_rows(x, holds) for x in here], int(holds.sum()))
            for out, column in zip(self.outs, found, strict=True):
                out[left[holds]] = column
        left = left[~holds]
        return left if len(left) else None

    def _first(self, columns: Sequence[Any]) -> list[float]:
        """Return the numbers of the first row; where there is no row, any numbers, so that a program can be made."""
        return [float(x[0] if len(x) else 1.0) if isinstance(x, np.ndarray) else x for x in columns]

    def _stacked(self, structure: Structure, columns: Sequence[Any]) -> Any:
        contents = []
        for atom, part in zip(structure.atoms, structure.split(columns), strict=True):
            stacked = part[0] if atom.shape is None else np.stack(part, axis=-1).reshape(self.shape + atom.shape)
            contents.append(stacked)
        return structure.fill(contents)


def _rows(column: Any, chosen: Any) -> Any:
    return column[chosen] if isinstance(column, np.ndarray) else column
