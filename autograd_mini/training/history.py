"""History: loss, accuracy and other measurements of a training run, epoch by epoch."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from autograd_mini.checkpoint import CheckpointError, Reader
from autograd_mini.engine.value import Value
from autograd_mini.files import as_path
from autograd_mini.format import similar
from autograd_mini.optim import Optimizer

__all__ = ["COLUMNS", "Frame", "History", "Setup"]

Array: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]

COLUMNS = (
    "epoch", "loss", "accuracy", "validation_loss", "validation_accuracy", "learning_rate", "gradient_norm", "seconds",
)  # fmt: skip


USUAL = {"acc": "accuracy", "val_loss": "validation_loss", "val_acc": "validation_accuracy",
         "val_accuracy": "validation_accuracy", "lr": "learning_rate", "time": "seconds"}  # fmt: skip
"""Names in other packages → names here."""


@dataclass(frozen=True)
class Frame:
    """The parameters (P,) after an epoch; epoch 0 is the state before training."""

    epoch: int
    parameters: Array


@dataclass(frozen=True)
class Setup:
    """What was trained, on which data, and how: what a film of the run needs besides the history.

    ``validation`` holds the held-out samples (X, y), or None; ``penalty`` is what was added to the loss.
    """

    model: Callable[[Any], Any]
    loss: Callable[[Any, Any], Any]
    optimizer: Optimizer
    X: Any
    y: Any
    batch_size: int | None
    validation: tuple[Any, Any] | None = None
    penalty: Callable[[Sequence[Value]], Value] | None = None


class History(Mapping[str, list[float]]):
    """A list for each of ``COLUMNS``, one entry per epoch, nan where nothing was measured.

    ``epoch``                1, 2, …
    ``loss``                 mean over the epoch's mini-batches, each measured before its step
    ``accuracy``             share of right answers on the training data after the epoch
    ``validation_…``         loss and accuracy on the validation data after the epoch
    ``learning_rate``        including the schedule's factor
    ``gradient_norm``        mean norm of the mini-batches' gradients
    ``seconds``              training time since the start, without the time between two calls of ``fit``

    ``frames`` holds the parameters at chosen epochs; ``stopped`` says why training ended early, ""
    where it did not. ``setup`` describes what the last ``fit`` trained, None before it; it is not
    saved in a checkpoint.
    """

    def __init__(self) -> None:
        self.columns: dict[str, list[float]] = {name: [] for name in COLUMNS}
        self.frames: list[Frame] = []
        self.stopped = ""
        self.setup: Setup | None = None

    def append(self, **row: float) -> None:
        """Add an epoch; columns not given are nan."""
        for name, column in self.columns.items():
            column.append(row.get(name, math.nan))

    def __getitem__(self, name: str) -> list[float]:
        if not isinstance(name, str) or name not in self.columns:
            raise KeyError(
                f"the history has no {name!r}{similar(str(name), COLUMNS, USUAL)}; it has {', '.join(COLUMNS)}"
            )
        return self.columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)

    def __repr__(self) -> str:
        epochs = len(self["epoch"])
        last = f", loss {self['loss'][-1]:.4g}" if epochs else ""
        return f"History({epochs} epochs{last}{', ' * bool(self.stopped)}{self.stopped})"

    def csv(self) -> str:
        """Return the history as CSV text, numbers with all digits; nan is an empty cell."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in zip(*self.columns.values(), strict=True):
            writer.writerow(
                [
                    "" if math.isnan(x) else int(x) if name == "epoch" else repr(x)
                    for name, x in zip(COLUMNS, row, strict=True)
                ]
            )
        return text.getvalue()

    def save(self, path: str | Path) -> None:
        """Write ``csv()`` to a file."""
        as_path(path, "history.save").write_text(self.csv(), encoding="utf-8")

    def state_dict(self) -> dict[str, Any]:
        """Return the history as plain lists."""
        return {
            "columns": {name: list(column) for name, column in self.columns.items()},
            "frames": [{"epoch": frame.epoch, "parameters": frame.parameters.tolist()} for frame in self.frames],
        }

    @classmethod
    def read(cls, state: Reader, count: int) -> History:
        """Return the history stored in ``state``, with frames of ``count`` parameters.

        Raises CheckpointError, which says where it does not fit.
        """
        history = cls()
        columns = state.inside("columns")
        lengths = set()
        for name in COLUMNS:
            history.columns[name] = columns.array(name).tolist()
            lengths.add(len(history.columns[name]))
        if len(lengths) != 1:
            raise CheckpointError(f"{columns.where}: columns of different lengths {sorted(lengths)}")
        frames = state.get("frames")
        if not isinstance(frames, list):
            raise CheckpointError(f"{state.where}.frames: a list is needed")
        for i, item in enumerate(frames):
            frame = Reader(item, f"{state.where}.frames.{i}")
            history.frames.append(Frame(frame.whole("epoch"), frame.array("parameters", count)))
        return history
