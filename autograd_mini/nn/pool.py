"""Pooling: one number for each window of each channel, its largest number or its mean."""

from __future__ import annotations

from functools import reduce

from autograd_mini.nn.module import Image, Module, Scalar
from autograd_mini.nn.neuron import positive
from autograd_mini.nn.shape import image_shape, pair
from autograd_mini.primitives.table import maximum, total

__all__ = ["AvgPool2d", "MaxPool2d"]


class Pool2d(Module):
    """channels × H × W → channels × H' × W' with H' = ⌊(H − size)/stride⌋ + 1.

    ``size`` is a number or (height, width). ``stride`` is the distance between windows; by default
    the size, so that windows touch without overlap. Rows and columns at the lower and right border
    that do not fill a window are left out. Raises ValueError for an image smaller than the window.
    """

    def __init__(self, size: int | tuple[int, int], stride: int | None = None) -> None:
        name = type(self).__name__
        self.size = pair(size, name, "size")
        if stride is not None:
            positive(name, stride=stride)
        self.stride = self.size if stride is None else (stride, stride)

    def pool(self, window: list[Scalar]) -> Scalar:
        """Return the number that represents the window."""
        raise NotImplementedError

    def forward(self, image: Image) -> list[list[list[Scalar]]]:
        """Return the smaller image."""
        _, height, width = image_shape(image, type(self).__name__)
        (high, wide), (down, across) = self.size, self.stride
        if height < high or width < wide:
            raise ValueError(f"{self!r}: the image of {height} × {width} is smaller than the window")
        return [
            [
                [
                    self.pool([plane[i][j] for i in range(top, top + high) for j in range(left, left + wide)])
                    for left in range(0, width - wide + 1, across)
                ]
                for top in range(0, height - high + 1, down)
            ]
            for plane in image
        ]

    def __repr__(self) -> str:
        high, wide = self.size
        more = f", stride={self.stride[0]}" if self.stride != self.size else ""
        return f"{type(self).__name__}({high if high == wide else self.size}{more})"


class MaxPool2d(Pool2d):
    """The largest number of each window: channels × H × W → channels × H' × W'.

    H' = ⌊(H − size)/stride⌋ + 1; ``stride`` defaults to the size. Computed as max(max(a, b), c)…
    in reading order; at a tie each of the two arguments gets half of the gradient.
    """

    def pool(self, window: list[Scalar]) -> Scalar:
        """Return max(window)."""
        return reduce(maximum, window)


class AvgPool2d(Pool2d):
    """The mean of each window: channels × H × W → channels × H' × W'.

    H' = ⌊(H − size)/stride⌋ + 1; ``stride`` defaults to the size.
    """

    def pool(self, window: list[Scalar]) -> Scalar:
        """Return Σ window / n."""
        mean: Scalar = total(window) * (1.0 / len(window))
        return mean
