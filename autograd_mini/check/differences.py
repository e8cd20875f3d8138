"""Derivatives by finite differences, each with an estimate of its error.

Central differences at steps h, h/2, h/4, … are extrapolated to h = 0 (Richardson 1911; the
tableau and its error estimate are Ridders', Advances in Engineering Software 4, 1982). The same
samples give the derivative from the left and from the right, which distinguishes a kink, a jump, a
vertical tangent and the edge of a domain from a smooth point.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any, Literal, NamedTuple, TypeAlias

from autograd_mini.engine.value import Value
from autograd_mini.transforms.structure import Structure, flatten

__all__ = ["Difference", "Estimate", "Scalars", "difference", "numerical_gradient"]

LEVELS = 44  # number of halvings of the step: from 0.08 down to 1e-14 times the size of the argument
FIRST_STEP = 0.0837  # no power of two, so that a periodic function is not sampled at its period
ORDER = 7  # columns of the tableau
ROUNDING = 4 * 2.0**-52
TINY = 2.0**-1074  # the rounding of subnormal numbers
SETTLED = 1e-10
RESOLVED = 2.0**-44  # times the slopes nearby: an error by rounding inside the function that its values do not show

Function: TypeAlias = Callable[..., Any]
Nature: TypeAlias = Literal["smooth", "vertical", "jump", "outside", "unclear"]


class Estimate(NamedTuple):
    """A number and an estimate of its error."""

    value: float
    error: float

    @property
    def is_known(self) -> bool:
        """True where the error leaves at least three digits, or is about as large as rounding errors."""
        return math.isfinite(self.value) and self.error <= max(1e-3 * abs(self.value), 1e-6)


UNKNOWN = Estimate(math.nan, math.inf)


class _Tableau:
    """Neville's extrapolation of slopes to step 0.

    ``best`` is the entry with the smallest error, unless an entry of smaller steps contradicts it:
    large steps may agree by chance, or because they miss details between them.
    """

    def __init__(self, ratio: float) -> None:
        self.ratio, self.row, self.best = ratio, list[float](), UNKNOWN
        self.slopes: deque[float] = deque(maxlen=ORDER)

    def add(self, slope: float, noise: float) -> None:
        """Add the slope for half the last step; ``noise`` is its possible rounding error."""
        if not math.isfinite(slope):
            self.row = []
            return
        self.slopes.append(abs(slope))
        row, factor, found = [slope], 1.0, UNKNOWN
        for older in self.row[:ORDER]:
            factor *= self.ratio
            last = row[-1]
            row.append(last + (last - older) / (factor - 1.0))
            error = max(abs(row[-1] - last), abs(row[-1] - older)) + noise
            if error < found.error:
                found = Estimate(row[-1], error)
        contradicted = abs(found.value - self.best.value) > 10.0 * (found.error + self.best.error)
        if contradicted or found.error < self.best.error:
            self.best = found
        self.row = row

    @property
    def steepest(self) -> float:
        """The largest of the last slopes: the scale of the derivative."""
        return max(self.slopes, default=0.0)

    def is_done(self, noise: float, steepest: float) -> bool:
        """True where a smaller step would not improve the estimate."""
        return self.best.error <= max(noise, SETTLED * abs(self.best.value), SETTLED * steepest)

    def estimate(self, steepest: float) -> Estimate:
        """Return the derivative."""
        return Estimate(self.best.value, self.best.error + RESOLVED * steepest)


@dataclass(frozen=True, slots=True)
class Difference:
    """Finite differences at one point: the central derivative, and the derivatives from both sides."""

    central: Estimate
    left: Estimate
    right: Estimate
    left_is: Nature
    right_is: Nature

    @property
    def best(self) -> Estimate:
        """The central estimate, or the only one-sided estimate; unknown at kinks and jumps."""
        sides = [side for side, is_ in ((self.left, self.left_is), (self.right, self.right_is)) if is_ == "smooth"]
        if len(sides) == 2:
            return UNKNOWN if self.is_kink else self.central
        if len(sides) == 1:
            return sides[0]
        return self.central if self.left_is == self.right_is == "unclear" and self.central.is_known else UNKNOWN

    @property
    def is_kink(self) -> bool:
        """True where both one-sided derivatives exist and differ."""
        doubt = 10.0 * (self.left.error + self.right.error) + 1e-6 * min(abs(self.left.value), abs(self.right.value))
        return self.left_is == self.right_is == "smooth" and abs(self.left.value - self.right.value) > doubt


def difference(line: Callable[[float], float], x: float) -> Difference:
    """Return the derivative of ``line``, a function of one number, at ``x`` by finite differences.

    The result has the central and both one-sided derivatives with error estimates, and says whether the
    function is smooth, jumps, has a vertical tangent or ends at ``x``.
    """
    here, size = line(x), max(abs(x), 1.0)
    central, left, right = _Tableau(4.0), _Tableau(2.0), _Tableau(2.0)
    changes: tuple[list[tuple[float, float]], ...] = ([], [])  # for each side: (|change|, its rounding error)
    for level in range(LEVELS):
        step = FIRST_STEP * size / 2.0**level
        low, high = x - step, x + step
        below, above = line(low), line(high)
        rounding = ROUNDING * max(abs(here), *(abs(each) for each in (below, above) if math.isfinite(each)), 0.0)
        noise = (rounding + TINY) / step
        central.add((above - below) / (high - low), noise)
        left.add((here - below) / (x - low), noise)
        right.add((above - here) / (high - x), noise)
        for side, there in zip(changes, (below, above), strict=True):
            side.append((abs(there - here), rounding))
        steepest = max(left.steepest, right.steepest)
        if level >= 5 and all(tableau.is_done(noise, steepest) for tableau in (central, left, right)):
            break
    before, after = left.estimate(left.steepest), right.estimate(right.steepest)
    natures = _nature(before, changes[0]), _nature(after, changes[1])
    return Difference(central.estimate(steepest), before, after, *natures)


def _nature(slope: Estimate, changes: Sequence[tuple[float, float]]) -> Nature:
    """Return how the function behaves on one side, from the order p in |f(x ± h) − f(x)| ~ hᵖ as h is halved."""
    if not math.isfinite(changes[-1][0]):
        return "outside"
    if slope.is_known:
        return "smooth"
    clear = [change for change, rounding in changes if math.isfinite(change) and change > 100.0 * rounding]
    tail = clear[-12:]
    if len(tail) < 6:
        return "unclear"
    power = median(math.log2(a / b) for a, b in pairwise(tail))
    return "jump" if power < 0.02 else "vertical" if power < 0.9 else "unclear"


class Scalars:
    """The arguments of a function as one list of numbers, with a name for each number."""

    def __init__(self, function: Function, args: Sequence[Any], names: Sequence[str]) -> None:
        self.function = function
        self.numbers: list[float] = []
        self.names: list[str] = []
        self.structures: list[Structure] = []
        for i, (name, arg) in enumerate(zip(names, args, strict=True)):
            leaves, structure = flatten(arg, f"argument {i}")
            self.numbers += [leaf.data if isinstance(leaf, Value) else leaf for leaf in leaves]
            self.names += _paths(structure, structure.tree, name)
            self.structures.append(structure)

    def arguments(self, scalars: Sequence[Any]) -> list[Any]:
        """Return ``scalars``, one for each number, in the structure of the arguments."""
        rest = list(scalars)
        built = []
        for structure in self.structures:
            size = sum(structure.sizes)
            built.append(structure.unflatten(rest[:size]))
            rest = rest[size:]
        return built

    def at(self, numbers: Sequence[float]) -> float:
        """Return the value of the function at ``numbers``; it is called with Values, as in reverse mode."""
        result = self.function(*self.arguments([Value(number) for number in numbers]))
        leaves, _ = flatten(result, "the result of the function")
        if len(leaves) != 1:
            raise TypeError(f"the function must return one scalar, got {len(leaves)}; sum them, or check one at a time")
        return leaves[0].data if isinstance(leaves[0], Value) else float(leaves[0])

    def along(self, i: int) -> Callable[[float], float]:
        """Return the value as a function of number ``i`` only."""
        return lambda x: self.at([*self.numbers[:i], x, *self.numbers[i + 1 :]])

    def differences(self) -> Iterator[Difference]:
        """Yield the derivative with respect to each number."""
        return (difference(self.along(i), x) for i, x in enumerate(self.numbers))


def _paths(structure: Structure, tree: Any, name: str) -> Iterator[str]:
    """Yield w, w[0], w[0, 1], w['key'] for every scalar, in the order of ``flatten``."""
    if isinstance(tree, dict):
        for key, item in tree.items():
            yield from _paths(structure, item, f"{name}[{key!r}]")
    elif isinstance(tree, list | tuple):
        for i, item in enumerate(tree):
            yield from _paths(structure, item, f"{name}[{i}]")
    elif tree.shape is None:
        yield name
    else:
        for k in range(structure.sizes[tree.position]):
            yield f"{name}{_index(k, tree.shape)}"


def _index(k: int, shape: tuple[int, ...]) -> str:
    place: list[str] = []
    for size in reversed(shape):
        k, i = divmod(k, size)
        place.insert(0, str(i))
    return f"[{', '.join(place)}]" if place else ""


def numerical_gradient(function: Function, *args: Any) -> tuple[Any, Any]:
    """Return (gradient, error) by finite differences, each in the structure of the arguments.

    For one argument both have its structure, for several they are tuples. The error is an estimate;
    where there is no derivative (a kink, a jump) the gradient is nan and the error inf. A function
    of n numbers is called about 20·n times. Raises TypeError where the function does not return
    one scalar.

    Method: central differences, extrapolated to step 0 (Richardson 1911, Ridders 1982).

    >>> slope, error = numerical_gradient(lambda x: x**3, 2.0)
    >>> abs(slope - 12.0) < error + 1e-9, error < 1e-8
    (True, True)
    """
    scalars = Scalars(function, args, [""] * len(args))
    found = [each.best for each in scalars.differences()]
    gradient = scalars.arguments([each.value for each in found])
    errors = scalars.arguments([each.error for each in found])
    return (gradient[0], errors[0]) if len(args) == 1 else (tuple(gradient), tuple(errors))
