"""Replay: record a program again, whole or step by step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd_mini.program.ir import Instruction, Operand, Program
from autograd_mini.program.record.recorder import Recorder

__all__ = ["repeat", "replay", "step"]


def replay(recorder: Recorder, program: Program, arguments: Sequence[Any] | None = None) -> dict[int, Operand]:
    """Record ``program`` with its captured Values again; return old variable → new variable."""
    place: dict[int, Operand] = {}
    if arguments is None:
        arguments = [recorder.argument(name=program.names.get(x, "")) for x in program.arguments]
    for variable, argument in zip(program.arguments, arguments, strict=True):
        place[variable] = recorder.operand(argument)
    for variable, value in zip(program.inputs[len(program.arguments) :], program.captured, strict=True):
        place[variable] = recorder.capture(value)
        if variable in program.names:
            recorder.names.setdefault(recorder.capture(value), program.names[variable])
    return place


def repeat(recorder: Recorder, program: Program) -> dict[int, Operand]:
    """Record ``program`` with its instructions; return where each variable went."""
    place = replay(recorder, program)
    for instruction in program.instructions:
        step(recorder, instruction, place)
    return place


def step(recorder: Recorder, instruction: Instruction, place: dict[int, Operand]) -> None:
    """Record one instruction of another program; ``place`` maps its variables to those here."""
    args = tuple(x if isinstance(x, float) else recorder.traced(place[x]) for x in instruction.operands)
    made = recorder.apply(instruction.primitive, args)
    for result, each in zip(instruction.results, made if instruction.primitive.outputs else [made], strict=True):
        place[result] = each.operand
