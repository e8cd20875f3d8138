"""Choice by index: ``values[index]`` for an index that the program computes.

In flat programs it is a chain: where(t == 0, s₀, where(t == 1, s₁, … nan)). One such chain is one
application here: values (count, width) and an index (count,); nan where the index is not one of
0 … width − 1. The adjoint flows only to the chosen value.
"""

from __future__ import annotations

import math
from typing import Any

from autograd_mini.primitives.row import NO_FLOW, Primitive
from autograd_mini.primitives.rule import REALS
from autograd_mini.primitives.table import where

__all__ = ["choice"]


def _value(*args: float) -> float:
    *values, index = args
    return values[int(index)] if index in range(len(values)) else math.nan


def _partials(args: Any, out: Any) -> tuple[Any, ...]:
    """What flows depends on the index, as for ``where``: ``block_adjoint`` asks for conditions instead."""
    *values, index = args
    return (*(1.0 if index == i else NO_FLOW for i in range(len(values))), NO_FLOW)


def _chain(*args: Any) -> Any:
    *values, index = args
    found: Any = math.nan
    for i in reversed(range(len(values))):
        found = where(index == float(i), values[i], found)
    return found


choice = Primitive(
    "choice", _value, _partials, arity=None, label="[ ]", domain=(REALS,), expand=_chain,
    doc="values[index], nan where there is no such value; the adjoint flows to the chosen value.",
)  # fmt: skip
