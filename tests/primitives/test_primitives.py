"""The rule table against 50-digit mathematics: value, first and second derivative of every row."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from mpmath import MPContext

from autograd_mini.engine.value import Value
from autograd_mini.primitives import ieee
from autograd_mini.primitives.registry import PRIMITIVES, primitive
from autograd_mini.primitives.row import NO_FLOW, Primitive
from autograd_mini.transforms.functions import gradients
from tests.support import reference
from tests.support.reference import (
    COMPONENTS,
    LARGEST_TERM,
    OVERFLOW,
    REFERENCES,
    UNDERFLOW,
    domain,
    limits,
    mp,
    ulp_error,
)
from tests.support.sampling import points, worst

ROWS = list(PRIMITIVES.values())


def hold(row: Primitive, density: int) -> None:
    for error, limit in zip(worst(row, density), limits(row), strict=True):
        assert error.ulp <= limit, (
            f"{error.place}: {error.computed!r}, exactly {mp.nstr(mp.mpf(error.exact), 20)}, {error.ulp:.3g} ulp"
        )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_is_accurate_over_its_domain(row: Primitive) -> None:
    hold(row, 2)


@pytest.mark.slow
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_is_accurate_at_many_more_points(row: Primitive) -> None:
    hold(row, 40)


def test_every_row_has_a_reference_and_every_reference_a_row() -> None:
    assert set(PRIMITIVES) == set(REFERENCES) | set(COMPONENTS)
    for name, order in (*LARGEST_TERM, *UNDERFLOW, *OVERFLOW):
        assert name in PRIMITIVES
        assert order in (0, 1, 2)


def test_users_are_told_every_exception() -> None:
    """Functions of users whose value or derivative is measured by another size than its own."""
    text = (Path(__file__).parents[2] / "docs/concepts.md").read_text(encoding="utf-8")
    named = text[text.index("## How exact") : text.index("## One table")]
    for name, _ in (*LARGEST_TERM, *UNDERFLOW, *OVERFLOW):
        if name not in reference.SLOPES:  # rows that only rules use, of the third order
            assert f"`{name}`" in named, name
    for name in reference.LOOSER:
        assert f"`{name}`" in named or name == "normal_cdf", name


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_does_not_choose_where_it_is_examined(row: Primitive) -> None:
    assert row.domain == domain(row)


# ---------------------------------------------------------------- the reference itself


@pytest.mark.long
@pytest.mark.parametrize("row", [row for row in ROWS if not row.boolean], ids=lambda row: row.name)
def test_fifty_digits_are_enough(row: Primitive, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the reference gives with 50 digits it gives with 400 too."""
    chance = random.Random(1)
    sample = list(points(row))
    for args in chance.sample(sample, min(12, len(sample))):
        for i in range(len(args) if row.outputs else 1):
            function = COMPONENTS[row.name](i) if row.outputs else REFERENCES[row.name]
            short = function(*map(mp.mpf, args))
            with mp.workdps(400):
                long = function(*map(mp.mpf, args))
            for a, b in zip(flat(short), flat(long), strict=True):
                assert abs(a - b) <= abs(b) * mp.mpf("1e-25") + mp.ldexp(1, -1200), (row.name, args)


def flat(derivatives: reference.Derivatives) -> list[reference.Real]:
    value, gradient, hessian = derivatives
    return [mp.mpf(x) for x in (value, *gradient, *(x for line in hessian for x in line))]


SMOOTH_ARGUMENTS = {1: (0.37,), 2: (0.83, 1.71), 3: (0.83, 0.31, 1.0), 5: (0.3, 0.9, -0.4, 1.2, 0.7)}
STEPS = {"where", "sign", "step", "floor", "ceil", "round", "trunc", "floordiv", "round_to", "take"}


@pytest.mark.parametrize(
    "row",
    [row for row in ROWS if not row.boolean and row.name not in STEPS | {"complement", "stop_gradient"}],
    ids=lambda row: row.name,
)
def test_reference_derivatives_are_the_derivatives_of_the_reference(row: Primitive) -> None:
    """Closed forms against difference quotients of the value, to 20 digits."""
    count = row.arity or (5 if row.name == "affine" else 3)
    args = (1.37,) if row.name == "acosh" else SMOOTH_ARGUMENTS[count]
    for i in range(count if row.outputs else 1):
        function = COMPONENTS[row.name](i) if row.outputs else REFERENCES[row.name]
        with mp.workdps(80):
            at = tuple(map(mp.mpf, args))
            _, gradient, hessian = function(*at)
            for j in (j for j in range(count) if j not in row.static):
                h = mp.mpf("1e-25")
                up, down = (tuple(x + s * h * (k == j) for k, x in enumerate(at)) for s in (1, -1))
                (above, slopes_above, _), (below, slopes_below, _) = function(*up), function(*down)
                assert abs((above - below) / (2 * h) - gradient[j]) < 1e-20
                for k in (k for k in range(count) if k not in row.static):
                    assert abs((slopes_above[k] - slopes_below[k]) / (2 * h) - hessian[j][k]) < 1e-20


def test_ulp_error_measures_what_it_says() -> None:
    assert ulp_error(1.0, mp.mpf(1)) == 0.0
    assert ulp_error(math.nextafter(1.0, 2.0), mp.mpf(1)) == 1.0
    assert ulp_error(1.0, mp.mpf(1) + mp.ldexp(1, -53)) == 0.5
    assert ulp_error(5e-324, mp.mpf(0)) == 1.0
    assert ulp_error(0.0, mp.ldexp(1, -1076)) == 0.25
    assert ulp_error(math.inf, mp.ldexp(1, 1024)) == 0.0
    assert ulp_error(math.inf, mp.mpf(10) ** 400) == 0.0
    assert ulp_error(1.7976931348623157e308, mp.mpf(10) ** 400) == 1.0
    assert ulp_error(-math.inf, mp.mpf(10) ** 400) > 1e15
    assert ulp_error(math.nan, mp.mpf(1)) == math.inf
    assert ulp_error(math.nan, MPContext().nan) == 0.0
    assert ulp_error(1.0, mp.nan) == math.inf
    assert ulp_error(math.inf, mp.inf) == 0.0
    assert ulp_error(1e308, mp.inf) == math.inf
    assert ulp_error(1.0, mp.mpf(2), scale=mp.mpf(2) ** 53) == 0.5


# ---------------------------------------------------------------- ieee against NumPy

SPECIAL = [0.0, 1.0, 0.5, 2.0, 1.5, 2.5, 3.0, 8.0, 5e-324, 1e-310, 1e-300, 1e300, 1.7976931348623157e308,
    709.0, 745.2, 1024.0, 4503599627370497.5, 9007199254740993.0, math.inf]  # fmt: skip
SPECIAL = [s * x for x in SPECIAL for s in (1.0, -1.0)] + [math.nan]
UNARY = ["exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sqrt", "cbrt", "sin", "cos", "tan", "asin", "acos",
    "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "floor", "ceil", "rint"]  # fmt: skip
NUMPY_NAMES = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "asinh": "arcsinh", "acosh": "arccosh",
    "atanh": "arctanh", "divide": "divide", "atan2": "arctan2"}  # fmt: skip
BINARY = ["divide", "power", "maximum", "minimum", "hypot", "atan2"]


def same(a: float, b: float) -> bool:
    """Equal within 4 ulp; nan, infinities and the sign of zero exactly."""
    if a != a or b != b:
        return a != a and b != b
    if math.isinf(a) or math.isinf(b) or a == 0.0 or b == 0.0:
        return a == b and math.copysign(1.0, a) == math.copysign(1.0, b)
    return abs(a - b) <= 4.0 * math.ulp(b)


@pytest.mark.parametrize("name", UNARY)
def test_ieee_functions_answer_as_numpy_does(name: str) -> None:
    theirs = getattr(np, NUMPY_NAMES.get(name, name))
    for x in SPECIAL:
        if name in ("sin", "cos", "tan") and abs(x) > 1e299:
            continue  # NumPy's own argument reduction is not part of the claim
        with np.errstate(all="ignore"):
            assert same(getattr(ieee, name)(x), float(theirs(np.float64(x)))), x


@pytest.mark.parametrize("name", BINARY)
def test_ieee_functions_of_two_numbers_answer_as_numpy_does(name: str) -> None:
    theirs = getattr(np, NUMPY_NAMES.get(name, name if name != "power" else "float_power"))
    for x in SPECIAL:
        for y in SPECIAL:
            if name in ("maximum", "minimum") and x == y == 0.0:
                continue  # tested below: NumPy leaves the sign of zero to the hardware
            with np.errstate(all="ignore"):
                assert same(getattr(ieee, name)(x, y), float(theirs(np.float64(x), np.float64(y)))), (x, y)


def test_maximum_and_minimum_order_the_zeros() -> None:
    for a, b in ((0.0, -0.0), (-0.0, 0.0)):
        assert math.copysign(1.0, ieee.maximum(a, b)) == 1.0
        assert math.copysign(1.0, ieee.minimum(a, b)) == -1.0


POWERS = [
    (x, y)
    for x in (-2.0, -0.5, -3.0, -1e-160, -1e150, -1.5, -1e-98, -1e98, -1e-60, -1e60)
    for y in (0.0, 1.0, 2.0, 3.0, -1.0, -2.0, -3.0, 4.0, 5.0, 6.0, 7.0, 8.0)
]


@pytest.mark.parametrize(("x", "y"), POWERS)
def test_a_negative_number_to_a_whole_power(x: float, y: float) -> None:
    """The domain of the exam is positive: here the sign of xʸ⁻¹ and xʸ⁻² alternates. To y there is no derivative."""
    base, exponent = Value(x), Value(y)
    (first,) = gradients(base**exponent, [base], create_graph=True)
    second = gradients(first, [base])[0] if isinstance(first, Value) else 0.0
    with mp.workdps(60):
        exact = [y * mp.mpf(x) ** (y - 1), y * (y - 1) * mp.mpf(x) ** (y - 2)]
    assert ulp_error(first.data, exact[0]) <= 4.0
    assert ulp_error(second, exact[1]) <= 8.0
    base.zero_grad()
    (base**exponent).backward()
    assert math.isnan(exponent.grad)


def test_the_sum_of_nothing_is_zero() -> None:
    assert (PRIMITIVES["total"]([]), PRIMITIVES["affine"]([], [], 3.0)) == (0.0, 3.0)


def test_a_power_that_overflows_before_its_derivative_does() -> None:
    """y xʸ⁻¹ where xʸ⁻¹ is no float; and the limit of the mixed derivative at (0, 0)."""
    x, y = Value(1e-309), Value(1e-5)
    (slope,) = gradients(x**y, [x])
    with mp.workdps(60):
        assert ulp_error(slope, mp.mpf(y.data) * mp.mpf(x.data) ** (mp.mpf(y.data) - 1)) <= 4.0
    x, y = Value(0.0), Value(0.0)
    (first,) = gradients(x**y, [x], create_graph=True)
    assert gradients(first, [y]) == [math.inf]


def test_the_large_angles_are_reduced_exactly() -> None:
    for name in ("sin", "cos", "tan"):
        for x in (1e22, 1e300, -1.7976931348623157e308):
            assert ulp_error(getattr(ieee, name)(x), getattr(mp, name)(mp.mpf(x))) <= 1.0


def test_the_cube_root_of_a_cube_is_exact() -> None:
    for n in range(1, 2000):
        assert ieee.cbrt(float(n**3)) == n
        assert ieee.cbrt(-float(n**3)) == -n


# ---------------------------------------------------------------- a primitive of one's own


@pytest.mark.usefixtures("table")
def test_a_new_primitive_is_a_function_and_a_method() -> None:
    sinc = primitive("fresh", lambda x: x * x * x, lambda x, y: 3.0 * x * x)
    assert sinc(2.0) == 8.0
    x = Value(2.0)
    y = sinc(x)
    y.backward()
    assert (y.data, x.grad) == (8.0, 12.0)
    x.zero_grad()
    x.fresh().backward()  # type: ignore[attr-defined]
    assert x.grad == 12.0
    (slope,) = sinc.derivatives((x,), y)
    x.zero_grad()
    slope.backward()
    assert x.grad == 12.0
    assert PRIMITIVES["fresh"] is sinc


@pytest.mark.usefixtures("table")
def test_numpy_reaches_a_new_primitive_by_its_ufunc_name() -> None:
    primitive("deg2rad", lambda x: x * 0.017453292519943295, (0.017453292519943295,))
    x = Value(180.0)
    y = np.deg2rad(x)
    y.backward()
    assert y.data == pytest.approx(math.pi)
    assert x.grad == 0.017453292519943295
    ys = np.deg2rad(np.array([x, Value(90.0)], dtype=object))
    assert [v.data for v in ys] == pytest.approx([math.pi, math.pi / 2])


@pytest.mark.usefixtures("table")
def test_a_new_primitive_may_be_written_in_others() -> None:
    p = PRIMITIVES
    swish = primitive("swish2", None, lambda x, y: p["sigmoid"](2.0 * x), expand=lambda x: 0.5 * p["softplus"](2.0 * x))
    x = Value(0.3)
    y = swish(x)
    y.backward()
    assert y.data == pytest.approx(0.5 * math.log1p(math.exp(0.6)))
    assert x.grad == pytest.approx(1.0 / (1.0 + math.exp(-0.6)))


@pytest.mark.usefixtures("table")
def test_a_new_primitive_of_two_arguments_has_defaults_and_no_flow() -> None:
    scaled = primitive(
        "scaled", lambda x, k: k * x, lambda x, k, y: (k, NO_FLOW), arity=2, defaults=(3.0,), static=(1,)
    )
    x = Value(2.0)
    y = scaled(x)
    y.backward()
    assert (y.data, x.grad) == (6.0, 3.0)
    with pytest.raises(TypeError, match=r"^scaled takes 1 to 2 arguments, got 3$"):
        scaled(1.0, 2.0, 3.0)


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(
    ("error", "message", "name", "value", "partials"),
    [
        (ValueError, "primitive name 'not a name' is not an identifier; use letters, digits and _, as in 'erf'",
            "not a name", abs, (1.0,)),
        (ValueError, "primitive 'exp' exists already; choose another name", "exp", abs, (1.0,)),
        (ValueError, "primitive 'backward': Value has an attribute 'backward' already, choose another name",
            "backward", abs, (1.0,)),
        (TypeError, "primitive 'novel' needs a value: a function of floats, or expand=", "novel", None, (1.0,)),
        (TypeError, "primitive 'novel' needs partials: a function of its arguments and output, or a tuple",
            "novel", abs, None),
    ],
)  # fmt: skip
def test_a_refused_primitive_says_why_and_leaves_no_trace(
    error: type[Exception],
    message: str,
    name: str,
    value: Callable[[float], float] | None,
    partials: tuple[float, ...] | None,
) -> None:
    before = list(PRIMITIVES)
    with pytest.raises(error) as caught:
        primitive(name, value, partials)
    assert str(caught.value) == message
    assert list(PRIMITIVES) == before


def test_a_wrong_count_or_type_is_named() -> None:
    with pytest.raises(TypeError, match=r"^exp takes 1 argument, got 2$"):
        PRIMITIVES["exp"](1.0, 2.0)
    with pytest.raises(TypeError, match=r"^exp: unsupported operand type 'str'; a Value or a real number"):
        PRIMITIVES["exp"]("1")
    with pytest.raises(TypeError, match=r"^hypot: unsupported operand types \('Value', 'complex'\)"):
        PRIMITIVES["hypot"](Value(1.0), 1j)
