"""Programs over many rows, given as columns or as a table whose sums are wanted."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from autograd_mini.program.ir import Program
from autograd_mini.program.targets.llvm.builtin import as_function
from autograd_mini.program.targets.llvm.call import sums_call
from autograd_mini.program.targets.llvm.compile import Processor, checked, compile_text
from autograd_mini.program.targets.llvm.driver import columns_driver, group_size, sums_driver
from autograd_mini.program.targets.llvm.kernel import emit_kernel

__all__ = ["Columns", "Sums", "compile_columns", "compile_sums"]

Floats: TypeAlias = "np.ndarray[tuple[int, ...], np.dtype[np.float64]]"


class _Scratch:
    """Work memory, aligned for vectors; each running call has its own."""

    def __init__(self, doubles: int) -> None:
        self.doubles, self.free = doubles, list[Floats]()

    def take(self) -> Floats:
        try:
            return self.free.pop()
        except IndexError:
            memory = np.empty(self.doubles + 8)
            start = -memory.ctypes.data % 64 // 8
            return memory[start : start + self.doubles]

    def give(self, memory: Floats) -> None:
        self.free.append(memory)


class Columns:
    """A program over rows given as columns: ``columns([x, y, 3.0])`` → one array per output.

    An input is a number, the same for each row, or a float64 array of one dimension. Captured
    inputs are numbers. ``rows`` is the number of rows where no input is an array.
    """

    def __init__(self, program: Program, processor: Processor) -> None:
        self.columns, self.outputs = len(program.arguments), len(program.outputs)
        self.uniform = len(program.captured)
        kernel = emit_kernel(program, processor.lanes, uniform=self.uniform)
        driver = columns_driver(kernel, processor.lanes)
        self._code = compile_text([kernel], driver, processor)
        self._native = ctypes.CFUNCTYPE(None, ctypes.c_int64, *[ctypes.c_void_p] * 5)(self._code.address("columns"))
        self._scratch = _Scratch(kernel.slots * group_size(kernel, processor.lanes) * processor.lanes)

    def __call__(self, inputs: Sequence[float | Floats], rows: int | None = None) -> list[Floats]:
        """Return the outputs, one array each."""
        if rows is None:
            rows = next((len(x) for x in inputs if isinstance(x, np.ndarray) and x.ndim), 1)
        out = np.empty((self.outputs, rows))
        self.into(inputs, out)
        return list(out)

    def into(self, inputs: Sequence[float | Floats], out: Floats) -> None:
        """Write the outputs to the rows of ``out``, shape (outputs, rows), contiguous along the last axis."""
        if len(inputs) != self.columns + self.uniform:
            raise TypeError(f"expected {self.columns + self.uniform} inputs, got {len(inputs)}")
        numbers = np.zeros(len(inputs))
        size, count = numbers.itemsize, len(inputs)
        addresses = [numbers.ctypes.data + size * i for i in range(count)]
        strides = [0] * count
        for i, x in enumerate(inputs):
            if not isinstance(x, np.ndarray) or not x.ndim:
                numbers[i] = x
            elif x.dtype != np.float64 or x.shape != out.shape[1:] or i >= self.columns:
                raise TypeError(
                    f"input {i} is an array of {x.dtype} of shape {x.shape}; arguments are numbers or float64 arrays "
                    f"of one length, here {out.shape[1]}, and captured inputs are numbers"
                )
            else:
                addresses[i], strides[i] = x.ctypes.data, x.strides[0]
        first, row = out.ctypes.data, out.strides[0]
        table = np.array([*addresses, *strides, *(first + k * row for k in range(self.outputs))], dtype=np.int64)
        at, theta = table.ctypes.data, numbers.ctypes.data + size * self.columns
        work = self._scratch.take()
        self._native(out.shape[1], at, at + 8 * count, at + 16 * count, theta, work.ctypes.data)
        self._scratch.give(work)


class Sums:
    """A program summed over the rows of a table, in one native call.

    ``sums(rows, theta, divisor)``: ``rows`` of shape (n, arguments), any strides; ``theta`` the
    captured numbers; returns each output summed over the rows, divided by ``divisor``, plus that
    output of ``once``, a program of the same captured inputs and no arguments.
    """

    def __init__(self, program: Program, processor: Processor, once: Program | None = None) -> None:
        self.columns, self.outputs = len(program.arguments), len(program.outputs)
        self.uniform = len(program.captured)
        kernel = emit_kernel(
            program, processor.lanes, uniform=self.uniform, summed=True, fma="+fma" in processor.features.split(",")
        )
        extra = None if once is None else emit_kernel(once, 1, uniform=self.uniform, name="once")
        slots = kernel.slots * group_size(kernel, processor.lanes)
        sums_at = slots * processor.lanes
        once_at = sums_at + -(-self.outputs // processor.lanes) * processor.lanes**2
        driver = sums_driver(kernel, processor.lanes, extra) + sums_call(8 * sums_at, 8 * once_at)
        kernels = [kernel] if extra is None else [kernel, extra]
        code = compile_text(kernels, driver, processor)
        self._native = as_function(code, b"The sum of a compiled program over rows.")
        self._scratch = _Scratch(once_at + (extra.slots if extra is not None else 0))

    def __call__(self, rows: Floats, theta: Floats, divisor: float = 1.0) -> Floats:
        """Return the sums over the rows, each divided by ``divisor``."""
        if rows.ndim != 2 or rows.shape[1] != self.columns or rows.dtype != np.float64:
            raise TypeError(
                f"rows are an array of {rows.dtype} of shape {rows.shape}; a float64 array of shape "
                f"(n, {self.columns}) is needed"
            )
        if theta.shape != (self.uniform,) or theta.dtype != np.float64 or not theta.flags.c_contiguous:
            raise TypeError(
                f"theta is an array of {theta.dtype} of shape {theta.shape}; a contiguous float64 array of shape "
                f"({self.uniform},) is needed"
            )
        return self.run(rows, theta, divisor)

    def run(self, rows: Floats, theta: Floats, divisor: float) -> Floats:
        """Return the sums, without checking the arrays."""
        results = np.empty(self.outputs)
        work = self._scratch.take()
        self._native(rows, theta, work, results, divisor)
        self._scratch.give(work)
        return results

    def finite(self, rows: Floats, theta: Floats, divisor: float) -> Floats | None:
        """Return the sums like ``run``, None where one of them is not finite."""
        try:
            work = self._scratch.free.pop()
        except IndexError:
            work = self._scratch.take()
        results: Floats | None = self._native(rows, theta, work, np.empty(self.outputs), divisor)
        self._scratch.free.append(work)
        return results


def compile_columns(program: Program, processor: Processor | None = None) -> Columns:
    """Return ``program`` as a native function of columns; see ``Columns``."""
    return Columns(checked(program), processor or Processor.host())


def compile_sums(program: Program, processor: Processor | None = None, once: Program | None = None) -> Sums:
    """Return the sum of each output of ``program`` over rows, as one native call; see ``Sums``."""
    return Sums(checked(program), processor or Processor.host(), None if once is None else checked(once))
