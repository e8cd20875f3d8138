"""Conversion between lists of numbers and images: Reshape, Flatten.

An image is channels × height × width, as nested lists or an array.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_mini.nn.module import Image, Module, Scalar, Vector, count
from autograd_mini.nn.neuron import positive

__all__ = ["Flatten", "Reshape", "image_shape", "pair"]


def image_shape(image: Image, owner: str) -> tuple[int, int, int]:
    """Return (channels, height, width); raise ValueError where ``image`` has another shape."""
    told = f"{owner} takes an image of channels × height × width as nested lists"
    try:
        channels, height, width = len(image), len(image[0]), len(image[0][0])
        even = all(len(plane) == height and all(len(row) == width for row in plane) for plane in image)
        flat = not hasattr(image[0][0][0], "__len__")
    except (TypeError, IndexError):
        raise ValueError(
            f"{told}; the input has another shape. Reshape(channels, height, width) makes an image of a list"
        ) from None
    if not even or not flat:
        raise ValueError(f"{told}; the input has {'rows of different lengths' if flat else 'more than three levels'}")
    return channels, height, width


def pair(size: int | tuple[int, int], owner: str, name: str) -> tuple[int, int]:
    """Return (height, width) of a size given as one number or a pair; raise ValueError for anything else."""
    both = size if isinstance(size, tuple) else (size, size)
    if len(both) != 2:
        raise ValueError(f"{owner}: {name} is {size!r}; give one number or (height, width)")
    positive(owner, **{name: both[0]})
    positive(owner, **{name: both[1]})
    return both


class Flatten(Module):
    """Nested lists of any depth → one flat list, in reading order; TypeError for a single number."""

    def forward(self, signal: Any) -> list[Scalar]:
        """Return every element of ``signal``."""
        if not isinstance(signal, (list, tuple, np.ndarray)):
            raise TypeError(f"Flatten takes nested lists, got a {type(signal).__name__}")
        out: list[Scalar] = []
        for item in signal:
            if isinstance(item, (list, tuple)) or (isinstance(item, np.ndarray) and item.ndim):
                out.extend(self.forward(item))
            else:
                out.append(item)
        return out


class Reshape(Module):
    """A list of channels·height·width numbers → an image of channels × height × width.

    Raises ValueError for a list of another length.
    """

    def __init__(self, channels: int, height: int, width: int) -> None:
        positive("Reshape", channels=channels, height=height, width=width)
        self.shape = (channels, height, width)

    def forward(self, row: Vector) -> list[list[list[Scalar]]]:
        """Return the image whose elements in reading order are ``row``."""
        channels, height, width = self.shape
        if count(row, self) != channels * height * width:
            raise ValueError(f"{self!r} takes {channels * height * width} numbers, got {len(row)}")
        values = list(row)
        return [
            [[values[(c * height + i) * width + j] for j in range(width)] for i in range(height)]
            for c in range(channels)
        ]

    @property
    def width(self) -> int | None:
        """How many numbers an image has."""
        return math.prod(self.shape)

    def __repr__(self) -> str:
        return f"Reshape{self.shape}"
