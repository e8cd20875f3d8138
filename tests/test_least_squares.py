"""More of Moré, Garbow and Hillstrom's problems, as sums of squares: from the standard starts, by our Jacobians.

J. J. Moré, B. S. Garbow, K. E. Hillstrom, Testing Unconstrained Optimization Software, ACM Transactions on
Mathematical Software 7 (1981). The least sums are those of the paper, to the digits it prints or better.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import optimize

from autograd_mini import cos, exp, jacobian, sin

Residuals = Callable[[Any], list[Any]]


def freudenstein_roth(x: Any) -> list[Any]:
    a, b = x
    return [-13 + a + ((5 - b) * b - 2) * b, -29 + a + ((b + 1) * b - 14) * b]


def powell_badly_scaled(x: Any) -> list[Any]:
    a, b = x
    return [1e4 * a * b - 1, exp(-a) + exp(-b) - 1.0001]


def brown_badly_scaled(x: Any) -> list[Any]:
    a, b = x
    return [a - 1e6, b - 2e-6, a * b - 2]


def jennrich_sampson(x: Any) -> list[Any]:
    a, b = x
    return [2 + 2 * i - (exp(i * a) + exp(i * b)) for i in range(1, 11)]


BARD = (0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39)


def bard(x: Any) -> list[Any]:
    a, b, c = x
    return [y - (a + u / ((16 - u) * b + min(u, 16 - u) * c)) for u, y in enumerate(BARD, 1)]


HALF_A_BELL = (0.0009, 0.0044, 0.0175, 0.0540, 0.1295, 0.2420, 0.3521, 0.3989)


def gaussian(x: Any) -> list[Any]:
    a, b, c = x
    ys = (*HALF_A_BELL, *HALF_A_BELL[-2::-1])
    return [a * exp(-b * ((8 - i) / 2 - c) ** 2 / 2) - y for i, y in enumerate(ys, 1)]


def brown_dennis(x: Any) -> list[Any]:
    a, b, c, d = x
    times = [i / 5 for i in range(1, 21)]
    return [(a + t * b - math.exp(t)) ** 2 + (c + d * math.sin(t) - math.cos(t)) ** 2 for t in times]


def biggs(x: Any) -> list[Any]:
    times = [0.1 * i for i in range(1, 14)]
    return [
        x[2] * exp(-t * x[0]) - x[3] * exp(-t * x[1]) + x[5] * exp(-t * x[4])
        - (math.exp(-t) - 5 * math.exp(-10 * t) + 3 * math.exp(-4 * t))
        for t in times
    ]  # fmt: skip


def watson(x: Any) -> list[Any]:
    times = [i / 29 for i in range(1, 30)]
    slopes = [sum(j * x[j] * t ** (j - 1) for j in range(1, len(x))) for t in times]
    values = [sum(each * t**j for j, each in enumerate(x)) for t in times]
    return [s - v**2 - 1 for s, v in zip(slopes, values, strict=True)] + [x[0], x[1] - x[0] ** 2 - 1]


def penalty(x: Any) -> list[Any]:
    return [math.sqrt(1e-5) * (each - 1) for each in x] + [sum(each**2 for each in x) - 0.25]


def variably_dimensioned(x: Any) -> list[Any]:
    weighted = sum(j * (each - 1) for j, each in enumerate(x, 1))
    return [each - 1 for each in x] + [weighted, weighted**2]


def brown_almost_linear(x: Any) -> list[Any]:
    total, product = sum(x), math.prod(x)
    return [each + total - (len(x) + 1) for each in x[:-1]] + [product - 1]


def discrete_boundary_value(x: Any) -> list[Any]:
    h = 1 / (len(x) + 1)
    inner = [0.0, *x, 0.0]
    return [
        2 * inner[i] - inner[i - 1] - inner[i + 1] + h * h * (inner[i] + i * h + 1) ** 3 / 2
        for i in range(1, len(x) + 1)
    ]


def discrete_integral(x: Any) -> list[Any]:
    h = 1 / (len(x) + 1)
    times = [(i + 1) * h for i in range(len(x))]
    cubes = [(each + t + 1) ** 3 for each, t in zip(x, times, strict=True)]
    return [
        each + h / 2 * ((1 - t) * sum(times[j] * cubes[j] for j in range(i + 1))
                        + t * sum((1 - times[j]) * cubes[j] for j in range(i + 1, len(x))))
        for i, (each, t) in enumerate(zip(x, times, strict=True))
    ]  # fmt: skip


def broyden_tridiagonal(x: Any) -> list[Any]:
    inner = [0.0, *x, 0.0]
    return [(3 - 2 * inner[i]) * inner[i] - inner[i - 1] - 2 * inner[i + 1] + 1 for i in range(1, len(x) + 1)]


def broyden_banded(x: Any) -> list[Any]:
    near = [[j for j in range(max(0, i - 5), min(len(x), i + 2)) if j != i] for i in range(len(x))]
    return [x[i] * (2 + 5 * x[i] ** 2) + 1 - sum(x[j] * (1 + x[j]) for j in near[i]) for i in range(len(x))]


def linear_of_full_rank(x: Any) -> list[Any]:
    mean = 2 / 12 * sum(x)
    return [each - mean - 1 for each in x] + [-mean - 1] * (12 - len(x))


def linear_of_rank_one(x: Any) -> list[Any]:
    weighted = sum(j * each for j, each in enumerate(x, 1))
    return [i * weighted - 1 for i in range(1, 13)]


def chebyquad(x: Any) -> list[Any]:
    """The mean of each Chebyshev polynomial on [0, 1] against its integral."""
    found, before, now = [], [1.0] * len(x), [2 * each - 1 for each in x]
    for i in range(1, len(x) + 1):
        integral = 0.0 if i % 2 else -1 / (i * i - 1)
        found.append(sum(now) / len(x) - integral)
        before, now = now, [2 * (2 * each - 1) * b - a for each, a, b in zip(x, before, now, strict=True)]
    return found


def cosines(x: Any) -> list[Any]:
    """The trigonometric function; from a start nearer to the zero than the standard one, which leads elsewhere."""
    total = sum(cos(each) for each in x)
    return [len(x) - total + i * (1 - cos(each)) - sin(each) for i, each in enumerate(x, 1)]


def extended_powell(x: Any) -> list[Any]:
    a, b, c, d = x
    return [a + 10 * b, math.sqrt(5) * (c - d), (b - 2 * c) ** 2, math.sqrt(10) * (a - d) ** 2]


def extended_rosenbrock(x: Any) -> list[Any]:
    pairs = list(zip(x[::2], x[1::2], strict=True))
    return [10 * (b - a**2) for a, b in pairs] + [1 - a for a, _ in pairs]


def steps(n: int) -> list[float]:
    """t(t − 1) at n inner points of [0, 1]."""
    return [(i + 1) / (n + 1) * ((i + 1) / (n + 1) - 1) for i in range(n)]


PROBLEMS: list[tuple[Residuals, list[float], tuple[float, ...]]] = [
    (freudenstein_roth, [0.5, -2.0], (48.9842536792400,)),
    (powell_badly_scaled, [0.0, 1.0], (0.0,)),
    (brown_badly_scaled, [1.0, 1.0], (0.0,)),
    (jennrich_sampson, [0.3, 0.4], (124.362182355615,)),
    (bard, [1.0, 1.0, 1.0], (8.21487730657897e-3,)),
    (gaussian, [0.4, 1.0, 0.0], (1.12793276961912e-8,)),
    (brown_dennis, [25.0, 5.0, -5.0, -1.0], (85822.2016263563,)),
    (biggs, [1.0, 2.0, 1.0, 1.0, 1.0, 1.0], (0.0, 5.65564992550e-3)),
    (watson, [0.0] * 6, (2.28767005355e-3,)),
    (penalty, [1.0, 2.0, 3.0, 4.0], (2.249977500e-5,)),
    (variably_dimensioned, [1 - j / 8 for j in range(1, 9)], (0.0,)),
    (brown_almost_linear, [0.5] * 5, (0.0,)),
    (discrete_boundary_value, steps(8), (0.0,)),
    (discrete_integral, steps(8), (0.0,)),
    (broyden_tridiagonal, [-1.0] * 8, (0.0,)),
    (broyden_banded, [-1.0] * 8, (0.0,)),
    (linear_of_full_rank, [1.0] * 6, (6.0,)),
    (linear_of_rank_one, [1.0] * 6, (2.64,)),
    (chebyquad, [(i + 1) / 8 for i in range(7)], (0.0,)),
    (cosines, [0.05] * 4, (0.0,)),
    (extended_powell, [3.0, -1.0, 0.0, 1.0], (0.0,)),
    (extended_rosenbrock, [-1.2, 1.0] * 4, (0.0,)),
]


@pytest.mark.parametrize(("residuals", "start", "least"), PROBLEMS, ids=[each[0].__name__ for each in PROBLEMS])
def test_the_least_sum_of_squares(residuals: Residuals, start: list[float], least: tuple[float, ...]) -> None:
    slopes = jacobian(lambda *x: residuals(list(x)), tuple(range(len(start))))
    found = optimize.least_squares(
        lambda x: [float(r) for r in residuals(list(map(float, x)))],
        start,
        jac=lambda x: np.array(slopes(*map(float, x))).reshape(-1, len(start)),
        # the path of "lm" turns on the last bit for biggs, and has thousands of steps for brown_dennis
        method="trf" if residuals in (biggs, brown_dennis) else "lm",
        xtol=1e-15, ftol=1e-15, gtol=1e-15, max_nfev=20_000,
    )  # fmt: skip
    assert any(2 * found.cost == pytest.approx(each, rel=1e-8, abs=1e-20) for each in least), 2 * found.cost
