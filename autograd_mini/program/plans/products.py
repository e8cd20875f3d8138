"""Dots in a plan: matrix products where rows are shared, by NumPy or in native code; else sums of products in NumPy.

A side is read as (rows, width, N) where it varies and as (rows, width) where it does not. With
``summed`` the results are also summed over the rows of the batch, which makes one more axis of the
product: the gradient of a layer's weights is (outputs × N) · (N × inputs).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograd_mini.program.blocks.access import Access, Codes, as_codes
from autograd_mini.program.blocks.grid import Grid, grid_of
from autograd_mini.program.blocks.ir import Block
from autograd_mini.program.loops.multiply import panel
from autograd_mini.program.plans.memory import Memory, Namespace

__all__ = ["dots", "is_product", "summed_dots"]

NATIVE = 2**18  # numbers of a left side up to which native code, which does not pack it, is faster than BLAS
SHARED = 64  # multiplications for each row of the batch from which on a product is worth a call of NumPy


def dots(memory: Memory, a: Codes, b: Codes, out: str, varying: bool) -> Iterator[str]:
    """Yield the lines that write Σ a·b along axis 1 of the tables a and b (count, width) into ``out``.

    ``out`` names memory of shape (count,), with the axis of rows where ``varying``.
    """
    if varying and not memory.varies(a) and not memory.varies(b):  # its bias varies
        fixed = memory.buffer((len(a),), False)
        yield from dots(memory, a, b, fixed, False)
        yield f"{out}[...] = {fixed}[:, None]"
        return
    grid = grid_of(a, b) if len(a) > 1 else Grid(a, b, True)
    if grid is None:
        yield _einsum(memory, a, b, out)
        return
    if grid.across:
        left, right = grid.a, grid.b
    else:
        left, right = grid.b, grid.a  # the results are the rows of b by those of a
    p, q = len(left), len(right)
    if not varying:
        left_text, right_text = memory.read(left, False, whole=True), memory.read(right, False, whole=True)
        yield f"np.matmul({left_text}, {right_text}.T, {_shaped(memory, out, (p, q), False)})"
        return
    if memory.varies(left) and memory.varies(right):
        shaped = _shaped(memory, out, (p, q), True)
        left_text, right_text = memory.read(left, True, whole=True), memory.read(right, True, whole=True)
        yield f"np.einsum('iwn,jwn->ijn', {left_text}, {right_text}, out={shaped})"
    elif memory.varies(right):
        yield from _matmul(memory, left, right, out, p, q)
    elif p == 1:
        weights, columns = memory.read(right, False, whole=True), memory.read(left[0], True, whole=True)
        shaped = _shaped(memory, out, (q,), True)
        yield _product(memory, weights, columns, shaped, right.size, lambda n: right.shape[1])
    else:  # the batch is on the left: results (p, q, N) are q × width matrices times the width × N ones of left
        shaped = _shaped(memory, out, (p, q), True)
        yield f"np.matmul({memory.read(right, False, whole=True)}, {memory.read(left, True, whole=True)}, {shaped})"


def is_product(memory: Memory, block: Block) -> bool:
    """Tell whether a block of dots is a matrix product over the rows: one side does not vary, and rows are shared."""
    a, b = block.operands[0].table, block.operands[1].table
    if memory.varies(a) and memory.varies(b):
        return False
    grid = grid_of(a, b) if len(a) > 1 else Grid(a, b, True)
    return grid is not None and a.size >= SHARED


def _matmul(memory: Memory, left: Codes, right: Codes, out: str, p: int, q: int) -> Iterator[str]:
    """Weights that do not vary times columns that do: (p × width) · (width × N), for each of q columns."""
    weights = memory.read(left, False, whole=True)
    if q == 1:
        columns = memory.columns(right[0]) or memory.read(right[0], True, whole=True)
        yield _product(memory, weights, columns, _shaped(memory, out, (p,), True), left.size, lambda n: left.shape[1])
        return
    width = right.shape[1]
    gathered = memory.buffer((width, q), True)
    yield f"{gathered}[...] = {memory.read(right, True, whole=True)}.transpose(1, 0, 2)"
    flat = memory.make("v", lambda names, n: names[gathered].reshape(width, q * n))
    shaped = memory.make("v", lambda names, n: names[out].reshape(p, q * n))
    yield _product(memory, weights, flat, shaped, left.size, lambda n: width)


def _product(memory: Memory, a: str, b: str, out: str, size: int, width: Callable[[int], int]) -> str:
    """Return the line that writes a·b to ``out``, whose rows have neighbours; ``size`` is that of a.

    ``width`` gives, for so many rows of the batch, the length of the sums.
    """
    if not memory.native or size > NATIVE:
        return f"np.matmul({a}, {b}, {out})"
    return f"multiply({a}, {b}, {out}, {memory.make('g', lambda names, n: panel(width(n)))})"


def _einsum(memory: Memory, a: Codes, b: Codes, out: str) -> str:
    """Return the line for dots that share no rows as a whole."""
    letters = ["iwn" if memory.varies(side) else "iw" for side in (a, b)]
    texts = [memory.read(side, memory.varies(side), whole=True) for side in (a, b)]
    result = "in" if "iwn" in letters else "i"
    return f"np.einsum('{','.join(letters)}->{result}', {', '.join(texts)}, out={out})"


def _shaped(memory: Memory, out: str, shape: tuple[int, ...], varying: bool) -> str:
    return memory.make("v", lambda names, n: names[out].reshape((*shape, n) if varying else shape))


def summed_dots(memory: Memory, a: Codes, b: Codes, places: Codes) -> Iterator[str]:
    """Yield the lines that add nothing but write Σ over rows of Σ a·b to ``result[places]``; a side varies at least."""
    grid = grid_of(a, b) if len(a) > 1 else Grid(a, b, True)
    left, right = (a, b) if grid is None else (grid.a, grid.b) if grid.across else (grid.b, grid.a)
    if grid is not None and memory.varies(left) and memory.varies(right):
        shape = (len(left), len(right))
        yield from _outer(memory, left, right, places.reshape(shape))
        return
    letters = ["iwn" if memory.varies(side) else "iw" for side in (a, b)]
    texts = ", ".join(memory.read(side, memory.varies(side), whole=True) for side in (a, b))
    yield from memory.written(places, lambda out: f"np.einsum('{','.join(letters)}->i', {texts}, out={out})")


def _outer(memory: Memory, left: Codes, right: Codes, places: Codes) -> Iterator[str]:
    """Two varying sides: their rows side by side with the width, one matrix product."""
    sides = []
    for side in (left, right):
        count, width = side.shape
        direct = memory.columns(side[:, 0]) if width == 1 else None
        if direct is None and width == 1:
            direct = memory.read(side[:, 0], True, whole=True)
        elif direct is None:
            gathered = memory.read(side, True, whole=True)
            joined = memory.buffer((count, width), True)
            yield f"np.copyto({joined}, {gathered})"
            direct = memory.make("v", _joined(joined, count))
        sides.append(direct)
    small = memory.make("g", lambda names, n: np.empty((len(left), left.shape[1] * n)))  # less than the product
    yield f"np.multiply({sides[0]}, scale, {small})"
    rule, width = Access(as_codes(places)).strided, left.shape[1]
    size = NATIVE + 1 if rule is not None and rule.strides[1] != 1 else len(left) * width

    def line(out: str) -> str:
        return _product(memory, small, f"{sides[1]}.T", out, size, lambda n: width * n)

    yield from memory.written(places, line, scaled=True)


def _joined(name: str, count: int) -> Callable[[Namespace, int], Any]:
    return lambda names, _: names[name].reshape(count, -1)
