"""Index: where in an array an operand of a loop nest is, as a formula of the loops' counters.

A sequence of addresses is base + Σ stride·counter where it is regular in some shape: in one loop, or in
several inside one another, as the windows of a convolution. What is not regular is read from a table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod

import numpy as np

from autograd_mini.program.blocks.access import Codes, Strided

__all__ = ["ROW", "Index", "common_shape", "index_of", "is_shaped"]

ROW = 4  # numbers in a row that is worth a loop of its own
AXES = 3  # loops inside one another, at most, for the applications, and as many for the width

Tables = Callable[[Codes], int]
"""A table of whole numbers → its number in the text."""


@dataclass(frozen=True)
class Index:
    """``array[base + Σ stride·counter + Σ table[Σ step·counter]]``, with a stride or step for each loop."""

    array: str
    base: int
    strides: tuple[int, ...]
    tables: tuple[tuple[int, tuple[int, ...]], ...] = ()


def _shape(sequence: Codes, most: int = AXES) -> tuple[int, ...] | None:
    """Return the shape in which ``sequence`` is base + Σ stride·index, None where it has more than ``most`` axes."""
    if len(sequence) < 2:
        return (len(sequence),)
    steps = np.diff(sequence)
    breaks = np.flatnonzero(steps != steps[0])
    if not breaks.size:
        return (len(sequence),)
    inner = int(breaks[0]) + 1
    if len(sequence) % inner or most == 1:
        return None
    rows = sequence.reshape(-1, inner)
    if (rows - rows[:, :1] != rows[0] - rows[0, 0]).any():
        return None
    outer = _shape(rows[:, 0], most - 1)
    return None if outer is None else (*outer, inner)


def is_shaped(sequence: Codes) -> bool:
    """Tell whether a sequence is regular, in one axis or several."""
    return _shape(sequence) is not None


def common_shape(sequences: Sequence[Codes], count: int) -> tuple[int, ...]:
    """Return a shape of ``count`` in which as many of the sequences as possible are regular, the first ones first.

    Of a sequence that is regular in none, the rows may be.
    """
    sizes = [1, count]
    shapes = [_shape(sequence) for sequence in sequences]
    rows = [_rows(sequence) for sequence, shape in zip(sequences, shapes, strict=True) if shape is None]
    for shape in [*(shape for shape in shapes if shape is not None), *rows]:
        found = sorted({*sizes, *(prod(shape[i:]) for i in range(1, len(shape)))})
        if len(found) - 1 <= AXES and all(b % a == 0 for a, b in pairwise(found)):
            sizes = found
    return tuple(b // a for a, b in pairwise(sizes))[::-1] or (1,)


def _rows(sequence: Codes) -> tuple[int, ...]:
    """Return the shape in which the rows of a sequence are regular, with one step; (count,) where they are not."""
    steps = np.diff(sequence)
    size = int(np.flatnonzero(steps != steps[0])[0]) + 1
    if size >= ROW and len(sequence) % size == 0:
        rows = sequence.reshape(-1, size)
        if (rows - rows[:, :1] == rows[0] - rows[0, 0]).all():
            return (len(rows), size)
    return (len(sequence),)


def _steps(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the strides of a full array of ``shape``."""
    return tuple(prod(shape[i + 1 :]) for i in range(len(shape)))


def index_of(array: str, addresses: Codes, outer: tuple[int, ...], inner: tuple[int, ...], table: Tables) -> Index:
    """Return the index for addresses (applications,), or (applications, width), in loops of these shapes.

    Where the table is the sum of one for each axis, each axis is regular or has a table of its own.
    """
    if addresses.ndim == 1:
        base, strides, tables = _along(addresses, outer, table)
        return Index(
            array, base, (*strides, *(0 for _ in inner)), tuple((t, (*s, *(0 for _ in inner))) for t, s in tables)
        )
    down, across = addresses[:, 0], addresses[0] - addresses[0, 0]
    if (addresses == down[:, None] + across).all():
        base, strides, tables = _along(down, outer, table)
        more, others, further = _along(across, inner, table)
        none, nothing = (0,) * len(outer), (0,) * len(inner)
        both = (*((t, (*s, *nothing)) for t, s in tables), *((t, (*none, *s)) for t, s in further))
        return Index(array, base + more, (*strides, *others), both)
    least = int(addresses.min())
    width = addresses.shape[1]
    steps = (*(width * step for step in _steps(outer)), *_steps(inner))
    return Index(array, least, (0,) * len(steps), ((table((addresses - least).ravel()), steps),))


def _along(
    sequence: Codes, shape: tuple[int, ...], table: Tables
) -> tuple[int, tuple[int, ...], tuple[tuple[int, tuple[int, ...]], ...]]:
    """Return base, strides and tables of a sequence in loops of ``shape``."""
    for leading in range(len(shape)):  # of so many axes the addresses are in a table
        rows = sequence.reshape(prod(shape[:leading]), -1)
        strides = _strides(rows[0].reshape(shape[leading:]))
        if strides is not None and (rows - rows[:, :1] == rows[0] - rows[0, 0]).all():
            if not leading:
                return int(sequence[0]), strides, ()
            least = int(rows[:, 0].min())
            nothing = (0,) * len(strides)
            steps = (*_steps(shape[:leading]), *nothing)
            return least, (*(0 for _ in shape[:leading]), *strides), ((table(rows[:, 0] - least), steps),)
    least = int(sequence.min())
    return least, (0,) * len(shape), ((table(sequence - least), _steps(shape)),)


def _strides(full: Codes) -> tuple[int, ...] | None:
    """Return the strides of an array that is base + Σ stride·index, None where it is not."""
    first = (0,) * full.ndim
    base = int(full[first])
    strides = tuple(
        int(full[(*first[:axis], 1, *first[axis + 1 :])]) - base if size > 1 else 0
        for axis, size in enumerate(full.shape)
    )
    return strides if np.array_equal(Strided(base, full.shape, strides).codes(), full) else None
