"""Access: the variables that one operand of a block reads, one per application.

The full form is a table of codes: the code of a variable is its number, that of literal l is −1 − l.
Most tables are regular: one code repeated, or base + stride·i, or base + strides·(i, j).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

__all__ = ["Access", "Codes", "Mask", "Strided", "as_codes", "columns"]

Codes: TypeAlias = "np.ndarray[Any, np.dtype[np.int64]]"
"""Variables (≥ 0) and literals (−1 − index)."""

Mask: TypeAlias = "np.ndarray[Any, np.dtype[np.bool_]]"


def as_codes(codes: object) -> Codes:
    """Return ``codes`` as an array of them."""
    return np.ascontiguousarray(codes, dtype=np.int64)


def columns(operands: Sequence[Codes]) -> Codes:
    """Return the tables of a block side by side: (applications, flat operands)."""
    return np.concatenate([table.reshape(len(table), -1) for table in operands], axis=1)


@dataclass(frozen=True, slots=True)
class Strided:
    """The codes base + Σ stride·index over an array of ``shape``."""

    base: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def codes(self) -> Codes:
        """Return the codes written out."""
        found = np.full(self.shape, self.base, dtype=np.int64)
        for axis, (count, stride) in enumerate(zip(self.shape, self.strides, strict=True)):
            steps = stride * np.arange(count, dtype=np.int64)
            found += steps.reshape((-1,) + (1,) * (len(self.shape) - axis - 1))
        return found


@dataclass(frozen=True, eq=False)
class Access:
    """The codes that an operand reads: shape (applications,), or (applications, width) for n-ary rows."""

    table: Codes

    @cached_property
    def strided(self) -> Strided | None:
        """The strides of the table where it is regular along its axes and reads at most one literal, else None."""
        table = self.table
        first = (0,) * table.ndim
        base = int(table[first])
        strides = tuple(
            int(table[(*first[:axis], 1, *first[axis + 1 :])]) - base if count > 1 else 0
            for axis, count in enumerate(table.shape)
        )
        found = Strided(base, table.shape, strides)
        if any(strides) and table.min() < 0:
            return None
        return found if np.array_equal(found.codes(), table) else None

    @property
    def repeated(self) -> int | None:
        """The one code that every application reads, if there is one."""
        rule = self.strided
        return rule.base if rule is not None and not any(rule.strides) else None
