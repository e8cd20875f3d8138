"""LocalContrastNorm: each pixel relative to the mean and deviation of its neighbourhood."""

from __future__ import annotations

import math

from autograd_mini.nn.module import Image, Module, Scalar
from autograd_mini.nn.neuron import positive
from autograd_mini.nn.shape import image_shape
from autograd_mini.primitives.table import affine, maximum, sqrt, total

__all__ = ["LocalContrastNorm"]


class LocalContrastNorm(Module):
    """Subtract the local mean, divide by the local deviation: channels × H × W → the same shape.

    Both are taken over a ``size`` × ``size`` window in all channels, with Gaussian weights g that
    sum to 1 (at a border, over the part of the window inside the image):

    subtractive  v = x − Σ g·x
    divisive     y = v / max(σ, mean of σ over the image), σ = √(ε + Σ g·v²)

    ``epsilon`` ε keeps a flat neighbourhood differentiable. ``deviation`` is that of the Gaussian
    (default: a quarter of the size). ``subtractive`` and ``divisive`` switch the two steps.

    Raises ValueError for an even size, for neither step, for numbers not above 0.
    Source: Jarrett, Kavukcuoglu, Ranzato and LeCun 2009.
    """

    def __init__(
        self,
        size: int = 9,
        *,
        deviation: float | None = None,
        subtractive: bool = True,
        divisive: bool = True,
        epsilon: float = 1e-8,
    ) -> None:
        positive("LocalContrastNorm", size=size)
        if size % 2 == 0:
            raise ValueError(
                f"LocalContrastNorm: size is {size}; an odd number is needed, so that a pixel is the centre"
            )
        if not subtractive and not divisive:
            raise ValueError("LocalContrastNorm: neither subtractive nor divisive; at least one is needed")
        self.deviation = size / 4 if deviation is None else float(deviation)
        if not self.deviation > 0.0 or not epsilon > 0.0:
            raise ValueError(
                f"LocalContrastNorm: deviation {self.deviation!r}, epsilon {epsilon!r}; both must be above 0"
            )
        self.size, self.subtractive, self.divisive, self.epsilon = size, subtractive, divisive, epsilon

    def forward(self, image: Image) -> list[list[list[Scalar]]]:
        """Return the normalised image."""
        channels, height, width = image_shape(image, "LocalContrastNorm")
        places = [(i, j) for i in range(height) for j in range(width)]
        windows = {place: self._window(*place, channels, height, width) for place in places}
        v = [[list(row) for row in plane] for plane in image]
        if self.subtractive:
            means = {place: _weighted(v, window, 0.0) for place, window in windows.items()}
            v = [[[v[k][i][j] - means[i, j] for j in range(width)] for i in range(height)] for k in range(channels)]
        if not self.divisive:
            return v
        squares = [[[x * x for x in row] for row in plane] for plane in v]
        sigma = {place: sqrt(_weighted(squares, window, self.epsilon)) for place, window in windows.items()}
        floor = total(list(sigma.values())) * (1.0 / len(sigma))
        scale = {place: maximum(deviation, floor) for place, deviation in sigma.items()}
        return [[[v[k][i][j] / scale[i, j] for j in range(width)] for i in range(height)] for k in range(channels)]

    def _window(self, i: int, j: int, channels: int, height: int, width: int) -> list[tuple[float, int, int, int]]:
        """Return (weight, channel, row, column) of the neighbours of (i, j); the weights sum to 1."""
        reach = self.size // 2
        near = [
            (math.exp(-((r - i) ** 2 + (c - j) ** 2) / (2.0 * self.deviation**2)), k, r, c)
            for k in range(channels)
            for r in range(max(i - reach, 0), min(i + reach + 1, height))
            for c in range(max(j - reach, 0), min(j + reach + 1, width))
        ]
        whole = math.fsum(weight for weight, *_ in near)
        return [(weight / whole, k, r, c) for weight, k, r, c in near]

    def __repr__(self) -> str:
        parts = [name for name in ("subtractive", "divisive") if getattr(self, name)]
        return f"LocalContrastNorm({self.size}, {' and '.join(parts)})"


def _weighted(image: list[list[list[Scalar]]], window: list[tuple[float, int, int, int]], bias: float) -> Scalar:
    out: Scalar = affine([weight for weight, *_ in window], [image[k][r][c] for _, k, r, c in window], bias)
    return out
