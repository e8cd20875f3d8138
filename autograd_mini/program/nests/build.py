"""Building: a program as loop nests, where it has structure."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from autograd_mini.program.blocks.access import Codes, Mask
from autograd_mini.program.blocks.ir import BlockProgram
from autograd_mini.program.blocks.recover import recover
from autograd_mini.program.blocks.roll import levels, roll
from autograd_mini.program.ir import Program
from autograd_mini.program.nests.arrays import Arrays
from autograd_mini.program.nests.group import grouped
from autograd_mini.program.nests.index import ROW, common_shape, is_shaped
from autograd_mini.program.nests.lane import Lane
from autograd_mini.program.nests.nest import Nest, Nests

__all__ = ["as_nests", "nests_of"]

LEAST = 100  # instructions; a shorter program is written line by line
FEW = 4  # instructions in a level of the graph, on average; with fewer, loops in time are looked for
CLOSE = 16  # numbers of a table that take as much room as a line


def nests_of(program: Program, *, apart: bool, least: int = LEAST) -> Nests | None:
    """Return a prepared program as loop nests with the same bits, None where it is short or straight lines are shorter.

    ``apart``  as in ``Arrays``
    """
    if len(program) < least:
        return None
    regular = len(program) >= FEW * levels(program)
    blocks = recover(program, exact=True) if regular else roll(program, exact=True)
    if blocks is None or len(blocks) > len(program) // 2:
        return None
    found = as_nests(blocks, apart=apart)
    tables = sum(len(table) for table in found.arrays.tables)
    lines = sum(nest.lines for nest in found.nests) + len(found.arrays.set) + tables // CLOSE
    return found if lines <= len(program) else None


def as_nests(blocks: BlockProgram, *, apart: bool) -> Nests:
    """Return a block program without guards, exactly recovered, as loop nests."""
    return _Building(blocks, apart).nests()


class _Building:
    """Makes the nests of a block program without guards."""

    def __init__(self, program: BlockProgram, apart: bool) -> None:
        self.program = program
        self.groups = grouped(program)
        self.blocks = [block for group in self.groups for block in group.blocks]
        self.truths = np.zeros(program.next_variable, dtype=bool)
        for block in self.blocks:
            self.truths[block.first : block.first + block.size] = block.primitive.boolean
        read = self._read_elsewhere()
        self.homes = self._only_outputs(read)
        shared = read.copy()
        shared[program.outputs[program.outputs >= 0]] = True
        self.kept = {block.first for block in self.blocks if shared[block.first : block.first + block.size].any()}
        tables = [table for group in self.groups for table in group.read()]
        in_turn = {block.first for group in self.groups if group.in_turn for block in group.blocks}
        kept = [
            (b.first, b.size, 1 if b.first in in_turn and not shared[b.first : b.results.stop - 1].any() else b.size)
            for b in self.blocks
            if b.first in self.kept and b.first not in self.homes
        ]
        self.arrays = Arrays(program, tables, kept, apart=apart)
        for block in self.blocks:
            if block.first in self.homes:
                self.arrays.give_to_outputs(np.array(block.results), self.homes[block.first])

    def _read_elsewhere(self) -> Mask:
        """Return which variables another nest than their own reads."""
        read = np.zeros(self.program.next_variable + 1, dtype=bool)  # the last element is for literals
        for group in self.groups:
            for table in group.read():
                read[np.maximum(table.ravel(), -1)] = True
        return read[:-1]

    def _only_outputs(self, read: Mask) -> dict[int, Codes]:
        """Return first result → places, of the blocks whose every result is one output and is read by no other nest."""
        outputs = self.program.outputs
        times = np.bincount(outputs[outputs >= 0], minlength=self.program.next_variable)
        place = np.full(self.program.next_variable, -1, dtype=np.int64)
        place[outputs[outputs >= 0]] = np.flatnonzero(outputs >= 0)
        found = {}
        for block in self.blocks:
            part = slice(block.first, block.first + block.size)
            if (times[part] == 1).all() and not read[part].any():
                found[block.first] = place[part]
        return found

    def nests(self) -> Nests:
        """Return the nests of the blocks, then those that copy the outputs that have another place."""
        nests = [Lane(group, self.arrays, self.truths, self.kept).nest() for group in self.groups]
        return Nests(self.program, (*nests, *self._copies()), self.arrays)

    def _copies(self) -> Iterator[Nest]:
        """Yield nests that copy the outputs that no nest has written: one for each block, or one for few."""
        outputs = self.program.outputs
        waiting = np.setdiff1d(np.arange(len(outputs)), np.concatenate([[], *self.homes.values()]))
        variables = np.maximum(outputs[waiting], 0)
        homes = np.where(outputs[waiting] < 0, -1, self.arrays.home[variables])
        firsts = np.array([0, *(block.first for block in self.program.blocks)])
        sources = np.where(outputs[waiting] < 0, -1, np.searchsorted(firsts, variables, side="right"))
        if len(np.unique(sources)) * CLOSE > len(waiting):
            sources[:] = 0
        for home, source in np.unique(np.stack([homes, sources], axis=1), axis=0).tolist():
            places = waiting[(homes == home) & (sources == source)].astype(np.int64)
            for part in _alike(places, outputs[places]):
                yield self._copy(home, places[part], outputs[places[part]])

    def _copy(self, home: int, places: Codes, codes: Codes) -> Nest:
        outer = common_shape([places, codes], len(places))
        target = self.arrays.output(places, outer)
        if home == -1 and (codes == codes[0]).all():
            constant = self.program.literals[-1 - int(codes[0])]
            return Nest(outer, (), (), Program((), (), (constant,)), (target,))
        return Nest(outer, (), ((0, self.arrays.index(codes, outer)),), Program((0,), (), (0,)), (target,))


def _alike(places: Codes, codes: Codes) -> list[Codes]:
    """Return the copies in parts: rows of one length and one step together, and what is in no row."""
    everything = np.arange(len(places))
    if len(places) < CLOSE or (is_shaped(places) and is_shaped(codes)):
        return [everything]
    steps = np.stack([np.diff(places), np.diff(codes)], axis=1)
    changes = np.flatnonzero((steps[1:] != steps[:-1]).any(axis=1)) + 1  # where a step is another than that before
    found: dict[tuple[int, ...], list[Codes]] = {}
    begin = 0
    while begin < len(places):
        at = int(np.searchsorted(changes, begin, side="right"))
        stop = 1 + (int(changes[at]) if at < len(changes) else len(places) - 1)
        kind = (stop - begin, *steps[begin].tolist()) if stop - begin >= ROW else ()
        found.setdefault(kind, []).append(everything[begin:stop])
        begin = stop
    return [np.concatenate(rows) for rows in found.values()]
