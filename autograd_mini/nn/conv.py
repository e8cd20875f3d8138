"""Conv2d: the same small affine map at every position of an image."""

from __future__ import annotations

import random

from autograd_mini.engine.value import Value, parameter
from autograd_mini.nn.init import Initialiser, he, initialiser, source
from autograd_mini.nn.module import Image, Module, Scalar
from autograd_mini.nn.neuron import positive, subscript
from autograd_mini.nn.shape import image_shape, pair
from autograd_mini.primitives.table import affine
from autograd_mini.program.watch.stamp import parts

__all__ = ["Conv2d"]


class Conv2d(Module):
    """Cross-correlation: channels_in × H × W → channels_out × H' × W'.

    ``y[o][r][c] = b[o] + Σ w[o][k][i][j] · x[k][r·stride + i − padding][c·stride + j − padding]``,
    one n-ary node each; H' = ⌊(H + 2·padding − kernel)/stride⌋ + 1. Outside the image x is 0;
    such terms are left out of the node.

    ``kernel``   its size: a number, or (height, width)
    ``stride``   the distance between two windows; ``padding`` the width of the border of zeros
    ``init``     draws the weights (default: He); the biases start at 0
    ``rng``      a ``random.Random``, or a seed

    Raises ValueError for a size that is not a whole number, and for an image of other channels or
    smaller than the kernel.
    """

    def __init__(
        self,
        channels_in: int,
        channels_out: int,
        kernel: int | tuple[int, int],
        *,
        stride: int = 1,
        padding: int = 0,
        init: Initialiser | None = None,
        rng: random.Random | int | None = None,
    ) -> None:
        positive("Conv2d", channels_in=channels_in, channels_out=channels_out, stride=stride)
        if isinstance(padding, bool) or not isinstance(padding, int) or padding < 0:
            raise ValueError(f"Conv2d: padding is {padding!r}; a whole number of at least 0 is needed")
        self.kernel = high, wide = pair(kernel, "Conv2d", "kernel")
        self.stride, self.padding, self.channels = stride, padding, (channels_in, channels_out)
        draw, chance = initialiser(init, he()), source(rng)
        fans = channels_in * high * wide, channels_out * high * wide
        self.w = parts([
            [
                [[parameter(draw(*fans, chance), f"w{subscript(o + 1, k + 1, i + 1, j + 1)}") for j in range(wide)]
                 for i in range(high)]
                for k in range(channels_in)
            ]
            for o in range(channels_out)
        ])  # fmt: skip
        self.b = parts([parameter(0.0, f"b{subscript(o + 1)}") for o in range(channels_out)])

    def forward(self, image: Image) -> list[list[list[Value]]]:
        """Return the channels_out × H' × W' image."""
        channels, height, width = image_shape(image, "Conv2d")
        (high, wide), pad, stride = self.kernel, self.padding, self.stride
        if channels != self.channels[0]:
            raise ValueError(f"{self!r} takes {self.channels[0]} channels, got {channels}")
        rows, columns = (height + 2 * pad - high) // stride + 1, (width + 2 * pad - wide) // stride + 1
        if rows < 1 or columns < 1:
            raise ValueError(f"{self!r}: the image of {height} × {width} is smaller than the kernel; add padding")
        return [
            [
                [self._at(image, o, r * stride - pad, c * stride - pad, height, width) for c in range(columns)]
                for r in range(rows)
            ]
            for o in range(self.channels[1])
        ]

    def _at(self, image: Image, o: int, top: int, left: int, height: int, width: int) -> Value:
        weights: list[Value] = []
        inputs: list[Scalar] = []
        for plane, kernel in zip(image, self.w[o], strict=True):
            for i, row in enumerate(kernel, top):
                if 0 <= i < height:
                    for j, weight in enumerate(row, left):
                        if 0 <= j < width:
                            weights.append(weight)
                            inputs.append(plane[i][j])
        return affine(weights, inputs, self.b[o])  # type: ignore[no-any-return]

    def __repr__(self) -> str:
        (high, wide), (channels_in, channels_out) = self.kernel, self.channels
        more = f", stride={self.stride}" * (self.stride != 1) + f", padding={self.padding}" * (self.padding != 0)
        return f"Conv2d({channels_in}, {channels_out}, {high if high == wide else self.kernel}{more})"
