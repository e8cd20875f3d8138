"""Softmax, and HierarchicalSoftmax: a binary tree of logistic units."""

from __future__ import annotations

import random

from autograd_mini.engine.value import Value
from autograd_mini.nn.affine import Affine
from autograd_mini.nn.init import Initialiser
from autograd_mini.nn.module import Module, Vector
from autograd_mini.nn.neuron import positive
from autograd_mini.primitives.table import affine, exp, log_softmax, softmax, softplus, total

__all__ = ["HierarchicalSoftmax", "LogSoftmax", "Softmax"]


class Softmax(Module):
    """exp xᵢ / Σ exp xⱼ: (n,) → n numbers from 0 to 1 that sum to 1, without overflow."""

    def forward(self, scores: Vector) -> list[Value]:
        """Return the probabilities of the scores."""
        return softmax(scores)


class LogSoftmax(Module):
    """ln softmax(x) = xᵢ − ln Σ exp xⱼ: (n,) → n numbers of at most 0, without overflow."""

    def forward(self, scores: Vector) -> list[Value]:
        """Return the logarithms of the probabilities."""
        return log_softmax(scores)


class HierarchicalSoftmax(Module):
    """P(leaf) = Π σ(±(w·x + b)) along the path from the root: (nin,) → (classes,), summing to 1.

    The tree is a complete binary tree: unit n has the children 2n+1 and 2n+2, and the leaves come
    after the classes − 1 units. A unit's σ(s) is the probability of its left child.
    ``log_probability`` of one leaf costs O(log classes), because it computes the units on its path
    only. Raises ValueError for fewer than 2 classes.
    (Morin and Bengio 2005; Mnih and Hinton 2009.)
    """

    def __init__(
        self, nin: int, classes: int, *, init: Initialiser | None = None, rng: random.Random | int | None = None
    ) -> None:
        positive("HierarchicalSoftmax", nin=nin, classes=classes)
        if classes < 2:
            raise ValueError("HierarchicalSoftmax: classes is 1; at least 2 are needed")
        self.classes = classes
        self.units = Affine(nin, classes - 1, init=init, rng=rng)

    def path(self, leaf: int) -> list[tuple[int, bool]]:
        """Return (unit, goes left) from the root to ``leaf``; ValueError for a leaf that does not exist."""
        if isinstance(leaf, bool) or not isinstance(leaf, int) or not 0 <= leaf < self.classes:
            raise ValueError(f"leaf {leaf!r} of a tree of {self.classes} classes; give 0 to {self.classes - 1}")
        place, steps = self.classes - 1 + leaf, []
        while place:
            parent = (place - 1) // 2
            steps.append((parent, place == 2 * parent + 1))
            place = parent
        return steps[::-1]

    def log_probability(self, x: Vector, leaf: int) -> Value:
        """Return ln P(leaf | x) from the units on its path only."""
        w, b = self.units.w, self.units.b
        scores = [(affine(w[unit], x, b[unit]), left) for unit, left in self.path(leaf)]
        return -total([softplus(-s if left else s) for s, left in scores])  # type: ignore[no-any-return]

    def log_probabilities(self, x: Vector) -> list[Value]:
        """Return ln P of every leaf; each unit is computed once."""
        scores = self.units(x)
        place: list[Value | None] = [None] * (2 * self.classes - 1)
        for unit, s in enumerate(scores):
            above = place[unit]
            for child, term in ((2 * unit + 1, -softplus(-s)), (2 * unit + 2, -softplus(s))):
                place[child] = term if above is None else above + term
        return [leaf for leaf in place[self.classes - 1 :] if leaf is not None]

    def forward(self, x: Vector) -> list[Value]:
        """Return P of every leaf."""
        return [exp(leaf) for leaf in self.log_probabilities(x)]

    def __repr__(self) -> str:
        return f"HierarchicalSoftmax({len(self.units.w[0])}, {self.classes})"
