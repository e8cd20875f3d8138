"""What holds at kinks, poles, ties, infinities and outside domains: one table, for every engine.

``CASES`` is a list of ``(name, function, arguments, value, gradient, hessian)``. The function is
written in the public names and operators, so an engine may trace it; gradient and Hessian are
what reverse mode must give, ``hessian`` is None where nothing is promised. nan means nan, and a
zero's sign counts only where it is written -0.0 in ``value``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

from autograd_mini.primitives import table as am

inf, nan = math.inf, math.nan
TINY, LARGEST = 5e-324, 1.7976931348623157e308

Function: TypeAlias = Callable[..., Any]
Case: TypeAlias = tuple[str, Function, tuple[float, ...], float, tuple[float, ...], list[list[float]] | None]


def one(name: str, function: Function, *points: tuple[float, float, float, float | None]) -> list[Case]:
    """Cases of one argument: (x, value, derivative, second derivative)."""
    return [(f"{name} at {x!r}", function, (x,), y, (d,), None if s is None else [[s]]) for x, y, d, s in points]


def two(
    name: str, function: Function, *points: tuple[float, float, float, float, float, list[list[float]] | None]
) -> list[Case]:
    """Cases of two arguments: (x, y, value, ∂x, ∂y, Hessian)."""
    return [(f"{name} at {x!r}, {y!r}", function, (x, y), z, (dx, dy), h) for x, y, z, dx, dy, h in points]


FLAT = [[0.0, 0.0], [0.0, 0.0]]

VALUES: list[Case] = [  # rule 1: values as IEEE 754 has them; rule 3: vertical tangents; rule 4: nan outside
    *one("log", am.log, (0.0, -inf, inf, -inf), (-0.0, -inf, inf, -inf), (-1.0, nan, nan, nan), (inf, inf, 0.0, 0.0),
        (-inf, nan, nan, nan)),
    *one("log2", am.log2, (0.0, -inf, inf, -inf), (-0.0, -inf, inf, -inf), (-1.0, nan, nan, nan)),
    *one("log10", am.log10, (0.0, -inf, inf, -inf), (-0.0, -inf, inf, -inf), (-1.0, nan, nan, nan)),
    *one("log1p", am.log1p, (-1.0, -inf, inf, -inf), (-2.0, nan, nan, nan), (-0.0, -0.0, 1.0, -1.0),
        (inf, inf, 0.0, 0.0)),
    *one("exp", am.exp, (1000.0, inf, inf, inf), (-1000.0, 0.0, 0.0, 0.0), (inf, inf, inf, inf),
        (-inf, 0.0, 0.0, 0.0)),
    *one("exp2", am.exp2, (2000.0, inf, inf, inf), (-2000.0, 0.0, 0.0, 0.0)),
    *one("expm1", am.expm1, (1000.0, inf, inf, inf), (-1000.0, -1.0, 0.0, 0.0), (-0.0, -0.0, 1.0, 1.0)),
    *one("sqrt", am.sqrt, (0.0, 0.0, inf, -inf), (-0.0, -0.0, inf, -inf), (-1.0, nan, nan, nan),
        (inf, inf, 0.0, 0.0)),
    *one("cbrt", am.cbrt, (0.0, 0.0, inf, None), (-0.0, -0.0, inf, None), (inf, inf, 0.0, None),
        (-8.0, -2.0, 1 / 12, 1 / 144)),
    *one("asin", am.asin, (1.0, math.pi / 2, inf, inf), (-1.0, -math.pi / 2, inf, -inf), (2.0, nan, nan, nan),
        (-2.0, nan, nan, nan)),
    *one("acos", am.acos, (1.0, 0.0, -inf, -inf), (-1.0, math.pi, -inf, inf), (2.0, nan, nan, nan),
        (-2.0, nan, nan, nan)),
    *one("acosh", am.acosh, (1.0, 0.0, inf, -inf), (0.5, nan, nan, nan), (-2.0, nan, nan, nan),
        (inf, inf, 0.0, None)),
    *one("atanh", am.atanh, (1.0, inf, inf, inf), (-1.0, -inf, inf, -inf), (2.0, nan, nan, nan),
        (-2.0, nan, nan, nan)),
    *one("sinh", am.sinh, (1000.0, inf, inf, inf), (-1000.0, -inf, inf, -inf)),
    *one("cosh", am.cosh, (1000.0, inf, inf, inf), (-1000.0, inf, -inf, inf)),
    *one("sin", am.sin, (inf, nan, nan, nan), (-0.0, -0.0, 1.0, 0.0)),
    *one("cos", am.cos, (-inf, nan, nan, nan)),
    *one("tan", am.tan, (inf, nan, nan, nan)),
    *one("tanh", am.tanh, (inf, 1.0, 0.0, 0.0), (-inf, -1.0, 0.0, 0.0), (-0.0, -0.0, 1.0, 0.0),
        (1000.0, 1.0, 0.0, 0.0)),
    *one("atan", am.atan, (inf, math.pi / 2, 0.0, None), (-inf, -math.pi / 2, 0.0, None)),
    *one("asinh", am.asinh, (inf, inf, 0.0, None), (-inf, -inf, 0.0, None), (-0.0, -0.0, 1.0, 0.0)),
    *one("erf", am.erf, (inf, 1.0, 0.0, 0.0), (-inf, -1.0, 0.0, 0.0)),
    *one("erfc", am.erfc, (inf, 0.0, 0.0, 0.0), (-inf, 2.0, 0.0, 0.0)),
    *one("sigmoid", am.sigmoid, (inf, 1.0, 0.0, 0.0), (-inf, 0.0, 0.0, 0.0), (-1000.0, 0.0, 0.0, 0.0)),
    *one("softplus", am.softplus, (inf, inf, 1.0, 0.0), (-inf, 0.0, 0.0, 0.0), (1e4, 1e4, 1.0, 0.0)),
    *one("silu", am.silu, (inf, inf, 1.0, 0.0), (-inf, 0.0, 0.0, 0.0), (0.0, 0.0, 0.5, 0.5)),
    *one("gelu", am.gelu, (inf, inf, 1.0, 0.0), (-inf, 0.0, 0.0, 0.0), (0.0, 0.0, 0.5, 0.7978845608028654)),
    *one("1/x", lambda x: 1.0 / x, (0.0, inf, -inf, inf), (-0.0, -inf, -inf, -inf), (inf, 0.0, 0.0, 0.0)),
    *one("x/x", lambda x: x / x, (0.0, nan, nan, nan), (inf, nan, nan, nan)),
    *two("x/y", lambda x, y: x / y, (1.0, 0.0, inf, inf, -inf, None), (-1.0, 0.0, -inf, inf, inf, None),
        (1.0, -0.0, -inf, -inf, -inf, None), (1.0, inf, 0.0, 0.0, 0.0, FLAT),
        (0.0, 2.0, 0.0, 0.5, 0.0, [[0.0, -0.25], [-0.25, 0.0]])),
    *two("x - y", lambda x, y: x - y, (inf, 1.0, inf, 1.0, -1.0, FLAT), (1e308, -1e308, inf, 1.0, -1.0, FLAT)),
    *two("x*y", lambda x, y: x * y, (0.0, 2.0, 0.0, 2.0, 0.0, [[0.0, 1.0], [1.0, 0.0]]),
        (-0.0, 2.0, -0.0, 2.0, 0.0, None)),
    *two("atan2", am.atan2, (0.0, 0.0, 0.0, nan, nan, None), (-0.0, 0.0, -0.0, nan, nan, None),
        (0.0, -0.0, math.pi, nan, nan, None),
        (-0.0, -0.0, -math.pi, nan, nan, None), (1.0, 0.0, math.pi / 2, 0.0, -1.0, [[0.0, 1.0], [1.0, 0.0]]),
        (0.0, -1.0, math.pi, -1.0, 0.0, [[0.0, -1.0], [-1.0, 0.0]]),
        (-0.0, -1.0, -math.pi, -1.0, 0.0, None), (1.0, inf, 0.0, 0.0, 0.0, None),
        (inf, 1.0, math.pi / 2, 0.0, 0.0, None),
        (inf, inf, math.pi / 4, 0.0, 0.0, None)),
    *two("logaddexp", am.logaddexp, (1e4, 1e4, 1e4 + math.log(2), 0.5, 0.5, [[0.25, -0.25], [-0.25, 0.25]]),
        (1e4, -1e4, 1e4, 1.0, 0.0, FLAT), (-inf, 0.0, 0.0, 0.0, 1.0, FLAT), (-inf, -inf, -inf, 0.5, 0.5, None),
        (inf, inf, inf, 0.5, 0.5, None), (inf, 0.0, inf, 1.0, 0.0, None)),
    *one("logsumexp of equals", lambda x: am.logsumexp([x, x]), (1e4, 1e4 + math.log(2), 1.0, 0.0),
        (-inf, -inf, 1.0, None)),
    *two("softmax[0]", lambda x, y: am.softmax([x, y])[0], (1e4, 1e4, 0.5, 0.25, -0.25, FLAT),
        (1e4, -1e4, 1.0, 0.0, 0.0, FLAT),
        (-inf, 0.0, 0.0, 0.0, 0.0, FLAT), (inf, inf, 0.5, 0.25, -0.25, None)),
    *two("log_softmax[0]", lambda x, y: am.log_softmax([x, y])[0], (1e4, 1e4, -math.log(2), 0.5, -0.5, [[-0.25,
        0.25], [0.25, -0.25]]),
        (-1e4, 1e4, -2e4, 1.0, -1.0, FLAT), (inf, inf, -math.log(2), 0.5, -0.5, None)),
]  # fmt: skip

KINKS: list[Case] = [  # rule 2: the subgradient of least norm; both signs of zero
    *one("relu", am.relu, (0.0, 0.0, 0.0, 0.0), (-0.0, 0.0, 0.0, 0.0), (TINY, TINY, 1.0, 0.0), (-TINY, 0.0, 0.0, 0.0),
        (inf, inf, 1.0, 0.0), (-inf, 0.0, 0.0, 0.0)),
    *one("abs", am.abs, (0.0, 0.0, 0.0, 0.0), (-0.0, 0.0, 0.0, 0.0), (-TINY, TINY, -1.0, 0.0),
        (-inf, inf, -1.0, 0.0)),
    *one("abs by operator", abs, (0.0, 0.0, 0.0, 0.0), (-3.0, 3.0, -1.0, 0.0)),
    *one("clip to [-1, 1]", lambda x: am.clip(x, -1.0, 1.0), (1.0, 1.0, 0.0, 0.0), (-1.0, -1.0, 0.0, 0.0),
        (0.0, 0.0, 1.0, 0.0),
        (2.0, 1.0, 0.0, 0.0), (-inf, -1.0, 0.0, 0.0), (0.9999999999999999, 0.9999999999999999, 1.0, 0.0)),
    ("clip below its bounds", am.clip, (-3.0, -1.0, 1.0), -1.0, (0.0, 1.0, 0.0), None),
    ("clip above its bounds", am.clip, (3.0, -1.0, 1.0), 1.0, (0.0, 0.0, 1.0), None),
    ("clip at the lower bound", am.clip, (-1.0, -1.0, 1.0), -1.0, (0.0, 0.0, 0.0), None),
    ("clip at the upper bound", am.clip, (1.0, -1.0, 1.0), 1.0, (0.0, 0.0, 0.0), None),
    ("clip below equal bounds", am.clip, (0.0, 1.0, 1.0), 1.0, (0.0, 0.0, 0.0), None),
    ("clip with crossed bounds", am.clip, (0.0, 2.0, 1.0), 1.0, (0.0, 0.0, 1.0), None),
    *two("maximum", am.maximum, (2.0, 2.0, 2.0, 0.5, 0.5, FLAT), (0.0, -0.0, 0.0, 0.5, 0.5, FLAT),
        (-0.0, 0.0, 0.0, 0.5, 0.5, FLAT),
        (-0.0, -0.0, -0.0, 0.5, 0.5, FLAT), (1.0, 2.0, 2.0, 0.0, 1.0, FLAT), (inf, inf, inf, 0.5, 0.5, FLAT),
        (-inf, 0.0, 0.0, 0.0, 1.0, FLAT)),
    *two("minimum", am.minimum, (2.0, 2.0, 2.0, 0.5, 0.5, FLAT), (0.0, -0.0, -0.0, 0.5, 0.5, FLAT),
        (-0.0, 0.0, -0.0, 0.5, 0.5, FLAT),
        (1.0, 2.0, 1.0, 1.0, 0.0, FLAT)),
    *one("maximum of x and x", lambda x: am.maximum(x, x), (3.0, 3.0, 1.0, 0.0)),
    *one("maximum(x, 0)", lambda x: am.maximum(x, 0.0), (0.0, 0.0, 0.5, 0.0), (-0.0, 0.0, 0.5, 0.0)),
    *two("hypot", am.hypot, (0.0, 0.0, 0.0, 0.0, 0.0, None), (-0.0, 0.0, 0.0, 0.0, 0.0, None),
        (-0.0, -0.0, 0.0, 0.0, 0.0, None),
        (3.0, 0.0, 3.0, 1.0, 0.0, [[0.0, 0.0], [0.0, 1 / 3]]), (0.0, -2.0, 2.0, 0.0, -1.0, [[0.5, 0.0], [0.0, 0.0]]),
        (inf, 1.0, inf, 1.0, 0.0, None), (-inf, 1.0, inf, -1.0, 0.0, None), (TINY, 0.0, TINY, 1.0, 0.0, None),
        (LARGEST, LARGEST, inf, 0.7071067811865476, 0.7071067811865476, None)),
    *one("leaky_relu", am.leaky_relu, (0.0, 0.0, 0.01, 0.0), (-0.0, -0.0, 0.01, 0.0), (TINY, TINY, 1.0, 0.0),
        (-2.0, -0.02, 0.01, 0.0)),
    *one("leaky_relu of slope 2", lambda x: am.leaky_relu(x, 2.0), (0.0, 0.0, 1.0, 0.0), (-1.0, -2.0, 2.0, 0.0)),
    *one("leaky_relu of slope -1", lambda x: am.leaky_relu(x, -1.0), (0.0, 0.0, 0.0, 0.0), (-1.0, 1.0, -1.0, 0.0)),
    *one("elu", am.elu, (0.0, 0.0, 1.0, None), (-0.0, -0.0, 1.0, None), (-inf, -1.0, 0.0, 0.0),
        (inf, inf, 1.0, 0.0), (-1000.0, -1.0, 0.0, 0.0)),
    *one("elu of α = ½", lambda x: am.elu(x, 0.5), (0.0, 0.0, 0.5, None)),
    *one("elu of α = 2", lambda x: am.elu(x, 2.0), (0.0, 0.0, 1.0, None)),
]  # fmt: skip

STEPS: list[Case] = [  # rule 5: steps are flat
    *one("sign", am.sign, (0.0, 0.0, 0.0, 0.0), (-0.0, -0.0, 0.0, 0.0), (2.0, 1.0, 0.0, 0.0), (-inf, -1.0, 0.0, 0.0)),
    *one("step", am.step, (0.0, 0.0, 0.0, 0.0), (-0.0, 0.0, 0.0, 0.0), (TINY, 1.0, 0.0, 0.0), (-inf, 0.0, 0.0, 0.0)),
    *one("floor", am.floor, (2.0, 2.0, 0.0, 0.0), (-0.5, -1.0, 0.0, 0.0), (-0.0, -0.0, 0.0, 0.0),
        (inf, inf, 0.0, 0.0)),
    *one("ceil", am.ceil, (2.0, 2.0, 0.0, 0.0), (-0.5, -0.0, 0.0, 0.0), (1e300, 1e300, 0.0, 0.0),
        (-inf, -inf, 0.0, 0.0)),
    *one("round", am.round, (0.5, 0.0, 0.0, 0.0), (1.5, 2.0, 0.0, 0.0), (-0.5, -0.0, 0.0, 0.0), (2.5, 2.0, 0.0, 0.0)),
]  # fmt: skip

POWERS: list[Case] = [  # rule 6: a constant exponent never needs ln x
    *one("x**2", lambda x: x**2, (0.0, 0.0, 0.0, 2.0), (-0.0, 0.0, 0.0, 2.0), (-3.0, 9.0, -6.0, 2.0),
        (inf, inf, inf, 2.0),
        (1e200, inf, 2e200, 2.0)),
    *one("x**1", lambda x: x**1, (0.0, 0.0, 1.0, 0.0), (-0.0, -0.0, 1.0, 0.0), (-3.0, -3.0, 1.0, 0.0)),
    *one("x**0", lambda x: x**0, (0.0, 1.0, 0.0, 0.0), (-0.0, 1.0, 0.0, 0.0), (inf, 1.0, 0.0, 0.0)),
    *one("x**3", lambda x: x**3, (0.0, 0.0, 0.0, 0.0), (-2.0, -8.0, 12.0, -12.0)),
    *one("x**0.5", lambda x: x**0.5, (0.0, 0.0, inf, -inf), (-1.0, nan, nan, nan)),
    *one("x**1.5", lambda x: x**1.5, (0.0, 0.0, 0.0, inf)),
    *one("x**-1", lambda x: x**-1, (0.0, inf, -inf, inf), (-0.0, -inf, -inf, -inf), (-2.0, -0.5, -0.25, -0.25)),
    *one("x**-2", lambda x: x**-2, (0.0, inf, -inf, inf), (-0.0, inf, inf, inf)),
    *one("x**(1/3)", lambda x: x ** (1 / 3), (-8.0, nan, nan, nan), (0.0, 0.0, inf, -inf)),
    *one("2**x", lambda x: 2.0**x, (-2000.0, 0.0, 0.0, 0.0), (2000.0, inf, inf, inf)),
    *one("0**x", lambda x: 0.0**x, (2.0, 0.0, 0.0, 0.0), (-1.0, inf, -inf, inf), (0.0, 1.0, nan, None)),
    *one("x**x", lambda x: x**x, (1.0, 1.0, 1.0, 2.0)),
    *two("x**y", lambda x, y: x**y, (0.0, 2.0, 0.0, 0.0, 0.0, [[2.0, 0.0], [0.0, 0.0]]),
        (0.0, 3.0, 0.0, 0.0, 0.0, FLAT),
        (0.0, 1.0, 0.0, 1.0, 0.0, [[0.0, -inf], [-inf, 0.0]]), (0.0, 0.5, 0.0, inf, 0.0, [[-inf, -inf], [-inf, 0.0]]),
        (0.0, 0.0, 1.0, 0.0, nan, None), (0.0, -1.0, inf, -inf, -inf, [[inf, inf], [inf, inf]]),
        (-0.0, 2.0, 0.0, 0.0, 0.0, [[2.0, 0.0], [0.0, 0.0]]), (-0.0, 3.0, -0.0, 0.0, 0.0, None),
        (-2.0, 3.0, -8.0, 12.0, nan, None), (-2.0, 2.0, 4.0, -4.0, nan, None), (-2.0, 0.5, nan, nan, nan, None),
        (-2.0, 0.0, 1.0, 0.0, nan, None), (2.0, 0.0, 1.0, 0.0, math.log(2), None),
        (1.0, 5.0, 1.0, 5.0, 0.0, [[20.0, 1.0], [1.0, 0.0]]),
        (inf, 2.0, inf, inf, inf, None), (inf, -1.0, 0.0, 0.0, 0.0, None), (inf, 0.0, 1.0, 0.0, inf, None),
        (5.0, 1e300, inf, inf, inf, None)),
]  # fmt: skip

BRANCHES: list[Case] = [  # rule 7: the branch not taken contributes nothing, at any order
    *one("where(x > 0, sqrt(x), 0)", lambda x: am.where(x > 0, am.sqrt(x), 0.0), (0.0, 0.0, 0.0, 0.0),
        (-0.0, 0.0, 0.0, 0.0),
        (-1.0, 0.0, 0.0, 0.0), (4.0, 2.0, 0.25, -1 / 32)),
    *one("where(x > 0, log(x), x)", lambda x: am.where(x > 0, am.log(x), x), (0.0, 0.0, 1.0, 0.0),
        (-1.0, -1.0, 1.0, 0.0)),
    *one("where(x == 0, 1, sin(x)/x)", lambda x: am.where(x == 0, 1.0, am.sin(x) / x), (0.0, 1.0, 0.0, 0.0),
        (-0.0, 1.0, 0.0, 0.0)),
    *one("where(x < 0, x*x, where(x > 0, 1/x, 7))", lambda x: am.where(x < 0, x * x, am.where(x > 0, 1.0 / x, 7.0)),
        (0.0, 7.0, 0.0, 0.0), (-3.0, 9.0, -6.0, 2.0), (2.0, 0.5, -0.25, 0.25)),
    *one("3 * where(x > 0, sqrt(x), 0) + x", lambda x: 3.0 * am.where(x > 0, am.sqrt(x), 0.0) + x, (0.0, 0.0, 1.0,
        0.0)),
    *two("where(x > y, sqrt(x - y), y)", lambda x, y: am.where(x > y, am.sqrt(x - y), y),
        (1.0, 1.0, 1.0, 0.0, 1.0, FLAT)),
    *one("where(x > 0, x**x, 1)", lambda x: am.where(x > 0, x**x, 1.0), (0.0, 1.0, 0.0, 0.0), (-1.5, 1.0, 0.0, 0.0)),
    *one("0 * sqrt(x), a real 0·inf", lambda x: 0.0 * am.sqrt(x), (0.0, 0.0, nan, None)),
    *one("x**2 inside sqrt, a real 0·inf", lambda x: am.sqrt(x**2), (0.0, 0.0, nan, None)),
]  # fmt: skip

Z = [[0.0, 0.0], [0.0, 0.0]]


def still(name: str, function: Function, value: float) -> list[Case]:
    """A function of √x at x = 0, to which no adjoint flows: the infinite slope there does not matter."""
    return one(name, lambda x: function(am.sqrt(x)), (0.0, value, 0.0, 0.0))


NO_FLOWS: list[Case] = [  # rule 7: a partial that is the constant 0 does not flow, at any order
    *two("max(√(x² + y²), 1e-10)", lambda x, y: am.maximum(am.sqrt(x * x + y * y), 1e-10), (0.0, 0.0, 1e-10, 0.0, 0.0,
        Z)),
    *two("clip(√(x² + y²), 1, 2)", lambda x, y: am.clip(am.sqrt(x * x + y * y), 1.0, 2.0), (0.0, 0.0, 1.0, 0.0, 0.0,
        Z)),
    *still("relu(√x - 1)", lambda r: am.relu(r - 1.0), 0.0),
    *still("relu(√x)", am.relu, 0.0),
    *still("leaky_relu(√x - 1, 0)", lambda r: am.leaky_relu(r - 1.0, 0.0), -0.0),
    *still("leaky_relu(√x, 0)", lambda r: am.leaky_relu(r, 0.0), 0.0),
    *still("slope of leaky_relu(1, √x)", lambda r: am.leaky_relu(1.0, r), 1.0),
    *still("elu(√x - 1, 0)", lambda r: am.elu(r - 1.0, 0.0), -0.0),
    *still("α of elu(1, √x)", lambda r: am.elu(1.0, r), 1.0),
    *still("maximum(√x, 1)", lambda r: am.maximum(r, 1.0), 1.0),
    *still("maximum(1, √x)", lambda r: am.maximum(1.0, r), 1.0),
    *still("minimum(√x, -1)", lambda r: am.minimum(r, -1.0), -1.0),
    *still("clip(√x, 0, 1)", lambda r: am.clip(r, 0.0, 1.0), 0.0),
    *still("lower bound of clip(1, √x, 2)", lambda r: am.clip(1.0, r, 2.0), 1.0),
    *still("upper bound of clip(-1, -2, √x)", lambda r: am.clip(-1.0, -2.0, r), -1.0),
    *still("sign(√x)", am.sign, 0.0),
    *still("step(√x)", am.step, 0.0),
    *still("floor(√x)", am.floor, 0.0),
    *still("ceil(√x)", am.ceil, 0.0),
    *still("round(√x)", am.round, 0.0),
    *still("√x**0", lambda r: r**0, 1.0),
    *still("√x < 1", lambda r: am.where(r < 1.0, 2.0, r), 2.0),
    *still("stop_gradient(√x)", am.stop_gradient, 0.0),
    *still("relu(√x - 1) used twice", lambda r: am.relu(r - 1.0) * 2.0 + am.relu(r - 1.0), 0.0),
    *still("softmax of the still", lambda r: am.softmax([am.relu(r - 1.0), am.maximum(r, 0.5)])[0],
        1.0 / (1.0 + math.exp(0.5))),
    *one("maximum(√x, x), one side still", lambda x: am.maximum(am.sqrt(x) - 1.0, x), (0.0, 0.0, 1.0, 0.0)),
    *one("relu(√x - 1) + x", lambda x: am.relu(am.sqrt(x) - 1.0) + x, (0.0, 0.0, 1.0, 0.0)),
    *one("nested stillness", lambda x: am.maximum(am.minimum(am.sqrt(x), 2.0) - 1.0, 0.5), (0.0, 0.5, 0.0, 0.0)),
    *one("x·stop_gradient(x)", lambda x: x * am.stop_gradient(x), (3.0, 9.0, 3.0, None)),
]  # fmt: skip

NANS: list[Case] = [  # rule 4: nan in, nan out
    *two("maximum", am.maximum, (nan, 1.0, nan, nan, nan, None), (1.0, nan, nan, nan, nan, None)),
    *two("minimum", am.minimum, (nan, 1.0, nan, nan, nan, None), (1.0, nan, nan, nan, nan, None)),
    ("clip of nan", am.clip, (nan, -1.0, 1.0), nan, (nan, nan, nan), None),
    ("clip to nan", am.clip, (0.0, nan, 1.0), nan, (nan, nan, nan), None),
    ("clip under nan", am.clip, (-2.0, -1.0, nan), nan, (nan, nan, nan), None),
    *one("relu", am.relu, (nan, nan, nan, nan)),
    *one("abs", am.abs, (nan, nan, nan, nan)),
    *one("sign", am.sign, (nan, nan, nan, None)),
    *one("leaky_relu", am.leaky_relu, (nan, nan, nan, None)),
    *one("elu", am.elu, (nan, nan, nan, None)),
    *one("x**2", lambda x: x**2, (nan, nan, nan, 2.0)),
    *two("hypot at infinity", am.hypot, (inf, 1.0, inf, 1.0, 0.0, FLAT), (1.0, -inf, inf, 0.0, -1.0, FLAT),
        (inf, inf, inf, nan, nan, [[nan, nan], [nan, nan]])),
    *two("the slope of hypot", am.direction, (inf, -2.0, 1.0, 0.0, 0.0, None), (2.0, inf, 0.0, 0.0, 0.0, None),
        (inf, inf, nan, nan, nan, None)),
    *two("atan2 at infinity", am.atan2, (inf, 1.0, math.pi / 2, 0.0, 0.0, FLAT), (1.0, inf, 0.0, 0.0, 0.0, FLAT)),
    *two("hypot", am.hypot, (nan, 1.0, nan, nan, nan, None)),
    *two("atan2", am.atan2, (nan, 1.0, nan, nan, nan, None), (1.0, nan, nan, nan, nan, None),
        (nan, inf, nan, nan, nan, None)),
    *two("logaddexp", am.logaddexp, (nan, 1.0, nan, nan, nan, None), (1.0, nan, nan, nan, nan, None)),
    *one("logsumexp", lambda x: am.logsumexp([x, 1.0]), (nan, nan, nan, None)),
    *one("softmax", lambda x: am.softmax([1.0, x])[0], (nan, nan, nan, None)),
]  # fmt: skip

CASES: list[Case] = [*VALUES, *KINKS, *STEPS, *POWERS, *BRANCHES, *NO_FLOWS, *NANS]
