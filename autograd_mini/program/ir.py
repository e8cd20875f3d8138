"""Program: a recorded computation in static single assignment.

A variable is a number (0, 1, 2…), assigned once: by being an input, or by one instruction.
An operand is a variable (``int``) or a literal (``float``; 1.0 and 0.0 where a truth value
stands). An instruction applies one primitive to operands and assigns its results; most have
one, ``softmax`` has n.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from autograd_mini.engine.value import Value
from autograd_mini.primitives.row import PRIMITIVES, Primitive

__all__ = ["WRITERS", "Guard", "Instruction", "Operand", "Program", "Pull"]

Operand: TypeAlias = int | float
"""A variable (int) or a literal (float)."""

Guard: TypeAlias = tuple[int, bool]
"""A truth variable and what it must be for the program to hold."""


@dataclass(frozen=True, slots=True, init=False)
class Instruction:
    """``results = primitive(*operands)``."""

    primitive: Primitive
    operands: tuple[Operand, ...]
    results: tuple[int, ...]

    def __init__(self, primitive: Primitive, operands: tuple[Operand, ...], results: tuple[int, ...]) -> None:
        for_primitive(self, primitive)  # half the time that a frozen dataclass takes, and there are many
        for_operands(self, operands)
        for_results(self, results)

    def variables(self) -> Iterator[int]:
        """Yield the operands that are variables."""
        return (x for x in self.operands if isinstance(x, int))


for_primitive, for_operands, for_results = (
    Instruction.__dict__[name].__set__ for name in ("primitive", "operands", "results")
)


@dataclass(frozen=True, slots=True)
class Pull:
    """``results = Σ seed·∂output/∂input`` for each input: a reverse sweep that is not written out as instructions."""

    outputs: tuple[Operand, ...]
    seeds: tuple[Operand, ...]
    inputs: tuple[Operand, ...]
    results: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Program:
    """Instructions in order, from inputs to outputs.

    ``inputs``        variables assigned by the caller: arguments first, then captured Values
    ``captured``      the Values bound to the trailing inputs, read anew at each call
    ``instructions``  in an order in which every variable is assigned before it is used
    ``outputs``       what the program returns, in order
    ``names``         names of variables, for printing and pictures
    ``guards``        what Python's ``if`` saw while the program was traced: the program
                      answers for the inputs at which every guard comes out the same
    ``pull``          what a large function ended with, where it is a gradient: passes and targets
                      take programs without one, which ``passes.adjoint.pulled`` makes
    ``is_normal``     True of what ``simplify`` made, which need not be simplified again; a
                      program made from it by ``replace`` is not, until it was simplified
    """

    inputs: tuple[int, ...]
    instructions: tuple[Instruction, ...]
    outputs: tuple[Operand, ...]
    captured: tuple[Value, ...] = ()
    names: dict[int, str] = field(default_factory=dict)
    guards: tuple[Guard, ...] = ()
    pull: Pull | None = None
    is_normal: bool = field(default=False, init=False, compare=False, repr=False)

    def __len__(self) -> int:
        return len(self.instructions)

    @property
    def arguments(self) -> tuple[int, ...]:
        """The inputs that are arguments of the call, without the captured ones."""
        return self.inputs[: len(self.inputs) - len(self.captured)]

    @property
    def next_variable(self) -> int:
        """A number above that of every variable."""
        late = () if self.pull is None else self.pull.results
        return 1 + max((*self.inputs, *(r for i in self.instructions for r in i.results), *late), default=-1)

    @property
    def matching(self) -> Program:
        """The program whose one output is 1 where every guard holds, else 0."""
        row, fresh = PRIMITIVES, self.next_variable
        instructions = list(self.instructions)

        def add(name: str, *operands: Operand) -> int:
            nonlocal fresh
            instructions.append(Instruction(row[name], operands, (fresh,)))
            fresh += 1
            return fresh - 1

        truths = [variable if outcome else add("logical_not", variable) for variable, outcome in self.guards]
        while len(truths) > 1:  # a balanced tree: a chain of ten thousand would be slow to schedule
            pairs = [add("logical_and", *truths[i : i + 2]) for i in range(0, len(truths) - 1, 2)]
            truths = pairs + truths[len(pairs) * 2 :]
        outputs: tuple[Operand, ...] = (add("where", truths[0], 1.0, 0.0),) if truths else (1.0,)
        return replace(self, instructions=tuple(instructions), outputs=outputs, guards=())

    def source(self, target: str = "python", name: str = "program", **options: bool | str) -> str:
        """Return the program's text for ``target``, one of ``TARGETS``; it defines a function ``name``.

        With ``gradient=True`` the function returns its value and the gradient, by the arguments and
        then the captured Values. Other options are the target's: C has ``header=True`` and
        ``real="float"``.
        """
        return WRITERS.source(self, target, name, **options)

    def __str__(self) -> str:
        return WRITERS.page(self)


class _Writers:
    """What writes programs down. It stands above them, and enters itself here when it is imported."""

    page: Callable[[Program], str]
    source: Callable[..., str]


WRITERS = _Writers()
