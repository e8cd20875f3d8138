"""Lanes: the partials or the expansion of one application of a row, as a small block program.

A lane is traced once for a kind of block, for any number of applications; ``Builder.instantiate``
repeats it for all of them. The rules are the rows' own. (Not the lanes of a vector register.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from autograd_mini.primitives.row import NO_FLOW, Primitive
from autograd_mini.program.blocks.access import Codes
from autograd_mini.program.blocks.ir import BlockProgram
from autograd_mini.program.blocks.recover import one_by_one, recover
from autograd_mini.program.ir import Instruction, Operand, Program
from autograd_mini.program.record.recorder import TRUTHS, Recorder
from autograd_mini.program.record.traced import Partial, Traced

__all__ = ["Literals", "Partials", "expansion_of", "literals_of", "partials_of", "pull_back_of"]

Literals = tuple[float | None, ...]
"""For each flat operand of a row: the literal that all applications read, or None."""


def literals_of(table: Codes, numbers: Callable[[int], float]) -> Literals:
    """Return the literal of each column of ``table`` (applications, operands) that is one."""
    same = (table[0] < 0) & (table == table[0]).all(axis=0)
    return tuple(numbers(code) if alike else None for code, alike in zip(table[0].tolist(), same.tolist(), strict=True))


@dataclass(frozen=True)
class Partials:
    """The partials of one application: ``lane`` maps (operands that are not literals, results, …) to them.

    ``positions``   the operands to which an adjoint flows
    ``conditional`` which of ``positions`` flow under a condition: the lane's outputs are a number for each
                    position, then a truth value for each of these
    """

    lane: BlockProgram
    positions: tuple[int, ...]
    conditional: tuple[int, ...] = ()


def partials_of(
    row: Primitive, literals: Literals, wanted: Sequence[int], simplify: Callable[[Program], Program]
) -> Partials:
    """Return the partials of a row with one result with respect to the operands ``wanted``, where there is flow."""
    with Recorder() as recorder:
        args, outs = _recorded_inputs(recorder, row, literals)
        found = row.derivatives(args, outs[0])
        positions = tuple(i for i in wanted if found[i] is not NO_FLOW)
        conditional = tuple(k for k, i in enumerate(positions) if isinstance(found[i], Partial))
        values = [x.value if isinstance(x, Partial) else x for x in (found[i] for i in positions)]
        outputs: list[Operand] = [recorder.number(value) for value in values]
        outputs += [found[positions[k]].live.operand for k in conditional]
    program = simplify(recorder.program(outputs))
    return Partials(recover(program) if row.arity is None else one_by_one(program), positions, conditional)


def pull_back_of(
    row: Primitive,
    literals: Literals,
    wanted: Sequence[int],
    flowing: Sequence[bool],
    simplify: Callable[[Program], Program],
) -> Partials:
    """Return Σ adjoint·partial for a row with several results, of which those ``flowing`` have an adjoint.

    The adjoints are the last inputs of the lane.
    """
    with Recorder() as recorder:
        args, outs = _recorded_inputs(recorder, row, literals)
        adjoints = [recorder.argument() if flows else None for flows in flowing]
        found = row.pull(args, outs, adjoints)
        positions = tuple(i for i in wanted if found[i] is not NO_FLOW)
        outputs = [recorder.number(found[i]) for i in positions]
    return Partials(one_by_one(simplify(recorder.program(outputs))), positions)


def _recorded_inputs(recorder: Recorder, row: Primitive, literals: Literals) -> tuple[tuple[Any, ...], list[Traced]]:
    """Return the arguments and results of one application, as inputs of the recorded lane."""
    args: list[Any] = []
    for position, number in enumerate(literals):
        if number is not None:
            args.append(number if position in row.static else recorder.traced(number))
            continue
        made = recorder.argument()
        if position in TRUTHS.get(row, ()):
            made.boolean = True
            recorder.booleans.add(recorder.fresh - 1)
        args.append(made)
    return tuple(args), [recorder.argument() for _ in (literals if row.outputs else (None,))]


def expansion_of(row: Primitive, literals: Literals, lowered: Callable[[Program], Program]) -> BlockProgram:
    """Return one application of ``row`` in other rows: from its operands that are not literals to its results."""
    operands: list[Operand] = []
    for each in literals:
        operands.append(len([x for x in operands if isinstance(x, int)]) if each is None else each)
    count = literals.count(None)
    results = tuple(range(count, count + (len(literals) if row.outputs else 1)))
    program = lowered(Program(tuple(range(count)), (Instruction(row, tuple(operands), results),), results))
    return recover(program) if row.arity is None else one_by_one(program)
