"""Native code as built-in functions of Python, which cost some tens of nanoseconds a call."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

from autograd_mini.program.ir import Program
from autograd_mini.program.targets.llvm.call import scalar_call
from autograd_mini.program.targets.llvm.compile import Code, Processor, checked, compile_text
from autograd_mini.program.targets.llvm.kernel import emit_kernel

__all__ = ["as_function", "compile_scalar"]

RELEASE = 1000  # with so many instructions the scalar function releases the GIL


class _PyMethodDef(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char_p),
        ("method", ctypes.c_void_p),
        ("flags", ctypes.c_int),
        ("doc", ctypes.c_char_p),
    ]


class _Holder:
    """Keeps the code and the definition of a native function alive."""

    def __init__(self, code: Code, definition: _PyMethodDef) -> None:
        self.code, self.definition = code, definition


METH_FASTCALL = 0x80


def as_function(code: Code, doc: bytes) -> Callable[..., Any]:
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
    kernel = emit_kernel(checked(program), 1)
    driver = scalar_call(kernel, len(program) >= RELEASE)
    code = compile_text([kernel], driver, scalar)
    return as_function(code, b"A compiled program.")
