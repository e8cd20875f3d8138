"""Interface: what a model's numbers are called, on their way in and out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Interface"]


@dataclass(frozen=True)
class Interface:
    """Names of the inputs and outputs; with ``classes``, output k is the probability or score of class k."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    classes: tuple[str, ...] = ()

    @classmethod
    def of(cls, inputs: int | Sequence[str], outputs: int, classes: Sequence[str] = ()) -> Interface:
        """Return the interface of so many inputs and outputs; ValueError where names and numbers do not match."""
        if isinstance(inputs, str):
            raise ValueError(f"inputs is the text {inputs!r}; give a number of inputs, or a list of their names")
        names = tuple(f"x{i + 1}" for i in range(inputs)) if isinstance(inputs, int) else tuple(map(str, inputs))
        classes = tuple(map(str, classes))
        if classes and len(classes) != outputs:
            raise ValueError(f"{len(classes)} classes for a model of {outputs} outputs; give one name per output")
        return cls(names, classes or tuple(f"y{i + 1}" for i in range(outputs)), classes)
