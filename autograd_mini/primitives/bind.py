"""Values and rules specialised to floats, for the hot path."""

from __future__ import annotations

from types import FunctionType
from typing import Any

from autograd_mini.primitives.row import Primitive

__all__ = ["bind_floats"]


def bind_floats(namespace: dict[str, Any]) -> None:
    """Bind the rows of a module to floats: the same code, whose names refer to functions of floats.

    A rule such as ``dtanh(x)`` calls the table's functions, which check the type of each argument.
    For floats the check takes longer than the function; so every rule and value defined in
    ``namespace`` (a module's globals) gets a copy whose global names are the functions of floats.
    """
    bound = dict(namespace)

    def copy(function: Any) -> Any:
        if not isinstance(function, FunctionType) or function.__globals__ is not namespace:
            return function
        return FunctionType(function.__code__, bound, function.__name__, function.__defaults__, function.__closure__)

    for name, item in namespace.items():
        if isinstance(item, Primitive) and item.pull_back is not None:
            item.float_pull_back = copy(item.pull_back)
        elif isinstance(item, Primitive) and item.arity is not None:
            item.float_value, item.float_partials = copy(item.value), copy(item.partials)
            bound[name] = item.float_value
        else:
            bound[name] = copy(item)
