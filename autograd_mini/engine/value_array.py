"""ValueArray: the array of Values that a transform or a recording passes to a function in place of numbers.

It is an object array on which NumPy's functions apply the primitives. On a plain object array
``np.maximum`` would compare and return one of the elements, and ``np.sign`` would return an int: the
derivative at a tie, or the whole gradient, would be wrong.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_mini.engine.arrays import FUNCTIONS, UFUNCS, elementwise
from autograd_mini.engine.value import Value
from autograd_mini.primitives import table

__all__ = ["ValueArray", "value_array"]

OWN = {"add", "subtract", "multiply", "divide", "true_divide", "negative", "positive", "power", "square", "matmul"}
"""Ufuncs that NumPy computes with the operators of the elements."""

COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "less": operator.lt, "less_equal": operator.le, "greater": operator.gt, "greater_equal": operator.ge,
    "equal": operator.eq, "not_equal": operator.ne,
}  # fmt: skip
PAIRS = {"maximum": table.maximum, "minimum": table.minimum}


class ValueArray(np.ndarray[Any, np.dtype[Any]]):
    """An object array of Values, on which NumPy's functions apply the primitives."""

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        given = tuple(_plain(x) for x in inputs)
        if kwargs.get("out") is not None:
            kwargs["out"] = tuple(_plain(x) for x in kwargs["out"])
        name = ufunc.__name__
        if method == "__call__" and not kwargs and name in COMPARISONS:
            return _truths(elementwise(COMPARISONS[name], given))
        if method == "__call__" and not kwargs and name in UFUNCS and name not in OWN:
            return _wrapped(elementwise(UFUNCS[name], given))
        if method in ("reduce", "accumulate") and name in PAIRS:
            return _wrapped(getattr(np.frompyfunc(PAIRS[name], 2, 1), method)(*given, **_without_defaults(kwargs)))
        return _wrapped(getattr(ufunc, method)(*given, **kwargs))

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        known = FUNCTIONS.get(func)
        if known is not None:
            return _wrapped(known(*map(_plain, args), **kwargs))
        return super().__array_function__(func, types, args, kwargs)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, np.ndarray) and key.dtype == object:  # a mask: each element becomes a guard
            key = key.astype(bool)
        return super().__getitem__(key)


def value_array(leaves: Sequence[Any], shape: tuple[int, ...]) -> ValueArray:
    """Return an array of this shape that contains the leaves."""
    made = np.empty(len(leaves), dtype=object)
    made[:] = leaves
    return made.reshape(shape).view(ValueArray)


def _plain(item: Any) -> Any:
    return item.view(np.ndarray) if isinstance(item, ValueArray) else item


def _wrapped(result: Any) -> Any:
    return result.view(ValueArray) if isinstance(result, np.ndarray) and result.dtype == object else result


def _truths(result: Any) -> Any:
    """Return comparisons as an array of bools where none of them is recorded."""
    if isinstance(result, np.ndarray) and not any(isinstance(each, Value) for each in result.flat):
        return result.astype(bool)
    return _wrapped(result)


def _without_defaults(kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of a reduction without defaults such as ``where=True`` and ``dtype=None``."""
    return {key: item for key, item in kwargs.items() if item is not None and item is not True}
