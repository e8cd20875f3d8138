"""Evaluation: the outputs of a model for many samples, and which of them are right."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from autograd_mini import losses
from autograd_mini.engine.value import Value
from autograd_mini.export.programs import flat
from autograd_mini.nn.dropout import Masks
from autograd_mini.nn.module import Module
from autograd_mini.program.beside import Beside
from autograd_mini.program.passes.adjoint import pull_back
from autograd_mini.program.run import BatchEngine, ColumnFunction, column_function
from autograd_mini.program.watch.recording import record
from autograd_mini.program.watch.stamp import Stamped
from autograd_mini.program.watch.surroundings import Surroundings
from autograd_mini.training.targets import as_samples

__all__ = ["JUDGES", "Judge", "Outputs", "RowLoss", "Rows", "as_float", "flat", "largest"]

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]
Judge: TypeAlias = Callable[[Array, Array], Array]
"""(outputs (N, m), targets (N,) or (N, m)) → which rows are right (N,)."""


def largest(outputs: Array, y: Array) -> Array:
    """Right where the largest output is the class; the class of a distribution is its largest probability."""
    return outputs.argmax(axis=1) == (y.argmax(axis=1) if y.ndim > 1 else y)  # type: ignore[no-any-return]


def above(threshold: float, target: float) -> Judge:
    """Right where each output is above ``threshold`` exactly if its target is above ``target``."""

    def judge(outputs: Array, y: Array) -> Array:
        return ((outputs > threshold) == (y.reshape(outputs.shape) > target)).all(axis=1)  # type: ignore[no-any-return]

    return judge


JUDGES: dict[Callable[..., Value], Judge] = {
    losses.cross_entropy: largest,
    losses.nll: largest,
    losses.hinge: above(0.0, 0.0),
    losses.binary_cross_entropy: above(0.5, 0.5),
    losses.binary_cross_entropy_with_logits: above(0.0, 0.5),
}
"""The rule for a right output under each loss; under any other loss accuracy is not measured."""


class Rows:
    """Samples and targets in one array: X (N, …) and y (N,) or (N, m) as ``table`` (N, k + m).

    ``shape`` is (k, m); m is None where a target is one number. With ``copy=False`` the table is made only
    where it is asked for; ``parts`` are the same numbers where they are. Raises ValueError where X and y do not fit
    or a number is not finite.
    """

    def __init__(self, X: Any, y: Any, copy: bool = True) -> None:
        X, y = as_samples(X), as_samples(y, "y")
        n = len(X) if X.ndim else 0
        if not n or y.ndim not in (1, 2) or len(y) != n:
            raise ValueError(
                f"X has the shape {X.shape} and y {y.shape}; samples (N, …), at least one, and a target each, "
                "(N,) or (N, m), are needed"
            )
        if X.ndim != 2:
            X = X.reshape(n, -1)
        self.shape: tuple[int, int | None] = X.shape[1], None if y.ndim == 1 else y.shape[1]
        self.parts: Beside | None = Beside(X, y if y.ndim == 2 else y[:, None])
        if copy:
            self.table, self.parts = np.asarray(self.parts), None
        for part, first in ((X, 0), (y, X.shape[1])):
            if not all_finite(part):
                at = np.argwhere(~np.isfinite(part))[0].tolist()
                column = first + (at[1] if part.ndim == 2 else 0)
                raise ValueError(f"sample {at[0]} has {part[tuple(at)]} in column {column}; finite numbers are needed")

    @cached_property
    def table(self) -> Array:
        """The numbers side by side, in memory of their own."""
        return np.asarray(self.parts)

    def __len__(self) -> int:
        return len(self.table if self.parts is None else self.parts)

    def take(self, numbers: Array) -> Rows:
        """Return the rows with these numbers."""
        return Rows.of(self.table[numbers], self.shape)

    @classmethod
    def of(cls, table: Array, shape: tuple[int, int | None]) -> Rows:
        """Return the rows that a table of checked numbers holds."""
        made = object.__new__(cls)
        made.table, made.shape, made.parts = table, shape, None
        return made


def all_finite(numbers: Array) -> bool:
    """Tell whether every number is finite: by the sum of squares where that is finite, which is quicker."""
    flat = numbers.reshape(-1)
    return math.isfinite(np.vdot(flat, flat)) or bool(np.isfinite(flat).all())


class RowLoss(Stamped):
    """The loss of one row (x₁, …, xₖ, t…): ``loss(model([x₁, …, xₖ]), t)``.

    ``targets`` is the length of the list t, or None where t is one number. The last ``dropped``
    numbers of the row are the masks of the model's Dropouts; None: nothing is dropped.
    """

    def __init__(
        self,
        model: Callable[[Any], Any],
        loss: Callable[[Any, Any], Value],
        features: int,
        targets: int | None,
        dropped: int | None = None,
    ) -> None:
        self.model, self.loss, self.features, self.targets, self.dropped = model, loss, features, targets, dropped

    def __call__(self, *row: Any) -> Value:
        """Return the loss of the row."""
        end = len(row) - (self.dropped or 0)
        target = row[self.features] if self.targets is None else list(row[self.features : end])
        with Masks(None if self.dropped is None else row[end:]):
            return self.loss(self.model(list(row[: self.features])), target)


class Outputs:
    """A compiled model for many samples: X (N, …) → outputs (N, m), in the order of ``flat``.

    The model is compiled for the number of features of the first call, and compiled again when
    something it reads has changed (an activation, a mode, a parameter replaced by another Value).
    A model that branches with ``if``, and any model under engine "eager", runs row by row.
    """

    def __init__(self, model: Callable[[Any], Any], engine: BatchEngine = "auto") -> None:
        self.model, self.engine = model, engine
        self._compiled: dict[int, tuple[ColumnFunction, tuple[Value, ...]] | None] = {}
        self._surroundings = Surroundings()

    def __call__(self, X: Any) -> Array:
        """Return the outputs."""
        table = as_samples(X)
        if not table.ndim or not len(table):
            raise ValueError(f"X has the shape {table.shape}; samples (N, …), at least one, are needed")
        if table.ndim == 1 and isinstance(self.model, Module) and self.model.width not in (None, 1):
            raise ValueError(
                f"X has the shape {table.shape}, and a sample has {self.model.width} numbers; "
                "samples (N, …) are needed: one sample is written [[…]]"
            )
        table = table.reshape(len(table), -1)
        width = table.shape[1]
        if not self._surroundings.holds():
            self._compiled, self._surroundings = {}, Surroundings()
        if width not in self._compiled:
            self._compiled[width] = self._compile(table[0])
        compiled = self._compiled[width]
        if compiled is None:
            with Masks(None):
                return np.array([[as_float(leaf) for leaf in flat(self.model(row))] for row in table.tolist()])
        function, captured = compiled
        return np.column_stack(function(table, np.array([value.data for value in captured], dtype=np.float64)))

    def _compile(self, row: Array) -> tuple[ColumnFunction, tuple[Value, ...]] | None:
        if self.engine == "eager":
            return None
        with Masks(None):
            program, notes = record(
                lambda *xs: flat(self.model(list(xs))), row.tolist(), pull_back=pull_back, root=self.model
            )
        self._surroundings.add(notes)
        return None if program.guards else (column_function(program, self.engine), program.captured)


def as_float(leaf: Any) -> float:
    """Return the number of a Value, or the number itself."""
    return leaf.data if isinstance(leaf, Value) else float(leaf)
