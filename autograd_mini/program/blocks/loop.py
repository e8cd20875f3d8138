"""What the operands of a loop's blocks read of the loop itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from autograd_mini.program.blocks.access import Codes
from autograd_mini.program.blocks.ir import Block

__all__ = ["Carried", "carried", "is_regular"]


@dataclass(frozen=True)
class Carried:
    """The result that block ``place`` of the loop made ``back`` turns ago; before turn ``back`` something else."""

    place: int
    back: int


def carried(column: Codes, blocks: Sequence[Block]) -> Carried | None:
    """Return what a column of a table, one code for each turn, reads of the loop; None where it reads outside."""
    turns, last = len(column), int(column[-1])
    place = (last - blocks[0].first) // turns
    if not 0 <= place < len(blocks):
        return None
    return Carried(place, blocks[place].first + turns - 1 - last)


def is_regular(column: Codes, blocks: Sequence[Block], reader: int) -> bool:
    """Tell whether a column that block ``reader`` reads is one that a loop can run.

    It reads outside, or from turn ``back`` on what one block made so many turns ago, before the reader.
    """
    found = carried(column, blocks)
    start = len(column) if found is None else found.back
    first = column[:start]
    if ((first >= blocks[0].first) & (first < blocks[-1].results.stop)).any():
        return False
    if found is None:
        return True
    if not (found.back or found.place < reader):
        return False
    return np.array_equal(column[start:], blocks[found.place].first + np.arange(len(column) - start))
