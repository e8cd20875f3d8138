"""Recorder: the observer that turns every operation of a thread into an instruction.

Tracing a user's function, applying derivative rules to a program and expanding composed primitives
work in the same way: ordinary Python runs on ``Traced`` numbers, and its operations are recorded. A
Traced is a Value whose number cannot be read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from sys import setprofile
from threading import get_ident
from typing import Any, NoReturn

from autograd_mini.engine.methods import TABLE
from autograd_mini.engine.observer import Observer, Sweep, innermost, observed_by
from autograd_mini.engine.value import Value
from autograd_mini.primitives import table as rows
from autograd_mini.primitives.floats import OPERAND, as_number
from autograd_mini.primitives.row import Primitive
from autograd_mini.program.ir import Instruction, Operand, Program
from autograd_mini.program.record import operators as operators  # the methods of Traced
from autograd_mini.program.record.choice import choose, is_number
from autograd_mini.program.record.late import LateSweep
from autograd_mini.program.record.pause import PAUSED, pausing, resume
from autograd_mini.program.record.traced import Partial, Traced, TraceError

__all__ = ["Partial", "Recorder", "TraceError", "Traced"]

TRUTHS = {rows.logical_and: (0, 1), rows.logical_or: (0, 1), rows.logical_not: (0,), rows.where: (0,)}
"""Row → which arguments are truth values; elsewhere a truth value counts as 1 or 0."""

CLOSED = object()

PullBack = Callable[["Recorder", Sequence[Operand], Sequence[Operand], Sequence[Operand]], list[Operand]]
"""(recorder, outputs, seeds, inputs) → Σ seed·∂output/∂input for each input."""


class Recorder(Observer):
    """Observer that records. A ``concrete`` recorder also computes with example numbers, so ``if`` can branch."""

    def __init__(
        self,
        *,
        concrete: bool = False,
        pull_back: PullBack | None = None,
        kind: type[Traced] = Traced,
        late: int | None = None,
    ) -> None:
        self.open, self.kind = True, kind
        self.is_whole = False  # columns: the function used an array as a whole
        self.entry: object = CLOSED  # the entry of its context, while that is open
        self.steps: list[Any] = []  # the row, operands and result or results of each instruction, in a flat list
        self._instructions: list[Instruction] = []
        self.arguments: list[int] = []
        self.captured: dict[int, tuple[Value, int, float]] = {}  # id → Value, variable, number when met
        self.names: dict[int, str] = {}
        self.guards: dict[int, bool] = {}
        self.numbers: list[Any] | None = [] if concrete else None
        self.booleans: set[int] = set()
        self.pull_back = pull_back
        self.late = late  # instructions from which on a gradient is written down when it is needed
        self.fresh = 0

    @property
    @pausing
    def instructions(self) -> list[Instruction]:
        """The recorded instructions, made from ``steps`` at the first access."""
        hook = PAUSED.pop(get_ident(), None)
        known, steps = self._instructions, self.steps
        start = 3 * len(known)
        results = [(x,) if x.__class__ is int else x for x in steps[start + 2 :: 3]]
        known += map(Instruction, steps[start::3], steps[start + 1 :: 3], results)
        if hook is not None:
            setprofile(hook)
        return known

    @property
    def is_table(self) -> bool:
        """True if every instruction so far applies a row of the package's table."""
        return all(row.name in TABLE for row in self.steps[::3])

    # ------------------------------------------------------------ making variables

    def variable(self, number: Any = None) -> int:
        """Return a new variable, with its example number in a concrete recorder."""
        made = self.fresh
        self.fresh += 1
        if self.numbers is not None:
            self.numbers.append(number)
        return made

    def argument(self, number: float | None = None, name: str = "") -> Traced:
        """Return a new argument of the program."""
        made = self.variable(number)
        self.arguments.append(made)
        if name:
            self.names[made] = name
        return self.traced(made)

    def traced(self, operand: Operand, boolean: bool | None = None) -> Traced:
        """Return ``operand`` as a Value to compute with."""
        made: Traced = Value.__new__(self.kind)
        made.recorder = self
        made.operand = operand
        made.boolean = operand in self.booleans if boolean is None else boolean
        return made

    def capture(self, value: Value) -> int:
        """Return the variable of a captured Value, which becomes an input read at each call."""
        found = self.captured.get(id(value))
        if found is None:
            number = value.data
            found = self.captured[id(value)] = value, self.variable(number), number
            if value.label:
                self.names[found[1]] = value.label
        return found[1]

    def operand(self, arg: Any, operation: str = "a program") -> Operand:
        """Return the operand for ``arg`` in an instruction: its variable, or a literal."""
        if isinstance(arg, Traced):
            if arg.recorder is not self:
                arg.refuse()
            return arg.operand
        if isinstance(arg, Value):
            return arg.data if arg.is_constant else self.capture(arg)
        return as_number(arg, operation, OPERAND)

    # ------------------------------------------------------------ Observer

    def apply(self, primitive: Primitive, args: tuple[Any, ...]) -> Any:
        """Record ``primitive(*args)``; with literals only, compute it at once."""
        if primitive.chooses and not (is_number(args[1]) and is_number(args[2])):
            condition, a, b = args  # where, in a rule: its branches may be partials
            operand = self._truth(condition)
            return (a if operand else b) if isinstance(operand, float) else choose(self.traced(operand), a, b)
        truths = TRUTHS.get(primitive, ())
        found = []
        for arg in args:
            if arg.__class__ is Traced and arg.recorder is self and not arg.boolean and not truths:
                found.append(arg.operand)  # the usual case
            else:
                truth = len(found) in truths
                found.append(self._truth(arg) if truth else self.number(arg, primitive.name))
        operands = tuple(found)
        if primitive is rows.where and isinstance(operands[0], float):
            return self.traced(operands[1] if operands[0] else operands[2], False)
        for position in primitive.static if primitive is not rows.where else ():
            if not isinstance(operands[position], float):
                raise TraceError(
                    f"{primitive.name}: argument {position + 1} must be a plain number in a traced function, "
                    "it got a Value" + "; use x ** y for an exponent that varies" * (primitive is rows.power)
                )
        return self.emit(primitive, operands)

    def emit(self, primitive: Primitive, operands: tuple[Operand, ...]) -> Any:
        """Append one instruction and return its result, or the list of its results."""
        variables = [x for x in operands if x.__class__ is int]
        # an ``identity`` is an input of a nested transform, so it stays also where its operand is a literal
        if not variables and primitive is not rows.identity:
            out = primitive.evaluate(operands)
            if primitive.outputs:
                return [self.traced(float(y), False) for y in out]
            return self.traced(float(out), primitive.boolean)
        numbers = self.numbers
        if numbers is not None:
            given = tuple([numbers[x] if x.__class__ is int else x for x in operands])
            try:
                out = primitive.evaluate(given)
            except IndexError:  # of take: an index that varies is nan where there is no such value, as when it runs
                if primitive.expand is None or operands[-1].__class__ is not int:
                    raise
                out = primitive.expand(*given)
            numbers.extend(out if primitive.outputs else (out,))
        results = tuple(range(self.fresh, self.fresh + (len(operands) if primitive.outputs else 1)))
        self.fresh = results[-1] + 1
        self.steps += primitive, operands, results
        if primitive.boolean:
            self.booleans.update(results)
        if not primitive.outputs:
            return self.traced(results[0], primitive.boolean)
        return [self.traced(result, False) for result in results]

    def compare(self, primitive: Primitive, a: Any, b: Any) -> Traced:
        """Record a comparison: a truth value for ``where``, a guard where Python branches on it."""
        made: Traced = self.apply(primitive, (a, b))
        return made

    def truth(self, value: Value) -> bool:
        """Return the truth value for this call's numbers, for Python's ``if``, and record it as a guard."""
        operand = self._truth(value)
        if isinstance(operand, float):
            return operand != 0.0
        if self.numbers is None:
            raise TraceError(
                "a derivative rule or expansion branches with Python's `if` on a number that is not known yet; "
                "write where(condition, a, b), which keeps both branches"
            )
        return self.guards.setdefault(operand, bool(self.numbers[operand]))

    def text(self, value: Value, spec: str) -> str:
        """Return "Value(captured)" for a Value whose number may change; raise TraceError where it is formatted."""
        if value.is_constant or isinstance(value, Traced):
            return ""
        if spec:
            self.hides(value, "formats")
        return f"Value(captured, label={value.label!r})" if value.label else "Value(captured)"

    def backward(self, output: Value, gradient: float) -> NoReturn:
        """Raise TraceError: gradients inside a traced function are results, not side effects."""
        raise TraceError(
            "backward() writes gradients into Values, which a compiled program does not do; inside a jitted function "
            "use grad(f) or value_and_grad(f), or call backward() on what the jitted function returns"
        )

    def pull(
        self, outputs: Sequence[Any], seeds: Sequence[Any], inputs: Sequence[Any], create_graph: bool, sweep: Sweep
    ) -> list[Any]:
        """Return Σ seed·∂output/∂input for each input: the adjoints a transform needs, recorded now or late."""
        y, dy, x = ([self.number(each, "gradients") for each in side] for side in (outputs, seeds, inputs))
        is_long = self.late is not None and len(self.steps) >= 3 * self.late and self.kind is Traced
        if not is_long or not self.is_table:  # the rules of a user's row run now, under the witness
            return [self.traced(each, False) for each in self.record_pull(y, dy, x)]
        return [*LateSweep(y, dy, x, self.record_pull).results(self)]

    @pausing
    def record_pull(
        self, outputs: Sequence[Operand], seeds: Sequence[Operand], inputs: Sequence[Operand]
    ) -> list[Operand]:
        """Record the reverse sweep and return the variables of its results."""
        hook = PAUSED.pop(get_ident(), None) if self.is_table else None
        try:
            resume()  # rules of users are users' code
            if self.pull_back is None:
                raise TraceError("gradients cannot be taken while a derivative rule or an expansion is recorded")
            return self.pull_back(self, outputs, seeds, inputs)
        finally:
            if hook is not None:
                setprofile(hook)

    def hides(self, value: Value, does: str) -> NoReturn:
        """Raise TraceError where code reads or writes the number of a Value: see ``hidden_numbers``."""
        raise TraceError(
            f"the traced function {does} {value.label or 'a Value'}: the compiled program would keep this call's "
            "number as a constant, and writes nothing into Values; compute with the Value itself, cut the gradient by "
            "stop_gradient(value), or do this outside the function"
        )

    # ------------------------------------------------------------ kinds

    def _truth(self, arg: Any) -> Operand:
        """Return ``arg`` as a truth operand: a number counts as true where it is not 0."""
        operand = self.operand(arg, "a condition")
        if isinstance(operand, float):
            return float(operand != 0.0)
        if operand in self.booleans:
            return operand
        made: Operand = self.emit(rows.not_equal, (operand, 0.0)).operand
        return made

    def number(self, arg: Any, operation: str = "a program") -> Operand:
        """Return ``arg`` as a number operand: a truth value counts as 1 or 0."""
        operand = self.operand(arg, operation)
        if operand.__class__ is int and operand in self.booleans:
            made: Operand = self.emit(rows.where, (operand, 1.0, 0.0)).operand
            return made
        return operand

    # ------------------------------------------------------------ programs

    def program(self, outputs: Sequence[Operand]) -> Program:
        """Return the recorded instructions as a program with these outputs."""
        captured = list(self.captured.values())
        return Program(
            (*self.arguments, *(variable for _, variable, _ in captured)),
            tuple(self.instructions),
            tuple(outputs),
            tuple(value for value, _, _ in captured),
            dict(self.names),
            tuple(self.guards.items()),
        )

    def __enter__(self) -> Recorder:
        self._watch = observed_by(self)
        self._watch.__enter__()
        self.entry = innermost.get()
        return self

    def __exit__(self, *exception: object) -> None:
        self._watch.__exit__(*exception)
        del self._watch  # it refers to this recorder
        self.entry = CLOSED
        self.open = False
