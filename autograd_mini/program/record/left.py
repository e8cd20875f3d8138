"""What a recorded function left behind: traced numbers in a list, an attribute, a global."""

from __future__ import annotations

import gc
import sys
from types import CellType
from typing import Any

from autograd_mini.program.record.recorder import Recorder
from autograd_mini.program.record.traced import Traced

__all__ = ["has_left", "withdraw"]


def has_left(recorder: Recorder) -> bool:
    """Tell whether traced numbers of a recorder that is done are still held somewhere."""
    return sys.getrefcount(recorder) > ALONE


def _alone() -> int:
    recorder = Recorder()

    def asked(recorder: Recorder) -> int:
        return sys.getrefcount(recorder)

    return asked(recorder)


ALONE = _alone()


def withdraw(recorder: Recorder) -> str:
    """Put plain numbers in the place of what is left, and say where, "" where nothing was.

    They are the numbers that the function would have left, had it run on numbers.
    """
    where = ""
    left = _held(recorder)
    if left:
        gc.collect()  # numbers that only garbage holds are not left behind
        left = _held(recorder)
    for traced in left:
        number = _number(recorder, traced)
        for holder in gc.get_referrers(traced):
            if holder is not left:
                where = _replace(holder, traced, number) or where
    return where


def _held(recorder: Recorder) -> list[Traced]:
    return [each for each in gc.get_referrers(recorder) if isinstance(each, Traced)]


def _number(recorder: Recorder, traced: Traced) -> float:
    operand, numbers = traced.operand, recorder.numbers
    return operand if isinstance(operand, float) else float(numbers[operand]) if numbers is not None else float("nan")


def _replace(holder: Any, traced: Traced, number: float) -> str:
    """Replace a traced number in a list, a dict, an object's attributes or a cell; say what that is."""
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
