"""Samples and targets from lists, arrays, DataFrames and Series, and from names of classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from autograd_mini import losses
from autograd_mini.data.samples import even
from autograd_mini.engine.value import Value
from autograd_mini.format import brief

__all__ = ["OF_CLASSES", "OF_TWO", "Labels", "as_samples"]

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]
Loss: TypeAlias = Callable[[Any, Any], Value]

OF_CLASSES = (losses.cross_entropy, losses.nll)
OF_TWO = {losses.binary_cross_entropy: (0.0, 1.0), losses.binary_cross_entropy_with_logits: (0.0, 1.0),
          losses.hinge: (-1.0, 1.0)}  # fmt: skip
"""The losses of two classes, and the numbers of the two classes under each."""


def as_samples(X: Any, what: str = "X") -> Array:
    """Return X as an array of floats; TypeError, with the column of a DataFrame, where something is not a number."""
    if isinstance(X, np.ndarray) and X.dtype == np.float64:
        return X
    names = [str(name) for name in X.columns] if hasattr(X, "columns") else []
    try:
        found = np.asarray(X)
    except ValueError:
        raise ValueError(f"{what} has rows of different lengths; all samples need the same length") from None
    if found.dtype.kind in "biuf":
        return found.astype(np.float64)
    for place, item in np.ndenumerate(found):
        try:
            if isinstance(item, (str, bytes, complex, np.complexfloating)):
                raise TypeError
            float(item)
        except (TypeError, ValueError):
            column = f", column {brief(names[place[1]])!r}," if names and len(place) > 1 else ""
            hint = (
                "; data.read_table and data.Features turn words into numbers, as autograd-mini train does"
                if isinstance(item, str)
                else "; give .data where it is a Value" * isinstance(item, Value)
            )
            raise TypeError(
                f"{what} holds {brief(repr(item))}{column} of type {type(item).__name__}; numbers are needed{hint}"
            ) from None
    return found.astype(np.float64)


class Labels:
    """The names of classes, taken from the first targets that are words; until then targets are numbers."""

    def __init__(self, loss: Loss, names: tuple[str, ...] = ()) -> None:
        self.loss, self.names = loss, names

    def encode(self, y: Any, learn: bool = False) -> Array:
        """Return the targets as numbers: 0, 1, … in the order of the names, or a loss's two numbers.

        With ``learn``, the first targets that are words determine the names. Raises ValueError for
        an unknown name, TypeError where the loss is not a loss of classes.
        """
        found = even(y, "y")
        words = found.dtype.kind in "US" or (
            found.dtype == object and found.size > 0 and all(isinstance(item, str) for item in found.flat)
        )
        if not words:
            return as_samples(y, "y")
        name = getattr(self.loss, "__name__", "this loss")
        if found.ndim != 1 or self.loss not in (*OF_CLASSES, *OF_TWO):
            raise TypeError(
                f"y holds {brief(repr(str(found.flat[0])))}; under {name} a target is a number; names of classes, one "
                f"per sample, go with {', '.join(each.__name__ for each in (*OF_CLASSES, *OF_TWO))}"
            )
        if not self.names:
            if not learn:
                raise ValueError(
                    "y holds names of classes, and which classes there are is not known before training; call fit first"
                )
            names = tuple(sorted({str(item) for item in found}))
            if self.loss in OF_TWO and len(names) != 2:
                raise ValueError(f"{name} is for two classes, y has {len(names)}: {brief(', '.join(names))}")
            self.names = names
        place = {each: k for k, each in enumerate(self.names)}
        for i, item in enumerate(found):
            if str(item) not in place:
                raise ValueError(
                    f"y has {brief(repr(str(item)))} at sample {i}; the classes are {brief(', '.join(self.names), 200)}"
                )
        numbers: Any = OF_TWO.get(self.loss, range(len(self.names)))
        return np.array([numbers[place[str(item)]] for item in found], dtype=np.float64)
