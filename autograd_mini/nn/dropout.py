"""Dropout: in training, each number is set to 0 with some probability; the mask is an input.

A random draw inside a compiled function would become a constant, so the mask comes from outside:
a ``Trainer`` draws one for each sample and step and passes it with the row, in every engine.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextvars import ContextVar, Token
from typing import Any, TypeAlias

import numpy as np

from autograd_mini.nn.module import Module
from autograd_mini.program.record.traced import TraceError

__all__ = ["Dropout", "Masks", "draw"]

Array: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]


class Masks:
    """Context in which every Dropout takes its mask from ``numbers``, in the order of the calls.

    Where ``numbers`` is None nothing is dropped, in either mode. ``counts``, where given, is a list
    to which the rate of every number that passes a Dropout is appended.
    """

    def __init__(self, numbers: Sequence[Any] | None, counts: list[float] | None = None) -> None:
        self._numbers: Iterator[Any] | None = None if numbers is None else iter(numbers)
        self.counts = counts

    def take(self, rate: float) -> Any:
        """Return the factor for the next number: 0, or 1/(1 − rate)."""
        if self.counts is not None:
            self.counts.append(rate)
        if self._numbers is None:
            return 1.0
        found = next(self._numbers, None)
        if found is None:
            raise TraceError(
                "the model drops more numbers for this sample than for the first one: a Dropout behind an `if` or in "
                "a loop of varying length has no mask; call it equally often for every sample"
            )
        return found

    def __enter__(self) -> Masks:
        self._token: Token[Masks | None] = _masks.set(self)
        return self

    def __exit__(self, *exception: object) -> None:
        _masks.reset(self._token)


_masks: ContextVar[Masks | None] = ContextVar("autograd_mini dropout masks", default=None)


def draw(rates: Sequence[float], rows: int, seed: Sequence[int]) -> Array:
    """Return masks (rows, len(rates)): 0 with the probability of each rate, else 1/(1 − rate)."""
    rate = np.asarray(rates, dtype=np.float64)
    kept = np.random.default_rng(list(seed)).random((rows, len(rate))) >= rate
    return kept / (1.0 - rate)


class Dropout(Module):
    """y = x·m/(1 − rate), m = 0 with probability ``rate`` and 1 otherwise, while training; else y = x.

    ``rate``  the probability with which a number is set to 0, in [0, 1)
    ``seed``  seed of the masks that it draws in train mode outside a Trainer

    ``training`` is the mode; ``model.train()`` and ``model.eval()`` set it for every part. A
    Trainer trains with masks and predicts without, in either mode. In train mode
    ``dropout(x, mask)`` takes a mask of 0s and 1s nested as x; a compiled function gets it as an
    argument. Without a mask it draws its own. The output has the shape of x.

    Raises ValueError for a rate outside [0, 1), and for a mask of another shape.
    Source: Srivastava et al. 2014, with the factor 1/(1 − rate) in training.

    >>> dropout = Dropout(0.5)
    >>> dropout([1.0, 2.0]), dropout.train()([1.0, 2.0], mask=[0, 1])
    ([1.0, 2.0], [0.0, 4.0])
    """

    def __init__(self, rate: float = 0.5, *, seed: int = 0) -> None:
        if isinstance(rate, bool) or not isinstance(rate, (int, float)) or not 0.0 <= rate < 1.0:
            raise ValueError(f"Dropout: rate is {rate!r}; a probability of at least 0 and below 1 is needed")
        self.rate, self.training = float(rate), False
        self.rng = np.random.default_rng(seed)

    def __call__(self, inputs: Any, mask: Any = None) -> Any:
        """Return the numbers, 0 where the mask is 0, and scaled in train mode."""
        return self.forward(inputs, mask)

    def forward(self, inputs: Any, mask: Any = None) -> Any:
        """Return the numbers, 0 where the mask is 0, and scaled in train mode."""
        masks = _masks.get()
        if mask is not None:
            scale = 1.0 / (1.0 - self.rate)
            return _times(inputs, mask, scale)
        if masks is not None:
            return _each(inputs, lambda: masks.take(self.rate))
        if not self.training:
            return inputs
        return _each(inputs, lambda: float(self.rng.random() >= self.rate) / (1.0 - self.rate))

    def __repr__(self) -> str:
        return f"Dropout({self.rate!r})"


def _each(signal: Any, factor: Any) -> Any:
    if isinstance(signal, (list, tuple)) or (isinstance(signal, np.ndarray) and signal.ndim):
        return [_each(item, factor) for item in signal]
    if signal is None:
        raise TypeError("Dropout: got None; a number, a Value or a list of them is needed")
    return signal * factor()


def _times(signal: Any, mask: Any, scale: float) -> Any:
    if isinstance(signal, (list, tuple)) or (isinstance(signal, np.ndarray) and signal.ndim):
        if not hasattr(mask, "__len__") or len(mask) != len(signal):
            raise ValueError(f"Dropout: the mask does not fit: a mask of {len(signal)} numbers is needed, got {mask!r}")
        return [_times(item, each, scale) for item, each in zip(signal, mask, strict=True)]
    return signal * (mask * scale)
