"""The gradient of a function: ``grad`` and ``value_and_grad``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Concatenate, Literal, TypeAlias, overload

from autograd_mini.engine.value import Value
from autograd_mini.transforms.call import Call, checked
from autograd_mini.transforms.signatures import A, K, P, T, Transformed

__all__ = ["argument_numbers", "grad", "named", "value_and_grad"]

Function: TypeAlias = Callable[..., Any]


def argument_numbers(argnums: int | Sequence[int]) -> Sequence[int]:
    """Return the argument numbers as a tuple; TypeError or ValueError for anything else."""
    numbers = (argnums,) if isinstance(argnums, int) else argnums
    if not isinstance(numbers, (tuple, list)) or not all(isinstance(i, int) for i in numbers):
        raise TypeError(f"argnums is {argnums!r}; the number of an argument, from 0, or a tuple of them is needed")
    if not numbers or len(set(numbers)) < len(numbers):
        raise ValueError(f"argnums is {argnums!r}; give at least one number, and each once")
    return tuple(numbers)


def named(transformed: Function, transform: str, function: Function) -> Function:
    """Return ``transformed`` with a name and a docstring that tell what was done to which function."""
    checked(function, transform)
    transformed.__name__ = transformed.__qualname__ = f"{transform}({getattr(function, '__name__', 'function')})"
    transformed.__doc__ = f"{transform} of {getattr(function, '__name__', 'function')}.\n\n{function.__doc__ or ''}"
    transformed.__wrapped__ = function  # type: ignore[attr-defined]  # inspect.signature finds the parameters
    return transformed


@overload
def value_and_grad(  # type: ignore[overload-overlap]
    function: Transformed[A, P, Any, Any, Any], argnums: Literal[0] = 0
) -> Transformed[A, P, tuple[float, float], tuple[Value, Value], tuple[float, A]]: ...
@overload
def value_and_grad(
    function: Callable[Concatenate[A, P], Value | float], argnums: Literal[0] = 0
) -> Transformed[A, P, tuple[float, float], tuple[Value, Value], tuple[float, A]]: ...
@overload
def value_and_grad(
    function: Callable[Concatenate[A, P], Value | float], argnums: int
) -> Transformed[A, P, tuple[float, float], tuple[Value, Value], tuple[float, Any]]: ...
@overload
def value_and_grad(
    function: Callable[Concatenate[A, P], Value | float], argnums: Sequence[int]
) -> Transformed[
    A, P, tuple[float, tuple[float, ...]], tuple[Value, tuple[Value, ...]], tuple[float, tuple[Any, ...]]
]: ...
@overload
def value_and_grad(function: Callable[P, Value | float], *, wrt: Value) -> Callable[P, tuple[float, float]]: ...
@overload
def value_and_grad(
    function: Callable[P, Value | float], *, wrt: list[Value]
) -> Callable[P, tuple[float, list[float]]]: ...
@overload
def value_and_grad(
    function: Callable[P, Value | float], *, wrt: Mapping[K, Value]
) -> Callable[P, tuple[float, dict[K, float]]]: ...
@overload
def value_and_grad(
    function: Callable[Concatenate[A, P], tuple[Value | float, T]], argnums: Literal[0] = 0, *, has_aux: Literal[True]
) -> Transformed[A, P, tuple[tuple[float, T], float], tuple[tuple[Value, T], Value], tuple[tuple[float, T], A]]: ...
@overload
def value_and_grad(
    function: Callable[P, Any], argnums: int | Sequence[int] = 0, *, wrt: object = None, has_aux: bool = False
) -> Callable[P, Any]: ...
def value_and_grad(
    function: Function, argnums: int | Sequence[int] = 0, *, wrt: Any = None, has_aux: bool = False
) -> Function:
    """Return a function that returns (f(...), gradient), or ((f(...), aux), gradient) with ``has_aux``.

    Arguments and errors as in ``grad``; one forward and one reverse pass per call. So
    ``scipy.optimize.minimize(value_and_grad(f), x0, jac=True)`` works.

    >>> value_and_grad(lambda x: x**3)(2.0)
    (8.0, 12.0)
    """

    numbers = argument_numbers(argnums)

    def transformed(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        call = Call(function, args, kwargs, numbers, wrt, has_aux)
        call.scalar("grad")
        found = call.structured(call.pull([1.0]))
        gradient = found[0] if wrt is not None or isinstance(argnums, int) else tuple(found)
        return ((call.value(), call.given_aux()) if has_aux else call.value()), gradient

    return named(transformed, "value_and_grad", function)


@overload
def grad(  # type: ignore[overload-overlap]
    function: Transformed[A, P, Any, Any, Any], argnums: Literal[0] = 0
) -> Transformed[A, P, float, Value, A]: ...
@overload
def grad(
    function: Callable[Concatenate[A, P], Value | float], argnums: Literal[0] = 0
) -> Transformed[A, P, float, Value, A]: ...
@overload
def grad(
    function: Callable[Concatenate[A, P], Value | float], argnums: int
) -> Transformed[A, P, float, Value, Any]: ...
@overload
def grad(
    function: Callable[Concatenate[A, P], Value | float], argnums: Sequence[int]
) -> Transformed[A, P, tuple[float, ...], tuple[Value, ...], tuple[Any, ...]]: ...
@overload
def grad(function: Callable[P, Value | float], *, wrt: Value) -> Callable[P, float]: ...
@overload
def grad(function: Callable[P, Value | float], *, wrt: list[Value]) -> Callable[P, list[float]]: ...
@overload
def grad(function: Callable[P, Value | float], *, wrt: Mapping[K, Value]) -> Callable[P, dict[K, float]]: ...
@overload
def grad(
    function: Callable[Concatenate[A, P], tuple[Value | float, T]], argnums: Literal[0] = 0, *, has_aux: Literal[True]
) -> Transformed[A, P, tuple[float, T], tuple[Value, T], tuple[A, T]]: ...
@overload
def grad(
    function: Callable[P, Any], argnums: int | Sequence[int] = 0, *, wrt: object = None, has_aux: bool = False
) -> Callable[P, Any]: ...
def grad(function: Function, argnums: int | Sequence[int] = 0, *, wrt: Any = None, has_aux: bool = False) -> Function:
    """Return the function that computes ∂f/∂(argument ``argnums``) of a scalar function f, by reverse mode.

    The arguments may be numbers, nested lists, tuples, dicts and dataclasses, or arrays; f gets
    them with Values in place of numbers, and the gradient has the structure of the argument.

    ``argnums``  the position of the argument, from 0; a tuple of positions gives a tuple of gradients
    ``wrt``      differentiate with respect to these captured Values in place of an argument, as in
                 ``wrt=model.parameters()``; the gradient has their structure
    ``has_aux``  f returns a pair (value, aux), and the result is (gradient, aux)

    Results are Values where an argument is a Value, inside another transform, and where f captures
    a Value; so transforms nest to any order and no gradient is cut. Otherwise they are numbers.

    Raises TypeError where the result is not one scalar, TraceError where f reads ``.data`` of a
    Value that depends on its argument.

    >>> grad(grad(lambda x: x**3))(2.0)
    12.0
    """
    both = value_and_grad(checked(function, "grad"), argnums, wrt=wrt, has_aux=has_aux)

    def transformed(*args: Any, **kwargs: Any) -> Any:
        value, gradient = both(*args, **kwargs)
        return (gradient, value[1]) if has_aux else gradient

    return named(transformed, "grad", function)
