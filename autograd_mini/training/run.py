"""Run: where a training run stands, and its form in a checkpoint."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from autograd_mini.checkpoint import CheckpointError, as_number
from autograd_mini.training.history import COLUMNS, Frame, History

__all__ = ["Reader", "Run"]

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]


@dataclass
class Run:
    """What must be kept beside parameters, optimiser and history to go on as if never stopped.

    ``epoch``       epochs done, in all calls of ``fit``
    ``begun``       epochs done when the running call began
    ``batch``       mini-batches done of the epoch that runs
    ``loss``        their summed loss, over samples
    ``norm``        their summed gradient lengths
    ``seconds``     spent so far
    ``best…``       the lowest loss seen, for early stopping, with its epoch and its parameters
    ``last_theta``  the last parameters, where training ended with the best ones instead
    """

    epoch: int = 0
    begun: int = 0
    batch: int = 0
    loss: float = 0.0
    norm: float = 0.0
    seconds: float = 0.0
    best: float = math.inf
    best_epoch: int = 0
    best_theta: Array | None = None
    last_theta: Array | None = None

    def state_dict(self) -> dict[str, Any]:
        """Return the run as plain numbers and lists."""
        return {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in vars(self).items()}

    @classmethod
    def read(cls, state: Reader, count: int) -> Run:
        """Return the run that ``state`` describes, of ``count`` parameters."""
        run = cls()
        for name in ("epoch", "begun", "batch", "best_epoch"):
            setattr(run, name, state.whole(name))
        for name in ("loss", "norm", "seconds", "best"):
            setattr(run, name, state.number(name))
        for name in ("best_theta", "last_theta"):
            if state.get(name) is not None:
                setattr(run, name, state.array(name, count))
        return run


def read_history(state: Reader, count: int) -> History:
    """Return the history that ``state`` describes, with frames of ``count`` parameters."""
    history = History()
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


class Reader:
    """An object of a checkpoint, read with care: every complaint says where."""

    def __init__(self, content: object, where: str) -> None:
        if not isinstance(content, Mapping):
            raise CheckpointError(f"{where}: an object is needed")
        self.content, self.where = content, where

    def get(self, name: str) -> Any:
        """Return the entry; CheckpointError where it is missing."""
        if name not in self.content:
            raise CheckpointError(f"{self.where}: {name} is missing")
        return self.content[name]

    def inside(self, name: str) -> Reader:
        """Return the entry, which must be an object."""
        return Reader(self.get(name), f"{self.where}.{name}")

    def number(self, name: str) -> float:
        """Return the entry, which must be a number."""
        return as_number(self.get(name), f"{self.where}.{name}")

    def whole(self, name: str) -> int:
        """Return the entry, which must be a whole number of at least 0."""
        found = self.get(name)
        if isinstance(found, bool) or not isinstance(found, int) or found < 0:
            raise CheckpointError(f"{self.where}.{name}: {found!r} is not a whole number of at least 0")
        return found

    def array(self, name: str, count: int | None = None) -> Array:
        """Return the entry, which must be a list of numbers, ``count`` of them where given."""
        found = self.get(name)
        if not isinstance(found, list) or (count is not None and len(found) != count):
            size = "" if count is None else f"{count} "
            got = len(found) if isinstance(found, list) else "none"
            raise CheckpointError(f"{self.where}.{name}: a list of {size}numbers is needed, got {got}")
        return np.array([as_number(x, f"{self.where}.{name}.{i}") for i, x in enumerate(found)], dtype=np.float64)
