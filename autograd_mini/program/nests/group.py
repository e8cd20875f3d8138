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
    """Blocks that share a nest; ``in_turn``: the nest is a loop in time."""

    def __init__(self, *blocks: Block, in_turn: bool = False) -> None:
        self.blocks, self.in_turn = list(blocks), in_turn
        self.starts = {block.first for block in blocks}

    def add(self, block: Block) -> None:
        """Append a block, which the group takes."""
        self.blocks.append(block)
        self.starts.add(block.first)

    def read(self) -> Iterator[Codes]:
        """Yield tables of what the nest reads from memory."""
        for block in self.blocks:
            for access in block.operands:
                if self.in_turn:
                    back = self.back(access.table)
                    yield from [access.table] if back is None else access.table[:back, None]
                elif is_wide(block):
                    yield access.table
                else:
                    yield from (x for x in access.table.reshape(block.count, -1).T if not self._own(x))

    def back(self, column: Codes) -> int | None:
        """Return how many turns ago a result was made that a column reads, None where it is read from memory."""
        found = carried(column, self.blocks)
        return None if found is None or found.back > CARRIED else found.back

    def takes(self, block: Block) -> bool:
        """Tell whether ``block`` can share the nest: it reads of each block the same application, or none."""
        if self.in_turn or block.count != self.blocks[0].count:
            return False
        columns = [column for x in block.operands for column in x.table.reshape(block.count, -1).T]
        if is_wide(block):  # its sum comes first in the nest
            return not any(map(self._touches, columns))
        return all(self._own(column) or not self._touches(column) for column in columns)

    def _own(self, column: Codes) -> bool:
        """Tell whether a column is all results of one block of the nest, in their order."""
        return int(column[0]) in self.starts and np.array_equal(column, column[0] + np.arange(len(column)))

    def _touches(self, column: Codes) -> bool:
        """Tell whether a column has a result of the nest."""
        if len(column) == 1:
            return int(column[0]) in self.starts
        return any(((column >= x.first) & (column < x.results.stop)).any() for x in self.blocks)


def is_wide(block: Block) -> bool:
    """Tell whether an application of ``block`` needs a loop of its own, or an index."""
    return block.primitive is choice or (block.primitive.arity is None and block.width > NARROW)


def grouped(program: BlockProgram) -> list[Group]:
    """Return the blocks in an order of running, together where they can share a nest, and each loop in time.

    Single applications wait until another block reads them, so that many share a nest.
    """
    found: list[Group] = []
    single: Group | None = None
    waiting = np.zeros(program.next_variable + 1, dtype=bool)  # the last element is for literals
    loops = {loop.start for loop in program.loops}
    for part in program.parts:
        blocks = program.blocks[part.start : part.stop]
        for block in _regular(blocks[0]) if part.start not in loops else blocks[:1]:
            alone = block.count == 1 and part.start not in loops
            reads = any(waiting[np.maximum(x.table, -1)].any() for each in blocks for x in each.operands)
            if single is not None and (not single.takes(block) if alone else reads):
                found.append(single)
                single, waiting[:] = None, False
            if alone:
                single = _joined(single, block)
                waiting[block.first] = True
            elif part.start in loops:
                found.append(Group(*blocks, in_turn=True))
            elif found and found[-1].takes(block):
                found[-1].add(block)
            else:
                found.append(Group(block))
    return found if single is None else [*found, single]


def _joined(group: Group | None, block: Block) -> Group:
    if group is None:
        return Group(block)
    group.add(block)
    return group


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
