"""Which variables lie between inputs and outputs: an adjoint flows to no other."""

from __future__ import annotations

import numpy as np

from autograd_mini.program.blocks.access import Codes, Mask, columns
from autograd_mini.program.blocks.ir import BlockProgram

__all__ = ["between"]


def between(program: BlockProgram, wrt: Codes, outputs: Codes) -> Mask:
    """Return which variables lie between ``wrt`` and ``outputs``, those included (bool)."""
    moving = np.zeros(program.next_variable + 1, dtype=bool)  # the last element is for literals
    moving[wrt] = True
    loops = set(program.loops)
    for part in program.parts:
        block = program.blocks[part.start]
        if part in loops:
            _by_turns(program, part, moving)
        elif not block.primitive.boolean:
            moved = moving[np.maximum(columns([x.table for x in block.operands]), -1)].any(axis=1)
            moving[block.first : block.first + block.size] = np.repeat(moved, block.size // block.count)
    needed = np.zeros_like(moving)
    needed[np.maximum(outputs, -1)] = True
    for part in reversed([*program.parts]):
        block = program.blocks[part.start]
        if part in loops:
            _by_turns(program, part, moving, needed)
            continue
        results = slice(block.first, block.first + block.size)
        used = (needed[results] & moving[results]).reshape(block.count, -1).any(axis=1)
        if used.any():
            table = columns([x.table for x in block.operands])[used]
            needed[np.maximum(table, -1).ravel()] = True
    return (moving & needed)[:-1]


def _by_turns(program: BlockProgram, loop: range, moving: Mask, needed: Mask | None = None) -> None:
    """Mark what a loop makes of what moves; with ``needed``, what it reads for what moves and is needed."""
    blocks = [block for block in program.blocks[loop.start : loop.stop] if not block.primitive.boolean]
    steps = [
        [*zip(block.results, np.maximum(columns([x.table for x in block.operands]), -1).tolist(), strict=True)]
        for block in blocks
    ]
    turns = [step for turn in zip(*steps, strict=True) for step in turn]
    moved = bytearray(moving.tobytes())  # quicker than an array, one by one
    if needed is None:
        for result, reads in turns:
            for x in reads:
                if moved[x]:
                    moved[result] = True
                    break
        moving[:] = np.frombuffer(moved, dtype=bool)
        return
    wanted = bytearray(needed.tobytes())
    for result, reads in reversed(turns):
        if wanted[result] and moved[result]:
            for x in reads:
                wanted[x] = True
    needed[:] = np.frombuffer(wanted, dtype=bool)
