"""Threads: the chunks of a batch at the same time, where compiled code and NumPy let other threads run.

How many is said by the environment variable AUTOGRAD_MINI_THREADS, 1 unless it is set; 0 stands for every
processor that this process may use. What a chunk is does not depend on it, and results are put together in the
order of the chunks: the bits are the same for any number of threads. NumPy's matrix products have threads of
their own; set OPENBLAS_NUM_THREADS=1 (or MKL_NUM_THREADS) beside it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from itertools import pairwise
from typing import TypeVar

__all__ = ["VARIABLE", "in_threads", "spans", "thread_count"]

T = TypeVar("T")
VARIABLE = "AUTOGRAD_MINI_THREADS"


def thread_count() -> int:
    """Return how many threads work on a batch. Raises ValueError where the variable is no whole number."""
    text = os.environ.get(VARIABLE, "1")
    if not text.isdecimal():
        raise ValueError(f"{VARIABLE} is {text!r}; a whole number is needed, 0 for every processor")
    return int(text) or len(os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1))


def spans(rows: int, chunk: int) -> list[slice]:
    """Return slices of at most ``chunk`` rows that cover all of them, as even as whole rows allow."""
    count = max(1, -(-rows // chunk))
    ends = [rows * i // count for i in range(count + 1)]
    return [slice(a, b) for a, b in pairwise(ends)]


def in_threads(work: Callable[[slice], T], parts: Sequence[slice]) -> list[T]:
    """Return ``work`` of every part, in their order; several at the same time where there are threads."""
    threads = min(thread_count(), len(parts)) if len(parts) > 1 else 1
    if threads == 1:
        return [work(part) for part in parts]
    return list(_pool(os.getpid(), threads).map(work, parts))


@lru_cache(maxsize=4)
def _pool(process: int, threads: int) -> ThreadPoolExecutor:
    """Return the threads of a process: one that was forked has none of its parent's."""
    return ThreadPoolExecutor(threads, f"autograd_mini of {process}")
