"""JAX: programs as pure functions of arrays, which XLA compiles for one or many CPUs, GPUs or TPUs.

JAX is an optional dependency, and only this file imports it, when it is needed. XLA's code for the CPU differs
from the other engines:

- subnormal numbers are 0;
- a product and the sum it goes into may be one rounding (FMA), a quotient by a constant is a product with its
  reciprocal, x − (−0.0) is x, and sums are taken in XLA's order: +, −, ×, ÷ do not always give the bits of Python;
- far from 0 its functions lose digits: cbrt up to 128 ulp, sinh, cosh, erfc, and with it gelu and
  the normal distribution, up to 512; log1p and atanh up to 32.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

import numpy as np

from autograd_mini.launch import ADDRESS, COUNT, NUMBER
from autograd_mini.primitives.row import Primitive
from autograd_mini.program.arrays.evaluate import WHOLE, Evaluation
from autograd_mini.program.arrays.function import ArrayFunction
from autograd_mini.program.arrays.rows import row_sums
from autograd_mini.program.blocks.ir import BlockProgram
from autograd_mini.program.blocks.lower import lower_blocks
from autograd_mini.program.blocks.recover import recover
from autograd_mini.program.ir import WRITERS, Program
from autograd_mini.program.passes.adjoint import adjoint
from autograd_mini.program.passes.simplify import simplify
from autograd_mini.program.record.recorder import TraceError
from autograd_mini.program.source import prepared
from autograd_mini.program.target import Columns, Floats, Sums, Target, add_target
from autograd_mini.program.text import identifiers

__all__ = ["LIMIT", "TARGET", "WORDS", "evaluation_of", "library", "to_jax"]

WORDS = {
    "less": "{0} < {1}", "less_equal": "{0} <= {1}", "equal": "{0} == {1}", "not_equal": "{0} != {1}",
    "logical_and": "jnp.logical_and", "logical_or": "jnp.logical_or", "logical_not": "jnp.logical_not",
    "where": "jnp.where", "add": "{0} + {1}", "sub": "{0} - {1}", "mul": "{0} * {1}", "div": "{0} / {1}",
    "neg": "-{0}", "floor": "jnp.floor", "ceil": "jnp.ceil", "round": "jnp.rint", "trunc": "jnp.trunc",
    "fmod": "jnp.fmod", "abs": "jnp.abs", "maximum": "jnp.maximum", "minimum": "jnp.minimum", "exp": "jnp.exp",
    "exp2": "jnp.power(2.0, {0})", "expm1": "jnp.expm1", "log": "jnp.log", "log2": "jnp.log2", "log10": "jnp.log10",
    "log1p": "jnp.log1p", "sqrt": "jnp.sqrt", "cbrt": "jnp.cbrt", "pow": "jnp.power", "power": "jnp.power",
    "hypot": "jnp.hypot", "sin": "jnp.sin", "cos": "jnp.cos", "tan": "jnp.tan", "asin": "jnp.arcsin",
    "acos": "jnp.arccos", "atan": "jnp.arctan", "atan2": "jnp.arctan2", "sinh": "jnp.sinh", "cosh": "jnp.cosh",
    "tanh": "jnp.tanh", "asinh": "jnp.arcsinh", "acosh": "jnp.arccosh", "atanh": "jnp.arctanh",
    "erf": "lax.erf", "erfc": "lax.erfc",
}  # fmt: skip

LIMIT = 3_000  # blocks: XLA compiles some 1 to 2 ms for each
DTYPES = ("float64", "float32")
CHUNK = 2**16  # rows that a function of columns takes at a time


def library() -> Any:
    """Return the module jax. Raises ImportError, which says what to install, where it is missing."""
    if missing := _missing():
        raise ImportError(missing)
    import jax
    import jax.experimental.multihost_utils

    if COUNT in os.environ and not jax.distributed.is_initialized():  # started by autograd_mini.launch
        jax.distributed.initialize(
            os.environ[ADDRESS], int(os.environ[COUNT]), int(os.environ[NUMBER]), heartbeat_timeout_seconds=10
        )
    return jax


def _missing() -> str:
    if find_spec("jax") is not None:
        return ""
    return "the jax engine needs JAX; install it with: pip install autograd_mini[jax] (on a GPU: pip install jax[cuda])"


def literal(number: float) -> str:
    """Return a float as text."""
    if number != number:
        return "jnp.nan"
    if math.isinf(number):
        return "jnp.inf" if number > 0 else "(-jnp.inf)"
    return repr(number) if math.copysign(1.0, number) > 0 else f"({number!r})"


def source(program: Program, name: str = "program") -> str:
    """Return text that defines ``name(columns…)`` in jax.numpy, for a program lowered to "jax": line by line.

    Captured inputs are trailing parameters whose default is their current number. ``program.to_jax()`` is the
    function itself, by blocks, which compiles faster where the program has structure.
    """
    names = identifiers(program, {"jnp", "lax"})

    def text(operand: int | float) -> str:
        return literal(operand) if isinstance(operand, float) else names[operand]

    arguments = len(program.arguments)
    parameters = [names[x] for x in program.arguments]
    for x, value in zip(program.inputs[arguments:], program.captured, strict=True):
        parameters.append(f"{names[x]}={literal(value.data)}")
    lines = []
    for step in program.instructions:
        word = TARGET.word(step.primitive) or ""
        lines.append(f"{names[step.results[0]]} = {_said(word, [text(x) for x in step.operands])}")
    outputs = [text(x) for x in program.outputs]
    lines.append(f"return {outputs[0] if len(outputs) == 1 else '(' + ', '.join(outputs) + ')'}")
    body = "\n".join(f"    {line}" for line in lines)
    return f"import jax.numpy as jnp\nfrom jax import lax\n\n\ndef {name}({', '.join(parameters)}):\n{body}\n"


def _said(word: str, operands: Sequence[str]) -> str:
    return word.format(*operands) if "{" in word else f"{word}({', '.join(operands)})"


@lru_cache(maxsize=1024)
def _function(word: str, count: int) -> Callable[..., Any]:
    """Return the function of ``count`` arrays that a word stands for."""
    names = "abcdefgh"[:count]
    jax = library()
    found: Callable[..., Any] = eval(
        f"lambda {', '.join(names)}: {_said(word, names)}", {"jax": jax, "jnp": jax.numpy, "lax": jax.lax}
    )
    return found


def evaluation_of(blocks: BlockProgram, dtype: str = "float64") -> Evaluation:
    """Return a block program, without its guards, as a pure function of arrays.

    Raises ValueError where it has more than ``LIMIT`` blocks, NotImplementedError where a row has neither a word
    nor an expansion.
    """

    def supports(row: Primitive) -> bool:
        return row in WHOLE or (row.arity is not None and TARGET.word(row) is not None)

    def word(row: Primitive) -> Callable[..., Any]:
        assert row.arity is not None
        return _function(TARGET.word(row) or "", row.arity)

    jax = library()
    lowered = lower_blocks(replace(blocks, guards=()), supports, lambda one: prepared(one, TARGET))
    if len(lowered) > LIMIT:
        raise ValueError(
            f"the program has {lowered.applications:,} operations and little structure: {len(lowered):,} blocks of "
            f"equal operations, of which the jax target takes {LIMIT:,}, since XLA compiles a millisecond or two for "
            "each; use engine='llvm' or 'numpy', or write the function in layers and sums over lists"
        )
    return Evaluation(lowered, jax, word, dtype)


def _columns(program: Program) -> Columns:
    jax = library()
    arguments = len(program.arguments)
    with jax.enable_x64(True):
        run = jax.jit(jax.vmap(evaluation_of(recover(program)), in_axes=(0, None), out_axes=1))

    def columns(inputs: Sequence[float | Floats], rows: int) -> Iterable[Floats]:
        captured = np.array(inputs[arguments:], dtype=np.float64)
        found = np.empty((len(program.outputs), rows))
        for start in range(0, rows, CHUNK):
            count = min(CHUNK, rows - start)
            table = np.zeros((1 << (count - 1).bit_length(), arguments))  # few sizes, because each is compiled
            for i, column in enumerate(inputs[:arguments]):
                table[:count, i] = column[start : start + count] if isinstance(column, np.ndarray) else column
            with jax.enable_x64(True):
                found[:, start : start + count] = np.asarray(run(table, captured))[:, :count]
        return found

    return columns


def _sums(program: Program, once: Program | None) -> Sums:
    jax = library()
    with jax.enable_x64(True):
        run = jax.jit(row_sums(evaluation_of(recover(program))))
        extra = None if once is None else jax.jit(evaluation_of(recover(once)))

    def sums(rows: Floats, theta: Floats, divisor: float) -> Floats:
        with jax.enable_x64(True):
            found: Floats = np.asarray(run(rows, theta, None)) / divisor
            return found if extra is None else found + np.asarray(extra(np.empty(0), theta))

    return sums


def to_jax(program: Program, dtype: str = "float64", *, gradient: bool = False) -> ArrayFunction:
    """Return ``program`` as a pure function of arrays, which JAX may jit, map, differentiate and shard.

    The function takes a number, or an array, for each argument, or one array that has them all on its last axis;
    ``parameters=`` are the captured numbers, by default the Values' current ones. With ``gradient`` the
    outputs are the program's and then its gradient with respect to the arguments and the captured Values. ``dtype`` is
    "float64" or "float32"; for the first, JAX's 64-bit mode (``jax_enable_x64``) is switched on if it is off.

    Raises ImportError without JAX, TraceError for a program with guards, which is valid for one path only,
    ValueError for a program with little structure that is too large for XLA.
    """
    jax = library()
    if dtype not in DTYPES:
        raise ValueError(f"dtype is {dtype!r}; {', '.join(map(repr, DTYPES))} are legal")
    if program.guards:
        raise TraceError(
            "to_jax: the function branches with `if` on a number, and numbers of an array may take different paths; "
            "choose with where(condition, a, b) or with relu, maximum, abs… instead"
        )
    if dtype == "float64":
        jax.config.update("jax_enable_x64", True)
    return ArrayFunction(simplify(adjoint(program)) if gradient else program, evaluation_of, dtype)


WRITERS.to_jax = to_jax
TARGET = add_target(Target("jax", WORDS, literal, source, None, _columns, _sums, speed=-1, missing=_missing))
