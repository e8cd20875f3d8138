"""A model as a standalone program: its parameters are literals in it, and it has no branches."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from autograd_mini.program.ir import Operand, Program
from autograd_mini.program.record.trace import trace

__all__ = ["flat", "standalone"]


def flat(outputs: Any) -> list[Any]:
    """Return a model's outputs, however nested, as a flat list."""
    if isinstance(outputs, (list, tuple, np.ndarray)):
        return [leaf for item in outputs for leaf in flat(item)]
    return [outputs]


def standalone(model: Callable[[Any], Any], inputs: int, example: Sequence[float] = ()) -> Program:
    """Return ``model(list of numbers)`` as a program of ``inputs`` arguments that captures nothing.

    The current numbers of captured Values, such as the parameters, become literals. Raises
    ValueError for a model that branches with ``if``, because it would need several programs.
    """
    numbers = list(example) or [math.sin(i + 1.0) for i in range(inputs)]  # all different, so that no ties occur
    program = trace(lambda *xs: flat(model(list(xs))), numbers)
    if program.guards:
        raise ValueError(
            "the model branches with `if`, so it is not one program; choose with where(condition, a, b) "
            "or with maximum, relu… instead"
        )
    first = len(program.arguments)
    held: dict[int, float] = {
        variable: value.data for variable, value in zip(program.inputs[first:], program.captured, strict=True)
    }

    def literal(operand: Operand) -> Operand:
        return held.get(operand, operand) if isinstance(operand, int) else operand

    steps = tuple(replace(step, operands=tuple(map(literal, step.operands))) for step in program.instructions)
    outputs = tuple(map(literal, program.outputs))
    return replace(program, inputs=program.arguments, captured=(), instructions=steps, outputs=outputs)
