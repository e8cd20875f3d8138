"""Arrays: what NumPy's functions mean on Values and on object arrays of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_mini.engine.value import Value

__all__ = ["UFUNCS", "elementwise"]

UFUNCS: dict[str, Callable[..., Any]] = {}
"""What NumPy's ufuncs mean on Values, by their names; ``operators`` fills it from the table."""


def elementwise(function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    """Return ``function`` of every element, broadcast as NumPy does, as an object array."""
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


setattr(Value, "__array_ufunc__", array_ufunc)  # noqa: B010  (Value stands below)
