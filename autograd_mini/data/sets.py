"""Generated sets: points of the plane in two classes, and the truth tables of logic gates.

A set is a pair (X, y): X (N, k) floats, y (N,) class numbers. ``noise`` is the standard deviation of
Gaussian noise added to each coordinate. The same seed gives the same set.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from autograd_mini.format import brief

__all__ = ["GATES", "SETS", "doughnut", "gate", "linear", "moons", "spiral", "xor"]

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]
Set: TypeAlias = tuple[Array, Array]


def _halves(n: int, noise: float) -> tuple[int, int]:
    if isinstance(n, bool) or not isinstance(n, int) or n < 2:
        raise ValueError(f"n is {n!r}; a whole number of at least 2 is needed, one sample per class")
    if n > MOST:
        raise ValueError(f"n is {brief(repr(n))}; up to {MOST:,} samples are made")
    if isinstance(noise, bool) or not isinstance(noise, (int, float, np.floating)) or not 0.0 <= noise < math.inf:
        raise ValueError(f"noise is {noise!r}; a finite number of at least 0 is needed")
    return (n + 1) // 2, n // 2


def generator(seed: int) -> np.random.Generator:
    """Return NumPy's generator for this seed; ValueError for anything but a whole number of at least 0."""
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise ValueError(f"seed is {seed!r}; a whole number of at least 0 is needed")
    return np.random.default_rng(seed)


def _finish(parts: list[Array], noise: float, rng: np.random.Generator) -> Set:
    """Join the classes 0, 1, …, add Gaussian noise, shuffle."""
    points, classes = np.concatenate(parts), np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    points = points + noise * rng.standard_normal(points.shape)
    order = rng.permutation(len(points))
    return points[order], classes[order]


def linear(n: int = 200, noise: float = 0.0, seed: int = 0) -> Set:
    """Two classes on either side of a line, with a gap between them: X (n, 2), y (n,).

    Linearly separable where noise is 0.
    """
    rng = generator(seed)
    parts = []
    for count, side in zip(_halves(n, noise), (-1.0, 1.0), strict=True):
        along, across = rng.uniform(-1.0, 1.0, count), side * rng.uniform(0.15, 1.0, count)
        parts.append(np.column_stack([along - across, along + across]) / math.sqrt(2.0))
    return _finish(parts, noise, rng)


def spiral(n: int = 200, noise: float = 0.0, seed: int = 0, turns: float = 1.0) -> Set:
    """Two interleaved spiral arms of ``turns`` turns, class 1 is class 0 rotated by 180°: X (n, 2), y (n,)."""
    rng = generator(seed)
    parts = []
    for count, start in zip(_halves(n, noise), (0.0, math.pi), strict=True):
        radius = np.sqrt(rng.uniform(0.02, 1.0, count))
        angle = start + 2.0 * math.pi * turns * radius
        parts.append(np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]))
    return _finish(parts, noise, rng)


def doughnut(n: int = 200, noise: float = 0.0, seed: int = 0) -> Set:
    """A disc of radius 0.45 (class 0) and the ring of radius 0.65 to 1 around it (class 1): X (n, 2), y (n,)."""
    rng = generator(seed)
    parts = []
    for count, (inner, outer) in zip(_halves(n, noise), ((0.0, 0.45), (0.65, 1.0)), strict=True):
        radius = np.sqrt(rng.uniform(inner**2, outer**2, count))
        angle = rng.uniform(-math.pi, math.pi, count)
        parts.append(np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]))
    return _finish(parts, noise, rng)


def moons(n: int = 200, noise: float = 0.0, seed: int = 0) -> Set:
    """Two interleaved half circles: X (n, 2), y (n,)."""
    rng = generator(seed)
    first, second = _halves(n, noise)
    a, b = rng.uniform(0.0, math.pi, first), rng.uniform(0.0, math.pi, second)
    upper = np.column_stack([np.cos(a), np.sin(a)])
    lower = np.column_stack([1.0 - np.cos(b), 0.5 - np.sin(b)])
    return _finish([upper, lower], noise, rng)


def xor(n: int = 200, noise: float = 0.0, seed: int = 0) -> Set:
    """The four quadrants of [−1, 1]², class 1 where the signs of x and y differ: X (n, 2), y (n,).

    There is a gap along the axes.
    """
    rng = generator(seed)
    parts = []
    for count, sign in zip(_halves(n, noise), (1.0, -1.0), strict=True):
        x, y = rng.uniform(0.1, 1.0, count), rng.uniform(0.1, 1.0, count)
        flip = rng.choice([-1.0, 1.0], count)
        parts.append(np.column_stack([flip * x, sign * flip * y]))
    return _finish(parts, noise, rng)


SETS: dict[str, Callable[..., Set]] = {
    "linear": linear, "spiral": spiral, "doughnut": doughnut, "moons": moons, "xor": xor,
}  # fmt: skip
"""The generated sets by name."""

MOST = 10_000_000
"""The largest number of samples."""
GATES = {"and": (0, 0, 0, 1), "or": (0, 1, 1, 1), "nand": (1, 1, 1, 0), "xor": (0, 1, 1, 0)}


def gate(name: str) -> Set:
    """Return the truth table of ``and``, ``or``, ``nand`` or ``xor``: X (4, 2), y (4,); ValueError for another name."""
    if name not in GATES:
        raise ValueError(f"gate {name!r} is unknown; {', '.join(GATES)} are known")
    return np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array(GATES[name])
