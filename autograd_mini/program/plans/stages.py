"""Stages: the blocks between the matrix products of a plan, as native loops over the rows of the batch.

NumPy needs a call and a pass through memory for each block. A stage is one call for all the blocks between two
products: neighbours that read each other application by application share a loop and pass numbers in registers.
Small products are part of a stage themselves. Vectors are along the rows; the memory is that of the plan. The last
stage writes the sums over the rows to the plan's result.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from autograd_mini.primitives.table import add, affine, total
from autograd_mini.program.blocks.access import Access, Codes, as_codes
from autograd_mini.program.blocks.choice import choice
from autograd_mini.program.blocks.grid import Grid, grid_of
from autograd_mini.program.blocks.ir import Block, BlockProgram
from autograd_mini.program.loops.columns import COLUMNS, Reader, Source, write_choice, write_dots, write_reduction
from autograd_mini.program.loops.elementwise import Lane, Run, readers_of
from autograd_mini.program.loops.tiles import write_product, write_repeated, write_summed_product, write_sums
from autograd_mini.program.loops.writer import Writer
from autograd_mini.program.plans.memory import BITS, FIXED_BITS, NAMES, VARYING, WORK, Memory, Namespace
from autograd_mini.program.plans.neighbours import Loop, loops_of
from autograd_mini.program.plans.products import SHARED
from autograd_mini.program.source import prepared
from autograd_mini.program.target import TARGETS

__all__ = ["Stages"]

# Measured on one core: BLAS is up to twice as fast as tiles in registers, but for several columns, or sums over a
# sequence, what varies must be copied first, and a call with its copies takes 5 to 10 µs.
SMALL = 2_000  # numbers of such a product's fixed side, or of its sum, up to which it is part of a stage
SHORT = 256  # the same for one column, and for a fixed side of fewer rows than NARROW, which keeps few sums in flight
NARROW = 4
BASES = (*(f"%{name}" for name in NAMES), "%literals")
LITERALS = len(NAMES)  # after the homes of variables


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
        self.readers = readers_of(program)
        self._addresses: list[int] = []  # of the compiled stages
        self._at_theta = memory.bind("theta.ctypes.data")
        self._last: list[Callable[[], None]] = []  # what the last stage does

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

    def multiplies(self, block: Block) -> bool:
        """Tell whether a block of dots is a matrix product that is part of a stage: a small one."""
        return self._product(block) is not None

    def _product(self, block: Block) -> tuple[Codes, Codes, bool] | None:
        """Return the fixed side and the varying one of a small product, and whether the fixed one comes first."""
        a, b = (x.table for x in block.operands[:2])
        if self.memory.varies(a) == self.memory.varies(b) or not self.takes(block):
            return None
        grid = grid_of(a, b) if len(a) > 1 else Grid(a, b, True)
        if grid is None:
            return None
        is_first = self.memory.varies(b)
        fixed, varying = (grid.a, grid.b) if is_first else (grid.b, grid.a)
        most = SMALL if len(varying) > 1 and len(fixed) >= NARROW else SHORT
        if fixed.size > most or fixed.min() < 0:
            return None
        if Access(as_codes(self.memory.address[fixed])).strided is None:
            return None
        return fixed, varying, grid.across == is_first

    # ------------------------------------------------------------ sums over the rows

    def sums_product(self, a: Codes, b: Codes, places: Codes) -> bool:
        """Let the last stage write Σ a·b over axis 1 and the rows to ``result[places]``, if it is a small product."""
        grid = grid_of(a, b) if len(a) > 1 else Grid(a, b, True)
        if grid is None or not all(self._source(x) == WORK for x in (a, b)):
            return False
        left, right = (grid.a, grid.b) if grid.across else (grid.b, grid.a)
        rule = Access(as_codes(places.reshape(len(left), len(right)))).strided
        if rule is None or places.size > SMALL or (left.shape[1] == 1 and places.size >= SHARED):
            return False
        self._last.append(lambda: write_summed_product(self.writer, self._reader(left), self._reader(right), rule))
        return True

    def sums(self, codes: Codes, places: Codes) -> bool:
        """Let the last stage write Σ codes over the rows to ``result[places]``, if it can."""
        rule, home = Access(as_codes(places)).strided, self._source(codes)
        if rule is None or home is None or home in (BITS, FIXED_BITS):
            return False
        write = write_sums if home == WORK else write_repeated
        reader = self._reader(codes)
        self._last.append(lambda: write(self.writer, reader, rule))
        return True

    def last(self) -> Iterator[str]:
        """Yield the line of the plan that calls the last stage, which writes the sums."""
        if self._last:
            writer, parameters = self.writer, ", ".join(f"ptr {base}" for base in BASES)
            name, more = f"@last{self.count}", "ptr %result, double %scale"
            writer.begin(f"void {name}(i64 %n, {parameters}, ptr %tables, {more})")
            for write in self._last:
                write()
            writer.end()
            stage = self._stage([f"  call void {name}(i64 %n, {parameters}, ptr %tables, {more})"], more)
            yield f"{stage}({self._at_theta}, result.ctypes.data, scale)"

    # ------------------------------------------------------------ writing

    def add(self, blocks: Sequence[Block]) -> str:
        """Write a stage of these blocks, in order; return the line of the plan that calls it."""
        number, writer = self.count, self.writer
        calls = []
        for place, loop in enumerate(loops_of(blocks, self.readers)):
            name = f"@stage{number}.{place}"
            writer.begin(f"void {name}(i64 %n, {', '.join(f'ptr {base}' for base in BASES)}, ptr %tables)")
            self._write(loop, f"s{number}.{place}.")
            writer.end()
            calls.append(f"  call void {name}(i64 %n, {', '.join(f'ptr {base}' for base in BASES)}, ptr %tables)")
        return f"{self._stage(calls)}({self._at_theta})"

    def _stage(self, calls: Sequence[str], more: str = "") -> str:
        """Write the function that makes the calls; return its name in the plan. ``more`` are further parameters."""
        number, writer = self.count, self.writer
        self.count += 1
        fields = [f"%{name}" for name in ("work", "bits", "fixed", "fixed_bits", "literals", "tables")]
        given = "ptr %where, ptr %theta" + (f", {more}" if more else "")
        lines = [f"define void @part{number}({given}) #0 {{", "  %n = load i64, ptr %where"]
        for k, field in enumerate(fields, start=1):
            lines += [f"  {field}.at = getelementptr ptr, ptr %where, i64 {k}", f"  {field} = load ptr, ptr {field}.at"]
        writer.lines += [*lines, *calls, "  ret void", "}"]

        def maker(names: Namespace, rows: int) -> Callable[..., None]:
            homes = [names[name] for name in ("work", "bits", "fixed", "fixed_bits")]
            where = np.array([rows, *(x.ctypes.data for x in homes), *self._held], dtype=np.int64)
            types = [ctypes.c_void_p] * 2 + [ctypes.c_void_p, ctypes.c_double] * bool(more)
            native = ctypes.CFUNCTYPE(None, *types)(self._addresses[number])
            at = where.ctypes.data
            return lambda *given, keep=where: native(at, *given)

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

    def _write(self, loop: Loop, name: str) -> None:
        block = loop.blocks[0]
        tables = [access.table for access in block.operands]
        out = self._reader(as_codes(np.array(block.results).reshape(block.count, -1)))
        product = self._product(block) if block.primitive is affine else None
        if product is not None:
            fixed, varying, fixed_first = product
            bias = None if self.program.is_nothing(tables[2]) else self._reader(tables[2])
            write_product(self.writer, self._reader(fixed), self._reader(varying), bias, out, fixed_first)
        elif block.primitive is affine:
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

    def _elementwise(self, loop: Loop, name: str) -> None:
        from autograd_mini.program.targets.llvm.kernel import emit_kernel

        writer = self.writer
        lane = Lane(Run(loop.blocks), self.program, self.truths)
        body = prepared(lane.program(loop.kept), TARGETS["llvm"])
        readers = [self._reader(table) for table in lane.tables]
        kept = [block for block, is_kept in zip(loop.blocks, loop.kept, strict=True) if is_kept]
        outs = [self._reader(as_codes(np.array(block.results))) for block in kept]
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
                for slot, out in zip(slots[len(readers) :], outs, strict=False):
                    out.store(writer, i, None, j, lanes, writer.let(f"load {kind}, ptr {slot}"))

            writer.rows(size, rows)

        writer.loop(0, count, application)
