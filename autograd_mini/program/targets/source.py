"""Programs as text for each target."""

from __future__ import annotations

import importlib

from autograd_mini.program.ir import Program
from autograd_mini.program.passes.lower import lower
from autograd_mini.program.passes.simplify import simplify

__all__ = ["TARGETS", "prepared", "source"]

TARGETS = ("python", "numpy", "javascript", "llvm")


def prepared(program: Program, target: str) -> Program:
    """Return ``program`` simplified and in the words of ``target``, as its emitter takes it."""
    return simplify(lower(program, target))


def source(program: Program, target: str = "python") -> str:
    """Return the text of ``program`` for ``target``.

    Raises ValueError for a target that is none, NotImplementedError where a primitive has
    neither spelling nor expansion for it, ImportError where llvmlite is needed and missing.
    """
    if target not in TARGETS:
        raise ValueError(f"target is {target!r}; {', '.join(map(repr, TARGETS))} are legal")
    emitter = importlib.import_module(f"autograd_mini.program.targets.{target}")  # late: llvm's needs llvmlite
    write = emitter.emit_llvm if target == "llvm" else emitter.source
    return str(write(prepared(program, target)))
