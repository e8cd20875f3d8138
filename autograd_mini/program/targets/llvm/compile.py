"""Programs as native code through LLVM: the only file that uses llvmlite.

A program becomes a kernel (``kernel``: a chunk of rows, each scalar a vector) inside a driver
(``driver``: the loop over the rows; ``call``: the call from Python). The text goes directly to LLVM's
code generator, without its optimising passes: a program is already folded, without common
subexpressions, and straight-line.
"""

from __future__ import annotations

import ctypes
import functools
import hashlib
import itertools
import sys
import threading
import weakref
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from autograd_mini.program.ir import Program
from autograd_mini.program.targets.llvm.kernel import Kernel, emit_kernel
from autograd_mini.program.targets.llvm.lanes import lane_by_lane, try_driver
from autograd_mini.program.targets.llvm.store import Store
from autograd_mini.program.targets.llvm.vector_math import POINTS, agrees, scalar_address, vector_address

try:
    import llvmlite.binding as llvm
except ImportError as error:
    raise ImportError("the llvm engine needs llvmlite; install it with: pip install autograd_mini[jit]") from error
if sys.maxsize < 2**32:
    raise ImportError("the llvm engine needs a 64-bit Python; choose engine='numpy' or 'python'")

__all__ = ["Code", "Processor", "checked", "compile_text", "emit_llvm"]

LIMIT = 500_000  # instructions; with more, compiling takes minutes and gigabytes
LONG = 4_000  # characters from which on a text takes longer to compile than a file to read

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


class Code:
    """Machine code, alive as long as this object is; of a long text it is taken from the store where it is there."""

    def __init__(self, text: str, processor: Processor) -> None:
        store = Store.chosen() if len(text) >= LONG else Store(None)
        key = _key(text, processor) if store.folder is not None else ""
        kept = store.load(key)
        with _lock:
            machine = llvm.Target.from_default_triple().create_target_machine(
                cpu=processor.cpu, features=processor.features, opt=2
            )
            module = llvm.parse_assembly(text if kept is None else "")
            module.triple = machine.triple
            self.engine = llvm.create_mcjit_compiler(module, machine)
            made: list[bytes] = []
            if kept is not None:
                self.engine.add_object_file(llvm.ObjectFileRef.from_data(kept))
            elif store.folder is not None:
                self.engine.set_object_cache(lambda _, code: made.append(code))
            self.engine.finalize_object()
        for code in made:
            store.keep(key, code)

    def address(self, name: str) -> int:
        """Return where a function of the text begins."""
        return int(self.engine.get_function_address(name))


def _key(text: str, processor: Processor) -> str:
    """Return a digest of all that machine code depends on."""
    whole = "\0".join([text, processor.cpu, processor.features, *map(str, llvm.llvm_version_info)])
    return hashlib.sha256(whole.encode()).hexdigest()


_cache: weakref.WeakValueDictionary[tuple[Processor, str], Code] = weakref.WeakValueDictionary()
"""Text → code, shared by equal programs. An entry is added after compiling, so that an interrupted
compilation leaves no entry."""


def _compile(text: str, processor: Processor) -> Code:
    code = _cache.get((processor, text))
    if code is None:
        code = _cache[processor, text] = Code(text, processor)
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


def compile_text(kernels: Sequence[Kernel], driver: str, processor: Processor) -> Code:
    """Return the code of a module: the kernels, and the driver text that calls them."""
    return _compile(_module(kernels, driver, processor), processor)


def _attributes(processor: Processor) -> str:
    width = 64 * processor.lanes
    return f'attributes #0 = {{ nounwind "prefer-vector-width"="{width}" "min-legal-vector-width"="{width}" }}\n'


def checked(program: Program) -> Program:
    """Return the program, or raise ValueError where it is too long for LLVM."""
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
    code = Code(try_driver(symbol, arity, processor.lanes) + _attributes(processor), processor)
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
    return emit_kernel(checked(program), processor.lanes, uniform=uniform, name=name).text
