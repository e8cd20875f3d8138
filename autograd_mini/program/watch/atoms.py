"""Atoms: numbers and strings, of which type and value are all there is to know."""

from __future__ import annotations

from collections.abc import Sequence
from operator import is_
from types import NoneType
from typing import Any

import numpy as np

from autograd_mini.engine.value import Value

__all__ = ["PLAIN", "all_same", "is_atom", "same"]

TOLD_APART = {int, bool, str, bytes}
"""Types in which equal objects are the same; 0.0 and -0.0 are equal, too."""
EXACT = {float, complex, NoneType, *TOLD_APART}
PLAIN = {float, int, bool, str, bytes, NoneType, Value}
"""Types in which there is nothing to follow."""


def is_atom(item: object) -> bool:
    """Tell whether an object is a number or a string; one of a subclass may have attributes."""
    kind = type(item)
    return kind in EXACT or (isinstance(item, np.number | np.bool_) and kind.__module__ == "numpy")


def same(now: object, seen: object) -> bool:
    """Tell whether two atoms have the same type, value, and sign of zero."""
    kind = seen.__class__
    if now.__class__ is not kind or not is_atom(seen):
        return False
    if kind in TOLD_APART:
        return now == seen
    return (now == seen or now != now) and repr(now) == repr(seen)


def all_same(now: Sequence[Any], seen: Sequence[Any]) -> bool:
    """Tell whether two lists have the same atoms and the very same other objects."""
    return len(now) == len(seen) and (
        all(map(is_, now, seen)) or all(a is b or same(a, b) for a, b in zip(now, seen, strict=True))
    )
