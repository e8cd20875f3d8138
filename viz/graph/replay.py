"""replay: run a program on Values, so that its picture has numbers and gradients."""

from __future__ import annotations

from collections.abc import Sequence

from autograd_mini.engine.observer import observed_by
from autograd_mini.engine.value import Value, parameter
from autograd_mini.program.ir import Program

__all__ = ["replay"]


def replay(program: Program, values: Sequence[float]) -> list[Value]:
    """Return the outputs of ``program`` at ``values`` (one per argument) as a graph of Values, after a backward pass.

    Captured Values are copied, so that their gradients do not change.

    Raises ValueError for a wrong number of values.
    """
    if len(values) != len(program.arguments):
        raise ValueError(
            f"values has {len(values)} numbers; the program takes {len(program.arguments)}, one for each argument"
        )
    made: dict[int, Value] = {}
    with observed_by(None):
        for variable, value in zip(program.arguments, values, strict=True):
            made[variable] = Value(value, program.names.get(variable, ""))
        bound = program.inputs[len(program.arguments) :]
        for variable, captured in zip(bound, program.captured, strict=True):
            label = program.names.get(variable, "") or captured.label
            copy = parameter if captured.is_parameter else Value
            made[variable] = copy(captured.data, label)
        for instruction in program.instructions:
            operands = tuple(made[x] if isinstance(x, int) else x for x in instruction.operands)
            found = Value.__apply__(instruction.primitive, operands)
            results = found if isinstance(found, list) else [found]
            for variable, result in zip(instruction.results, results, strict=True):
                result.label = program.names.get(variable, "")
                made[variable] = result
        outputs = [made[x] if isinstance(x, int) else Value(x) for x in program.outputs]
        for output in dict.fromkeys(outputs):
            output.backward()
    return outputs
