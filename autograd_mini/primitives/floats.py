"""Numbers as arguments of primitives: floats, with IEEE 754 arithmetic where Python would raise."""

from __future__ import annotations

import math
from collections.abc import Callable
from numbers import Real
from typing import Any

import numpy as np

__all__ = ["OPERAND", "as_number", "by_ieee", "mapped"]

OPERAND = "a Value or a real number"
"""What is legal as an operand."""


def as_number(arg: object, operation: str, legal: str = "a real number") -> float:
    """Return ``arg`` as a float, or raise TypeError naming the operation, the type and what is ``legal``."""
    if isinstance(arg, (Real, np.bool_)) or (isinstance(arg, np.ndarray) and not arg.ndim and arg.dtype.kind in "biuf"):
        try:
            return float(arg)
        except OverflowError:  # an int beyond the range of floats
            return math.inf if arg > 0 else -math.inf  # type: ignore[operator]  # an int, by the error it raised
    if hasattr(arg, "__apply__"):
        raise TypeError(f"{operation}: a Value is given, a plain number is needed; value.data is its number")
    raise TypeError(
        f"{operation}: unsupported operand type {type(arg).__name__!r}; {legal} (int, float, NumPy scalar) is needed"
    )


def mapped(convert: Callable[[Any], Any], result: Any) -> Any:
    """Return ``convert`` of a result, or of each where there are several."""
    return tuple(map(convert, result)) if isinstance(result, tuple) else convert(result)


def by_ieee(rule: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    """Return ``rule(*args)``; where Python's floats raise, as in 1/0, use NumPy's, which follow IEEE 754."""
    try:
        return rule(*args)
    except ArithmeticError:
        with np.errstate(all="ignore"):
            return _nested(rule(*(_nested(arg, np.float64) for arg in args)), float)


def _nested(given: Any, convert: Callable[[float], float]) -> Any:
    """Convert the floats of ``given``, a number or a tuple or list of numbers; keep None and ints (an index)."""
    if isinstance(given, tuple | list):
        return type(given)(_nested(each, convert) for each in given)
    return convert(given) if isinstance(given, float) else given
