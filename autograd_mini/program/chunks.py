"""Chunks: a target's functions over many rows, cut into chunks that run on several threads.

Columns come out with the same bits however they are cut. Sums are cut at places that depend on the program and
the number of rows only, and are added in the order of the chunks.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from autograd_mini.program.ir import Program
from autograd_mini.program.target import Columns, Floats, Sums, Target
from autograd_mini.program.threads import in_threads, spans, thread_count

__all__ = ["columns_of", "sums_of"]

WORK = 2**22  # instructions in a chunk, about a millisecond of native code
LEAST = 64  # rows in a chunk


def _rows(program: Program) -> int:
    """Return how many rows make a chunk: whole vectors of any processor."""
    return max(LEAST, WORK // (len(program) + 1) // LEAST * LEAST)


def columns_of(program: Program, target: Target) -> Columns:
    """Return the target's function of columns of a prepared program; on several threads where it has use for them."""
    assert target.columns is not None
    columns = target.columns(program)
    if not target.threads:
        return columns
    chunk = _rows(program)

    def cut(inputs: Sequence[float | Floats], rows: int) -> Iterable[Floats]:
        if rows <= chunk or thread_count() == 1:
            return columns(inputs, rows)
        found = np.empty((len(program.outputs), rows))

        def work(part: slice) -> None:
            some = [x[part] if isinstance(x, np.ndarray) and x.ndim else x for x in inputs]
            for out, column in zip(found, columns(some, part.stop - part.start), strict=True):
                out[part] = column

        in_threads(work, spans(rows, chunk))
        return list(found)

    return cut


def sums_of(program: Program, once: Program | None, target: Target) -> Sums:
    """Return the target's sums over rows of a prepared program, with ``once`` added undivided."""
    assert target.sums is not None
    first = target.sums(program, once)
    if not target.threads:
        return first
    chunk, make, lock = _rows(program), target.sums, threading.Lock()
    others: list[Sums] = [first] if once is None else []

    def rest() -> Sums:
        """Return the sums without ``once``, which is added with the first chunk."""
        with lock:
            if not others:
                others.append(make(program, None))
        return others[0]

    def sums(rows: Floats, theta: Floats, divisor: float) -> Floats:
        if len(rows) <= chunk:
            return first(rows, theta, divisor)
        after = rest()

        def work(part: slice) -> Floats:
            run: Callable[..., Floats] = after if part.start else first
            return run(rows[part], theta, divisor)

        found = in_threads(work, spans(len(rows), chunk))
        return sum(found[1:], found[0])

    return sums
