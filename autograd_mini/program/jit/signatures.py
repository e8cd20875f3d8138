"""Signatures: the types of compiled functions for type checkers."""

from __future__ import annotations

from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, overload

from autograd_mini.engine.value import Value
from autograd_mini.program.ir import Program
from autograd_mini.transforms.signatures import Array, Transformed

__all__ = ["A", "CompiledFunction", "CompiledTransform", "N", "O", "P", "R", "V"]

P = ParamSpec("P")
Q = ParamSpec("Q")
R = TypeVar("R", bound=Any)  # the bound lets checkers read a lambda's body
A = TypeVar("A", bound=Any)
N = TypeVar("N")
V = TypeVar("V")
O = TypeVar("O")  # noqa: E741  # the result of a Transformed for other arguments
Owner = TypeVar("Owner", bound=Any)
Argument = TypeVar("Argument", bound=Any, contravariant=True)
Result = TypeVar("Result", covariant=True)
Numbers = TypeVar("Numbers", covariant=True)
Values = TypeVar("Values", covariant=True)
Others = TypeVar("Others", covariant=True)


class CompiledFunction(Protocol[P, Result]):
    """A compiled function; a function of Values also takes numbers and columns. A method is bound as usual."""

    @overload
    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Result: ...
    @overload
    def __call__(  # type: ignore[overload-overlap]
        self: CompiledFunction[Concatenate[Value, Q], Value], *args: float, **kwargs: float
    ) -> float: ...
    @overload
    def __call__(
        self: CompiledFunction[Concatenate[Value, Q], Value], *args: Array | float, **kwargs: Array | float
    ) -> Array: ...
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return the current result of the function."""

    def program(self, *args: object, **kwargs: object) -> Program:
        """Return the program that a call with these arguments runs."""

    @overload
    def __get__(self, instance: None, owner: type, /) -> CompiledFunction[P, Result]: ...
    @overload
    def __get__(
        self: CompiledFunction[Concatenate[Owner, Q], R], instance: Owner, owner: type, /
    ) -> CompiledFunction[Q, R]: ...
    def __get__(self, instance: Any, owner: type, /) -> Any:
        """Return the function bound to an object."""


class CompiledTransform(
    Transformed[Argument, P, Numbers, Values, Others], Protocol[Argument, P, Numbers, Values, Others]
):
    """A compiled gradient, or another transform."""

    def program(self, *args: object, **kwargs: object) -> Program:
        """Return the program that a call with these arguments runs."""
