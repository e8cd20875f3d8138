"""Find the primitive that causes a wrong gradient: compare each local derivative of the graph with differences."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from autograd_mini.check.differences import TINY, Difference, Estimate, difference
from autograd_mini.engine.backward import topological_order
from autograd_mini.engine.value import Value
from autograd_mini.format import number
from autograd_mini.primitives.row import NO_FLOW

__all__ = ["Suspect", "suspect"]

MOST = 2000
"""The largest number of operations compared; equal operations at equal numbers count once."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A local derivative that differences contradict.

    ``primitive``  its name; ``position`` is that of the argument, from 0; ``at`` are the arguments
    ``analytic``   the partial by its rule; ``numeric`` the finite difference of its value
    """

    primitive: str
    position: int
    at: tuple[float, ...]
    analytic: float
    numeric: Estimate

    def __str__(self) -> str:
        return (
            f"{self.primitive}({', '.join(map(number, self.at))}): its derivative by argument {self.position} is "
            f"given as {number(self.analytic)}, differences of its value give {number(self.numeric.value)}"
        )


def suspect(output: Value, is_wrong: Callable[[float, Difference, float], bool]) -> Suspect | None:
    """Return the worst local derivative in the graph of ``output``, None where each agrees with its primitive.

    None means that no rule is wrong; the function may, for example, give different results in two calls.
    """
    found: list[tuple[bool, float, Suspect]] = []
    seen: set[tuple[object, ...]] = set()
    for node in reversed(topological_order(output)):
        op, at = node.op, tuple(parent.data for parent in node.parents)
        if op is None or (op, at) in seen or len(seen) > MOST:
            continue
        seen.add((op, at))
        for position, given in enumerate(node.partials):
            if position in op.static:
                continue
            partial = 0.0 if given is NO_FLOW else given

            def line(x: float, op: Any = op, at: tuple[float, ...] = at, position: int = position) -> float:
                return float(op.evaluate((*at[:position], x, *at[position + 1 :])))

            there = difference(line, at[position])
            if is_wrong(partial, there, node.data):
                away = abs(partial - there.best.value) / max(abs(there.best.value), abs(partial), TINY)
                gap = away if math.isfinite(away) else math.inf
                # NO_FLOW to an argument may be intended, so that a wrong number comes before it
                found.append((given is not NO_FLOW, gap, Suspect(op.name, position, at, partial, there.best)))
    return max(found, key=lambda each: each[:2])[2] if found else None
