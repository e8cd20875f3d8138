"""Program: a recorded computation in static single assignment.

A variable is a number (0, 1, 2…), assigned once: by being an input, or by one instruction.
An operand is a variable (``int``) or a literal (``float``). An instruction applies one
primitive to operands and assigns its results; most have one, ``softmax`` has n.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from autograd_mini.primitive import Primitive
from autograd_mini.value import Value

__all__ = ["Instruction", "Operand", "Program"]

Operand: TypeAlias = int | float
"""A variable (int) or a literal (float)."""


@dataclass(frozen=True, slots=True)
class Instruction:
    """``results = primitive(*operands)``."""

    primitive: Primitive
    operands: tuple[Operand, ...]
    results: tuple[int, ...]

    def variables(self) -> Iterator[int]:
        """Yield the operands that are variables."""
        return (x for x in self.operands if isinstance(x, int))


@dataclass(frozen=True, slots=True)
class Program:
    """Instructions in order, from inputs to outputs.

    ``inputs``        variables assigned by the caller: arguments first, then captured Values
    ``captured``      the Values bound to the trailing inputs, read anew at each call
    ``instructions``  in an order in which every variable is assigned before it is used
    ``outputs``       what the program returns, in order
    ``names``         names of variables, for printing and pictures
    """

    inputs: tuple[int, ...]
    instructions: tuple[Instruction, ...]
    outputs: tuple[Operand, ...]
    captured: tuple[Value, ...] = ()
    names: dict[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.instructions)

    @property
    def arguments(self) -> tuple[int, ...]:
        """The inputs that are arguments of the call, without the captured ones."""
        return self.inputs[: len(self.inputs) - len(self.captured)]

    @property
    def next_variable(self) -> int:
        """A number above that of every variable."""
        return 1 + max((*self.inputs, *(r for i in self.instructions for r in i.results)), default=-1)
