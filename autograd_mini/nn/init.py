"""Initial values of weights: functions (fan_in, fan_out, random source) → number.

``fan_in`` is the number of inputs of one output, ``fan_out`` the number of outputs of one input.
A random source is a ``random.Random``; None means Python's module ``random``, which
``random.seed`` seeds.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from inspect import signature
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from autograd_mini.format import described, similar

__all__ = [
    "Initialiser",
    "Source",
    "constant",
    "he",
    "he_normal",
    "initialiser",
    "source",
    "uniform",
    "xavier",
    "xavier_normal",
]


class Source(Protocol):
    """What an initialiser draws from: ``random.Random``, or the module ``random`` itself."""

    def uniform(self, a: float, b: float) -> float:
        """Return a number between a and b."""

    def gauss(self, mu: float, sigma: float) -> float:
        """Return a normally distributed number."""


Initialiser: TypeAlias = Callable[[int, int, Source], float]


def source(rng: random.Random | int | None) -> Source:
    """Return the random source for ``rng``: itself, a new one for a seed, or Python's ``random``."""
    if rng is None:
        return random
    if isinstance(rng, random.Random):
        return rng
    if isinstance(rng, int):
        return random.Random(rng)
    raise TypeError(f"rng is a {type(rng).__name__}; give a random.Random, an int as seed, or None")


def initialiser(init: Initialiser | None, usual: Initialiser) -> Initialiser:
    """Return ``init``, or the default ``usual`` where it is None; TypeError where it is not a function."""
    if init is None:
        return usual
    makers: tuple[object, ...] = (uniform, xavier, xavier_normal, he, he_normal, constant)
    if any(init is maker for maker in makers):
        name = getattr(init, "__name__", "")
        raise TypeError(f"init is init.{name} itself; call it, as in init={name}()")
    if not callable(init):
        raise TypeError(f"init is {described(init)}; a function (fan_in, fan_out, rng) is needed, as nn.init.xavier()")
    try:
        takes = signature(init)
    except (TypeError, ValueError):  # a function in C without a signature
        return init
    try:
        takes.bind(1, 1, None)
    except TypeError:
        raise TypeError(
            f"init takes (fan_in, fan_out, rng), and {getattr(init, '__name__', init)!r} takes {takes}; give a "
            "function of three arguments, as nn.init.xavier()"
        ) from None
    return init


def _check_numbers(owner: str, **numbers: float) -> None:
    for name, number in numbers.items():
        if isinstance(number, bool) or not isinstance(number, (int, float)):
            raise TypeError(f"init.{owner}: {name} is {described(number)}; a number is needed")


def constant(number: float) -> Initialiser:
    """Every weight is ``number``."""
    _check_numbers("constant", number=number)
    return lambda fan_in, fan_out, rng: number


def uniform(low: float = -1.0, high: float = 1.0) -> Initialiser:
    """Uniform on [low, high]; the default [−1, 1] is micrograd's."""
    _check_numbers("uniform", low=low, high=high)
    return lambda fan_in, fan_out, rng: rng.uniform(low, high)


def xavier(gain: float = 1.0) -> Initialiser:
    """Uniform on ±gain·√(6/(fan_in + fan_out)), for tanh (Glorot and Bengio 2010)."""
    _check_numbers("xavier", gain=gain)

    def draw(fan_in: int, fan_out: int, rng: Source) -> float:
        bound = gain * math.sqrt(6.0 / (fan_in + fan_out))
        return rng.uniform(-bound, bound)

    return draw


def xavier_normal(gain: float = 1.0) -> Initialiser:
    """Normal with mean 0 and deviation gain·√(2/(fan_in + fan_out)) (Glorot and Bengio 2010)."""
    return lambda fan_in, fan_out, rng: rng.gauss(0.0, gain * math.sqrt(2.0 / (fan_in + fan_out)))


def he() -> Initialiser:
    """Uniform on ±√(6/fan_in), for relu (He et al. 2015)."""

    def draw(fan_in: int, fan_out: int, rng: Source) -> float:
        bound = math.sqrt(6.0 / fan_in)
        return rng.uniform(-bound, bound)

    return draw


def he_normal() -> Initialiser:
    """Normal with mean 0 and deviation √(2/fan_in), for relu (He et al. 2015)."""
    return lambda fan_in, fan_out, rng: rng.gauss(0.0, math.sqrt(2.0 / fan_in))


if not TYPE_CHECKING:  # a type checker knows the names that are there

    def __getattr__(name: str) -> Any:
        usual = {"glorot": "xavier", "glorot_uniform": "xavier", "kaiming": "he", "normal": "xavier_normal"}
        raise AttributeError(f"nn.init has no {name!r}{similar(name, __all__, usual)}")
