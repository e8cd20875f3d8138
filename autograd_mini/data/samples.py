"""Samples as a training run needs them: features, a part held out, mini-batches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np

from autograd_mini.engine.value import Value
from autograd_mini.format import told

__all__ = ["batches", "polar", "shifted", "split", "standardise"]

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]


def _table(X: Any, owner: str, columns: int | None = None) -> Array:
    """Return X as floats (N, columns) or (N, …); ValueError for another shape, TypeError for what is no number."""
    found = np.asarray(X)
    if found.dtype.kind not in "biufO" or (found.dtype == object and any(isinstance(x, str) for x in found.flat)):
        raise TypeError(f"{owner}: {told(X)}; samples are numbers, (N, {columns or '…'})")
    if not found.ndim or (columns is not None and (found.ndim != 2 or found.shape[1] != columns)):
        raise ValueError(f"{owner}: the shape is {found.shape}; samples (N, {columns or '…'}) are needed")
    if found.dtype == object and any(isinstance(x, Value) for x in found.flat):
        return found  # features inside a computation: they stay Values, and differentiate
    return found.astype(np.float64)


def polar(X: Array) -> Array:
    """Return (r, θ) of points (N, 2): r = √(x² + y²), θ = atan2(y, x)."""
    X = _table(X, "polar", 2)
    return np.column_stack([np.hypot(X[:, 0], X[:, 1]), np.arctan2(X[:, 1], X[:, 0])])


def split(X: Array, y: Array, test: float = 0.25, seed: int = 0) -> tuple[Array, Array, Array, Array]:
    """Return X_train, y_train, X_test, y_test: each sample in one of them, round(test·N) in the test part."""
    X, y = np.asarray(X), np.asarray(y)
    if not X.ndim or not y.ndim or len(X) != len(y):
        counts = [len(each) if each.ndim else "no" for each in (X, y)]
        raise ValueError(f"split: X has {counts[0]} samples and y {counts[1]}; they must be as many")
    if isinstance(test, bool) or not isinstance(test, (int, float, np.floating)):
        raise TypeError(f"split: test is {told(test)}; a fraction between 0 and 1 is needed")
    held = round(test * len(X)) if 0.0 < test < 1.0 else 0
    if not 0.0 < test < 1.0 or not 0 < held < len(X):
        raise ValueError(
            f"split: test={test!r} of {len(X)} samples leaves a part empty; give a fraction between 0 and 1"
        )
    order = np.random.default_rng(seed).permutation(len(X))
    return X[order[held:]], y[order[held:]], X[order[:held]], y[order[:held]]


def standardise(X: Array, *others: Array) -> tuple[Array, ...]:
    """Return (X − mean)/deviation, and the others by X's mean and deviation; constant columns become 0."""
    X = _table(X, "standardise")
    mean, deviation = X.mean(axis=0), X.std(axis=0)
    deviation = np.where(deviation == 0.0, 1.0, deviation)
    return tuple((_table(each, "standardise") - mean) / deviation for each in (X, *others))


def shifted(X: Array, y: Array, height: int, width: int) -> tuple[Array, Array]:
    """Return images (N, height·width) and their copies moved by one pixel right, left, down and up: 5·N rows.

    The space left behind is filled with 0. Training on the copies teaches a network that a
    digit stays itself when it moves.
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

    The order depends on (seed, epoch) alone, so that a resumed run goes on in the same order.
    ``size`` None or ≥ n is one batch of everything, in the given order.
    """
    if size is not None and (isinstance(size, bool) or not isinstance(size, (int, np.integer)) or size < 1):
        raise ValueError(f"batch size is {size!r}; a whole number of at least 1 is needed, or None for all samples")
    if isinstance(n, bool) or not isinstance(n, (int, np.integer)):
        raise TypeError(f"batches: n is {told(n)}; the number of samples is needed")
    if size is None or size >= n:
        yield np.arange(n)
        return
    order = np.random.default_rng([seed, epoch]).permutation(n)
    for start in range(0, n, int(size)):
        yield order[start : start + int(size)]
