"""Stretches: where a flat program repeats itself in time, as a loop over the steps of an integration does.

Instructions i and i − p match if they have the same row and each pair of operands is alike: two literals, two
inputs, or two results that lie p apart (what this turn computes or the last one left), are one and the same, or
lie as far apart as in the turn before. A run of matches is a stretch of period p. The periods to try are the
distances at which windows of instructions return: windows of 1, 2, 4… instructions are numbered by pairs, as in
the construction of a suffix array by doubling (Karp, Miller & Rosenberg, 1972). All of it is sorting and
comparing of whole arrays, so that it takes time in proportion to the program, but for a logarithm.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from autograd_mini.program.blocks.access import Codes, Mask
from autograd_mini.program.blocks.flat import Flat

__all__ = ["Stretch", "column", "stretches"]

TURNS = 8  # the fewest that are worth a loop
LONGEST = 1_000  # instructions in a turn: the body of a loop is compiled as one piece
NEAR = 64  # distances up to here tell an instruction from others of its row
ENDS = 3  # turns at either end that may be left out
KINDS = 8  # of stretches in one program
SHORT = 64  # instructions that a loop must at least spare


@dataclass(frozen=True)
class Stretch:
    """``turns`` times ``period`` instructions, from instruction ``start`` on."""

    start: int
    period: int
    turns: int

    @property
    def stop(self) -> int:
        """The instruction after the last."""
        return self.start + self.period * self.turns

    @property
    def spared(self) -> int:
        """The instructions that need not be written where one turn is."""
        return self.period * (self.turns - 1)


def stretches(flat: Flat, variables: int) -> list[Stretch]:
    """Return the stretches of a program whose variables are below ``variables``, in order; they do not overlap."""
    return _Search(flat, variables).run()


def column(flat: Flat, stretch: Stretch, step: int, operand: int) -> Codes:
    """Return what an operand of one step reads in each turn."""
    at = stretch.start + step + stretch.period * np.arange(stretch.turns)
    found: Codes = flat.codes[flat.starts[at] + operand]
    return found


class _Search:
    def __init__(self, flat: Flat, variables: int) -> None:
        self.flat, self.count = flat, len(flat.rows)
        numbers = {row: number for number, row in enumerate(dict.fromkeys(flat.rows))}
        self.rows = np.array([numbers[row] for row in flat.rows], dtype=np.int64)
        plain = np.array([not row.outputs for row in numbers], dtype=bool)
        self.plain = plain[self.rows] if self.count else plain
        self.widths = np.diff(flat.starts)
        self.owner = np.repeat(np.arange(self.count), self.widths)  # of each operand its instruction
        codes = flat.codes[: flat.starts[-1]]
        self.maker = np.full(variables + 1, -1, dtype=np.int64)  # the last element is for literals
        self.maker[flat.first] = np.where(self.plain, np.arange(self.count), -1)
        self.made = self.maker[np.maximum(codes, -1)]
        static = {(number, place) for row, number in numbers.items() for place in row.static}
        held = np.zeros(len(codes), dtype=bool)
        for number, place in static:
            held[flat.starts[:-1][(self.rows == number) & (self.widths > place)] + place] = True
        # one kind: literals, literals that must be one and the same, inputs (and parts of several results), results
        self.kind = np.where(codes >= 0, np.where(self.made >= 0, -1, -2), np.where(held, codes - 3, -3))

    def run(self) -> list[Stretch]:
        """Take the period that leaves least to write, again and again."""
        open_ = self.plain.copy()
        found: list[Stretch] = []
        for _ in range(KINDS):
            best: tuple[int, list[Stretch]] = (0, [])
            for period in self._periods(open_) if open_.sum() > SHORT else ():
                each = [x for run in self._runs(period, open_) if (x := self._settled(run)) and x.spared >= SHORT]
                spared = sum(x.spared for x in each)
                if spared > best[0]:
                    best = spared, each
            if not best[1]:
                break
            found += best[1]
            for stretch in best[1]:
                open_[stretch.start : stretch.stop] = False
        found.sort(key=lambda stretch: stretch.start)
        source = np.full(self.count, -1, dtype=np.int64)  # of each instruction the number of its stretch
        for number, stretch in enumerate(found):
            found[number] = stretch = self._trimmed(stretch, source)
            source[stretch.start : stretch.stop] = number
        return found

    def _trimmed(self, stretch: Stretch, source: Codes) -> Stretch:
        """Return the stretch without the few turns at its ends that read another stretch than the others do.

        A sweep backward through a loop ends with the turns before the loop; without them its reads are strides.
        """
        codes = slice(self.flat.starts[stretch.start], self.flat.starts[stretch.stop])
        made = self.made[codes].reshape(stretch.turns, -1)
        kind = self.kind[codes].reshape(stretch.turns, -1)
        read = np.where(kind == -1, source[made], kind)
        odd = (read != read[stretch.turns // 2]) & (made[-1] < stretch.start)
        odd[:, odd[ENDS:-ENDS].any(axis=0)] = False
        turns = np.flatnonzero(odd.any(axis=1))
        first = int(turns[turns < ENDS].max(initial=-1)) + 1
        stop = int(turns[turns >= ENDS].min(initial=stretch.turns))
        shorter = Stretch(stretch.start + first * stretch.period, stretch.period, stop - first)
        return shorter if shorter.turns >= TURNS and shorter.spared >= SHORT else stretch

    def _periods(self, open_: Mask) -> list[int]:
        """Return the distances at which windows of each length return most often, the shortest first."""
        distance = self.owner - self.made
        told = np.where(self.kind == -1, np.where(distance <= NEAR, distance, 0), self.kind)
        place = np.arange(len(told)) - self.flat.starts[self.owner]
        mixed = (told + 1_000_003) * (2 * place + 1) * np.int64(0x9E3779B97F4A7C1)  # wraps around: a hash
        sums = np.add.reduceat(mixed ^ (mixed >> 29), self.flat.starts[:-1])
        ids = np.unique(np.where(open_, sums * 31 + self.rows, -1 - np.arange(self.count)), return_inverse=True)[1]
        periods: set[int] = set()
        window = 1
        while len(ids) > TURNS and window <= LONGEST:
            order = np.argsort(ids, kind="stable")
            gaps = np.diff(order)[np.diff(ids[order]) == 0]
            gaps = gaps[gaps <= LONGEST]
            if not gaps.size:
                break
            counts = np.bincount(gaps)
            periods |= {int(gap) for gap in np.argsort(counts)[-2:] if counts[gap] >= TURNS}
            pairs = ids[:-window] * (int(ids.max()) + 1) + ids[window:]
            ids = np.unique(pairs, return_inverse=True)[1]
            window *= 2
        return sorted(periods)

    def _runs(self, period: int, open_: Mask) -> list[Stretch]:
        """Return the runs of instructions that match those ``period`` before."""
        match = np.zeros(self.count + 1, dtype=bool)  # the last element ends the last run
        here = np.arange(period, self.count)
        alike = (self.rows[here] == self.rows[here - period]) & (self.widths[here] == self.widths[here - period])
        match[here] = alike & open_[here] & open_[here - period]
        at = np.flatnonzero(match[self.owner])
        before = at - (self.flat.starts[self.owner[at]] - self.flat.starts[self.owner[at] - period])
        apart = self.made[at] - self.made[before]
        steps = np.full(len(self.made), -1, dtype=np.int64)  # the distance from the turn before, −1: unknown
        steps[at] = apart
        wrong = self.kind[at] != self.kind[before]
        wrong |= (self.kind[at] == -1) & (apart != period) & (apart != 0) & (apart != steps[before])
        match[self.owner[at[wrong]]] = False
        edges = np.flatnonzero(np.diff(np.concatenate([[False], match]).astype(np.int8)))
        found = []
        for first, stop in edges.reshape(-1, 2).tolist():
            turns = (stop - first) // period + 1
            if turns >= TURNS:
                found.append(Stretch(first - period, period, turns))
        return found

    def _settled(self, stretch: Stretch) -> Stretch | None:
        """Return the stretch without the first turns that read otherwise; None where too few are left.

        What an operand reads of the stretch itself must be the result of one step, always as many turns back:
        from that turn on, and from outside before it.
        """
        start, period = stretch.start, stretch.period
        while (turns := (stretch.stop - start) // period) >= TURNS:
            low, high = self.flat.starts[start], self.flat.starts[start + period * turns]
            made = self.made[low:high].reshape(turns, -1)
            turn = np.arange(turns)[:, None]
            inside = made >= start
            back = np.where(inside[-1], turns - 1 - (made[-1] - start) // period, turns)
            odd = np.where(turn < back, inside, made - made[-1] != (turn - turns + 1) * period)
            if not odd.any():
                return Stretch(start, period, turns)
            without = np.where(inside, (made - start) // period, turn - back) + 1  # the first turn that does not see it
            start += int(without[odd].max()) * period
        return None
