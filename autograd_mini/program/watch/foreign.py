"""Objects of other libraries: what can be compared of them, and what is refused because they hide it."""

from __future__ import annotations

import io
import sys
from typing import Any

import numpy as np

from autograd_mini.program.record.traced import TraceError

__all__ = ["check_called", "is_buffer", "is_output", "numbers_of"]

LOCKS = {"acquire", "release", "__enter__", "__exit__"}  # methods that have no part in a result


def is_buffer(item: Any) -> bool:
    """Tell whether the bytes of an object can be read."""
    try:
        memoryview(item)
    except TypeError:
        return False
    return True


def check_called(item: Any, label: str, method: str) -> None:
    """Raise TraceError where ``method``, if any, was called of an object in C that does not show its state."""
    if method and method not in LOCKS:
        raise TraceError(
            f"the function calls {method}() of {label}, a {type(item).__module__}.{type(item).__name__}, which "
            "does not tell when its state changes: a compiled function cannot notice that; call it outside and "
            "pass the result as an argument"
        )


def numbers_of(item: Any, label: str) -> Any:
    """Return the numbers of another library's array."""
    try:
        array = np.asarray(item)
    except (RuntimeError, TypeError, ValueError) as error:
        raise TraceError(
            f"{label}, a {type(item).__module__}.{type(item).__name__}, does not give its numbers ({error}): a "
            "compiled function cannot notice when they change; pass them as an argument"
        ) from None
    if array.dtype == object:
        return [*array.shape, *array.ravel().tolist()]
    return array.shape, array.dtype, array.tobytes()


def is_output(item: Any) -> bool:
    """Tell whether an object is a file that is only written to."""
    return item in (sys.stdout, sys.stderr) or (isinstance(item, io.IOBase) and not item.closed and not item.readable())
