"""BlockProgram: a computation whose instructions are blocks.

A block is one primitive applied n times. Its results are consecutive variables, and each of its
operands is an access: the variables that the applications read. A row of a fixed number of arguments
has one operand for each. An n-ary row has one for each of its sequences, with a second axis: ``affine``
reads weights and inputs of shape (n, width) and biases of shape (n,); ``total``, ``logsumexp``,
``softmax`` read (n, width). A single instruction is a block of one.

Variables are numbered in the order of memory: the inputs first, then the results of each block.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from autograd_mini.engine.value import Value
from autograd_mini.primitives.row import Primitive
from autograd_mini.program.blocks.access import Access, Codes
from autograd_mini.program.ir import Guard

__all__ = ["WRITERS", "Block", "BlockProgram"]


@dataclass(frozen=True, eq=False)
class Block:
    """``count`` applications of ``primitive``; their results are the variables from ``first`` on."""

    primitive: Primitive
    operands: tuple[Access, ...]
    first: int

    @property
    def count(self) -> int:
        """The number of applications."""
        return len(self.operands[0].table)

    @property
    def width(self) -> int:
        """The length of the sequences of an n-ary row; 1 for a row with a fixed number of arguments."""
        table = self.operands[0].table
        return table.shape[1] if table.ndim == 2 else 1

    @property
    def size(self) -> int:
        """The number of results: one per application, or ``width`` for rows such as softmax."""
        return self.count * self.width if self.primitive.outputs else self.count

    @property
    def results(self) -> range:
        """The variables assigned."""
        return range(self.first, self.first + self.size)


@dataclass(frozen=True, eq=False)
class BlockProgram:
    """Blocks in order, from inputs to outputs.

    ``count``     inputs, the variables 0 … count − 1: arguments first, then captured Values
    ``literals``  the numbers of the codes below 0
    ``outputs``   codes of what the program returns
    ``captured``, ``names``, ``guards``  as in a ``Program``
    """

    count: int
    literals: tuple[float, ...]
    blocks: tuple[Block, ...]
    outputs: Codes
    captured: tuple[Value, ...] = ()
    names: dict[int, str] = field(default_factory=dict)
    guards: tuple[Guard, ...] = ()

    def __len__(self) -> int:
        return len(self.blocks)

    @property
    def inputs(self) -> range:
        """The variables that the caller assigns."""
        return range(self.count)

    @property
    def arguments(self) -> range:
        """The inputs that are arguments of the call, without the captured ones."""
        return range(self.count - len(self.captured))

    @property
    def next_variable(self) -> int:
        """A number above the number of every variable."""
        return self.blocks[-1].results.stop if self.blocks else self.count

    @cached_property
    def applications(self) -> int:
        """The number of multiplications, additions and calls, as in a flat program."""
        return sum(block.count * block.width for block in self.blocks)

    def is_nothing(self, codes: Codes) -> bool:
        """Tell whether biases are −0.0 throughout, which adds nothing."""
        code = int(codes[0])
        return code < 0 and bool((codes == code).all()) and self.literals[-1 - code].hex() == "-0x0.0p+0"

    def __str__(self) -> str:
        return WRITERS.to_text(self)


class _Writers:
    """The function that prints block programs; its module, which imports this one, registers it here."""

    to_text: Callable[[BlockProgram], str]


WRITERS = _Writers()
