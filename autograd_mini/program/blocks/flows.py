"""Flows: the contributions to each adjoint, and their collection into blocks.

A contribution is a number or a product of two numbers for one variable; it may have a truth value, the
condition under which it flows (see ``passes/adjoint``). All contributions to a variable are summed at
once: products become a dot, so that the adjoint of a matrix product is a matrix product, and that of shared
weights one dot over all their uses.
"""

from __future__ import annotations

import numpy as np

from autograd_mini.primitives.table import add, affine, logical_or, mul, neg, total, where
from autograd_mini.program.blocks.access import Codes, Mask
from autograd_mini.program.blocks.build import Builder
from autograd_mini.program.blocks.grid import products

__all__ = ["NONE", "Flows"]

NONE = int(np.iinfo(np.int64).min)
"""In place of a code: no contribution; no second factor; no condition."""


class Flows:
    """Contributions to the adjoints of a program's variables, grouped by the block that computes the variable."""

    def __init__(self, builder: Builder, moving: Mask) -> None:
        self.builder, self.moving = builder, moving
        self.firsts = np.array([0, *(block.first for block in builder.blocks)], dtype=np.int64)
        self.stops = np.append(self.firsts[1:], len(moving))
        self.one, self.minus_one = builder.literal(1.0), builder.literal(-1.0)
        self.pending: dict[int, list[Codes]] = {}

    def add(self, targets: Codes, factor: Codes, other: Codes, live: Codes) -> None:
        """Add factor·other to the adjoint of each target, under ``live``; NONE means no factor or no condition."""
        new = np.stack(np.broadcast_arrays(*(np.asarray(x, dtype=np.int64) for x in (targets, factor, other, live))))
        new = new.reshape(4, -1)
        new = new[:, (new[0] >= 0) & self.moving[np.maximum(new[0], 0)]]
        self._shorten(new)
        source = np.searchsorted(self.firsts, new[0], side="right") - 1
        for each in np.unique(source).tolist():
            self.pending.setdefault(each, []).append(new[:, source == each])

    def _shorten(self, new: Codes) -> None:
        """Multiply literals, and remove the factors 1 and −1."""
        _, factor, other, _ = new
        for index in np.flatnonzero((factor < 0) & (other < 0) & (other != NONE)).tolist():
            factor[index] = self.builder.literal(self.builder.number(factor[index]) * self.builder.number(other[index]))
            other[index] = NONE
        swap = (factor == self.one) | (factor == self.minus_one)
        swap &= other != NONE
        factor[swap], other[swap] = other[swap], factor[swap]
        other[other == self.one] = NONE
        minus = other == self.minus_one
        if minus.any():
            different, places = np.unique(factor[minus], return_inverse=True)
            factor[minus] = self.builder.append(neg, different)[places.ravel()]
            other[minus] = NONE

    def settle(self, source: int) -> tuple[Codes, Codes]:
        """Return the adjoints of the variables of a source (0: the inputs, k + 1: block k), and their conditions."""
        first, stop = int(self.firsts[source]), int(self.stops[source])
        adjoints, lives = np.full((2, stop - first), NONE, dtype=np.int64)
        parts = self.pending.pop(source, [])
        if not parts:
            return adjoints, lives
        targets, factor, other, live = np.concatenate(parts, axis=1)
        order = np.argsort(targets, kind="stable")
        targets, factor, other, live = targets[order], factor[order], other[order], live[order]
        if (live != NONE).any():
            self._close_mixed(targets, factor, other, live)
            lives[targets - first] = live
        order = np.lexsort((other == NONE, targets))  # products before numbers
        targets, factor, other = targets[order], factor[order], other[order]
        different, starts, counts = np.unique(targets, return_index=True, return_counts=True)
        paired = np.add.reduceat((other != NONE).astype(np.int64), starts)
        shapes, members = np.unique(np.stack([paired, counts - paired], axis=1), axis=0, return_inverse=True)
        for number, (p, q) in enumerate(shapes.tolist()):
            chosen = np.flatnonzero(members.ravel() == number)
            places = starts[chosen][:, None] + np.arange(p + q)
            factors, others = factor[places], other[places[:, :p]]
            for part in (products(factors[:, :p], others) if p else None) or [np.arange(len(chosen))]:
                adjoints[different[chosen[part]] - first] = self._sum(factors[part], others[part], p)
        return adjoints, lives

    def closed(self, adjoints: Codes, lives: Codes) -> Codes:
        """Return the adjoints as numbers: 0 where none flows."""
        found = np.where(adjoints == NONE, self.builder.literal(0.0), adjoints)
        held = lives != NONE
        if held.any():
            zeros = np.full(int(held.sum()), self.builder.literal(0.0))
            found[held] = self.builder.append(where, lives[held], found[held], zeros)
        return found

    def any_of(self, lives: Codes) -> Codes:
        """Return for each row of ``lives`` the condition under which any of them flows."""
        joint = lives[:, 0].copy()
        joint[(lives == NONE).any(axis=1)] = NONE
        held = np.flatnonzero(joint != NONE)
        for step in range(1, lives.shape[1] if held.size else 0):
            joint[held] = self.builder.append(logical_or, joint[held], lives[held, step])
        return joint

    def _sum(self, factors: Codes, others: Codes, p: int) -> Codes:
        """Append Σ factor·other over the first p columns, plus the other columns, for each row."""
        q = factors.shape[1] - p
        rest: Codes | None = None
        if q:
            rest = factors[:, p]
            if q == 2:
                rest = self.builder.append(add, factors[:, p], factors[:, p + 1])
            elif q > 2:
                rest = self.builder.append(total, factors[:, p:])
        if not p:
            assert rest is not None
            return rest
        if p == 1 and rest is None:
            return self.builder.append(mul, factors[:, 0], others[:, 0])
        if rest is None:
            rest = np.full(len(factors), self.builder.literal(-0.0))
        return self.builder.append(affine, factors[:, :p], others, rest)

    def _close_mixed(self, targets: Codes, factor: Codes, other: Codes, live: Codes) -> None:
        """Make contributions to one target that flow under different conditions unconditional.

        One that does not flow becomes 0; the sum flows where any of them does. Changes the arrays in place.
        """
        _, starts, index, counts = np.unique(targets, return_index=True, return_inverse=True, return_counts=True)
        low, high = np.minimum.reduceat(live, starts), np.maximum.reduceat(live, starts)
        mixed = low != high
        if not mixed.any():
            return
        always = low == NONE
        joint = np.full(len(starts), NONE, dtype=np.int64)
        for count in np.unique(counts[mixed & ~always]).tolist():
            runs = np.flatnonzero(mixed & ~always & (counts == count))
            truth = live[starts[runs]]
            for step in range(1, count):
                truth = self.builder.append(logical_or, truth, live[starts[runs] + step])
            joint[runs] = truth
        held = mixed[index.ravel()] & (live != NONE)
        product = held & (other != NONE)
        if product.any():
            factor[product] = self.builder.append(mul, factor[product], other[product])
            other[product] = NONE
        zeros = np.full(int(held.sum()), self.builder.literal(0.0))
        factor[held] = self.builder.append(where, live[held], factor[held], zeros)
        live[mixed[index.ravel()]] = joint[index.ravel()][mixed[index.ravel()]]
