"""Layers: the images of the plane under each layer of a network, at any parameters, as arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from autograd_mini.engine.value import Value
from autograd_mini.nn import Affine, LogSoftmax, Sequential, Sigmoid, Softmax, Tanh
from autograd_mini.training.evaluation import Outputs

__all__ = ["Layers", "Stage", "grid_lines", "projection"]

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]
BOUNDED = (Tanh, Sigmoid)
DECIDING = (Softmax, LogSoftmax, Sigmoid)


@dataclass(frozen=True)
class Stage:
    """The network at one moment: log-odds of class 1 on a square of the plane, points and grid in every layer."""

    odds: Array
    points: list[Array]
    grid: list[Array]

    @property
    def chance(self) -> Array:
        """The probability of class 1 on the square."""
        return np.asarray(0.5 * (1.0 + np.tanh(0.5 * self.odds)))


class Layers:
    """The outputs of every layer of a network for points: one array (N, d) per layer.

    A layer is an Affine with the activation after it. Where a softmax or a sigmoid ends the
    network, the scores before it are returned, for which the decision boundary is a straight line.
    """

    def __init__(self, model: Sequential) -> None:
        modules = list(model)
        picks: list[int] = []
        self.titles: list[str] = []
        self.bounded: list[bool] = []
        width = 0
        for i, module in enumerate(modules):
            if isinstance(module, Affine):
                width = len(module.w)
            if i + 1 < len(modules) and not isinstance(modules[i + 1], Affine):
                continue
            scores = isinstance(module, DECIDING) and i == len(modules) - 1
            picks.append(i - scores)
            kind = "linear" if isinstance(module, Affine) else type(module).__name__.lower()
            self.titles.append(f"{width} {kind}{', scores' * scores}")
            self.bounded.append(isinstance(module, BOUNDED) and not scores)

        def all_of(x: Any) -> list[Any]:
            outputs = model.each(x)
            return [outputs[i] for i in picks]

        self.outputs = Outputs(all_of)
        self.model, self.picks = model, picks
        self.widths: list[int] = []

    def __call__(self, X: Array) -> tuple[list[Array], Array]:
        """Return every layer's output, and the log-odds of class 1 (N,)."""
        if not self.widths:
            outputs = self.model.each(X[0].tolist())
            self.widths = [len(outputs[i]) for i in self.picks]
        parts = np.split(self.outputs(X), np.cumsum(self.widths)[:-1], axis=1)
        last = parts[-1]
        return parts, last[:, 1] - last[:, 0] if last.shape[1] > 1 else last[:, 0]

    def stage(
        self,
        parameters: Sequence[Value],
        theta: Array,
        square: Array,
        points: Array,
        grid: Array,
        features: Callable[[Array], Array],
    ) -> Stage:
        """Return the network at ``theta``: on a ``square`` (n, n, 2), ``points`` (N, 2) and a ``grid`` (…, 2)."""
        before = [p.data for p in parameters]
        try:
            for p, number in zip(parameters, theta.tolist(), strict=True):
                p.data = number
            _, odds = self(features(square.reshape(-1, 2)))
            return Stage(
                odds.reshape(square.shape[:2]), self(features(points))[0], self(features(grid.reshape(-1, 2)))[0]
            )
        finally:
            for p, number in zip(parameters, before, strict=True):
                p.data = number


def grid_lines(reach: float, lines: int = 13, steps: int = 49) -> Array:
    """Return the lines of a square grid over [−reach, reach]² (2·lines, steps, 2)."""
    across, along = np.linspace(-reach, reach, lines), np.linspace(-reach, reach, steps)
    flat = np.stack(np.broadcast_arrays(along[None, :], across[:, None]), axis=-1)
    return np.concatenate([flat, flat[..., ::-1]])


def projection(points: Array) -> tuple[Array, Array]:
    """Return centre (d,) and directions (d, 2) that show ``points`` (N, d) in a plane.

    Two dimensions stay as they are; of more, the two in which the points spread most are taken.
    """
    if points.shape[1] == 2:
        return np.zeros(2), np.eye(2)
    if points.shape[1] == 1:
        return np.zeros(1), np.array([[1.0, 0.0]])
    centre = points.mean(axis=0)
    _, _, directions = np.linalg.svd(points - centre, full_matrices=False)
    return centre, directions[:2].T
