"""Find the traced numbers that a recorded function stored somewhere: in a list, an attribute, a global.

The objects that refer to a traced number could be found by searching all objects of the process,
which is slow in a large process. So references are counted first: normally none remain after a
function returned, and after an exception they are in the frames of its traceback.
"""

from __future__ import annotations

import gc
import sys
from collections import Counter, deque
from types import CellType, TracebackType
from typing import Any

from autograd_mini.program.record.recorder import Recorder
from autograd_mini.program.record.traced import Traced

__all__ = ["has_left", "withdraw"]

YOUNG = (0, 1)  # generations of the garbage collector that usually contain the garbage of a recording
LARGEST = 10_000  # elements of a container, and objects in frames, that are searched one by one
HOLDERS = (list, tuple, dict, CellType, zip, enumerate, map, *map(type, (iter([]), iter(()), iter({}.values()))))


def has_left(recorder: Recorder) -> bool:
    """Tell whether objects other than young garbage still refer to traced numbers of a finished recorder."""
    for generation in YOUNG:
        if sys.getrefcount(recorder) == ALONE:
            return False
        gc.collect(generation)
    return sys.getrefcount(recorder) > ALONE


def withdraw(recorder: Recorder, error: BaseException | None = None) -> str:
    """Replace the remaining traced numbers by plain numbers; return where they were, "" where there were none.

    The function would have stored these plain numbers if it had been called with numbers. ``error``
    is the exception that it raised.
    """
    if error is not None:
        frames = _Frames(recorder, error.__traceback__)
        if all(unknown <= always for unknown, always in zip(frames.unknown, EXPLAINED, strict=True)):
            return _replaced(recorder, frames.holders)
    else:
        gc.collect()  # numbers that only garbage refers to do not count
    return _replaced(recorder, _everywhere(recorder))


def _everywhere(recorder: Recorder) -> list[tuple[Any, Traced]]:
    """Return (holder, number) for all objects of the process that refer to a traced number."""
    left = [each for each in gc.get_referrers(recorder) if isinstance(each, Traced)]
    return [(holder, traced) for traced in left for holder in gc.get_referrers(traced) if holder is not left]


def _replaced(recorder: Recorder, held: list[tuple[Any, Traced]]) -> str:
    where = ""
    for holder, traced in held:
        where = _replace(holder, traced, _plain_number(recorder, traced)) or where
    return where


def _plain_number(recorder: Recorder, traced: Traced) -> float:
    operand, numbers = traced.operand, recorder.numbers
    return operand if isinstance(operand, float) else float(numbers[operand]) if numbers is not None else float("nan")


def _replace(holder: Any, traced: Traced, number: float) -> str:
    """Replace a traced number in a list, a dict, an object's attributes or a cell; return its description."""
    if isinstance(holder, list):
        for i, each in enumerate(holder):
            if each is traced:
                holder[i] = number
        return "a list"
    if isinstance(holder, dict):
        named = [key for key, each in list(holder.items()) if each is traced]
        for key in named:
            holder[key] = number
        return f"the name or key {named[0]!r}" if named else ""
    if isinstance(holder, CellType):
        holder.cell_contents = number
        return "a variable of an enclosing function"
    space = getattr(holder, "__dict__", None)
    slots = [name for each in type(holder).__mro__ for name in each.__dict__.get("__slots__", ())]
    for name in [*(space if isinstance(space, dict) else ()), *slots]:
        if getattr(holder, name, None) is traced:
            object.__setattr__(holder, name, number)
            return f"an attribute {name!r}"
    return ""


class _Frames:
    """The objects that refer to traced numbers in the frames of a failed call, and in containers there.

    ``holders``  (holder, number) pairs
    ``unknown``  the largest number of references, to the recorder or to a number, that these do not explain
    """

    def __init__(self, recorder: Recorder, traceback: TracebackType | None) -> None:
        self.holders: list[tuple[Any, Traced]] = []
        self._counts: Counter[int] = Counter()
        self._met: dict[int, Any] = {}
        while traceback is not None:
            self._met[id(traceback.tb_frame)] = traceback.tb_frame
            traceback = traceback.tb_next
        left = deque(self._met.values())
        while left:
            self._look_into(left.popleft(), recorder, left)
        numbers = {id(each): each for _, each in self.holders}
        self.unknown = (
            sys.getrefcount(recorder) - self._counts[id(recorder)],
            max(
                # each counted reference has one entry in ``holders``
                [sys.getrefcount(each) - 2 * self._counts[id(each)] for each in numbers.values()],
                default=0,
            ),
        )

    def _look_into(self, item: Any, recorder: Recorder, left: deque[Any]) -> None:
        for each in gc.get_referents(item):
            if each is recorder:
                self._counts[id(recorder)] += 1
                continue
            if isinstance(each, Traced) and each.recorder is recorder:
                self._counts[id(each)] += 1
                self.holders.append((item, each))
            elif not isinstance(each, HOLDERS) or (isinstance(each, list | dict) and len(each) > LARGEST):
                continue
            if id(each) not in self._met and len(self._met) < LARGEST:
                self._met[id(each)] = each
                left.append(each)


# ---------------------------------------------------------------- the number of references without any holder


def _alone() -> int:
    recorder = Recorder()

    def asked(recorder: Recorder) -> int:
        return sys.getrefcount(recorder)

    return asked(recorder)


def _explained() -> tuple[int, int]:
    recorder = Recorder()

    def fails(number: Traced) -> None:
        raise ValueError

    def asked(recorder: Recorder, error: BaseException) -> tuple[int, int]:
        return _Frames(recorder, error.__traceback__).unknown

    try:
        fails(recorder.argument())
    except ValueError as error:
        return asked(recorder, error)
    raise AssertionError


ALONE, EXPLAINED = _alone(), _explained()
