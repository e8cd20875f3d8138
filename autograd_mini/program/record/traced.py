"""Traced: a number inside a function that is being recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NoReturn, Protocol

from autograd_mini.engine.value import Value
from autograd_mini.primitives.row import Primitive
from autograd_mini.primitives.table import logical_and, logical_or
from autograd_mini.program.ir import Operand

__all__ = ["Partial", "Recording", "TraceError", "Traced"]


class Recording(Protocol):
    """What a traced number knows of its recorder."""

    open: bool
    names: dict[int, str]

    def traced(self, operand: Operand, boolean: bool | None = None) -> Traced:
        """Return ``operand`` as a Value to compute with."""


class TraceError(RuntimeError):
    """Something inside a traced function that a recorded program could not repeat honestly."""


class Traced(Value):
    """A number inside a function that is being recorded: it computes, but cannot be read."""

    __slots__ = ("boolean", "operand", "recorder")
    recorder: Recording
    operand: Operand
    boolean: bool

    def refuse(self) -> NoReturn:
        """Raise: this number cannot be read, or not any more."""
        what = self.label or "a number"
        if not self.recorder.open:
            raise TraceError(
                f"{what} of a traced call is used after that call: the function kept it (in a list, an attribute or a "
                "global) where the compiled program cannot renew it; return it from the function instead"
            )
        raise TraceError(
            f"{what} is read (.data, .grad or its graph) while the function is traced: the program would keep this "
            "call's number for ever; compute with the Value itself, choose with where(...), take gradients with "
            "grad or value_and_grad, or read the number outside the jitted function"
        )

    data = property(lambda self: self.refuse(), lambda self, _: self.refuse())
    grad = property(lambda self: self.refuse(), lambda self, _: self.refuse())
    parents = property(lambda self: self.refuse())
    partials = property(lambda self: self.refuse())
    left = right = to_left = to_right = partials
    op = property(lambda self: self.refuse())

    is_leaf = property(lambda self: False)
    is_constant = is_parameter = is_leaf

    def __init__(self) -> None:
        raise TraceError("a Traced is made by a recorder; use Value(x) for a number of your own")

    def __repr__(self) -> str:
        label = f", label={self.label!r}" if self.label else ""
        return f"Value(traced{label})"

    @property
    def label(self) -> str:
        """The name of the variable in the program."""
        return self.recorder.names.get(self.operand, "") if isinstance(self.operand, int) else ""

    @label.setter
    def label(self, label: str) -> None:
        if isinstance(self.operand, int) and label:
            self.recorder.names[self.operand] = label

    def __index__(self) -> int:
        raise TypeError(
            "a traced number cannot be an index, a length or an int: the program is the same for all numbers; "
            "fix it beforehand, as in jit(functools.partial(f, n=3))"
        )

    def __getitem__(self, key: object) -> NoReturn:
        raise TypeError(
            "a traced number has no elements: a jitted function sees an ndarray one number at a time, as a ufunc does; "
            "pass a list of numbers (x.tolist(), or list(X.T) for a batch) where the function takes several"
        )

    def __and__(self, other: object) -> Any:
        return logical_and(self, other) if self.boolean else NotImplemented

    def __or__(self, other: object) -> Any:
        return logical_or(self, other) if self.boolean else NotImplemented

    __rand__, __ror__ = __and__, __or__
    __hash__ = object.__hash__


@dataclass(frozen=True, slots=True)
class Partial:
    """A local derivative that flows under a condition: ``where(live, value, NO_FLOW)`` of recorded numbers.

    A rule may choose it again with ``where``; it takes part in nothing else.
    """

    value: Any  # Traced, or a number
    live: Traced

    def __apply__(self, primitive: Primitive, args: tuple[Any, ...]) -> Any:
        if not primitive.chooses:
            raise TraceError(
                f"{primitive.name} of a partial that flows only under a condition; a rule returns "
                "where(condition, partial, NO_FLOW) as it is, and does its arithmetic inside the branches"
            )
        condition, a, b = args
        return a if condition else b
