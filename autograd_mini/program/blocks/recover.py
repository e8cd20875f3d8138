"""Recovery: convert a flat program of scalars to blocks.

Sums are folded (``chains``); instructions of the same kind and the same level become one block (each
at its earliest level, as in batching by depth: Looks et al., 2017; Neubig et al., 2017); and the
applications of a block are ordered so that they read neighbouring variables.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from autograd_mini.primitives.row import Primitive
from autograd_mini.primitives.table import affine
from autograd_mini.program.blocks.access import Access, Codes, Mask, as_codes
from autograd_mini.program.blocks.build import Builder
from autograd_mini.program.blocks.chains import Line, fold
from autograd_mini.program.blocks.choice import choice
from autograd_mini.program.blocks.flat import Flat, flatten
from autograd_mini.program.blocks.grid import products
from autograd_mini.program.blocks.ir import BlockProgram
from autograd_mini.program.ir import Program

__all__ = ["Placing", "alive", "one_by_one", "recover"]

WORTH = 8  # applications in each of several blocks, on average, from which on these are worth standing apart
FEW = 8  # up to so many operands a loop in Python is faster than an array


@dataclass(slots=True)
class _Group:
    row: Primitive
    lines: list[Line] = field(default_factory=list)


def recover(program: Program, *, exact: bool = False) -> BlockProgram:
    """Return ``program`` as blocks, without dead instructions; equivalent except for the order of sums.

    Equal instructions at the same level of the graph become one block, chains of sums one n-ary row. With
    ``exact`` the n-ary rows, computed from left to right, have the bits of the program, and a block reads each
    of its operands from one block where it can.
    """
    flat = flatten(program)
    guarded = as_codes([x for x, _ in program.guards])
    lines, variables = fold(flat, program.next_variable, guarded, exact)
    needed = np.zeros(variables + 1, dtype=bool)  # the last element is for literals
    needed[np.concatenate([flat.outputs, guarded])] = True
    placing = Placing(program, flat, variables, exact)
    placing.append(alive(lines, needed))
    return placing.program()


class Placing:
    """The blocks of a program under construction, and which of their variables each of its variables is."""

    def __init__(self, program: Program, flat: Flat, variables: int, exact: bool) -> None:
        self.source, self.outputs, self.exact = program, flat.outputs, exact
        self.builder = Builder(len(program.inputs))
        for number in flat.literals:
            self.builder.literal(number)
        self.place = np.full(variables, -1, dtype=np.int64)
        self.place[list(program.inputs)] = np.arange(len(program.inputs))

    def append(self, lines: list[Line]) -> None:
        """Append lines as blocks, by level and kind."""
        for group in _groups(lines, len(self.place)):
            several = self.exact and len(group.lines) >= 2 * WORTH
            before = (block.first for block in self.builder.blocks)
            sources = [0, len(self.source.arguments), *before] if several else []
            for part, tables in _parts(group, self.place, sources):
                results = self.builder.append(group.row, *tables)
                first = np.array([line.first for line in part], dtype=np.int64)
                if group.row.outputs:
                    self.place[first[:, None] + np.arange(results.shape[1])] = results
                else:
                    self.place[first] = results

    def tables(self, row: Primitive, codes: Codes) -> tuple[Codes, ...]:
        """Return the operands of a block of ``row`` from the flat ones of its applications (applications, operands)."""
        return _tables(row, _at(self.place, codes))

    def program(self) -> BlockProgram:
        """Return the blocks appended as a program."""
        place, program = self.place, self.source
        return self.builder.program(
            _at(place, self.outputs),
            program.captured,
            {int(place[x]): name for x, name in program.names.items() if place[x] >= 0},
            tuple((int(place[x]), outcome) for x, outcome in program.guards),
        )


def one_by_one(program: Program) -> BlockProgram:
    """Return ``program`` as blocks of one application each, in its own order.

    Repeated for many lanes, each instruction then fills its own row of memory.
    """
    flat = flatten(program)
    builder = Builder(len(program.inputs))
    for number in flat.literals:
        builder.literal(number)
    place = np.full(program.next_variable, -1, dtype=np.int64)
    place[list(program.inputs)] = np.arange(len(program.inputs))
    for k, row in enumerate(flat.rows):
        codes = _at(place, flat.codes[flat.starts[k] : flat.starts[k + 1]])
        results = builder.append(row, *_tables(row, codes[None, :]))
        place[flat.first[k] + np.arange(results.size)] = results.ravel()
    return builder.program(_at(place, flat.outputs))


def _tables(row: Primitive, codes: Codes) -> tuple[Codes, ...]:
    """Return the operands of a block from its flat ones, shape (applications, flat operands)."""
    if row.arity is not None:
        return tuple(codes[:, i] for i in range(codes.shape[1]))
    if row is affine:
        width = codes.shape[1] // 2
        return codes[:, :width], codes[:, width:-1], codes[:, -1]
    return (codes[:, :-1], codes[:, -1]) if row is choice else (codes,)


def _at(place: Codes, codes: Codes) -> Codes:
    """Return codes in the numbering of the blocks; the codes of literals do not change."""
    return np.where(codes >= 0, place[np.maximum(codes, 0)], codes)


def _results(line: Line) -> int:
    return len(line.codes) if line.row.outputs else 1


def alive(lines: list[Line], needed: Mask) -> list[Line]:
    """Return the lines of which a result is needed, and mark what they read as needed; the last mark is of literals."""
    kept = []
    for line in reversed(lines):
        if needed[line.first] if not line.row.outputs else needed[line.first : line.first + len(line.codes)].any():
            kept.append(line)
            needed[np.maximum(line.codes, -1)] = True
    kept.reverse()
    return kept


def _groups(lines: list[Line], variables: int) -> list[_Group]:
    """Return the lines by level and kind: row, literals in static places, length."""
    level = [0] * variables
    found: dict[tuple[object, ...], _Group] = {}
    for line in lines:
        codes = line.codes.tolist() if len(line.codes) <= FEW else np.unique(line.codes).tolist()
        depth = 1 + max([level[x] for x in codes if x >= 0], default=0)
        for result in range(line.first, line.first + _results(line)):
            level[result] = depth
        static = tuple(int(line.codes[i]) for i in line.row.static if line.codes[i] < 0)
        key = (depth, line.row, len(line.codes), static)
        group = found.get(key)
        if group is None:
            group = found[key] = _Group(line.row)
        group.lines.append(line)
    return [found[key] for key in sorted(found, key=lambda key: key[0])]  # type: ignore[arg-type,return-value]


def _parts(group: _Group, place: Codes, sources: list[int]) -> list[tuple[list[Line], tuple[Codes, ...]]]:
    """Return the group as one block or several, each in the order of its applications, with its tables.

    ``sources`` are the first variables of the blocks before; [] lets a block read from any of them.
    """
    row = group.row
    codes = _at(place, np.stack([line.codes for line in group.lines]))
    tables = _tables(row, codes)
    parts = products(*tables[:2]) if row is affine else None
    if parts is None and sources and row.arity is not None:
        parts = [part[_order(tuple(table[part] for table in tables))] for part in _by_source(tables, sources)]
    parts = parts or [_order(tables)]
    return [([group.lines[i] for i in part.tolist()], tuple(as_codes(t[part]) for t in tables)) for part in parts]


def _by_source(tables: tuple[Codes, ...], sources: list[int]) -> list[Codes]:
    """Return the applications that read results of the same blocks together, where they are not too few."""
    read = [np.where(table < 0, -1, np.searchsorted(sources, table, side="right")) for table in tables]
    kinds, members = np.unique(np.stack(read, axis=1), axis=0, return_inverse=True)
    if len(tables[0]) < WORTH * len(kinds):
        return [np.arange(len(tables[0]))]
    return [np.flatnonzero(members.ravel() == kind) for kind in range(len(kinds))]


def _order(tables: tuple[Codes, ...]) -> Codes:
    """Return the order of applications in which most tables are regular: as written, or along one of them."""
    count = len(tables[0])
    orders = [np.arange(count)]
    for table in tables:
        keys = table if table.ndim == 1 else table[:, 0]
        if keys[0] != keys[-1]:
            orders.append(np.argsort(keys, kind="stable"))
    best, most = orders[0], -1
    for order in orders:
        regular = sum(Access(as_codes(table[order])).strided is not None for table in tables)
        if regular > most:
            best, most = order, regular
        if most == len(tables):
            break
    return best
