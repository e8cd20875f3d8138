"""The scalar-shaped problems of GradBench against closed forms: hello, lse, llsq, det, kmeans, ode, saddle, particle.

GradBench, https://github.com/gradbench/gradbench; saddle and particle are those of B. A. Pearlmutter and
J. M. Siskind, Using Programming Language Theory to Make Automatic Differentiation Sound and Efficient (2008).
"""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest
from scipy import special

from autograd_mini import grad, hessian, hvp, jit, logsumexp, minimum, sqrt, value_and_grad


def numbers(count: int, seed: int) -> list[float]:
    chance = random.Random(seed)
    return [chance.gauss(0.0, 1.0) for _ in range(count)]


@pytest.mark.parametrize("way", [lambda f: f, jit], ids=["eager", "jit"])
def test_hello_the_double_of_a_square(way: Any) -> None:
    assert way(grad(lambda x: x * x))(3.5) == 7.0


@pytest.mark.parametrize("way", [lambda f: f, jit], ids=["eager", "jit"])
def test_the_gradient_of_logsumexp_is_softmax(way: Any) -> None:
    xs = np.array(numbers(200, 1)) * 10
    value, slope = way(value_and_grad(logsumexp))(xs)
    assert value == pytest.approx(special.logsumexp(xs), rel=1e-14)
    assert np.allclose(slope, special.softmax(xs), rtol=1e-12, atol=1e-300)


@pytest.mark.parametrize("way", [lambda f: f, jit], ids=["eager", "jit"])
def test_least_squares_by_the_normal_equations(way: Any) -> None:
    """½ Σᵢ (sign tᵢ − Σⱼ xⱼ tᵢʲ)² with tᵢ from −1 to 1: the gradient is Aᵀ(A x − s)."""
    n, m = 48, 9
    times = np.linspace(-1.0, 1.0, n)
    a, s, x = np.vander(times, m, increasing=True), np.sign(times), np.array(numbers(m, 2))

    def loss(x: Any) -> Any:
        rests = [
            sign - sum(c * t for c, t in zip(x, row, strict=True)) for row, sign in zip(a.tolist(), s, strict=True)
        ]
        return 0.5 * sum(rest * rest for rest in rests)

    value, slope = way(value_and_grad(loss))(x)
    assert value == pytest.approx(0.5 * np.sum((s - a @ x) ** 2), rel=1e-12)
    assert slope == pytest.approx(a.T @ (a @ x - s), rel=1e-11, abs=1e-12)


def determinant(a: Any) -> Any:
    """By the first row and the minors of the rest."""
    if len(a) == 1:
        return a[0][0]
    minors = ([row[:j] + row[j + 1 :] for row in a[1:]] for j in range(len(a)))
    return sum((-1.0) ** j * a[0][j] * determinant(minor) for j, minor in enumerate(minors))


@pytest.mark.parametrize("way", [lambda f: f, jit], ids=["eager", "jit"])
def test_the_gradient_of_a_determinant_is_its_cofactors(way: Any) -> None:
    a = np.array(numbers(25, 3)).reshape(5, 5)
    slope = way(grad(lambda flat: determinant([list(flat[5 * i : 5 * i + 5]) for i in range(5)])))(a.ravel())
    assert np.reshape(slope, (5, 5)) == pytest.approx(np.linalg.det(a) * np.linalg.inv(a).T, rel=1e-11)


def test_a_step_of_k_means_is_a_step_of_newton() -> None:
    """Σ over points of the least square distance: each gradient is 2 Σ (c − p), the Hessian 2 n on the diagonal."""
    points, centres = np.array(numbers(80, 4)).reshape(-1, 2), np.array([-1.0, -0.5, 1.0, 0.75])

    def loss(flat: Any) -> Any:
        near = [[(x - flat[2 * k]) ** 2 + (y - flat[2 * k + 1]) ** 2 for k in range(2)] for x, y in points.tolist()]
        return sum(minimum(*each) for each in near)

    pairs = centres.reshape(2, 2)
    nearest = np.argmin(((points[:, None] - pairs) ** 2).sum(2), axis=1)
    means = np.array([points[nearest == k].mean(0) for k in range(2)])
    counts = np.repeat(np.bincount(nearest), 2)
    slope = grad(loss)(centres)
    assert slope == pytest.approx((2 * counts.reshape(2, 2) * (pairs - means)).ravel(), rel=1e-11)
    assert np.allclose(hessian(loss)(centres), np.diag(2.0 * counts), rtol=1e-13)
    assert hvp(loss, (centres,), (np.ones(4),)) == pytest.approx(2.0 * counts, rel=1e-13)
    assert centres - slope / (2 * counts) == pytest.approx(means.ravel(), rel=1e-12)


def test_a_cascade_of_equations_by_runge_and_kutta() -> None:
    """y₁′ = x₁, yᵢ′ = xᵢ yᵢ₋₁: yₙ(t) = x₁…xₙ tⁿ/n!, which RK4 gives exactly up to n = 4; ∂yₙ/∂xᵢ = yₙ/xᵢ."""

    def last(x: Any, steps: int = 10, end: float = 1.5) -> Any:
        y, h = [0.0] * len(x), end / steps

        def slope(y: list[Any]) -> list[Any]:
            return [x[0], *(each * before for each, before in zip(x[1:], y, strict=False))]

        def moved(slopes: list[Any], by: float) -> list[Any]:
            return [each + by * k for each, k in zip(y, slopes, strict=True)]

        for _ in range(steps):
            first = slope(y)
            second = slope(moved(first, h / 2))
            third = slope(moved(second, h / 2))
            fourth = slope(moved(third, h))
            y = [
                each + h / 6 * (a + 2 * b + 2 * c + d)
                for each, a, b, c, d in zip(y, first, second, third, fourth, strict=True)
            ]
        return y[-1]

    x = np.array([0.5, -1.25, 2.0, 0.75])
    want = x.prod() * 1.5**4 / 24
    for way in (value_and_grad(last), jit(value_and_grad(last))):
        value, slope = way(x)
        assert value == pytest.approx(want, rel=1e-13)
        assert slope == pytest.approx(want / x, rel=1e-12)


def descend(f: Any, x: list[Any], steps: int, rate: float) -> list[Any]:
    """Steps down the gradient; inside another transform its results are Values, and are differentiated in turn."""
    for _ in range(steps):
        x = [each - rate * slope for each, slope in zip(x, grad(lambda *at: f(list(at)), (0, 1))(*x), strict=True)]
    return x


def test_a_saddle_is_found_by_a_search_inside_a_search() -> None:
    """min over p of max over q of |p|² − |q|²: the inner maximum is at q = 0, the outer minimum at p = 0."""

    def inner(p: list[Any]) -> Any:
        best = descend(lambda q: q[0] ** 2 + q[1] ** 2 - p[0] ** 2 - p[1] ** 2, [1.0, 1.0], 20, 0.3)
        return p[0] ** 2 + p[1] ** 2 - best[0] ** 2 - best[1] ** 2

    assert descend(inner, [1.0, 1.0], 20, 0.3) == pytest.approx([0.4**20] * 2, rel=1e-9)
    assert grad(lambda a: inner([a, 0.5]))(0.25) == pytest.approx(0.5, rel=1e-14)


@pytest.mark.slow
def test_a_charge_is_aimed_by_newtons_method_through_a_simulation() -> None:
    """A charge flies past two others; the place of one is chosen so that it meets the axis at 0.

    The force is the gradient of the potential Σ 1/|x − c|, whose closed form is Σ (x − c)/|x − c|³.
    """

    def potential(x: Any, y: Any, w: Any) -> Any:
        return 1 / sqrt((x - 10) ** 2 + (y - (10 - w)) ** 2) + 1 / sqrt((x - 10) ** 2 + y**2)

    x, y, w = 1.5, 4.0, 0.75
    force = grad(potential, (0, 1))(x, y, w)
    for place, slope in enumerate(force):
        total = 0.0
        for cy in (10 - w, 0.0):
            total -= ((x - 10), (y - cy))[place] / math.hypot(x - 10, y - cy) ** 3
        assert slope == pytest.approx(total, rel=1e-14)

    def miss(w: Any) -> Any:
        x, y, vx, vy, dt = 0.0, 8.0, 0.75, 0.0, 0.1
        for _ in range(1000):
            ax, ay = grad(potential, (0, 1))(x, y, w)
            nx, ny = x + dt * vx, y + dt * vy
            if ny <= 0:
                part = -y / vy
                return (x + part * vx) ** 2
            x, y, vx, vy = nx, ny, vx - dt * ax, vy - dt * ay
        raise AssertionError("the charge never came down")

    w = 0.206  # three steps away; each goes through the whole flight three times over
    for _ in range(3):
        slope = grad(miss)(w)
        bend = grad(grad(miss))(w)
        w -= slope / bend
    assert miss(0.20719187464861194) < 1e-8  # as near as the published search came
    assert w == pytest.approx(0.20719187464861194, rel=1e-4)
    assert miss(w) < 1e-18
