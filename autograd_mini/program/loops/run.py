"""Running loops: compiled once, with memory of its own for each call in progress."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from autograd_mini.primitives.row import Primitive
from autograd_mini.program.blocks.ir import BlockProgram
from autograd_mini.program.blocks.lower import lower_blocks
from autograd_mini.program.chunks import over_rows
from autograd_mini.program.ir import Program
from autograd_mini.program.loops.program import NARY, write_loops
from autograd_mini.program.source import prepared
from autograd_mini.program.target import TARGETS, Floats
from autograd_mini.program.targets.llvm.call import rows_call

__all__ = ["Loops"]

WORK = 2**20  # applications in a chunk of rows, about a millisecond: enough for a thread


class _Frame:
    """The arrays of a call with single numbers: what it takes, as one row and the captured numbers, and gives."""

    def __init__(self, columns: int, held: int, outputs: int, work: Floats) -> None:
        self.given: Floats = np.empty(columns + held)
        self.row, self.theta = self.given[:columns].reshape(1, -1), self.given[columns:]
        self.result: Floats = np.empty(outputs)
        self.work = work


class Loops:
    """``loops(rows, theta)``: the outputs of a block program over rows (N, arguments), for captured numbers ``theta``.

    With ``summed`` each output is summed over the rows: shape (outputs,); else (outputs, N).
    """

    def __init__(self, program: BlockProgram, *, summed: bool) -> None:
        from autograd_mini.program.targets.llvm.builtin import as_function  # loads llvmlite
        from autograd_mini.program.targets.llvm.compile import Processor, compile_text

        target = TARGETS["llvm"]

        def words(one: Program) -> Program:
            return prepared(one, target)

        def supports(row: Primitive) -> bool:
            return row in NARY or row.arity is not None  # what is elementwise is expanded in its lane

        program = lower_blocks(replace(program, guards=()), supports, words)
        processor = Processor.host()
        written = write_loops(program, processor.lanes, "+fma" in processor.features.split(","), words, summed)
        self.outputs, self.summed = len(program.outputs), summed
        self.columns, self.held = len(program.arguments), len(program.captured)
        self.text = written.text
        code = compile_text(written.kernels, written.text + rows_call(), processor)
        self._native = as_function(code, b"A block program over rows.")
        self._tables, self._memory = written.tables, written.memory
        self._free: list[Floats] = []  # work memory; each call in progress has its own
        self._frames: list[_Frame] = []  # likewise
        self.chunk = max(1, WORK // (program.applications + 1))

    def __call__(self, rows: Floats, theta: Floats, scale: float = 1.0) -> Floats:
        """Return the outputs: summed over the rows and multiplied by ``scale``, or one column each."""
        return over_rows(self._part, rows, theta, scale, self.chunk, self.summed)

    def _part(self, rows: Floats, theta: Floats, scale: float) -> Floats:
        if not rows.flags.c_contiguous:
            rows = np.ascontiguousarray(rows)
        try:
            work = self._free.pop()
        except IndexError:
            work = self._memory.work()
        result: Floats = np.empty(self.outputs if self.summed else (self.outputs, len(rows)))
        self._native(rows, theta, work, self._tables, result)
        self._free.append(work)
        if scale != 1.0:
            result *= scale
        return result

    def numbers(self, inputs: Sequence[float]) -> list[float]:
        """Return the outputs of one row, for its numbers and then the captured ones."""
        try:
            frame = self._frames.pop()
        except IndexError:
            frame = _Frame(self.columns, self.held, self.outputs, self._memory.work())
        frame.given[:] = inputs
        self._native(frame.row, frame.theta, frame.work, self._tables, frame.result)
        found: list[float] = frame.result.tolist()
        self._frames.append(frame)
        return found
