"""Nest: one application, repeated in loops inside one another; a program with structure is a list of them.

A nest begins with sums and choices by index, goes on with a flat program (its lane), and ends with what it writes
and what it carries to the next turn.
"""

from __future__ import annotations

from dataclasses import dataclass

from autograd_mini.program.blocks.ir import BlockProgram
from autograd_mini.program.ir import Operand, Program
from autograd_mini.program.nests.arrays import Arrays
from autograd_mini.program.nests.index import Index

__all__ = ["Carry", "Choice", "Nest", "Nests", "Sum"]


@dataclass(frozen=True)
class Sum:
    """``variable = start + Σ terms``, from left to right over the ``inner`` counters; a term is Π factors."""

    variable: int
    start: Index | float
    factors: tuple[Index, ...]
    inner: tuple[int, ...]


@dataclass(frozen=True)
class Choice:
    """``variable = values[number]``, nan where ``number`` is not one of 0 … width − 1."""

    variable: int
    values: Index
    number: Index | float
    width: int


@dataclass(frozen=True)
class Carry:
    """What a loop in time passes from turn to turn: a result as it was 1, 2… turns ago.

    ``variables``  the variables of the lane, the oldest first, and in ``starts`` what they are before the first turn
    ``result``     what the newest becomes after each turn
    """

    variables: tuple[int, ...]
    starts: tuple[Index | float, ...]
    result: Operand


@dataclass(frozen=True)
class Nest:
    """One application, repeated over the counters of ``outer``; a single one has the shape (1,).

    ``first``   sums and choices, each of them a variable of the lane
    ``reads``   the variables of the lane that are read, and where
    ``lane``    a flat program whose outputs are written to ``writes``
    ``carries`` of a loop in time, whose turns follow each other
    """

    outer: tuple[int, ...]
    first: tuple[Sum | Choice, ...]
    reads: tuple[tuple[int, Index], ...]
    lane: Program
    writes: tuple[Index, ...]
    carries: tuple[Carry, ...] = ()

    @property
    def lines(self) -> int:
        """About how many lines the nest takes."""
        return 2 * len(self.outer) + 4 * len(self.first) + len(self.lane) + len(self.writes) + 2 * len(self.carries)


@dataclass(frozen=True)
class Nests:
    """The nests of a program in order, with the arrays that they read and write."""

    program: BlockProgram
    nests: tuple[Nest, ...]
    arrays: Arrays
