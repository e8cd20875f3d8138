"""Programs in the rows that a target supports, and as text of the target."""

from __future__ import annotations

from inspect import signature

from autograd_mini.program.ir import WRITERS, Program
from autograd_mini.program.passes.adjoint import adjoint
from autograd_mini.program.passes.lower import lower
from autograd_mini.program.passes.simplify import simplify
from autograd_mini.program.target import TARGETS, Target

__all__ = ["prepared", "source"]


def prepared(program: Program, target: Target) -> Program:
    """Return ``program`` simplified and lowered to rows that ``target`` supports, as the target's functions need it."""
    return simplify(lower(program, target))


def source(
    program: Program, target: str = "python", name: str = "program", *, gradient: bool = False, **options: bool | str
) -> str:
    """Return the text of ``program`` for a target: it defines a function ``name``.

    With ``gradient`` the outputs are the program's and then its gradient, by the arguments and then
    the captured Values. ``options`` are the target's own.

    Raises TypeError for an option that the target does not have, ValueError for a target that is
    none, NotImplementedError where a primitive has neither word nor expansion for it, ImportError
    where the target needs a package that is missing.
    """
    if not isinstance(target, str):
        raise TypeError(f"source: target is {target!r}; the name of one is needed: {', '.join(TARGETS)}")
    found = TARGETS[target]
    if missing := found.missing():
        raise ImportError(missing)
    legal = [option for option in signature(found.source).parameters.values() if option.kind is option.KEYWORD_ONLY]
    for option in options:
        if option not in {each.name for each in legal}:
            names = ", ".join(["gradient", *(each.name for each in legal)])
            raise TypeError(f"source for {target!r} has no option {option!r}; it has {names}")
    return found.source(prepared(adjoint(program) if gradient else program, found), name, **options)


WRITERS.source = source
