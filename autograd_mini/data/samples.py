"""Samples for a training run: features, a train/test split, mini-batches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np

from autograd_mini.data.sets import generator
from autograd_mini.engine.value import Value
from autograd_mini.format import described
from autograd_mini.language import tell

__all__ = ["batches", "even", "polar", "shifted", "split", "standardise"]

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]


def _table(X: Any, owner: str, columns: int | None = None) -> Array:
    """Return X as floats (N, columns) or (N, …); ValueError for another shape, TypeError for what is not a number."""
    found = even(X, owner)
    if found.dtype.kind not in "biufO" or (found.dtype == object and any(isinstance(x, str) for x in found.flat)):
        raise TypeError(f"{owner}: {described(X)}; samples are numbers, (N, {columns or '…'})")
    if not found.ndim or (columns is not None and (found.ndim != 2 or found.shape[1] != columns)):
        raise ValueError(f"{owner}: the shape is {found.shape}; samples (N, {columns or '…'}) are needed")
    if found.dtype == object and any(isinstance(x, Value) for x in found.flat):
        return found  # features that are Values stay Values, so that one can differentiate with respect to them
    return found.astype(np.float64)


def even(rows: Any, owner: str) -> Array:
    """Return rows as an array; ValueError where they differ in length."""
    try:
        return np.asarray(rows)
    except ValueError:
        raise ValueError(f"{owner}: the rows differ in length; every sample has as many numbers") from None


def polar(X: Array) -> Array:
    """Return polar coordinates (r, θ), (N, 2), of points (N, 2): r = √(x² + y²), θ = atan2(y, x) in radians."""
    X = _table(X, "polar", 2)
    return np.column_stack([np.hypot(X[:, 0], X[:, 1]), np.arctan2(X[:, 1], X[:, 0])])


def split(X: Array, y: Array, test: float = 0.25, seed: int = 0) -> tuple[Array, Array, Array, Array]:
    """Divide samples at random: return X_train, y_train, X_test, y_test, with round(test·N) test samples.

    ``test`` is a fraction between 0 and 1; the same ``seed`` gives the same division. Raises
    ValueError where X and y differ in length or a part would be empty.
    """
    X, y = even(X, "split"), even(y, "split")
    if not X.ndim or not y.ndim or len(X) != len(y):
        counts = [len(each) if each.ndim else "no" for each in (X, y)]
        raise ValueError(f"split: X has {counts[0]} samples and y {counts[1]}; the numbers must be equal")
    if isinstance(test, bool) or not isinstance(test, (int, float, np.floating)):
        raise TypeError(f"split: test is {described(test)}; a fraction between 0 and 1 is needed")
    held = round(test * len(X)) if 0.0 < test < 1.0 else 0
    if not 0.0 < test < 1.0 or not 0 < held < len(X):
        raise ValueError(
            tell(
                "split: test={test} of {count} samples leaves a part empty; give a fraction between 0 and 1",
                test=repr(test),
                count=len(X),
            )
        )
    order = generator(seed).permutation(len(X))
    return X[order[held:]], y[order[held:]], X[order[:held]], y[order[:held]]


def standardise(X: Array, *others: Array) -> tuple[Array, ...]:
    """Return (X − mean)/deviation, column by column, and ``others`` scaled by the same mean and deviation.

    Every array is (N, k) with its own N. A column of X that is constant becomes 0.
    """
    X = _table(X, "standardise")
    mean, deviation = X.mean(axis=0), X.std(axis=0)
    deviation = np.where(deviation == 0.0, 1.0, deviation)
    return tuple((_table(each, "standardise") - mean) / deviation for each in (X, *others))


def shifted(X: Array, y: Array, height: int, width: int) -> tuple[Array, Array]:
    """Return images (N, height·width) and their copies moved by one pixel right, left, down and up: 5·N rows.

    Pixels that move in from outside are 0; the targets ``y`` (N,) are repeated. Training on the
    copies (data augmentation) makes a network less sensitive to the position of a digit.
    """
    X, size = _table(X, "shifted"), height * width
    if height < 1 or width < 1 or X.shape[1] != size or len(np.asarray(y)) != len(X):
        raise ValueError(
            f"shifted: X has the shape {X.shape}; rows of height·width = {height}·{width} numbers are needed, and a "
            "target each"
        )
    padded = np.pad(X.reshape(-1, height, width), ((0, 0), (1, 1), (1, 1)))
    moves = ((1, 1), (1, 0), (1, 2), (0, 1), (2, 1))
    copies = [padded[:, i : i + height, j : j + width].reshape(len(X), -1) for i, j in moves]
    return np.concatenate(copies), np.tile(np.asarray(y), len(moves))


def batches(n: int, size: int | None, seed: int, epoch: int) -> Iterator[Array]:
    """Yield the sample numbers of each mini-batch of an epoch: each sample once, a short last batch kept.

    The order depends on (seed, epoch) only, so that a resumed run continues in the same order.
    ``size`` None or ≥ n gives one batch of all samples, in the given order. Raises ValueError for
    a size that is not a whole number of at least 1.
    """
    if size is not None and (isinstance(size, bool) or not isinstance(size, (int, np.integer)) or size < 1):
        raise ValueError(f"batch size is {size!r}; a whole number of at least 1 is needed, or None for all samples")
    if isinstance(n, bool) or not isinstance(n, (int, np.integer)):
        raise TypeError(f"batches: n is {described(n)}; the number of samples is needed")
    if size is None or size >= n:
        yield np.arange(n)
        return
    order = np.random.default_rng([seed, epoch]).permutation(n)
    for start in range(0, n, int(size)):
        yield order[start : start + int(size)]
