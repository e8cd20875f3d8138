"""verify: the executable definition of a well-formed program; the tests run it after every pass."""

from __future__ import annotations

from autograd_mini.program.ir import Instruction, Operand, Program
from autograd_mini.program.record.recorder import TRUTHS

__all__ = ["VerificationError", "verify"]


class VerificationError(ValueError):
    """A program that is not well formed."""


def verify(program: Program) -> Program:
    """Return ``program`` unchanged, or raise VerificationError, which says what is wrong and where.

    Each variable is assigned once, before its use; each instruction has the right number of operands
    and results; truth values are used exactly where truth values are needed; outputs are numbers;
    static operands are literals; guards are truth values.
    """
    kinds: dict[int, str] = {}
    if len(program.captured) > len(program.inputs):
        raise VerificationError(f"{len(program.captured)} captured Values but only {len(program.inputs)} inputs")
    for variable in program.inputs:
        _assign(kinds, variable, "number", "the inputs")
    for index, instruction in enumerate(program.instructions):
        _check(kinds, instruction, f"instruction {index} ({instruction.primitive.name})")
        for result in instruction.results:
            _assign(kinds, result, _kind(instruction), f"instruction {index} ({instruction.primitive.name})")
    if program.pull is not None:
        for operand in (*program.pull.outputs, *program.pull.seeds, *program.pull.inputs):
            _use(kinds, operand, "number", "the gradient")
        for result in program.pull.results:
            _assign(kinds, result, "number", "the gradient")
    for output in program.outputs:
        _use(kinds, output, "number", "the outputs")
    for variable, _ in program.guards:
        _use(kinds, variable, "truth value", "the guards")
    return program


def _kind(instruction: Instruction) -> str:
    return "truth value" if instruction.primitive.boolean else "number"


def _assign(kinds: dict[int, str], variable: int, kind: str, place: str) -> None:
    if not isinstance(variable, int) or isinstance(variable, bool):
        raise VerificationError(f"{place}: {variable!r} is not a variable; variables are ints")
    if variable in kinds:
        raise VerificationError(f"{place}: variable {variable} is assigned a second time")
    kinds[variable] = kind


def _use(kinds: dict[int, str], operand: Operand, kind: str, place: str) -> None:
    if isinstance(operand, float):
        if kind == "truth value" and operand not in (0.0, 1.0):
            raise VerificationError(f"{place}: literal {operand!r} is used where a truth value (1.0 or 0.0) is needed")
        return
    if not isinstance(operand, int) or isinstance(operand, bool):
        raise VerificationError(f"{place}: operand {operand!r} is neither a variable (int) nor a literal (float)")
    if operand not in kinds:
        raise VerificationError(f"{place}: variable {operand} is used before it is assigned")
    if kinds[operand] != kind:
        raise VerificationError(f"{place}: variable {operand} is a {kinds[operand]}, a {kind} is needed")


def _check(kinds: dict[int, str], instruction: Instruction, place: str) -> None:
    row, operands = instruction.primitive, instruction.operands
    if row.arity is not None and len(operands) != row.arity:
        raise VerificationError(f"{place}: {row.arity} operands are needed, got {len(operands)}")
    results = len(operands) if row.outputs else 1
    if len(instruction.results) != results:
        raise VerificationError(f"{place}: {results} results are needed, got {len(instruction.results)}")
    truths = TRUTHS.get(row, ())
    for position, operand in enumerate(operands):
        _use(kinds, operand, "truth value" if position in truths else "number", place)
        if position in row.static and position not in truths and not isinstance(operand, float):
            raise VerificationError(f"{place}: operand {position} must be a literal, got variable {operand}")
