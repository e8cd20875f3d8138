"""Tracing: run a function once and return its operations as a program."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import chain
from operator import attrgetter, eq, is_
from typing import Any

from autograd_mini.engine.hidden import hidden_numbers
from autograd_mini.engine.value import Value
from autograd_mini.program.ir import Operand, Program, Pull
from autograd_mini.program.record.late import Late
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
    late: int | None = None,
) -> Program:
    """Return the program of ``function(*numbers)``, with one argument per example number.

    The function gets a traced number for each example and returns one number or a flat sequence of
    numbers. Values that it captures become captured inputs; each ``if`` on a number branches as for
    the examples and is recorded as a guard. ``pull_back`` (``adjoint.pull_back``) makes ``grad`` and
    the other transforms work inside the function. ``hiding`` hides the numbers of Values from its
    code; ``kind`` is the class of the traced numbers. A function of at
    least ``late`` instructions that returns a gradient gives a program with a ``pull``.

    Raises TraceError for operations that a recorded program cannot repeat. In any case, traced
    numbers that the function stored somewhere are replaced by plain numbers.
    """
    recorder = Recorder(concrete=True, pull_back=pull_back, kind=kind, late=late)
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
        pull, late = _ending(recorder, results)
        outputs: list[Operand] = []
        for each in results:
            if id(each) in late:
                outputs.append(late[id(each)])
                continue
            if not isinstance(each, Value | float | int):
                raise TraceError(
                    f"{_name(function)} returned a {type(each).__name__}; a traced function returns Values or numbers"
                )
            outputs.append(recorder.number(each, "a result"))
    return replace(recorder.program(outputs), pull=pull)


def _ending(recorder: Recorder, results: Sequence[Any]) -> tuple[Pull | None, dict[int, int]]:
    """Return the sweep that a function ends with, if it is one and not recorded; and its variables, by id."""
    late = [(each, *each.place) for each in results if type(each) is Late]
    if not late or late[0][1].is_recorded or any(sweep is not late[0][1] for _, sweep, _ in late):
        return None, {}
    pull = late[0][1].pull(recorder.fresh)
    recorder.fresh += len(pull.results)
    return pull, {id(each): pull.results[index] for each, _, index in late}


def agreed(name: str, first: Program, second: Program) -> Program:
    """Return ``first`` if ``second``, the program of another run with the same numbers, is the same.

    Otherwise raise TraceError: random numbers, counters and growing lists would become constants in
    the program. Values that each run creates become literals.
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
            "counters and lists that grow would be constants in the compiled program: pass them as arguments"
        )
    return _with_literals(first, literals) if literals else first


def _bits(operands: Iterable[Operand]) -> bytes:
    return array("d", operands).tobytes()


def _is_same(first: Program, second: Program) -> bool:
    """Tell whether two programs are the same instruction by instruction, their literals to the bit."""
    steps, others = first.instructions, second.instructions
    if (first.inputs, first.guards, len(steps)) != (second.inputs, second.guards, len(others)):
        return False
    if repr(first.pull) != repr(second.pull):
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

    def there(operands: Sequence[Operand]) -> tuple[Operand, ...]:
        return tuple(place.get(x, x) if isinstance(x, int) else x for x in operands)

    pull = program.pull
    if pull is not None:
        pull = Pull(there(pull.outputs), there(pull.seeds), there(pull.inputs), pull.results)
    first = len(program.arguments)
    bound = [(x, v) for x, v in zip(program.inputs[first:], program.captured, strict=True) if x not in literals]
    return replace(
        program,
        inputs=(*program.arguments, *(x for x, _ in bound)),
        captured=tuple(value for _, value in bound),
        instructions=tuple(replace(step, operands=there(step.operands)) for step in program.instructions),
        outputs=there(program.outputs),
        names={x: name for x, name in program.names.items() if x not in literals},
        pull=pull,
    )


def _name(function: Callable[..., Any]) -> str:
    return getattr(function, "__name__", "the function")
