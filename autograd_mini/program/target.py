"""What a target is, and the one call that adds one.

A target is a language that programs are written in, or an engine that runs them, or both. Each
is one module of the folder ``targets``, found there by its being there; a user may add another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from autograd_mini.primitives.row import Primitive
from autograd_mini.program.ir import Program

__all__ = ["TARGETS", "Columns", "Floats", "Numbers", "Sums", "Target", "add_target"]

Floats: TypeAlias = "np.ndarray[Any, np.dtype[np.float64]]"
Numbers: TypeAlias = Callable[..., tuple[float, ...]]
"""One number per input (arguments, then captured) → one per output."""
Columns: TypeAlias = Callable[[Sequence["float | Floats"], int], Iterable[Floats]]
"""(a number or an array (rows,) per argument, then the captured numbers; rows) → an array (rows,) per output."""
Sums: TypeAlias = Callable[[Floats, Floats, float], Floats]
"""(rows (N, arguments), captured numbers, divisor) → each output summed over the rows, over the divisor."""


def _nothing_is_missing() -> str:
    return ""


@dataclass(frozen=True)
class Target:
    """A language or an engine. What it takes are programs without guards, in its own words (``prepared``).

    ``name``     as in ``program.source(name)`` and ``engine=name``
    ``words``    row → how the target says it; what a row lacks is expanded into rows that have one
    ``literal``  a float as text
    ``source``   (program, name) → the text that defines a function of that name; its keyword-only
                 parameters are the options of ``program.source``
    ``scalar``   program → a function of numbers; None where the target does not run in this process
    ``columns``  program → a function of columns; None likewise
    ``sums``     (program, once) → the sums over rows; ``once``, a program of the captured inputs
                 alone, is added undivided. None likewise
    ``calls``    True where it can call the Python value of a row that has neither word nor expansion
    ``speed``    how fast it is over rows; engine="auto" takes the fastest that is here
    ``missing``  returns what is to be installed before it runs, "" where it runs
    """

    name: str
    words: Mapping[str, str]
    literal: Callable[[float], str]
    source: Callable[..., str]
    scalar: Callable[[Program], Numbers] | None = None
    columns: Callable[[Program], Columns] | None = None
    sums: Callable[[Program, Program | None], Sums] | None = None
    calls: bool = False
    speed: int = 0
    missing: Callable[[], str] = _nothing_is_missing

    def __repr__(self) -> str:
        runs = [what for what in ("scalar", "columns", "sums") if getattr(self, what) is not None]
        return f"<target {self.name}: {', '.join(['source', *runs])}>"

    def word(self, row: Primitive) -> str | None:
        """Return how this target says ``row``: the user's own word for it, else the target's, None without one."""
        return row.spellings.get(self.name, self.words.get(row.name))


class _Targets(dict[str, Target]):
    """The targets by name."""

    def __missing__(self, name: str) -> Target:
        raise ValueError(f"target is {name!r}; {', '.join(map(repr, self))} are legal")


TARGETS: Mapping[str, Target] = _Targets()
"""Every target by name; a name that is none raises ValueError, listing those that are."""


def add_target(target: Target) -> Target:
    """Add a target to ``TARGETS`` and return it. Raises ValueError for a name that is taken or no identifier."""
    if not target.name.isidentifier():
        raise ValueError(f"target name {target.name!r} is not an identifier; use letters, digits and _, as in 'python'")
    if target.name in TARGETS:
        raise ValueError(f"target {target.name!r} exists already; choose another name")
    assert isinstance(TARGETS, _Targets)
    TARGETS[target.name] = target
    return target
