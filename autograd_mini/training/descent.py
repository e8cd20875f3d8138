"""Descent: one optimiser step of a model under a loss, with the parameters in one flat array."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NoReturn, Self, TypeAlias

import numpy as np

from autograd_mini.engine.value import Value
from autograd_mini.export.programs import flat
from autograd_mini.losses import LossName
from autograd_mini.nn.dropout import Masks, draw
from autograd_mini.optim import Optimizer, OptimizerName
from autograd_mini.program.batch import Batch
from autograd_mini.program.beside import Beside
from autograd_mini.program.run import BatchEngine
from autograd_mini.training.checks import (
    as_loss,
    as_optimizer,
    check_engine,
    check_model,
    check_outputs,
    check_pairing,
    check_targets,
)  # fmt: skip
from autograd_mini.training.divergence import divergence
from autograd_mini.training.evaluation import RowLoss, Rows, as_float
from autograd_mini.training.targets import Labels

__all__ = ["Descent"]

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]
DOUBLE = np.dtype(np.float64)
SMALL = 1 << 16  # bytes of samples up to which comparing them costs less than looking through them
EPOCHS, STEPS = 0, 1  # first part of a step's number: steps of ``fit`` or calls of ``step``


class Descent:
    """Steps of ``optimizer`` that reduce the mean of ``loss(model(x), target)`` over samples.

    Inside a ``with`` block the parameters are the array ``theta`` (P,); they are written back to the
    Values at its end.
    """

    def __init__(
        self,
        model: Callable[[Any], Any],
        loss: Callable[[Any, Any], Value] | LossName,
        optimizer: Optimizer | OptimizerName,
        *,
        penalty: Callable[[Sequence[Value]], Value] | None = None,
        engine: BatchEngine = "auto",
        mesh: object = None,
    ) -> None:
        check_model(model)
        loss, optimizer = as_loss(loss), as_optimizer(optimizer, model)
        check_pairing(model, loss)
        check_engine(engine)
        if penalty is not None and not callable(penalty):
            raise TypeError(
                f"Trainer: penalty is {penalty!r}; a function is needed, as penalty=lambda ps: losses.l2(ps, 0.01)"
            )
        self.model, self.loss, self.optimizer, self.penalty = model, loss, optimizer, penalty
        self.engine, self.mesh = engine, mesh
        self.labels = Labels(loss)
        self.parameters = optimizer.parameters
        self.theta = np.empty(0)
        self._inside = 0
        self.seed = 0  # seed of the masks of Dropout; a Trainer sets its own
        self._batches: dict[tuple[tuple[int, int | None], bool], Batch] = {}
        self._rates: dict[tuple[int, int | None], list[float]] = {}  # of a sample's numbers in Dropouts
        self._steps = 0
        self._latest: tuple[object, Rows] | None = None  # what ``step`` was last given, bit by bit

    def __enter__(self) -> Self:
        """Keep the parameters in ``theta`` until the context ends; many calls of ``step`` are faster inside."""
        if not self._inside:
            self.theta = np.array([p.data for p in self.parameters], dtype=np.float64)
        self._inside += 1
        return self

    def __exit__(self, *exception: object) -> None:
        self._inside -= 1
        if not self._inside:
            self.write_back()

    def write_back(self) -> None:
        """Set the Values to the numbers in ``theta``."""
        for p, number in zip(self.parameters, self.theta.tolist(), strict=True):
            p.data = number

    def step(self, X: Any, y: Any) -> float:
        """Take one step on the mean loss of these samples; return the loss before the step."""
        with self:
            self._steps += 1
            return self._advance(self._rows_again(X, y), None, (STEPS, self._steps))[0]

    def _rows_again(self, X: Any, y: Any) -> Rows:
        """Return the rows of a step; a small batch that is the one before, bit by bit, is not looked through again."""
        if X.__class__ is not np.ndarray or y.__class__ is not np.ndarray or X.nbytes > SMALL:
            return self._rows(X, y, learn=True, copy=False)
        if X.dtype != DOUBLE or y.dtype != DOUBLE:
            return self._rows(X, y, learn=True)
        key = X.shape, X.tobytes(), y.shape, y.tobytes()
        if self._latest is None or self._latest[0] != key:
            self._latest = key, self._rows(X, y, learn=True)
        return self._latest[1]

    def _rows(self, X: Any, y: Any, learn: bool = False, copy: bool = True) -> Rows:
        """Return samples and targets as ``Rows`` of numbers, after checking that they suit the loss."""
        targets = self.labels.encode(y, learn)
        check_targets(self.loss, targets)
        return Rows(X, targets, copy)

    def _batch(self, rows: Rows, training: bool = False) -> Batch:
        """Return the compiled loss of rows of this shape, with masks while ``training``; compiled once per shape."""
        found = self._batches.get((rows.shape, training))
        if found is None:
            first, counts = rows.table[0, : rows.shape[0]].tolist(), list[float]()
            with Masks(None, counts):
                check_outputs(self.loss, [as_float(leaf) for leaf in flat(self.model(first))])
            self._rates[rows.shape] = counts
            dropped = len(counts) if training and counts else None
            row_loss = RowLoss(self.model, self.loss, *rows.shape, dropped)
            columns, penalty, parameters = rows.table.shape[1] + (dropped or 0), self.penalty, tuple(self.parameters)
            extra = None if penalty is None else lambda: penalty(parameters)
            found = Batch(row_loss, parameters, columns, engine=self.engine, penalty=extra, mesh=self.mesh)
            self._batches[rows.shape, training] = found
        return found

    def _masked(
        self, batch: Batch, rows: Rows, step: tuple[int, ...], places: tuple[Array, int] | None
    ) -> Array | Beside:
        """Return the table with the columns of this step's Dropout masks appended; they depend on ``step`` only.

        ``places`` are where the rows stand in a mini-batch of so many, None where they are all of it.
        """
        rates = self._rates[rows.shape]
        if not rates:
            return rows.parts if rows.parts is not None and batch.reads_parts else rows.table
        masks = draw(rates, len(rows) if places is None else places[1], (self.seed, *step))
        return np.concatenate([rows.table, masks if places is None else masks[places[0]]], axis=1)

    def _advance(
        self, rows: Rows, samples: Array | None, step: tuple[int, ...], places: tuple[Array, int] | None = None
    ) -> tuple[float, float]:
        """Take the step with the number ``step``; return the loss and the norm of the gradient."""
        batch = self._batch(rows, training=True)
        table = self._masked(batch, rows, step, places)
        loss, gradient = batch.value_and_grad(table, self.theta)
        norm = math.sqrt(np.vdot(gradient, gradient))
        if not (math.isfinite(loss) and math.isfinite(norm)):
            if not (math.isfinite(loss) and np.isfinite(gradient).all()):
                self._diverged(batch, np.asarray(table), samples)
            norm = float(np.linalg.norm(gradient / np.abs(gradient).max()) * np.abs(gradient).max())
        self.optimizer.update(self.theta, gradient)
        return loss, norm

    def _diverged(self, batch: Batch, table: Array, samples: Array | None) -> NoReturn:
        """Raise DivergenceError, which names the first sample and the operation that were not finite."""
        self.write_back()
        penalty, parameters = self.penalty, self.parameters
        extra = None if penalty is None else lambda: penalty(parameters)
        try:
            raise divergence(batch, table, self.theta, samples, extra)
        finally:
            self.optimizer.zero_grad()
