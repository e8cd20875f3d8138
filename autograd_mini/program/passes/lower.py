"""Lowering: expand what a target has no word for into what it has.

A row such as ``sigmoid`` is written in other rows (its ``expand``). A target that spells it
natively keeps it; for the others the expansion is recorded in its place, and theirs in turn.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from autograd_mini.primitives.row import Primitive
from autograd_mini.program.ir import Operand, Program
from autograd_mini.program.record.recorder import Recorder

__all__ = ["lower", "speaks"]

CALLABLE = ("python", "numpy")
"""Targets inside this process, which can call the value of a row that has no text."""


class _Lowering(Recorder):
    """Records what the target spells, and the expansion of everything else."""

    def __init__(self, target: str) -> None:
        super().__init__()
        self.target = target

    def apply(self, primitive: Primitive, args: tuple[Any, ...]) -> Any:
        if self.target in primitive.spellings or (primitive.expand is None and self.target in CALLABLE):
            return super().apply(primitive, args)
        if primitive.expand is None:
            raise NotImplementedError(
                f"primitive {primitive.name!r} has no spelling for target {self.target!r}; define it with "
                f"{self.target}=... or with expand=..., or use another target"
            )
        operands = [self.operand(arg) for arg in args]
        safe = tuple(x if i in primitive.static else self.traced(x) for i, x in enumerate(operands))
        made = primitive.expand(*safe)
        return list(made) if isinstance(made, tuple) else made


def speaks(program: Program, target: str) -> bool:
    """Tell whether ``target`` can run every row of ``program``: by a spelling, an expansion, or a call."""
    try:
        lower(program, target)
    except NotImplementedError:
        return False
    return True


def lower(program: Program, target: str) -> Program:
    """Return ``program`` in rows that ``target`` spells ("python", "numpy", "javascript", "llvm").

    Raises NotImplementedError, naming row and target, for a row with neither spelling nor
    expansion; "python" and "numpy" call such a row's value instead.
    """
    if all(target in step.primitive.spellings for step in program.instructions):
        return program
    with _Lowering(target) as recorder:
        place = recorder.replay(program)
        for instruction in program.instructions:
            recorder.step(instruction, place)
        outputs: list[Operand] = [x if isinstance(x, float) else place[x] for x in program.outputs]
    made = recorder.program(outputs)
    guards = tuple((place[variable], outcome) for variable, outcome in program.guards)
    return replace(made, guards=tuple((x, outcome) for x, outcome in guards if isinstance(x, int)))
