"""One application of a row, written out: its partials, or its expansion, as a small block program.

A lane is traced once for a kind of block, whatever the number of applications; ``Builder.instantiate``
lays it out over all of them. The rules are the rows' own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from autograd_mini.primitives.row import NO_FLOW, Primitive
from autograd_mini.program.blocks.access import Codes
from autograd_mini.program.blocks.ir import BlockProgram
from autograd_mini.program.blocks.recover import one_by_one, recover
from autograd_mini.program.ir import Instruction, Operand, Program
from autograd_mini.program.record.recorder import Recorder

__all__ = ["Literals", "Partials", "columns", "expansion_of", "literals_of", "partials_of"]

Literals = tuple[float | None, ...]
"""For each flat operand of a row: the literal that every application reads there, or None."""


def literals_of(table: Codes, numbers: Callable[[int], float]) -> Literals:
    """Return the literal of each column of ``table`` (applications, operands) that is one."""
    same = (table[0] < 0) & (table == table[0]).all(axis=0)
    return tuple(numbers(code) if alike else None for code, alike in zip(table[0].tolist(), same.tolist(), strict=True))


@dataclass(frozen=True)
class Partials:
    """The partials of one result: ``lane`` maps (operands that are no literals, results) to those of ``positions``."""

    lane: BlockProgram
    positions: tuple[int, ...]


def partials_of(
    row: Primitive,
    literals: Literals,
    wanted: Sequence[int],
    index: int,
    simplify: Callable[[Program], Program],
) -> Partials:
    """Return the partials of result ``index`` with respect to the operands ``wanted``, where there is flow."""
    with Recorder() as recorder:
        args = [recorder.argument() if x is None else x for x in literals]
        outs = [recorder.argument() for _ in (literals if row.outputs else (None,))]
        traced = tuple(
            x if i in row.static or not isinstance(x, float) else recorder.traced(x) for i, x in enumerate(args)
        )
        if row.outputs:
            assert callable(row.partials)
            found = row.partials(traced, outs, index)
        else:
            found = row.derivatives(traced, outs[0])
        positions = tuple(i for i in wanted if found[i] is not NO_FLOW)
        outputs: list[Operand] = [recorder.number(found[i]) for i in positions]
    program = simplify(recorder.program(outputs))
    return Partials(recover(program) if row.arity is None else one_by_one(program), positions)


def expansion_of(row: Primitive, literals: Literals, lowered: Callable[[Program], Program]) -> BlockProgram:
    """Return one application of ``row`` in other rows: from its operands that are no literals to its results."""
    operands: list[Operand] = []
    for each in literals:
        operands.append(len([x for x in operands if isinstance(x, int)]) if each is None else each)
    count = literals.count(None)
    results = tuple(range(count, count + (len(literals) if row.outputs else 1)))
    program = lowered(Program(tuple(range(count)), (Instruction(row, tuple(operands), results),), results))
    return recover(program) if row.arity is None else one_by_one(program)


def columns(operands: Sequence[Codes]) -> Codes:
    """Return the tables of a block side by side: (applications, flat operands)."""
    return np.concatenate([table.reshape(len(table), -1) for table in operands], axis=1)
