"""Trainer: mini-batches, history, validation, early stopping, checkpoints, resumption.

Full batch, mini-batch and stochastic descent are one loop; only the size of a batch differs.
While it runs the parameters live in one flat array; the Values are written at its end.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from threading import Event
from time import perf_counter
from typing import Any, NoReturn, TypeAlias

import numpy as np

from autograd_mini.checkpoint import Checkpoint, read, write
from autograd_mini.data import batches
from autograd_mini.engine.value import Value
from autograd_mini.nn.module import Module
from autograd_mini.optim import Optimizer
from autograd_mini.program.batch import Batch
from autograd_mini.training.divergence import DivergenceError, divergence
from autograd_mini.training.evaluation import JUDGES, Judge, Outputs, RowLoss, Rows
from autograd_mini.training.history import Frame, History, Setup
from autograd_mini.training.progress import Bar, interruptible
from autograd_mini.training.run import Run
from autograd_mini.training.saved import pack, unpack

__all__ = ["DivergenceError", "Trainer"]

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]


class Trainer:
    """Train ``model`` so that ``loss(model(x), target)``, averaged over the samples, falls.

    ``model``      a Module, or any function of a list of numbers
    ``loss``       one of ``losses``, or any function of (outputs, target)
    ``optimizer``  holds the parameters that are trained, which need not be all of the model's
    ``penalty``    a function of those parameters that is added to the loss, as ``losses.l2``
    ``engine``     "auto" compiles where it can; "eager" computes with plain Values
    ``correct``    (outputs, targets) → which rows are right, where the loss does not tell
    ``seed``       of the order of the mini-batches

    >>> from autograd_mini import data, losses, nn, optim
    >>> X, y = data.moons(50, noise=0.1)
    >>> model = nn.network(2, "4:tanh, 2:linear", rng=0)
    >>> trainer = Trainer(model, losses.cross_entropy, optim.Adam(model.parameters(), lr=0.1))
    >>> trainer.fit(X, y, epochs=20)["accuracy"][-1] > 0.8
    True
    """

    def __init__(
        self,
        model: Callable[[Any], Any],
        loss: Callable[[Any, Any], Value],
        optimizer: Optimizer,
        *,
        penalty: Callable[[Sequence[Value]], Value] | None = None,
        engine: str = "auto",
        correct: Judge | None = None,
        seed: int = 0,
    ) -> None:
        self.model, self.loss, self.optimizer, self.penalty = model, loss, optimizer, penalty
        self.engine, self.seed = engine, seed
        self.correct = correct or JUDGES.get(loss)
        self.parameters = optimizer.parameters
        self.history = History()
        self.run = Run()
        self.theta = np.empty(0)
        self._inside = 0
        self._resumed = False
        self._batches: dict[tuple[int, int | None], Batch] = {}
        self._outputs = Outputs(model, engine)

    # ------------------------------------------------------------ parameters: flat, and Values

    def __enter__(self) -> Trainer:
        """Keep the parameters in ``theta`` until the context ends; many ``step`` are quicker inside."""
        if not self._inside:
            self.theta = np.array([p.data for p in self.parameters], dtype=np.float64)
        self._inside += 1
        return self

    def __exit__(self, *exception: object) -> None:
        self._inside -= 1
        if not self._inside:
            self.write_back()

    def write_back(self) -> None:
        """Give the Values the numbers of ``theta``."""
        for p, number in zip(self.parameters, self.theta.tolist(), strict=True):
            p.data = number

    # ------------------------------------------------------------ one step

    def step(self, X: Any, y: Any) -> float:
        """Take one step on the mean loss of these samples; return that loss, as it was before."""
        with self:
            return self._advance(Rows(X, y), None)[0]

    def _batch(self, rows: Rows) -> Batch:
        """Return what computes the loss of such rows; it is made once per shape."""
        found = self._batches.get(rows.shape)
        if found is None:
            row_loss = RowLoss(self.model, self.loss, *rows.shape)
            columns, penalty, parameters = rows.table.shape[1], self.penalty, self.parameters
            extra = None if penalty is None else lambda: penalty(parameters)
            found = Batch(row_loss, parameters, columns, engine=self.engine, penalty=extra)
            self._batches[rows.shape] = found
        return found

    def _advance(self, rows: Rows, samples: Array | None) -> tuple[float, float]:
        """Take one step; return the loss and the length of the gradient."""
        loss, gradient = self._batch(rows).value_and_grad(rows.table, self.theta)
        norm = math.sqrt(gradient @ gradient)
        if not (math.isfinite(loss) and math.isfinite(norm)):
            if not (math.isfinite(loss) and np.isfinite(gradient).all()):
                self._diverged(rows, samples)
            norm = float(np.linalg.norm(gradient / np.abs(gradient).max()) * np.abs(gradient).max())
        self.optimizer.update(self.theta, gradient)
        return loss, norm

    def _diverged(self, rows: Rows, samples: Array | None) -> NoReturn:
        """Raise, naming the first sample whose loss or gradient is not finite and the operation."""
        self.write_back()
        penalty, parameters = self.penalty, self.parameters
        extra = None if penalty is None else lambda: penalty(parameters)
        try:
            found = divergence(self._batch(rows), rows.table, self.theta, samples, extra)
        finally:
            self.optimizer.zero_grad()
        raise found if samples is None else DivergenceError(f"epoch {self.run.epoch + 1}, {found}") from found.__cause__

    # ------------------------------------------------------------ many steps

    def fit(
        self,
        X: Any,
        y: Any,
        epochs: int,
        batch_size: int | None = None,
        *,
        validation: tuple[Any, Any] | None = None,
        schedule: Callable[[int], float] | None = None,
        callbacks: Sequence[Callable[[Trainer], object]] = (),
        patience: int | None = None,
        checkpoint: str | Path | None = None,
        checkpoint_every: int = 10,
        frames: int | Iterable[int] = (),
        measure_every: int = 1,
        progress: bool | None = None,
    ) -> History:
        """Train for ``epochs`` more epochs and return the history, which grows with every call.

        ``batch_size``        samples per step; None is all of them, 1 is stochastic descent
        ``validation``        (X, y) that are measured and never trained on
        ``schedule``          epoch of this call, from 0 → factor on the learning rate
        ``callbacks``         called with the trainer after each epoch; True from one stops
        ``patience``          stop when the (validation) loss has not fallen for so many epochs,
                              and go back to the best parameters
        ``checkpoint``        a file written every ``checkpoint_every`` epochs, at Ctrl-C and at the end
        ``frames``            keep the parameters every so many epochs, or after the epochs given
        ``measure_every``     measure accuracy and validation every so many epochs, and at the last
        ``progress``          a bar; None shows one on a terminal only

        Ctrl-C ends the running step, saves, and returns; ``history.stopped`` says so. After
        ``resume`` the same call goes on to the same bits as if it had never stopped.

        Raises ValueError for data that do not fit, DivergenceError where the loss is not finite.
        """
        counts = {"epochs": epochs, "checkpoint_every": checkpoint_every, "measure_every": measure_every}
        for name, count in (counts if patience is None else counts | {"patience": patience}).items():
            if isinstance(count, bool) or not isinstance(count, int) or count < 1:
                raise ValueError(f"fit: {name} is {count!r}; a whole number of at least 1 is needed")
        rows = Rows(X, y)
        self.history.setup = Setup(self.model, self.loss, self.optimizer, X, y, batch_size)
        if not self._resumed:
            self.run = Run(epoch=self.run.epoch, begun=self.run.epoch, seconds=self.run.seconds)
            self.history.stopped = ""
        run, self._resumed = self.run, False
        last = run.begun + epochs
        every = frames if isinstance(frames, int) else frozenset(frames)
        with interruptible() as asked, Bar(epochs, run.epoch - run.begun, progress) as bar, self:
            if run.epoch == run.batch == 0:
                self._keep_frame(every)
            while run.epoch < last and not self.history.stopped:
                self.optimizer.factor = 1.0 if schedule is None else float(schedule(run.epoch - run.begun))
                started = perf_counter()
                if self._epoch(rows, batch_size, asked):
                    measured = run.epoch % measure_every == 0 or run.epoch == last
                    self._record(len(rows), (X, y) if measured else None, validation if measured else None, started)
                    self._keep_frame(every)
                    bar.epoch(loss=self.history["loss"][-1], accuracy=self.history["accuracy"][-1])
                    if patience is not None and (measured or validation is None):
                        held = self.history["validation_loss"][-1]
                        judged = self.history["loss"][-1] if math.isnan(held) else held
                        self.history.stopped = run.judge(judged, self.theta, patience)
                    self._call(callbacks)
                else:
                    run.seconds += perf_counter() - started
                if asked.is_set():
                    self.history.stopped = "interrupted"
                elif checkpoint is not None and run.epoch % checkpoint_every == 0:
                    self.save(checkpoint)
            if patience is not None and run.best_theta is not None and self.history.stopped != "interrupted":
                run.last_theta = self.theta
                self.theta = run.best_theta.copy()
            if checkpoint is not None:
                self.save(checkpoint)
        return self.history

    def _epoch(self, rows: Rows, size: int | None, asked: Event) -> bool:
        """Take the steps of one epoch that are not done yet; False where Ctrl-C cut it short."""
        run, n, done = self.run, len(rows), 0
        for i, samples in enumerate(batches(n, size, self.seed, run.epoch)):
            done += len(samples)
            if i >= run.batch:
                loss, norm = self._advance(rows if len(samples) == n else rows.take(samples), samples)
                run.batch, run.loss, run.norm = i + 1, run.loss + loss * len(samples), run.norm + norm
            if asked.is_set() and done < n:
                return False
        run.epoch += 1
        return True

    def _record(self, n: int, training: tuple[Any, Any] | None, held: tuple[Any, Any] | None, started: float) -> None:
        """Add the epoch that ended to the history."""
        run, optimizer = self.run, self.optimizer
        row = {"epoch": run.epoch, "loss": run.loss / n, "gradient_norm": run.norm / run.batch}
        if training is not None and self.correct is not None:
            row["accuracy"] = self.accuracy(*training)
        if held is not None:
            row["validation_loss"], row["validation_accuracy"] = self.evaluate(*held)
        run.seconds += perf_counter() - started
        self.history.append(**row, learning_rate=optimizer.lr * optimizer.factor, seconds=run.seconds)
        run.batch, run.loss, run.norm = 0, 0.0, 0.0

    def _keep_frame(self, chosen: int | frozenset[int]) -> None:
        epoch = self.run.epoch
        if epoch in chosen if isinstance(chosen, frozenset) else epoch % chosen == 0:
            self.history.frames.append(Frame(epoch, self.theta.copy()))

    def _call(self, callbacks: Sequence[Callable[[Trainer], object]]) -> None:
        if callbacks:
            self.write_back()
            wishes = [callback(self) for callback in callbacks]
            if True in wishes:
                self.history.stopped = self.history.stopped or "by a callback"

    # ------------------------------------------------------------ looking

    def predict(self, X: Any) -> Array:
        """Return the model's outputs (N, m) for samples X (N, …)."""
        if self._inside:
            self.write_back()
        return self._outputs(X)

    def accuracy(self, X: Any, y: Any) -> float:
        """Return the share of right answers, nan where the loss does not say what is right."""
        return math.nan if self.correct is None else float(self.correct(self.predict(X), np.asarray(y)).mean())

    def evaluate(self, X: Any, y: Any) -> tuple[float, float]:
        """Return the mean loss, without the penalty, and the accuracy."""
        rows = Rows(X, y)
        theta = self.theta if self._inside else np.array([p.data for p in self.parameters], dtype=np.float64)
        return float(self._batch(rows).loss_rows(rows.table, theta).mean()), self.accuracy(X, y)

    # ------------------------------------------------------------ saving and resuming

    def _named(self) -> dict[str, Value]:
        """Return every parameter there is by name: the model's, and any other that is trained."""
        found = dict(self.model.named_parameters()) if isinstance(self.model, Module) else {}
        known = set(found.values())
        return found | {f"parameter.{i}": p for i, p in enumerate(self.parameters) if p not in known}

    def save(self, path: str | Path) -> None:
        """Write everything ``resume`` needs to ``path``, atomically; ``checkpoint.load`` reads the model of it."""
        if self._inside:
            self.write_back()
        training = pack(self.run, self.history, self.optimizer, self.seed)
        write(Checkpoint({name: p.data for name, p in self._named().items()}, training), path)

    def resume(self, path: str | Path) -> None:
        """Go back to where ``path`` was saved; the same call of ``fit`` then finishes what it began.

        Raises CheckpointError, and changes nothing, where the file does not fit.
        """
        self.run, self.history, self.seed = unpack(read(path), path, self._named(), self.optimizer)
        self._resumed = True
