"""Batch: the loss over many rows and its gradient in one compiled call, as training needs them.

The loss of one row is traced once. Its program is extended by the adjoint with respect to the
parameters and runs over all rows; only sums over the rows are kept.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from autograd_mini.engine.value import Value
from autograd_mini.program.beside import Beside
from autograd_mini.program.plain import Plain
from autograd_mini.program.recorded import PATHS, Recorded, TooManyPathsError
from autograd_mini.program.run import BatchEngine, pick
from autograd_mini.program.target import Floats
from autograd_mini.program.watch.checked import CompiledDiffersError, checking

if TYPE_CHECKING:
    from autograd_mini.program.devices import Devices

__all__ = ["Batch"]

DOUBLE = np.dtype(np.float64)
CLOSE = 1e-7  # relative tolerance of a checked sum: engines differ in rounding and in the order of sums


class Batch:
    """The mean over rows of ``loss(*row)``, and its gradient with respect to ``parameters``.

    ``loss``        function of the ``columns`` numbers of a row (inputs, then targets), which returns
                    one number; it captures the parameters, and may capture other Values
    ``parameters``  leaf Values, in the order of ``theta`` and of the gradient
    ``columns``     how many numbers a row has
    ``engine``      "llvm", "numpy", "python", "jax", "eager" (computed with Values, not compiled), or "auto":
                    llvm where llvmlite is installed, else numpy
    ``reduction``   "mean" or "sum"
    ``penalty``     function of no arguments, added to the loss; it may depend on the parameters only
    ``exact``       keep the order of every sum: one row then gives the bits of the eager engine. Otherwise a loss with
                    structure (layers, convolutions) may run as matrix products, equal to about 1e-12
    ``mesh``        engine "jax": a jax.sharding.Mesh, whose first axis takes the rows; by default all devices.
                    In several processes of jax.distributed each gives its own rows, and gets the same sums

    A loss that branches with ``if`` is recorded once for each path that rows take, and each row runs
    on its path; with more than 16 paths the loss is computed with Values, with one warning. The same
    rows give the same bits. What the loss reads besides its row (globals, attributes, containers) is
    watched as in ``jit``: when it changes, the loss is recorded again, and what a program cannot
    repeat (a random draw, a counter) raises TraceError. ``check=True`` compares every result with
    the eager engine; the default is True where the environment variable AUTOGRAD_MINI_CHECK is 1.

    Raises TypeError or ValueError for arguments that do not fit, and for a loss that does not return
    one number.

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
        engine: BatchEngine = "auto",
        reduction: Literal["mean", "sum"] = "mean",
        penalty: Callable[[], Any] | None = None,
        exact: bool = False,
        check: bool | None = None,
        mesh: object = None,
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
        self._shape = (len(self.parameters),)
        for each in self.parameters:
            if not isinstance(each, Value) or not each.is_leaf:
                raise TypeError(f"Batch: parameters must be leaf Values, one of them is {each!r}")
        if len({id(each) for each in self.parameters}) < len(self.parameters):
            raise ValueError("Batch: a parameter is given twice; give each once")
        self.engine = engine if engine == "eager" else pick(engine)
        self._asked = engine
        self.reduction, self.penalty, self.exact = reduction, penalty, exact
        self._devices = self._on_devices(engine, mesh)
        self.check = checking() if check is None else check
        self._plain = Plain(loss, self.parameters, penalty, reduction, as_values=self.engine != "eager")
        self._recorded = Recorded(self._plain, engine, exact, self._devices)
        self._warned = False

    def value_and_grad(self, rows: Floats | Beside, theta: Floats | None = None) -> tuple[float, Floats]:
        """Return the loss over ``rows`` (N, columns), with the penalty, and its gradient (P,).

        ``theta`` (P,) are the numbers of the parameters, by default their current ones.
        """
        rows, theta = self._checked(rows, theta)
        sums = self._plain.gradients(rows, theta) if self.engine == "eager" else self._routed(rows, theta, "gradients")
        if self.check and self.engine != "eager" and self.processes == 1:
            self._compare(sums, self._plain.gradients(rows, theta))
        return float(sums[0]), sums[1:]

    def value(self, rows: Floats, theta: Floats | None = None) -> float:
        """Return the loss over ``rows`` (N, columns), with the penalty."""
        rows, theta = self._checked(rows, theta)
        if self.engine == "eager":
            return float(self._plain.gradients(rows, theta)[0])
        sums = self._routed(rows, theta, "values")
        if self.check and self.processes == 1:
            self._compare(sums, self._plain.gradients(rows, theta)[:1])
        return float(sums[0])

    def loss_rows(self, rows: Floats, theta: Floats | None = None) -> Floats:
        """Return the loss of each row (N,), without the penalty."""
        rows, theta = self._checked(rows, theta)
        if self.engine == "eager":
            return self._plain.rows(rows, theta)
        self._recorded.current()
        losses = np.empty(len(rows))
        try:
            for path, held in self._recorded.routes(rows, theta):
                losses[held] = path.rows(rows[held], path.numbers(theta))[0]
        except TooManyPathsError:
            losses = self._uncompiled(self._plain.rows, rows, theta)
        if self.check:
            self._compare(losses, self._plain.rows(rows, theta))
        return losses

    @property
    def reads_parts(self) -> bool:
        """True where rows may come as ``Beside`` to good purpose: all take one path, which runs as a plan."""
        paths = self._recorded.paths
        return not self.check and len(paths) == 1 and paths[0].reads_parts

    @property
    def processes(self) -> int:
        """How many processes sum their rows together: 1, except for several of jax.distributed."""
        return 1 if self._devices is None else self._devices.processes

    @property
    def number(self) -> int:
        """The number of this process among those."""
        return 0 if self._devices is None else self._devices.number

    def gather(self, array: Floats) -> Floats:
        """Return the arrays of all processes, with a first axis for them; every process must call it."""
        return array[None] if self._devices is None else self._devices.gather(array)

    # ------------------------------------------------------------ compiled

    def _on_devices(self, engine: str, mesh: object) -> Devices | None:
        """Return the devices that rows are spread over, None where the engine is not JAX's."""
        if engine != "jax":
            if mesh is not None:
                raise ValueError(f"Batch: mesh belongs to engine='jax', and engine is {engine!r}")
            return None
        if self.exact:
            raise ValueError("Batch: exact=True keeps the order of sums, which XLA does not; use another engine")
        from autograd_mini.program.devices import Devices  # loads JAX

        return Devices(mesh, mean=self.reduction == "mean")

    def _checked(self, given: Floats | Beside, theta: Floats | None) -> tuple[Floats, Floats]:
        rows: Any = given
        if (rows.__class__ is not np.ndarray or rows.dtype is not DOUBLE) and not (
            rows.__class__ is Beside and self.reads_parts
        ):
            try:
                rows = np.asarray(rows, dtype=np.float64)
            except (TypeError, ValueError):
                raise TypeError("Batch: rows contain something that is not a number, or differ in length") from None
        shape = rows.shape
        if len(shape) != 2 or shape[1] != self.columns or not (shape[0] or self.processes > 1):
            raise ValueError(
                f"Batch: rows have the shape {shape}; at least one row of {self.columns} numbers is needed, "
                f"shape (N, {self.columns})"
            )
        if theta is None:
            theta = np.array([each.data for each in self.parameters], dtype=np.float64)
        elif theta.__class__ is not np.ndarray or theta.dtype is not DOUBLE or not theta.flags.c_contiguous:
            theta = np.ascontiguousarray(theta, dtype=np.float64)
        if theta.shape != self._shape:
            raise ValueError(
                f"Batch: theta has the shape {theta.shape}; one number for each of the {len(self.parameters)} "
                "parameters is needed"
            )
        return rows, theta

    def _routed(self, rows: Floats, theta: Floats, what: str) -> Floats:
        """Return the sums of the path's outputs over the rows, over the divisor."""
        recorded = self._recorded
        known = recorded.current()
        divisor = self._plain.divisor(rows)
        if not len(rows) and not known:  # other processes have rows
            recorded.record(known, np.zeros(self.columns), theta, 0)
        if known and not known[0].guarded:
            path = known[0]
            return path.sums(what, recorded.penalty)(rows, path.numbers(theta), divisor)
        rows = np.asarray(rows)
        sums: Floats | None = None
        try:
            routes = recorded.routes(rows, theta)
        except TooManyPathsError:
            return self._uncompiled(self._plain.gradients, rows, theta)[: None if what == "gradients" else 1]
        for path, held in routes:
            run = path.sums(what, recorded.penalty if sums is None else None)  # the penalty is added once
            part = run(rows[held], path.numbers(theta), divisor)
            sums = part if sums is None else sums + part
        assert sums is not None  # there is at least one row, and it takes a path
        return sums

    def _uncompiled(self, eager: Callable[[Floats, Floats], Floats], rows: Floats, theta: Floats) -> Floats:
        if not self._warned:
            self._warned = True
            warnings.warn(
                f"the rows take more than {PATHS} different paths through the `if`s of the loss: the loss is "
                "computed with Values, which is slow; choose with where(condition, a, b), relu, maximum, abs… instead",
                RuntimeWarning,
                stacklevel=4,
            )
        return eager(rows, theta)

    def _compare(self, found: Floats, wanted: Floats) -> None:
        """Raise CompiledDiffersError where the compiled numbers are not those of the eager engine."""
        scale = 1.0 + float(np.abs(wanted[np.isfinite(wanted)]).max(initial=0.0))
        close = np.isclose(found, wanted, rtol=CLOSE, atol=CLOSE * scale, equal_nan=True)
        if not close.all():
            i = int(np.argmin(close))
            raise CompiledDiffersError(
                f"Batch: engine {self._asked!r} and the eager engine differ in number {i} of (loss, gradient…): "
                f"{float(wanted[i])!r} wanted, {float(found[i])!r} found; please report this with the loss"
            )
