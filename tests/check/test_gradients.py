"""check_gradients and numerical_gradient: what is right passes, what is wrong fails, a kink is told from a bug."""

import math
import pickle
import random
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_mini import PRIMITIVES, Value, primitives, sqrt, tanh, total, where
from autograd_mini.check import GradientError, check_gradients
from autograd_mini.check.differences import difference, numerical_gradient
from autograd_mini.expression.expression import parse
from autograd_mini.format import columns, number
from autograd_mini.primitives import ieee
from autograd_mini.primitives.row import Primitive
from autograd_mini.transforms.functions import grad


def wrong(value, partials, arity=1):
    """A primitive with a bug, which stands in no table."""
    return Primitive("wrong", value, partials, arity=arity, label="?", domain=((-math.inf, math.inf),) * arity)


# ---------------------------------------------------------------- differences


SMOOTH = [
    ("tanh", math.tanh, 0.5, 1 - math.tanh(0.5) ** 2, 1e-12),
    ("exp", math.exp, 20.0, math.exp(20.0), 1e-4),
    ("exp near overflow", ieee.exp, 700.0, math.exp(700.0), 1e292),
    ("fast", lambda x: math.sin(100 * x), 0.3, 100 * math.cos(30), 1e-9),
    ("very fast", lambda x: math.tanh(1e6 * x), 0.0, 1e6, 1e-6),
    ("large argument", math.sin, 1e6, math.cos(1e6), 1e-10),
    ("near a pole", lambda x: 1 / x, 1e-3, -1e6, 1e-4),
    ("near the edge of a domain", ieee.log, 1e-3, 1e3, 1e-7),
    ("periodic in the powers of two", lambda x: math.sin(16 * math.pi * x), 0.0, 16 * math.pi, 1e-9),
    ("beside a kink", abs, 1e-9, 1.0, 1e-12),
    ("constant", lambda x: 3.0, 2.0, 0.0, 1e-12),
    ("zero", lambda x: 0.0, 2.0, 0.0, 1e-300),
    ("one that rounds inside", lambda x: math.log(1 + x * x), 1.3e-15, 2.6e-15, 1e-13),
    ("tiny", lambda x: 1e-9 * x * x, 1.0, 2e-9, 1e-18),
    ("on a large constant", lambda x: 1e9 + x, 2.0, 1.0, 1e-4),
    ("flat", math.floor, 1.5, 0.0, 1e-12),
    ("among the subnormal numbers", lambda x: 5e-324 * x, 1.25, 5e-324, 1e-300),
]


@pytest.mark.parametrize(
    ("line", "x", "exact", "worst"), [case[1:] for case in SMOOTH], ids=[case[0] for case in SMOOTH]
)
def test_a_smooth_derivative_lies_within_its_error(line, x, exact, worst):
    found = difference(line, x)
    assert (found.left_is, found.right_is, found.is_kink) == ("smooth", "smooth", False)
    value, error = found.best
    assert abs(value - exact) <= error + 1e-300
    assert error <= worst


SINGULAR = [
    ("abs", abs, 0.0, "smooth", "smooth", True),
    ("leaky", lambda x: x if x > 0 else 0.999 * x, 0.0, "smooth", "smooth", True),
    ("small kink on a large constant", lambda x: 1000 + 1e-6 * abs(x), 0.0, "smooth", "smooth", True),
    ("sqrt", ieee.sqrt, 0.0, "outside", "vertical", False),
    ("asin", ieee.asin, 1.0, "vertical", "outside", False),
    ("cbrt", math.cbrt, 0.0, "vertical", "vertical", False),
    ("cusp", lambda x: math.sqrt(abs(x)), 0.0, "vertical", "vertical", False),
    ("log", ieee.log, 0.0, "outside", "outside", False),
    ("sign", lambda x: float((x > 0) - (x < 0)), 0.0, "jump", "jump", False),
    ("a lone point", lambda x: float(x == 0.0), 0.0, "jump", "jump", False),
]


@pytest.mark.parametrize(
    ("line", "x", "left", "right", "kink"), [case[1:] for case in SINGULAR], ids=[case[0] for case in SINGULAR]
)
def test_where_there_is_no_derivative_none_is_given(line, x, left, right, kink):
    found = difference(line, x)
    assert (found.left_is, found.right_is, found.is_kink) == (left, right, kink)
    assert math.isnan(found.best.value)
    assert found.best.error == math.inf


def test_a_one_sided_derivative_is_found():
    found = difference(lambda x: ieee.power(x, 1.5), 0.0)
    assert (found.left_is, found.right_is) == ("outside", "smooth")
    assert found.best.value == pytest.approx(0.0, abs=1e-6)
    floor = difference(math.floor, 1.0)
    assert (floor.left_is, floor.right_is, floor.best.value) == ("jump", "smooth", 0.0)


def test_numerical_gradient_has_the_structure_of_the_arguments():
    def f(w, point):
        return w[0][1] * point["x"] ** 2 + w[1][0] * point["y"][1]

    value, error = numerical_gradient(f, [[1.0, 2.0], [3.0, 4.0]], {"x": 3.0, "y": np.array([1.0, 5.0])})
    assert value[0] == [[pytest.approx(0), pytest.approx(9)], [pytest.approx(5), pytest.approx(0)]]
    assert value[1]["x"] == pytest.approx(12.0)
    np.testing.assert_allclose(value[1]["y"], [0.0, 3.0], atol=1e-10)
    assert isinstance(error[1]["y"], np.ndarray)
    assert max(error[1]["y"]) < 1e-10

    slope, error = numerical_gradient(lambda x: x**3, 2.0)
    assert abs(slope - 12.0) <= error < 1e-10


# ---------------------------------------------------------------- right gradients pass


WHOLE = {"dpow", "polygamma", "round_to"}  # their static argument is an order or a count of digits: a whole number


def points(row, dice):
    """A point inside the domain of a row."""
    arity = row.arity or 3
    intervals = row.domain if len(row.domain) == arity else (row.domain[0],) * arity
    point = [dice.uniform(max(low, -3.0) + 0.05, min(high, 3.0) - 0.05) for low, high in intervals]
    if row.name == "take":
        return [*point[:-1], float(dice.randrange(len(point) - 1))]  # its last argument is an index
    return [intervals[i][0] if i in row.static and row.name in WHOLE else x for i, x in enumerate(point)]


# a condition is no number; complement's rule holds where its arguments sum to 1; stop_gradient is there to differ
SPECIAL = {"where", "complement", "stop_gradient"}
DIFFERENTIABLE = [row for row in PRIMITIVES.values() if not (row.boolean or row.outputs or row.name in SPECIAL)]


@pytest.mark.parametrize("row", DIFFERENTIABLE, ids=lambda row: row.name)
def test_every_primitive_passes_and_so_does_its_derivative(row):
    dice = random.Random(row.name)
    for _ in range(3):
        args = points(row, dice)
        fixed = (len(args) - 1,) if row.name == "take" else row.static  # beside its own place an index is none
        static = {i: args[i] for i in fixed}

        def f(*xs, row=row, static=static):
            xs = [static.get(i, x) for i, x in enumerate(xs)]
            if row.name == "affine":
                return row(xs[:1], xs[1:2], xs[2])
            if row.name == "take":
                return row(xs[:-1], xs[-1])
            return row(xs) if row.arity is None else row(*xs)

        report = check_gradients(f, *args)
        verdicts = {each.verdict for each in report.derivatives}
        assert verdicts == {"agrees"}, f"{row.name} at {args}\n{report}"
        second = check_gradients(lambda *xs, f=f: total(grad(f, tuple(range(len(xs))))(*xs)), *args)
        assert second.ok


def test_a_network_passes():
    dice = random.Random(1)
    weights = [[dice.gauss(0, 1) for _ in range(4)] for _ in range(3)]

    def loss(weights, x):
        hidden = [tanh(sum(w * v for w, v in zip(row, x, strict=True))) for row in weights]
        return sum(h * h for h in hidden)

    report = check_gradients(loss, weights, np.array([1.0, -2.0, 0.5, 3.0]))
    assert len(report.derivatives) == 16
    assert {each.verdict for each in report.derivatives} == {"agrees"}
    assert report.slope == pytest.approx(2.0, abs=0.1)
    assert [each.name for each in report.derivatives][3:5] == ["weights[0][3]", "weights[1][0]"]
    assert report.derivatives[-1].name == "x[3]"


@pytest.mark.long
@settings(max_examples=60, deadline=None)
@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(0.1, 3))
def test_no_false_alarm(x, y, z):
    for f in FORMULAS:
        check_gradients(f, *(x, y, z)[: len(f.names)])


FORMULAS = [
    parse("exp(-x**2)*sin(3*y) + log(1 + x**2)"),
    parse("max(x, y)*abs(x - y) + relu(x + y)"),
    parse("sqrt(x**2 + 1) / (2 + tanh(y))*z**1.5"),
    parse("where(x > y, x*y, y**3)"),
    parse("1e6*sigmoid(x) + 1e-6*gelu(y)"),
]


# ---------------------------------------------------------------- kinks are told from bugs

KINKS = [
    (primitives.abs, (0.0,), "kink", "left −1, right 1; reverse mode returned the least-norm subgradient 0"),
    (primitives.relu, (0.0,), "kink", "left 0, right 1; reverse mode returned the least-norm subgradient 0"),
    (lambda x: -primitives.relu(x), (0.0,), "kink", "left 0, right −1; reverse mode returned the least-norm"),
    (lambda x: abs(x) + x, (0.0,), "kink", "left 0, right 2; reverse mode returned 1, a subgradient between"),
    (primitives.maximum, (1.0, 1.0), "kink", "left 0, right 1; reverse mode returned 0.5, a subgradient between"),
    (primitives.leaky_relu, (0.0, 0.25), "kink", "left 0.25, right 1; reverse mode returned the least-norm"),
    (lambda x: where(x > 0, sqrt(x), 0.0), (0.0,), "kink", "left derivative 0, the other side is vertical"),
    (sqrt, (0.0,), "vertical", "the tangent is vertical; reverse mode returned the limit inf"),
    (primitives.acos, (1.0,), "vertical", "the tangent is vertical; reverse mode returned the limit −inf"),
    (primitives.cbrt, (0.0,), "vertical", "the tangent is vertical"),
    (lambda x: x**1.5, (0.0,), "edge", "right derivative "),
    (primitives.sign, (0.0,), "jump", "the function jumps here; reverse mode returned 0 (steps are flat)"),
    (primitives.floor, (1.0,), "jump", "right derivative 0, the other side jumps; reverse mode returned 0"),
    (primitives.log, (0.0,), "unclear", "the function is −inf here, so finite differences say nothing"),
    (lambda x: sqrt(x), (-1.0,), "unclear", "the function is nan here"),
    (lambda x: sqrt(abs(x)), (0.0,), "unclear", "the tangent is vertical; reverse mode returned nan"),
    (lambda x: x * primitives.sin(1 / (x + 1e-300)), (0.0,), "unclear", ""),
]


@pytest.mark.parametrize(("f", "args", "verdict", "note"), KINKS)
def test_a_point_without_a_derivative_is_no_failure(f, args, verdict, note):
    report = check_gradients(f, *args)
    assert report.ok
    assert report.derivatives[0].verdict == verdict
    assert report.derivatives[0].note.startswith(note)
    if note:
        assert f"{verdict} at " in str(report)


def test_a_wrong_subgradient_is_a_failure():
    rows = {
        3.0: "left −1, right 1; reverse mode returned 3, which is not between",
        -1.0: None,
        math.nan: "left −1, right 1; reverse mode returned nan, which is not between",
    }
    for slope, note in rows.items():
        report = check_gradients(wrong(abs, (slope,)), 0.0, raise_on_failure=False)
        assert report.ok == (note is None)
        assert report.derivatives[0].note == (note or "left −1, right 1; reverse mode returned the left derivative −1")


# ---------------------------------------------------------------- wrong gradients fail


def test_a_wrong_gradient_raises_with_the_table():
    square = wrong(lambda x: x * x, lambda x, y: 2.002 * x)
    with pytest.raises(GradientError) as caught:
        check_gradients(lambda a, b: square(a) * b[1], 3.0, [5, 2])
    lines = [re.sub(r"[0-9]e−[0-9]+", "…", line) for line in str(caught.value).split("\n")]
    assert lines[:3] == [
        "a gradient is wrong",
        "argument   at   reverse mode   differences   ±       verdict",
        "a          3    12.012         12            …   WRONG",
    ]
    assert lines[5] == "WRONG at a = 3: reverse mode returned 12.012, differences give 12 ± …"
    assert lines[6].startswith("suspected: wrong(3): its derivative by argument 0 is given as 6.006, differences of")
    assert lines[7] == "Taylor remainder: slope 1.00 (2 for a right gradient, 1 for a wrong one)"
    assert isinstance(caught.value, AssertionError)
    assert not caught.value.report.ok


@pytest.mark.parametrize("bug", [1e-5, -1e-5, 0.5, math.nan, math.inf, -1.0])
def test_small_bugs_and_nan_are_found(bug):
    row = wrong(math.exp, lambda x, y: y * (1.0 + bug))
    report = check_gradients(row, 1.0, raise_on_failure=False)
    assert not report.ok
    assert check_gradients(wrong(math.exp, lambda x, y: y), 1.0).ok


def test_a_bug_at_the_edge_of_a_domain_is_found():
    row = wrong(lambda x: ieee.power(x, 1.5), lambda x, y: 0.5)
    report = check_gradients(row, 0.0, raise_on_failure=False)
    assert report.derivatives[0].verdict == "WRONG"
    assert "the other side is outside the domain; reverse mode returned 0.5" in report.derivatives[0].note


# ---------------------------------------------------------------- the report


def test_the_report_reads_as_a_table():
    report = check_gradients(parse("w*x + b**2"), 0.5, 2, -1e-9)
    assert [re.sub(r" +[0-9]e−[0-9]+ +agrees", " … agrees", line) for line in str(report).split("\n")] == [
        "argument   at      reverse mode   differences   ±       verdict",
        "w           0.5     2              2 … agrees",
        "x           2       0.5            0.5 … agrees",
        "b          −1e−9   −2e−9          −2e−9 … agrees",
        "Taylor remainder: slope 2.00 (2 for a right gradient, 1 for a wrong one)",
    ]
    assert report.value == 1.0
    assert all(len(line) < 100 for line in str(report).split("\n"))


def test_a_long_report_is_cut_and_shows_what_is_wrong():
    bug = wrong(lambda x: x, (2.0,))
    with pytest.raises(GradientError) as caught:
        check_gradients(lambda xs: total(xs[:90]) + bug(xs[90]), [0.1 * i for i in range(91)])
    text = str(caught.value)
    assert text.split("\n")[2].split() == [
        "xs[90]",
        "9",
        "2",
        "1",
        text.split()[text.split().index("xs[90]") + 4],
        "WRONG",
    ]
    assert "… and 51 more" in text


def test_names_of_arguments():
    def names(f, *args):
        return [each.name for each in check_gradients(f, *args).derivatives]

    assert names(lambda *xs: xs[0] * xs[1], 1, 2) == ["args[0]", "args[1]"]
    assert names(lambda p: p["a"] * p["b"][0], {"a": 1, "b": (2, 3)}) == ["p['a']", "p['b'][0]", "p['b'][1]"]
    assert names(lambda m: m.sum(), np.ones((1, 2))) == ["m[0, 0]", "m[0, 1]"]
    assert names(parse("重み + x"), 1, 2) == ["重み", "x"]


def test_it_leaves_no_gradient_behind_and_takes_values():
    w, x = Value(2.0), Value(3.0)
    report = check_gradients(lambda x: w * x, x)
    assert (report.derivatives[0].reverse, report.derivatives[0].at) == (2.0, 3.0)
    assert not w.has_grad
    assert not x.has_grad


def test_what_is_no_scalar_is_refused():
    with pytest.raises(TypeError, match="needs a function with one scalar result"):
        check_gradients(lambda x: [x, x], 1.0)
    with pytest.raises(TypeError, match="the function must return one scalar, got 2"):
        numerical_gradient(lambda x: [x, x], 1.0)
    with pytest.raises(TypeError, match="argument 0"):
        check_gradients(lambda x: x, "1")


def test_an_error_can_be_pickled():
    with pytest.raises(GradientError) as caught:
        check_gradients(wrong(abs, (3.0,)), 0.0)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (0.0, "0"),
        (-0.0, "−0"),
        (-1.5, "−1.5"),
        (1 / 3, "0.333333"),
        (1e-7, "1e−7"),
        (-2.5e20, "−2.5e20"),
        (123456.0, "123456"),
        (1234567.0, "1.23457e6"),
        (math.inf, "inf"),
        (-math.inf, "−inf"),
        (math.nan, "nan"),
    ],
)
def test_numbers_as_text(x, text):
    assert number(x) == text


def test_columns_align_on_the_decimal_point_and_count_cells():
    rows = [["name", "value"], ["重み", number(-0.25)], ["b", number(10.0)], ["c", number(3e-12)]]
    assert columns(rows, "<.") == ["name   value", "重み   −0.25", "b      10", "c       3e−12"]
    assert columns([["n", "right"], ["a", "1"]], "<>") == ["n   right", "a       1"]
