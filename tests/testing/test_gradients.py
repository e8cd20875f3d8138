"""The public gradient check: its verdicts, and that it is right about right and wrong gradients."""

import math
import pickle

import pytest

from autograd_mini import Value, exp, primitive, relu, sin, sqrt, stop_gradient, tanh
from autograd_mini.testing import GradientError, InconclusiveError, assert_gradients, check_gradients
from tests.support.faults import tally


def test_a_right_gradient_passes():
    report = check_gradients(lambda x, w: tanh(w * x).sin(), 0.5, -1.5)
    assert (report.verdict, report.reason, report.suspect) == ("pass", "", None)
    assert report.worst.name in ("x", "w")
    assert report.worst.analytic == report.worst.reverse
    assert abs(report.worst.estimate.value - report.worst.analytic) <= 50 * report.worst.estimate.error + 1e-9


@pytest.mark.usefixtures("table")
def test_a_wrong_rule_fails_and_is_named():
    cube = primitive("cube", lambda x: x * x * x, lambda x, out: 2.0 * x * x)
    report = check_gradients(lambda x, y: sin(y) + cube(x) * 2.0, 0.7, 0.3)
    assert report.verdict == "fail"
    assert (report.worst.name, report.worst.analytic) == ("x", pytest.approx(4 * 0.49))
    assert report.worst.estimate.value == pytest.approx(6 * 0.49)
    assert report.worst.estimate.error < 1e-6
    assert (report.suspect.primitive, report.suspect.position, report.suspect.at) == ("cube", 0, (0.7,))
    assert "suspected: cube(0.7): its derivative by argument 0 is given as 0.98, " in str(report)
    with pytest.raises(GradientError, match=r"suspected: cube\(0\.7\)") as caught:
        assert_gradients(lambda x: cube(x), 0.7)
    assert pickle.loads(pickle.dumps(caught.value)).report == caught.value.report


@pytest.mark.usefixtures("table")
def test_a_rule_that_lets_nothing_flow_is_named_too():
    product = primitive("product", lambda a, b: a * b, lambda a, b, out: (b, None), arity=2)
    report = check_gradients(lambda a, b: product(a, b), 2.0, 3.0)
    assert (report.worst.name, report.suspect.primitive, report.suspect.position) == ("b", "product", 1)


def test_a_gradient_that_was_stopped_is_named():
    report = check_gradients(lambda x: x * stop_gradient(x), 3.0)
    assert (report.verdict, report.suspect.primitive) == ("fail", "stop_gradient")


@pytest.mark.parametrize(("function", "at", "reason"), [
    (relu, 0.0, "kink"),
    (lambda x: sqrt(x), 0.0, "kink"),
    (lambda x: sqrt(x), -1.0, "nan"),
    (lambda x: exp(x) / exp(x), 800.0, "nan"),
    (lambda x: (x + 1e16) - 1e16, 1.0, "cancellation"),
])  # fmt: skip
def test_what_differences_cannot_tell_is_inconclusive(function, at, reason):
    report = assert_gradients(function, at)
    assert (report.verdict, report.reason) == ("inconclusive", reason)
    with pytest.raises(
        InconclusiveError, match=rf"the check is inconclusive \({reason}\); choose another point"
    ) as caught:
        assert_gradients(function, at, strict=True)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_a_kink_within_the_step_is_no_pass_of_a_wrong_slope():
    for away in (1e-2, 1e-4, 1e-6, 1e-9, 1e-12):
        assert check_gradients(lambda x, away=away: relu(x - away), 0.0).verdict in ("pass", "inconclusive")
        wrong = check_gradients(lambda x, away=away: relu(x - away) + stop_gradient(x), 0.0)
        assert wrong.verdict in ("fail", "inconclusive")


def test_a_function_of_nothing_passes():
    report = check_gradients(lambda xs: Value(1.0), [])
    assert (report.verdict, report.worst) == ("pass", None)
    assert check_gradients(lambda: Value(1.0)).verdict == "pass"


def test_planted_faults_are_found_and_right_gradients_are_let_by():
    found = tally(120)
    assert not found.false_passes, found.false_passes[0]
    assert not found.false_alarms, found.false_alarms[0]
    assert found.right["pass"] >= 114
    assert found.blamed >= 0.95 * found.wrong["fail"]
    assert math.fsum(found.wrong.values()) == 120
