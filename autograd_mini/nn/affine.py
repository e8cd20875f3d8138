"""Affine: W·x + b, one n-ary node per output."""

from __future__ import annotations

import random
from collections.abc import Sequence

from autograd_mini.engine.value import Value, parameter
from autograd_mini.format import described
from autograd_mini.nn.init import Initialiser, initialiser, source, xavier
from autograd_mini.nn.module import Module, Vector, count
from autograd_mini.nn.neuron import positive, subscript
from autograd_mini.primitives.table import affine
from autograd_mini.program.watch.stamp import parts

__all__ = ["Affine"]


class Affine(Module):
    """yⱼ = bⱼ + Σᵢ wⱼᵢ xᵢ: (nin,) → list of nout Values.

    ``w`` is nout × nin, drawn by ``init`` (default: Xavier); ``b`` (nout,) starts at 0. ``rng`` is
    a ``random.Random`` or a seed. Raises ValueError where nin or nout is not an int of at least 1.

    >>> layer = Affine.of([[1.0, 2.0], [0.0, -1.0]], [0.5, 0.0])
    >>> [y.data for y in layer([3.0, 1.0])]
    [5.5, -1.0]
    """

    def __init__(
        self, nin: int, nout: int, *, init: Initialiser | None = None, rng: random.Random | int | None = None
    ) -> None:
        positive("Affine", nin=nin, nout=nout)
        draw, chance = initialiser(init, xavier()), source(rng)
        self.w = parts(
            [[parameter(draw(nin, nout, chance), "w" + _place(j, i, nout)) for i in range(nin)] for j in range(nout)]
        )
        self.b = parts([parameter(0.0, "b" + (subscript(j + 1) if nout > 1 else "")) for j in range(nout)])

    @classmethod
    def of(cls, weights: Sequence[Sequence[float]], biases: Sequence[float]) -> Affine:
        """Return the layer with these weights (nout × nin) and biases (nout,).

        Raises ValueError where the rows differ in length or do not match the biases.
        """
        for name, given in (("weights", weights), ("biases", biases)):
            if hasattr(given, "encode") or not hasattr(given, "__len__"):
                raise TypeError(
                    f"Affine.of: {name} is {described(given)}; rows of weights and a list of biases are needed"
                )
        widths = {count(row, cls) for row in weights}
        if len(widths) != 1 or len(weights) != len(biases):
            raise ValueError(
                f"Affine.of: weights of {len(weights)} rows of lengths {sorted(widths)} and {len(biases)} biases; "
                "equally long rows, as many as biases, are needed"
            )
        made = cls(widths.pop(), len(biases))
        for row, given in zip(made.w, weights, strict=True):
            for weight, number in zip(row, given, strict=True):
                weight.data = Value(number).data
        for bias, number in zip(made.b, biases, strict=True):
            bias.data = Value(number).data
        return made

    def forward(self, x: Vector) -> list[Value]:
        """Return W·x + b (nout,) for inputs ``x`` (nin,); ValueError for another number of inputs."""
        if count(x, self) != len(self.w[0]):
            raise ValueError(f"{self!r} takes {len(self.w[0])} inputs, got {len(x)}")
        return [affine(row, x, bias) for row, bias in zip(self.w, self.b, strict=True)]

    @property
    def width(self) -> int | None:
        """The number of inputs."""
        return len(self.w[0])

    def __repr__(self) -> str:
        return f"Affine({len(self.w[0])}, {len(self.w)})"


def _place(j: int, i: int, nout: int) -> str:
    return subscript(j + 1, i + 1) if nout > 1 else subscript(i + 1)
