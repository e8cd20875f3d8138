"""Interface: the names of a model's inputs and outputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Interface", "check_names"]


def check_names(inputs: int | Sequence[str], classes: Sequence[str]) -> None:
    """Raise ValueError where ``inputs`` is neither a number nor a list of names, or ``classes`` not a list of names."""
    if isinstance(inputs, str):
        raise ValueError(f"inputs is the text {inputs!r}; give a number of inputs, or a list of their names")
    if isinstance(inputs, bool) or not isinstance(inputs, (int, Sequence)) or inputs == 0:
        raise ValueError(f"inputs is {inputs!r}; give a number of inputs of at least 1, or a list of their names")
    if isinstance(classes, str):
        raise ValueError(f"classes is the text {classes!r}; give a list with a name for each output")


@dataclass(frozen=True)
class Interface:
    """Names of the inputs and outputs; with ``classes``, output k is the probability or score of class k."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    classes: tuple[str, ...] = ()

    @classmethod
    def of(cls, inputs: int | Sequence[str], outputs: int, classes: Sequence[str] = ()) -> Interface:
        """Return the interface for numbers of inputs and outputs; ValueError where names and numbers do not match."""
        names = tuple(f"x{i + 1}" for i in range(inputs)) if isinstance(inputs, int) else tuple(map(str, inputs))
        if isinstance(classes, str) or not isinstance(classes, Sequence):
            raise TypeError(f"classes is {classes!r}; a list of names is needed, one for each output")
        classes = tuple(map(str, classes))
        if classes and len(classes) != outputs:
            raise ValueError(f"{len(classes)} classes for a model of {outputs} outputs; give one name per output")
        return cls(names, classes or tuple(f"y{i + 1}" for i in range(outputs)), classes)
