"""Builder: appends blocks, or a small block program (a lane) repeated many times."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from autograd_mini.engine.value import Value
from autograd_mini.primitives.row import Primitive
from autograd_mini.program.blocks.access import Access, Codes, as_codes
from autograd_mini.program.blocks.ir import Block, BlockProgram
from autograd_mini.program.ir import Guard

__all__ = ["Builder"]


def _bits(number: float) -> bytes:
    return struct.pack("<d", number)


class Builder:
    """A block program under construction."""

    def __init__(self, count: int) -> None:
        self.count = self.fresh = count
        self.blocks: list[Block] = []
        self.loops: list[range] = []
        self._literals: list[float] = []
        self._codes: dict[bytes, int] = {}
        self._made: dict[tuple[object, ...], Codes] = {}

    @staticmethod
    def of(program: BlockProgram) -> Builder:
        """Return a builder that continues ``program``."""
        made = Builder(program.count)
        for number in program.literals:
            made.literal(number)
        made.blocks, made.loops = list(program.blocks), list(program.loops)
        made.fresh = program.next_variable
        return made

    def literal(self, number: float) -> int:
        """Return the code of a literal."""
        key = _bits(number)
        code = self._codes.get(key)
        if code is None:
            code = self._codes[key] = -1 - len(self._codes)
            self._literals.append(number)
        return code

    def number(self, code: int) -> float:
        """Return the literal of a code below 0."""
        return self._literals[-1 - code]

    def append(self, row: Primitive, *tables: Codes) -> Codes:
        """Append a block and return its results: shape (count,), or (count, width) where a row has several.

        If an equal block was appended before, its results are returned.
        """
        operands = tuple(Access(as_codes(table)) for table in tables)
        key = (row, *((x.table.shape, x.table.tobytes()) for x in operands))
        known = self._made.get(key)
        if known is not None:
            return known
        block = Block(row, operands, self.fresh)
        self.blocks.append(block)
        self.fresh += block.size
        results = np.arange(block.first, self.fresh, dtype=np.int64)
        self._made[key] = results.reshape(block.count, -1) if row.outputs else results
        return self._made[key]

    def loop(self, steps: Sequence[tuple[Primitive, tuple[Codes, ...]]]) -> None:
        """Append a loop of these rows, all of one number of turns and with one result each.

        The results of step i are the variables from ``fresh`` + i·turns on, which the tables may read.
        """
        start = len(self.blocks)
        if not steps:
            return
        for row, tables in steps:
            block = Block(row, tuple(Access(as_codes(table)) for table in tables), self.fresh)
            self.blocks.append(block)
            self.fresh += block.size
        self.loops.append(range(start, len(self.blocks)))

    def instantiate(self, lane: BlockProgram, inputs: Sequence[Codes], count: int) -> list[Codes]:
        """Append ``lane`` once for each of ``count`` lanes, and return its outputs, shape (count,) each.

        ``inputs`` has the codes of each input of the lane in all applications, shape (count,).
        A block of m applications becomes one of count·m, lane by lane.
        """
        literals = [self.literal(number) for number in lane.literals]
        place = np.empty((lane.next_variable + len(literals), count), dtype=np.int64)
        for index, table in enumerate(inputs):
            place[index] = table
        for index, code in enumerate(literals):  # place[-1 - l] is literal l
            place[-1 - index] = code
        for block in lane.blocks:
            tables = [np.moveaxis(place[each.table], -1, 0) for each in block.operands]
            tables = [table.reshape(count * block.count, *table.shape[2:]) for table in tables]
            found = self.append(block.primitive, *tables)
            place[block.first : block.first + block.size] = found.reshape(count, block.size).T
        return [place[code] for code in lane.outputs.tolist()]

    def program(
        self,
        outputs: Codes,
        captured: tuple[Value, ...] = (),
        names: dict[int, str] | None = None,
        guards: tuple[Guard, ...] = (),
    ) -> BlockProgram:
        """Return the appended blocks as a program with these outputs."""
        return BlockProgram(
            self.count,
            tuple(self._literals),
            tuple(self.blocks),
            as_codes(outputs),
            captured,
            dict(names or {}),
            guards,
            tuple(self.loops),
        )

    def like(self, program: BlockProgram, outputs: Codes) -> BlockProgram:
        """Return the appended blocks as a program with the captured Values, names and guards of ``program``."""
        made = self.program(outputs)
        return replace(made, captured=program.captured, names=program.names, guards=program.guards)
