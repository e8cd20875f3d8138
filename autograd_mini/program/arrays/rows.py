"""Sums over the rows of a batch: what differs from row to row is computed by ``vmap`` and summed at the end.

The gradient of a layer's weights is a product of two numbers of each row, summed over the rows: it is
computed as one matrix product over the rows; where rows are on several devices, each multiplies its own
and XLA adds the results.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd_mini.primitives.table import affine, mul
from autograd_mini.program.arrays.evaluate import Evaluation, adds_nothing
from autograd_mini.program.arrays.reading import Array
from autograd_mini.program.blocks.access import Codes, Mask
from autograd_mini.program.blocks.grid import Grid, grid_of
from autograd_mini.program.blocks.ir import Block, BlockProgram

__all__ = ["row_sums"]


@dataclass(frozen=True)
class _Product:
    """A block of products summed over the rows: Σ left·right, (p, w) and (q, w) in each row."""

    left: Codes
    right: Codes
    codes: Codes  # of the results, as the product of matrices lists them


def row_sums(evaluation: Evaluation) -> Callable[[Array, Array, Array | None], Array]:
    """Return (rows (N, arguments), captured numbers, mask (N,) or None) → each output summed over the rows.

    Rows where the mask is False contribute nothing, even if they contain nan.
    """
    program, jax, jnp = evaluation.program, evaluation.jax, evaluation.jnp
    varying = _varying(program)
    products = {i: found for i, block in enumerate(program.blocks) if (found := _product(program, block, varying, i))}
    outputs = program.outputs
    inside = np.zeros(program.next_variable + 1, dtype=bool)  # the last stands for literals
    for each in products.values():
        inside[each.codes] = True
    plain = np.unique(outputs[~inside[np.maximum(outputs, -1)]])
    moving = plain[(plain >= 0) & varying[np.maximum(plain, 0)]]
    still = np.setdiff1d(plain, moving)
    order = np.concatenate([*(each.codes for each in products.values()), moving, still])
    ranks = np.argsort(order, kind="stable")
    place = ranks[np.searchsorted(order[ranks], outputs)]

    def one(row: Array, captured: Array) -> tuple[Any, ...]:
        held = evaluation.held(row, captured, products)
        sides = [(held.read(each.left), held.read(each.right)) for each in products.values()]
        return sides, *(held.read(codes) if len(codes) else jnp.zeros(0, evaluation.dtype) for codes in (moving, still))

    def sums(rows: Array, captured: Array, mask: Array | None) -> Array:
        sides, changing, fixed = jax.vmap(one, in_axes=(0, None), out_axes=(0, 0, None))(rows, captured)
        count = rows.shape[0] if mask is None else mask.sum(dtype=evaluation.dtype)

        def held(x: Array) -> Array:
            return x if mask is None else jnp.where(mask.reshape(-1, *[1] * (x.ndim - 1)), x, 0.0)

        highest = jax.lax.Precision.HIGHEST
        found = [
            jnp.einsum("npw,nqw->pq", held(left), held(right), precision=highest).reshape(-1) for left, right in sides
        ]
        joined = jnp.concatenate([*found, held(changing).sum(axis=0), fixed * count])
        if np.array_equal(place, np.arange(len(joined))):
            return joined
        return jnp.take(joined, place, axis=0, mode="clip")

    return sums


def _varying(program: BlockProgram) -> Mask:
    """Return which variables differ from row to row (bool)."""
    found = np.zeros(program.next_variable + 1, dtype=bool)  # the last stands for literals
    found[: len(program.arguments)] = True
    for block in program.blocks:
        moves = any(found[np.maximum(x.table, -1)].any() for x in block.operands)
        found[block.first : block.first + block.size] = moves
    return found[:-1]


def _product(program: BlockProgram, block: Block, varying: Mask, index: int) -> _Product | None:
    """Return the block as a product summed over rows, where it is a grid that only the outputs read."""
    if block.primitive not in (mul, affine) or not _is_last(program, index):
        return None
    a, b, *bias = (x.table for x in block.operands)
    if bias and not adds_nothing(program, bias[0]):
        return None
    a, b = a.reshape(len(a), -1), b.reshape(len(b), -1)
    grid = grid_of(a, b) if len(a) > 1 else Grid(a, b, True)
    if grid is None or not all(varying[side[side >= 0]].any() for side in (grid.a, grid.b)):
        return None
    left, right = (grid.a, grid.b) if grid.across else (grid.b, grid.a)
    return _Product(left, right, np.arange(block.first, block.first + block.size))


def _is_last(program: BlockProgram, index: int) -> bool:
    """Tell whether no block reads block ``index``."""
    here = program.blocks[index].results
    return not any(
        ((x.table >= here.start) & (x.table < here.stop)).any()
        for block in program.blocks[index + 1 :]
        for x in block.operands
    )
