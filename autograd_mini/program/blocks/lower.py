"""Lowering of blocks: expand the rows that a target does not support, by one lane for each block."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from autograd_mini.primitives.row import Primitive
from autograd_mini.program.blocks.access import Codes, Mask, columns
from autograd_mini.program.blocks.build import Builder
from autograd_mini.program.blocks.ir import Block, BlockProgram
from autograd_mini.program.blocks.lanes import expansion_of, literals_of
from autograd_mini.program.ir import Program

__all__ = ["lower_blocks"]


def lower_blocks(
    program: BlockProgram, supports: Callable[[Primitive], bool], lowered: Callable[[Program], Program]
) -> BlockProgram:
    """Return ``program`` in rows that the target supports, each block once, without unused blocks.

    The rows in loops are left as they are. ``lowered`` returns the program of one application in rows
    that the target supports.
    """
    builder = Builder(program.count)
    literals = np.array([builder.literal(number) for number in program.literals], dtype=np.int64)
    place = np.arange(program.next_variable, dtype=np.int64)
    known: dict[tuple[object, ...], BlockProgram] = {}

    def at(codes: Codes) -> Codes:
        if not literals.size:
            return place[codes]
        return np.where(codes >= 0, place[np.maximum(codes, 0)], literals[np.maximum(-1 - codes, 0)])

    def expanded(block: Block) -> Codes:
        tables = [at(x.table) for x in block.operands]
        if supports(block.primitive):
            return builder.append(block.primitive, *tables).ravel()
        table = columns(tables)
        held = literals_of(table, builder.number)
        key = (block.primitive, tuple(None if x is None else x.hex() for x in held))
        lane = known.get(key)
        if lane is None:
            lane = known[key] = expansion_of(block.primitive, held, lowered)
        inputs = [table[:, i] for i, x in enumerate(held) if x is None]
        return np.stack(builder.instantiate(lane, inputs, block.count), axis=1).ravel()

    alive, loops = _alive(program), set(program.loops)
    for part in program.parts:
        blocks = [program.blocks[index] for index in part if alive[index]]
        if part in loops:  # its rows stay: a target expands them where it writes one turn
            for number, block in enumerate(blocks):
                place[block.first : block.first + block.size] = (
                    builder.fresh + number * block.count + np.arange(block.count)
                )
            builder.loop([(block.primitive, tuple(at(x.table) for x in block.operands)) for block in blocks])
        else:
            for block in blocks:
                place[block.first : block.first + block.size] = expanded(block)
    guards = tuple((int(place[x]), outcome) for x, outcome in program.guards)
    return replace(builder.like(program, at(program.outputs)), guards=guards)


def _alive(program: BlockProgram) -> list[bool]:
    """Return which blocks an output or a guard needs."""
    needed = np.zeros(program.next_variable + 1, dtype=bool)  # the last element is for literals
    needed[np.maximum(program.outputs, -1)] = True
    needed[[x for x, _ in program.guards]] = True
    found = [False] * len(program)
    for part in reversed([*program.parts]):
        more = True
        while more:  # a loop reads also what comes later in it
            more = False
            for index in reversed(part):
                block = program.blocks[index]
                if not found[index] and needed[block.first : block.first + block.size].any():
                    found[index] = more = True
                    _mark(needed, block)
    return found


def _mark(needed: Mask, block: Block) -> None:
    for operand in block.operands:
        needed[np.maximum(operand.table.ravel(), -1)] = True
