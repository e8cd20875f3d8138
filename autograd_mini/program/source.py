"""Programs in the words of a target, and as its text."""

from __future__ import annotations

from autograd_mini.program.ir import WRITERS, Program
from autograd_mini.program.passes.lower import lower
from autograd_mini.program.passes.simplify import simplify
from autograd_mini.program.target import TARGETS, Target

__all__ = ["prepared", "source"]


def prepared(program: Program, target: Target) -> Program:
    """Return ``program`` simplified and in the words of ``target``, as the functions of the target take it."""
    return simplify(lower(program, target))


def source(program: Program, target: str = "python", name: str = "program") -> str:
    """Return the text of ``program`` for a target: it defines a function ``name``.

    Raises ValueError for a target that is none, NotImplementedError where a primitive has
    neither word nor expansion for it, ImportError where the target needs a package that is missing.
    """
    found = TARGETS[target]
    if missing := found.missing():
        raise ImportError(missing)
    return found.source(prepared(program, found), name)


WRITERS.source = source
