"""Programs as native code through LLVM: the only file that uses llvmlite.

A program becomes a kernel (``kernel``: a chunk of rows, each scalar a vector) inside a driver
(``driver``: the loop over the rows; ``call``: the call from Python). The text goes directly to LLVM's
code generator, without its optimising passes: a program is already folded, without common
subexpressions, and straight-line.
"""

from __future__ import annotations

import ctypes
import functools
import itertools
import sys
import threading
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from autograd_mini.program.ir import Program
from autograd_mini.program.targets.llvm.call import scalar_call, sums_call
from autograd_mini.program.targets.llvm.driver import columns_driver, group_size, lane_by_lane, sums_driver, try_driver
from autograd_mini.program.targets.llvm.kernel import Kernel, emit_kernel
from autograd_mini.program.targets.llvm.vector_math import POINTS, agrees, scalar_address, vector_address

try:
    import llvmlite.binding as llvm
except ImportError as error:
    raise ImportError("the llvm engine needs llvmlite; install it with: pip install autograd_mini[jit]") from error
if sys.maxsize < 2**32:
    raise ImportError("the llvm engine needs a 64-bit Python; choose engine='numpy' or 'python'")

__all__ = ["Columns", "Sums", "Processor", "compile_columns", "compile_scalar", "compile_sums", "emit_llvm"]

Floats: TypeAlias = "np.ndarray[tuple[int, ...], np.dtype[np.float64]]"
LIMIT = 500_000  # instructions; with more, compiling takes minutes and gigabytes
RELEASE = 1000  # with so many instructions the scalar function releases the GIL

llvm.initialize_native_target()
llvm.initialize_native_asmprinter()
_lock = threading.Lock()  # LLVM's global context can be used by one thread at a time


@dataclass(frozen=True)
class Processor:
    """A processor: its name and features in LLVM's form, and the number of lanes of its vectors."""

    cpu: str
    features: str
    lanes: int

    @staticmethod
    @functools.cache
    def host() -> Processor:
        """The processor this runs on."""
        features = llvm.get_host_cpu_features()
        lanes = 8 if features.get("avx512f") else 4 if features.get("avx2") else 2
        return Processor(llvm.get_host_cpu_name(), features.flatten(), lanes)


class _Code:
    """Machine code, which is freed with this object."""

    def __init__(self, text: str, processor: Processor) -> None:
        with _lock:
            machine = llvm.Target.from_default_triple().create_target_machine(
                cpu=processor.cpu, features=processor.features, opt=2
            )
            module = llvm.parse_assembly(text)
            module.triple = machine.triple
            self.engine = llvm.create_mcjit_compiler(module, machine)
            self.engine.finalize_object()

    def address(self, name: str) -> int:
        return int(self.engine.get_function_address(name))


_cache: weakref.WeakValueDictionary[tuple[Processor, str], _Code] = weakref.WeakValueDictionary()
"""Text → code, shared by equal programs. An entry is added after compiling, so that an interrupted
compilation leaves no entry."""


def _compile(text: str, processor: Processor) -> _Code:
    code = _cache.get((processor, text))
    if code is None:
        code = _cache[processor, text] = _Code(text, processor)
    return code


def _module(kernels: Sequence[Kernel], driver: str, processor: Processor) -> str:
    """Return the whole text: declarations, library functions, kernels, driver."""
    declarations: set[str] = set()
    definitions: dict[str, None] = {}  # each once, in order
    for kernel in kernels:
        declarations |= kernel.intrinsics
        for name, arity in sorted(kernel.functions):
            trusted = kernel.lanes > 1 and _trusted(name, arity, processor)
            if not trusted:
                llvm.add_symbol(name, scalar_address(name))
                declarations.add(f"declare double @{name}({', '.join(['double'] * arity)})")
                if kernel.lanes > 1:
                    definitions[lane_by_lane(name, arity, kernel.lanes)] = None
            else:
                vector = f"<{kernel.lanes} x double>"
                declarations.add(f"declare {vector} @{name}.{kernel.lanes}({', '.join([vector] * arity)})")
    bodies = [kernel.text for kernel in kernels]
    return "\n".join([*sorted(declarations), *definitions, *bodies, driver, _attributes(processor)])


def compile_text(kernels: Sequence[Kernel], driver: str, processor: Processor) -> _Code:
    """Return the code of a module: the kernels, and the driver text that calls them."""
    return _compile(_module(kernels, driver, processor), processor)


def _attributes(processor: Processor) -> str:
    width = 64 * processor.lanes
    return f'attributes #0 = {{ nounwind "prefer-vector-width"="{width}" "min-legal-vector-width"="{width}" }}\n'


def _checked(program: Program) -> Program:
    if len(program) > LIMIT:
        raise ValueError(
            f"a program of {len(program):,} instructions is too long for the llvm engine, which takes up to {LIMIT:,}; "
            "choose engine='numpy' or 'python', or compile parts of it"
        )
    return program


@functools.cache
def _trusted(name: str, arity: int, processor: Processor) -> bool:
    """True where the system has a vector function that agrees with the scalar function at all special points."""
    address = vector_address(name, arity, processor.lanes)
    if address is None:
        return False
    symbol = f"{name}.{processor.lanes}"
    llvm.add_symbol(symbol, address)
    code = _Code(try_driver(symbol, arity, processor.lanes) + _attributes(processor), processor)
    pointer = ctypes.POINTER(ctypes.c_double)
    native = ctypes.CFUNCTYPE(None, ctypes.c_int64, *[pointer] * (arity + 1))(code.address("attempt"))
    scalar = ctypes.CFUNCTYPE(ctypes.c_double, *[ctypes.c_double] * arity)(scalar_address(name))
    points = [*itertools.product(POINTS, repeat=arity)]
    points += points[: -len(points) % processor.lanes]
    columns = [np.array(column) for column in zip(*points, strict=True)]
    out = np.empty(len(points))
    native(len(points), *(array.ctypes.data_as(pointer) for array in (*columns, out)))
    return all(agrees(found, scalar(*point)) for found, point in zip(out.tolist(), points, strict=True))


def emit_llvm(program: Program, processor: Processor | None = None, name: str = "block") -> str:
    """Return the text of ``program`` as LLVM IR: the kernel that computes one vector of rows."""
    processor = processor or Processor.host()
    uniform = len(program.captured)
    return emit_kernel(_checked(program), processor.lanes, uniform=uniform, name=name).text


# ---------------------------------------------------------------- one call


class _PyMethodDef(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char_p),
        ("method", ctypes.c_void_p),
        ("flags", ctypes.c_int),
        ("doc", ctypes.c_char_p),
    ]


class _Holder:
    """Keeps the code and the definition of a native function alive."""

    def __init__(self, code: _Code, definition: _PyMethodDef) -> None:
        self.code, self.definition = code, definition


METH_FASTCALL = 0x80


def _as_function(code: _Code, doc: bytes) -> Callable[..., Any]:
    """Return the native ``call`` of ``code`` as a built-in function."""
    definition = _PyMethodDef(b"native", code.address("call"), METH_FASTCALL, doc)
    new = ctypes.pythonapi.PyCFunction_NewEx
    new.restype, new.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p]
    function: Callable[..., Any] = new(ctypes.addressof(definition), _Holder(code, definition), None)
    return function


def compile_scalar(program: Program, processor: Processor | None = None) -> Callable[..., tuple[float, ...]]:
    """Return a function of one number per input (arguments, then captured) that returns a tuple of floats.

    It is a C function with CPython's calling convention; a call takes some tens of nanoseconds.
    """
    host = processor or Processor.host()
    scalar = Processor(host.cpu, host.features, 1)
    kernel = emit_kernel(_checked(program), 1)
    driver = scalar_call(kernel, len(program) >= RELEASE)
    code = _compile(_module([kernel], driver, scalar), scalar)
    return _as_function(code, b"A compiled program.")


# ---------------------------------------------------------------- many rows


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
        self._code = _compile(_module([kernel], driver, processor), processor)
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
        code = _compile(_module(kernels, driver, processor), processor)
        self._native = _as_function(code, b"The sum of a compiled program over rows.")
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
        work = self._scratch.take()
        results: Floats = self._native(rows, theta, work, np.empty(self.outputs), divisor)
        self._scratch.give(work)
        return results


def compile_columns(program: Program, processor: Processor | None = None) -> Columns:
    """Return ``program`` as a native function of columns; see ``Columns``."""
    return Columns(_checked(program), processor or Processor.host())


def compile_sums(program: Program, processor: Processor | None = None, once: Program | None = None) -> Sums:
    """Return the sum of each output of ``program`` over rows, as one native call; see ``Sums``."""
    return Sums(_checked(program), processor or Processor.host(), None if once is None else _checked(once))
