"""Data: small two-dimensional sets, splits and mini-batches, and readers for MNIST and CSV.

A set is a pair (X, y): X (N, k) floats, y (N,) class numbers. The same seed gives the same set.
"""

from __future__ import annotations

import csv
import gzip
import math
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

__all__ = [
    "SETS", "DataError", "batches", "doughnut", "gate", "linear", "moons", "polar", "read_csv", "read_idx", "shifted",
    "spiral", "split", "standardise", "xor",
]  # fmt: skip

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]
Set: TypeAlias = tuple[Array, Array]


class DataError(ValueError):
    """A data file cannot be read: the message says which, where and why."""


# ---------------------------------------------------------------- made sets


def _halves(n: int, noise: float) -> tuple[int, int]:
    if isinstance(n, bool) or not isinstance(n, int) or n < 2:
        raise ValueError(f"n is {n!r}; a whole number of at least 2 is needed, one sample per class")
    if not 0.0 <= noise < math.inf:
        raise ValueError(f"noise is {noise!r}; a finite number of at least 0 is needed")
    return (n + 1) // 2, n // 2


def _finish(parts: list[Array], noise: float, rng: np.random.Generator) -> Set:
    """Join the classes 0, 1, …, add Gaussian noise, shuffle."""
    points, classes = np.concatenate(parts), np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    points = points + noise * rng.standard_normal(points.shape)
    order = rng.permutation(len(points))
    return points[order], classes[order]


def linear(n: int = 200, noise: float = 0.0, seed: int = 0) -> Set:
    """Two classes on either side of a line, with a gap between them; linearly separable without noise."""
    rng = np.random.default_rng(seed)
    parts = []
    for count, side in zip(_halves(n, noise), (-1.0, 1.0), strict=True):
        along, across = rng.uniform(-1.0, 1.0, count), side * rng.uniform(0.15, 1.0, count)
        parts.append(np.column_stack([along - across, along + across]) / math.sqrt(2.0))
    return _finish(parts, noise, rng)


def spiral(n: int = 200, noise: float = 0.0, seed: int = 0, turns: float = 1.0) -> Set:
    """Two arms wound around each other, class 1 being class 0 turned by 180°."""
    rng = np.random.default_rng(seed)
    parts = []
    for count, start in zip(_halves(n, noise), (0.0, math.pi), strict=True):
        radius = np.sqrt(rng.uniform(0.02, 1.0, count))
        angle = start + 2.0 * math.pi * turns * radius
        parts.append(np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]))
    return _finish(parts, noise, rng)


def doughnut(n: int = 200, noise: float = 0.0, seed: int = 0) -> Set:
    """A disc of radius 0.45 (class 0) and the ring from 0.65 to 1 around it (class 1)."""
    rng = np.random.default_rng(seed)
    parts = []
    for count, (inner, outer) in zip(_halves(n, noise), ((0.0, 0.45), (0.65, 1.0)), strict=True):
        radius = np.sqrt(rng.uniform(inner**2, outer**2, count))
        angle = rng.uniform(-math.pi, math.pi, count)
        parts.append(np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]))
    return _finish(parts, noise, rng)


def moons(n: int = 200, noise: float = 0.0, seed: int = 0) -> Set:
    """Two interleaving half circles."""
    rng = np.random.default_rng(seed)
    first, second = _halves(n, noise)
    a, b = rng.uniform(0.0, math.pi, first), rng.uniform(0.0, math.pi, second)
    upper = np.column_stack([np.cos(a), np.sin(a)])
    lower = np.column_stack([1.0 - np.cos(b), 0.5 - np.sin(b)])
    return _finish([upper, lower], noise, rng)


def xor(n: int = 200, noise: float = 0.0, seed: int = 0) -> Set:
    """The four quadrants of [−1, 1]², class 1 where the signs differ, with a gap along the axes."""
    rng = np.random.default_rng(seed)
    parts = []
    for count, sign in zip(_halves(n, noise), (1.0, -1.0), strict=True):
        x, y = rng.uniform(0.1, 1.0, count), rng.uniform(0.1, 1.0, count)
        flip = rng.choice([-1.0, 1.0], count)
        parts.append(np.column_stack([flip * x, sign * flip * y]))
    return _finish(parts, noise, rng)


SETS: dict[str, Callable[..., Set]] = {
    "linear": linear, "spiral": spiral, "doughnut": doughnut, "moons": moons, "xor": xor,
}  # fmt: skip
"""The made sets by name."""

GATES = {"and": (0, 0, 0, 1), "or": (0, 1, 1, 1), "nand": (1, 1, 1, 0), "xor": (0, 1, 1, 0)}


def gate(name: str) -> Set:
    """Return the truth table of ``and``, ``or``, ``nand`` or ``xor``: X (4, 2), y (4,)."""
    if name not in GATES:
        raise ValueError(f"gate {name!r} is unknown; {', '.join(GATES)} are known")
    return np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array(GATES[name])


# ---------------------------------------------------------------- features, splits, batches


def polar(X: Array) -> Array:
    """Return (r, θ) of points (N, 2): r = √(x² + y²), θ = atan2(y, x)."""
    return np.column_stack([np.hypot(X[:, 0], X[:, 1]), np.arctan2(X[:, 1], X[:, 0])])


def split(X: Array, y: Array, test: float = 0.25, seed: int = 0) -> tuple[Array, Array, Array, Array]:
    """Return X_train, y_train, X_test, y_test: each sample in one of them, round(test·N) in the test part."""
    X, y = np.asarray(X), np.asarray(y)
    if len(X) != len(y):
        raise ValueError(f"split: X has {len(X)} samples and y {len(y)}; they must be as many")
    held = round(test * len(X))
    if not 0.0 < test < 1.0 or not 0 < held < len(X):
        raise ValueError(
            f"split: test={test!r} of {len(X)} samples leaves a part empty; give a fraction between 0 and 1"
        )
    order = np.random.default_rng(seed).permutation(len(X))
    return X[order[held:]], y[order[held:]], X[order[:held]], y[order[:held]]


def standardise(X: Array, *others: Array) -> tuple[Array, ...]:
    """Return (X − mean)/deviation, and the others by X's mean and deviation; constant columns become 0."""
    X = np.asarray(X, dtype=float)
    mean, deviation = X.mean(axis=0), X.std(axis=0)
    deviation = np.where(deviation == 0.0, 1.0, deviation)
    return tuple((np.asarray(each, dtype=float) - mean) / deviation for each in (X, *others))


def shifted(X: Array, y: Array, height: int, width: int) -> Set:
    """Return images (N, height·width) and their copies moved by one pixel right, left, down and up: 5·N rows.

    The space left behind is filled with 0. Training on the copies teaches a network that a
    digit stays itself when it moves.
    """
    X = np.asarray(X)
    padded = np.pad(X.reshape(-1, height, width), ((0, 0), (1, 1), (1, 1)))
    moves = ((1, 1), (1, 0), (1, 2), (0, 1), (2, 1))
    copies = [padded[:, i : i + height, j : j + width].reshape(len(X), -1) for i, j in moves]
    return np.concatenate(copies), np.tile(np.asarray(y), len(moves))


def batches(n: int, size: int | None, seed: int, epoch: int) -> Iterator[Array]:
    """Yield the sample numbers of each mini-batch of an epoch: each sample once, a short last batch kept.

    The order depends on (seed, epoch) alone, so that a resumed run goes on in the same order.
    ``size`` None or ≥ n is one batch of everything, in the given order.
    """
    if size is not None and (isinstance(size, bool) or not isinstance(size, (int, np.integer)) or size < 1):
        raise ValueError(f"batch size is {size!r}; a whole number of at least 1 is needed, or None for all samples")
    if size is None or size >= n:
        yield np.arange(n)
        return
    order = np.random.default_rng([seed, epoch]).permutation(n)
    for start in range(0, n, int(size)):
        yield order[start : start + int(size)]


# ---------------------------------------------------------------- files

IDX_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
MOST = 1 << 34  # bytes of one array: a damaged header must not ask for the whole memory


def read_idx(path: str | Path) -> Array:
    """Read an IDX file (MNIST's format), plain or gzip: an array of the shape in its header.

    The header is two zero bytes, a type byte, the number of dimensions, then each dimension as
    a big-endian 32-bit integer. Raises DataError for anything that is not such a file, whole.
    """
    path = Path(path)
    try:
        content = path.read_bytes()
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: cannot be read: {error}") from None
    if len(content) < 4:
        raise DataError(f"{path}: {len(content)} bytes are too few for an IDX header of at least 4")
    if content[:2] != b"\0\0" or content[2] not in IDX_TYPES:
        raise DataError(
            f"{path}: bad magic number {content[:4].hex()}; an IDX file starts with 0000, a type (08 to 0e), a rank"
        )
    dtype, rank = np.dtype(IDX_TYPES[content[2]]), content[3]
    start = 4 + 4 * rank
    if not rank or len(content) < start:
        raise DataError(
            f"{path}: a header of {rank} dimensions needs {start} bytes (and 1 dimension at least), got {len(content)}"
        )
    shape = [int(d) for d in np.frombuffer(content, ">i4", rank, 4)]
    if min(shape) < 0:
        raise DataError(f"{path}: negative dimension in the shape {shape}")
    expected = math.prod(shape) * dtype.itemsize
    if expected > MOST:
        raise DataError(f"{path}: the shape {shape} would need {expected} bytes, more than an IDX file may hold here")
    if len(content) - start != expected:
        raise DataError(
            f"{path}: the shape {shape} needs {expected} bytes of data, the file has {len(content) - start}"
        )
    return np.frombuffer(content, dtype, offset=start).reshape(shape).astype(dtype.newbyteorder("="))


def read_csv(path: str | Path, target: int | str = -1) -> tuple[Array, Array, list[str]]:
    """Read a table of numbers: X (N, k), y (N,), and the class names where y is text.

    ``target`` is the column of y, by number or by its name in the first line. A first line
    without any number (the target column aside) is taken as names. Classes written as
    text become 0, 1, … in alphabetical order; numbers stay, as ints where all are whole.
    Raises DataError with the line for anything that cannot be read.
    """
    path = Path(path)
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file)
            lines = [(reader.line_num, [cell.strip() for cell in row]) for row in reader if any(row)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: cannot be read: {error}") from None
    if not lines:
        raise DataError(f"{path}: the file is empty; one line of numbers per sample is needed")
    width = len(lines[0][1])
    if width < 2:
        raise DataError(f"{path}: one column; at least one feature and the target are needed, separated by commas")
    names = lines[0][1]
    if isinstance(target, str):
        if target not in names:
            raise DataError(f"{path}: no column {target!r} in the first line ({', '.join(names[:8])})")
        column = names.index(target)
    elif -width <= target < width:
        column = target % width
    else:
        raise DataError(f"{path}: target column {target} of {width}; give {-width} to {width - 1} or a name")
    if isinstance(target, str) or all(_number(cell) is None for j, cell in enumerate(names) if j != column):
        lines = lines[1:]
    if not lines:
        raise DataError(f"{path}: a first line of names and no samples")
    features, labels = [], []
    for line, row in lines:
        if len(row) != width:
            raise DataError(f"{path}, line {line}: {len(row)} columns, {width} in the first line")
        numbers = [_number(cell) for j, cell in enumerate(row) if j != column]
        if None in numbers:
            cell = next(cell for j, cell in enumerate(row) if j != column and _number(cell) is None)
            raise DataError(f"{path}, line {line}: {cell!r} is not a finite number")
        features.append(numbers)
        labels.append(row[column])
    X = np.array(features, dtype=float)
    values = [_number(label) for label in labels]
    if None in values:
        classes = sorted(set(labels))
        return X, np.array([classes.index(label) for label in labels]), classes
    y = np.array(values, dtype=float)
    return X, (y.astype(int) if np.all(y == np.round(y)) and np.all(np.abs(y) < 2**53) else y), []


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
