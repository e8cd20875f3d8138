"""Target, the description of a target, and ``add_target``, which adds one.

A target is a language in which programs are written, or an engine that runs them, or both. Each
module in the folder ``targets`` is one target and is found automatically; users may add others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from autograd_mini.primitives.row import Primitive
from autograd_mini.program.ir import Program

__all__ = ["TARGETS", "Columns", "FiniteSums", "Floats", "Numbers", "Sums", "Target", "add_target"]

Floats: TypeAlias = "np.ndarray[Any, np.dtype[np.float64]]"
Numbers: TypeAlias = Callable[..., tuple[float, ...]]
"""One number per input (arguments, then captured) → one per output."""
Columns: TypeAlias = Callable[[Sequence["float | Floats"], int], Iterable[Floats]]
"""(a number or an array (rows,) per argument, then the captured numbers; rows) → an array (rows,) per output."""
Sums: TypeAlias = Callable[[Floats, Floats, float], Floats]
"""(rows (N, arguments), captured numbers, divisor) → each output summed over the rows, over the divisor."""
FiniteSums: TypeAlias = Callable[[Floats, Floats, float], "Floats | None"]
"""The same, but None where one of the sums is not finite."""


def _nothing_is_missing() -> str:
    return ""


@dataclass(frozen=True)
class Target:
    """A language or an engine. Its functions take programs without guards, prepared for it (``source.prepared``).

    ``name``     as in ``program.source(name)`` and ``engine=name``
    ``words``    row → its code in the target; a row without code is expanded into rows with code
    ``literal``  a float as text
    ``source``   (program, name) → the text that defines a function of that name; its keyword-only
                 parameters are the options of ``program.source``
    ``scalar``   program → a function of numbers; None where the target does not run in this process
    ``columns``  program → a function of columns, or None
    ``sums``     (program, once) → the sums over rows, or None; ``once``, a program of the captured
                 inputs only, is added undivided
    ``finite``   the same for sums that are None where one is not finite; by default they are looked through
    ``calls``    True where it can call the Python function of a row that has neither code nor an expansion
    ``speed``    its speed over rows; engine="auto" takes the fastest installed target
    ``threads``  True where its functions let other threads run, so that chunks of rows may run at the same time
    ``missing``  function that returns what must be installed before it runs, "" where it can run
    """

    name: str
    words: Mapping[str, str]
    literal: Callable[[float], str]
    source: Callable[..., str]
    scalar: Callable[[Program], Numbers] | None = None
    columns: Callable[[Program], Columns] | None = None
    sums: Callable[[Program, Program | None], Sums] | None = None
    finite: Callable[[Program, Program | None], FiniteSums] | None = None
    calls: bool = False
    speed: int = 0
    threads: bool = False
    missing: Callable[[], str] = _nothing_is_missing

    def __repr__(self) -> str:
        runs = [what for what in ("scalar", "columns", "sums") if getattr(self, what) is not None]
        return f"<target {self.name}: {', '.join(['source', *runs])}>"

    def word(self, row: Primitive) -> str | None:
        """Return the code of ``row`` in this target: the user's, else the target's own, else None."""
        return row.spellings.get(self.name, self.words.get(row.name))


class _Targets(dict[str, Target]):
    """The targets by name."""

    def __missing__(self, name: str) -> Target:
        raise ValueError(f"target is {name!r}; {', '.join(map(repr, self))} are legal")


TARGETS: Mapping[str, Target] = _Targets()
"""Every target by name; an unknown name raises ValueError, which lists the known ones."""


def add_target(target: Target) -> Target:
    """Add a target to ``TARGETS`` and return it. Raises ValueError for a name that exists or is not an identifier."""
    if not target.name.isidentifier():
        raise ValueError(f"target name {target.name!r} is not an identifier; use letters, digits and _, as in 'python'")
    if target.name in TARGETS:
        raise ValueError(f"target {target.name!r} exists already; choose another name")
    assert isinstance(TARGETS, _Targets)
    TARGETS[target.name] = target
    return target
