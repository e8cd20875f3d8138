"""Transforms: gradients to any order, structures of arguments, Jacobians and Hessians."""

import math
import sys
from collections import namedtuple

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

import autograd_mini as am
from autograd_mini import (
    Value,
    exp,
    grad,
    gradients,
    hessian,
    hvp,
    jacobian,
    jvp,
    log,
    log_softmax,
    sin,
    softmax,
    tanh,
    value_and_grad,
    vjp,
    where,
)


def rosenbrock(x):
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2


def test_gradients_leave_grad_alone_and_differentiate_again():
    x, y = Value(3.0), Value(2.0)
    z = x**3 * y
    assert gradients(z, [x, y]) == [54.0, 27.0]
    assert not x.has_grad
    first, _ = gradients(z, [x, y], create_graph=True)
    assert gradients(first, [x, y]) == [36.0, 27.0]


def test_gradients_of_intermediates_and_of_the_unrelated():
    x = Value(2.0)
    inner = x * x
    outer = inner * 3
    assert gradients(outer, [inner, x, Value(1.0)]) == [3.0, 12.0, 0.0]
    assert gradients(x, [x]) == [1.0]
    with pytest.raises(TypeError, match="got 'float'"):
        gradients(outer, [2.0])


def test_grad_nests_to_any_order():
    f = tanh
    x = mpmath.mpf("0.3")
    for order in range(1, 7):
        f = grad(f)
        assert f(0.3) == pytest.approx(float(mpmath.diff(mpmath.tanh, x, order)), rel=1e-12)


def test_grad_does_not_confuse_inner_and_outer_inputs():
    assert grad(lambda x: x * grad(lambda y: x + y)(x))(3.0) == 1.0
    assert grad(lambda w: grad(lambda x: w * x * x)(3.0))(2.0) == 6.0
    assert grad(lambda x: grad(lambda y: x * y)(7.0) * x)(5.0) == 10.0


def test_argnums_and_values_in_values_out():
    f = lambda x, y: x * y * y  # noqa: E731
    assert grad(f)(2.0, 3.0) == 9.0
    assert grad(f, 1)(2.0, 3.0) == 12.0
    assert grad(f, (0, 1))(2.0, 3.0) == (9.0, 12.0)
    assert value_and_grad(f, argnums=(0, 1))(2.0, 3.0) == (18.0, (9.0, 12.0))
    assert grad(f, -1)(2.0, 3.0) == 12.0
    x = Value(2.0)
    slope = grad(f)(x, 3.0)
    assert isinstance(slope, Value)
    assert gradients(grad(lambda v: v**3)(x), [x]) == [12.0]
    with pytest.raises(ValueError, match=r"argnums 2: .* got 2 arguments by position"):
        grad(f, 2)(1.0, 2.0)


def test_keyword_arguments_pass_through():
    assert grad(lambda x, power: x**power)(3.0, power=2) == 6.0


def test_a_constant_function_has_derivative_zero():
    assert grad(lambda x: 5.0)(2.0) == 0.0
    assert value_and_grad(lambda x: Value(5.0))(2.0) == (5.0, 0.0)


def test_structures_come_back_as_they_went_in():
    Point = namedtuple("Point", "x y")
    tree = {"a": [1.0, (2.0, 3.0)], "b": np.array([[4.0, 5.0]]), "p": Point(6.0, 7.0)}

    def f(t):
        return t["a"][0] * t["a"][1][1] + np.sum(t["b"] * t["b"]) + t["p"].x * t["p"].y

    found = grad(f)(tree)
    assert found["a"] == [3.0, (0.0, 1.0)]
    assert found["b"].tolist() == [[8.0, 10.0]]
    assert found["b"].dtype == float
    assert found["p"] == Point(7.0, 6.0)


def test_bad_leaves_and_results_are_named():
    with pytest.raises(TypeError, match="argument 0 of <lambda>: unsupported operand type 'str'"):
        grad(lambda x: x)(["a"])
    with pytest.raises(TypeError, match="one scalar result, got a list; use jacobian"):
        grad(lambda x: [x, x])(1.0)
    with pytest.raises(TypeError, match=r"got an array of shape \(2,\)"):
        grad(lambda x: x * 2)(np.array([1.0, 2.0]))
    with pytest.raises(TypeError, match="the result of <lambda>"):
        grad(lambda x: "text")(1.0)


def test_scipy_minimize_takes_value_and_grad():
    found = minimize(value_and_grad(rosenbrock), np.array([-1.0, 2.0]), jac=True)
    assert found.x == pytest.approx([1.0, 1.0], abs=1e-5)


def test_hessian_of_arrays_lists_and_numbers():
    want = np.array([[802.0, -400.0], [-400.0, 200.0]])
    assert hessian(rosenbrock)(np.array([1.0, 1.0])) == pytest.approx(want)
    assert hessian(rosenbrock)([1.0, 1.0]) == want.tolist()
    assert hessian(lambda x: x**3)(2.0) == 12.0
    assert hessian(lambda x, y: x * x * y, argnums=(0, 1))(2.0, 3.0) == ((6.0, 4.0), (4.0, 0.0))
    assert grad(lambda x: hessian(lambda v: v**4)(x))(2.0) == 48.0


def test_jacobian_shapes():
    def f(x):
        return np.array([x[0] * x[1], x[0], exp(x[1])], dtype=object)

    found = jacobian(f)(np.array([1.0, 2.0]))
    assert found == pytest.approx(np.array([[2.0, 1.0], [1.0, 0.0], [0.0, math.exp(2.0)]]))
    two = jacobian(lambda m: m * 2)(np.ones((2, 3)))
    assert two.shape == (2, 3, 2, 3)
    assert jacobian(lambda x, y: {"a": x * y, "b": [x, y]}, (0, 1))(2.0, 3.0) == {
        "a": (3.0, 2.0),
        "b": [(1.0, 0.0), (0.0, 1.0)],
    }
    assert jacobian(lambda x: [x[0], x[1] * x[0]])({0: 1.0, 1: 2.0}) == [{0: 1.0, 1: 0.0}, {0: 2.0, 1: 1.0}]


def test_vjp_and_jvp_agree_with_the_jacobian():
    def f(x, y):
        return [x * y, sin(x), x + y]

    matrix = np.array(jacobian(f, (0, 1))(2.0, 3.0))
    value, pullback = vjp(f, 2.0, 3.0)
    assert value == [6.0, math.sin(2.0), 5.0]
    cotangent = [1.0, -2.0, 0.5]
    assert pullback(cotangent) == pytest.approx(np.array(cotangent) @ matrix)
    value, tangent = jvp(f, (2.0, 3.0), (0.3, -0.7))
    assert value == [6.0, math.sin(2.0), 5.0]
    assert tangent == pytest.approx(matrix @ [0.3, -0.7])
    with pytest.raises(ValueError, match="the cotangent has 1 numbers, the result 3"):
        pullback([1.0])
    with pytest.raises(ValueError, match="primals and tangents differ"):
        jvp(f, (2.0, 3.0), (1.0,))


def test_hvp_is_the_hessian_times_a_vector():
    x, v = np.array([0.3, -0.4]), np.array([1.0, 2.0])
    assert hvp(rosenbrock, x, v) == pytest.approx(hessian(rosenbrock)(x) @ v)
    assert hvp(rosenbrock, (x,), (v,)) == pytest.approx(hessian(rosenbrock)(x) @ v)
    assert hvp(lambda a, b: a * a * b, (2.0, 3.0), (1.0, 0.0)) == pytest.approx((6.0, 4.0))


@pytest.mark.parametrize("function", [softmax, log_softmax])
def test_jvp_of_many_outputs_is_linear_in_their_number(function):
    """By the pull-back alone, numbers and Values alike; calls are counted, not timed."""

    def calls(n: int) -> int:
        count = 0

        def event(frame, kind, arg):
            nonlocal count
            count += kind in ("call", "c_call")

        xs, moves = [0.01 * i for i in range(n)], [1.0 - 0.02 * i for i in range(n)]
        before = sys.getprofile()
        sys.setprofile(event)
        try:
            jvp(function, (xs,), (moves,))
        finally:
            sys.setprofile(before)
        return count

    assert calls(800) < 9 * calls(100)
    xs, moves = np.array([0.5, -1.0, 2.0, 0.25]), [1.0, -2.0, 0.5, 0.0]
    out, moved = jvp(function, (list(xs),), (moves,))
    assert out == pytest.approx(function(list(xs)), rel=1e-15)
    assert moved == pytest.approx(list(np.array(jacobian(function)(list(xs))) @ moves), rel=1e-14, abs=1e-16)

    def slope(a):
        return jvp(lambda *args: function(list(args))[1], [x * a for x in xs], moves)[1]

    h = 1e-5
    assert grad(slope)(1.5) == pytest.approx((slope(1.5 + h) - slope(1.5 - h)) / (2 * h), rel=1e-8)


def test_an_inner_gradient_by_a_number_leaves_the_outer_one_a_number():
    """What stands for the number of an inner call is nobody's input after it."""

    def f(x):
        return x * grad(lambda y: x * y * y)(3.0)

    slope = grad(f)(2.0)
    assert (type(slope), slope) == (float, 24.0)
    assert type(jvp(f, (2.0,), (1.0,))[1]) is float


def test_an_inner_gradient_does_not_walk_what_its_arguments_were_made_from():
    """A simulation asks for a gradient at each step: calls grow with the steps, not with their square."""

    def far(steps):
        def f(x):
            for _ in range(steps):
                x = x - 0.01 * grad(lambda y: y * y * y)(x)
            return x

        return f

    def calls(steps):
        count = 0

        def event(frame, kind, arg):
            nonlocal count
            count += kind in ("call", "c_call")

        before = sys.getprofile()
        sys.setprofile(event)
        try:
            grad(far(steps))(0.5)
        finally:
            sys.setprofile(before)
        return count

    assert calls(160) < 10 * calls(20)


def test_jvp_differentiates_again():
    assert grad(lambda x: jvp(lambda y: y**3, (x,), (1.0,))[1])(2.0) == pytest.approx(12.0)
    assert jvp(grad(lambda y: y**3), (2.0,), (1.0,)) == (12.0, 12.0)


def test_the_untaken_branch_contributes_nothing_at_any_order():
    f = lambda x: where(x > 0, am.sqrt(x), x * x)  # noqa: E731
    assert [g(0.0) for g in (f, grad(f), grad(grad(f)), hessian(f))] == [0.0, 0.0, 2.0, 2.0]


UNARY = [sin, tanh, lambda v: exp(-v * v), lambda v: log(1 + v * v), am.sigmoid, am.atan, am.softplus]
BINARY = [
    lambda a, b: a + b,
    lambda a, b: a - b,
    lambda a, b: a * b,
    lambda a, b: a / (2 + b * b),
    am.hypot,
    am.maximum,
]


@st.composite
def programs(draw):
    """A random DAG over two inputs as a list of (function, operands)."""
    steps = []
    for i in range(draw(st.integers(1, 12))):
        if draw(st.booleans()):
            steps.append((draw(st.sampled_from(UNARY)), (draw(st.integers(0, i + 1)),)))
        else:
            steps.append((draw(st.sampled_from(BINARY)), (draw(st.integers(0, i + 1)), draw(st.integers(0, i + 1)))))
    return steps


def run(steps, *inputs):
    values = list(inputs)
    for function, operands in steps:
        values.append(function(*(values[i] for i in operands)))
    return values[-1]


@settings(max_examples=150, deadline=None)
@given(programs(), st.floats(0.3, 2.0), st.floats(-2.0, -0.3))
def test_gradients_of_random_graphs_match_differences(steps, x, y):
    found = grad(lambda a, b: run(steps, a, b) + 0 * a, (0, 1))(x, y)
    h = 1e-5
    for i, step in enumerate([(h, 0.0), (0.0, h)]):
        up = float(run(steps, x + step[0], y + step[1]))
        down = float(run(steps, x - step[0], y - step[1]))
        middle = float(run(steps, x, y))
        if abs((up - middle) - (middle - down)) > 1e-7:  # a kink or a strong bend lies within the step
            continue
        assert found[i] == pytest.approx((up - down) / (2 * h), rel=1e-4, abs=1e-4)


def test_an_output_that_is_not_asked_for_contributes_nothing() -> None:
    found = jacobian(lambda x: [2.0 * x, log(x)])(0.0)
    assert found == [2.0, math.inf]
