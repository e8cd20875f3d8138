"""DivergenceError: the sample and the operation that made the loss nan or infinite."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from autograd_mini.check.anomaly import AnomalyError, detect_anomaly
from autograd_mini.engine.value import Value
from autograd_mini.program.batch import Batch

__all__ = ["DivergenceError", "divergence"]

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]


class DivergenceError(ArithmeticError):
    """The loss or its gradient is not finite; the message names the sample and the operation."""


def divergence(
    batch: Batch, table: Array, theta: Array, samples: Array | None, penalty: Callable[[], Value] | None
) -> DivergenceError:
    """Return the error that names the first row of ``table`` (N, columns) whose loss or gradient is not finite.

    ``samples`` are the rows' numbers in the whole data, None where the rows are the whole data. The
    Values of the parameters must already be ``theta``.
    """
    kept, told = "the parameters are those before this step", ""
    if batch.processes > 1:  # each looks at its own rows, without asking the others
        wrong = np.flatnonzero(~np.isfinite(batch.loss_rows(table, theta))) if len(table) else np.empty(0, dtype=int)
        where = f"sample {wrong[0] if samples is None else samples[wrong[0]]} of process {batch.number}: " * bool(
            wrong.size
        )
        return DivergenceError(f"{where}the loss or its gradient is not finite; {kept}")
    try:
        if penalty is not None:
            with detect_anomaly():
                penalty().backward()
        for i, row in enumerate(table.tolist()):
            loss, gradient = batch.value_and_grad(table[i : i + 1], theta)
            if not (math.isfinite(loss) and np.isfinite(gradient).all()):
                told = f"sample {i if samples is None else samples[i]}: "
                with detect_anomaly():
                    batch.loss(*row).backward()
                break
    except AnomalyError as error:
        found = DivergenceError(f"{told}{error}; {kept}")
        found.__cause__ = error
        return found
    return DivergenceError(f"{told}the loss or its gradient overflows in the sum; {kept}")
