"""Lowering of blocks: expand the rows that a target does not support, by one lane for each block."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from autograd_mini.primitives.row import Primitive
from autograd_mini.program.blocks.access import Codes, Mask
from autograd_mini.program.blocks.build import Builder
from autograd_mini.program.blocks.ir import Block, BlockProgram
from autograd_mini.program.blocks.lanes import columns, expansion_of, literals_of
from autograd_mini.program.ir import Program

__all__ = ["lower_blocks"]


def lower_blocks(
    program: BlockProgram, supports: Callable[[Primitive], bool], lowered: Callable[[Program], Program]
) -> BlockProgram:
    """Return ``program`` in rows that the target supports, each block once, without unused blocks.

    ``lowered`` returns the program of one application in rows that the target supports.
    """
    builder = Builder(program.count)
    literals = np.array([builder.literal(number) for number in program.literals], dtype=np.int64)
    place = np.arange(program.next_variable, dtype=np.int64)
    known: dict[tuple[object, ...], BlockProgram] = {}

    def at(codes: Codes) -> Codes:
        if not literals.size:
            return place[codes]
        return np.where(codes >= 0, place[np.maximum(codes, 0)], literals[np.maximum(-1 - codes, 0)])

    alive = _alive(program)
    for index, block in enumerate(program.blocks):
        if not alive[index]:
            continue
        tables = [at(x.table) for x in block.operands]
        if supports(block.primitive):
            place[block.first : block.first + block.size] = builder.append(block.primitive, *tables).ravel()
            continue
        table = columns(tables)
        held = literals_of(table, builder.number)
        key = (block.primitive, tuple(None if x is None else x.hex() for x in held))
        lane = known.get(key)
        if lane is None:
            lane = known[key] = expansion_of(block.primitive, held, lowered)
        inputs = [table[:, i] for i, x in enumerate(held) if x is None]
        results = builder.instantiate(lane, inputs, block.count)
        place[block.first : block.first + block.size] = np.stack(results, axis=1).ravel()
    guards = tuple((int(place[x]), outcome) for x, outcome in program.guards)
    return replace(builder.like(program, at(program.outputs)), guards=guards)


def _alive(program: BlockProgram) -> list[bool]:
    """Return which blocks an output or a guard needs."""
    needed = np.zeros(program.next_variable + 1, dtype=bool)  # the last element is for literals
    needed[np.maximum(program.outputs, -1)] = True
    needed[[x for x, _ in program.guards]] = True
    found = []
    for block in reversed(program.blocks):
        found.append(bool(needed[block.first : block.first + block.size].any()))
        if found[-1]:
            _mark(needed, block)
    return found[::-1]


def _mark(needed: Mask, block: Block) -> None:
    for operand in block.operands:
        needed[np.maximum(operand.table.ravel(), -1)] = True
