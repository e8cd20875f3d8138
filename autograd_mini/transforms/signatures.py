"""Signatures: what type checkers know of a function after a transform.

The parameters stay as they were declared. A function of Values also takes numbers, and then
gives numbers. Where nothing was declared, as in a lambda, nothing is known and nothing refused.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, Protocol, TypeAlias, TypeVar, overload

import numpy as np

from autograd_mini.engine.value import Value

__all__ = ["A", "Array", "K", "P", "R", "T", "Transformed"]

P = ParamSpec("P")
A = TypeVar("A", bound=Any)  # the bound lets checkers read a lambda's body
K = TypeVar("K")
R = TypeVar("R", bound=Any)
T = TypeVar("T")
Argument = TypeVar("Argument", bound=Any, contravariant=True)
Numbers = TypeVar("Numbers", covariant=True)
Values = TypeVar("Values", covariant=True)
Others = TypeVar("Others", covariant=True)
Array: TypeAlias = np.ndarray[Any, Any]


class Transformed(Protocol[Argument, P, Numbers, Values, Others]):
    """What a transform makes of a function with a first argument of type ``Argument`` and further ones ``P``.

    Where that is Value: Values → ``Values``, numbers → ``Numbers``; else → ``Others``.
    """

    __wrapped__: Callable[..., Any]

    @overload
    def __call__(
        self: Transformed[Value, P, Numbers, Values, Others], x: Value, /, *args: P.args, **kwargs: P.kwargs
    ) -> Values: ...
    @overload
    def __call__(self: Transformed[Value, P, Numbers, Values, Others], *args: float, **kwargs: float) -> Numbers: ...
    @overload
    def __call__(self, x: Argument, /, *args: P.args, **kwargs: P.kwargs) -> Others: ...
    def __call__(self, *args: Any, **kwargs: Any) -> Any:  # type: ignore[misc]
        """Return the result."""
