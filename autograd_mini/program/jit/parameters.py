"""The parameters of a jitted function, and whether it is a method."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from types import FunctionType
from typing import Any

import numpy as np

from autograd_mini.engine.value import Value

__all__ = ["is_owner", "parameters_of"]


def is_owner(item: Any) -> bool:
    """Tell whether a first argument is the object or the class that a method belongs to."""
    return not isinstance(item, Value | float | int | list | tuple | dict | np.ndarray | np.generic | str | None)


def parameters_of(function: Callable[..., Any]) -> tuple[inspect.Signature | None, list[str] | None, bool]:
    """Return the signature, the names of its parameters if all are plain, and whether it is a method's."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return None, None, False
    each = list(signature.parameters.values())
    plain = all(p.kind is p.POSITIONAL_OR_KEYWORD and p.default is p.empty for p in each)
    is_method = bool(each) and each[0].name in ("self", "cls") and isinstance(function, FunctionType)
    return signature, [p.name for p in each] if plain else None, is_method
