"""Neighbours: the blocks of a stage that share a loop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from autograd_mini.program.blocks.ir import Block
from autograd_mini.program.loops.elementwise import Run

__all__ = ["Loop", "loops_of"]

MOST = 200  # blocks in one loop: a longer body compiles slowly


@dataclass
class Loop:
    """Blocks that share a loop over applications and rows; the results of those in ``kept`` are stored."""

    blocks: list[Block]
    kept: list[bool]


def loops_of(blocks: Sequence[Block], readers: Mapping[int, set[int]]) -> list[Loop]:
    """Return the blocks in order, neighbours together where they can share a loop; ``readers`` as of ``readers_of``."""
    found: list[list[Block]] = []
    for block in blocks:
        if found and block.primitive.arity is not None and _joins(found[-1], block):
            found[-1].append(block)
        else:
            found.append([block])
    return [Loop(each, Run(each).kept(readers)) for each in found]


def _joins(blocks: Sequence[Block], block: Block) -> bool:
    """Tell whether a block can share the loop of others: it reads theirs only application by application."""
    count = blocks[0].count
    if block.count != count or len(blocks) >= MOST or blocks[0].primitive.arity is None:
        return False
    for access in block.operands:
        table = access.table
        low, high = int(table.min()), int(table.max())
        for each in blocks:
            first, stop = each.first, each.first + count
            if low < stop and high >= first:
                in_step = low == first and high == stop - 1 and np.array_equal(table, np.arange(first, stop))
                if not in_step and ((table >= first) & (table < stop)).any():
                    return False
    return True
