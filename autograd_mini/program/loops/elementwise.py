"""Runs of elementwise blocks as one loop: values that they pass to each other stay in registers.

Neighbouring blocks of one count that read each other only application by application are one lane,
a small flat program; the straight-line emitter writes it, for vectors and for the numbers left over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from autograd_mini.primitives.table import not_equal, where
from autograd_mini.program.blocks.access import Codes, Mask, columns
from autograd_mini.program.blocks.ir import Block, BlockProgram
from autograd_mini.program.ir import Instruction, Program
from autograd_mini.program.ir import Operand as Scalar
from autograd_mini.program.loops.memory import Memory, Operand
from autograd_mini.program.loops.writer import Writer
from autograd_mini.program.targets.llvm.kernel import Kernel, emit_kernel

__all__ = ["Lane", "Run", "readers_of", "runs", "write_run"]

MOST = 200  # blocks in one loop: a longer body compiles slowly


@dataclass
class Run:
    """Blocks that share a loop, or one block that has a loop of its own."""

    blocks: list[Block]

    @property
    def elementwise(self) -> bool:
        """True where every block is of a row with a fixed number of arguments."""
        return self.blocks[0].primitive.arity is not None

    def kept(self, readers: Mapping[int, set[int]]) -> list[bool]:
        """Return for each block whether anything outside the run reads its results (``readers`` of ``readers_of``)."""
        among = {each.first for each in self.blocks}
        return [not readers.get(each.first, set()) <= among for each in self.blocks]


def readers_of(program: BlockProgram) -> dict[int, set[int]]:
    """Return for each block, by its first result, the first results of those that read it; −1 for an output."""
    firsts = np.array([0, *(block.first for block in program.blocks)], dtype=np.int64)
    found: dict[int, set[int]] = {}

    def note(codes: Codes, reader: int) -> None:
        codes = codes[codes >= program.count]
        for place in np.unique(np.searchsorted(firsts, codes, side="right") - 1).tolist():
            found.setdefault(int(firsts[place]), set()).add(reader)

    for block in program.blocks:
        for access in block.operands:
            note(access.table.reshape(-1), block.first)
    note(program.outputs, -1)
    return found


def runs(blocks: Sequence[Block]) -> list[Run]:
    """Return the blocks in order, neighbours together where they can share a loop."""
    found: list[Run] = []
    for block in blocks:
        last = found[-1] if found else None
        if last is not None and last.elementwise and block.primitive.arity is not None and _joins(last, block):
            last.blocks.append(block)
        else:
            found.append(Run([block]))
    return found


def _joins(run: Run, block: Block) -> bool:
    first, stop = run.blocks[0].first, run.blocks[-1].results.stop
    if block.count != run.blocks[0].count or len(run.blocks) >= MOST:
        return False
    for access in block.operands:
        table = access.table
        inside = (table >= first) & (table < stop)
        if inside.any() and not np.array_equal(table, table[0] + np.arange(len(table))):
            return False  # other applications of the run: they may not be there yet
        if inside.any() and (int(table[0]) - first) % block.count:
            return False
    return True


class Lane:
    """One application of a run as a flat program, with truth values as numbers, 1 and 0, in its inputs and outputs."""

    def __init__(self, run: Run, program: BlockProgram, truths: Mask) -> None:
        self.tables: list[Codes] = []
        self._slots: dict[bytes, int] = {}
        self.run, self.literals, self.truths = run, program.literals, truths
        self._made: dict[int, int] = {}  # the first result of a block of the run → its variable in the lane
        self.steps: list[Instruction] = []
        self._before: list[Instruction] = []
        sides = [list(columns([x.table for x in block.operands]).T) for block in run.blocks]
        self.fresh = sum(map(len, sides))  # inputs come first: as many as there may be
        self.results = [self._variable() for _ in run.blocks]
        for block, tables, result in zip(run.blocks, sides, self.results, strict=True):
            operands = tuple(map(self._operand, tables))
            self.steps.append(Instruction(block.primitive, operands, (result,)))
            self._made[block.first] = result

    def program(self, kept: Sequence[bool]) -> Program:
        """Return the lane: from the numbers of ``tables`` to one number for each block that is kept."""
        after: list[Instruction] = []
        outputs: list[Scalar] = []
        for block, result, is_kept in zip(self.run.blocks, self.results, kept, strict=True):
            if not is_kept:
                continue
            if block.primitive.boolean:
                number = self._variable()
                after.append(Instruction(where, (result, 1.0, 0.0), (number,)))
                outputs.append(number)
            else:
                outputs.append(result)
        return Program(tuple(range(len(self.tables))), (*self._before, *self.steps, *after), tuple(outputs))

    def _variable(self) -> int:
        self.fresh += 1
        return self.fresh - 1

    def _operand(self, table: Codes) -> Scalar:
        code = int(table[0])
        if code < 0 and (table == code).all():
            return self.literals[-1 - code]
        if code in self._made:  # of its run a block reads the same application: see ``runs``
            return self._made[code]
        key = table.tobytes()
        if key not in self._slots:
            self._slots[key] = slot = len(self.tables)
            self.tables.append(table)
            if self.truths[table[table >= 0]].any():
                self._slots[key] = self._variable()
                self._before.append(Instruction(not_equal, (slot, 0.0), (self._slots[key],)))
        return self._slots[key]


def write_run(
    writer: Writer,
    memory: Memory,
    run: Run,
    program: BlockProgram,
    truths: Mask,
    name: str,
    prepared: Callable[[Program], Program],
    kept: Sequence[bool],
) -> list[Kernel]:
    """Write the loop of an elementwise run; return the kernels of its body, for all lanes and for one.

    ``truths`` says which variables are truth values; ``name`` begins the names of the kernels' functions; of the
    blocks those in ``kept`` are stored.
    """
    lane = Lane(run, program, truths)
    body_program = prepared(lane.program(kept))
    stored = [place for place, is_kept in enumerate(kept) if is_kept]
    operands = [Operand(memory, table) for table in lane.tables]
    count, first = run.blocks[0].count, run.blocks[0].first + memory.inputs
    kernels = []
    whole = count // writer.lanes * writer.lanes
    for lanes, start, stop in ((writer.lanes, 0, whole), (1, whole, count)):
        if start == stop:
            continue
        kernel = emit_kernel(body_program, lanes, name=f"{name}.{lanes}.")
        kernels.append(kernel)
        kind = writer.type(lanes)
        work = writer.let(f"alloca {kind}, i64 {max(kernel.slots, 1)}, align {8 * lanes}")

        def body(i: str, lanes: int = lanes, kind: str = kind, work: str = work, kernel: Kernel = kernel) -> None:
            for slot, operand in enumerate(operands):
                number = operand.load(writer, i, None, lanes)
                writer.do(f"store {kind} {number}, ptr {_slot(writer, work, slot, lanes)}")
            for function in kernel.blocks:
                writer.do(f"call void {function}(ptr {work}, ptr null)")
            for slot, place in enumerate(stored, start=len(operands)):
                number = writer.let(f"load {kind}, ptr {_slot(writer, work, slot, lanes)}")
                writer.store(number, "%w", writer.add(i, first + place * count), lanes)

        writer.loop(start, stop, body, lanes)
    return kernels


def _slot(writer: Writer, work: str, slot: int, lanes: int) -> str:
    return work if slot == 0 else writer.let(f"getelementptr {writer.type(lanes)}, ptr {work}, i64 {slot}")
