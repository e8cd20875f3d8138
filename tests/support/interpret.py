"""The meaning of a program, in a few lines."""

from __future__ import annotations

import math
from typing import Any

from autograd_mini.primitives.table import take
from autograd_mini.program.ir import Program

__all__ = ["interpret", "values"]


def values(program: Program, xs: tuple[float, ...]) -> dict[int, Any]:
    """Return what every variable is at the arguments ``xs``, each row evaluated in turn."""
    known: dict[int, Any] = dict(zip(program.inputs, [*xs, *(v.data for v in program.captured)], strict=True))
    for step in program.instructions:
        operands = tuple(known[x] if isinstance(x, int) else x for x in step.operands)
        try:
            out = step.primitive.evaluate(operands)
        except IndexError:  # take refuses an index that is none; a program gives nan there
            if step.primitive is not take:
                raise
            out = math.nan
        known.update(zip(step.results, out if step.primitive.outputs else [out], strict=True))
    return known


def interpret(program: Program, xs: tuple[float, ...]) -> list[float]:
    """Return the outputs at the arguments ``xs``."""
    known = values(program, xs)
    return [float(known[x]) if isinstance(x, int) else x for x in program.outputs]
