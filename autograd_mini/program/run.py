"""The choice of the target that runs a program: by name, or the fastest installed one that supports its rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

from autograd_mini.program.chunks import columns_of, finite_sums_of, sums_of
from autograd_mini.program.ir import Program
from autograd_mini.program.passes.lower import supports
from autograd_mini.program.passes.simplify import part
from autograd_mini.program.source import prepared
from autograd_mini.program.target import TARGETS, FiniteSums, Floats, Sums, Target
from autograd_mini.program.targets import python

__all__ = [
    "PLAIN",
    "BatchEngine",
    "ColumnFunction",
    "Engine",
    "column_function",
    "engines",
    "fastest",
    "finite_sum_function",
    "pick",
    "sum_function",
    "target_of",
]

Engine: TypeAlias = Literal["auto", "llvm", "numpy", "python", "jax"]
"""What may run a program, for type checkers; ``engines()`` tells what is here."""
BatchEngine: TypeAlias = Engine | Literal["eager"]
ColumnFunction: TypeAlias = Callable[[Floats, Floats], list[Floats]]
"""(rows (N, columns), captured numbers) → each output as an array (N,)."""

PLAIN: Target = python.TARGET
"""The target that compiles at once and needs no package."""


def engines() -> tuple[str, ...]:
    """Return the available engines: "auto", then the targets that run here, the fastest first."""
    running = [target for target in TARGETS.values() if target.columns is not None]
    return "auto", *(target.name for target in sorted(running, key=lambda target: -target.speed))


def target_of(engine: str, caller: str = "") -> Target | None:
    """Return the target of an engine, None for "auto".

    Raises ValueError for an unknown name, ImportError where a package is missing.
    """
    legal = engines()
    if not isinstance(engine, str) or engine not in legal:
        raise ValueError(f"{caller}engine is {engine!r}; {', '.join(map(repr, legal))} are legal")
    if engine == "auto":
        return None
    found = TARGETS[engine]
    if missing := found.missing():
        raise ImportError(missing)
    return found


def fastest(*programs: Program, single: bool = False) -> Target:
    """Return the fastest installed target that supports all rows of the programs, for single numbers or for rows."""
    for name in engines()[1:]:
        target = TARGETS[name]
        runs = target.scalar if single else target.columns
        if runs is not None and not target.missing() and all(supports(program, target) for program in programs):
            return target
    return PLAIN


def pick(engine: str) -> str:
    """Return the engine that "auto" means here; return any other name unchanged."""
    return (target_of(engine) or fastest()).name


def sum_function(program: Program, engine: str, once: Program | None = None) -> Sums:
    """Return the function of ``program`` summed over rows, on an engine by name or the one that "auto" chooses.

    ``once``, a program of the captured inputs only, is added to the sums, undivided.
    """
    return sums_of(*_for_sums(program, engine, once))


def finite_sum_function(program: Program, engine: str, once: Program | None = None) -> FiniteSums:
    """Return the same function, but it returns None where one of the sums is not finite."""
    return finite_sums_of(*_for_sums(program, engine, once))


def _for_sums(program: Program, engine: str, once: Program | None) -> tuple[Program, Program | None, Target]:
    target = target_of(engine) or fastest(program, *([] if once is None else [once]))
    return for_rows(program, target), None if once is None else for_rows(once, target), target


def column_function(program: Program, engine: str) -> ColumnFunction:
    """Return ``program`` as a function of the columns of a table, on an engine by name or the one "auto" chooses."""
    target = target_of(engine) or fastest(program)
    columns = columns_of(for_rows(program, target), target)
    return lambda rows, theta: list(columns([*rows.T, *theta.tolist()], len(rows)))


def for_rows(program: Program, target: Target) -> Program:
    """Return ``program`` prepared for ``target``, without guards, for all rows."""
    return prepared(part(program), target)
