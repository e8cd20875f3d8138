"""Numbers in the options of commands."""

from __future__ import annotations

import argparse
import math

from autograd_mini.format import brief
from autograd_mini.language import tell

__all__ = ["at_least_0", "count", "whole"]

LARGEST = 2**63


def count(text: str) -> int:
    """Return a whole number of at least 1."""
    number = _integer(text)
    if not 1 <= number < LARGEST:
        raise argparse.ArgumentTypeError(tell("{text} is not a whole number of at least 1", text=repr(brief(text))))
    return number


def whole(text: str) -> int:
    """Return a whole number of at least 0."""
    number = _integer(text)
    if not 0 <= number < LARGEST:
        raise argparse.ArgumentTypeError(tell("{text} is not a whole number of at least 0", text=repr(brief(text))))
    return number


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        return -1


def at_least_0(text: str) -> float:
    """Return a finite number of at least 0."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0.0 <= number < math.inf:
        raise argparse.ArgumentTypeError(tell("{text} is not a finite number of at least 0", text=repr(brief(text))))
    return number
