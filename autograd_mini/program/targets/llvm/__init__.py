"""Native code: LLVM's intermediate language as text, compiled by llvmlite.

llvmlite is an optional dependency. It is imported only where code is compiled, so that importing this
module is fast.
"""

from __future__ import annotations

from importlib.util import find_spec

from autograd_mini.program.ir import Program
from autograd_mini.program.passes.simplify import simplify
from autograd_mini.program.passes.tanh import tanh_from_exp
from autograd_mini.program.target import Columns, FiniteSums, Numbers, Sums, Target, add_target
from autograd_mini.program.targets.llvm.text import literal
from autograd_mini.program.targets.llvm.words import NAME, WORDS

__all__ = ["TARGET", "WORDS"]


def source(program: Program, name: str = "program") -> str:
    """Return the text of the kernel that computes one vector of rows, as functions ``name``0, ``name``1…"""
    from autograd_mini.program.targets.llvm.compile import emit_llvm

    return emit_llvm(program, name=name)


def _scalar(program: Program) -> Numbers:
    from autograd_mini.program.targets.llvm.builtin import compile_scalar

    return compile_scalar(program)


def _columns(program: Program) -> Columns:
    from autograd_mini.program.targets.llvm.rows import compile_columns

    return compile_columns(simplify(tanh_from_exp(program)))


def _sums(program: Program, once: Program | None) -> Sums:
    from autograd_mini.program.targets.llvm.rows import compile_sums

    return compile_sums(simplify(tanh_from_exp(program)), once=once).run


def _finite(program: Program, once: Program | None) -> FiniteSums:
    from autograd_mini.program.targets.llvm.rows import compile_sums

    return compile_sums(simplify(tanh_from_exp(program)), once=once).finite


def _missing() -> str:
    if find_spec("llvmlite") is not None:
        return ""
    return (
        "the llvm engine needs llvmlite; install it with: pip install autograd_mini[jit] "
        "(engine='numpy' and engine='python' do not need it)"
    )


TARGET = add_target(
    Target(NAME, WORDS, literal, source, _scalar, _columns, _sums, _finite, speed=3, threads=True, missing=_missing)
)
