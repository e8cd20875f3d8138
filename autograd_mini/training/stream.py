"""Stream: samples that do not fit into memory, read block by block and shuffled within a window.

An epoch reads the blocks in their order. ``WINDOW`` samples at a time are shuffled, by (seed, epoch, window)
alone, and cut into mini-batches; what is left of a window that does not fill one begins the next. So memory
holds a window or two, whatever the number of samples, and a resumed run meets the same mini-batches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any, TypeAlias

import numpy as np

from autograd_mini.format import described
from autograd_mini.training.evaluation import Rows

__all__ = ["LARGE", "WINDOW", "Stream"]

Block: TypeAlias = tuple[Any, Any]
"""Samples (n, …) and their targets (n,) or (n, m)."""

WINDOW = 100_000  # samples that are shuffled among each other
LARGE = 2**28  # bytes from which on a memory-mapped array is read in blocks; a smaller one is read whole


class Stream:
    """Blocks of (X, y), to be read once in every epoch.

    ``read``  a function of no arguments that returns the blocks from the first on
    """

    def __init__(self, read: Callable[[], Iterable[Block]]) -> None:
        self.read = read

    @classmethod
    def of(cls, X: Any, y: Any, epochs: int, size: int | None, window: int = WINDOW) -> Stream | None:
        """Return the stream that the arguments of ``fit`` mean, None where they are samples in memory.

        Raises TypeError or ValueError where a stream cannot be read as asked.
        """
        mapped = isinstance(X, np.memmap) and X.nbytes >= LARGE
        blocks = callable(X) or isinstance(X, Iterator)
        if not mapped and not blocks:
            return None
        if size is None:
            raise ValueError(
                "fit: the samples are read in blocks, and batch_size is None; give the size of a mini-batch"
            )
        if mapped:
            if len(y) != len(X):
                raise ValueError(f"X has the shape {X.shape} and y {np.shape(y)}; a target for each sample is needed")
            return cls(lambda: ((X[i : i + window], y[i : i + window]) for i in range(0, len(X), window)))
        if y is not None:
            raise TypeError(f"fit: X gives blocks of (X, y), and y is {described(y)}; y=None is needed")
        if callable(X):
            return cls(X)
        if epochs > 1:
            raise ValueError(
                f"fit: X is {described(X)}, which can be read once, and epochs is {epochs}; give a function of no "
                "arguments that returns the blocks, for each epoch anew"
            )
        return cls(lambda: X)

    def first(self) -> Block:
        """Return the first block; what can be read once gives it again."""
        blocks = iter(self.read())
        found = _pair(next(blocks, None))
        if blocks is self.read():
            self.read = lambda: chain([found], blocks)
        return found

    def batches(
        self, rows: Callable[[Any, Any], Rows], size: int, seed: int, epoch: int, window: int = WINDOW
    ) -> Iterator[Rows]:
        """Yield the mini-batches of an epoch; ``rows`` makes a block's Rows."""
        held: list[Rows] = []
        count = number = 0
        for block in self.read():
            X, y = _pair(block)
            for begin in range(0, len(X), window):
                part = rows(X[begin : begin + window], y[begin : begin + window])
                if held and part.shape != held[0].shape:
                    raise ValueError(
                        f"fit: a block has samples of {part.shape[0]} numbers, the first had {held[0].shape[0]}"
                    )
                held.append(part)
                count += len(part)
                if count >= window:
                    rest = yield from _cut(held, size, [seed, epoch, number], last=False)
                    number += 1
                    held, count = ([rest], len(rest)) if rest is not None else ([], 0)
        if count:
            yield from _cut(held, size, [seed, epoch, number], last=True)


def _pair(block: object) -> Block:
    """Return a block; ValueError where there is none, TypeError for what is none."""
    if block is None:
        raise ValueError("fit: X gives no blocks; at least one pair (X, y) is needed")
    if not isinstance(block, tuple | list) or len(block) != 2:
        raise TypeError(f"fit: a block is {described(block)}; a pair (X, y) is needed")
    return block[0], block[1]


def _cut(held: list[Rows], size: int, seeds: list[int], last: bool) -> Any:
    """Yield the mini-batches of a window, shuffled; return the rows that fill none, None where there are none."""
    table = np.concatenate([part.table for part in held])
    whole = Rows.of(table, held[0].shape)
    order = np.random.default_rng(seeds).permutation(len(table))
    full = len(order) if last else len(order) // size * size
    for begin in range(0, full, size):
        yield whole.take(order[begin : begin + size])
    return whole.take(order[full:]) if full < len(order) else None
