"""Where primitives are measured, and the measurement: worst errors in ulp over a row's whole domain.

``points(row, density)`` yields argument tuples: log-spaced magnitudes of both signs as far as
the row's domain allows, moderate random numbers, and the floats next to every pole, branch
point, kink and root. ``errors(row, args)`` compares one point with the reference.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from autograd_mini.engine.record import record
from autograd_mini.engine.value import Value
from autograd_mini.primitives.row import Primitive
from tests.support.reference import (
    COMPONENTS,
    LANDMARKS,
    LARGEST_TERM,
    OVERFLOW,
    REFERENCES,
    SLOPES,
    UNDERFLOW,
    domain,
    mp,
    ulp_error,
)


class Error(NamedTuple):
    """One compared number."""

    order: int
    """0 value, 1 first partial, 2 second partial"""
    ulp: float
    place: str
    computed: float
    exact: Any


def neighbours(x: float, reach: int) -> Iterator[float]:
    """Yield x and the floats up to ``reach`` steps to either side."""
    yield x
    for direction in (-math.inf, math.inf):
        y = x
        for _ in range(reach):
            y = math.nextafter(y, direction)
            yield y


def magnitudes(count: int, low: float = 1e-300, high: float = 1e300) -> list[float]:
    """Return ``count`` log-spaced numbers."""
    first, last = math.log10(low), math.log10(high)
    return [10.0 ** (first + (last - first) * i / (count - 1)) for i in range(count)]


def inside(xs: Iterable[float], low: float, high: float) -> list[float]:
    return [x for x in xs if low < x < high]


def unary_points(row: Primitive, density: int, chance: random.Random) -> list[float]:
    low, high = domain(row)[0]
    sizes = magnitudes(40 * density) + magnitudes(15 * density, 1e-20, 1e3) + [5e-324, 1e-310, 2.2250738585072014e-308]
    moderate = [chance.uniform(-s, s) for s in (1.0, 5.0, 40.0, 800.0) for _ in range(15 * density)]
    landmarks = [*LANDMARKS.get(row.name, ()), *(end for end in (low, high) if math.isfinite(end))]
    near = [end * (1.0 - s) + s * t for end in landmarks for s in (1e-3, 1e-6, 1e-9, 1e-12) for t in (-1.0, 1.0)]
    close = [x for mark in landmarks for x in neighbours(mark, 4)]
    both = [s * x for x in sizes for s in (1.0, -1.0)] + ([1.0 + x for x in sizes] if low == 1.0 else [])
    return inside([*both, *moderate, *near, *close], low, high)


def plane(density: int, chance: random.Random) -> Iterator[tuple[float, float]]:
    """Pairs of numbers: very different, similar, nearly equal, moderate."""
    sizes = magnitudes(4 + 2 * density)
    yield from itertools.product((5e-324, -1e-310, 1e-300, 3.0, -1e300, 8e307), repeat=2)
    for a, b in itertools.product(sizes, sizes):
        yield math.copysign(a, chance.uniform(-1, 1)), math.copysign(b, chance.uniform(-1, 1))
    for _ in range(6 * density):  # one of them subnormal, so that a quotient is; it may be multiplied later
        small = math.copysign(10.0 ** chance.uniform(-323, -304), chance.uniform(-1, 1))
        large = math.copysign(10.0 ** chance.uniform(-5, 3), chance.uniform(-1, 1))
        yield small, large
        yield large, small
    for _ in range(25 * density):
        a = math.copysign(10.0 ** chance.uniform(-300, 300), chance.uniform(-1, 1))
        yield a, a * chance.uniform(-4, 4)
        yield a, a * (1 + chance.uniform(-1, 1) * 2.0 ** -chance.randrange(10, 53))
        yield chance.uniform(-3, 3), chance.uniform(-3, 3)
        yield chance.uniform(-40, 40), chance.uniform(-40, 40)


def power_points(density: int, chance: random.Random) -> Iterator[tuple[float, float]]:
    """Pairs whose power is a float, with exponents from tiny to extreme."""
    for _ in range(60 * density):
        x = 10.0 ** chance.uniform(-300, 300)
        yield x, chance.uniform(-740, 709) / math.log(x)
        yield x, chance.choice((-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 1 / 3))
        x = chance.uniform(0.01, 10)
        yield x, chance.uniform(-6, 6)
        x = 1 + chance.uniform(-1, 1) * 2.0 ** -chance.randrange(2, 53)
        yield x, 1 + chance.uniform(-2, 2) * 2.0 ** -chance.randrange(1, 60)
        if x != 1.0:
            yield x, chance.uniform(-700, 700) / math.log(x)
        yield x, 10.0 ** chance.uniform(-300, 3)


def triples(density: int, chance: random.Random) -> Iterator[tuple[float, ...]]:
    """Triples of numbers: spread, tied, offset."""
    yield from ((0.0, 0.0, 0.0), (1e4, 1e4, -1e4), (1e4, -1e4, -1e4), (-1e4, -1e4, -1e4), (700.0, 0.0, -40.0))
    for _ in range(12 * density):
        for spread in (1e-3, 1.0, 30.0, 700.0, 1e4):
            offset = chance.choice((0.0, 0.0, 1e4, -1e4))
            yield tuple(offset + chance.uniform(-spread, spread) for _ in range(3))


def points(row: Primitive, density: int = 1) -> Iterator[tuple[float, ...]]:
    """Yield argument tuples over the domain of ``row``; always the same ones."""
    chance = random.Random(row.name)
    if row.boolean:
        yield from itertools.product((0.0, -0.0, 1.0, 1.5, -2.0), repeat=row.arity or 1)
    elif row.arity is None:
        for xs in triples(density, chance):
            if row.name == "take":
                yield (*xs, float(chance.randrange(-3, 3)))
            elif row.name == "affine":
                yield (*xs, chance.uniform(-2, 2), chance.uniform(-2, 2))
            else:
                yield xs
    elif row.arity == 1:
        yield from ((x,) for x in unary_points(row, density, chance))
    elif row.name == "where":
        yield from itertools.product((0.0, 1.0), (1.5, -1e300), (2.5, 1e-300))
    elif row.name == "clip":
        for x in unary_points(row, density, chance):
            yield x, chance.uniform(*domain(row)[1]), chance.uniform(*domain(row)[2])
    elif row.name in ("pow", "powlog"):
        yield from power_points(density, chance)
    elif row.name == "dpow":
        yield from ((x, y, chance.choice((1.0, 2.0))) for x, y in power_points(density, chance))
    elif row.name == "power":
        yield from power_points(density, chance)
        for c in (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0, 7.0, 0.5, 1 / 3, 2.5, 1e-5, 100.0):
            yield from ((x, c) for x in unary_points(row, 1, chance)[::7])
    elif row.name == "polygamma":
        yield from ((x, n) for x in unary_points(row, density, chance) for n in (1.0, 2.0))
    elif row.name == "round_to":
        yield from ((x, float(chance.randrange(-2, 6))) for x in unary_points(row, density, chance))
        yield from ((k / 8.0 + 0.005 * j, 2.0) for k in range(-8, 9) for j in range(3))
    elif row.name in ("bell", "dbell"):
        yield from ((x, k) for x in unary_points(row, density, chance) for k in (0.5, 1.0))
    elif row.name in ("leaky_relu", "elu"):
        yield from ((x, chance.uniform(*domain(row)[1])) for x in unary_points(row, density, chance))
    else:
        yield from plane(density, chance)


def compare(row: Primitive, order: int, place: str, computed: float, exact: Any, scale: Any) -> Error:
    """Measure one number, with the allowances that ``reference`` names for this row and order."""
    key = (row.name, order)
    if key in OVERFLOW and computed == math.copysign(math.inf, exact) and abs(exact) > 1e290:
        return Error(order, 0.0, place, computed, exact)
    if scale and key in UNDERFLOW:
        scale = max(abs(scale), mp.ldexp(1, -1012))
    elif key in UNDERFLOW:
        scale = max(abs(exact), mp.ldexp(1, -1012))
    return Error(order, ulp_error(computed, exact, scale or None), place, computed, exact)


def within_range(row: Primitive, terms: tuple[Any, ...]) -> bool:
    """False where a term of a third derivative overflows, or a power in it underflows and is divided by x again."""
    sizes = [abs(term) for term in terms if term]
    return all(size <= 1e290 for size in sizes) and not (
        row.name in ("dpow", "powlog") and any(size < 1e-290 for size in sizes)
    )


def errors(row: Primitive, args: tuple[float, ...]) -> Iterator[Error]:
    """Compare value, partials and second partials of ``row`` at ``args`` with the reference.

    Second partials of slope rows, third derivatives of a function, are left out where a term has no float.
    """
    exact_args = tuple(map(mp.mpf, args))
    mixed = tuple(a if i in row.static else Value(a) for i, a in enumerate(args))
    if row.boolean:
        exact, _, _ = REFERENCES[row.name](*exact_args)
        yield Error(0, 0.0 if bool(row(*args)) is bool(exact) else math.inf, f"{row.name}{args}", row(*args), exact)
        return
    scales = [LARGEST_TERM.get((row.name, order)) for order in range(3)]
    size, sizes, matrix = (scale and scale(*exact_args) for scale in scales)
    made = record(row, mixed)
    for i, out in enumerate(made if row.outputs else [made]):
        reference = COMPONENTS[row.name](i) if row.outputs else REFERENCES[row.name]
        value, gradient, hessian = reference(*exact_args)
        place = f"{row.name}{args}" + f"[{i}]" * row.outputs
        yield compare(row, 0, place, out.data, value, size)
        for j, (computed, exact) in enumerate(zip(out.partials, gradient, strict=True)):
            yield compare(row, 1, f"∂{j} {place}", computed or 0.0, exact, sizes and sizes[j])  # None: nothing flows
        for j, slope in enumerate(out.op.derivatives(mixed, out)):
            variables = [v for v in mixed if isinstance(v, Value)]
            for v in variables:
                v.zero_grad()
            if isinstance(slope, Value):
                slope.backward()
            for k, arg in enumerate(mixed):
                scale = matrix and matrix[j][k]
                if k in row.static or j in row.static or not isinstance(arg, Value):
                    continue
                if row.name in SLOPES and not within_range(row, (value, *gradient, hessian[j][k], scale or 0)):
                    continue
                yield compare(row, 2, f"∂{j}∂{k} {place}", arg.grad, hessian[j][k], scale)


def worst(row: Primitive, density: int = 1) -> list[Error]:
    """Return the worst error of each order over all points of ``row``."""
    found = [Error(order, -1.0, "", 0.0, 0) for order in range(3)]
    for args in points(row, density):
        for error in errors(row, args):
            if error.ulp > found[error.order].ulp:
                found[error.order] = error
    return found
