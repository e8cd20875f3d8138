"""Rolling: convert a flat program to blocks, and what repeats in time to loops.

A stretch of a program that repeats itself (``stretches``) becomes one block for each of its steps, with one
application for each turn. The steps that need each other's earlier results, the strongly connected components of
"reads", are the loops; the others are ordinary blocks before or after them (loop distribution: Allen & Kennedy,
1987). So what does not depend on the state that is carried from turn to turn runs for all turns at once.
In loops the operations and their order are those of the flat program, and so are the bits of the results.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from autograd_mini.primitives.row import Primitive
from autograd_mini.primitives.table import add, mul
from autograd_mini.program.blocks.access import Codes, Mask, as_codes
from autograd_mini.program.blocks.chains import Line, fold
from autograd_mini.program.blocks.flat import Flat, flatten
from autograd_mini.program.blocks.ir import BlockProgram
from autograd_mini.program.blocks.recover import Placing, alive
from autograd_mini.program.blocks.stretches import Stretch, stretches
from autograd_mini.program.ir import Program

__all__ = ["levels", "roll"]


def roll(program: Program, *, exact: bool = False) -> BlockProgram | None:
    """Return ``program`` as blocks with loops; None where nothing repeats in time.

    The result is equivalent except for the order of sums outside of loops, which ``exact`` keeps too, and
    without dead instructions.
    """
    flat = flatten(program)
    found = stretches(flat, program.next_variable)
    if not found:
        return None
    bodies = [_Body(flat, stretch) for stretch in found]
    rest = np.ones(len(flat.rows), dtype=bool)
    for stretch in found:
        rest[stretch.start : stretch.stop] = False
    left = _without(flat, rest)
    guarded = as_codes([x for x, _ in program.guards])
    others = np.concatenate([guarded, *(body.codes.ravel() for body in bodies)])
    lines, variables = fold(left, program.next_variable, others, exact)
    flat.literals = left.literals
    needed = np.zeros(variables + 1, dtype=bool)  # the last element is for literals
    needed[np.concatenate([flat.outputs, guarded])] = True
    parts = _between(lines, flat, found)
    kept: list[list[Line]] = [alive(parts[-1], needed)]
    steps: list[list[int]] = []
    for body, part in zip(reversed(bodies), reversed(parts[:-1]), strict=True):
        steps.append(body.alive(needed))
        kept.append(alive(part, needed))
    placing = Placing(program, flat, variables, exact)
    placing.append(kept.pop())
    for body in bodies:
        body.place(placing, steps.pop())
        placing.append(kept.pop())
    return placing.program()


def levels(program: Program) -> int:
    """Return the length of the longest chain of instructions that need each other, a sum or a dot counted as one.

    ``recover`` makes at least one block for each of these levels.
    """
    flat = flatten(program)
    read = flat.codes[flat.codes >= 0]
    once = (np.bincount(read, minlength=program.next_variable) == 1).tolist()
    depth, sums = [0] * program.next_variable, [False] * program.next_variable
    codes, starts = flat.codes.tolist(), flat.starts.tolist()
    most = 0
    for k, (row, result) in enumerate(zip(flat.rows, flat.first.tolist(), strict=True)):
        deepest = 0
        is_sum = row is add
        for x in codes[starts[k] : starts[k + 1]]:
            if x >= 0:
                level = depth[x] + (not (is_sum and sums[x] and once[x]))
                if level > deepest:
                    deepest = level
        for each in range(result, result + (starts[k + 1] - starts[k] if row.outputs else 1)):
            depth[each] = deepest
        sums[result] = is_sum or row is mul
        if deepest > most:
            most = deepest
    return most


def _without(flat: Flat, rest: Mask) -> Flat:
    """Return the instructions of ``rest`` alone, with the outputs."""
    widths = np.diff(flat.starts)
    kept = np.repeat(rest, widths)
    starts = np.concatenate([[0], np.cumsum(widths[rest])])
    codes = np.concatenate([flat.codes[: flat.starts[-1]][kept], flat.outputs])
    rows = [flat.rows[k] for k in np.flatnonzero(rest).tolist()]
    return Flat(rows, codes, starts, flat.first[rest], list(flat.literals), flat.outputs)


def _between(lines: list[Line], flat: Flat, found: Sequence[Stretch]) -> list[list[Line]]:
    """Return the lines before, between and after the stretches."""
    position = {first: k for k, first in enumerate(flat.first.tolist())}
    parts: list[list[Line]] = [[] for _ in range(len(found) + 1)]
    at, part = len(flat.rows), len(found)
    for line in reversed(lines):
        at = position.get(line.first, at)  # what folding adds stands right before the line that reads it
        while part and at < found[part - 1].start:
            part -= 1
        parts[part].append(line)
    return [each[::-1] for each in parts]


class _Body:
    """The steps of a stretch.

    ``codes``    what is read in each turn: shape (turns, operands of all steps)
    ``results``  the variables that each step makes: shape (steps, turns)
    ``reads``    for each step the steps that it reads, of its own turn or of earlier ones
    """

    def __init__(self, flat: Flat, stretch: Stretch) -> None:
        self.rows: list[Primitive] = flat.rows[stretch.start : stretch.start + stretch.period]
        self.turns = stretch.turns
        low, high = flat.starts[stretch.start], flat.starts[stretch.stop]
        self.codes: Codes = flat.codes[low:high].reshape(stretch.turns, -1)
        self.starts = flat.starts[stretch.start : stretch.start + stretch.period + 1] - low
        made = flat.first[stretch.start : stretch.stop]
        self.results: Codes = made.reshape(stretch.turns, stretch.period).T
        step = np.full(int(max(made.max(), self.codes.max())) + 2, -1, dtype=np.int64)
        step[self.results] = np.arange(stretch.period)[:, None]
        within = step[np.maximum(self.codes, -1)].max(axis=0)  # of earlier turns it may read from outside
        self.reads = [
            [x for x in np.unique(within[a:b]).tolist() if x >= 0]
            for a, b in zip(self.starts[:-1].tolist(), self.starts[1:].tolist(), strict=True)
        ]

    def operands(self, step: int) -> Codes:
        """Return what a step reads: shape (turns, operands)."""
        return self.codes[:, self.starts[step] : self.starts[step + 1]]

    def alive(self, needed: Mask) -> list[int]:
        """Return the steps of which a result is needed, and mark what they read as needed."""
        found: set[int] = set()
        waiting = np.flatnonzero(needed[self.results].any(axis=1)).tolist()
        while waiting:
            step = waiting.pop()
            if step not in found:
                found.add(step)
                needed[np.maximum(self.operands(step), -1)] = True
                waiting += self.reads[step]
        return sorted(found)

    def place(self, placing: Placing, steps: Sequence[int]) -> None:
        """Append these steps as loops, and as blocks where they do not need their own earlier results."""
        reads = {step: [x for x in self.reads[step] if x in set(steps)] for step in steps}
        for part in components(reads):
            first, turns = placing.builder.fresh, np.arange(self.turns)
            if len(part) == 1 and part[0] not in reads[part[0]]:
                row = self.rows[part[0]]
                placing.place[self.results[part[0]]] = placing.builder.append(
                    row, *placing.tables(row, self.operands(part[0]))
                )
                continue
            for index, step in enumerate(part):
                placing.place[self.results[step]] = first + index * self.turns + turns
            placing.builder.loop([(self.rows[x], placing.tables(self.rows[x], self.operands(x))) for x in part])


def components(reads: dict[int, list[int]]) -> Iterator[list[int]]:
    """Yield the strongly connected components of a graph, what is read before what reads it (Tarjan, 1972)."""
    number: dict[int, int] = {}
    low: dict[int, int] = {}
    held: list[int] = []
    inside: set[int] = set()
    for root in reads:
        work = [] if root in number else [(root, iter(reads[root]))]
        while work:
            node, following = work[-1]
            if node not in number:
                number[node] = low[node] = len(number)
                held.append(node)
                inside.add(node)
            for each in following:
                if each not in number:
                    work.append((each, iter(reads[each])))
                    break
                if each in inside:
                    low[node] = min(low[node], number[each])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == number[node]:
                    part = held[held.index(node) :]
                    del held[held.index(node) :]
                    inside.difference_update(part)
                    yield sorted(part)
