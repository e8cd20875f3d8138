"""Program: a recorded computation in static single assignment.

A variable is a number (0, 1, 2…), assigned once: as an input, or by one instruction. An operand
is a variable (``int``) or a literal (``float``; 1.0 or 0.0 for a truth value). An instruction
applies one primitive to operands and assigns its results: usually one, n for ``softmax``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from autograd_mini.engine.value import Value
from autograd_mini.primitives.registry import PRIMITIVES
from autograd_mini.primitives.row import Primitive

__all__ = ["WRITERS", "Guard", "Instruction", "Operand", "Program", "Pull"]

Operand: TypeAlias = int | float
"""A variable (int) or a literal (float)."""

Guard: TypeAlias = tuple[int, bool]
"""(truth variable, the value it must have for the program to be valid)."""


@dataclass(frozen=True, slots=True, init=False)
class Instruction:
    """One instruction, ``results = primitive(*operands)``: a primitive, its operands, and the variables it assigns."""

    primitive: Primitive
    operands: tuple[Operand, ...]
    results: tuple[int, ...]

    def __init__(self, primitive: Primitive, operands: tuple[Operand, ...], results: tuple[int, ...]) -> None:
        for_primitive(self, primitive)  # half the time of a frozen dataclass; there are many instructions
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

    ``inputs``        the variables assigned by the caller: arguments first, then captured Values
    ``captured``      the Values bound to the last inputs, read at each call
    ``instructions``  in order: every variable is assigned before it is used
    ``outputs``       what the program returns, in order
    ``names``         names of variables, for printing and pictures
    ``guards``        the truth values on which Python's ``if`` branched while tracing: the
                      program is valid for inputs for which every guard has the same value
    ``pull``          what a large function ended with, where it is a gradient: passes and targets
                      take programs without one, which ``passes.adjoint.pulled`` makes
    ``is_normal``     True for a result of ``simplify``, which need not be simplified again; a
                      program made from it by ``replace`` is not normal
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
        """A number above the number of every variable."""
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
        while len(truths) > 1:  # a balanced tree: a chain of ten thousand is slow to schedule
            pairs = [add("logical_and", *truths[i : i + 2]) for i in range(0, len(truths) - 1, 2)]
            truths = pairs + truths[len(pairs) * 2 :]
        outputs: tuple[Operand, ...] = (add("where", truths[0], 1.0, 0.0),) if truths else (1.0,)
        return replace(self, instructions=tuple(instructions), outputs=outputs, guards=())

    def source(self, target: str = "python", name: str = "program", **options: bool | str) -> str:
        """Return the program's text for ``target``, one of ``TARGETS``; it defines a function ``name``.

        With ``gradient=True`` the function returns its value and the gradient with respect to the
        arguments and then the captured Values. In Python, JavaScript and C a program with structure is written
        as loops, with the same bits; in Python and JavaScript its function takes all numbers as ``*x``. Other
        options depend on the target: C has ``header=True`` and ``real="float"``. Raises ValueError for an unknown
        target.
        """
        return WRITERS.source(self, target, name, **options)

    def to_jax(self, dtype: str = "float64", *, gradient: bool = False) -> Callable[..., Any]:
        """Return the program as a pure function of JAX arrays; see ``targets.jax.to_jax``. Needs the extra ``jax``.

        >>> from autograd_mini import jit, tanh
        >>> f = jit(lambda x, y: tanh(x * y)).program(1.0, 2.0).to_jax()  # doctest: +SKIP
        >>> jax.jit(jax.vmap(f))(xs, ys)  # doctest: +SKIP
        """
        return WRITERS.to_jax(self, dtype, gradient=gradient)

    def __str__(self) -> str:
        return WRITERS.to_text(self)


class _Writers:
    """The functions that print and write programs; their modules, which import this one, register them here."""

    to_text: Callable[[Program], str]
    source: Callable[..., str]
    to_jax: Callable[..., Callable[..., Any]]


WRITERS = _Writers()
