"""Threads: compute the chunks of a batch in parallel, where compiled code and NumPy release the GIL.

The environment variable AUTOGRAD_MINI_THREADS is their number, 1 by default; 0 means all processors that this
process may use. The chunks do not depend on it, and results are added in the order of the chunks: the bits are
the same for any number of threads. NumPy's matrix products have their own threads; set
OPENBLAS_NUM_THREADS=1 (or MKL_NUM_THREADS) as well.
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
    """Return the number of threads for a batch. Raises ValueError where the variable is not a whole number."""
    text = os.environ.get(VARIABLE, "1")
    if not text.isdecimal():
        raise ValueError(f"{VARIABLE} is {text!r}; a whole number is needed, 0 for every processor")
    return int(text) or len(os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1))


def spans(rows: int, chunk: int) -> list[slice]:
    """Return slices of at most ``chunk`` rows that cover all rows, of nearly equal lengths."""
    count = max(1, -(-rows // chunk))
    ends = [rows * i // count for i in range(count + 1)]
    return [slice(a, b) for a, b in pairwise(ends)]


def in_threads(work: Callable[[slice], T], parts: Sequence[slice]) -> list[T]:
    """Return ``work`` of every part, in their order; in parallel where there are several threads."""
    threads = min(thread_count(), len(parts)) if len(parts) > 1 else 1
    if threads == 1:
        return [work(part) for part in parts]
    return list(_pool(os.getpid(), threads).map(work, parts))


@lru_cache(maxsize=4)
def _pool(process: int, threads: int) -> ThreadPoolExecutor:
    """Return the threads of a process; a forked process needs new ones."""
    return ThreadPoolExecutor(threads, f"autograd_mini of {process}")
