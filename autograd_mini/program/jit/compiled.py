"""A program without branches that can be run: on numbers, on columns, and on Values as nodes of their graph."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cached_property
from operator import attrgetter
from typing import Any

import numpy as np

from autograd_mini.engine.node import node
from autograd_mini.engine.value import Value
from autograd_mini.primitives.row import NO_FLOW, Primitive
from autograd_mini.primitives.table import hypot
from autograd_mini.program.chunks import columns_of
from autograd_mini.program.ir import Program
from autograd_mini.program.passes.adjoint import adjoint, pulled
from autograd_mini.program.passes.simplify import part, simplify
from autograd_mini.program.plans.sums import LoopNumbers, loop_numbers
from autograd_mini.program.run import PLAIN, fastest, target_of
from autograd_mini.program.source import prepared
from autograd_mini.program.target import Columns, Floats, Numbers, Target

__all__ = ["Compiled"]

LARGE = 2_000  # with so many instructions "auto" uses native code for single numbers too
DATA = attrgetter("data")
OWN_IN_PYTHON = {hypot}  # Python's math has its own implementation; others are those of the C library


class Compiled:
    """A program without guards, compiled at the first call of each kind.

    ``given``    simplified, long, or with a ``pull``; inputs are arguments, then captured Values
    ``program``  the same without a ``pull``, simplified
    ``engine``   "auto", or the name of a target that runs here
    ``name``     the name of the nodes of its results
    """

    def __init__(self, program: Program, engine: str, name: str, lock: threading.RLock) -> None:
        self.given, self.engine, self.name, self.lock = program, engine, name, lock
        self.warm = False  # called so often that native code is worth compiling
        self._numbers: Numbers | None = None
        self._columns: Columns | None = None
        self._gradients: dict[int, Compiled] = {}
        self._rows: dict[int, Primitive] = {}

    @cached_property
    def program(self) -> Program:
        """The program, simplified."""
        return simplify(pulled(self.given))

    # ------------------------------------------------------------ numbers

    @cached_property
    def fastest(self) -> Target:
        """The fastest target for single numbers."""
        asked = target_of(self.engine)
        if asked is None:
            return fastest(self.program, single=True)
        return PLAIN if asked.scalar is None else asked

    @cached_property
    def loops(self) -> LoopNumbers | None:
        """The program as native loops, which "auto" uses for large programs with structure."""
        return loop_numbers(self.given) if self.engine == "auto" else None

    @property
    def is_native(self) -> bool:
        """True where single numbers are computed by another target than Python."""
        if self.loops is not None:
            return True
        wanted = self.engine != "auto" or self.warm or len(self.program) >= LARGE
        return wanted and self.fastest is not PLAIN

    @property
    def can_warm(self) -> bool:
        """True where a faster target gives the same bits as Python, so that switching to it changes no result."""
        if self.engine != "auto" or self.is_native or self.fastest is PLAIN:
            return False
        return all(step.primitive not in OWN_IN_PYTHON for step in prepared(self.program, PLAIN).instructions)

    def warm_up(self) -> None:
        """Change over to native code at the next call, where that goes unseen."""
        if self.can_warm:
            self.warm, self._numbers = True, None

    def numbers(self, *inputs: float) -> tuple[float, ...]:
        """Return the outputs at numbers, one for each input."""
        run = self._numbers  # another thread may take it away to change over
        if run is None:
            with self.lock:
                run = self._numbers = self.loops or self._compile_numbers(self.fastest if self.is_native else PLAIN)
        return run(*inputs)

    def native(self) -> Numbers:
        """Return the program as a function of the fastest target."""
        return self.loops or self._compile_numbers(self.fastest)

    def _compile_numbers(self, target: Target) -> Numbers:
        assert target.scalar is not None
        return target.scalar(prepared(self.program, target))

    def captured(self) -> list[float]:
        """Return the current numbers of the captured Values."""
        return list(map(float, map(DATA, self.given.captured)))

    def held(self) -> Floats:
        """Return the same as an array."""
        return np.fromiter(map(DATA, self.given.captured), np.float64, len(self.given.captured))

    def outputs(self, given: Sequence[float]) -> list[float]:
        """Return the outputs for these arguments, with the captured Values as they are now."""
        if self.loops is None:
            return list(self.numbers(*given, *self.captured()))
        found: list[float] = self.loops.on_arrays(np.array(given, dtype=np.float64), self.held()).tolist()
        return found

    # ------------------------------------------------------------ columns

    def columns(self, inputs: Sequence[float | Floats], rows: int) -> list[Floats]:
        """Return one new array (rows,) per output; arguments are numbers or arrays of that length."""
        if self._columns is None:
            with self.lock:
                self._columns = self._compile_columns()
        return list(self._columns([*inputs, *self.captured()], rows))

    def _compile_columns(self) -> Columns:
        target = target_of(self.engine) or fastest(self.program)
        return columns_of(prepared(self.program, target), target)

    # ------------------------------------------------------------ Values

    def nodes(self, inputs: Sequence[Value]) -> list[Value]:
        """Return the outputs as nodes whose parents are the inputs, captured ones too.

        The partials of a node are the compiled gradient. To differentiate again, the gradient runs
        as a compiled program too, and so on to any order.
        """
        data = [float(value.data) for value in inputs]
        made = []
        for index in range(len(self.program.outputs)):
            out, *slopes = self.gradient(index).numbers(*data)
            made.append(node(self.row(index), out, tuple(inputs), _partials(slopes, len(inputs))))
        return made

    def gradient(self, index: int) -> Compiled:
        """Return the program of output ``index``, its gradient, and 1 or 0 for each slope: whether an adjoint flows."""
        if index not in self._gradients:
            with self.lock:
                one = part(self.program, self.program.outputs[index : index + 1])
                made = Compiled(simplify(adjoint(one, flows=True)), self.engine, f"{self.name}′", self.lock)
                self._gradients.setdefault(index, made)
        return self._gradients[index]

    def row(self, index: int) -> Primitive:
        """Return output ``index`` as a primitive of its own, with the program's adjoint as its rule."""
        if index not in self._rows:
            gradient = self.gradient(index)
            count = len(gradient.program.inputs)
            slopes = part(gradient.program, gradient.program.outputs[1 : count + 1])
            derivative = Compiled(slopes, self.engine, f"{self.name}′", self.lock)

            def partials(args: tuple[Any, ...], out: Any) -> tuple[Any, ...]:
                if not any(isinstance(arg, Value) for arg in args):
                    return _partials(gradient.numbers(*args)[1:], count)
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


def _partials(slopes: Sequence[float], count: int) -> tuple[float | None, ...]:
    """Return the first ``count`` numbers, with NO_FLOW where the flag in the numbers after them is 0."""
    return tuple(slope if flows else NO_FLOW for slope, flows in zip(slopes[:count], slopes[count:], strict=True))
