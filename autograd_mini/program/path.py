"""Path: one path through the branches of a loss, compiled on demand for sums, gradients, rows and guards."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_mini.engine.value import Value
from autograd_mini.program.chunks import looked_through
from autograd_mini.program.ir import Program
from autograd_mini.program.passes.adjoint import adjoint
from autograd_mini.program.plans.sums import plan_columns, plan_sums
from autograd_mini.program.run import ColumnFunction, column_function, finite_sum_function, sum_function
from autograd_mini.program.target import FiniteSums, Floats, Sums

if TYPE_CHECKING:
    from autograd_mini.program.devices import Devices

__all__ = ["Path"]


def _bind(program: Program, values: Sequence[Value]) -> Program:
    """Return ``program`` with exactly ``values`` captured, in this order."""
    arguments, fresh = program.arguments, program.next_variable
    bound = {id(value): x for value, x in zip(program.captured, program.inputs[len(arguments) :], strict=True)}
    inputs = [bound.get(id(value), fresh + i) for i, value in enumerate(values)]
    return replace(program, inputs=(*arguments, *inputs), captured=tuple(values))


class Path:
    """One path through the branches of a loss: a program of the row and the parameters, compiled on demand."""

    def __init__(
        self,
        program: Program,
        parameters: Sequence[Value],
        others: Sequence[Value],
        engine: str,
        lock: threading.RLock,
        exact: bool,
        devices: Devices | None = None,
    ) -> None:
        self.devices = devices
        self.guarded = bool(program.guards)
        self.engine, self.lock, self.others, self.exact = engine, lock, others, exact
        self.count = len(parameters)
        self.values = (*parameters, *others)
        self.program = _bind(program, self.values)
        self.reads_parts = False  # whether rows of the gradient may come as ``Beside``: once it runs as a plan
        self._made: dict[tuple[str, bool], Sums] = {}
        self._columns: dict[str, ColumnFunction] = {}

    def numbers(self, theta: Floats) -> Floats:
        """Return the captured numbers: ``theta``, and the current numbers of other Values."""
        if not self.others:
            return theta
        return np.concatenate([theta, [value.data for value in self.others]])

    def sums(self, what: str, penalty: Program | None) -> Sums:
        """Return the compiled sum of the "values", or of values and "gradients", including the penalty."""
        found = self._made.get((what, penalty is None))
        if found is None:
            with self.lock:
                once = None if penalty is None else _bind(penalty, self.values)
                found = self._value_sums(once) if what == "values" else self._gradient_sums(once)
                self._made[what, penalty is None] = found
        return found

    def _value_sums(self, once: Program | None) -> Sums:
        return self._compiled(once, 0)

    def _gradient_sums(self, once: Program | None) -> Sums:
        """Return the sums with the gradient: by a loose adjoint, and where that is not finite by the strict one."""
        loose = self._loose(once)
        strict: list[Sums] = []

        def sums(rows: Floats, numbers: Floats, divisor: float) -> Floats:
            found = loose(rows, numbers, divisor)
            if found is not None:
                return found
            with self.lock:
                if not strict:
                    strict.append(self._compiled(once, self.count))
            return strict[0](np.asarray(rows), numbers, divisor)

        return sums

    def _loose(self, once: Program | None) -> FiniteSums:
        """Return the sums with the loose gradient."""
        structured = self._structured(once, self.count, loose=True)
        if structured is not None:
            return looked_through(structured)
        return finite_sum_function(*self._flat(once, self.count, loose=True))

    def _compiled(self, once: Program | None, slopes: int) -> Sums:
        """Return the sum over the rows of the program and its first slopes."""
        return self._structured(once, slopes, loose=False) or sum_function(*self._flat(once, slopes, loose=False))

    def _structured(self, once: Program | None, slopes: int, loose: bool) -> Sums | None:
        """Return the sum as blocks, on devices or as a plan; None where it is computed flat."""
        if self.devices is not None:
            return self.devices.sums(self.program, slopes, once, loose)
        found = None if self.exact else plan_sums(self.program, slopes, self.engine, once, loose)
        if found is not None:
            self.reads_parts = bool(self.program.arguments) and not self.guarded
        return found

    def _flat(self, once: Program | None, slopes: int, loose: bool) -> tuple[Program, str, Program | None]:
        """Return what to compile where the program has no structure, and the engine."""
        extra = None if once is None else self._with_slopes(once, slopes, loose)
        return self._with_slopes(self.program, slopes, loose), self.engine, extra

    def _with_slopes(self, program: Program, slopes: int, loose: bool) -> Program:
        program = replace(program, guards=())
        first = len(program.arguments)
        return adjoint(program, program.inputs[first : first + slopes], loose=loose) if slopes else program

    def rows(self, rows: Floats, numbers: Floats) -> list[Floats]:
        """Return the loss of each row."""
        return self._column("rows", replace(self.program, guards=()))(rows, numbers)

    def matches(self, rows: Floats, theta: Floats) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Return which rows take this path (N,)."""
        if not self.guarded:
            return np.ones(len(rows), dtype=bool)
        (holds,) = self._column("matching", self.program.matching)(rows, self.numbers(theta))
        return np.not_equal(holds, 0.0)

    def _column(self, name: str, program: Program) -> ColumnFunction:
        found = self._columns.get(name)
        if found is None:
            with self.lock:
                if not self.exact:
                    found = plan_columns(program, self.engine)
                self._columns[name] = found = found or column_function(program, self.engine)
        return found
