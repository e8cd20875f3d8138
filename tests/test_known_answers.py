"""Problems whose answers are known from elsewhere, solved through our gradients."""

from __future__ import annotations

import math
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import optimize, stats

from autograd_mini import Value, erfc, exp, grad, hessian, hypot, jit, log, logsumexp, sqrt, value_and_grad, where
from autograd_mini.expression import parse

STRD = tomllib.loads((Path(__file__).parent / "data" / "strd.toml").read_text())

# ---------------------------------------------------------------- NIST: certified non-linear regressions


@pytest.mark.parametrize("name", STRD)
def test_nist_regressions_reach_their_certified_digits(name: str) -> None:
    """From the second start, which is the nearer one: 6 digits of every parameter, 8 of the sum of squares.

    That of Lanczos1 is 1.4e-25, which is made of rounding: 0 to the digits there are.
    """
    given = STRD[name]
    model = parse(given["model"])
    names = [f"b{i + 1}" for i in range(len(given["certified"]))]
    slopes = jit(value_and_grad(lambda b, at: model(**dict(zip(names, b, strict=True)), **at)))
    columns = {name: given[name] for name in ("x", "z") if name in given}
    places = [dict(zip(columns, at, strict=True)) for at in zip(*columns.values(), strict=True)]
    values = np.log(given["y"]) if given.get("log") else given["y"]

    def both(b: Any) -> list[tuple[float, Any]]:
        return [slopes(list(map(float, b)), at) for at in places]

    found = optimize.least_squares(
        lambda b: [value - y for (value, _), y in zip(both(b), values, strict=True)],
        given["starts"][1],
        jac=lambda b: np.array([slope for _, slope in both(b)]),
        method="lm",
        xtol=1e-15,
        ftol=1e-15,
        gtol=1e-15,
    )
    assert found.x == pytest.approx(given["certified"], rel=1e-6)
    assert 2.0 * found.cost == pytest.approx(given["squares"], rel=1e-8, abs=1e-20)


# ---------------------------------------------------------------- Moré, Garbow, Hillstrom: unconstrained minima


def helical(x: Any) -> Any:
    """Helical valley: θ turns with (x₁, x₂), which is where a slope of atan lacks a branch."""
    a, b, c = x
    turn = np.arctan2(b, a) / (2.0 * math.pi)
    turn = where(turn < -0.25, turn + 1.0, turn)
    return 100.0 * ((c - 10.0 * turn) ** 2 + (hypot(a, b) - 1.0) ** 2) + c * c


def beale(x: Any) -> Any:
    return sum((y - x[0] * (1.0 - x[1] ** (i + 1))) ** 2 for i, y in enumerate((1.5, 2.25, 2.625)))


def powell(x: Any) -> Any:
    """Powell's singular function: the Hessian at the minimum is singular."""
    a, b, c, d = x
    return (a + 10 * b) ** 2 + 5 * (c - d) ** 2 + (b - 2 * c) ** 4 + 10 * (a - d) ** 4


def wood(x: Any) -> Any:
    a, b, c, d = x
    return (
        100 * (b - a**2) ** 2 + (1 - a) ** 2 + 90 * (d - c**2) ** 2 + (1 - c) ** 2
        + 10 * (b + d - 2) ** 2 + 0.1 * (b - d) ** 2
    )  # fmt: skip


def box(x: Any) -> Any:
    """Box's three-dimensional function with ten terms."""
    a, b, c = x
    times = [0.1 * i for i in range(1, 11)]
    return sum((exp(-t * a) - exp(-t * b) - c * (math.exp(-t) - math.exp(-10 * t))) ** 2 for t in times)


def rosenbrock(x: Any) -> Any:
    return 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2


def trigonometric(x: Any) -> Any:
    n = len(x)
    cosines = sum(np.cos(each) for each in x)
    return sum((n - cosines + (i + 1) * (1 - np.cos(each)) - np.sin(each)) ** 2 for i, each in enumerate(x))


Start = list[float]
MINIMA = [
    (rosenbrock, [-1.2, 1.0], [1.0, 1.0], 1e-6),
    (beale, [1.0, 1.0], [3.0, 0.5], 1e-6),
    (powell, [3.0, -1.0, 0.0, 1.0], [0.0] * 4, 2e-2),
    (wood, [-3.0, -1.0, -3.0, -1.0], [1.0] * 4, 1e-5),
    (helical, [-1.0, 0.0, 0.0], [1.0, 0.0, 0.0], 1e-5),
    (box, [0.0, 10.0, 20.0], None, 0.0),  # zero also wherever x₁ = x₂ and x₃ = 0
]


NAMES = [function.__name__ for function, *_ in MINIMA]


@pytest.mark.parametrize(("function", "start", "minimum", "tolerance"), MINIMA, ids=NAMES)
def test_more_garbow_hillstrom(function: Any, start: Start, minimum: Start | None, tolerance: float) -> None:
    """From the standard starts, with our gradient; the minimum of each is 0."""
    exactly = {"gtol": 1e-10}
    found = optimize.minimize(value_and_grad(function), np.array(start), jac=True, method="BFGS", options=exactly)
    assert found.fun == pytest.approx(0.0, abs=1e-12)
    if minimum is not None:
        assert found.x == pytest.approx(minimum, abs=tolerance)


def test_the_trigonometric_function_has_a_zero() -> None:
    start = np.full(5, 0.2)
    found = optimize.minimize(value_and_grad(trigonometric), start, jac=True, method="BFGS", options={"gtol": 1e-10})
    assert np.allclose(grad(trigonometric)(found.x), 0.0, atol=1e-6)
    assert found.fun < 1e-4


# ---------------------------------------------------------------- Black and Scholes: price and greeks


def call_price(spot: Any, volatility: Any, rate: Any, years: Any, strike: float = 100.0) -> Any:
    spread = volatility * sqrt(years)
    d1 = (log(spot / strike) + (rate + volatility * volatility / 2.0) * years) / spread
    return spot * normal(d1) - strike * exp(-rate * years) * normal(d1 - spread)


def normal(z: Any) -> Any:
    return 0.5 * erfc(-z / math.sqrt(2.0))


@pytest.mark.parametrize("at", [(100.0, 0.2, 0.05, 1.0), (80.0, 0.35, 0.01, 0.25), (140.0, 0.15, 0.03, 2.5)])
def test_black_scholes_greeks(at: tuple[float, ...]) -> None:
    s, v, r, t = at
    k, root = 100.0, v * math.sqrt(t)
    d1 = (math.log(s / k) + (r + v * v / 2) * t) / root
    d2 = d1 - root
    cdf, pdf, paid = stats.norm.cdf, stats.norm.pdf, k * math.exp(-r * t)
    price, (delta, vega, rho, decay) = value_and_grad(call_price, (0, 1, 2, 3))(*at)
    assert price == pytest.approx(s * cdf(d1) - paid * cdf(d2), rel=1e-12)
    assert delta == pytest.approx(cdf(d1), rel=1e-12)
    assert vega == pytest.approx(s * pdf(d1) * math.sqrt(t), rel=1e-11)
    assert rho == pytest.approx(paid * t * cdf(d2), rel=1e-11)
    assert decay == pytest.approx(s * pdf(d1) * v / (2 * math.sqrt(t)) + r * paid * cdf(d2), rel=1e-11)  # −theta
    second = hessian(call_price, (0, 1, 2, 3))(*at)
    assert second[0][0] == pytest.approx(pdf(d1) / (s * root), rel=1e-10)  # gamma
    assert second[0][1] == pytest.approx(-pdf(d1) * d2 / v, rel=1e-10)  # vanna
    assert second[1][1] == pytest.approx(s * pdf(d1) * math.sqrt(t) * d1 * d2 / v, rel=1e-10)  # volga
    assert second[0][2] == pytest.approx(t * pdf(d1) / root, rel=1e-10)
    assert second[2][2] == pytest.approx(paid * t * (pdf(d2) * t / root - t * cdf(d2)), rel=1e-10)
    assert second[0][3] == pytest.approx(-pdf(d1) * (d2 / (2 * t) - r / root), rel=1e-9)  # −charm


# ---------------------------------------------------------------- statistics: closed forms of NumPy's linear algebra


def test_marginal_likelihood_of_a_gaussian_process() -> None:
    """By a hand-written Cholesky decomposition, against ½ tr((ααᵀ − K⁻¹) ∂K)."""
    places = np.array([-1.5, -0.7, 0.1, 0.8, 1.9, 2.5])
    seen = np.sin(places)

    def likelihood(log_scale: Any, log_noise: Any) -> Any:
        n, scale, noise = len(places), exp(log_scale), exp(log_noise)
        low: list[list[Any]] = [[0.0] * n for _ in range(n)]
        for i in range(n):
            for j in range(i + 1):
                entry = exp(-((places[i] - places[j]) ** 2) / (2.0 * scale * scale)) + (noise if i == j else 0.0)
                rest = entry - sum(low[i][k] * low[j][k] for k in range(j))
                low[i][j] = sqrt(rest) if i == j else rest / low[j][j]
        out, solved = 0.0, []
        for i in range(n):
            solved.append((seen[i] - sum(low[i][k] * solved[k] for k in range(i))) / low[i][i])
            out = out - 0.5 * solved[i] * solved[i] - log(low[i][i])
        return out - 0.5 * n * math.log(2 * math.pi)

    at = (0.2, -2.0)
    scale, noise = map(math.exp, at)
    apart = (places[:, None] - places[None, :]) ** 2
    smooth = np.exp(-apart / (2 * scale**2))
    inverse = np.linalg.inv(smooth + noise * np.eye(6))
    alpha = inverse @ seen
    inner = np.outer(alpha, alpha) - inverse
    value, (to_scale, to_noise) = value_and_grad(likelihood, (0, 1))(*at)
    assert value == pytest.approx(stats.multivariate_normal.logpdf(seen, cov=smooth + noise * np.eye(6)), rel=1e-11)
    assert to_scale == pytest.approx(0.5 * np.trace(inner @ (smooth * apart / scale**2)), rel=1e-10)
    assert to_noise == pytest.approx(0.5 * np.trace(inner) * noise, rel=1e-10)


def test_a_hidden_markov_model_with_impossible_moves() -> None:
    """Log 0 on the way: the gradient to a log-probability is the expected number of its uses (Baum)."""
    start, move, emit = (
        [0.6, 0.4, 0.0],
        [[0.7, 0.3, 0.0], [0.0, 0.5, 0.5], [0.2, 0.0, 0.8]],
        [[0.9, 0.1], [0.4, 0.6], [0.0, 1.0]],
    )
    seen = [0, 1, 1, 0, 1]

    def safe_log(p: float) -> float:
        return math.log(p) if p else -math.inf

    def likelihood(moves: Any) -> Any:
        state = [safe_log(p) + safe_log(emit[i][seen[0]]) for i, p in enumerate(start)]
        for symbol in seen[1:]:
            state = [
                logsumexp([state[i] + moves[i][j] for i in range(3)]) + safe_log(emit[j][symbol]) for j in range(3)
            ]
        return logsumexp(state)

    value, slopes = value_and_grad(likelihood)([[safe_log(p) for p in row] for row in move])
    forward = [np.array(start) * np.array(emit)[:, seen[0]]]
    for symbol in seen[1:]:
        forward.append((forward[-1] @ np.array(move)) * np.array(emit)[:, symbol])
    backward = [np.ones(3)]
    for symbol in reversed(seen[1:]):
        backward.insert(0, np.array(move) @ (np.array(emit)[:, symbol] * backward[0]))
    whole = forward[-1].sum()
    uses = np.zeros((3, 3))
    for t in range(4):
        after = np.array(emit)[:, seen[t + 1]] * backward[t + 1]
        uses += np.outer(forward[t], after) * np.array(move) / whole
    assert value == pytest.approx(math.log(whole), rel=1e-13)
    assert np.array(slopes) == pytest.approx(uses, rel=1e-12, abs=1e-15)
    assert np.array(slopes).sum() == pytest.approx(4.0)


def test_a_kalman_filter() -> None:
    """The likelihood by the filter's recursion, against the joint normal distribution it factors."""
    seen = [0.9, 1.4, 0.3, -0.2, 0.8]

    def likelihood(decay: Any, process: Any, noise: Any) -> Any:
        mean, spread, out = 0.0, 1.0, 0.0
        for y in seen:
            total, off = spread + noise, y - mean
            out = out - 0.5 * (log(2 * math.pi * total) + off * off / total)
            gain = spread / total
            mean, spread = decay * (mean + gain * off), decay * decay * (1 - gain) * spread + process
        return out

    def joint(a: float, q: float, r: float) -> float:
        cov = np.zeros((5, 5))
        spreads = [1.0]
        for _ in range(4):
            spreads.append(a * a * spreads[-1] + q)
        for i in range(5):
            for j in range(5):
                cov[i, j] = spreads[min(i, j)] * a ** abs(i - j) + (r if i == j else 0.0)
        return float(stats.multivariate_normal.logpdf(seen, cov=cov))

    at = (0.8, 0.3, 0.2)
    value, slopes = value_and_grad(likelihood, (0, 1, 2))(*at)
    assert value == pytest.approx(joint(*at), rel=1e-12)
    for i, slope in enumerate(slopes):
        h = 1e-5
        moved = [joint(*(x + s * h * (k == i) for k, x in enumerate(at))) for s in (1, -1, 2, -2)]
        assert slope == pytest.approx((8 * (moved[0] - moved[1]) - (moved[2] - moved[3])) / (12 * h), rel=1e-8)


# ---------------------------------------------------------------- mechanics


def orbit(vx: Any, vy: Any, steps: int, dt: float) -> tuple[Any, Any]:
    """Two bodies, one at rest at the origin: the other's place after Runge–Kutta steps from (1, 0)."""

    def pull(x: Any, y: Any) -> tuple[Any, Any]:
        r = hypot(x, y)
        return -x / (r * r * r), -y / (r * r * r)

    x: Any = 1.0
    y: Any = 0.0
    for _ in range(steps):
        k1 = (vx, vy, *pull(x, y))
        k2 = (vx + dt / 2 * k1[2], vy + dt / 2 * k1[3], *pull(x + dt / 2 * k1[0], y + dt / 2 * k1[1]))
        k3 = (vx + dt / 2 * k2[2], vy + dt / 2 * k2[3], *pull(x + dt / 2 * k2[0], y + dt / 2 * k2[1]))
        k4 = (vx + dt * k3[2], vy + dt * k3[3], *pull(x + dt * k3[0], y + dt * k3[1]))
        x, y, vx, vy = (
            each + dt / 6 * (a + 2 * b + 2 * c + d)
            for each, a, b, c, d in zip((x, y, vx, vy), k1, k2, k3, k4, strict=True)
        )
    return x, y


@pytest.mark.long
def test_an_orbit_is_recovered_through_a_thousand_steps() -> None:
    """A circular orbit has speed 1; from a wrong speed, Newton's method on the last place finds it again."""
    wanted = orbit(0.0, 1.0, 1000, 0.005)
    assert math.hypot(*wanted) == pytest.approx(1.0, abs=1e-9)
    assert wanted == pytest.approx((math.cos(5.0), math.sin(5.0)), abs=1e-8)
    velocity = np.array([0.02, 0.97])
    for _ in range(6):
        vx, vy = Value(float(velocity[0])), Value(float(velocity[1]))
        found = orbit(vx, vy, 1000, 0.005)
        rows = []
        for place in found:
            vx.zero_grad(), vy.zero_grad()
            place.backward()
            rows.append([vx.grad, vy.grad])
        velocity -= np.linalg.solve(np.array(rows), [a.data - b for a, b in zip(found, wanted, strict=True)])
    assert velocity == pytest.approx([0.0, 1.0], abs=1e-10)
