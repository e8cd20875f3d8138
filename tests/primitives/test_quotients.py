"""%, //, divmod, fmod, trunc, round to digits, the gamma functions and take: Python's answers, by every door."""

from __future__ import annotations

import itertools
import math
import operator
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd_mini as am
from autograd_mini import Value, grad, jit
from autograd_mini.primitives import ieee
from tests.support.reference import mp, ulp_error

NUMBERS = (7.0, -7.0, 3.0, -3.0, 0.1, -0.3, 1e300, 2.5, 0.0, -0.0)


@pytest.mark.parametrize("operation", [operator.mod, operator.floordiv, divmod], ids=["%", "//", "divmod"])
def test_operators_give_what_python_gives(operation: Callable[[Any, Any], Any]) -> None:
    for x, y in itertools.product(NUMBERS, NUMBERS[:-2]):
        wanted = operation(x, y)
        for a, b in ((Value(x), Value(y)), (Value(x), y), (x, Value(y))):
            found = operation(a, b)
            pairs = zip(found, wanted, strict=True) if isinstance(found, tuple) else [(found, wanted)]
            assert all(repr(made.data) == repr(number) for made, number in pairs), (x, y)


def test_partials_of_remainders() -> None:
    for x, y in ((7.5, 2.0), (-7.5, 2.0), (7.5, -2.0), (-7.5, -2.0)):
        assert grad(operator.mod, (0, 1))(x, y) == (1.0, -math.floor(x / y))
        assert grad(am.fmod, (0, 1))(x, y) == (1.0, -math.trunc(x / y))
        assert grad(operator.floordiv, (0, 1))(x, y) == (0.0, 0.0)
        assert jit(grad(operator.mod, (0, 1)))(x, y) == (1.0, -math.floor(x / y))


def test_a_quotient_by_zero_follows_ieee() -> None:
    assert math.isnan((Value(1.0) % 0.0).data)
    assert (Value(1.0) // 0.0).data == math.inf
    assert math.isnan((Value(math.inf) % 2.0).data)
    x = Value(1.0)
    (x % 0.0).backward()
    assert math.isnan(x.grad)


def test_an_infinite_slope_behind_a_step_does_not_flow() -> None:
    for step in (lambda r: r // 2.0, am.trunc, lambda r: round(r, 1), lambda r: am.floordiv(2.0, r + 1.0)):
        x = Value(0.0)
        step(am.sqrt(x)).backward()
        assert x.grad == 0.0


def test_numpys_functions_reach_them() -> None:
    x, y = Value(7.5), Value(-2.0)
    for ufunc in (np.mod, np.remainder, np.fmod, np.floor_divide, np.logaddexp):
        assert ufunc(x, y).data == float(ufunc(7.5, -2.0))
        assert ufunc(7.5, y).data == float(ufunc(7.5, -2.0))
    assert np.trunc(x).data == 7.0
    assert [each.data for each in np.divmod(x, y)] == [-4.0, -0.5]
    assert [each.data for each in np.array([x, y], dtype=object) % 2.0] == [1.5, 0.0]


def test_rounding_to_digits_is_pythons() -> None:
    chance = random.Random(0)
    cases = [(2.675, 2), (0.125, 2), (0.375, 2), (1.005, 2), (-0.001, 2), (1234567.0, -3), (2500.0, -3), (1e300, 3)]
    cases += [(chance.uniform(-1e3, 1e3), chance.randrange(-3, 8)) for _ in range(300)]
    cases += [(chance.randrange(-4000, 4000) / 8, chance.randrange(0, 3)) for _ in range(200)]
    cases += [(chance.randrange(-40, 40) * 125.0, -3) for _ in range(50)] + [(chance.uniform(0, 1e-15), 18)]
    for x, digits in cases:
        assert repr(round(Value(x), digits).data) == repr(round(x, digits))
        for name in ("_round_to",):  # how targets without a word for it compute it
            by_rows = getattr(am.primitives.table, name)(x, float(digits))
            assert repr(by_rows) == repr(float(round(x, digits))), (x, digits)
    assert round(Value(2.5)).data == 2.0
    assert jit(lambda x: round(x, 2))(2.675) == 2.67
    with pytest.raises(TypeError, match=r"round: digits is 1\.5, a float; a whole number is needed"):
        round(Value(1.0), 1.5)  # type: ignore[call-overload]
    with pytest.raises(NotImplementedError, match=r"round\(x, 23\) is compiled from -22 to 22 digits"):
        jit(lambda x: round(x, 23)).program(1.0).source("javascript")


def test_ieee_rounding_never_raises() -> None:
    assert ieee.round_to(1.7e308, -308.0) == math.inf
    assert ieee.round_to(-math.inf, 2.0) == -math.inf
    assert math.isnan(ieee.round_to(math.nan, 2.0))


# ---------------------------------------------------------------- the gamma functions


def test_left_of_zero_by_reflection() -> None:
    chance = random.Random(1)
    for _ in range(200):
        x = chance.uniform(-20.0, 0.0)
        slack = mp.log(abs(mp.gamma(-x))) if x < -1 else 0
        value = mp.log(abs(mp.gamma(x)))
        assert ulp_error(am.lgamma(x), value, max(abs(value), abs(slack), 1)) <= 16.0, x
        value = mp.digamma(x)
        assert ulp_error(am.digamma(x), value, max(abs(value), 3)) <= 16.0, x
        for n in (1, 2, 3):
            value = mp.polygamma(n, x)
            assert ulp_error(am.primitives.table.polygamma(x, float(n)), value, max(abs(value), 1)) <= 64.0, (n, x)


def test_poles_and_limits_of_gamma() -> None:
    assert [am.lgamma(x) for x in (0.0, -0.0, -1.0, -7.0, math.inf, -math.inf, 1.0, 2.0)] == [*[math.inf] * 6, 0.0, 0.0]
    assert am.digamma(0.0) == -math.inf
    assert [am.primitives.table.polygamma(0.0, n) for n in (1.0, 3.0)] == [math.inf, math.inf]
    assert grad(am.digamma)(0.0) == math.inf
    assert math.isnan(am.primitives.table.polygamma(-0.5, 4.0))
    assert math.isnan(am.digamma(-2.0))
    assert am.digamma(math.inf) == math.inf
    assert grad(am.lgamma)(1.0) == pytest.approx(-0.5772156649015329, rel=1e-15)
    assert grad(grad(grad(grad(am.lgamma))))(2.5) == pytest.approx(float(mp.polygamma(3, 2.5)), rel=1e-14)
    with pytest.raises(ValueError, match="polygamma: the order is 0; a whole number from 1 on is needed"):
        am.primitives.table.polygamma(1.0, 0.0)


# ---------------------------------------------------------------- take


def test_take_gives_the_one_and_its_gradient_alone() -> None:
    values = [Value(1.0), Value(2.0), Value(3.0)]
    for index in (1, 1.0, np.int64(1), Value(1.0), -2, Value(-2.0)):
        for each in values:
            each.zero_grad()
        made = am.take(values, index)
        (made * 5.0).backward()
        assert made.data == 2.0
        assert [each.grad for each in values] == [0.0, 5.0, 0.0]
    x = Value(0.0)
    am.take([am.sqrt(x), x], 1).backward()
    assert x.grad == 1.0


@pytest.mark.parametrize("index", [3, -4, 0.5, math.nan, math.inf, Value(7.0)])
def test_take_refuses_what_is_no_index(index: Any) -> None:
    with pytest.raises(IndexError, match=r"take: index .* is not one of 3 values; whole numbers from -3 to 2"):
        am.take([1.0, Value(2.0), 3.0], index)
    with pytest.raises(TypeError, match=r"take takes a sequence of numbers or Values and an index, got 1 argument"):
        am.take([1.0])
    with pytest.raises(ValueError, match="take from an empty sequence is undefined"):
        am.take([], 0)


@pytest.mark.parametrize("engine", ["python", "numpy", "auto"])
def test_take_in_a_compiled_program(engine: str) -> None:
    w = [Value(10.0), Value(20.0), Value(30.0)]
    pick = jit(lambda i: am.take(w, i) * 2.0, engine=engine)
    assert [pick(i) for i in (0.0, 2.0, -1.0)] == [20.0, 60.0, 60.0]
    assert all(math.isnan(pick(i)) for i in (3.0, 0.5, -4.0, math.nan))
    assert pick(np.array([0.0, 1.0, 9.0]))[:2].tolist() == [20.0, 40.0]
    slopes = jit(grad(lambda a, b, i: am.take([a, b], i) * 3.0, (0, 1)), engine=engine)
    assert slopes(1.0, 2.0, 1.0) == (0.0, 3.0)
