"""Batch: a loss summed over rows, with its gradient, in one call. What training runs on.

The loss of one row is traced once. Its program is extended by the adjoint with respect to the
parameters and runs over all the rows; only sums over the rows are kept.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np

from autograd_mini.engine.value import Value
from autograd_mini.program.ir import Program
from autograd_mini.program.passes.adjoint import adjoint, pull_back
from autograd_mini.program.plans.sums import plan_columns, plan_sums
from autograd_mini.program.record.recorder import TraceError
from autograd_mini.program.routes import route
from autograd_mini.program.run import ColumnFunction, column_function, pick, sum_function
from autograd_mini.program.target import Floats, Sums
from autograd_mini.program.watch.checked import CompiledDiffersError, checking
from autograd_mini.program.watch.recording import record
from autograd_mini.program.watch.surroundings import Surroundings

__all__ = ["Batch"]

Indices: TypeAlias = "np.ndarray[Any, np.dtype[np.intp]]"
DOUBLE = np.dtype(np.float64)
PATHS = 16  # paths through a loss that are compiled; past them plain Values compute
CLOSE = 1e-7  # relative, of a checked sum: engines round differently, and sum in another order


class TooManyPathsError(Exception):
    """The rows take more paths than are compiled; never seen by users."""


class Batch:
    """The mean over rows of ``loss(*row)``, and its gradient with respect to ``parameters``.

    ``loss``        function of ``columns`` numbers (a row: inputs, then targets) to one number;
                    it uses the parameters, and may use other Values, from outside
    ``parameters``  leaf Values, in the order of ``theta`` and of the gradient
    ``columns``     numbers in a row
    ``engine``      "llvm", "numpy", "python", "eager" (plain Values, nothing compiled), or "auto":
                    llvm where llvmlite is installed, else numpy
    ``reduction``   "mean" or "sum"
    ``penalty``     function of no arguments, added to the loss: what depends on parameters alone
    ``exact``       keep the order of every sum: with it one row gives the bits of plain Values. Otherwise a loss with
                    structure (layers, convolutions) may run as matrix products, equal to about 1e-12

    A loss that branches with ``if`` is recorded once per path its rows take, and the rows are
    routed; past 16 paths plain Values compute, with one warning. The same rows give the same
    bits. What the loss reads besides its row (globals, attributes, containers) is watched as by
    ``jit``: when it changes, the loss is recorded anew, and what a program cannot repeat (a
    random draw, a counter) is refused. ``check=True`` compares every result with plain Values;
    by default it is on where the environment variable AUTOGRAD_MINI_CHECK is 1.

    >>> from autograd_mini import parameter
    >>> w = parameter(2.0)
    >>> batch = Batch(lambda x, y: (w * x - y) ** 2, [w], 2)
    >>> batch.value_and_grad(np.array([[1.0, 1.0], [2.0, 5.0]]))
    (1.0, array([-1.]))
    """

    def __init__(
        self,
        loss: Callable[..., Any],
        parameters: Sequence[Value],
        columns: int,
        *,
        engine: str = "auto",
        reduction: str = "mean",
        penalty: Callable[[], Any] | None = None,
        exact: bool = False,
        check: bool | None = None,
    ) -> None:
        if not callable(loss):
            raise TypeError(f"Batch: loss is {loss!r}; a function of the numbers of a row is needed")
        if isinstance(parameters, Value) or not isinstance(parameters, Iterable):
            raise TypeError(f"Batch: parameters is a {type(parameters).__name__}; a list of leaf Values is needed")
        if isinstance(columns, bool) or not isinstance(columns, int) or columns < 0:
            raise ValueError(f"Batch: columns is {columns!r}; a whole number of at least 0 is needed")
        if reduction not in ("mean", "sum"):
            raise ValueError(f"Batch: reduction is {reduction!r}; 'mean' or 'sum' is needed")
        self.loss, self.parameters, self.columns = loss, tuple(parameters), columns
        for each in self.parameters:
            if not isinstance(each, Value) or not each.is_leaf:
                raise TypeError(f"Batch: parameters must be leaf Values, one of them is {each!r}")
        if len({id(each) for each in self.parameters}) < len(self.parameters):
            raise ValueError("Batch: a parameter is given twice; give each once")
        self.engine = engine if engine == "eager" else pick(engine)
        self._asked = engine  # "auto" settles for each program: native code may lack a user's primitive
        self.reduction, self.penalty, self.exact = reduction, penalty, exact
        self.check = checking() if check is None else check
        self._penalty: Program | None = None  # recorded at the first call
        self._paths: list[_Path] = []
        self._surroundings = Surroundings()
        self._warned = False
        self._lock = threading.RLock()

    def value_and_grad(self, rows: Floats, theta: Floats | None = None) -> tuple[float, Floats]:
        """Return the loss over ``rows`` (N, columns), with the penalty, and its gradient (P,).

        ``theta`` (P,) are the parameters' numbers, by default those the Values hold now.
        """
        rows, theta = self._checked(rows, theta)
        sums = self._eager_gradients(rows, theta) if self.engine == "eager" else self._routed(rows, theta, "gradients")
        if self.check and self.engine != "eager":
            self._compare(sums, self._eager_gradients(rows, theta))
        return float(sums[0]), sums[1:]

    def value(self, rows: Floats, theta: Floats | None = None) -> float:
        """Return the loss over ``rows`` (N, columns), with the penalty."""
        rows, theta = self._checked(rows, theta)
        if self.engine == "eager":
            return float(self._eager_gradients(rows, theta)[0])
        sums = self._routed(rows, theta, "values")
        if self.check:
            self._compare(sums, self._eager_gradients(rows, theta)[:1])
        return float(sums[0])

    def loss_rows(self, rows: Floats, theta: Floats | None = None) -> Floats:
        """Return the loss of each row (N,), without the penalty."""
        rows, theta = self._checked(rows, theta)
        if self.engine == "eager":
            return self._eager_rows(rows, theta)
        self._look_around()
        losses = np.empty(len(rows))
        try:
            for path, held in self._routes(rows, theta):
                losses[held] = path.rows(rows[held], path.numbers(theta))[0]
        except TooManyPathsError:
            losses = self._uncompiled(self._eager_rows, rows, theta)
        if self.check:
            self._compare(losses, self._eager_rows(rows, theta))
        return losses

    # ------------------------------------------------------------ compiled

    def _checked(self, rows: Floats, theta: Floats | None) -> tuple[Floats, Floats]:
        if rows.__class__ is not np.ndarray or rows.dtype is not DOUBLE:
            try:
                rows = np.asarray(rows, dtype=np.float64)
            except (TypeError, ValueError):
                raise TypeError("Batch: rows hold something that is no number, or differ in length") from None
        if rows.ndim != 2 or rows.shape[1] != self.columns or not len(rows):
            raise ValueError(
                f"Batch: rows have the shape {rows.shape}; at least one row of {self.columns} numbers is needed, "
                f"shape (N, {self.columns})"
            )
        if theta is None:
            theta = np.array([each.data for each in self.parameters], dtype=np.float64)
        elif theta.__class__ is not np.ndarray or theta.dtype is not DOUBLE or not theta.flags.c_contiguous:
            theta = np.ascontiguousarray(theta, dtype=np.float64)
        if theta.shape != (len(self.parameters),):
            raise ValueError(
                f"Batch: theta has the shape {theta.shape}; one number for each of the {len(self.parameters)} "
                "parameters is needed"
            )
        return rows, theta

    def _divisor(self, rows: Floats) -> float:
        return float(len(rows)) if self.reduction == "mean" else 1.0

    def _routed(self, rows: Floats, theta: Floats, what: str) -> Floats:
        """Return the sums of the path's outputs over the rows, over the divisor."""
        self._look_around()
        divisor = self._divisor(rows)
        known = self._paths
        if known and not known[0].guarded:
            path = known[0]
            return path.sums(what, self._penalty)(rows, path.numbers(theta), divisor)
        sums: Floats | None = None
        try:
            routes = self._routes(rows, theta)
        except TooManyPathsError:
            return self._uncompiled(self._eager_gradients, rows, theta)[: None if what == "gradients" else 1]
        for path, held in routes:
            run = path.sums(what, self._penalty if sums is None else None)  # the penalty counts once
            part = run(rows[held], path.numbers(theta), divisor)
            sums = part if sums is None else sums + part
        assert sums is not None  # there is a row, and it took a path
        return sums

    def _look_around(self) -> None:
        """Forget every program where what they rest on has changed."""
        if not self._surroundings.holds():
            with self._lock:
                self._paths, self._penalty, self._surroundings = [], None, Surroundings()

    def _routes(self, rows: Floats, theta: Floats) -> list[tuple[_Path, Indices]]:
        """Return each path some rows take, with the indices of those; paths not met before are recorded."""
        found: list[tuple[_Path, Indices]] = []

        def take(path: _Path, left: Indices, is_new: bool) -> Indices | None:
            holds = path.matches(rows[left], theta)
            holds[0] |= is_new
            if holds.any():
                found.append((path, left[holds]))
            left = left[~holds]
            return left if len(left) else None

        paths = self._paths
        every: Indices = np.arange(len(rows))
        route(paths, every, lambda index, left: self._record(paths, rows[left[0]], theta, index), take)
        return found

    def _record(self, paths: list[_Path], row: Floats, theta: Floats, index: int) -> bool:
        """Record the path of ``row``; False where another thread has recorded one meanwhile."""
        with self._lock:
            if index < len(paths):
                return False
            if index == PATHS:
                raise TooManyPathsError
            with self._holding(theta):
                found, notes = record(self.loss, row.tolist(), pull_back=pull_back)
                program = _one(found, "the loss of a row")
                self._surroundings.add(notes)
                penalty = self._penalty
                if self.penalty is not None and penalty is None:
                    found, notes = record(self.penalty, (), pull_back=pull_back)
                    penalty = _one(found, "the penalty")
                    self._surroundings.add(notes)
            if penalty is not None and penalty.guards:
                raise TraceError(
                    "the penalty branches with `if` on a parameter; choose with where(condition, a, b) or with abs, "
                    "maximum… instead, or train with engine='eager'"
                )
            self._penalty = penalty
            others = _unbound((program, *(() if penalty is None else (penalty,))), self.parameters)
            paths.append(_Path(program, self.parameters, others, self._asked, self._lock, self.exact))
            return True

    def _uncompiled(self, eager: Callable[[Floats, Floats], Floats], rows: Floats, theta: Floats) -> Floats:
        if not self._warned:
            self._warned = True
            warnings.warn(
                f"the rows take more than {PATHS} different paths through the `if`s of the loss: plain Values compute, "
                "which is slow; choose with where(condition, a, b) or with relu, maximum, abs… instead",
                RuntimeWarning,
                stacklevel=4,
            )
        return eager(rows, theta)

    def _compare(self, found: Floats, wanted: Floats) -> None:
        """Raise CompiledDiffersError where the engines' numbers are not those of plain Values."""
        scale = 1.0 + float(np.abs(wanted[np.isfinite(wanted)]).max(initial=0.0))
        close = np.isclose(found, wanted, rtol=CLOSE, atol=CLOSE * scale, equal_nan=True)
        if not close.all():
            i = int(np.argmin(close))
            raise CompiledDiffersError(
                f"Batch: engine {self._asked!r} and plain Values differ in number {i} of (loss, gradient…): "
                f"{float(wanted[i])!r} wanted, {float(found[i])!r} found; please report this with the loss"
            )

    # ------------------------------------------------------------ plain Values

    @contextmanager
    def _holding(self, theta: Floats) -> Iterator[None]:
        """Let the parameters hold the numbers of ``theta`` for a while, and no gradient."""
        before = [(each.data, each.grad if each.has_grad else None) for each in self.parameters]
        try:
            for each, number in zip(self.parameters, theta.tolist(), strict=True):
                each.data = number
                each.zero_grad()
            yield
        finally:
            for each, (data, grad) in zip(self.parameters, before, strict=True):
                each.data, each.grad = data, grad

    def _eager_rows(self, rows: Floats, theta: Floats) -> Floats:
        with self._holding(theta):
            return np.array([_number(self.loss(*self._row(row))) for row in rows.tolist()], dtype=np.float64)

    def _row(self, row: list[float]) -> list[Any]:
        """Return a row as the loss takes it: where it compiles it may call methods that only Values have."""
        return row if self.engine == "eager" else [*map(Value, row)]

    def _eager_gradients(self, rows: Floats, theta: Floats) -> Floats:
        total = 0.0
        with self._holding(theta):
            for row in rows.tolist():
                loss = self.loss(*self._row(row))
                total += _number(loss)
                if isinstance(loss, Value):
                    loss.backward()
            sums = np.array([total, *(each.grad for each in self.parameters)], dtype=np.float64)
            sums /= self._divisor(rows)
            if self.penalty is not None:
                for each in self.parameters:
                    each.zero_grad()
                extra = self.penalty()
                if isinstance(extra, Value):
                    extra.backward()
                sums += [_number(extra), *(each.grad for each in self.parameters)]
        return sums


def _number(loss: Any) -> float:
    return loss.data if isinstance(loss, Value) else float(loss)


def _one(program: Program, what: str) -> Program:
    if len(program.outputs) != 1:
        raise TypeError(f"Batch: {what} is one number, this one returned {len(program.outputs)}")
    return program


def _unbound(programs: Sequence[Program], parameters: Sequence[Value]) -> list[Value]:
    """Return the captured Values of the programs that are no parameters, each once."""
    known = {id(each) for each in parameters}
    return list({id(value): value for each in programs for value in each.captured if id(value) not in known}.values())


def _bind(program: Program, values: Sequence[Value]) -> Program:
    """Return ``program`` with exactly ``values`` captured, in this order."""
    arguments, fresh = program.arguments, program.next_variable
    bound = {id(value): x for value, x in zip(program.captured, program.inputs[len(arguments) :], strict=True)}
    inputs = [bound.get(id(value), fresh + i) for i, value in enumerate(values)]
    return replace(program, inputs=(*arguments, *inputs), captured=tuple(values))


class _Path:
    """One way through the loss: a program of the row and the parameters, compiled as it is needed."""

    def __init__(
        self,
        program: Program,
        parameters: Sequence[Value],
        others: Sequence[Value],
        engine: str,
        lock: threading.RLock,
        exact: bool,
    ) -> None:
        self.guarded = bool(program.guards)
        self.engine, self.lock, self.others, self.exact = engine, lock, others, exact
        self.count = len(parameters)
        self.values = (*parameters, *others)
        self.program = _bind(program, self.values)
        self._made: dict[tuple[str, bool], Sums] = {}
        self._columns: dict[str, ColumnFunction] = {}

    def numbers(self, theta: Floats) -> Floats:
        """Return the captured numbers: the parameters', and what other Values hold now."""
        if not self.others:
            return theta
        return np.concatenate([theta, [value.data for value in self.others]])

    def sums(self, what: str, penalty: Program | None) -> Sums:
        """Return the compiled sum of the "values", or of the values and "gradients", plus the penalty's."""
        found = self._made.get((what, penalty is None))
        if found is None:
            with self.lock:
                once = None if penalty is None else _bind(penalty, self.values)
                if not self.exact:
                    slopes = 0 if what == "values" else self.count
                    found = plan_sums(self.program, slopes, self.engine, once)
                if found is None:
                    extra = None if once is None else self._outputs(what, once)
                    found = sum_function(self._outputs(what, self.program), self.engine, extra)
                self._made[what, penalty is None] = found
        return found

    def _outputs(self, what: str, program: Program) -> Program:
        program = replace(program, guards=())
        if what == "values":
            return program
        first = len(program.arguments)
        return adjoint(program, program.inputs[first : first + self.count])

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
