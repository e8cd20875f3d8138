"""Plain: a loss over rows and its gradient, computed with Values by the eager engine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograd_mini.engine.value import Value
from autograd_mini.program.target import Floats

__all__ = ["Plain"]

_lock = threading.RLock()  # one for all: two losses may share a parameter


class Plain:
    """The loss of each row, or of all rows with the gradient with respect to ``parameters``; nothing is compiled.

    ``penalty``    a function of no arguments, added to the loss of all rows, or None
    ``reduction``  "mean" or "sum"
    ``as_values``  pass rows as Values, whose methods a compiled loss may call; else as floats
    """

    def __init__(
        self,
        loss: Callable[..., Any],
        parameters: Sequence[Value],
        penalty: Callable[[], Any] | None,
        reduction: str,
        as_values: bool,
    ) -> None:
        self.loss, self.parameters, self.penalty = loss, parameters, penalty
        self.reduction, self.as_values = reduction, as_values

    def divisor(self, rows: Floats) -> float:
        """Return the divisor of the sum over these rows."""
        return float(len(rows)) if self.reduction == "mean" else 1.0

    @contextmanager
    def holding(self, theta: Floats) -> Iterator[None]:
        """Context in which the parameters have the numbers ``theta``, and no gradient; one thread at a time."""
        with _lock:
            before = [(each.data, each.grad if each.has_grad else None) for each in self.parameters]
            try:
                for each, number in zip(self.parameters, theta.tolist(), strict=True):
                    each.data = number
                    each.zero_grad()
                yield
            finally:
                for each, (data, grad) in zip(self.parameters, before, strict=True):
                    each.data, each.grad = data, grad

    def rows(self, rows: Floats, theta: Floats) -> Floats:
        """Return the loss of each row (N,), without the penalty."""
        with self.holding(theta):
            return np.array([_loss_number(self.loss(*self._row(row))) for row in rows.tolist()], dtype=np.float64)

    def gradients(self, rows: Floats, theta: Floats) -> Floats:
        """Return the loss of all rows and its gradient (1 + P,), with the penalty."""
        total = 0.0
        with self.holding(theta):
            for row in rows.tolist():
                loss = self.loss(*self._row(row))
                total += _loss_number(loss)
                if isinstance(loss, Value):
                    loss.backward()
            sums = np.array([total, *(each.grad for each in self.parameters)], dtype=np.float64)
            sums /= self.divisor(rows)
            if self.penalty is not None:
                for each in self.parameters:
                    each.zero_grad()
                extra = self.penalty()
                if isinstance(extra, Value):
                    extra.backward()
                sums += [_loss_number(extra), *(each.grad for each in self.parameters)]
        return sums

    def _row(self, row: list[float]) -> list[Any]:
        return [*map(Value, row)] if self.as_values else row


def _loss_number(loss: Any) -> float:
    return loss.data if isinstance(loss, Value) else float(loss)
