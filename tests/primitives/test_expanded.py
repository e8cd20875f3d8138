"""Rows with two values, one on floats and one in other primitives: the same bits, zeros with their sign too."""

import itertools
import math
import random
from collections.abc import Iterator

import pytest

from autograd_mini.primitives.floats import by_ieee
from autograd_mini.primitives.registry import PRIMITIVES
from autograd_mini.primitives.row import Primitive

SIZES = [0.0, 0.3, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 6.0, 7.25, 5e-324, 1e-310, 1e300, 1e22, math.inf]
SIZES += [4503599627370495.5, 4503599627370496.0, 4503599627370497.5, 9007199254740993.0]
NUMBERS = [*(sign * size for size in SIZES for sign in (1.0, -1.0)), math.nan]
ROWS = [row for row in PRIMITIVES.values() if row.expand not in (None, row.value) and row.arity]


def points(row: Primitive) -> Iterator[tuple[float, ...]]:
    chance = random.Random(row.name)
    if row.name == "round_to":
        for digits in range(-22, 23):
            wholes = [chance.randrange(-k, k) for k in (4000, 2**40, 2**50, 2**52, 2**53, 2**54) for _ in range(40)]
            ties = [(k + 0.5) / 10.0**digits for k in wholes]
            near = [math.nextafter(x, chance.choice((math.inf, -math.inf))) for x in ties]
            yield from ((x, float(digits)) for x in (*NUMBERS, *ties, *near))
        return
    yield from itertools.product(NUMBERS, repeat=row.arity or 0)
    if row.arity == 2:
        for _ in range(3000):
            y = math.copysign(10.0 ** chance.uniform(-5, 5), chance.uniform(-1, 1))
            x = y * chance.randrange(-(10 ** chance.randrange(1, 16)), 10 ** chance.randrange(1, 16))
            yield chance.choice((x, math.nextafter(x, math.inf), math.nextafter(x, -math.inf), x + y / 3.0)), y


def hold(row: Primitive) -> None:
    assert row.expand is not None
    for args in points(row):
        value, written = row.evaluate(args), by_ieee(row.expand, args)
        assert repr(value) == repr(written), f"{row.name}{args}: {value!r}, in other primitives {written!r}"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_both_values_of_a_row_are_the_same(row: Primitive) -> None:
    hold(row)


def test_they_are_these_rows() -> None:
    exact = {"identity", "stop_gradient", "sign", "step", "trunc", "clip", "nonnegative", "mod", "floordiv", "round_to"}
    assert {row.name for row in ROWS} == exact | {"relu", "leaky_relu"}
