"""Flat programs as arrays, and the conversion of blocks back to flat programs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np

from autograd_mini.primitives.row import Primitive
from autograd_mini.primitives.table import equal, where
from autograd_mini.program.blocks.access import Codes
from autograd_mini.program.blocks.choice import choice
from autograd_mini.program.blocks.ir import Block, BlockProgram
from autograd_mini.program.ir import Instruction, Operand, Program

__all__ = ["Flat", "flatten", "unroll"]


@dataclass
class Flat:
    """A program's instructions as arrays.

    ``rows``      the primitive of each instruction
    ``codes``     operands of all, one after the other; those of instruction k are
                  ``codes[starts[k]:starts[k + 1]]``, a variable or −1 − literal
    ``first``     first result of each instruction
    ``literals``  the numbers, each bit pattern once
    ``outputs``   codes
    """

    rows: list[Primitive]
    codes: Codes
    starts: Codes
    first: Codes
    literals: list[float]
    outputs: Codes


def flatten(program: Program) -> Flat:
    """Return the instructions of ``program`` as arrays."""
    steps = program.instructions
    operands: list[Operand] = list(chain.from_iterable(step.operands for step in steps))
    operands += program.outputs
    literal = np.fromiter((x.__class__ is not int for x in operands), dtype=bool, count=len(operands))
    codes = np.zeros(len(operands), dtype=np.int64)
    codes[~literal] = [x for x in operands if x.__class__ is int]
    numbers = np.array([x for x in operands if x.__class__ is not int], dtype=np.float64)
    patterns, index = np.unique(numbers.view(np.int64), return_inverse=True)
    codes[literal] = -1 - index
    starts = np.zeros(len(steps) + 1, dtype=np.int64)
    np.cumsum([len(step.operands) for step in steps], out=starts[1:])
    first = np.array([step.results[0] for step in steps], dtype=np.int64)
    literals: list[float] = patterns.view(np.float64).tolist()
    return Flat([step.primitive for step in steps], codes, starts, first, literals, codes[starts[-1] :])


def _spelled(instructions: list[Instruction], fresh: int) -> list[Instruction]:
    """Return the instructions with each choice written as a chain of ``where``."""
    found: list[Instruction] = []
    for step in instructions:
        if step.primitive is not choice:
            found.append(step)
            continue
        *values, index = step.operands
        rest: Operand = math.nan
        for i in reversed(range(len(values))):
            result = step.results[0] if i == 0 else fresh + 1
            found.append(Instruction(equal, (index, float(i)), (fresh,)))
            found.append(Instruction(where, (fresh, values[i], rest), (result,)))
            rest, fresh = result, fresh + 2
    return found


def unroll(program: BlockProgram) -> Program:
    """Return the equivalent flat program: one instruction for each application."""

    def operand(code: int) -> Operand:
        return code if code >= 0 else program.literals[-1 - code]

    def applications(block: Block) -> Iterator[Instruction]:
        table = np.concatenate([x.table.reshape(block.count, -1) for x in block.operands], axis=1)
        results = np.arange(block.first, block.first + block.size).reshape(block.count, -1)
        for codes, made in zip(table.tolist(), results.tolist(), strict=True):
            yield Instruction(block.primitive, tuple(map(operand, codes)), tuple(made))

    instructions: list[Instruction] = []
    for part in program.parts:
        for turn in zip(*(applications(program.blocks[i]) for i in part), strict=True):
            instructions += turn
    if any(block.primitive is choice for block in program.blocks):
        instructions = _spelled(instructions, program.next_variable)
    return Program(
        tuple(program.inputs),
        tuple(instructions),
        tuple(map(operand, program.outputs.tolist())),
        program.captured,
        dict(program.names),
        program.guards,
    )
