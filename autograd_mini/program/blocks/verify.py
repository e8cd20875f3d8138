"""The executable definition of a well-formed block program; the tests run it after every pass."""

from __future__ import annotations

import numpy as np

from autograd_mini.primitives.row import Primitive
from autograd_mini.primitives.table import affine
from autograd_mini.program.blocks.access import Codes, Mask, columns
from autograd_mini.program.blocks.choice import choice
from autograd_mini.program.blocks.ir import Block, BlockProgram
from autograd_mini.program.blocks.loop import is_regular
from autograd_mini.program.record.recorder import TRUTHS
from autograd_mini.program.verify import VerificationError

__all__ = ["verify_blocks"]


def verify_blocks(program: BlockProgram) -> BlockProgram:
    """Return ``program`` unchanged, or raise VerificationError, which says what is wrong and where.

    Results are consecutive in memory; each variable is assigned before its use; each block has the
    right number of operands, and all its tables have one row per application; truth values are used
    exactly where truth values are needed; outputs are numbers; static operands are one literal; what a
    loop carries is regular.
    """
    if len(program.captured) > program.count:
        raise VerificationError(f"{len(program.captured)} captured Values but only {program.count} inputs")
    truths = np.zeros(program.next_variable, dtype=bool)
    fresh = program.count
    for index, block in enumerate(program.blocks):
        place = f"block {index} ({block.primitive.name})"
        if block.first != fresh:
            raise VerificationError(f"{place}: the first result is variable {block.first}, {fresh} is the next free")
        _check_shapes(block, place)
        truths[block.first : block.first + block.size] = block.primitive.boolean
        fresh += block.size
    ends = {index: program.blocks[loop.stop - 1].results.stop for loop in program.loops for index in loop}
    for index, block in enumerate(program.blocks):
        place = f"block {index} ({block.primitive.name})"
        for position, access in enumerate(block.operands):
            truth = position in TRUTHS.get(block.primitive, ())
            _check_codes(program, access.table, ends.get(index, block.first), place)
            _check_kind(program, access.table, truths, truth, place)
            static = position in block.primitive.static and not truth
            if static and (access.repeated is None or access.repeated >= 0):
                raise VerificationError(f"{place}: operand {position} must be one literal in all applications")
    for loop in program.loops:
        _check_loop(program, loop)
    _check_codes(program, program.outputs, fresh, "the outputs")
    _check_kind(program, program.outputs, truths, False, "the outputs")
    guarded = np.array([x for x, _ in program.guards], dtype=np.int64)
    _check_codes(program, guarded, fresh, "the guards")
    _check_kind(program, guarded, truths, True, "the guards")
    return program


def _check_loop(program: BlockProgram, loop: range) -> None:
    blocks = program.blocks[loop.start : loop.stop]
    for index, block in zip(loop, blocks, strict=True):
        place = f"block {index} ({block.primitive.name})"
        if block.count != blocks[0].count or block.primitive.outputs:
            raise VerificationError(
                f"{place}: in a loop of {blocks[0].count} turns each block has one result in each turn, "
                f"this one has {block.size}"
            )
        for number, column in enumerate(columns([x.table for x in block.operands]).T):
            if not is_regular(column, blocks, index - loop.start):
                raise VerificationError(
                    f"{place}: of its loop argument {number} must read one block, always as many turns back"
                )
            outside = (column < blocks[0].first) | (column >= blocks[-1].results.stop)
            _check_codes(program, column[outside], blocks[0].first, place)


def _shapes(row: Primitive, width: int) -> list[tuple[int, ...]]:
    """Return the shape of each operand beyond the axis of applications."""
    if row.arity is not None:
        return [()] * row.arity
    if row is affine:
        return [(width,), (width,), ()]
    return [(width,), ()] if row is choice else [(width,)]


def _check_shapes(block: Block, place: str) -> None:
    shapes = _shapes(block.primitive, block.width)
    if len(block.operands) != len(shapes):
        raise VerificationError(f"{place}: {len(shapes)} operands are needed, got {len(block.operands)}")
    if not block.count:
        raise VerificationError(f"{place}: a block has at least one application")
    for position, (access, shape) in enumerate(zip(block.operands, shapes, strict=True)):
        if access.table.shape != (block.count, *shape):
            raise VerificationError(
                f"{place}: operand {position} has the shape {access.table.shape}, {(block.count, *shape)} is needed"
            )


def _check_codes(program: BlockProgram, codes: Codes, fresh: int, place: str) -> None:
    if codes.dtype != np.int64:
        raise VerificationError(f"{place}: codes are {codes.dtype}, int64 is needed")
    if codes.size and codes.max() >= fresh:
        raise VerificationError(f"{place}: variable {codes.max()} is used before it is assigned")
    if codes.size and codes.min() < -len(program.literals):
        raise VerificationError(f"{place}: code {codes.min()} means literal {-1 - codes.min()}, there is none")


def _check_kind(program: BlockProgram, codes: Codes, truths: Mask, truth: bool, place: str) -> None:
    wanted, other = ("truth value", "number") if truth else ("number", "truth value")
    variables = codes[codes >= 0]
    wrong = variables[truths[variables] != truth]
    if wrong.size:
        raise VerificationError(f"{place}: variable {wrong[0]} is a {other}, a {wanted} is needed")
    if truth:
        for code in np.unique(codes[codes < 0]).tolist():
            if program.literals[-1 - code] not in (0.0, 1.0):
                raise VerificationError(
                    f"{place}: literal {program.literals[-1 - code]!r} is used where a truth value (1.0, 0.0) is needed"
                )
