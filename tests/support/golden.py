"""The golden table: what every primitive gives, to the last bit, made once at 50 digits.

``python -m tests.support.golden`` makes ``tests/data/golden.txt.xz`` anew, in an hour (mpmath's polygamma takes its
time); with names of rows it makes their lines anew and keeps the others. A line is a row's name (``softmax.1`` for
output 1), its arguments, value, first partials and second partials ∂ᵢ∂ⱼ with i ≤ j, as hexadecimal floats: the numbers
of 50 digits, rounded; ``-`` where none is compared: a small difference of large terms, whose error counts in ulp of
the terms, and what a factor that over- or underflows may spoil (``reference.py`` names both, and the accuracy tests
hold them there). Points are log-uniform over the domain with both signs, the zeros, subnormal and largest numbers, the
four floats to either side of every pole, branch point and root, and the cases of ``edge_cases.py``.
"""

from __future__ import annotations

import lzma
import math
import random
import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from autograd_mini.primitives.registry import PRIMITIVES
from autograd_mini.primitives.row import Primitive
from tests.support.edge_cases import CASES
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
)
from tests.support.sampling import neighbours, power_points, within_range

__all__ = ["PATH", "Line", "number_of_lines", "read"]

PATH = Path(__file__).parents[1] / "data" / "golden.txt.xz"
SMALLEST, NORMAL, LARGEST = 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308
EXPONENTS = (-3.0, -2.0, -1.0, 0.0, 0.5, 1.0, 1 / 3, 1.5, 2.0, 2.5, 3.0, 7.0)
UNARY, BINARY, SEVERAL = 450, 420, 360


class Line(NamedTuple):
    """One point of one row; None where a number is not compared."""

    name: str
    args: tuple[float, ...]
    numbers: tuple[float | None, ...]

    @property
    def row(self) -> Primitive:
        """The primitive."""
        return PRIMITIVES[self.name.partition(".")[0]]

    @property
    def output(self) -> int:
        """Which output, of a primitive with several."""
        return int(self.name.partition(".")[2] or 0)


def read(rows: Collection[str] = ()) -> list[Line]:
    """Return the table, or the lines of these rows."""
    lines = []
    with lzma.open(PATH, "rt") as file:
        for text in file:
            name, args, numbers = text.split(";")
            if rows and name.partition(".")[0] not in rows:
                continue
            lines.append(
                Line(
                    name,
                    tuple(map(float.fromhex, args.split())),
                    tuple(None if each == "-" else float.fromhex(each) for each in numbers.split()),
                )
            )
    return lines


def number_of_lines() -> int:
    """Return how many points there are."""
    with lzma.open(PATH, "rt") as file:
        return sum(1 for _ in file)


# ---------------------------------------------------------------- making it


def _short(x: float) -> float:
    """``x`` with 20 bits: arguments take less room, and are as random as longer ones."""
    mantissa, exponent = math.frexp(x)
    return math.ldexp(round(mantissa * 2**20) / 2**20, exponent)


def _log_uniform(chance: random.Random) -> float:
    low, high = chance.choice(((-300.0, 300.0), (-18.0, 3.0), (-2.0, 2.0)))
    return _short(math.copysign(10.0 ** chance.uniform(low, high), chance.uniform(-1.0, 1.0)))


def _inside(row: Primitive, x: float) -> bool:
    low, high = domain(row)[0]
    return low < x < high


def _unary(row: Primitive, chance: random.Random) -> Iterator[tuple[float, ...]]:
    marks = {*LANDMARKS.get(row.name, ()), 1.0, *(end for end in domain(row)[0] if math.isfinite(end))}
    fixed = [0.0, -0.0, *(s * x for x in (SMALLEST, 3e-310, NORMAL, LARGEST) for s in (1.0, -1.0))]
    fixed += [x for mark in sorted(marks) for x in neighbours(mark, 4)]
    found = [x for x in fixed if _inside(row, x)]
    low, high = domain(row)[0]
    while len(found) < UNARY:
        x = _log_uniform(chance)
        if low == 1.0:
            x = 1.0 + abs(x)
        elif (low, high) == (-1.0, 1.0) and chance.random() < 0.3:
            x = math.copysign(1.0 - _short(10.0 ** chance.uniform(-15.0, 0.0)), x)
        if low < x < high:
            found.append(x)
    yield from ((x,) for x in found)


def _points(row: Primitive) -> Iterator[tuple[float, ...]]:
    chance = random.Random(f"golden {row.name}")
    if row.arity is None:
        count = 5 if row.name == "affine" else 3
        for _ in range(SEVERAL):
            spread = chance.choice((1e-3, 1.0, 30.0, 700.0))
            numbers = tuple(_short(chance.uniform(-spread, spread)) for _ in range(count))
            yield (*numbers, float(chance.randrange(-count, count))) if row.name == "take" else numbers
    elif row.arity == 1:
        yield from _unary(row, chance)
    elif row.name in ("pow", "powlog", "dpow"):
        pairs = [(_short(x), _short(y)) for x, y in power_points(12, chance)]
        for x, y in chance.sample(pairs, BINARY):
            yield (x, y, chance.choice((1.0, 2.0))) if row.name == "dpow" else (x, y)
    elif row.name == "power":
        yield from ((abs(_log_uniform(chance)), chance.choice(EXPONENTS)) for _ in range(BINARY))
    elif row.name in ("bell", "dbell"):
        yield from ((x, chance.choice((0.5, 1.0))) for (x,) in _unary(row, chance))
    elif row.name == "polygamma":
        yield from ((x, chance.choice((1.0, 2.0))) for (x,) in _unary(row, chance))
    elif row.name == "round_to":
        yield from ((x, float(chance.randrange(-2, 6))) for (x,) in _unary(row, chance))
        for digits in 20 * tuple(range(6)):  # ties, or as near to one as a float is
            yield (chance.randrange(-4000, 4000) + 0.5) / 10.0**digits, float(digits)
    elif row.name == "where":
        yield from ((float(chance.random() < 0.5), _log_uniform(chance), _log_uniform(chance)) for _ in range(100))
    elif row.name == "complement":
        yield from ((_short(chance.random()), _short(chance.random())) for _ in range(100))
    else:
        rest = domain(row)[1:]
        for _ in range(BINARY):
            first = _log_uniform(chance)
            others = [
                _short(chance.uniform(low, high)) if math.isfinite(low) else _log_uniform(chance) for low, high in rest
            ]
            if math.isinf(rest[0][0]) and chance.random() < 0.3:  # nearly equal, where differences cancel
                others[0] = first * (1.0 + _short(chance.uniform(-1.0, 1.0) * 2.0 ** -chance.randrange(2, 50)))
            yield (first, *others)


def _compared(row: Primitive, order: int, exact: Any, size: Any) -> bool:
    """False where the number alone does not say how exact it must be."""
    if size and abs(size) > 2 * abs(exact):
        return False
    if (row.name, order) in UNDERFLOW and abs(exact) < mp.ldexp(1, -1000):
        return False
    return not ((row.name, order) in OVERFLOW and abs(exact) > mp.mpf("1e290"))


def _lines(row: Primitive) -> Iterator[Line]:
    for args in _points(row):
        at = tuple(map(mp.mpf, args))
        sizes = [scale and scale(*at) for scale in (LARGEST_TERM.get((row.name, order)) for order in range(3))]
        for output in range(len(args) if row.outputs else 1):
            reference = COMPONENTS[row.name](output) if row.outputs else REFERENCES[row.name]
            try:
                value, first, second = reference(*at)
            except ZeroDivisionError:  # a pole: what holds there is a case of EDGES, not of mathematics
                continue
            numbers: list[float | None] = [_rounded(row, 0, value, sizes[0])]
            moving = [i for i in range(len(args)) if i not in row.static]
            numbers += [_rounded(row, 1, first[i], sizes[1] and sizes[1][i]) for i in moving]
            for i in moving:
                for j in (j for j in moving if j >= i):
                    terms = (value, *first, second[i][j], (sizes[2] and sizes[2][i][j]) or 0)
                    known = row.name not in SLOPES or within_range(row, terms)
                    numbers.append(_rounded(row, 2, second[i][j], sizes[2] and sizes[2][i][j]) if known else None)
            yield Line(f"{row.name}.{output}" if row.outputs else row.name, args, tuple(numbers))


def _rounded(row: Primitive, order: int, exact: Any, size: Any) -> float | None:
    exact = mp.mpf(exact)
    return float(exact) if _compared(row, order, exact, size) else None


def _edges() -> Iterator[Line]:
    """The cases of EDGES that are one primitive by itself."""
    for _, function, args, value, gradient, hessian in CASES:
        if isinstance(function, Primitive) and function.arity == len(args) and not function.static:
            pairs = [(i, j) for i in range(len(args)) for j in range(i, len(args))]
            second = [None if hessian is None else hessian[i][j] for i, j in pairs]
            yield Line(function.name, tuple(map(float, args)), (value, *gradient, *second))


def main() -> None:
    """Make the table, or the lines of the rows named, and say how large it is."""
    names = sys.argv[1:] or list(PRIMITIVES)
    lines = [line for line in read() if line.row.name not in names] if len(sys.argv) > 1 else []
    for row in PRIMITIVES.values():
        if row.name in names and not row.boolean and row.name in (*REFERENCES, *COMPONENTS):
            lines += _lines(row)
    lines += [line for line in _edges() if line.name in names]
    texts = [
        f"{line.name};{' '.join(x.hex() for x in line.args)};"
        f"{' '.join('-' if x is None else float(x).hex() for x in line.numbers)}\n"
        for line in lines
    ]
    PATH.write_bytes(lzma.compress("".join(texts).encode(), preset=9 | lzma.PRESET_EXTREME))
    print(f"{len(lines)} lines, {PATH.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
