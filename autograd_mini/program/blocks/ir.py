"""BlockProgram: a computation whose instructions are blocks.

A block is one primitive applied n times. Its results are consecutive variables, and each of its
operands is an access: the variables that the applications read. A row of a fixed number of arguments
has one operand for each. An n-ary row has one for each of its sequences, with a second axis: ``affine``
reads weights and inputs of shape (n, width) and biases of shape (n,); ``total``, ``logsumexp``,
``softmax`` read (n, width). A single instruction is a block of one.

Variables are numbered in the order of memory: the inputs first, then the results of each block.

A loop is a row of neighbouring blocks that run turn by turn: application 0 of each, then application 1 of each,
and so on. So an application may read what any of them made in an earlier turn, as the steps of an integration do.
What a loop carries from turn to turn is an ordinary access: the results of one block, always as many places back,
and something else in the first turns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
    ``loops``     in order, the indices of the blocks that run turn by turn: all of one count, and none of
                  rows with several results
    """

    count: int
    literals: tuple[float, ...]
    blocks: tuple[Block, ...]
    outputs: Codes
    captured: tuple[Value, ...] = ()
    names: dict[int, str] = field(default_factory=dict)
    guards: tuple[Guard, ...] = ()
    loops: tuple[range, ...] = ()

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

    @property
    def parts(self) -> Iterator[range]:
        """The blocks in the order of running: each loop as one range of indices, each other block as one of its own."""
        start = 0
        for loop in self.loops:
            yield from (range(i, i + 1) for i in range(start, loop.start))
            yield loop
            start = loop.stop
        yield from (range(i, i + 1) for i in range(start, len(self.blocks)))

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
