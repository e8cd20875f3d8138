"""A straight program that runs: on numbers, on columns, and on Values as nodes of their graph."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from autograd_mini.engine.value import Value, node
from autograd_mini.primitives.row import Primitive
from autograd_mini.primitives.table import hypot
from autograd_mini.program.ir import Program
from autograd_mini.program.passes.adjoint import adjoint
from autograd_mini.program.passes.lower import speaks
from autograd_mini.program.passes.simplify import simplify
from autograd_mini.program.targets.numpy import compile_numpy
from autograd_mini.program.targets.python import compile_python
from autograd_mini.program.targets.run import HINT, native_is_here
from autograd_mini.program.targets.source import prepared

__all__ = ["Compiled"]

Floats: TypeAlias = "np.ndarray[Any, np.dtype[np.float64]]"
CHUNK = 8192  # rows NumPy works on at a time: columns stay in the cache, and memory stays small
LARGE = 2_000  # instructions from which on "auto" calls native code for single numbers too
OWN_IN_PYTHON = {hypot}  # Python's math has its own; the others are the C library's everywhere


class Compiled:
    """A program without guards, compiled when and as it is first run.

    ``program``  simplified; inputs are arguments, then captured Values
    ``engine``   "auto", "llvm", "numpy" or "python"
    ``name``     what nodes of its results are called
    """

    def __init__(self, program: Program, engine: str, name: str, lock: threading.RLock) -> None:
        self.program, self.engine, self.name, self.lock = program, engine, name, lock
        self.warm = False  # called often enough for native code to be worth its making
        self._numbers: Callable[..., tuple[float, ...]] | None = None
        self._columns: Callable[..., Iterable[Floats]] | None = None
        self._gradients: dict[int, Compiled] = {}
        self._rows: dict[int, Primitive] = {}

    # ------------------------------------------------------------ numbers

    @property
    def is_native(self) -> bool:
        """True where single numbers go through native code."""
        if self.engine == "auto":
            return (self.warm or len(self.program) >= LARGE) and self.may_be_native
        return self.engine == "llvm"

    @cached_property
    def may_be_native(self) -> bool:
        """True where llvmlite is installed and native code has every row of the program."""
        return native_is_here() and speaks(self.program, "llvm")

    @property
    def can_warm(self) -> bool:
        """True where native code gives the bits Python gives, so that changing over goes unseen."""
        same = all(step.primitive not in OWN_IN_PYTHON for step in prepared(self.program, "python").instructions)
        return self.engine == "auto" and not self.is_native and self.may_be_native and same

    def numbers(self, *inputs: float) -> tuple[float, ...]:
        """Return the outputs at numbers, one for each input."""
        if self._numbers is None:
            with self.lock:
                self._numbers = self.native() if self.is_native else compile_python(prepared(self.program, "python"))
        return self._numbers(*inputs)

    def native(self) -> Callable[..., tuple[float, ...]]:
        """Return the program as a function in machine code."""
        try:
            from autograd_mini.program.targets.llvm.compile import compile_scalar  # loads llvmlite
        except ImportError as error:
            raise ImportError(HINT) from error
        return compile_scalar(prepared(self.program, "llvm"))

    def captured(self) -> list[float]:
        """Return what the captured Values hold now."""
        return [float(value.data) for value in self.program.captured]

    # ------------------------------------------------------------ columns

    def columns(self, inputs: Sequence[float | Floats], rows: int) -> list[Floats]:
        """Return one new array (rows,) per output; arguments are numbers or arrays of that length."""
        if self._columns is None:
            with self.lock:
                self._columns = self._compile_columns()
        return list(self._columns([*inputs, *self.captured()], rows))

    def _compile_columns(self) -> Callable[..., Iterable[Floats]]:
        engine = self.engine
        if engine == "llvm" or (engine == "auto" and self.may_be_native):
            try:
                from autograd_mini.program.targets.llvm.compile import compile_columns  # loads llvmlite
            except ImportError as error:
                raise ImportError(HINT) from error
            return compile_columns(prepared(self.program, "llvm"))
        if engine == "python":
            return self._row_by_row
        vector = compile_numpy(prepared(self.program, "numpy"))

        def by_chunks(inputs: Sequence[Any], rows: int) -> Iterable[Floats]:
            out = np.empty((len(self.program.outputs), rows))
            for start in range(0, rows, CHUNK):
                part = slice(start, start + CHUNK)
                found = vector(*(x[part] if isinstance(x, np.ndarray) else x for x in inputs))
                for column, each in zip(out, found, strict=True):
                    column[part] = each
            return out

        return by_chunks

    def _row_by_row(self, inputs: Sequence[Any], rows: int) -> Iterable[Floats]:
        columns = [np.broadcast_to(np.asarray(x, dtype=np.float64), (rows,)).tolist() for x in inputs]
        found = [self.numbers(*row) for row in zip(*columns, strict=True)] if columns else [self.numbers()] * rows
        return np.array(found, dtype=np.float64).reshape(rows, len(self.program.outputs)).T

    # ------------------------------------------------------------ Values

    def nodes(self, inputs: Sequence[Value]) -> list[Value]:
        """Return the outputs as nodes whose parents are the inputs, captured ones too.

        A node has the compiled gradient as its partials; to differentiate it again, the
        gradient itself runs as such a program, and so to any order.
        """
        data = [float(value.data) for value in inputs]
        made = []
        for index in range(len(self.program.outputs)):
            out, *partials = self.gradient(index).numbers(*data)
            made.append(node(self.row(index), out, tuple(inputs), tuple(partials)))
        return made

    def gradient(self, index: int) -> Compiled:
        """Return the program of output ``index`` followed by its gradient."""
        if index not in self._gradients:
            with self.lock:
                one = simplify(replace(self.program, outputs=(self.program.outputs[index],)))
                made = Compiled(simplify(adjoint(one)), self.engine, f"{self.name}′", self.lock)
                self._gradients.setdefault(index, made)
        return self._gradients[index]

    def row(self, index: int) -> Primitive:
        """Return output ``index`` as a primitive of its own, with the program's adjoint as its rule."""
        if index not in self._rows:
            gradient = self.gradient(index)
            slopes = simplify(replace(gradient.program, outputs=gradient.program.outputs[1:]))
            derivative = Compiled(slopes, self.engine, f"{self.name}′", self.lock)

            def partials(args: tuple[Any, ...], out: Any) -> tuple[Any, ...]:
                if not any(isinstance(arg, Value) for arg in args):
                    return derivative.numbers(*args)
                return tuple(derivative.nodes([x if isinstance(x, Value) else Value(x) for x in args]))

            self._rows[index] = Primitive(
                self.name,
                lambda *args: self.numbers(*args)[index],
                partials,
                arity=None,
                label=self.name,
                domain=((-np.inf, np.inf),),
                doc=f"Result {index} of the compiled function {self.name}.",
            )
        return self._rows[index]
