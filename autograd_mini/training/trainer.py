"""Trainer: mini-batches, history, validation, early stopping, checkpoints, resumption.

Full-batch, mini-batch and stochastic gradient descent are one loop; only the batch size differs.
While it runs, the parameters are in one flat array; they are written back to the Values at its end.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from threading import Event
from time import perf_counter
from typing import Any, TypeAlias

import numpy as np

from autograd_mini import losses
from autograd_mini.checkpoint import Checkpoint, read, write
from autograd_mini.data.samples import batches, split
from autograd_mini.engine.value import Value
from autograd_mini.losses import LossName
from autograd_mini.nn.module import Module
from autograd_mini.optim import Optimizer, OptimizerName
from autograd_mini.program.run import BatchEngine
from autograd_mini.training.checks import (
    as_seed,
    callback_list,
    check_folder,
    check_schedule,
    counts,
    factor_of,
    frame_choice,
)  # fmt: skip
from autograd_mini.training.descent import EPOCHS, Descent
from autograd_mini.training.divergence import DivergenceError
from autograd_mini.training.evaluation import JUDGES, Judge, Outputs, Rows
from autograd_mini.training.history import Frame, History, Setup
from autograd_mini.training.progress import Bar, interruptible
from autograd_mini.training.run import Run
from autograd_mini.training.saved import pack, unpack
from autograd_mini.training.share import Share
from autograd_mini.training.stream import Stream
from autograd_mini.training.targets import OF_CLASSES, OF_TWO, as_samples

__all__ = ["DivergenceError", "Trainer"]

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]
Part: TypeAlias = "tuple[Rows, Array | None, tuple[Array, int] | None, int]"
"""A mini-batch: rows, their numbers, their places in it, how many it has in all processes."""


class Trainer(Descent):
    """Train ``model``: minimise the mean of ``loss(model(x), target)`` over the samples.

    ``model``      a Module, or any function of a list of numbers
    ``loss``       one of ``losses`` or its name, or any function of (outputs, target)
    ``optimizer``  made with the parameters to train, which may be some of the model's; or a name
                   such as "adam", for all of the model's parameters
    ``penalty``    a function of those parameters that is added to the loss, such as ``losses.l2``
    ``engine``     "auto" compiles where possible; "eager" computes with Values; "jax" spreads the samples
                   over the devices of ``mesh`` (by default all). In several processes of
                   jax.distributed each gives its own samples; all take the same steps
    ``correct``    (outputs (N, m), targets) → which samples are right (N,), for losses that have no
                   accuracy of their own
    ``seed``       seed of the order of the mini-batches and of Dropout

    Samples X (N, …) are lists, arrays or DataFrames of numbers. Targets y (N,) or (N, m) are numbers
    or, under a loss of classes, names of classes: ``labels.names`` holds the names of the first
    training in alphabetical order, and ``classify`` returns them.

    Raises TypeError or ValueError for arguments that do not fit each other, such as an optimiser of
    another model, or a softmax before a loss of scores.

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
        loss: Callable[[Any, Any], Value] | LossName,
        optimizer: Optimizer | OptimizerName,
        *,
        penalty: Callable[[Sequence[Value]], Value] | None = None,
        engine: BatchEngine = "auto",
        mesh: object = None,
        correct: Judge | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__(model, loss, optimizer, penalty=penalty, engine=engine, mesh=mesh)
        self.seed = as_seed(seed)
        if correct is not None and not callable(correct):
            raise TypeError(f"Trainer: correct is {correct!r}; a function (outputs, targets) → right ones is needed")
        self.correct = correct or JUDGES.get(self.loss)
        self.history = History()
        self.run = Run()
        self._resumed = False
        self._outputs = Outputs(model, engine)
        self._share: Share | None = None  # of the samples, where several processes train together

    # ------------------------------------------------------------ many steps

    def fit(
        self,
        X: Any,
        y: Any,
        epochs: int,
        batch_size: int | None = None,
        *,
        validation: tuple[Any, Any] | float | None = None,
        schedule: Callable[[int], float] | None = None,
        callbacks: Sequence[Callable[[Trainer], object]] | Callable[[Trainer], object] = (),
        patience: int | None = None,
        checkpoint: str | Path | None = None,
        checkpoint_every: int = 10,
        frames: int | Iterable[int] = (),
        measure_every: int = 1,
        progress: bool | None = None,
    ) -> History:
        """Train for ``epochs`` more epochs and return the history, which grows with every call.

        ``X``, ``y``          samples and targets; where they do not fit into memory, memory-mapped arrays
                              (np.load(…, mmap_mode="r"); from 256 MB on they are read in blocks), or y None and
                              X a function that returns blocks (X, y), called in each epoch. Blocks are read in
                              their order, and shuffled within 100,000 samples; accuracy is that of validation
        ``batch_size``        samples per step; None is all of them, 1 is stochastic gradient descent
        ``validation``        (X, y), measured and not trained on, or the fraction of the samples
                              to hold out, drawn with the trainer's seed
        ``schedule``          function epoch → factor on the learning rate; epochs of this call, from 0
        ``callbacks``         functions called with the trainer after each epoch; returning True stops
        ``patience``          stop when the (validation) loss has had no new minimum for so many
                              epochs, and restore the best parameters
        ``checkpoint``        a file written every ``checkpoint_every`` epochs, at Ctrl-C and at the end
        ``frames``            keep the parameters every so many epochs, or after each epoch of a list
        ``measure_every``     measure accuracy and validation every so many epochs, and after the last
        ``progress``          show a progress bar; None: on a terminal only

        After Ctrl-C the current step is finished, the checkpoint is saved, and the method returns;
        ``history.stopped`` says so. After ``resume`` the same call continues, and gives the same
        bits as without an interruption.

        Raises TypeError or ValueError for data that do not fit, DivergenceError where the loss is not finite.
        """
        counts("fit", epochs=epochs, checkpoint_every=checkpoint_every, measure_every=measure_every)
        if patience is not None:
            counts("fit", patience=patience)
        check_schedule(schedule)
        if checkpoint is not None:
            check_folder(checkpoint)
        every, callbacks = frame_choice(frames), callback_list(callbacks)
        stream = Stream.of(X, y, epochs, batch_size)
        if stream is not None:
            X, y = self._first_block(stream, validation)
        X, y, held = self._held_out(X, y, validation)
        rows = self._rows(X, y, learn=True)
        batch = self._batch(rows, training=True)
        if stream is not None and batch.processes > 1:
            raise ValueError("fit: blocks are read by one process; give each process an array of its own samples")
        share = self._share = Share.of(len(rows), batch.number, batch.gather)
        if batch.processes > 1 and self.labels.names:
            raise TypeError(
                "fit: y holds names of classes, and processes may differ in them; give class numbers 0, 1, …"
            )
        apart = None if held is None else (held[0], self.labels.encode(held[1]))
        self.history.setup = Setup(
            self.model, self.loss, self.optimizer, X, self.labels.encode(y), batch_size, apart, self.penalty
        )  # fmt: skip
        if not self._resumed:
            self.run = Run(epoch=self.run.epoch, begun=self.run.epoch, seconds=self.run.seconds)
            self.history.stopped = ""
        run, self._resumed = self.run, False
        last = run.begun + epochs
        with (
            interruptible() as asked,
            Bar(epochs, run.epoch - run.begun, progress if share.leads else False) as bar,
            self,
        ):
            if run.epoch == run.batch == 0:
                self._keep_frame(every)
            while run.epoch < last and not self.history.stopped:
                self.optimizer.factor = factor_of(schedule, run.epoch - run.begun)
                started = perf_counter()
                parts = self._parts(rows, share, batch_size) if stream is None else self._read(stream, batch_size)
                done = self._epoch(parts, asked)
                if done:
                    measured = run.epoch % measure_every == 0 or run.epoch == last
                    training = (X, y) if measured and stream is None else None
                    self._record(done, share, training, held if measured else None, started)
                    self._keep_frame(every)
                    bar.epoch(loss=self.history["loss"][-1], accuracy=self.history["accuracy"][-1])
                    if patience is not None and (measured or held is None):
                        there = self.history["validation_loss"][-1]
                        judged = self.history["loss"][-1] if math.isnan(there) else there
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

    def _held_out(
        self, X: Any, y: Any, validation: tuple[Any, Any] | float | None
    ) -> tuple[Any, Any, tuple[Any, Any] | None]:
        """Return the training data and the held-out data."""
        if validation is None:
            return X, y, None
        if isinstance(validation, (float, int)) and not isinstance(validation, bool):
            X_train, y_train, *held = split(as_samples(X), self.labels.encode(y, learn=True), validation, self.seed)
            return X_train, y_train, (held[0], held[1])
        if not isinstance(validation, (tuple, list)) or len(validation) != 2:
            raise TypeError(
                f"fit: validation is a {type(validation).__name__}; (X, y) or a fraction of the samples is needed"
            )
        self.labels.encode(y, learn=True)
        self._rows(*validation)
        return X, y, (validation[0], validation[1])

    def _parts(self, rows: Rows, share: Share, size: int | None) -> Iterator[Part]:
        """Yield the mini-batches of the epoch from samples in memory: of each, those that are this process's."""
        for samples in batches(share.total, size, self.seed, self.run.epoch):
            places, own = share.own(samples)
            part = rows if len(samples) == share.total else rows.take(own)
            yield part, own, (places, len(samples)), len(samples)

    def _read(self, stream: Stream, size: int | None) -> Iterator[Part]:
        """Yield the mini-batches of the epoch from blocks."""
        assert size is not None  # Stream.of has asked for it
        for part in stream.batches(self._rows, size, self.seed, self.run.epoch):
            yield part, None, None, len(part)

    def _first_block(self, stream: Stream, validation: object) -> tuple[Any, Any]:
        """Return the first block, which stands for the samples where their shape matters."""
        if isinstance(validation, float):
            raise ValueError(
                "fit: validation is a fraction, and the samples are read in blocks; give (X, y) to hold out"
            )
        return stream.first()

    def _epoch(self, parts: Iterator[Part], asked: Event) -> int:
        """Take the remaining steps of the epoch; return its samples, 0 where Ctrl-C ended it early."""
        run, done, left = self.run, 0, next(parts, None)
        i = 0
        while left is not None:
            part, numbers, places, count = left
            done += count
            if i >= run.batch:
                try:
                    loss, norm = self._advance(part, numbers, (EPOCHS, run.epoch, i), places)
                except DivergenceError as error:
                    raise DivergenceError(f"epoch {run.epoch + 1}, {error}") from error.__cause__
                run.batch, run.loss, run.norm = i + 1, run.loss + loss * count, run.norm + norm
            left = next(parts, None)
            if asked.is_set() and left is not None:
                return 0
            i += 1
        run.epoch += 1
        return done

    def _record(
        self,
        done: int,
        share: Share,
        training: tuple[Any, Any] | None,
        held: tuple[Any, Any] | None,
        started: float,
    ) -> None:
        """Append the finished epoch, of ``done`` samples, to the history."""
        run, optimizer = self.run, self.optimizer
        row = {"epoch": run.epoch, "loss": run.loss / done, "gradient_norm": run.norm / run.batch}
        if training is not None and self.correct is not None:
            row["accuracy"] = share.mean(self.accuracy(*training), share.count)
        if held is not None:
            loss, accuracy = self.evaluate(*held)
            row["validation_loss"] = share.mean(loss, len(held[0]))
            row["validation_accuracy"] = share.mean(accuracy, len(held[0]))
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

    # ------------------------------------------------------------ using the model

    def predict(self, X: Any) -> Array:
        """Return the model's outputs (N, m) for samples X (N, …)."""
        if self._inside:
            self.write_back()
        return self._outputs(X)

    def accuracy(self, X: Any, y: Any) -> float:
        """Return the fraction of samples whose output is right; nan where the loss has no rule for that."""
        if self.correct is None:
            return math.nan
        rows = self._rows(X, y)
        targets = rows.table[:, rows.shape[0] :]
        return float(self.correct(self.predict(X), targets[:, 0] if rows.shape[1] is None else targets).mean())

    def classify(self, X: Any) -> list[str] | list[int]:
        """Return the class of each sample: its name where training had names, else its number.

        Raises TypeError where the loss is not a loss of classes.
        """
        outputs = self.predict(X)
        if self.loss in OF_CLASSES:
            chosen = outputs.argmax(axis=1).tolist()
        elif self.loss in OF_TWO and outputs.shape[1] == 1:
            middle = 0.5 if self.loss is losses.binary_cross_entropy else 0.0
            chosen = (outputs[:, 0] > middle).astype(int).tolist()
        else:
            raise TypeError("classify: this loss has no classes; predict gives the outputs")
        return [self.labels.names[k] for k in chosen] if self.labels.names else chosen

    def evaluate(self, X: Any, y: Any) -> tuple[float, float]:
        """Return (mean loss without the penalty, accuracy) for samples X (N, …) and targets y."""
        rows = self._rows(X, y)
        theta = self.theta if self._inside else np.array([p.data for p in self.parameters], dtype=np.float64)
        return float(self._batch(rows).loss_rows(rows.table, theta).mean()), self.accuracy(X, y)

    # ------------------------------------------------------------ saving and resuming

    def _named(self) -> dict[str, Value]:
        """Return all parameters by name: those of the model, and any others that are trained."""
        found = dict(self.model.named_parameters()) if isinstance(self.model, Module) else {}
        known = set(found.values())
        return found | {f"parameter.{i}": p for i, p in enumerate(self.parameters) if p not in known}

    def save(self, path: str | Path) -> None:
        """Write everything that ``resume`` needs to ``path``, atomically; ``checkpoint.load`` can read it too.

        Of several processes that train together the first one writes.
        """
        if self._inside:
            self.write_back()
        if self._share is not None and not self._share.leads:
            return
        training = pack(self.run, self.history, self.optimizer, self.seed, self.labels.names)
        write(Checkpoint({name: p.data for name, p in self._named().items()}, training), path)

    def resume(self, path: str | Path) -> None:
        """Restore the state saved in ``path``; the same call of ``fit`` then completes the run.

        Raises CheckpointError, and changes nothing, where the file cannot be read or does not fit.
        """
        found = unpack(read(path), path, self._named(), self.optimizer)
        self.run, self.history, self.seed, self.labels.names = found
        self._resumed = True
