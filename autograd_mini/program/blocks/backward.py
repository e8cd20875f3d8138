"""The adjoint of a loop: a loop that runs backward over the same turns.

All values of the forward loop are in memory, so the partials of its steps are ordinary blocks: for all turns at
once. What is left is linear: the adjoint of what step s made in turn m is the sum of adjoint · partial over the
steps that read it, in turn m or in later turns, and of what the rest of the program contributes. These sums are
the steps of the new loop, from the last turn to the first, in the order in which the eager engine adds.

Where partials flow under a condition, each adjoint has a truth value, the condition under which it flows, as in
``passes/adjoint``: a product that does not flow counts as 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from autograd_mini.primitives.row import Primitive
from autograd_mini.primitives.table import add, identity, logical_and, logical_or, mul, where
from autograd_mini.program.blocks.access import Codes, Mask
from autograd_mini.program.blocks.build import Builder
from autograd_mini.program.blocks.flows import NONE, Flows
from autograd_mini.program.blocks.ir import Block

__all__ = ["LoopAdjoint", "Slope"]

SYMBOL = 1 << 40  # codes from here on are results of the new loop, whose places are not known yet


@dataclass(frozen=True, eq=False)
class Slope:
    """The partial of a block by one operand: what the operand reads, the partial, the truth value under which it
    flows; in each turn. ``side`` is None where it always flows."""

    reads: Codes
    partial: Codes
    side: Codes | None


@dataclass(frozen=True, eq=False)
class _Term:
    """What one step contributes to an earlier one: ``reader`` in turn m + ``back``, in the turns m where ``valid``."""

    reader: int
    back: int
    valid: Mask
    partial: Codes
    side: Codes | None


class LoopAdjoint:
    """Appends the adjoint of a loop to a program, and adds what it contributes to variables outside to ``flows``.

    ``slopes`` are the partials of each block, ``given`` the adjoints that the rest of the program contributes to
    its results and their conditions; ``moving`` says which variables lie between inputs and outputs.
    """

    def __init__(
        self,
        builder: Builder,
        flows: Flows,
        blocks: Sequence[Block],
        slopes: Sequence[Sequence[Slope]],
        given: Sequence[tuple[Codes, Codes]],
        moving: Mask,
    ) -> None:
        self.builder, self.flows, self.blocks, self.slopes, self.given = builder, flows, blocks, slopes, given
        self.turns = blocks[0].count
        self.active = [moving[block.first : block.first + self.turns] for block in blocks]
        self.zero, self.nothing = builder.literal(0.0), builder.literal(-0.0)
        self.true, self.false = builder.literal(1.0), builder.literal(0.0)
        self.steps: list[tuple[Primitive, tuple[Codes, ...], int]] = []  # row, tables, the symbol it defines
        self.symbols = 0
        self.adjoints = [self._symbol() for _ in blocks]
        self.lives = [self._symbol() for _ in blocks]
        self.same: dict[int, Codes] = {}  # symbol → what it is a name of

    def run(self) -> None:
        """Write the steps, place them, and pass on what flows outside."""
        terms = self._terms()
        always = self._always(terms)
        for place in reversed(range(len(self.blocks))):
            if self.active[place].any():
                self._sum(place, terms[place], always)
        first, turns = self.builder.fresh, self.turns
        where_is = np.full((self.symbols, turns), NONE, dtype=np.int64)
        for index, (_, _, symbol) in enumerate(self.steps):
            where_is[symbol] = first + index * turns + np.arange(turns)[::-1]
        for symbol, codes in self.same.items():  # in order: each is a name of one before it
            where_is[symbol] = self._placed(codes, where_is)
        self.builder.loop(
            [(row, tuple(self._placed(x, where_is)[::-1] for x in tables)) for row, tables, _ in self.steps]
        )
        for place, slopes in enumerate(self.slopes):
            for slope in slopes:
                outside = self.active[place] & (self._step_of(slope.reads) < 0)
                if outside.any():
                    adjoint = where_is[self.adjoints[place]][outside]
                    live = np.full(int(outside.sum()), NONE, dtype=np.int64)
                    if not always[place]:
                        live = where_is[self.lives[place]][outside]
                    if slope.side is not None:
                        side = slope.side[outside]
                        live = side if always[place] else self.builder.append(logical_and, live, side)
                    self.flows.add(slope.reads[outside], adjoint, slope.partial[outside], live)

    # ------------------------------------------------------------ what flows where

    def _step_of(self, codes: Codes) -> Codes:
        """Return for each code the step of this loop that makes it, −1 of others."""
        place = (codes - self.blocks[0].first) // self.turns
        found: Codes = np.where((codes >= self.blocks[0].first) & (place < len(self.blocks)), place, -1)
        return found

    def _terms(self) -> list[list[_Term]]:
        """Return what flows to each step from steps of this loop, in the order of the eager engine."""
        found: list[list[_Term]] = [[] for _ in self.blocks]
        turn = np.arange(self.turns)
        for reader, slopes in enumerate(self.slopes):
            for slope in slopes:
                step = self._step_of(slope.reads)
                place = int(step[-1])
                if place < 0:
                    continue
                back = int(turn[-1] + self.blocks[place].first - slope.reads[-1])
                valid = np.zeros(self.turns, dtype=bool)
                valid[: self.turns - back] = (self.active[reader] & (step == place))[back:]
                valid &= self.active[place]
                if valid.any():
                    found[place].append(_Term(reader, back, valid, slope.partial, slope.side))
        for terms in found:
            terms.sort(key=lambda term: (-term.back, -term.reader))
        return found

    def _always(self, terms: list[list[_Term]]) -> list[bool]:
        """Return for each step whether its adjoint flows in every turn in which one may flow."""
        always = [True] * len(self.blocks)
        while True:
            before = list(always)
            for place in range(len(self.blocks)):
                adjoints, lives = self.given[place]
                sure = (adjoints != NONE) & (lives == NONE)
                for term in terms[place]:
                    if term.side is None and always[term.reader]:
                        sure = sure | term.valid
                always[place] = bool((sure | ~self.active[place]).all())
            if always == before:
                return always

    # ------------------------------------------------------------ steps

    def _symbol(self) -> int:
        self.symbols += 1
        return self.symbols - 1

    def _codes(self, symbol: int) -> Codes:
        """Return the codes of a symbol in each turn."""
        if symbol in self.same:
            return self.same[symbol]
        codes: Codes = SYMBOL + symbol * self.turns + np.arange(self.turns, dtype=np.int64)
        return codes

    def _step(self, row: Primitive, *tables: Codes, symbol: int | None = None) -> Codes:
        """Append a step and return its results."""
        symbol = self._symbol() if symbol is None else symbol
        self.steps.append((row, tables, symbol))
        return self._codes(symbol)

    def _sum(self, place: int, terms: Sequence[_Term], always: Sequence[bool]) -> None:
        """Write the adjoint of what one step made, and its condition."""
        adjoints, lives = self.given[place]
        parts: list[Codes] = []
        conditions: list[Codes] = []
        if (adjoints != NONE).any():
            parts.append(self.flows.closed(adjoints, lives))
            conditions.append(np.where(adjoints == NONE, self.false, np.where(lives == NONE, self.true, lives)))
        for term in terms:
            number, live = self._term(term, always)
            parts.append(number)
            conditions.append(np.where(term.valid, self.true, self.false) if live is None else live)
        if not parts:  # all that reads it is flat, as floor is
            parts, conditions = [np.full(self.turns, self.zero)], [np.full(self.turns, self.false)]
        self._chain(add, parts, self.adjoints[place])
        if not always[place]:
            self._chain(logical_or, conditions, self.lives[place])

    def _term(self, term: _Term, always: Sequence[bool]) -> tuple[Codes, Codes | None]:
        """Return adjoint · partial of one term in each turn, and the condition, None where it always flows."""
        # the adjoint of a turn that does not take part is 0 already; its partial may be infinite
        adjoint = self._later(self._codes(self.adjoints[term.reader]), term, self.nothing)
        partial = np.where(term.valid, self._later(term.partial, term, self.true), self.true)
        number = adjoint
        if not (partial == self.true).all():
            number = self._step(mul, adjoint, partial)
        live: Codes | None = None
        if not always[term.reader]:
            live = self._later(self._codes(self.lives[term.reader]), term, self.false)
        if term.side is not None:
            side = np.where(term.valid, self._later(term.side, term, self.false), self.false)
            live = side if live is None else self._step(logical_and, live, side)
        if live is not None:
            number = self._step(where, live, number, np.full(self.turns, self.zero))
        return number, live

    def _later(self, codes: Codes, term: _Term, otherwise: int) -> Codes:
        """Return the codes of the turn in which the reader of a term reads, ``otherwise`` after the last."""
        found = np.full(self.turns, otherwise, dtype=np.int64)
        found[: self.turns - term.back] = codes[term.back :]
        return found

    def _chain(self, row: Primitive, parts: Sequence[Codes], symbol: int) -> None:
        """Define a symbol as the first part, combined with the others one by one."""
        found = parts[0]
        for index, part in enumerate(parts[1:], start=2):
            found = self._step(row, found, part, symbol=symbol if index == len(parts) else None)
        if len(parts) == 1:
            is_of_this_turn = (found < SYMBOL) | ((found - SYMBOL) % self.turns == np.arange(self.turns))
            if is_of_this_turn.all() and not (found == self._codes(symbol)).any():
                self.same[symbol] = found
            elif row is add:
                self._step(identity, found, symbol=symbol)
            else:
                self._step(logical_or, found, np.full(self.turns, self.false), symbol=symbol)

    def _placed(self, codes: Codes, where_is: Codes) -> Codes:
        """Return codes with the places of the symbols."""
        symbols = codes >= SYMBOL
        found = codes.copy()
        found[symbols] = where_is.ravel()[codes[symbols] - SYMBOL]
        return found
