"""Plan: a block program as a list of NumPy calls into memory that is there already.

The text of a plan is one Python function of (rows, theta, scale, result); what it names is made once for each
number of rows, and nothing is allocated while it runs, but for a few rows without a universal function.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np

from autograd_mini.primitives.row import Primitive
from autograd_mini.primitives.table import affine, mul
from autograd_mini.program.blocks.access import Codes
from autograd_mini.program.blocks.choice import choice
from autograd_mini.program.blocks.ir import Block, BlockProgram
from autograd_mini.program.chunks import over_rows
from autograd_mini.program.plans.choices import choose
from autograd_mini.program.plans.memory import VARYING, Memory
from autograd_mini.program.plans.products import dots, is_product, summed_dots
from autograd_mini.program.plans.stages import Stages
from autograd_mini.program.plans.words import NARY, elementwise, reduction

__all__ = ["Plan"]

Floats: TypeAlias = "np.ndarray[Any, np.dtype[np.float64]]"
Run: TypeAlias = Callable[[Floats, Floats, float, Floats], None]
CACHED = 2**19  # numbers that stay in a cache: rows are taken in chunks that need no more
WORK = 21_000_000  # applications in a chunk, about a millisecond: enough for a thread, and few enough for several
LEAST, MOST = 64, 4096  # rows in a chunk


class Plan:
    """``plan(rows, theta)``: the outputs of a block program over rows (N, arguments), for captured numbers ``theta``.

    With ``summed`` each output is summed over the rows: shape (outputs,); else (outputs, N).
    ``word`` says a row as the numpy target does; the rows of the program must have one, but for n-ary ones.
    ``native``: what lies between matrix products is native code (see ``stages``); it needs llvmlite.
    """

    def __init__(
        self,
        program: BlockProgram,
        word: Callable[[Primitive], str],
        literal: Callable[[float], str],
        *,
        summed: bool,
        native: bool = False,
    ) -> None:
        self.outputs, self.summed = len(program.outputs), summed
        self.memory = Memory(program, literal, _unread_products(program) if summed else (), native)
        stages = Stages(program, self.memory) if native else None
        self.source = _Writer(program, self.memory, word, summed, stages).text()
        if stages is not None:
            stages.compile()
        fitting = min(CACHED // (self.memory.sizes[0] + 1), WORK // (program.applications + 1))
        self.chunk = max(LEAST, min(MOST, fitting))
        self._code = compile(self.source, "<autograd_mini plan>", "exec")
        self._free: dict[int, list[Run]] = {}
        self._lock = threading.Lock()

    def __call__(self, rows: Floats, theta: Floats, scale: float = 1.0) -> Floats:
        """Return the outputs: summed over the rows and multiplied by ``scale``, or one column each."""
        return over_rows(self._part, rows, theta, scale, self.chunk, self.summed)

    def _part(self, rows: Floats, theta: Floats, scale: float) -> Floats:
        count = len(rows)
        with self._lock:  # each call in progress has memory of its own
            free = self._free.setdefault(count, [])
            run = free.pop() if free else None
            if run is None and len(self._free) > 2:  # a batch, its last chunk, and one more
                self._free.pop(next(iter(self._free)))
        if run is None:
            names = self.memory.namespace(count)
            exec(self._code, names)
            run = names["run"]
        result = np.empty(self.outputs if self.summed else (self.outputs, count))
        with np.errstate(all="ignore"):
            run(rows, theta, scale, result)
        self._free.setdefault(count, free).append(run)
        return result


class _Writer:
    """Writes the text of a plan."""

    def __init__(
        self,
        program: BlockProgram,
        memory: Memory,
        word: Callable[[Primitive], str],
        summed: bool,
        stages: Stages | None,
    ) -> None:
        self.program, self.memory, self.word, self.summed, self.stages = program, memory, word, summed, stages

    def text(self) -> str:
        """Return the function that runs the blocks in order and writes the outputs to ``result``."""
        memory = self.memory
        blocks = [block for block in self.program.blocks if block.first not in memory.skipped]
        varying = [block for block in blocks if memory.home[block.first] in VARYING]
        for block in blocks:
            if memory.home[block.first] not in VARYING:  # no row has a say in these, so they may come first
                self._block(block)
        if self.stages is None:
            for block in varying:
                self._block(block)
        else:
            self._staged(varying, self.stages)
        self._sums() if self.summed else self._rows()
        lines = [*memory.loading(), *memory.before, *memory.lines]
        names = ", ".join(["bound_to", *(line.partition(" = ")[0] for line in memory.bound)])
        bind = [f"global {names}", "bound_to = theta", *memory.bound]
        run = ["if theta is not bound_to:", "    bind(theta)", *lines]
        parts = [("bind(theta)", bind), ("run(rows, theta, scale, result)", run)]
        texts = ["\n    ".join([f"def {signature}:", *body]) for signature, body in parts]
        return "\n".join(["bound_to = None", *texts, ""])

    def _staged(self, blocks: Sequence[Block], stages: Stages) -> None:
        """Write products one by one, and what lies between them as stages."""
        memory = self.memory
        waiting: list[Block] = []

        def flush() -> None:
            if waiting:
                memory.lines.append(stages.add(waiting))
                waiting.clear()

        for block in blocks:
            product = block.primitive is affine and is_product(memory, block) and not stages.multiplies(block)
            if not product and stages.takes(block):
                waiting.append(block)
                continue
            flush()
            bias = stages.bias(block) if product and not self.program.is_nothing(block.operands[2].table) else None
            self._block(block, with_bias=bias is None)
            if bias is not None:
                waiting.append(bias)
        flush()

    def _add(self, lines: Iterator[str]) -> None:
        """Append lines; what they read is written before them."""
        for line in lines:
            self.memory.lines.append(line)

    def _block(self, block: Block, with_bias: bool = True) -> None:
        row, memory = block.primitive, self.memory
        varying = memory.varies(np.array([block.first]))
        tables = [x.table for x in block.operands]
        if row is affine:
            out = memory.result(block, (block.count,))
            self._add(dots(memory, tables[0], tables[1], out, varying))
            if with_bias and not self.program.is_nothing(tables[2]):
                memory.lines.append(f"np.add({out}, {memory.read(tables[2], varying)}, {out})")
        elif row is choice:
            self._add(choose(memory, tables[0], tables[1], memory.result(block, (block.count,)), varying))
        elif row in NARY:
            out = memory.result(block, (block.count, block.width) if row.outputs else (block.count,))
            x = memory.read(tables[0], varying, whole=True)

            def buffer(dtype: str, reduced: bool) -> str:
                return memory.buffer((block.count, 1 if reduced else block.width), varying, dtype)

            self._add(reduction(row, x, out, buffer))
        else:
            out = memory.result(block, (block.count,))
            operands = []
            for position, table in enumerate(tables):
                operands.append(memory.read(table, varying, truth=memory.takes_truth(row, position)))
            self._add(elementwise(row, self.word(row), operands, out))

    # ------------------------------------------------------------ outputs

    def _rows(self) -> None:
        """Write each output row by row."""
        if len(self.program.outputs):
            self.memory.lines.append(f"np.copyto(result, {self.memory.read(self.program.outputs, True)})")

    def _sums(self) -> None:
        """Write each output summed over the rows, those of one block at once."""
        outputs, memory = self.program.outputs, self.memory
        firsts = np.array([0, *(block.first for block in self.program.blocks)], dtype=np.int64)
        source = np.where(outputs >= 0, np.searchsorted(firsts, outputs, side="right") - 1, -1)
        source[(outputs >= 0) & (outputs < self.program.count)] = 0
        for each in np.unique(source).tolist():
            places = np.flatnonzero(source == each)
            codes = outputs[places]
            block = self.program.blocks[each - 1] if each > 0 else None
            if block is not None and block.first in memory.skipped:
                self._summed_product(block, codes - block.first, places)
            elif memory.varies(codes):
                varied = memory.fits(codes)
                self._reduce(codes[varied], places[varied])
                self._repeat(codes[~varied], places[~varied])
            else:
                self._repeat(codes, places)
        if self.stages is not None:
            self._add(self.stages.last())

    def _reduce(self, codes: Codes, places: Codes) -> None:
        if self.stages is not None and self.stages.sums(codes, places):
            return
        x = self.memory.read(codes, True)
        self._add(self.memory.written(places, lambda out: f"np.add.reduce({x}, 1, None, {out})"))

    def _repeat(self, codes: Codes, places: Codes) -> None:
        """What is the same for each row counts as often as there are rows."""
        if len(codes) and not (self.stages is not None and self.stages.sums(codes, places)):
            x = self.memory.read(codes, False)
            self._add(self.memory.written(places, lambda out: f"np.multiply({x}, float(len(rows)), {out})"))

    def _summed_product(self, block: Block, chosen: Codes, places: Codes) -> None:
        a, b, *bias = (x.table[chosen] for x in block.operands)
        a, b = a.reshape(len(a), -1), b.reshape(len(b), -1)
        nothing = not bias or self.program.is_nothing(bias[0])
        if self.stages is not None and nothing and self.stages.sums_product(a, b, places):
            return
        self._add(summed_dots(self.memory, a, b, places))
        if not nothing:
            memory = self.memory
            added = memory.buffer((len(places),), False)
            if memory.varies(bias[0]):
                memory.lines.append(f"np.add.reduce({memory.read(bias[0], True)}, 1, None, {added})")
            else:
                memory.lines.append(f"np.multiply({memory.read(bias[0], False)}, float(len(rows)), {added})")
            memory.lines.append(f"result[{memory.table(places)}] += scale * {added}")


def _unread_products(program: BlockProgram) -> set[int]:
    """Return the first results of the products that nothing reads but the outputs."""
    read = np.zeros(program.next_variable + 1, dtype=bool)  # the last stands for literals
    for block in program.blocks:
        for operand in block.operands:
            read[np.maximum(operand.table.ravel(), -1)] = True
    return {
        block.first
        for block in program.blocks
        if block.primitive in (mul, affine) and not read[block.first : block.first + block.size].any()
    }
