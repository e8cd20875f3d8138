"""Running loops: compiled once, with memory of its own for each call in progress."""

from __future__ import annotations

import ctypes
from dataclasses import replace

import numpy as np

from autograd_mini.primitives.row import Primitive
from autograd_mini.program.blocks.ir import BlockProgram
from autograd_mini.program.blocks.lower import lower_blocks
from autograd_mini.program.ir import Program
from autograd_mini.program.loops.program import NARY, write_loops
from autograd_mini.program.source import prepared
from autograd_mini.program.target import TARGETS, Floats

__all__ = ["Loops"]


class Loops:
    """``loops(rows, theta)``: the outputs of a block program over rows (N, arguments), for captured numbers ``theta``.

    With ``summed`` each output is summed over the rows: shape (outputs,); else (outputs, N).
    """

    def __init__(self, program: BlockProgram, *, summed: bool) -> None:
        from autograd_mini.program.targets.llvm.compile import Processor, compile_text  # loads llvmlite

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
        self._code = compile_text(written.kernels, written.text, processor)
        self._tables, self._memory = written.tables, written.memory
        self._tables_at = int(self._tables.ctypes.data)
        kinds = [ctypes.c_int64, *[ctypes.c_void_p] * 5]
        self._native = ctypes.CFUNCTYPE(None, *kinds)(self._code.address("rows"))
        self._free: list[tuple[Floats, int]] = []  # work memory and where it lies; each call in progress has its own

    def __call__(self, rows: Floats, theta: Floats, scale: float = 1.0) -> Floats:
        """Return the outputs: summed over the rows and multiplied by ``scale``, or one column each."""
        if not rows.flags.c_contiguous:
            rows = np.ascontiguousarray(rows)
        try:
            mine = self._free.pop()
        except IndexError:
            work = self._memory.work()
            mine = work, work.ctypes.data
        result = np.empty(self.outputs if self.summed else (self.outputs, len(rows)))
        self._native(len(rows), rows.ctypes.data, theta.ctypes.data, mine[1], self._tables_at, result.ctypes.data)
        self._free.append(mine)
        if scale != 1.0:
            result *= scale
        return result
