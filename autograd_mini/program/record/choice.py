"""Choice: ``where`` in a derivative rule, whose branches may be partials that do not always flow."""

from __future__ import annotations

from typing import Any

from autograd_mini.primitives import table as rows
from autograd_mini.primitives.row import NO_FLOW
from autograd_mini.program.record.traced import Partial, Traced

__all__ = ["choose", "is_number"]


def is_number(branch: object) -> bool:
    """Tell whether a branch always flows."""
    return branch is not NO_FLOW and not isinstance(branch, Partial)


def choose(chosen: Traced, a: Any, b: Any) -> Any:
    """Record ``where(chosen, a, b)``, whose branches may be numbers, NO_FLOW or ``Partial``."""
    other = None
    sides = []
    for branch, side in ((a, chosen), (b, rows.logical_not(chosen))):
        if isinstance(branch, Partial):
            sides.append((branch.value, rows.logical_and(side, branch.live)))
        elif branch is not NO_FLOW:
            sides.append((branch, side))
            other = side
    if not sides:
        return NO_FLOW
    if len(sides) == 1:
        return Partial(*sides[0])
    (value, live), (second, also) = sides
    value = rows.where(chosen, value, second)
    if other is None:
        return Partial(value, rows.logical_or(live, also))
    # one branch always flows: the condition of the other decides where nothing flows
    branch = a if isinstance(a, Partial) else b
    return Partial(value, rows.logical_or(other, branch.live))
