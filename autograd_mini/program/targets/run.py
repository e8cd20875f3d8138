"""How each engine runs a program over the rows of a table: sums of its outputs, or one column each."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np

from autograd_mini.program.ir import Program
from autograd_mini.program.passes.lower import speaks
from autograd_mini.program.passes.simplify import simplify
from autograd_mini.program.passes.tanh import vectorise
from autograd_mini.program.targets.numpy import compile_numpy
from autograd_mini.program.targets.python import compile_python
from autograd_mini.program.targets.source import prepared

__all__ = ["ENGINES", "HINT", "native_is_here", "column_function", "for_rows", "pick", "sum_function"]

Floats: TypeAlias = "np.ndarray[Any, np.dtype[np.float64]]"
SumFunction: TypeAlias = Callable[[Floats, Floats, float], Floats]
"""(rows (N, columns), captured numbers, divisor) → each output summed over the rows, over the divisor."""
ColumnFunction: TypeAlias = Callable[[Floats, Floats], list[Floats]]
"""(rows (N, columns), captured numbers) → each output as an array (N,)."""

ENGINES = ("auto", "llvm", "numpy", "python")
HINT = (
    "the llvm engine needs llvmlite; install it with: pip install autograd_mini[jit] "
    "(engine='numpy' and engine='python' need nothing)"
)

CHUNK = 256  # rows that NumPy works on at a time: each output of each row is in memory at once


def native_is_here() -> bool:
    """Tell whether llvmlite is installed."""
    return importlib.util.find_spec("llvmlite") is not None


def pick(engine: str) -> str:
    """Return the engine that "auto" stands for here; ValueError for a name that is none."""
    if engine not in ENGINES:
        raise ValueError(f"engine is {engine!r}; {', '.join(map(repr, ENGINES))} are legal")
    if engine != "auto":
        return engine
    return "llvm" if native_is_here() else "numpy"


def settle(engine: str, *programs: Program) -> str:
    """Return the engine for these programs: "auto" leaves native code where it lacks a row of theirs."""
    if engine != "auto":
        return engine
    found = pick(engine)
    return found if all(speaks(program, found) for program in programs) else "numpy"


def sum_function(program: Program, engine: str, once: Program | None = None) -> SumFunction:
    """Return ``program`` summed over rows, on "llvm", "numpy", "python" or what "auto" settles on.

    ``once``, a program of the captured inputs alone, is added to the sums, undivided.
    """
    engine = settle(engine, program, *([] if once is None else [once]))
    program = for_rows(program, engine)
    once = None if once is None else for_rows(once, engine)
    if engine == "llvm":
        from autograd_mini.program.targets.llvm.compile import compile_sums  # loads llvmlite

        return compile_sums(program, once=once).run
    sums = _numpy_sums(program) if engine == "numpy" else _python_sums(program)
    if once is None:
        return sums
    extra = (compile_numpy if engine == "numpy" else compile_python)(once)
    return lambda rows, theta, divisor: sums(rows, theta, divisor) + extra(*theta.tolist())


def for_rows(program: Program, engine: str) -> Program:
    """Return ``program`` as the emitter of ``engine`` takes it, which answers for all rows: without guards."""
    program = prepared(replace(program, guards=()), engine)
    return simplify(vectorise(program)) if engine == "llvm" else program


def column_function(program: Program, engine: str) -> ColumnFunction:
    """Return ``program`` on columns, on "llvm", "numpy", "python" or what "auto" settles on."""
    engine = settle(engine, program)
    program = for_rows(program, engine)
    if engine == "llvm":
        from autograd_mini.program.targets.llvm.compile import compile_columns  # loads llvmlite

        native = compile_columns(program)
        return lambda rows, theta: native([*rows.T, *theta.tolist()], len(rows))
    if engine == "numpy":
        vector = compile_numpy(program)
        return lambda rows, theta: [
            np.broadcast_to(np.asarray(out, dtype=np.float64), len(rows)) for out in vector(*rows.T, *theta.tolist())
        ]
    scalar = compile_python(program)

    def columns(rows: Floats, theta: Floats) -> list[Floats]:
        numbers = theta.tolist()
        found = [scalar(*row, *numbers) for row in rows.tolist()]
        return list(np.array(found, dtype=np.float64).reshape(len(rows), len(program.outputs)).T)

    return columns


def _numpy_sums(program: Program) -> SumFunction:
    vector = compile_numpy(program)

    def sums(rows: Floats, theta: Floats, divisor: float) -> Floats:
        total = np.zeros(len(program.outputs))
        numbers = theta.tolist()
        for start in range(0, len(rows), CHUNK):
            chunk = rows[start : start + CHUNK]
            found = vector(*chunk.T, *numbers)
            # an output that no column reaches is one number, the same for each row
            total += [out.sum() if isinstance(out, np.ndarray) and out.ndim else len(chunk) * out for out in found]
        return total / divisor

    return sums


def _python_sums(program: Program) -> SumFunction:
    scalar = compile_python(program)

    def sums(rows: Floats, theta: Floats, divisor: float) -> Floats:
        numbers = theta.tolist()
        total = np.zeros(len(program.outputs))
        for row in rows.tolist():
            total += scalar(*row, *numbers)
        return total / divisor

    return sums
