"""Stages: the blocks between the matrix products of a plan, as native loops over the rows of the batch.

NumPy needs a call and a pass through memory for each block. A stage is one call for all the blocks between two
products: neighbours that read each other application by application share a loop and pass numbers in registers.
Vectors are along the rows; the memory is that of the plan.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd_mini.primitives.table import add, affine, total
from autograd_mini.program.blocks.access import Access, Codes, as_codes
from autograd_mini.program.blocks.choice import choice
from autograd_mini.program.blocks.ir import Block, BlockProgram
from autograd_mini.program.loops.columns import COLUMNS, Reader, Source, write_choice, write_dots, write_reduction
from autograd_mini.program.loops.elementwise import Lane, Run
from autograd_mini.program.loops.writer import Writer
from autograd_mini.program.plans.memory import BITS, FIXED_BITS, NAMES, VARYING, WORK, Memory, Namespace
from autograd_mini.program.source import prepared
from autograd_mini.program.target import TARGETS

__all__ = ["Stages"]

MOST = 200  # blocks in one loop: a longer body compiles slowly
BASES = (*(f"%{name}" for name in NAMES), "%literals")
LITERALS = len(NAMES)  # after the homes of variables


@dataclass
class _Loop:
    """Blocks that share a loop over applications and rows; the results of those in ``kept`` are stored."""

    blocks: list[Block]
    kept: list[bool]


class Stages:
    """The stages of one plan, compiled together."""

    def __init__(self, program: BlockProgram, memory: Memory) -> None:
        from autograd_mini.program.targets.llvm.compile import Processor  # loads llvmlite

        self.program, self.memory = program, memory
        self.processor = Processor.host()
        self.writer = Writer(self.processor.lanes, "+fma" in self.processor.features.split(","))
        self.kernels: list[Any] = []
        self.tables: list[Codes] = []
        self.length = self.count = 0
        self.truths = np.isin(memory.home, (BITS, FIXED_BITS))
        self.readers = _readers(program)
        self._addresses: list[int] = []  # of the compiled stages

    # ------------------------------------------------------------ which blocks a stage can contain

    def takes(self, block: Block) -> bool:
        """Tell whether a block can be part of a stage: each operand lies in one memory, or is one number."""
        if block.primitive.arity is None and block.primitive not in (affine, total, choice, *COLUMNS):
            return False
        return all(self._source(access.table) is not None for access in block.operands)

    def bias(self, block: Block) -> Block | None:
        """Return what adds the biases of a matrix product to its results in place, if a stage can."""
        results = Access(as_codes(np.array(block.results)))
        found = Block(add, (results, block.operands[2]), block.first)
        return found if self.takes(found) else None

    def _source(self, codes: Codes) -> int | None:
        """Return the home of all the codes, ``LITERALS`` for such, None where they are of several kinds."""
        if codes.min() < 0:
            return LITERALS if codes.max() < 0 else None
        homes = self.memory.home[codes]
        first = int(homes.flat[0])
        return first if (homes == first).all() else None

    # ------------------------------------------------------------ writing

    def add(self, blocks: Sequence[Block]) -> str:
        """Write a stage of these blocks, in order; return what the plan calls, with the address of theta."""
        number, writer = self.count, self.writer
        self.count += 1
        calls = []
        for place, loop in enumerate(self._loops(blocks)):
            name = f"@stage{number}.{place}"
            writer.begin(f"void {name}(i64 %n, {', '.join(f'ptr {base}' for base in BASES)}, ptr %tables)")
            self._write(loop, f"s{number}.{place}.")
            writer.end()
            calls.append(f"  call void {name}(i64 %n, {', '.join(f'ptr {base}' for base in BASES)}, ptr %tables)")
        fields = [f"%{name}" for name in ("work", "bits", "fixed", "fixed_bits", "literals", "tables")]
        lines = [f"define void @part{number}(ptr %where, ptr %theta) #0 {{", "  %n = load i64, ptr %where"]
        for k, field in enumerate(fields, start=1):
            lines += [f"  {field}.at = getelementptr ptr, ptr %where, i64 {k}", f"  {field} = load ptr, ptr {field}.at"]
        writer.lines += [*lines, *calls, "  ret void", "}"]

        def maker(names: Namespace, rows: int) -> Callable[[int], None]:
            homes = [names[name] for name in ("work", "bits", "fixed", "fixed_bits")]
            where = np.array([rows, *(x.ctypes.data for x in homes), *self._held], dtype=np.int64)
            native = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)(self._addresses[number])
            at = where.ctypes.data
            return lambda theta, keep=where: native(at, theta)  # type: ignore[misc]

        return self.memory.make("s", maker)

    def compile(self) -> None:
        """Make the native code of every stage."""
        from autograd_mini.program.loops.columns import functions
        from autograd_mini.program.targets.llvm.compile import compile_text
        from autograd_mini.program.targets.llvm.kernel import Kernel

        if not self.count:
            return
        held = Kernel("", 1, 0, 0, 0, (), (), frozenset(), frozenset(self.writer.declared))
        text = "\n".join(self.writer.lines)
        self._code = compile_text([*self.kernels, *functions(self.writer.lanes), held], text, self.processor)
        self._addresses = [self._code.address(f"part{number}") for number in range(self.count)]
        self._table = np.concatenate([np.zeros(1, dtype=np.int64), *self.tables]).astype(np.int32)
        self._literals = np.array([0.0, *self.program.literals])[1:]
        self._held = self._literals.ctypes.data, self._table.ctypes.data

    def _loops(self, blocks: Sequence[Block]) -> list[_Loop]:
        """Return the blocks in order, neighbours together where they can share a loop."""
        found: list[list[Block]] = []
        for block in blocks:
            if found and block.primitive.arity is not None and _joins(found[-1], block):
                found[-1].append(block)
            else:
                found.append([block])
        return [_Loop(each, [self._is_read(block, each) for block in each]) for each in found]

    def _is_read(self, block: Block, among: Sequence[Block]) -> bool:
        """Tell whether anything but the blocks of its own loop reads a block's results."""
        return not self.readers.get(block.first, set()) <= {each.first for each in among}

    def _write(self, loop: _Loop, name: str) -> None:
        block = loop.blocks[0]
        tables = [access.table for access in block.operands]
        out = self._reader(as_codes(np.array(block.results).reshape(block.count, -1)))
        if block.primitive is affine:
            write_dots(self.writer, [self._reader(table) for table in tables], out)
        elif block.primitive is total:
            write_dots(self.writer, [self._reader(tables[0])], out)
        elif block.primitive is choice:
            write_choice(self.writer, self._reader(tables[0]), self._reader(tables[1]), out)
        elif block.primitive in COLUMNS:
            write_reduction(self.writer, block.primitive, self._reader(tables[0]), out)
        else:
            self._elementwise(loop, name)

    def _reader(self, codes: Codes) -> Reader:
        """Return what reads the codes, or a literal."""
        home = self._source(codes)
        assert home is not None
        if home == LITERALS and (codes == codes.flat[0]).all():
            return Reader(None, codes.shape, float(self.program.literals[-1 - int(codes.flat[0])]))
        if home == WORK:
            self.memory.load(codes.reshape(-1))
        addresses = as_codes(-1 - codes if home == LITERALS else self.memory.address[codes])
        rule = Access(addresses).strided
        table = 0
        if rule is None:
            table = self.length + 1
            self.tables.append(np.ascontiguousarray(addresses.T.reshape(-1)))
            self.length += addresses.size
        source = Source(BASES[home], home in VARYING, home in (BITS, FIXED_BITS))
        return Reader(source, codes.shape, 0.0, rule, table)

    def _elementwise(self, loop: _Loop, name: str) -> None:
        from autograd_mini.program.targets.llvm.kernel import emit_kernel

        writer = self.writer
        lane = Lane(Run(loop.blocks), self.program, self.truths)
        body = prepared(lane.program(), TARGETS["llvm"])
        readers = [self._reader(table) for table in lane.tables]
        outs = [self._reader(as_codes(np.array(block.results))) for block in loop.blocks]
        count, size = loop.blocks[0].count, "%n"
        if all(reader.is_flat for reader in (*readers, *outs)):  # one long row of numbers
            count, size = 1, str(writer.times(count, "%n"))
        works = {}
        for lanes in (writer.lanes, 1):
            kernel = emit_kernel(body, lanes, name=f"{name}{lanes}.")
            self.kernels.append(kernel)
            kind = writer.type(lanes)
            works[lanes] = kernel, writer.let(f"alloca {kind}, i64 {max(kernel.slots, 1)}, align {8 * lanes}")

        def application(i: str) -> None:
            def rows(j: str, lanes: int) -> None:
                kernel, work = works[lanes]
                kind = writer.type(lanes)
                slots = [writer.let(f"getelementptr {kind}, ptr {work}, i64 {k}") for k in range(kernel.slots)]
                for slot, reader in zip(slots, readers, strict=False):
                    writer.do(f"store {kind} {reader.load(writer, i, None, j, lanes)}, ptr {slot}")
                for function in kernel.blocks:
                    writer.do(f"call void {function}(ptr {work}, ptr null)")
                for slot, out, kept in zip(slots[len(readers) :], outs, loop.kept, strict=False):
                    if kept:
                        out.store(writer, i, None, j, lanes, writer.let(f"load {kind}, ptr {slot}"))

            writer.rows(size, rows)

        writer.loop(0, count, application)


def _joins(blocks: Sequence[Block], block: Block) -> bool:
    """Tell whether a block can share the loop of others: it reads theirs only application by application."""
    count = blocks[0].count
    if block.count != count or len(blocks) >= MOST or blocks[0].primitive.arity is None:
        return False
    for access in block.operands:
        table = access.table
        low, high = int(table.min()), int(table.max())
        for each in blocks:
            first, stop = each.first, each.first + count
            if low < stop and high >= first:
                in_step = low == first and high == stop - 1 and np.array_equal(table, np.arange(first, stop))
                if not in_step and ((table >= first) & (table < stop)).any():
                    return False
    return True


def _readers(program: BlockProgram) -> dict[int, set[int]]:
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
