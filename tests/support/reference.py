"""What every primitive should give, where it is asked and how exactly: value, gradient and Hessian to 50 digits.

Written from the mathematics, not from the table: closed forms in mpmath, chosen so that
nothing cancels beyond the digits carried. ``REFERENCES[name](*args)`` returns the value, the
list of first partials and the symmetric matrix of second partials over all arguments. Arguments
arrive as mpmath numbers that equal the floats exactly, flat (``affine``: weights, inputs, bias).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from mpmath import MPContext

from autograd_mini.primitives.row import Primitive

mp = MPContext()
mp.dps = 50

Real = Any  # an mpmath number; the library has no types
Derivatives = tuple[Real, list[Real], list[list[Real]]]
Reference = Callable[..., Derivatives]

LARGEST_EXPONENT, SMALLEST_EXPONENT = 1023, -1074


def ulp(exact: Real) -> Real:
    """The distance between neighbouring floats at ``exact``; 2⁻¹⁰⁷⁴ below the normal numbers."""
    _, mantissa, exponent, bits = exact._mpf_
    if not mantissa:
        return mp.ldexp(1, SMALLEST_EXPONENT)
    exponent = min(exponent + bits - 1, LARGEST_EXPONENT) - 52
    return mp.ldexp(1, max(exponent, SMALLEST_EXPONENT))


def ulp_error(computed: float, exact: Real, scale: Real | None = None) -> float:
    """|computed − exact| in ulp of ``exact`` (or of ``scale``, where the result is a small difference).

    Infinity counts as 2¹⁰²⁴, which is where rounding would reach it; nan and a true infinity
    must be met exactly.
    """
    exact = mp.mpf(exact)
    if mp.isnan(exact) or computed != computed:
        return 0.0 if mp.isnan(exact) and computed != computed else math.inf
    if mp.isinf(exact):
        return 0.0 if computed == exact else math.inf
    limit = mp.ldexp(1, LARGEST_EXPONENT + 1)
    reached = math.copysign(1, computed) * limit if math.isinf(computed) else mp.mpf(computed)
    wanted = max(-limit, min(limit, exact))
    return float(abs(reached - wanted) / ulp(exact if scale is None else mp.mpf(scale)))


def chain(*functions: Callable[[Real], Real]) -> Reference:
    """A function of one argument, given with its first and second derivative."""
    value, first, second = functions
    return lambda x: (value(x), [first(x)], [[second(x)]])


def flat(value: Callable[..., Real], *first: float) -> Reference:
    """A function with constant partials."""
    zero = [[0] * len(first) for _ in first]
    return lambda *args: (value(*args), list(first), zero)


# ---------------------------------------------------------------- functions of one argument, with three derivatives


def sech2(x: Real) -> Real:
    return 1 / mp.cosh(x) ** 2


def bump(x: Real) -> Real:
    """σ(x)σ(−x)."""
    return sech2(x / 2) / 4


def logistic(x: Real) -> Real:
    return 1 / (1 + mp.exp(-x))


def density(x: Real) -> Real:
    return mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi)


def error_complement(x: Real) -> Real:
    return mp.erfc(x) if abs(x) < 1e6 else mp.mpf(0 if x > 0 else 2)  # mpmath refuses |x| > 1e150


def distribution(x: Real) -> Real:
    return error_complement(-x / mp.sqrt(2)) / 2


def gauss(x: Real) -> Real:
    """2/√π · exp(−x²)."""
    return 2 / mp.sqrt(mp.pi) * mp.exp(-x * x)


def complement(x: Real) -> Real:
    """1 − x²."""
    return (1 - x) * (1 + x)


def cube_root(x: Real) -> Real:
    return -mp.cbrt(-x) if x < 0 else mp.cbrt(x)


def area_cosine(x: Real) -> Real:
    return mp.log1p((x - 1) + mp.sqrt((x - 1) * (x + 1)))


def area_sine(x: Real) -> Real:
    size = abs(x)
    return mp.sign(x) * mp.log1p(size + size * size / (1 + mp.sqrt(1 + size * size)))


TANH = (mp.tanh, sech2, lambda x: -2 * mp.tanh(x) * sech2(x), lambda x: sech2(x) * (6 * mp.tanh(x) ** 2 - 2))
SIGMOID = (logistic, bump, lambda x: -bump(x) * mp.tanh(x / 2), lambda x: bump(x) * (1 - 6 * bump(x)))
ASIN = (
    mp.asin,
    lambda x: 1 / mp.sqrt(complement(x)),
    lambda x: x / mp.sqrt(complement(x)) ** 3,
    lambda x: (1 + 2 * x * x) / mp.sqrt(complement(x)) ** 5,
)
ATAN = (
    mp.atan,
    lambda x: 1 / (1 + x * x),
    lambda x: -2 * x / (1 + x * x) ** 2,
    lambda x: (6 * x * x - 2) / (1 + x * x) ** 3,
)
ATANH = (
    lambda x: mp.log1p(2 * x / (1 - x)) / 2,
    lambda x: 1 / complement(x),
    lambda x: 2 * x / complement(x) ** 2,
    lambda x: (2 + 6 * x * x) / complement(x) ** 3,
)
SILU = (
    lambda x: x * logistic(x),
    lambda x: logistic(x) * (1 + x * logistic(-x)),
    lambda x: bump(x) * (2 - x * mp.tanh(x / 2)),
    lambda x: bump(x) * (x * (1 - 6 * bump(x)) - 3 * mp.tanh(x / 2)),
)
GELU = (
    lambda x: x * distribution(x),
    lambda x: distribution(x) + x * density(x),
    lambda x: density(x) * (2 - x * x),
    lambda x: density(x) * x * (x * x - 4),
)
LN2, LN10 = mp.log(2), mp.log(10)

# ---------------------------------------------------------------- functions of several arguments


def product(a: Real, b: Real) -> Derivatives:
    return a * b, [b, a], [[0, 1], [1, 0]]


def quotient(a: Real, b: Real) -> Derivatives:
    cross = -1 / b**2
    return a / b, [1 / b, -a / b**2], [[0, cross], [cross, 2 * a / b**3]]


def extremum(larger: bool) -> Reference:
    def reference(a: Real, b: Real) -> Derivatives:
        first = mp.mpf("0.5") if a == b else mp.mpf((a > b) is larger)
        return (max if larger else min)(a, b), [first, 1 - first], [[0, 0], [0, 0]]

    return reference


def clipped(x: Real, low: Real, high: Real) -> Derivatives:
    gradient = [int(low < x < high), int(x < low), int(x > high)]
    return min(max(x, low), high), gradient, [[0] * 3] * 3


def chosen(condition: Real, a: Real, b: Real) -> Derivatives:
    return (a if condition else b), [0, int(bool(condition)), int(not condition)], [[0] * 3] * 3


def power(x: Real, y: Real) -> Derivatives:
    p, q, r, log = x**y, x ** (y - 1), x ** (y - 2), mp.log(x)
    cross = q * (1 + y * log)
    return p, [y * q, p * log], [[y * (y - 1) * r, cross], [cross, p * log**2]]


def power_slope(x: Real, y: Real, n: Real) -> Derivatives:
    """The n-th derivative of xʸ in x, (y)ₙ x^(y − n); n is no variable."""
    log = mp.log(x)

    def factors(n: int) -> tuple[Real, Real, Real]:
        """(y)ₙ and its first and second derivative, by the product rule term by term."""
        terms = [y - k for k in range(n)]
        one_out = [mp.fprod(terms[:i] + terms[i + 1 :]) for i in range(n)]
        two_out = [
            mp.fprod(t for k, t in enumerate(terms) if k not in (i, j)) for i in range(n) for j in range(n) if i != j
        ]
        return mp.fprod(terms), mp.fsum(one_out), mp.fsum(two_out)

    (f, f1, f2), (g, g1, _), (h, _, _) = (factors(int(n) + k) for k in range(3))
    p, q, r = x ** (y - n), x ** (y - n - 1), x ** (y - n - 2)
    cross = q * (g1 + g * log)
    return (
        f * p,
        [g * q, p * (f1 + f * log), 0],
        [[h * r, cross, 0], [cross, p * (f2 + log * (2 * f1 + f * log)), 0], [0] * 3],
    )


def power_log(x: Real, y: Real) -> Derivatives:
    p, q, r, log = x**y, x ** (y - 1), x ** (y - 2), mp.log(x)
    cross = q * log * (2 + y * log)
    second = [[r * (2 * y - 1 + y * (y - 1) * log), cross], [cross, p * log**3]]
    return p * log, [q * (1 + y * log), p * log**2], second


def constant_power(x: Real, c: Real) -> Derivatives:
    """The exponent is no variable: its row and column are zero."""
    second = c * (c - 1) * x ** (c - 2) if c not in (0, 1) else mp.mpf(0)
    return x**c, [c * x ** (c - 1) if c else mp.mpf(0), 0], [[second, 0], [0, 0]]


def hypotenuse(x: Real, y: Real) -> Derivatives:
    r = mp.sqrt(x * x + y * y)
    cross = -x * y / r**3
    return r, [x / r, y / r], [[y * y / r**3, cross], [cross, x * x / r**3]]


def cosine_of(x: Real, y: Real) -> Derivatives:
    r = mp.sqrt(x * x + y * y)
    cross = y * (2 * x * x - y * y) / r**5
    second = [[-3 * x * y * y / r**5, cross], [cross, x * (2 * y * y - x * x) / r**5]]
    return x / r, [y * y / r**3, -x * y / r**3], second


def angle(y: Real, x: Real) -> Derivatives:
    s = x * x + y * y
    cross = (y - x) * (y + x) / s**2
    return mp.atan2(y, x), [x / s, -y / s], [[-2 * x * y / s**2, cross], [cross, 2 * x * y / s**2]]


def angle_slope(a: Real, b: Real) -> Derivatives:
    s = a * a + b * b
    cross = a * (6 * b * b - 2 * a * a) / s**3
    second = [[b * (6 * a * a - 2 * b * b) / s**3, cross], [cross, b * (2 * b * b - 6 * a * a) / s**3]]
    return b / s, [-2 * a * b / s**2, (a - b) * (a + b) / s**2], second


def bell(x: Real, k: Real) -> Derivatives:
    e = mp.exp(-k * x * x)
    return e, [-2 * k * x * e, 0], [[(4 * k * k * x * x - 2 * k) * e, 0], [0, 0]]


def bell_slope(x: Real, k: Real) -> Derivatives:
    e = mp.exp(-k * x * x)
    third = 4 * k * k * x * (3 - 2 * k * x * x) * e
    return -2 * k * x * e, [2 * k * (2 * k * x * x - 1) * e, 0], [[third, 0], [0, 0]]


def leaky(x: Real, slope: Real) -> Derivatives:
    if x > 0:
        return x, [1, 0], [[0, 0], [0, 0]]
    return slope * x, [slope, x], [[0, 1], [1, 0]]


def exponential_unit(x: Real, alpha: Real) -> Derivatives:
    if x > 0:
        return x, [1, 0], [[0, 0], [0, 0]]
    e, m = mp.exp(x), mp.expm1(x)
    return alpha * m, [alpha * e, m], [[alpha * e, e], [e, 0]]


def log_add(a: Real, b: Real) -> Derivatives:
    d, e = a - b, bump(a - b)
    return max(a, b) + mp.log1p(mp.exp(-abs(d))), [logistic(d), logistic(-d)], [[e, -e], [-e, e]]


def share(a: Real, b: Real) -> Derivatives:
    d = a - b
    e, second = bump(d), -bump(d) * mp.tanh(d / 2)
    return logistic(d), [e, -e], [[second, -second], [-second, second]]


def affine(*args: Real) -> Derivatives:
    n = len(args) // 2
    weights, inputs, bias = args[:n], args[n:-1], args[-1]
    second = [[int(i < 2 * n and j < 2 * n and abs(i - j) == n) for j in range(2 * n + 1)] for i in range(2 * n + 1)]
    return bias + mp.fsum(w * x for w, x in zip(weights, inputs, strict=True)), [*inputs, *weights, 1], second


def shares(xs: tuple[Real, ...]) -> tuple[list[Real], list[Real]]:
    """softmax(x), and 1 − softmax(x) without the subtraction."""
    m = max(xs)
    terms = [mp.exp(x - m) for x in xs]
    whole = mp.fsum(terms)
    rest = [mp.fsum(terms[:i] + terms[i + 1 :]) / whole for i in range(len(xs))]
    return [term / whole for term in terms], rest


def logsumexp(*xs: Real) -> Derivatives:
    m, (s, rest) = max(xs), shares(xs)
    at = xs.index(m)
    excess = mp.fsum(mp.exp(x - m) for i, x in enumerate(xs) if i != at)
    n = range(len(xs))
    return m + mp.log1p(excess), s, [[s[i] * rest[i] if i == j else -s[i] * s[j] for j in n] for i in n]


def softmax(i: int) -> Reference:
    """Output ``i`` of softmax."""

    def reference(*xs: Real) -> Derivatives:
        s, rest = shares(xs)
        n = range(len(xs))
        toward = [rest[j] if j == i else -s[j] for j in n]  # δᵢⱼ − sⱼ
        spread = [[s[j] * rest[j] if j == k else -s[j] * s[k] for k in n] for j in n]
        return s[i], [s[i] * t for t in toward], [[s[i] * (toward[j] * toward[k] - spread[j][k]) for k in n] for j in n]

    return reference


def log_softmax(i: int) -> Reference:
    """Output ``i`` of log_softmax."""

    def reference(*xs: Real) -> Derivatives:
        s, rest = shares(xs)
        n = range(len(xs))
        at = xs.index(max(xs))
        excess = mp.fsum(mp.exp(x - xs[at]) for j, x in enumerate(xs) if j != at)
        second = [[-s[j] * rest[j] if j == k else s[j] * s[k] for k in n] for j in n]
        return xs[i] - xs[at] - mp.log1p(excess), [rest[j] if j == i else -s[j] for j in n], second

    return reference


# ---------------------------------------------------------------- the table


def whole_quotient(x: Real, y: Real) -> Real:
    with mp.workdps(800):
        return mp.floor(mp.mpf(x) / mp.mpf(y))


def remainder(whole: Callable[[Real], Real]) -> Reference:
    """x − y·n for the whole number n that is made of x/y."""

    def function(x: Real, y: Real) -> Derivatives:
        with mp.workdps(800):
            n = whole(mp.mpf(x) / mp.mpf(y))
            return mp.mpf(x) - mp.mpf(y) * n, [mp.mpf(1), -n], [[0, 0], [0, 0]]

    return function


def rounded(x: Real, digits: Real) -> Real:
    """The float next to the decimal next to x, as Python prints and reads it."""
    return mp.mpf(round(float(x), int(digits)))


def log_gamma(x: Real) -> Real:
    """ln Γ(x), also next to its roots 1 and 2."""
    with mp.workdps(80):
        return mp.loggamma(x) if x > 100 else mp.log(mp.gamma(x))


def poly_gamma(x: Real, n: Real) -> Derivatives:
    first, second, third = (mp.polygamma(int(n) + k, x) for k in range(3))
    return first, [second, 0], [[third, 0], [0, 0]]


def taken(*args: Real) -> Derivatives:
    *values, index = args
    n = len(args)
    place = int(index) % len(values)
    return values[place], [int(k == place) for k in range(n)], [[0] * n] * n


LOGIT = (
    lambda p: mp.log(p / (1 - p)),
    lambda p: 1 / (p * (1 - p)),
    lambda p: (2 * p - 1) / (p * (1 - p)) ** 2,
    lambda p: 2 * (1 - 3 * p * (1 - p)) / (p * (1 - p)) ** 3,
)

REFERENCES: dict[str, Reference] = {
    "less": flat(lambda a, b: a < b, 0, 0),
    "less_equal": flat(lambda a, b: a <= b, 0, 0),
    "equal": flat(lambda a, b: a == b, 0, 0),
    "not_equal": flat(lambda a, b: a != b, 0, 0),
    "logical_and": flat(lambda a, b: bool(a) and bool(b), 0, 0),
    "logical_or": flat(lambda a, b: bool(a) or bool(b), 0, 0),
    "logical_not": flat(lambda a: not a, 0),
    "where": chosen,
    "identity": flat(lambda x: x, 1),
    "add": flat(lambda a, b: a + b, 1, 1),
    "sub": flat(lambda a, b: a - b, 1, -1),
    "mul": product,
    "div": quotient,
    "neg": flat(lambda x: -x, -1),
    "sign": flat(mp.sign, 0),
    "step": flat(lambda x: int(x > 0), 0),
    "floor": flat(mp.floor, 0),
    "ceil": flat(mp.ceil, 0),
    "round": flat(mp.nint, 0),
    "abs": lambda x: (abs(x), [mp.sign(x)], [[0]]),
    "maximum": extremum(True),
    "minimum": extremum(False),
    "clip": clipped,
    "nonnegative": flat(lambda x: x, 1),
    "exp": chain(mp.exp, mp.exp, mp.exp),
    "exp2": chain(lambda x: mp.exp(x * LN2), lambda x: LN2 * mp.exp(x * LN2), lambda x: LN2**2 * mp.exp(x * LN2)),
    "expm1": chain(mp.expm1, mp.exp, mp.exp),
    "log": chain(mp.log, lambda x: 1 / x, lambda x: -1 / x**2),
    "log2": chain(lambda x: mp.log(x) / LN2, lambda x: 1 / (x * LN2), lambda x: -1 / (x**2 * LN2)),
    "log10": chain(lambda x: mp.log(x) / LN10, lambda x: 1 / (x * LN10), lambda x: -1 / (x**2 * LN10)),
    "log1p": chain(mp.log1p, lambda x: 1 / (1 + x), lambda x: -1 / (1 + x) ** 2),
    "sqrt": chain(mp.sqrt, lambda x: 1 / (2 * mp.sqrt(x)), lambda x: -1 / (4 * x * mp.sqrt(x))),
    "cbrt": chain(cube_root, lambda x: 1 / (3 * cube_root(x) ** 2), lambda x: -2 / (9 * x * cube_root(x) ** 2)),
    "pow": power,
    "dpow": power_slope,
    "powlog": power_log,
    "power": constant_power,
    "hypot": hypotenuse,
    "direction": cosine_of,
    "sin": chain(mp.sin, mp.cos, lambda x: -mp.sin(x)),
    "cos": chain(mp.cos, lambda x: -mp.sin(x), lambda x: -mp.cos(x)),
    "tan": chain(mp.tan, lambda x: 1 / mp.cos(x) ** 2, lambda x: 2 * mp.tan(x) / mp.cos(x) ** 2),
    "asin": chain(*ASIN[:3]),
    "acos": chain(mp.acos, lambda x: -ASIN[1](x), lambda x: -ASIN[2](x)),
    "dasin": chain(*ASIN[1:]),
    "atan": chain(*ATAN[:3]),
    "datan": chain(*ATAN[1:]),
    "atan2": angle,
    "over_square": angle_slope,
    "sinh": chain(mp.sinh, mp.cosh, mp.sinh),
    "cosh": chain(mp.cosh, mp.sinh, mp.cosh),
    "tanh": chain(*TANH[:3]),
    "dtanh": chain(*TANH[1:]),
    "asinh": chain(area_sine, lambda x: 1 / mp.sqrt(1 + x * x), lambda x: -x / mp.sqrt(1 + x * x) ** 3),
    "acosh": chain(
        area_cosine,
        lambda x: 1 / mp.sqrt((x - 1) * (x + 1)),
        lambda x: -x / mp.sqrt((x - 1) * (x + 1)) ** 3,
    ),
    "atanh": chain(*ATANH[:3]),
    "datanh": chain(*ATANH[1:]),
    "bell": bell,
    "dbell": bell_slope,
    "erf": chain(mp.erf, gauss, lambda x: -2 * x * gauss(x)),
    "erfc": chain(error_complement, lambda x: -gauss(x), lambda x: 2 * x * gauss(x)),
    "normal_cdf": chain(distribution, density, lambda x: -x * density(x)),
    "sigmoid": chain(*SIGMOID[:3]),
    "dsigmoid": chain(*SIGMOID[1:]),
    "softplus": chain(lambda x: mp.log1p(mp.exp(x)), *SIGMOID[:2]),
    "silu": chain(*SILU[:3]),
    "dsilu": chain(*SILU[1:]),
    "gelu": chain(*GELU[:3]),
    "dgelu": chain(*GELU[1:]),
    "relu": lambda x: (max(x, 0), [int(x > 0)], [[0]]),
    "leaky_relu": leaky,
    "elu": exponential_unit,
    "logaddexp": log_add,
    "share": share,
    "total": lambda *xs: (mp.fsum(xs), [1] * len(xs), [[0] * len(xs)] * len(xs)),
    "affine": affine,
    "complement": lambda s, others: (others, [-1, 0], [[0, 0], [0, 0]]),
    "stop_gradient": lambda x: (x, [0], [[0]]),
    "trunc": lambda x: (mp.floor(x) if x > 0 else mp.ceil(x), [0], [[0]]),
    "fmod": remainder(lambda q: mp.floor(q) if q > 0 else mp.ceil(q)),
    "mod": remainder(mp.floor),
    "floordiv": lambda x, y: (whole_quotient(x, y), [0, 0], [[0, 0], [0, 0]]),
    "round_to": lambda x, digits: (rounded(x, digits), [0, 0], [[0, 0], [0, 0]]),
    "lgamma": chain(log_gamma, mp.digamma, lambda x: mp.polygamma(1, x)),
    "digamma": chain(mp.digamma, lambda x: mp.polygamma(1, x), lambda x: mp.polygamma(2, x)),
    "polygamma": poly_gamma,
    "log_sigmoid": chain(lambda x: -mp.log1p(mp.exp(-x)), lambda x: SIGMOID[0](-x), lambda x: -SIGMOID[1](x)),
    "logit": chain(*LOGIT[:3]),
    "dlogit": chain(*LOGIT[1:]),
    "take": taken,
    "logsumexp": logsumexp,
}
COMPONENTS: dict[str, Callable[[int], Reference]] = {"softmax": softmax, "log_softmax": log_softmax}
"""Primitives with several outputs: the reference of output ``i``."""

# ---------------------------------------------------------------- the exam: where each row is asked, and how exactly

REALS, POSITIVE, UNIT = (-math.inf, math.inf), (0.0, math.inf), (-1.0, 1.0)
DOMAINS: dict[str, tuple[tuple[float, float], ...]] = {
    "clip": (REALS, (-2.0, -1.0), (1.0, 2.0)),
    "nonnegative": (POSITIVE,),
    "log": (POSITIVE,), "log2": (POSITIVE,), "log10": (POSITIVE,), "log1p": ((-1.0, math.inf),),
    "sqrt": (POSITIVE,),
    "complement": (UNIT, UNIT),
    "pow": (POSITIVE, REALS), "dpow": (POSITIVE, REALS, (1.0, 2.0)), "powlog": (POSITIVE, REALS),
    "power": (POSITIVE, REALS),
    "asin": (UNIT,), "acos": (UNIT,), "dasin": (UNIT,), "atanh": (UNIT,), "datanh": (UNIT,),
    "acosh": ((1.0, math.inf),),
    "lgamma": (POSITIVE,), "digamma": (POSITIVE,), "polygamma": (POSITIVE, (1.0, 2.0)),
    "logit": ((0.0, 1.0),), "dlogit": ((0.0, 1.0),), "round_to": (REALS, (0.0, 3.0)),
    "bell": (REALS, (0.5, 1.0)), "dbell": (REALS, (0.5, 1.0)),
    "leaky_relu": (REALS, (0.0, 1.0)), "elu": (REALS, (0.5, 2.0)),
}  # fmt: skip
"""Where each row is a function of floats; all reals for those not named. The table must say the same: a row may not
choose where it is examined."""


def domain(row: Primitive) -> tuple[tuple[float, float], ...]:
    """Return the intervals in which the arguments of ``row`` are taken."""
    return DOMAINS.get(row.name, (REALS,) * (row.arity or 1))


VALUE, FIRST, SECOND, THIRD = 2.0, 4.0, 8.0, 16.0
LOOSER = {"lgamma": 4.0, "digamma": 4.0, "erf": 4.0, "erfc": 4.0, "normal_cdf": 4.0, "gelu": 4.0}
"""Bounds of values, where the C library or an integral of the bell curve takes more than 2 ulp."""


def limits(row: Primitive) -> tuple[float, float, float]:
    """The bounds in ulp of value, first and second partials; a row that is itself a derivative starts one higher."""
    if row.name in SLOPES:
        return FIRST, SECOND, THIRD
    return LOOSER.get(row.name, VALUE), FIRST, SECOND


SLOPES = {
    "dpow", "powlog", "direction", "dasin", "datan", "over_square", "dtanh", "datanh", "bell", "dbell", "dsigmoid",
    "dsilu", "dgelu", "share", "complement", "dlogit", "polygamma",
}  # fmt: skip
"""Rows that exist as derivatives of others: their orders count one higher."""

LANDMARKS: dict[str, tuple[float, ...]] = {
    "exp": (709.78, -708.39, -745.13),
    "exp2": (1024.0, -1022.0, -1074.0),
    "expm1": (709.78, -37.0),
    "log": (1.0,), "log2": (1.0, 2.0), "log10": (1.0, 10.0), "log1p": (-1.0, -0.5, 1.0),
    "sin": (math.pi, math.pi / 2, 2 * math.pi, 1e22), "cos": (math.pi, math.pi / 2, 1e22),
    "tan": (math.pi / 4, math.pi / 2, -math.pi / 2, 1.5 * math.pi, math.pi, 1e22),
    "asin": (1.0, -1.0, 0.5), "acos": (1.0, -1.0, 0.5, -0.5), "dasin": (1.0, -1.0),
    "acosh": (1.0, 2.0), "atanh": (1.0, -1.0, 0.5), "datanh": (1.0, -1.0),
    "sinh": (710.47, -710.47), "cosh": (710.47, -710.47),
    "tanh": (354.0, -354.0, 372.5, 19.0, 0.6584789484624084), "dtanh": (354.0, -354.0, 372.5, 0.6584789484624084),
    "sigmoid": (-709.0, -745.0, 37.0, 709.0), "dsigmoid": (709.0, -745.0, 1.3169578969248166),
    "softplus": (-709.0, -745.0, 37.0, 709.0),
    "silu": (-1.2784645427610737, -700.0, -709.0, -745.0, -751.5, 2.3993572805154675, -2.3993572805154675, 709.0),
    "dsilu": (-1.2784645427610737, -700.0, -745.0, -751.5, 2.3993572805154675, -2.3993572805154675, 751.0),
    "lgamma": (0.5, 1.0, 1.5, 2.0, 2.5, 10.0), "digamma": (1.0, 1.4616321449683622, 2.0, 10.0),
    "polygamma": (10.0,), "logit": (0.25, 0.5, 0.75),
    "gelu": (-0.7517915246935645, -1.5518, -0.1518, -30.0, math.sqrt(2.0), -math.sqrt(2.0), -37.5, -38.5, 8.3),
    "erf": (0.5, 5.9, 26.5, 27.1), "erfc": (26.5, 27.2, -5.9, 0.5), "normal_cdf": (-37.5, -38.4, 8.3, -1.0, 38.3),
    "bell": (1.0, -1.0, 26.5, 27.1, 37.5, 38.3), "dbell": (1.0, -1.0, 26.5, 27.1, 37.5, 38.3),
    "dgelu": (-0.7517915246935645, math.sqrt(2.0), -math.sqrt(2.0), -1.5518, -0.1518, -30.0, -37.5, -38.5),
    "floor": (1.0, -1.0, 2.0**52), "ceil": (1.0, -1.0, 2.0**52), "round": (0.5, 1.5, -0.5, 2.0**52),
    "datan": (math.sqrt(1.0 / 3.0),),
}  # fmt: skip

"""The floats around these numbers are tried one by one: poles, branch points, kinks, roots of derivatives."""

# ---------------------------------------------------------------- small differences of large terms


def off_diagonal(term: Real) -> list[list[Real]]:
    return [[0, term], [term, 0]]


SMALLEST_NORMAL = mp.ldexp(1, -1022)
LARGEST_TERM: dict[tuple[str, int], Callable[..., Any]] = {
    # Sums, whose terms may cancel.
    ("total", 0): lambda *xs: mp.fsum(map(abs, xs)),
    ("affine", 0): lambda w, v, x, y, b: abs(w * x) + abs(v * y) + abs(b),
    ("logaddexp", 0): lambda a, b: abs(max(a, b)) + mp.log1p(mp.exp(-abs(a - b))),
    ("logsumexp", 0): lambda *xs: abs(max(xs)) + mp.log(3),
    # −(a/b)/b: where a/b is subnormal, its rounding error is divided by b
    ("div", 1): lambda a, b: [0, max(abs(a / b**2), SMALLEST_NORMAL / abs(b))],
    ("div", 2): lambda a, b: [[0, 0], [0, max(abs(2 * a / b**3), SMALLEST_NORMAL / abs(b) ** 2)]],
    # Public derivatives with a root that no simple closed form is centred on.
    ("pow", 2): lambda x, y: off_diagonal(x ** (y - 1) * (1 + abs(y * mp.log(x)))),  # 1 + y ln x
    ("softmax", 2): lambda *xs: [[max(s * r for s, r in zip(*shares(xs), strict=True))] * len(xs)] * len(xs),  # 1 − 2s
    # Slopes in rows of their own: their first derivative is a function's second, their second its third.
    ("dgelu", 2): lambda x: [[density(x) * abs(x) * (x * x + 4)]],
    ("dsilu", 2): lambda x: [[bump(x) * (2 + abs(x))]],
    ("dtanh", 2): lambda x: [[sech2(x) * 2]],
    ("dsigmoid", 2): lambda x: [[bump(x)]],
    ("datan", 2): lambda x: [[(6 * x * x + 2) / (1 + x * x) ** 3]],
    ("bell", 2): lambda x, k: [[(4 * k * k * x * x + 2 * k) * mp.exp(-k * x * x), 0], [0, 0]],
    ("dbell", 1): lambda x, k: [(4 * k * k * x * x + 2 * k) * mp.exp(-k * x * x), 0],
    ("dbell", 2): lambda x, k: [[4 * k * k * abs(x) * (3 + 2 * k * x * x) * mp.exp(-k * x * x), 0], [0, 0]],
    ("share", 2): lambda a, b: [[bump(a - b)] * 2] * 2,
    ("dpow", 1): lambda x, y, n: [0, power_terms(x, y, n), 0],
    ("dpow", 2): lambda x, y, n: [
        [(abs(y) + n + 1) ** (n + 2) * x ** (y - n - 2), power_terms(x, y, n + 1), 0],
        [power_terms(x, y, n + 1), power_terms(x, y, n) * (1 + abs(mp.log(x))), 0],
        [0, 0, 0],
    ],
    ("powlog", 1): lambda x, y: [x ** (y - 1) * (1 + abs(y * mp.log(x))), 0],
    ("powlog", 2): lambda x, y: [
        [power_terms(x, y, 2), x ** (y - 1) * abs(mp.log(x)) * (2 + abs(y * mp.log(x)))],
        [x ** (y - 1) * abs(mp.log(x)) * (2 + abs(y * mp.log(x))), 0],
    ],
    ("direction", 2): lambda x, y: [[1 / (x * x + y * y)] * 2] * 2,
    ("over_square", 2): lambda a, b: [[2 / mp.sqrt(a * a + b * b) ** 3] * 2] * 2,
}
"""Where a result is the small difference of large terms, the error counts in ulp of the largest term:
(name, order) → its size, shaped as the derivatives are; 0 where the result itself is the measure."""


def power_terms(x: Real, y: Real, n: Real) -> Real:
    """The terms of ∂ⁿ⁺¹(xʸ)/∂xⁿ∂y."""
    return x ** (y - n) * (abs(y) + n - 1) ** (n - 1) * (n + abs(y * mp.log(x)))


UNDERFLOW: dict[tuple[str, int], str] = {
    ("power", 1): "c, up to 16, multiplies a power that has underflowed",
    ("power", 2): "c² multiplies a power that has underflowed",
    ("dpow", 2): "(y ln x)² multiplies a power that has underflowed",
    ("powlog", 1): "ln x multiplies a power that has underflowed",
    ("powlog", 2): "ln² x multiplies a power that has underflowed",
    ("bell", 2): "x² multiplies a bell that has underflowed",
    ("dbell", 2): "x³ multiplies a bell that has underflowed",
    ("dgelu", 2): "x³ multiplies a bell that has underflowed",
}
"""Where a factor is subnormal and so has lost digits, the error counts in units of 2⁻¹⁰⁶⁴, not 2⁻¹⁰⁷⁴."""

OVERFLOW: dict[tuple[str, int], str] = {
    ("log2", 2): "ln 2 · (1/(x ln 2))², whose square overflows first",
    ("power", 1): "c · inf: for |c| < 1 the slope overflows a factor 1/|c| later than xᶜ⁻¹",
    ("power", 2): "c (c−1) · inf, likewise",
}
"""Where inf may stand for a float above 1e290, because a factor overflows first."""
