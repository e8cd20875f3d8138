"""Schedules: functions epoch → factor by which the learning rate is multiplied; epochs count from 0.

Any function of the epoch can be used; these are common ones. Each raises TypeError or ValueError
for an argument that is not a finite number in its range.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from autograd_mini.format import similar

__all__ = ["Schedule", "constant", "cosine", "exponential", "inverse_time", "linear", "step"]

Schedule: TypeAlias = Callable[[int], float]


def _positive(owner: str, **numbers: float) -> None:
    for name, number in numbers.items():
        if isinstance(number, bool) or not isinstance(number, (int, float)):
            raise TypeError(f"{owner}: {name} is {number!r}, a {type(number).__name__}; a number is needed")
        if not number > 0 or math.isinf(number):
            raise ValueError(f"{owner}: {name} is {number!r}; a finite number above 0 is needed")


def constant(factor: float = 1.0) -> Schedule:
    """``factor`` in every epoch."""
    _positive("constant", factor=factor)
    return lambda epoch: factor


def step(every: int, factor: float = 0.5) -> Schedule:
    """factor^⌊epoch/every⌋: multiplied by ``factor`` after each ``every`` epochs."""
    _positive("step", every=every, factor=factor)
    return lambda epoch: factor ** (epoch // every)


def exponential(rate: float) -> Schedule:
    """rate^epoch, for example with rate 0.99."""
    _positive("exponential", rate=rate)
    return lambda epoch: rate**epoch


def inverse_time(rate: float) -> Schedule:
    """1/(1 + rate·epoch), for a rate above 0."""
    _positive("inverse_time", rate=rate)
    return lambda epoch: 1.0 / (1.0 + rate * epoch)


def linear(epochs: int, end: float = 0.0) -> Schedule:
    """1 + (end − 1)·min(epoch/epochs, 1): linear from 1 to ``end`` over ``epochs`` epochs, then ``end``."""
    _positive("linear", epochs=epochs)
    _positive("linear", end=end + 1.0 if isinstance(end, (int, float)) else end)
    return lambda epoch: 1.0 + (end - 1.0) * min(epoch / epochs, 1.0)


def cosine(epochs: int, end: float = 0.0) -> Schedule:
    """end + (1 − end)·½(1 + cos(π·epoch/epochs)), then ``end`` (Loshchilov and Hutter 2017, without restarts)."""
    _positive("cosine", epochs=epochs)
    _positive("cosine", end=end + 1.0 if isinstance(end, (int, float)) else end)
    return lambda epoch: end + (1.0 - end) * 0.5 * (1.0 + math.cos(math.pi * min(epoch / epochs, 1.0)))


USUAL = {"decay": "exponential", "steplr": "step", "exponentiallr": "exponential", "cosineannealinglr": "cosine"}

if not TYPE_CHECKING:  # a type checker knows the names that are there

    def __getattr__(name: str) -> Any:
        raise AttributeError(f"schedules has no {name!r}{similar(name, __all__, USUAL)}")
