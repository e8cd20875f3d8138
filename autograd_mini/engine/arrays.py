"""Arrays: NumPy's functions applied to Values and to object arrays of Values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_mini.engine.value import Value, install
from autograd_mini.primitives import table

__all__ = ["UFUNCS", "elementwise"]

UFUNCS: dict[str, Callable[..., Any]] = {}
"""The name of a NumPy ufunc → its primitive; ``operators`` fills it from the table."""


def elementwise(function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    """Return ``function`` of every element, with NumPy's broadcasting, as an object array."""
    boxes = [arg if isinstance(arg, np.ndarray) else np.empty((), dtype=object) for arg in args]
    for box, arg in zip(boxes, args, strict=True):
        if box is not arg:
            box[()] = arg
    return np.frompyfunc(function, len(args), 1)(*boxes)


def array_ufunc(self: Value, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
    function = UFUNCS.get(ufunc.__name__)
    out = kwargs.pop("out", (None,))[0]
    if method != "__call__" or function is None or kwargs:
        return NotImplemented
    if any(isinstance(x, np.ndarray) and x.ndim for x in inputs):
        result = elementwise(function, inputs)
    else:
        result = function(*(x.item() if isinstance(x, np.ndarray) else x for x in inputs))
    if out is None:
        return result
    out[...] = result
    return out


def array_function(self: Value, function: Callable[..., Any], types: Any, args: Any, kwargs: Any) -> Any:
    """Apply the primitives for ``np.clip`` and ``np.where``; for other functions replace Values by arrays."""
    meant = FUNCTIONS.get(function)
    answer = NotImplemented if meant is None else meant(*args, **kwargs)
    if answer is not NotImplemented:
        return answer
    boxed = function(*map(_boxed, args), **{name: _boxed(arg) for name, arg in kwargs.items()})
    return boxed.item() if isinstance(boxed, np.ndarray) and boxed.dtype == object and not boxed.ndim else boxed


def _boxed(arg: Any) -> Any:
    if not isinstance(arg, Value):
        return arg
    box = np.empty((), dtype=object)
    box[()] = arg
    return box


def _clip(a: Any, a_min: Any = None, a_max: Any = None, out: Any = None, **kwargs: Any) -> Any:
    low, high = kwargs.pop("min", a_min), kwargs.pop("max", a_max)
    if kwargs or out is not None:
        return NotImplemented
    if low is None:
        return a if high is None else np.minimum(a, high)
    return np.maximum(a, low) if high is None else table.clip(a, low, high)


def _where(condition: Any, *branches: Any) -> Any:
    return table.where(condition, *branches) if len(branches) == 2 else NotImplemented


FUNCTIONS: dict[Callable[..., Any], Callable[..., Any]] = {np.clip: _clip, np.where: _where}
"""NumPy's functions that are not ufuncs → their implementation on Values, where asarray is not enough."""
install({"__array_ufunc__": array_ufunc, "__array_function__": array_function})
