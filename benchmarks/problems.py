"""Small problems written in scalars, jitted gradient: beside JAX's jitted gradient of the same in arrays.

The problems are those of GradBench that have the shape of scalars: log of a sum of exponentials, least squares, an
ordinary differential equation, a determinant, an orbit, k-means. JAX has each as its users write it, with arrays
and ``lax.scan``. Gradients are asserted equal before anything is timed; the first call is with compiling.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.timing import MOMENT, Row, chosen, load_note, on_one_core, peer, race, report, version_of

Floats = Any
CHANCE = np.random.default_rng(0)
DATA, TARGETS = CHANCE.standard_normal((256, 32)), CHANCE.standard_normal(256)
WEIGHTS = CHANCE.standard_normal((20, 20)) / 5.0
POINTS = CHANCE.standard_normal((200, 2))
STEPS, STEP = 50, 0.02  # of the differential equation
TURNS, TICK = 200, 0.03  # of the orbit


@dataclass
class Problem:
    """``ours`` and ``theirs`` (given jax) of one array to one number; ``at`` is where the gradient is taken."""

    told: str
    at: Floats
    ours: Callable[[Floats], Any]
    theirs: Callable[[Any], Callable[[Floats], Any]]


# ---------------------------------------------------------------- in scalars


def lse(x: Floats) -> Any:
    from autograd_mini import exp, log

    most = max(float(v) for v in LSE_AT)
    return log(sum(exp(v - most) for v in x)) + most


def llsq(x: Floats) -> Any:
    total: Any = 0.0
    for row, target in zip(DATA.tolist(), TARGETS.tolist(), strict=True):
        error = sum(a * v for a, v in zip(row, x, strict=True)) - target
        total = total + error * error
    return total * 0.5


def ode(y: Floats) -> Any:
    from autograd_mini import tanh

    now = list(y)
    rows = WEIGHTS.tolist()
    for _ in range(STEPS):
        slopes = [tanh(sum(w * v for w, v in zip(row, now, strict=True))) for row in rows]
        now = [v + STEP * s for v, s in zip(now, slopes, strict=True)]
    return sum(v * v for v in now)


def det(flat: Floats) -> Any:
    """Gaussian elimination without a choice of pivots: the matrix has a strong diagonal."""
    n = 6
    a = [[flat[n * i + j] for j in range(n)] for i in range(n)]
    found: Any = 1.0
    for k in range(n):
        found = found * a[k][k]
        for i in range(k + 1, n):
            factor = a[i][k] / a[k][k]
            for j in range(k + 1, n):
                a[i][j] = a[i][j] - factor * a[k][j]
    return found


def orbit(state: Floats) -> Any:
    x, y, u, v = state
    for _ in range(TURNS):
        x, y = x + TICK * u, y + TICK * v
        pull = (x * x + y * y) ** -1.5
        u, v = u - TICK * pull * x, v - TICK * pull * y
    return x * x + y * y


def kmeans(flat: Floats) -> Any:
    from autograd_mini import minimum

    total: Any = 0.0
    for px, py in POINTS.tolist():
        nearest: Any = None
        for k in range(5):
            dx, dy = flat[2 * k] - px, flat[2 * k + 1] - py
            distance = dx * dx + dy * dy
            nearest = distance if nearest is None else minimum(nearest, distance)
        total = total + nearest
    return total


# ---------------------------------------------------------------- in JAX's arrays


def jax_lse(jax: Any) -> Any:
    return lambda x: jax.nn.logsumexp(x)


def jax_llsq(jax: Any) -> Any:
    return lambda x: 0.5 * ((DATA @ x - TARGETS) ** 2).sum()


def jax_ode(jax: Any) -> Any:
    def loss(y: Any) -> Any:
        step = lambda now, _: (now + STEP * jax.numpy.tanh(WEIGHTS @ now), None)  # noqa: E731
        return (jax.lax.scan(step, y, None, length=STEPS)[0] ** 2).sum()

    return loss


def jax_det(jax: Any) -> Any:
    return lambda flat: jax.numpy.linalg.det(flat.reshape(6, 6))


def jax_orbit(jax: Any) -> Any:
    def step(state: Any, _: Any) -> Any:
        x, y, u, v = state
        x, y = x + TICK * u, y + TICK * v
        pull = (x * x + y * y) ** -1.5
        return (x, y, u - TICK * pull * x, v - TICK * pull * y), None

    def loss(state: Any) -> Any:
        x, y, _, _ = jax.lax.scan(step, tuple(state), None, length=TURNS)[0]
        return x * x + y * y

    return loss


def jax_kmeans(jax: Any) -> Any:
    return lambda flat: ((POINTS[:, None, :] - flat.reshape(5, 2)) ** 2).sum(axis=2).min(axis=1).sum()


LSE_AT = CHANCE.standard_normal(1000)
PROBLEMS = {
    "lse": Problem("log of the sum of 1,000 exponentials", LSE_AT, lse, jax_lse),
    "llsq": Problem("least squares, 256 × 32", CHANCE.standard_normal(32), llsq, jax_llsq),
    "ode": Problem("20 equations, 50 steps", CHANCE.standard_normal(20), ode, jax_ode),
    "det": Problem("a determinant, 6 × 6", (CHANCE.standard_normal((6, 6)) + 6.0 * np.eye(6)).ravel(), det, jax_det),
    "orbit": Problem("200 steps around a sun", np.array([1.0, 0.0, 0.1, 1.0]), orbit, jax_orbit),
    "kmeans": Problem("200 points, 5 centres", CHANCE.standard_normal(10), kmeans, jax_kmeans),
}


def main(argv: list[str]) -> int:
    """Print one table per problem; return the exit status."""
    names, budget, as_json = chosen(argv, "problems", __doc__, "problem", PROBLEMS, 1.0)
    on_one_core()
    jax = peer("jax")
    from autograd_mini import grad, jit

    for name in names:
        problem = PROBLEMS[name]
        runners: dict[str, Callable[[], Any]] = {}
        first: dict[str, float] = {}
        gradients: dict[str, Floats] = {}

        def enter(who: str, gradient: Any, at: Any, runners: Any = runners, first: Any = first) -> Floats:
            start = time.perf_counter()
            found = np.asarray(gradient(at))
            first[who] = time.perf_counter() - start
            runners[who] = lambda: np.asarray(gradient(at))
            return found

        gradients["autograd_mini"] = enter("autograd_mini", jit(grad(problem.ours)), problem.at)
        if jax is not None:
            jax.config.update("jax_enable_x64", True)
            gradients["JAX jit"] = enter("JAX jit", jax.jit(jax.grad(problem.theirs(jax))), jax.numpy.array(problem.at))
            np.testing.assert_allclose(gradients["autograd_mini"], gradients["JAX jit"], rtol=1e-9, atol=1e-12)
        best = race(runners, budget, block=MOMENT)
        versions = {"autograd_mini": version_of("autograd_mini")} | ({"JAX jit": version_of("jax")} if jax else {})
        rows = [Row(who, versions[who], best[who] * 1e6) for who in runners]
        told = "gradients equal" if jax is not None else "nothing to compare with: JAX is not installed"
        notes = [told, "first call: " + ", ".join(f"{who} {taken:.2f} s" for who, taken in first.items()), load_note()]
        report(f"Jitted gradient: {problem.told} (µs)", rows, notes, as_json)
    return 0


if __name__ == "__main__":
    import sys

    raise SystemExit(main(sys.argv[1:]))
