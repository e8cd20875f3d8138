"""Recorded: the loss of a row as programs, one for each path that rows have taken so far."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from autograd_mini.engine.value import Value
from autograd_mini.program.ir import Program
from autograd_mini.program.passes.adjoint import pull_back
from autograd_mini.program.path import Path
from autograd_mini.program.plain import Plain
from autograd_mini.program.record.recorder import TraceError
from autograd_mini.program.routes import route
from autograd_mini.program.target import Floats
from autograd_mini.program.watch.recording import record
from autograd_mini.program.watch.surroundings import Surroundings

if TYPE_CHECKING:
    from autograd_mini.program.devices import Devices

__all__ = ["PATHS", "Recorded", "TooManyPathsError"]

Indices: TypeAlias = "np.ndarray[Any, np.dtype[np.intp]]"
PATHS = 16  # the largest number of compiled paths through a loss; with more it is computed by Values


class TooManyPathsError(Exception):
    """The rows take more than ``PATHS`` paths; internal, users never get it."""


class Recorded:
    """The paths through a loss, recorded as rows take them, and its penalty.

    All are dropped when something changes that the loss reads besides its row and the parameters.
    ``engine`` may be "auto", chosen for each program, because native code may lack a user's primitive.
    """

    def __init__(self, plain: Plain, engine: str, exact: bool, devices: Devices | None) -> None:
        self.plain, self.engine, self.exact, self.devices = plain, engine, exact, devices
        self.paths: list[Path] = []
        self.penalty: Program | None = None  # recorded with the first path
        self.surroundings = Surroundings()
        self.lock = threading.RLock()

    def current(self) -> list[Path]:
        """Return the paths known so far; none where something that they depend on has changed."""
        if not self.surroundings.holds():
            with self.lock:
                self.paths, self.penalty, self.surroundings = [], None, Surroundings()
        return self.paths

    def routes(self, rows: Floats, theta: Floats) -> list[tuple[Path, Indices]]:
        """Return each path that rows take, with the indices of these rows; new paths are recorded."""
        found: list[tuple[Path, Indices]] = []

        def take(path: Path, left: Indices, is_new: bool) -> Indices | None:
            holds = path.matches(rows[left], theta)
            holds[0] |= is_new
            if holds.any():
                found.append((path, left[holds]))
            left = left[~holds]
            return left if len(left) else None

        every: Indices = np.arange(len(rows))
        paths = self.paths
        route(paths, every, lambda index, left: self.record(paths, rows[left[0]], theta, index), take)
        return found

    def record(self, paths: list[Path], row: Floats, theta: Floats, index: int) -> bool:
        """Record the path of ``row``; return False where another thread has recorded a path in the meantime."""
        with self.lock:
            if index < len(paths):
                return False
            if index == PATHS:
                raise TooManyPathsError
            plain = self.plain
            with plain.holding(theta):
                program = self._program(plain.loss, row.tolist(), "the loss of a row")
                penalty = self.penalty
                if plain.penalty is not None and penalty is None:
                    penalty = self._program(plain.penalty, (), "the penalty")
            if penalty is not None and penalty.guards:
                raise TraceError(
                    "the penalty branches with `if` on a parameter; choose with where(condition, a, b) or with abs, "
                    "maximum… instead, or train with engine='eager'"
                )
            if program.guards and self.devices is not None and self.devices.processes > 1:
                raise TraceError(
                    "the loss branches with `if` on a number, and processes may not take different paths; choose with "
                    "where(condition, a, b) or with relu, maximum, abs… instead"
                )
            self.penalty = penalty
            others = _unbound((program, *(() if penalty is None else (penalty,))), plain.parameters)
            paths.append(Path(program, plain.parameters, others, self.engine, self.lock, self.exact, self.devices))
            return True

    def _program(self, function: Callable[..., Any], args: Sequence[float], what: str) -> Program:
        """Record a function of numbers that returns one."""
        program, notes = record(function, args, pull_back=pull_back)
        if len(program.outputs) != 1:
            raise TypeError(f"Batch: {what} is one number, this one returned {len(program.outputs)}")
        self.surroundings.add(notes)
        return program


def _unbound(programs: Sequence[Program], parameters: Sequence[Value]) -> list[Value]:
    """Return the captured Values of the programs that are not parameters, each once."""
    known = {id(each) for each in parameters}
    return list({id(value): value for each in programs for value in each.captured if id(value) not in known}.values())
