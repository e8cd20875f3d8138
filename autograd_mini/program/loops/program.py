"""A block program as native code: loops over one row, and a loop over the rows around them."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np

from autograd_mini.primitives.row import Primitive
from autograd_mini.primitives.table import affine, mul, total
from autograd_mini.program.blocks.access import Codes
from autograd_mini.program.blocks.choice import choice
from autograd_mini.program.blocks.grid import grid_of
from autograd_mini.program.blocks.ir import Block, BlockProgram
from autograd_mini.program.ir import Program
from autograd_mini.program.loops.dots import PRODUCT, write_dots, write_total
from autograd_mini.program.loops.elementwise import Run, readers_of, runs, write_run
from autograd_mini.program.loops.memory import Memory, Operand
from autograd_mini.program.loops.reductions import KERNELS, write_reduction, write_shared
from autograd_mini.program.loops.turns import write_turns
from autograd_mini.program.loops.writer import Writer
from autograd_mini.program.targets.llvm.kernel import Kernel
from autograd_mini.program.targets.llvm.text import literal

__all__ = ["NARY", "LoopText", "write_loops"]

NARY: tuple[Primitive, ...] = (affine, choice, total, *KERNELS)
"""N-ary rows with loops of their own; others are expanded first."""
LONG = 32  # outputs side by side from which on they have a loop of their own


class LoopText:
    """The text of a program's loops, with its memory, writer and kernels."""

    def __init__(self, program: BlockProgram, memory: Memory, writer: Writer, kernels: list[Kernel]) -> None:
        self.text = "\n".join(writer.lines)
        self.kernels = [*kernels, Kernel("", 1, 0, 0, 0, (), (), frozenset(), frozenset(writer.declared))]
        self.tables = memory.all_tables()
        self.memory = memory


def write_loops(
    program: BlockProgram, lanes: int, fma: bool, prepared: Callable[[Program], Program], summed: bool
) -> LoopText:
    """Return native text for ``program``: ``@rows(n, x, theta, w, t, out)``.

    x are n rows of numbers, side by side; w begins with the literals; ``out`` has each output summed over the rows,
    or a row of n for each output.
    """
    writer, memory = Writer(lanes, fma), Memory(program)
    kernels: list[Kernel] = [
        Kernel("", lanes, 0, 0, 0, (), (), frozenset({("exp", 1)}), frozenset()),
        Kernel("", 1, 0, 0, 0, (), (), frozenset({("log1p", 1)}), frozenset()),
    ]
    write_shared(writer)
    truths = np.zeros(program.next_variable, dtype=bool)
    for block in program.blocks:
        truths[block.first : block.first + block.size] = block.primitive.boolean
    calls, readers = [], readers_of(program)
    for number, run in enumerate(_split(program)):
        writer.begin(f"void @step{number}(ptr noalias %w, ptr noalias %t)")
        if isinstance(run, range):
            kernels.append(write_turns(writer, memory, program, run, truths, prepared))
        elif run.elementwise and not _is_outer(run.blocks[0]):
            kept = run.kept(readers)
            kernels += write_run(writer, memory, run, program, truths, f"e{number}", prepared, kept)
        else:
            _write(writer, memory, run.blocks[0], program)
        writer.end()
        calls.append(f"call void @step{number}(ptr %w, ptr %t)")
    _write_rows(writer, memory, program, calls, summed)
    return LoopText(program, memory, writer, kernels)


def _split(program: BlockProgram) -> list[Run | range]:
    """Return runs and loops in order; outer products are matrix products of width one, and stand alone."""
    found: list[Run | range] = []
    held: list[Block] = []
    loops = set(program.loops)
    for part in program.parts:
        block = program.blocks[part.start]
        if part in loops:
            found += [*runs(held), part]
            held = []
        elif _is_outer(block):
            found += [*runs(held), Run([block])]
            held = []
        else:
            held.append(block)
    return found + runs(held)


def _is_outer(block: Block) -> bool:
    if block.primitive is not mul or block.count < PRODUCT:
        return False
    a, b = (x.table[:, None] for x in block.operands)
    grid = grid_of(a, b)
    return grid is not None and len(grid.a) > 1 and len(grid.b) > 1


def _write(writer: Writer, memory: Memory, block: Block, program: BlockProgram) -> None:
    """Write the body of one step, a block with loops of its own."""
    tables = [x.table for x in block.operands]
    first = block.first + memory.inputs
    if block.primitive is affine:
        bias = None if program.is_nothing(tables[2]) else tables[2]
        write_dots(writer, memory, tables[0], tables[1], bias, first)
    elif block.primitive is mul:
        write_dots(writer, memory, tables[0][:, None], tables[1][:, None], None, first)
    elif block.primitive is total:
        write_total(writer, memory, tables[0], first)
    elif block.primitive is choice:
        _write_choice(writer, memory, block, first)
    else:
        write_reduction(writer, memory, block.primitive, tables[0], first)


def _write_choice(writer: Writer, memory: Memory, block: Block, first: int) -> None:
    values, index = (Operand(memory, x.table) for x in block.operands)
    width = block.width

    def application(i: str) -> None:
        asked = index.load(writer, i)
        number, right = writer.index(asked, width)
        value = values.load(writer, i, number)
        nan = literal(float("nan"))
        writer.store(writer.let(f"select i1 {right}, double {value}, double {nan}"), "%w", writer.add(first, i))

    writer.loop(0, block.count, application)


def _write_rows(writer: Writer, memory: Memory, program: BlockProgram, calls: list[str], summed: bool) -> None:
    """Write the loop over the rows: inputs in, the steps, outputs out."""
    arguments, held, outputs = len(program.arguments), len(program.captured), len(program.outputs)
    pieces = [(start, Operand(memory, codes), len(codes)) for start, codes in _pieces(program.outputs)]
    writer.lines.append(
        "define void @rows(i64 %n, ptr noalias %x, ptr noalias %theta, ptr noalias %w, ptr noalias %t, "
        "ptr noalias %out) #0 {\nentry:"
    )
    writer.here = "entry"

    def copy(base: str, start: str | int, place: int, count: int) -> None:
        def some(i: str, lanes: int) -> None:
            writer.store(writer.load(base, writer.add(start, i), lanes), "%w", writer.add(place, i), lanes)

        writer.rows(count, some)

    copy("%theta", 0, memory.inputs + arguments, held)
    if summed:
        writer.rows(outputs, lambda i, lanes: writer.store(writer.constant(0.0, lanes), "%out", i, lanes))

    def row(i: str) -> None:
        copy("%x", writer.times(i, arguments), memory.inputs, arguments)
        for call in calls:
            writer.do(call)
        for start, at, count in pieces:
            _write_outputs(writer, at, start, count, i, summed)

    writer.loop(0, "%n", row)
    writer.end()


def _write_outputs(writer: Writer, at: Operand, start: int, count: int, row: str, summed: bool) -> None:
    """Add outputs from number ``start`` on to those of the other rows, or store them in the place of ``row``."""

    def sums(k: str, lanes: int) -> None:
        place = writer.add(start, k)
        more = writer.apply("fadd", writer.load("%out", place, lanes), at.load(writer, k, None, lanes), lanes)
        writer.store(more, "%out", place, lanes)

    def output(k: str) -> None:
        writer.store(at.load(writer, k), "%out", writer.add(writer.times(writer.add(start, k), "%n"), row))

    if summed:
        writer.rows(count, sums)
    else:
        writer.loop(0, count, output)


def _pieces(outputs: Codes) -> list[tuple[int, Codes]]:
    """Return the outputs in pieces, each with the number of its first: long stretches, and what lies between them.

    A stretch has neighbours in memory, or one number again and again: it is read without a table.
    """
    steps = np.diff(outputs)
    breaks = np.flatnonzero((steps[1:] != steps[:-1]) | ((steps[1:] != 0) & (steps[1:] != 1))) + 1
    ends = [0, *breaks.tolist(), len(outputs)]
    found: list[tuple[int, Codes]] = []
    waiting = 0  # where what lies between the stretches begins
    for first, stop in itertools.pairwise(ends):
        stretch = outputs[first:stop]
        if len(stretch) >= LONG and int(stretch[1] - stretch[0]) in (0, 1):
            found += [(waiting, outputs[waiting:first])] * (waiting < first) + [(first, stretch)]
            waiting = stop
    return found + [(waiting, outputs[waiting:])] * (waiting < len(outputs))
