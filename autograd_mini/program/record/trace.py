"""Tracing: run a function once and keep what it did as a program."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import chain
from operator import attrgetter, eq, is_
from typing import Any

from autograd_mini.engine.hidden import hidden_numbers
from autograd_mini.engine.value import Value
from autograd_mini.program.ir import Operand, Program
from autograd_mini.program.record.left import has_left, withdraw
from autograd_mini.program.record.recorder import PullBack, Recorder, Traced, TraceError
from autograd_mini.program.record.traced import WholeArray

__all__ = ["agreed", "trace"]

ROW, OPERANDS, RESULTS = map(attrgetter, ("primitive", "operands", "results"))


def trace(
    function: Callable[..., Any],
    examples: Sequence[float],
    names: Sequence[str] = (),
    pull_back: PullBack | None = None,
    hiding: hidden_numbers | None = None,
    kind: type[Traced] = Traced,
) -> Program:
    """Return what ``function(*numbers)`` computes, as a program with one argument per example.

    The function receives a traced number for each example and returns one number or a flat
    sequence of them. Values it uses from outside become captured inputs; every ``if`` on a
    number is decided by the examples and kept as a guard. ``pull_back`` (``adjoint.pull_back``)
    lets ``grad`` and the other transforms work inside the function. ``hiding`` hides the
    numbers of Values from its code; ``kind`` is the class of the traced numbers.

    Raises TraceError where the function does what a recorded program cannot repeat. Whatever
    comes of it, no traced number stays behind where the function put one.
    """
    recorder = Recorder(concrete=True, pull_back=pull_back, kind=kind)
    try:
        program = _run(recorder, function, examples, names, hiding or hidden_numbers())
    except BaseException as error:
        withdraw(recorder, error)
        raise
    left = withdraw(recorder) if has_left(recorder) else ""
    if left:
        raise TraceError(
            f"{_name(function)} keeps a number of the traced call in {left}, where the compiled program cannot renew "
            "it; return it from the function instead"
        )
    return program


def _run(
    recorder: Recorder,
    function: Callable[..., Any],
    examples: Sequence[float],
    names: Sequence[str],
    hiding: hidden_numbers,
) -> Program:
    with recorder, hiding:
        arguments = [
            recorder.argument(float(example), name)
            for example, name in zip(examples, list(names) or [""] * len(examples), strict=True)
        ]
        result = function(*arguments)
        if recorder.is_whole:
            raise WholeArray
        results = list(result) if isinstance(result, list | tuple) else [result]
        outputs: list[Operand] = []
        for each in results:
            if not isinstance(each, Value | float | int):
                raise TraceError(
                    f"{_name(function)} returned a {type(each).__name__}; a traced function returns Values or numbers"
                )
            outputs.append(recorder.number(each, "a result"))
    return recorder.program(outputs)


def agreed(name: str, first: Program, second: Program) -> Program:
    """Return ``first``, having made sure that ``second``, another run with the same numbers, did the same.

    What differs from run to run (random numbers, counters, lists that grow) would be frozen in
    the program; it raises TraceError. Values the function makes anew become literals.
    """
    literals: dict[int, float] = {}
    same = len(first.captured) == len(second.captured)
    for variable, a, b in zip(first.inputs[len(first.arguments) :], first.captured, second.captured, strict=False):
        if a is not b:
            same = same and a.is_leaf and b.is_leaf and _bits([a.data]) == _bits([b.data])
            literals[variable] = a.data
    if not same or not _is_same(first, second):
        raise TraceError(
            f"{name} computed something else when run a second time with the same numbers; random numbers, "
            "counters and lists that grow would be frozen in the compiled program: pass them as arguments"
        )
    return _with_literals(first, literals) if literals else first


def _bits(operands: Iterable[Operand]) -> bytes:
    return array("d", operands).tobytes()


def _is_same(first: Program, second: Program) -> bool:
    """Tell whether two programs are the same instruction by instruction, their literals to the bit."""
    steps, others = first.instructions, second.instructions
    if (first.inputs, first.guards, len(steps)) != (second.inputs, second.guards, len(others)):
        return False
    operands = [*chain.from_iterable(map(OPERANDS, steps)), *first.outputs]
    theirs = [*chain.from_iterable(map(OPERANDS, others)), *second.outputs]
    return (
        all(map(is_, map(ROW, steps), map(ROW, others)))
        and all(map(eq, map(RESULTS, steps), map(RESULTS, others)))
        and len(operands) == len(theirs)
        and all(map(is_, map(type, operands), map(type, theirs)))
        and _bits(operands) == _bits(theirs)
    )


def _with_literals(program: Program, literals: dict[int, float]) -> Program:
    """Return ``program`` with some captured inputs replaced by numbers."""
    place: dict[int, Operand] = dict(literals)
    first = len(program.arguments)
    bound = [(x, v) for x, v in zip(program.inputs[first:], program.captured, strict=True) if x not in literals]
    return replace(
        program,
        inputs=(*program.arguments, *(x for x, _ in bound)),
        captured=tuple(value for _, value in bound),
        instructions=tuple(
            replace(step, operands=tuple(place.get(x, x) if isinstance(x, int) else x for x in step.operands))
            for step in program.instructions
        ),
        outputs=tuple(place.get(x, x) if isinstance(x, int) else x for x in program.outputs),
        names={x: name for x, name in program.names.items() if x not in literals},
    )


def _name(function: Callable[..., Any]) -> str:
    return getattr(function, "__name__", "the function")
