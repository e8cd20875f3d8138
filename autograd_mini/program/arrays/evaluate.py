"""Evaluation: a block program as a pure function of two arrays, its arguments and its captured numbers.

A block of dots that share rows is a matrix product, one that reads by index a ``take``, everything
else one operation on whole arrays; so XLA's compile time grows with the blocks, not with their size.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from autograd_mini.primitives.row import Primitive
from autograd_mini.primitives.table import affine, log_softmax, logsumexp, mul, softmax, total
from autograd_mini.program.arrays.reading import Array, Held
from autograd_mini.program.blocks.access import Codes
from autograd_mini.program.blocks.choice import choice
from autograd_mini.program.blocks.grid import Grid, grid_of
from autograd_mini.program.blocks.ir import Block, BlockProgram
from autograd_mini.program.record.recorder import TRUTHS

__all__ = ["WHOLE", "Evaluation", "adds_nothing"]

WHOLE = (affine, choice, total, logsumexp, softmax, log_softmax)
"""N-ary rows with an implementation here; others are expanded."""


class Evaluation:
    """``evaluation(arguments, captured)``: the outputs of ``program`` as one array; a pure function.

    ``jax``    the module; ``word`` returns the function of a row with a fixed number of arguments
    ``dtype``  of all numbers, "float64" or "float32"
    """

    def __init__(
        self, program: BlockProgram, jax: Any, word: Callable[[Primitive], Callable[..., Array]], dtype: str
    ) -> None:
        self.program, self.jax, self.jnp, self.word, self.dtype = program, jax, jax.numpy, word, dtype

    def __call__(self, arguments: Array, captured: Array) -> Array:
        """Return the outputs (outputs,) for arguments (arguments,) and captured numbers (captured,)."""
        return self.held(arguments, captured).read(self.program.outputs)

    def held(self, arguments: Array, captured: Array, without: Collection[int] = ()) -> Held:
        """Return all variables; the blocks in ``without``, which no block may read, are left out."""
        held = Held(self.program, self.jnp, self.dtype, arguments, captured)
        for index, block in enumerate(self.program.blocks):
            held.arrays.append(None if index in without else self._block(block, held))
        return held

    def _block(self, block: Block, held: Held) -> Array:
        row, jnp = block.primitive, self.jnp
        tables = [x.table for x in block.operands]
        if row is affine:
            out = self._dots(tables[0], tables[1], held)
            return out if adds_nothing(self.program, tables[2]) else out + held.read(tables[2], whole=False)
        if row is choice:
            return self._choice(held.read(tables[0]), held.read(tables[1]))
        if row in WHOLE:
            return self._reduction(row, held.read(tables[0])).reshape(-1)
        if row is mul and (grid := _grid_in(*tables)) is not None:
            left, right = (grid.a, grid.b) if grid.across else (grid.b, grid.a)
            return (held.read(left) * held.read(right)[:, 0]).reshape(-1)
        operands = [
            held.read(table, truth=position in TRUTHS.get(row, ()), whole=False)
            for position, table in enumerate(tables)
        ]
        return jnp.broadcast_to(self.word(row)(*operands), (block.count,))

    def _dots(self, a: Codes, b: Codes, held: Held) -> Array:
        grid = grid_of(a, b) if len(a) > 1 else Grid(a, b, True)
        highest = self.jax.lax.Precision.HIGHEST  # full float32, also on devices with a lower default precision
        if grid is None:
            return self.jnp.einsum("iw,iw->i", held.read(a), held.read(b), precision=highest)
        left, right = (grid.a, grid.b) if grid.across else (grid.b, grid.a)
        product = self.jnp.einsum("iw,jw->ij", held.read(left), held.read(right), precision=highest)
        return product.reshape(-1)

    def _choice(self, values: Array, index: Array) -> Array:
        """Return ``values[i, index[i]]``, nan where the index is not 0 … width − 1."""
        jnp, last = self.jnp, values.shape[1] - 1
        safe = jnp.clip(jnp.where(index == index, index, 0.0), 0, last).astype("int32")
        found = jnp.take_along_axis(values, safe[:, None], axis=1)[:, 0]
        return jnp.where(safe == index, found, jnp.nan)

    def _reduction(self, row: Primitive, x: Array) -> Array:
        """Return an n-ary row over axis 1 of ``x`` (count, width).

        The largest number m of a row is set apart: Σ exp(xᵢ − m) − 1 is summed without it, so that
        a small excess keeps its digits.
        """
        jnp = self.jnp
        if row is total:
            return x.sum(axis=1)
        largest = x.max(axis=1, keepdims=True)
        at = x == largest
        below = jnp.where(at, 0.0, x - largest)  # 0 also where both are the same infinity
        terms = jnp.exp(below)
        if row is softmax:
            return terms / terms.sum(axis=1, keepdims=True)
        excess = at.sum(axis=1, keepdims=True, dtype=self.dtype) - 1.0
        excess = jnp.log1p(excess + jnp.where(at, 0.0, terms).sum(axis=1, keepdims=True))
        return (largest + excess)[:, 0] if row is logsumexp else below - excess


def _grid_in(a: Codes, b: Codes) -> Grid | None:
    """Return the outer product that a block of products is; None where factors are hardly shared."""
    if len(a) < 4 or a[0] == a[-1] or b[0] == b[-1]:
        return None
    grid = grid_of(a[:, None], b[:, None])
    return grid if grid is not None and min(len(grid.a), len(grid.b)) > 1 else None


def adds_nothing(program: BlockProgram, bias: Codes) -> bool:
    """Tell whether a bias is −0.0 throughout."""
    code = int(bias[0])
    return bool(code < 0 and (bias == code).all() and repr(program.literals[-1 - code]) == "-0.0")
