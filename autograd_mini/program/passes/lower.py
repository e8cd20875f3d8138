"""Lowering: expand the rows that a target does not support into rows that it supports.

A row such as ``sigmoid`` can be written in other rows (its ``expand``). A target with code for it
keeps it; for other targets its expansion is recorded in its place, and so on.
"""

from __future__ import annotations

from dataclasses import replace
from inspect import signature
from typing import Any

from autograd_mini.primitives.registry import primitive
from autograd_mini.primitives.row import Primitive
from autograd_mini.program.ir import Operand, Program
from autograd_mini.program.record.recorder import Recorder
from autograd_mini.program.record.replay import repeat
from autograd_mini.program.target import Target

__all__ = ["lower", "supports"]


class _Lowering(Recorder):
    """Records the rows that the target supports, and the expansions of the others."""

    def __init__(self, target: Target) -> None:
        super().__init__()
        self.target = target

    def apply(self, primitive: Primitive, args: tuple[Any, ...]) -> Any:
        if self.target.word(primitive) is not None or (primitive.expand is None and self.target.calls):
            return super().apply(primitive, args)
        if primitive.expand is None:
            raise NotImplementedError(
                f"primitive {primitive.name!r} has no spelling for target {self.target.name!r}; define it with "
                f"{_keyword(self.target)} or with expand=..., or use another target"
            )
        operands = [self.operand(arg) for arg in args]
        safe = tuple(x if i in primitive.static else self.traced(x) for i, x in enumerate(operands))
        made = primitive.expand(*safe)
        return list(made) if isinstance(made, tuple) else made


def _keyword(target: Target) -> str:
    """Return the argument of ``primitive`` that gives a row its code for ``target``, for a message."""
    return f"{target.name}=..." if target.name in signature(primitive).parameters else f"words={{{target.name!r}: ...}}"


def supports(program: Program, target: Target) -> bool:
    """Tell whether ``target`` can run every row of ``program``: by its code, an expansion, or a call."""
    try:
        lower(program, target)
    except NotImplementedError:
        return False
    return True


def lower(program: Program, target: Target) -> Program:
    """Return ``program`` in rows that ``target`` has code for.

    Raises NotImplementedError, naming row and target, for a row with neither code nor an expansion;
    a target that can call Python calls the Python function of such a row instead.
    """
    if all(target.word(step.primitive) is not None for step in program.instructions):
        return program
    with _Lowering(target) as recorder:
        place = repeat(recorder, program)
        outputs: list[Operand] = [x if isinstance(x, float) else place[x] for x in program.outputs]
    made = recorder.program(outputs)
    guards = tuple((place[variable], outcome) for variable, outcome in program.guards)
    return replace(made, guards=tuple((x, outcome) for x, outcome in guards if isinstance(x, int)))
