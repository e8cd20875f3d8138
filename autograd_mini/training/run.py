"""Run: the progress of a training run, and early stopping."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from autograd_mini.checkpoint import Reader

__all__ = ["Run"]

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]


@dataclass
class Run:
    """The state needed, besides parameters, optimiser and history, to resume with the same results.

    ``epoch``       epochs done in all calls of ``fit``
    ``begun``       epochs done before the current call of ``fit``
    ``batch``       mini-batches done in the current epoch
    ``loss``        the sum of their samples' losses
    ``norm``        the sum of their gradient norms
    ``seconds``     training time so far
    ``best…``       the lowest loss so far, its epoch and its parameters, for early stopping
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

    def judge(self, loss: float, theta: Array, patience: int) -> str:
        """Keep ``theta`` where ``loss`` is a new minimum; return why to stop if ``patience`` ran out, or ""."""
        if loss < self.best:
            self.best, self.best_epoch, self.best_theta = loss, self.epoch, theta.copy()
        elif self.epoch - self.best_epoch >= patience:
            return f"no loss below {self.best:.4g} for {patience} epochs"
        return ""

    def state_dict(self) -> dict[str, Any]:
        """Return the run as plain numbers and lists."""
        return {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in vars(self).items()}

    @classmethod
    def read(cls, state: Reader, count: int) -> Run:
        """Return the run stored in ``state``, for ``count`` parameters."""
        run = cls()
        for name in ("epoch", "begun", "batch", "best_epoch"):
            setattr(run, name, state.whole(name))
        for name in ("loss", "norm", "seconds", "best"):
            setattr(run, name, state.number(name))
        for name in ("best_theta", "last_theta"):
            if state.get(name) is not None:
                setattr(run, name, state.array(name, count))
        return run
