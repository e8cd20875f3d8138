"""Groups: neighbouring blocks that share a loop nest.

They have as many applications each, and read each other only application by application, or they are a loop in time.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from autograd_mini.program.blocks.access import Access, Codes
from autograd_mini.program.blocks.choice import choice
from autograd_mini.program.blocks.ir import Block, BlockProgram
from autograd_mini.program.blocks.loop import carried
from autograd_mini.program.nests.index import is_shaped

__all__ = ["Group", "grouped", "is_wide"]

CARRIED = 4  # turns back, at most, of what a loop in time carries in numbers of its own
SPLIT, PARTS = 32, 4  # applications from which on a block is cut, and into how many parts
NARROW = 3  # terms; a sum of so few is written out


class Group:
    """Neighbouring blocks that share a nest; ``in_turn``: the nest is a loop in time."""

    def __init__(self, *blocks: Block, in_turn: bool = False) -> None:
        self.blocks, self.in_turn = list(blocks), in_turn

    def read(self) -> Iterator[Codes]:
        """Yield tables of what the nest reads from memory."""
        first = self.blocks[0].first
        for block in self.blocks:
            for access in block.operands:
                if not self.in_turn:
                    if not ((access.table >= first) & (access.table < self.blocks[-1].results.stop)).any():
                        yield access.table
                    else:
                        yield from (x for x in access.table.reshape(block.count, -1).T if not self._inside(x))
                elif (back := self.back(access.table)) is None:
                    yield access.table
                else:
                    yield from access.table[:back, None]

    def _inside(self, column: Codes) -> bool:
        return bool(self.blocks[0].first <= column[0] < self.blocks[-1].results.stop)

    def back(self, column: Codes) -> int | None:
        """Return how many turns ago a result was made that a column reads, None where it is read from memory."""
        found = carried(column, self.blocks)
        return None if found is None or found.back > CARRIED else found.back

    def takes(self, block: Block) -> bool:
        """Tell whether ``block`` can share the nest."""
        first, stop = self.blocks[0].first, self.blocks[-1].results.stop
        if self.in_turn or block.count != self.blocks[0].count:
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


def grouped(program: BlockProgram) -> list[Group]:
    """Return the blocks in order, neighbours together where they can share a nest, and each loop in time."""
    found: list[Group] = []
    loops = {loop.start for loop in program.loops}
    for part in program.parts:
        blocks = program.blocks[part.start : part.stop]
        if part.start in loops:
            found.append(Group(*blocks, in_turn=True))
            continue
        for block in _regular(blocks[0]):
            if found and found[-1].takes(block):
                found[-1].blocks.append(block)
            else:
                found.append(Group(block))
    return found


def _regular(block: Block) -> list[Block]:
    """Return the block, or the few parts of it in which its irregular operands are regular: the same applications."""
    edges = {0, block.count}
    for access in block.operands if block.count >= SPLIT else ():
        table = access.table
        if table.ndim == 1 and (table >= 0).any() and not is_shaped(table):
            edges.update(_runs(table))
    if not 2 < len(edges) <= PARTS + 1:
        return [block]
    return [
        Block(block.primitive, tuple(Access(x.table[a:b]) for x in block.operands), block.first + a)
        for a, b in pairwise(sorted(edges))
    ]


def _runs(column: Codes) -> list[int]:
    """Return where the first regular stretches of a column begin, a few more than a block is cut into."""
    steps, found = np.diff(column), [0]
    while len(found) <= PARTS + 1:
        others = np.flatnonzero(steps[found[-1] :] != steps[found[-1]]) if found[-1] < len(steps) else np.zeros(0)
        if not len(others):
            break
        found.append(found[-1] + int(others[0]) + 1)
    return found
