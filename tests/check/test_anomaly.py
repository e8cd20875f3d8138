"""detect_anomaly: the first non-finite result is named, with the place that made it."""

import inspect
import math

import pytest

from autograd_mini import AnomalyError, Value, detect_anomaly, exp, grad, log, sqrt


def test_forward_names_operation_operand_partials_and_place():
    line = inspect.currentframe().f_lineno + 2
    with detect_anomaly(), pytest.raises(AnomalyError) as error:
        log(Value(-1.0, label="x"))
    text = str(error.value)
    assert text.startswith("log(x = -1.0) gave nan")
    assert "local derivatives (nan)" in text
    assert f"test_anomaly.py:{line}" in text


def test_operators_are_watched_too():
    with detect_anomaly(), pytest.raises(AnomalyError, match=r"div\(1\.0, 0\.0\) gave inf"):
        _ = 1.0 / Value(0.0)
    with detect_anomaly(), pytest.raises(AnomalyError, match=r"exp\(1000\.0\) gave inf"):
        Value(1000.0).exp()


def test_backward_names_the_culprit():
    with detect_anomaly():
        y = sqrt(Value(0.0, label="x")) * 3
        with pytest.raises(
            AnomalyError, match=r"backward through sqrt\(x = 0\.0\).*local derivative inf.*test_anomaly"
        ):
            y.backward()
    before = sqrt(Value(0.0))
    with detect_anomaly(), pytest.raises(AnomalyError, match="made before detect_anomaly"):
        before.backward()


def test_transforms_are_watched():
    with detect_anomaly(), pytest.raises(AnomalyError, match="backward through sqrt"):
        grad(sqrt)(0.0)
    with detect_anomaly():
        assert grad(grad(lambda x: x**3))(2.0) == 12.0


def test_finite_work_is_left_alone_and_the_context_ends():
    with detect_anomaly():
        x = Value(2.0)
        y = exp(x) * x + (x > 1) * x
        y.backward()
        x_grad = x.grad
        assert bool(x)
    plain = Value(2.0)
    (exp(plain) * plain + plain).backward()
    assert x_grad == plain.grad
    assert math.isnan(Value(-1.0).log().data)


def test_what_was_not_finite_before_is_not_blamed():
    with detect_anomaly():
        assert (Value(math.inf) + 1).data == math.inf
