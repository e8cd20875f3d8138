"""Grids: dots with shared rows, as in a matrix product, a convolution or an outer product.

A block of dots over tables A and B (count, width) is a grid where every row of A is combined with
every row of B once. With p and q different rows it is the product of a p × width matrix and the transpose
of a q × width one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from autograd_mini.program.blocks.access import Codes

__all__ = ["Grid", "grid_of", "products", "row_ids"]

WORTH = 65  # multiplications in each of several products, on average, from which on they are worth standing apart


@dataclass(frozen=True, eq=False)
class Grid:
    """``a`` (p, width) and ``b`` (q, width): the different rows; ``across``: application i·q + j has (aᵢ, bⱼ),
    else i + j·p."""

    a: Codes
    b: Codes
    across: bool


def row_ids(table: Codes) -> tuple[Codes, Codes]:
    """Return the index of the first of each different row, and for each row which of them it is."""
    flat = np.ascontiguousarray(table).reshape(len(table), -1)
    keys = flat[:, 0] if flat.shape[1] == 1 else flat.view(np.dtype((np.void, flat.itemsize * flat.shape[1]))).ravel()
    _, first, ids = np.unique(keys, return_index=True, return_inverse=True)
    order = np.argsort(first)  # number them by first appearance
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return first[order], rank[ids.ravel()]


def grid_of(a: Codes, b: Codes) -> Grid | None:
    """Return the grid that tables of shape (count, width) form in their present order, if they form one."""
    (first_a, ids_a), (first_b, ids_b) = row_ids(a), row_ids(b)
    p, q = len(first_a), len(first_b)
    if p * q != len(a):
        return None
    index = np.arange(len(a))
    for across in (True, False):
        i, j = (index // q, index % q) if across else (index % p, index // p)
        if np.array_equal(ids_a, i) and np.array_equal(ids_b, j):
            return Grid(a[first_a], b[first_b], across)
    return None


def products(a: Codes, b: Codes) -> list[Codes] | None:
    """Return the applications of each product among the dots of tables a and b, in the order of its grid.

    Dots that share rows, directly or by others, belong to one product. None where they are no grids, or so
    small ones that a loop over all the dots together is faster.
    """
    count = len(a)
    everything = np.arange(count)
    if count == 1 or grid_of(a, b) is not None:
        return [everything]
    (first_a, ids_a), (first_b, ids_b) = row_ids(a), row_ids(b)
    p, q = len(first_a), len(first_b)
    parts = [everything] if p == q == count else _components(ids_a, ids_b, p, q)
    if 2 * len(parts) > count or (len(parts) > 1 and a.size < WORTH * len(parts)):
        return None  # almost no row is shared, or too little to be worth a product each
    orders = []
    for part in parts:
        order = part[np.lexsort((ids_b[part], ids_a[part]))]
        found = next((x for x in (part, order) if grid_of(a[x], b[x]) is not None), None)
        if found is None:
            return None
        orders.append(found)
    return orders


def _components(ids_a: Codes, ids_b: Codes, p: int, q: int) -> list[Codes]:
    """Return the sets of applications connected by shared rows, each in order."""
    label_a, label_b = np.arange(p), np.arange(q)
    while True:
        before = label_a.copy()
        np.minimum.at(label_b, ids_b, label_a[ids_a])
        np.minimum.at(label_a, ids_a, label_b[ids_b])
        if np.array_equal(before, label_a):
            break
    labels = label_a[ids_a]
    return [np.flatnonzero(labels == each) for each in np.unique(labels)]
