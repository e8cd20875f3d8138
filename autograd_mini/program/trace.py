"""Tracing: run a function once and keep what it did as a program."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd_mini.program.ir import Operand, Program
from autograd_mini.program.recorder import PullBack, Recorder, TraceError
from autograd_mini.value import Value

__all__ = ["trace"]


def trace(
    function: Callable[..., Any],
    examples: Sequence[float],
    names: Sequence[str] = (),
    pull_back: PullBack | None = None,
) -> Program:
    """Return what ``function(*numbers)`` computes, as a program with one argument per example.

    The function receives a traced number for each example and returns one number or a flat
    sequence of them. Values it uses from outside become captured inputs; every ``if`` on a
    number is decided by the examples and kept as a guard. ``pull_back`` (``adjoint.pull_back``)
    lets ``grad`` and the other transforms work inside the function.

    Raises TraceError where the function does what a recorded program cannot repeat.
    """
    recorder = Recorder(concrete=True, pull_back=pull_back)
    with recorder:
        arguments = [
            recorder.argument(float(example), name)
            for example, name in zip(examples, list(names) or [""] * len(examples), strict=True)
        ]
        result = function(*arguments)
        results = list(result) if isinstance(result, list | tuple) else [result]
        outputs: list[Operand] = []
        for each in results:
            if not isinstance(each, Value | float | int):
                raise TraceError(
                    f"{_name(function)} returned a {type(each).__name__}; a traced function returns Values or numbers"
                )
            outputs.append(recorder.number(each, "a result"))
    _check_untouched(recorder, function)
    return recorder.program(outputs)


def _check_untouched(recorder: Recorder, function: Callable[..., Any]) -> None:
    for value, _, number in recorder.captured.values():
        if value.data != number and not (value.data != value.data and number != number):
            raise TraceError(
                f"{_name(function)} assigns to .data of {value.label or 'a Value'} it uses; a compiled program does not "
                "write into Values: return the new number instead"
            )


def _name(function: Callable[..., Any]) -> str:
    return getattr(function, "__name__", "the function")
