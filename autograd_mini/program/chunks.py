"""Chunks: a target's functions over many rows, cut into chunks that run on several threads.

Columns come out with the same bits however they are cut. Sums are cut at places that depend on the program and
the number of rows only, and are added in the order of the chunks.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from math import isfinite
from typing import TypeVar

import numpy as np

from autograd_mini.program.ir import Program
from autograd_mini.program.target import Columns, FiniteSums, Floats, Sums, Target
from autograd_mini.program.threads import in_threads, spans, thread_count

__all__ = ["columns_of", "finite_sums_of", "looked_through", "over_rows", "sums_of"]

Found = TypeVar("Found")
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
    return _in_chunks(target.sums, program, once, target.threads, lambda parts: sum(parts[1:], parts[0]))


def finite_sums_of(program: Program, once: Program | None, target: Target) -> FiniteSums:
    """Return the same sums, but None where one of them is not finite."""
    if target.finite is None:
        return looked_through(sums_of(program, once, target))

    def add(parts: Sequence[Floats | None]) -> Floats | None:
        found = [each for each in parts if each is not None]
        return None if len(found) < len(parts) else sum(found[1:], found[0])

    return _in_chunks(target.finite, program, once, target.threads, add)


def looked_through(sums: Sums) -> FiniteSums:
    """Return the sums, None where one of them is not finite."""

    def finite(rows: Floats, theta: Floats, divisor: float) -> Floats | None:
        found = sums(rows, theta, divisor)
        return found if isfinite(np.vdot(found, found)) or np.isfinite(found).all() else None

    return finite


def over_rows(
    run: Callable[[Floats, Floats, float], Floats], rows: Floats, theta: Floats, scale: float, chunk: int, summed: bool
) -> Floats:
    """Return ``run(rows, theta, scale)`` over chunks of rows, on several threads: added, or column beside column."""
    if len(rows) <= chunk:
        return run(rows, theta, scale)
    parts = in_threads(lambda part: run(rows[part], theta, scale), spans(len(rows), chunk))
    if not summed:
        return np.concatenate(parts, axis=1)
    for each in parts[1:]:
        parts[0] += each
    return parts[0]


def _in_chunks(
    make: Callable[[Program, Program | None], Callable[[Floats, Floats, float], Found]],
    program: Program,
    once: Program | None,
    threads: bool,
    add: Callable[[Sequence[Found]], Found],
) -> Callable[[Floats, Floats, float], Found]:
    """Return the function that ``make`` gives; where threads help, over chunks of rows, whose results ``add`` adds."""
    first = make(program, once)
    if not threads:
        return first
    chunk, lock = _rows(program), threading.Lock()
    others = [first] if once is None else []

    def rest() -> Callable[[Floats, Floats, float], Found]:
        """Return the sums without ``once``, which is added with the first chunk."""
        with lock:
            if not others:
                others.append(make(program, None))
        return others[0]

    def sums(rows: Floats, theta: Floats, divisor: float) -> Found:
        if len(rows) <= chunk:
            return first(rows, theta, divisor)
        after = rest()

        def work(part: slice) -> Found:
            run = after if part.start else first
            return run(rows[part], theta, divisor)

        return add(in_threads(work, spans(len(rows), chunk)))

    return sums
