"""The samples of a run in its film: points, their targets, and names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from autograd_mini.format import number
from autograd_mini.training.history import Setup
from viz.film.network import Features
from viz.style.typeset import subscript

__all__ = ["Samples", "samples"]

Array: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]
MOST_CLASSES = 10
MOST_INPUTS = 64


@dataclass(frozen=True)
class Samples:
    """Training points (N, d) and held-out points (M, d), with their targets.

    For classes, ``labels`` are class numbers and ``targets`` (K, m) the loss's target of each class; for
    a regression ``targets`` is empty and ``values`` are the target numbers.
    """

    points: Array
    labels: list[int]
    values: list[float]
    held: Array
    held_labels: list[int]
    held_values: list[float]
    targets: Array
    classes: tuple[str, ...]
    inputs: tuple[str, ...]

    @property
    def regression(self) -> bool:
        """Whether the targets are numbers, not classes."""
        return not len(self.targets)


def samples(
    setup: Setup, X: Any, features: Features | None, outputs: int, classes: Sequence[str], inputs: Sequence[str]
) -> Samples:
    """Return the samples of a run with ``outputs`` scores.

    Raises ValueError where they cannot be shown, naming what can.
    """
    points = _points(setup.X if X is None else X, setup, features)
    y = np.asarray(setup.y, dtype=np.float64)
    targets = class_targets(y, outputs)
    labels, values = _asked(y, targets)
    held, held_y = _held(setup, points.shape[1], features)
    held_labels, held_values = _asked(held_y, targets) if len(held) else ([], [])
    return Samples(
        points, labels, values, held, held_labels, held_values, targets,
        _class_names(targets, classes), _input_names(points.shape[1], inputs),
    )  # fmt: skip


def _points(X: Any, setup: Setup, features: Features | None) -> Array:
    points = np.asarray(X, dtype=np.float64)
    if features is not None and (points.ndim != 2 or points.shape[1] != 2):
        raise ValueError(f"X has the shape {points.shape}; with features= it holds points of the plane, (N, 2)")
    if points.ndim != 2 or len(points) != len(setup.X) or not 1 <= points.shape[1] <= MOST_INPUTS:
        raise ValueError(
            f"X has the shape {points.shape} for {len(setup.X)} samples; a film shows rows of 1 to {MOST_INPUTS} "
            "numbers, (N, d). Where the network sees something else of points of the plane, give X=points and "
            "features=, as data.polar"
        )
    seen = points if features is None else np.asarray(features(points), dtype=np.float64)
    if not np.allclose(seen, np.asarray(setup.X, dtype=np.float64).reshape(len(points), -1)):
        raise ValueError(
            "features(X) are not the samples that the run was trained on; give the X and features of that run"
        )
    return points


def _held(setup: Setup, width: int, features: Features | None) -> tuple[Array, Array]:
    """The held-out samples; none where the points they came from are not known."""
    if setup.validation is None or features is not None:
        return np.empty((0, width)), np.empty(0)
    X, y = setup.validation
    return np.asarray(X, dtype=np.float64).reshape(-1, width), np.asarray(y, dtype=np.float64)


def class_targets(y: Array, outputs: int) -> Array:
    """Return the target of every class (K, m), (0, 1) for a regression."""
    if y.ndim == 2 and y.shape[1] > 1:
        if not (np.isin(y, (0.0, 1.0)).all() and (y.sum(axis=1) == 1.0).all()):
            raise ValueError(
                f"y has the shape {y.shape} and its rows are not one-hot; a film shows classes, or one number per "
                "sample"
            )
        targets = np.eye(y.shape[1])
    elif outputs > 1:
        flat = y.reshape(-1)
        targets = np.arange(outputs, dtype=np.float64)[:, None]
        if (flat != flat.astype(np.int64)).any() or flat.min() < 0 or flat.max() >= outputs:
            raise ValueError(f"y must hold class numbers 0 to {outputs - 1} for a network of {outputs} outputs")
    else:
        found = np.unique(y)
        targets = found[:, None] if len(found) == 2 else np.empty((0, 1))
    if len(targets) > MOST_CLASSES:
        raise ValueError(f"a film shows up to {MOST_CLASSES} classes, got {len(targets)}")
    return targets


def _asked(y: Array, targets: Array) -> tuple[list[int], list[float]]:
    """The class of every row and no values, or the value of every row and no classes."""
    if not len(targets):
        return [0] * len(y), y.reshape(-1).tolist()
    if targets.shape[1] > 1:
        return y.argmax(axis=1).tolist(), []
    return np.searchsorted(targets[:, 0], y.reshape(-1)).clip(0, len(targets) - 1).tolist(), []


def _class_names(targets: Array, given: Sequence[str]) -> tuple[str, ...]:
    count = len(targets)
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise TypeError(f"classes is {given!r}; a list of names is needed, one for each class")
    if given and len(given) != count:
        raise ValueError(f"classes: {len(given)} names for {count} classes; give one name per class")
    numbers = targets[:, 0].tolist() if targets.shape[1] == 1 else range(count)
    return tuple(given) or tuple(f"class {number(each)}" for each in numbers)


def _input_names(count: int, given: Sequence[str]) -> tuple[str, ...]:
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise TypeError(f"inputs is {given!r}; a list of names is needed, one for each column of X")
    if given and len(given) != count:
        raise ValueError(f"inputs: {len(given)} names for {count} columns of X; give one name per column")
    return tuple(given) or tuple(f"x{subscript(str(i + 1))}" for i in range(count))
