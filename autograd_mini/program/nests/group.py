"""Groups: neighbouring blocks that share a loop nest.

They have as many applications each, and read each other only application by application.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autograd_mini.program.blocks.access import Codes
from autograd_mini.program.blocks.choice import choice
from autograd_mini.program.blocks.ir import Block

__all__ = ["Group", "grouped", "is_wide"]

NARROW = 3  # terms; a sum of so few is written out


class Group:
    """Neighbouring blocks that share a nest."""

    def __init__(self, block: Block) -> None:
        self.blocks = [block]

    def takes(self, block: Block) -> bool:
        """Tell whether ``block`` can share the nest."""
        first, stop = self.blocks[0].first, self.blocks[-1].results.stop
        if block.count != self.blocks[0].count:
            return False
        for access in block.operands:
            table = access.table
            inside = (table >= first) & (table < stop)
            if not inside.any():
                continue
            if is_wide(block):  # its sum comes first in the nest
                return False
            columns = table.reshape(len(table), -1).T
            if not all(self._own(column, first, stop) for column in columns):
                return False
        return True

    def _own(self, column: Codes, first: int, stop: int) -> bool:
        """Tell whether a column reads nothing of the nest, or of one of its blocks the same application."""
        if not ((column >= first) & (column < stop)).any():
            return True
        return (int(column[0]) - first) % len(column) == 0 and np.array_equal(
            column, column[0] + np.arange(len(column))
        )


def is_wide(block: Block) -> bool:
    """Tell whether an application of ``block`` needs a loop of its own, or an index."""
    return block.primitive is choice or (block.primitive.arity is None and block.width > NARROW)


def grouped(blocks: Sequence[Block]) -> list[Group]:
    """Return the blocks in order, neighbours together where they can share a nest."""
    found: list[Group] = []
    for block in blocks:
        if found and found[-1].takes(block):
            found[-1].blocks.append(block)
        else:
            found.append(Group(block))
    return found
