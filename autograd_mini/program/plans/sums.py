"""What runs a program that has structure: sums over the rows of a batch, columns, and single numbers.

A batch runs as a plan of NumPy calls, or native stages. Where llvmlite is, a few rows, single numbers and a program
without arguments (a document's loss, all of whose numbers are captured) run as native loops, row by row.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from autograd_mini.primitives.row import Primitive
from autograd_mini.primitives.table import affine
from autograd_mini.program.blocks.adjoint import block_adjoint
from autograd_mini.program.blocks.choice import choice
from autograd_mini.program.blocks.ir import BlockProgram
from autograd_mini.program.blocks.lower import lower_blocks
from autograd_mini.program.blocks.pulled import recover_pulled
from autograd_mini.program.blocks.recover import recover
from autograd_mini.program.blocks.roll import levels, roll
from autograd_mini.program.ir import Program
from autograd_mini.program.loops.run import Loops
from autograd_mini.program.passes.simplify import simplify
from autograd_mini.program.plans.plan import Plan
from autograd_mini.program.plans.words import NARY, OWN
from autograd_mini.program.run import ColumnFunction, pick
from autograd_mini.program.source import prepared
from autograd_mini.program.target import Floats, Sums
from autograd_mini.program.targets.numpy import TARGET

__all__ = ["LoopNumbers", "loop_numbers", "loops_from", "plan_columns", "plan_of", "plan_sums", "size_of"]

# Measured on one core, for rows by the hundred. A call of NumPy costs about 0.8 µs, an application in a
# product 0.1 ns a row; native straight-line code 0.2 ns a row while it fits the caches, 0.6 ns beyond, and
# 0.3 ms to compile. One call of the straight-line NumPy program is one of a plan's, for one application.
LARGE = 4_000  # applications from which on native code falls out of the caches, and compiles for seconds
SPARSE = 20  # applications for each block of the program that make a plan worth its calls
SINGLE = 1_000  # applications from which on a program of single numbers is compiled as loops
ROLLED = 2_000  # applications from which on a loop in time runs about as fast as straight lines; it compiles at once
# A plan's vectors are along the rows: fewer rows than lanes are computed one by one, and every call and loop costs the
# same as for many. Native loops have their vectors inside the blocks; a row takes 0.2 to 0.3 ns an application.
FEW = 7  # the most rows that loops take
FREE, FOR_EACH = 30_000, 1_200  # applications that loops compute while a plan makes its calls, and for each block


def plan_of(program: BlockProgram, *, summed: bool, native: bool = False) -> Plan:
    """Return the plan that runs ``program``, without its guards; ``native`` lets llvmlite write its stages.

    Raises NotImplementedError where a row is neither NumPy's nor expands to rows that are.
    """
    return Plan(_for_numpy(program), _word, TARGET.literal, summed=summed, native=native)


def _for_numpy(program: BlockProgram) -> BlockProgram:
    """Return ``program`` without guards in rows that a plan has words for, or raise NotImplementedError."""

    def supports(row: Primitive) -> bool:
        return row in (affine, choice, *NARY, *OWN) or (TARGET.word(row) is not None and row.arity is not None)

    lowered = lower_blocks(replace(program, guards=()), supports, lambda one: prepared(one, TARGET))
    for block in lowered.blocks:
        if block.primitive.arity is not None:
            _word(block.primitive)
    return lowered


def _word(row: Primitive) -> str:
    """Return how NumPy says a row with a fixed number of arguments, or raise NotImplementedError."""
    found = TARGET.word(row) or ""
    if row in OWN:
        return found
    if "{" not in found and not found.startswith("np."):
        raise NotImplementedError(f"primitive {row.name!r} is no function of NumPy; define it with numpy=...")
    return found


class _Rows:
    """A program over rows as loops where these are few, else as a plan; each is compiled when it is first needed.

    Raises NotImplementedError as ``plan_of`` does. The choice depends on the number of rows alone: the same rows give
    the same bits.
    """

    def __init__(self, program: BlockProgram, *, summed: bool) -> None:
        self.program, self.summed = program, summed
        self.lowered = _for_numpy(program)
        self.few = max(1, min(FEW, (FREE + FOR_EACH * len(program)) // max(program.applications, 1)))
        self._plan: Plan | None = None
        self._loops: Loops | None = None
        self._lock = threading.Lock()

    def __call__(self, rows: Floats, theta: Floats, scale: float = 1.0) -> Floats:
        """Return the outputs, as ``Plan`` does."""
        if len(rows) <= self.few:
            return (self._loops or self._few())(np.asarray(rows), theta, scale)
        return (self._plan or self._many())(rows, theta, scale)

    def _few(self) -> Loops | Plan:
        with self._lock:
            if self._loops is None:
                try:
                    self._loops = Loops(self.program, summed=self.summed)
                except NotImplementedError:  # a row that only NumPy has
                    self.few = 0  # no later call tries again
                    return self._many_locked()
            return self._loops

    def _many(self) -> Plan:
        with self._lock:
            return self._many_locked()

    def _many_locked(self) -> Plan:
        if self._plan is None:
            make = partial(Plan, self.lowered, _word, TARGET.literal, summed=self.summed)
            try:
                self._plan = make(native=True)
            except NotImplementedError:  # a row that only NumPy has
                self._plan = make(native=False)
        return self._plan


def plan_sums(
    program: Program, slopes: int, engine: str, once: Program | None = None, loose: bool = False
) -> Sums | None:
    """Return ``program`` summed over rows by a plan, and its gradient for the first ``slopes`` captured Values.

    The function takes rows (N, arguments), the captured numbers and a divisor; ``once``, a program of the captured
    inputs alone, is added to the sums, undivided, likewise with its gradient. A ``loose`` gradient is right where
    it is finite. None where no plan is due.
    """
    plan = _runner(program, slopes, engine, loose=loose)
    if plan is None:
        return None
    extra = None if once is None else _runner(once, slopes, "plan", loose=loose)
    if once is not None and extra is None:
        return None
    nothing = np.empty((1, 0))  # one row of no arguments

    def sums(rows: Floats, theta: Floats, divisor: float) -> Floats:
        found = plan(rows, theta, 1.0 / divisor)
        if extra is not None:
            found += extra(nothing, theta)
        return found

    return sums


def plan_columns(program: Program, engine: str) -> ColumnFunction | None:
    """Return ``program`` over rows by a plan, one column for each output; None where none is due."""
    plan = _runner(program, 0, engine, summed=False)
    return None if plan is None else lambda rows, theta: list(plan(rows, theta))


def loops_from() -> int | None:
    """Return the applications from which on single numbers run as loops; None where they cannot."""
    return None if pick("auto") == TARGET.name else SINGLE


class LoopNumbers:
    """A program as native loops, a function of one number per input."""

    def __init__(self, loops: Loops) -> None:
        self.loops = loops

    def __call__(self, *inputs: float) -> tuple[float, ...]:
        """Return the outputs."""
        return tuple(self.loops.numbers(inputs))

    def on_arrays(self, given: Floats, captured: Floats) -> Floats:
        """Return the outputs as an array, for arguments and captured numbers as arrays."""
        return self.loops(given.reshape(1, -1), captured).reshape(-1)


def loop_numbers(program: Program) -> LoopNumbers | None:
    """Return ``program`` as a function of one number per input, compiled as loops; None where none are due."""
    least = loops_from()
    if least is None or size_of(program) < least:
        return None
    program = replace(program, guards=())
    for blocks_of in _ways(program):
        if blocks_of is recover and program.pull is None:
            program = simplify(program)
        blocks = recover_pulled(program, simplify, blocks_of)
        if blocks is None or blocks.applications < max(least, SPARSE * len(blocks)):
            continue
        try:
            return LoopNumbers(Loops(blocks, summed=False))
        except NotImplementedError:
            return None  # a row of the user's that has neither a word nor an expansion
    return None


def _ways(program: Program) -> Iterator[Callable[[Program], BlockProgram | None]]:
    """Yield how a program may be seen as blocks: by what is ready together, and by what repeats in time."""
    if size_of(program) >= SPARSE * levels(program):
        yield recover
    if size_of(program) >= ROLLED:
        yield roll


def size_of(program: Program) -> int:
    """Return the applications in a flat program, those of its n-ary rows counted one by one."""
    wide = [step for step in program.instructions if step.primitive.arity is None]
    return len(program) + sum(len(step.operands) // (2 if step.primitive is affine else 1) for step in wide)


def _runner(
    program: Program, slopes: int, engine: str, *, summed: bool = True, loose: bool = False
) -> Plan | Loops | _Rows | None:
    """Return what runs ``program`` and its gradient over rows, if the engine has use for it."""
    if engine not in ("auto", "numpy", "plan"):
        return None
    native = engine == "auto" and not program.arguments and pick(engine) != TARGET.name
    blocks = recover(replace(program, guards=()))
    if not (blocks.applications >= SINGLE if native else is_due(blocks, engine)):
        return None
    if slopes:
        first = len(program.arguments)
        blocks = block_adjoint(blocks, range(first, first + slopes), simplify=simplify, loose=loose)
    try:
        if native:
            return Loops(blocks, summed=summed)
        if engine == "auto" and pick(engine) != TARGET.name:
            return _Rows(blocks, summed=summed)
        return plan_of(blocks, summed=summed)
    except NotImplementedError:
        return None  # a row of the user's that NumPy has no word for


def is_due(blocks: BlockProgram, engine: str) -> bool:
    """Tell whether an engine runs ``blocks`` as a plan: "plan" always, "numpy" and "auto" where it is faster."""
    applications, count = blocks.applications, len(blocks)
    if engine == "auto" and pick(engine) != TARGET.name:
        return applications >= max(LARGE, SPARSE * count)
    return engine == "plan" or applications >= 4 * count
