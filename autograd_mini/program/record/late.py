"""Late gradients: a reverse sweep is recorded only when one of its results is used.

A large function often ends with its gradient. Where the results of the sweep are only returned, it
is not recorded: it becomes the ``Pull`` at the end of the program, and compiling the program uses the
adjoint of its blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from autograd_mini.engine.value import Value
from autograd_mini.program.ir import Operand, Pull
from autograd_mini.program.record.traced import Recording, Traced

__all__ = ["Late", "LateSweep"]

Write: TypeAlias = Callable[[Sequence[Operand], Sequence[Operand], Sequence[Operand]], list[Operand]]
"""(outputs, seeds, inputs) → the variables of the results, once the sweep is recorded."""


class LateSweep:
    """A requested reverse sweep: Σ seed·∂output/∂input for each input."""

    def __init__(
        self, outputs: Sequence[Operand], seeds: Sequence[Operand], inputs: Sequence[Operand], write: Write
    ) -> None:
        self.outputs, self.seeds, self.inputs, self.write = tuple(outputs), tuple(seeds), tuple(inputs), write
        self._found: list[Operand] | None = None

    @property
    def is_recorded(self) -> bool:
        """True after its instructions were recorded."""
        return self._found is not None

    def found(self) -> list[Operand]:
        """Return the variables of its results; record the sweep first, if it is not."""
        if self._found is None:
            self._found = self.write(self.outputs, self.seeds, self.inputs)
        return self._found

    def results(self, recorder: Recording) -> list[Late]:
        """Return its results as numbers to compute with."""
        made = []
        for index in range(len(self.inputs)):
            one: Late = Value.__new__(Late)
            one.recorder, one.boolean = recorder, False
            SLOT.__set__(one, (self, index))
            made.append(one)
        return made

    def pull(self, first: int) -> Pull:
        """Return it as the end of a program, its results the variables from ``first`` on."""
        return Pull(self.outputs, self.seeds, self.inputs, tuple(range(first, first + len(self.inputs))))


class Late(Traced):
    """A result of a reverse sweep that may not be recorded yet."""

    __slots__ = ()

    @property
    def operand(self) -> Operand:  # type: ignore[override]  # a slot of Traced
        """The variable; the sweep is then recorded, and this is an ordinary traced number."""
        sweep, index = self.place
        found = sweep.found()[index]
        self.__class__ = Traced  # type: ignore[assignment]
        self.operand = found  # type: ignore[misc]
        return found

    @property
    def place(self) -> tuple[LateSweep, int]:
        """The sweep it belongs to, and which of its results it is."""
        found: tuple[LateSweep, int] = SLOT.__get__(self)
        return found


SLOT: Any = vars(Traced)["operand"]
"""The slot of a traced number's operand, and of a late number's place in the sweep."""
