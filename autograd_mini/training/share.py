"""Share: which samples of all are this process's, where several processes train together."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

__all__ = ["Share"]

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]
Gather: TypeAlias = Callable[[Array], Array]
"""An array of this process → those of all processes, with a first axis for them; all must call it."""


@dataclass(frozen=True)
class Share:
    """The samples ``first`` to ``first + count`` of ``total``; those of the processes follow each other.

    ``alone``   True where there is one process
    ``leads``   True for the process that writes files and shows progress
    """

    first: int
    count: int
    total: int
    alone: bool
    leads: bool
    gather: Gather

    @classmethod
    def of(cls, count: int, number: int, gather: Gather) -> Share:
        """Return the share of process ``number``, which has ``count`` samples."""
        counts = gather(np.array(count)).tolist()
        return cls(sum(counts[:number]), count, sum(counts), len(counts) == 1, number == 0, gather)

    def own(self, samples: Array) -> tuple[Array, Array]:
        """Return the places in ``samples`` (numbers among all) of this process's, and its own numbers for them."""
        if self.alone:
            return np.arange(len(samples)), samples
        places = np.flatnonzero((samples >= self.first) & (samples < self.first + self.count))
        return places, samples[places] - self.first

    def mean(self, mean: float, count: int) -> float:
        """Return the mean over the samples of all processes from that over ``count`` of this one's."""
        if self.alone:
            return mean
        found = self.gather(np.array([mean * count, count], dtype=np.float64))
        return math.fsum(found[:, 0]) / math.fsum(found[:, 1])
