"""Recording with checks: what a program cannot repeat raises TraceError, what it depends on is noted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd_mini.engine.hidden import hidden_numbers
from autograd_mini.program.ir import Program
from autograd_mini.program.record.recorder import PullBack, Traced, TraceError
from autograd_mini.program.record.trace import agreed, trace
from autograd_mini.program.watch.generators import state
from autograd_mini.program.watch.outside import DRAW
from autograd_mini.program.watch.reach import AnyNote, Reach
from autograd_mini.program.watch.surroundings import condition
from autograd_mini.program.watch.witness import Witness

__all__ = ["record"]


def record(
    function: Callable[..., Any],
    examples: Sequence[float],
    names: Sequence[str] = (),
    pull_back: PullBack | None = None,
    *,
    root: Callable[..., Any] | None = None,
    kind: type[Traced] = Traced,
    late: int | None = None,
) -> tuple[Program, dict[tuple[object, ...], AnyNote]]:
    """Return the program of ``function`` (see ``trace``) and notes of everything that it depends on.

    The function runs twice. What differs between the runs, random numbers, the time and files would
    become constants in the program, so they raise TraceError. ``root`` is the function at which the
    notes start, where ``function`` is a wrapper around it; ``kind`` and ``late`` are as in
    ``trace``.
    """
    name = getattr(function, "__name__", "the function")
    hiding = hidden_numbers(at_once=False)
    with Witness(hiding.hide) as witness:
        first = trace(function, examples, names, pull_back, hiding, kind, late)
    for complaint in witness.complaints:
        raise TraceError(f"{name} {complaint}")
    reach = Reach(root or function, witness)
    states = [state(each) for each in reach.generators]
    notes = list(reach.notes.values())
    same = condition(notes)
    second = trace(function, examples, names, pull_back, hiding, kind, late)
    if [state(each) for each in reach.generators] != states:
        drawn = next(type(g).__name__ for g, s in zip(reach.generators, states, strict=True) if state(g) != s)
        raise TraceError(f"{name} {DRAW.format(f'from a {drawn}')}")
    if not same():
        changed = next(note.label for note in notes if not condition([note])())
        raise TraceError(
            f"{name} changes {changed}, which it also reads: the compiled function would not change it (a "
            "counter, a list that grows); return the new state as a result and pass it as an argument"
        )
    return agreed(name, first, second), reach.notes
