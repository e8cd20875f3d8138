"""Checks of a column: numbers that were read as words, and numbers too large to scale."""

from __future__ import annotations

import math
import re
from typing import Any, TypeAlias

import numpy as np

from autograd_mini.data.error import DataError
from autograd_mini.data.table import Column
from autograd_mini.format import brief
from autograd_mini.language import tell

__all__ = ["refuse_marked", "spread"]

Floats: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]

MARKED = re.compile(r"[¥￥$€£]?\s*[-+−]?\s*[¥￥$€£]?\d[\d.,'’_ ]*([eE][-+]?\d+)?\s*[%％円€$£]?")
"""A number with a sign of money or percent, with marks between thousands, or beyond the range of floats."""
INFINITE = re.compile(r"[-+−]?inf(inity)?", re.IGNORECASE)


def refuse_marked(column: Column) -> None:
    """Raise DataError for a column of words that are numbers with other marks, most of them different."""
    if column.numbers is not None:
        return
    words = {cell for cell in column.cells if cell}
    marked = all(MARKED.fullmatch(word) for word in words) and 2 * len(words) > len(column.cells)
    if words and (marked or all(INFINITE.fullmatch(word) for word in words)):
        raise DataError(
            tell(
                "column {column} holds numbers in a form that is not read, as {word}; write finite numbers without "
                "other marks, or leave the column out",
                column=repr(brief(column.name)),
                word=repr(brief(min(words))),
            )
        )


def spread(column: Column, numbers: Floats) -> tuple[float, float]:
    """Return mean and deviation, 1 where all numbers are equal; raise DataError where they overflow."""
    with np.errstate(over="ignore", invalid="ignore"):
        mean, deviation = float(numbers.mean()), float(numbers.std())
    if not math.isfinite(mean + deviation):
        raise DataError(
            tell(
                "column {column} has numbers as large as {number}, whose squares are infinite; divide them first, or "
                "leave the column out",
                column=repr(brief(column.name)),
                number=f"{float(abs(numbers).max()):g}",
            )
        )
    return mean, deviation or 1.0
