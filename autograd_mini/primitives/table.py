"""The table: every primitive once, with its value, its partials and its domain.

A row is ``primitive(name, value, partials, ...)``. The value works on floats. The partials take
the arguments and the output (named ``y`` or ``out``) and are written in the functions of this
table, so that they can be differentiated again. Where the simple formula of a partial, or of its
derivative, would lose digits, the partial is a separate row with its own rule (``dtanh``,
``dasin``…).

Kinks, poles and points outside the domain follow one principle: values are those of IEEE 754; at a
kink the partial is the subgradient of least norm; at a vertical tangent it is the one-sided limit;
where neither exists it is nan; steps have derivative 0; a branch not taken contributes nothing.
Where the partial is the constant 0 (a step, the smaller argument of ``maximum``) it is NO_FLOW: no
adjoint passes, and an infinite partial behind it has no effect.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any, cast

from autograd_mini.primitives import ieee
from autograd_mini.primitives.bind import bind_floats
from autograd_mini.primitives.registry import primitive
from autograd_mini.primitives.row import NO_FLOW, Primitive, Reduction, Several
from autograd_mini.primitives.rule import REALS, named

# The public functions; other rows are used in rules and programs.
__all__ = [
    "affine", "total", "where", "maximum", "minimum", "clip", "sign", "step", "floor", "ceil", "round", "abs",
    "trunc", "fmod", "mod", "floordiv", "round_to",
    "identity", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sqrt", "cbrt", "pow", "hypot",
    "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh",
    "erf", "erfc", "lgamma", "digamma", "logit", "sigmoid", "log_sigmoid", "softplus", "logaddexp",
    "relu", "leaky_relu", "elu", "gelu", "silu",
    "logsumexp", "softmax", "log_softmax", "take", "stop_gradient",
]  # fmt: skip

inf, nan = math.inf, math.nan
POSITIVE, UNIT = (0.0, inf), (-1.0, 1.0)
LN2, LN10 = math.log(2.0), math.log(10.0)
TWO_OVER_ROOT_PI = 1.1283791670955126
ROOT_HALF, ROOT_HALF_LOW = 0.7071067811865476, -4.833646656726457e-17  # 1/√2 in two parts
ONE_OVER_ROOT_TWO_PI = 0.3989422804014327
magnitude = operator.abs  # |x| of numbers and Values alike; ``abs`` below is the row

# ---------------------------------------------------------------- truth and choice
# For numbers Python's own operators are used; these rows occur in recorded programs.

FLAT = (NO_FLOW, NO_FLOW)
less = primitive("less", operator.lt, FLAT, arity=2, label="<", boolean=True, infix="<",
    doc="True where a < b.")  # fmt: skip
less_equal = primitive("less_equal", operator.le, FLAT, arity=2, label="≤", boolean=True, infix="<=",
    doc="True where a ≤ b.")  # fmt: skip
equal = primitive("equal", operator.eq, FLAT, arity=2, label="=", boolean=True, infix="==",
    doc="True where a and b are the same number; nan equals nothing.")  # fmt: skip
not_equal = primitive("not_equal", operator.ne, FLAT, arity=2, label="≠", boolean=True, infix="!=",
    doc="True where a and b differ; nan differs from itself.")  # fmt: skip
logical_and = primitive("logical_and", lambda p, q: p and q, FLAT, arity=2, label="∧", boolean=True,
    doc="True where p and q hold.")  # fmt: skip
logical_or = primitive("logical_or", lambda p, q: p or q, FLAT, arity=2, label="∨", boolean=True,
    doc="True where p or q holds.")  # fmt: skip
logical_not = primitive("logical_not", operator.not_, (NO_FLOW,), label="¬", boolean=True,
    doc="True where a does not hold.")  # fmt: skip

where: Primitive = primitive(
    "where", lambda condition, a, b: a if condition else b,
    lambda c, a, b, out: (NO_FLOW, where(c, 1.0, NO_FLOW), where(c, NO_FLOW, 1.0)),
    arity=3, static=(0,), chooses=True,
    doc="a where the condition is true, else b; no adjoint flows to the branch not taken.",
)  # fmt: skip

# ---------------------------------------------------------------- arithmetic

identity = primitive("identity", lambda x: x, (1.0,), label="id", expand=lambda x: x, doc="x itself; derivative 1.")
stop_gradient = primitive("stop_gradient", lambda x: x, (NO_FLOW,), label="stop", aliases=("detach",),
    expand=lambda x: x, doc="x itself, without its history: no adjoint flows to x.")  # fmt: skip
add = primitive("add", operator.add, (1.0, 1.0), arity=2, label="+", infix="+",
    doc="a + b; partials 1, 1.")  # fmt: skip
sub = primitive("sub", operator.sub, (1.0, -1.0), arity=2, label="−", aliases=("subtract",), infix="-",
    doc="a − b; partials 1, −1.")  # fmt: skip
mul = primitive("mul", operator.mul, "y, x", arity=2, label="×", aliases=("multiply",), infix="*",
    doc="a·b; partials b, a.")  # fmt: skip
div = primitive("div", ieee.divide, "1.0 / y, -out / y", arity=2, label="÷",
    aliases=("divide", "true_divide"), infix="/",
    doc="a/b; partials 1/b, −(a/b)/b. 1/0 = inf.")  # fmt: skip
neg = primitive("neg", "-x", (-1.0,), label="−", aliases=("negative",), doc="−x; derivative −1.")  # fmt: skip


def _flat(x: Any) -> Any:
    """The derivative of a step: NO_FLOW, and nan at nan."""
    return where(x == x, NO_FLOW, nan * x)


sign = primitive("sign", lambda x: 1.0 if x > 0.0 else -1.0 if x < 0.0 else x, lambda x, y: _flat(x),
    expand=lambda x: where(x > 0.0, 1.0, where(x < 0.0, -1.0, x)),
    doc="−1, 0 or 1; derivative 0 everywhere.")  # fmt: skip
step = primitive("step", lambda x: 1.0 if x > 0.0 else 0.0 if x <= 0.0 else x, lambda x, y: _flat(x),
    expand=lambda x: where(x > 0.0, 1.0, where(x <= 0.0, 0.0, x)),
    doc="1 where x > 0, else 0; derivative 0 everywhere.")  # fmt: skip
floor = primitive("floor", ieee.floor, lambda x, y: _flat(x), label="⌊x⌋",
    doc="The largest integer ≤ x; derivative 0 everywhere.")  # fmt: skip
ceil = primitive("ceil", ieee.ceil, lambda x, y: _flat(x), label="⌈x⌉",
    doc="The smallest integer ≥ x; derivative 0 everywhere.")  # fmt: skip
round = primitive("round", ieee.rint, lambda x, y: _flat(x), aliases=("rint",),
    doc="The nearest integer, halves to even; derivative 0 everywhere.")  # fmt: skip
trunc = primitive("trunc", ieee.trunc, lambda x, y: _flat(x), expand=lambda x: where(x < 0.0, ceil(x), floor(x)),
    doc="x without its fraction, towards 0; derivative 0 everywhere.")  # fmt: skip
abs = primitive("abs", operator.abs, lambda x, y: sign(x), label="|x|", aliases=("absolute", "fabs"),
    doc="|x|; derivative sign(x), 0 at the kink.")  # fmt: skip


def _prefer(a: Any, b: Any) -> Any:
    """1 where a > b, ½ at a tie, NO_FLOW where a < b, nan where either is nan."""
    return where(a < b, NO_FLOW, where(a > b, 1.0, where(a == b, 0.5, nan)))


maximum = primitive("maximum", ieee.maximum, lambda a, b, out: (_prefer(a, b), _prefer(b, a)), arity=2, label="max",
    doc="The larger of a and b; partials 1 for it and 0 for the other, ½ and ½ at a tie.")  # fmt: skip
minimum = primitive("minimum", ieee.minimum, lambda a, b, out: (_prefer(b, a), _prefer(a, b)), arity=2, label="min",
    doc="The smaller of a and b; partials 1 for it and 0 for the other, ½ and ½ at a tie.")  # fmt: skip
clip = primitive(
    "clip", lambda x, low, high: ieee.minimum(ieee.maximum(x, low), high),
    lambda x, low, high, out: (
        where(out == out, where(x > low, where(x < high, 1.0, NO_FLOW), NO_FLOW), nan),
        where(out == out, where(x < low, where(low < high, 1.0, NO_FLOW), NO_FLOW), nan),
        where(out == out, where(x > high, 1.0, where(low > high, 1.0, NO_FLOW)), nan),
    ),
    arity=3, domain=(REALS, (-2.0, -1.0), (1.0, 2.0)),
    expand=lambda x, low, high: minimum(maximum(x, low), high),
    doc="x limited to [low, high]; derivative 1 strictly inside, 0 at a bound and outside.",
)  # fmt: skip
nonnegative = primitive("nonnegative", lambda x: x + 0.0 if x >= 0.0 else nan,
    lambda x, y: where(x >= 0.0, 1.0, nan), label="x ≥ 0", domain=(POSITIVE,),
    expand=lambda x: where(x >= 0.0, x + 0.0, nan),
    doc="x where x ≥ 0, else nan: makes a derivative nan outside the domain of its function.")  # fmt: skip

# ---------------------------------------------------------------- quotients by whole numbers


def _mod(x: Any, y: Any) -> Any:
    """C's remainder, plus y where its sign is not that of y; a zero gets the sign of y."""
    rest = fmod(x, y)
    moved = where(y < 0.0, where(rest > 0.0, rest + y, rest), where(rest < 0.0, rest + y, rest))
    return where(rest == 0.0, where(y > 0.0, 0.0, -0.0), moved)


def _floordiv(x: Any, y: Any) -> Any:
    """(x − remainder)/y, rounded to the nearest whole number, which it is except for rounding errors."""
    rest = fmod(x, y)
    quotient = (x - rest) / y - where(y < 0.0, where(rest > 0.0, 1.0, 0.0), where(rest < 0.0, 1.0, 0.0))
    below = floor(quotient)
    whole = where(quotient - below > 0.5, below + 1.0, below)
    signed = where(x / y > 0.0, 0.0, x / y)  # a zero has the sign of x / y
    return where(y == 0.0, x / y, where(quotient == 0.0, signed, whole))


def _round_to(x: Any, digits: float) -> Any:
    """x·10ᵈ, rounded, over 10ᵈ; the rounding error of the product decides ties. Exact up to 22 digits."""
    d = math.floor(digits)
    if not -22 <= d <= 22:
        raise NotImplementedError(f"round(x, {d}) is compiled from -22 to 22 digits; choose engine='python'")
    scale = 10.0 ** magnitude(d)
    scaled = x * scale if d >= 0 else x / scale
    (ah, al), (bh, bl) = _split(x if d >= 0 else scaled), _split(scale)
    product = scaled if d >= 0 else scaled * scale
    lost = ((ah * bh - product) + ah * bl + al * bh) + al * bl
    lost = lost if d >= 0 else (x - product) - lost
    whole = round(scaled)
    away = scaled - whole
    up = where(away == 0.5, where(lost > 0.0, whole + 1.0, whole), whole)
    nearest = where(away == -0.5, where(lost < 0.0, whole - 1.0, whole), up)
    return where(magnitude(scaled) < 9007199254740992.0, nearest / scale if d >= 0 else nearest * scale, x)


def _defined(out: Any, partial: Any) -> Any:
    """The partial where the value is not nan, else nan."""
    return where(out == out, partial, nan * out)


fmod: Primitive = primitive(
    "fmod", ieee.fmod, lambda x, y, out: (_defined(out, 1.0), _defined(out, -round((x - out) / y))), arity=2,
    doc="x − y·trunc(x/y) as C's fmod, with the sign of x; partials 1, −trunc(x/y).",
)  # fmt: skip
mod = primitive("mod", ieee.mod, lambda x, y, out: (_defined(out, 1.0), _defined(out, -floordiv(x, y))), arity=2,
    aliases=("remainder",), expand=_mod,
    doc="x % y = x − y·⌊x/y⌋ as in Python, with the sign of y; partials 1, −⌊x/y⌋.")  # fmt: skip
floordiv: Primitive = primitive("floordiv", ieee.floordiv, lambda x, y, out: (_flat(out), _flat(out)), arity=2,
    label="⌊x/y⌋", aliases=("floor_divide",), expand=_floordiv,
    doc="x // y = ⌊x/y⌋; derivatives 0 everywhere.")  # fmt: skip
round_to = primitive("round_to", ieee.round_to, lambda x, digits, y: (_flat(x), NO_FLOW), arity=2, static=(1,),
    label="round", domain=(REALS, (0.0, 3.0)), expand=_round_to,
    doc="x rounded to ``digits`` decimals, as Python's round(x, digits); derivative 0 everywhere.")  # fmt: skip

# ---------------------------------------------------------------- exponentials and logarithms

exp = primitive("exp", ieee.exp, lambda x, y: y, label="exp",
    doc="eˣ; derivative eˣ.")  # fmt: skip
exp2: Primitive = primitive("exp2", ieee.exp2,
    lambda x, y: where(y == inf, 2.0 * LN2 * exp2(x - 1.0), LN2 * y),  # 2ˣ overflows before its slope does
    label="2ˣ", doc="2ˣ; derivative ln 2 · 2ˣ.")  # fmt: skip
expm1 = primitive("expm1", ieee.expm1, lambda x, y: exp(x),
    doc="eˣ − 1, accurate near 0; derivative eˣ.")  # fmt: skip
log = primitive("log", ieee.log, lambda x, y: 1.0 / nonnegative(x), domain=(POSITIVE,),
    doc="ln x; derivative 1/x, inf at 0, nan below.")  # fmt: skip
log2 = primitive("log2", ieee.log2, lambda x, y: 1.0 / (LN2 * nonnegative(x)), domain=(POSITIVE,), label="log₂",
    doc="log₂ x; derivative 1/(x ln 2), inf at 0, nan below.")  # fmt: skip
log10 = primitive("log10", ieee.log10,
    lambda x, y: where(x > 1e300, 1.0 / x / LN10, 1.0 / (LN10 * nonnegative(x))),  # x ln 10 overflows before x does
    domain=(POSITIVE,), label="log₁₀",
    doc="log₁₀ x; derivative 1/(x ln 10), inf at 0, nan below.")  # fmt: skip
log1p = primitive("log1p", ieee.log1p, lambda x, y: 1.0 / nonnegative(1.0 + x), domain=((-1.0, inf),),
    doc="ln(1 + x), accurate near 0; derivative 1/(1 + x), inf at −1, nan below.")  # fmt: skip

# ---------------------------------------------------------------- roots and powers

sqrt = primitive("sqrt", ieee.sqrt, lambda x, y: 0.5 / (y + 0.0), domain=(POSITIVE,), label="√",
    doc="√x; derivative 1/(2√x), inf at 0, nan below.")  # fmt: skip
cbrt = primitive("cbrt", ieee.cbrt, lambda x, y: power(y, -2.0) / 3.0, label="∛",
    doc="∛x; derivative 1/(3 (∛x)²), inf at 0.")  # fmt: skip


def _power_times(x: Any, y: Any, n: float, *factors: Any) -> Any:
    """x**(y − n) times the factors; nothing over- or underflows before the result does.

    Corrected for the rounding error of y − n (Knuth's two-sum), which |ln x| ≤ 745 multiplies. Where the
    power is extreme the factors stand between its two square roots.
    """
    lower = y - n
    back = lower + n
    rest = (y - back) + ((back - lower) - n)
    correction = where(rest == 0.0, 1.0, 1.0 + clip(rest * log(magnitude(x)), -0.5, 0.5))
    power, root = pow(x, lower), pow(magnitude(x), 0.5 * lower)
    sign = where(x < 0.0, where(fmod(lower, 2.0) == 0.0, 1.0, -1.0), 1.0)
    plain, apart = power * correction, sign * root * correction
    for factor in factors:
        plain, apart = plain * factor, apart * factor
    size = magnitude(power)
    return where(size < 1e-290, where(root == 0.0, 0.0, apart * root), where(size > 1e290, apart * root, plain))


def _falling_factorial(y: Any, n: int) -> tuple[Any, Any]:
    """y(y − 1)…(y − n + 1) and its derivative with respect to y; n is a whole number."""
    factorial, slope = y, 1.0
    for k in range(1, n):
        factorial, slope = factorial * (y - k), slope * (y - k) + factorial
    return factorial, slope


def _mixed(x: Any, y: Any, n: float) -> Any:
    """∂ⁿ⁺¹(xʸ)/∂xⁿ∂y, at x = 0 and x = inf by its limit."""
    n = math.floor(n)
    factorial, slope = _falling_factorial(y, n)
    lowered, factor = pow(x, y - n), slope + factorial * log(x)
    limit = where(lowered == 0.0, 0.0, lowered * where(factorial == 0.0, slope, factor))
    return where(magnitude(log(x)) == inf, limit, _power_times(x, y, n, factor))


def _slope(x: Any, y: Any, n: float) -> Any:
    n = math.floor(n)
    factorial, _ = _falling_factorial(y, n)
    return where(factorial == 0.0, 0.0, _power_times(x, y, n, *(y - k if k else y for k in range(n))))


def _half(x: Any, y: Any) -> Any:
    """x^(y/2) ln x: half of the exponent, so that the product with ln x is taken before an underflow."""
    return pow(x, 0.5 * y) * log(x)


pow = primitive("pow", ieee.power, lambda x, y, out: (dpow(x, y, 1.0), powlog(x, y)), arity=2, label="xʸ",
    domain=(POSITIVE, REALS), aliases=("float_power",),
    doc="xʸ; partials y xʸ⁻¹ and xʸ ln x (nan for x < 0 and at (0, 0)).")  # fmt: skip
dpow: Primitive = primitive(
    "dpow", None, lambda x, y, n, out: (dpow(x, y, n + 1.0), _mixed(x, y, n), NO_FLOW),
    arity=3, label="∂ⁿxʸ", domain=(POSITIVE, REALS, (1.0, 2.0)), static=(2,),
    expand=_slope, doc="The n-th derivative of xʸ in x, y(y−1)…(y−n+1) xʸ⁻ⁿ, 0 where the first product is 0.",
)  # fmt: skip


def _powlog(x: Any, y: Any) -> Any:
    limit = where(pow(x, y) == 0.0, 0.0, where(magnitude(x) + magnitude(y) == 0.0, nan, pow(x, y) * log(x)))
    return where(magnitude(log(x)) == inf, limit, _half(x, y) * pow(x, 0.5 * y))


powlog: Primitive = primitive(
    "powlog", None,
    lambda x, y, out: (_mixed(x, y, 1.0), where(magnitude(log(x)) == inf, magnitude(out), _half(x, y) * _half(x, y))),
    arity=2, label="xʸ·ln x", domain=(POSITIVE, REALS), expand=_powlog,
    doc="xʸ ln x: at x = 0, 0 for y > 0, −inf for y < 0, nan for y = 0.",
)  # fmt: skip


def _power_slope(x: Any, c: float, y: Any) -> tuple[Any, None]:
    if c == 2.0:
        return 2.0 * x, NO_FLOW
    if c == 0.0:
        return NO_FLOW, NO_FLOW
    exact = c - 1.0 + 1.0 == c and magnitude(c) <= 16.0  # a larger factor, where the power has underflowed, tells
    return c * power(x, c - 1.0) if exact else dpow(x, c, 1.0), NO_FLOW


power: Primitive = primitive("power", ieee.power, _power_slope, arity=2, label="xᶜ", domain=(POSITIVE, REALS),
    static=(1,),
    doc="xᶜ with a constant exponent c; derivative c xᶜ⁻¹, without ln x.")  # fmt: skip


def _scaled(x: Any, y: Any) -> tuple[Any, Any, Any, Any]:
    """x, y and √(x² + y²), times a power of two that keeps the root a normal number; and that power."""
    size = maximum(magnitude(x), magnitude(y))
    scale = where(size < 1e-290, 2.0**600, where(size > 1e290, 2.0**-600, 1.0))
    return x * scale, y * scale, hypot(x * scale, y * scale), scale


def _toward(x: Any, y: Any) -> Any:
    """x/√(x² + y²) with its limits: 0 at the origin, ±1 where only x is infinite."""
    u, _, length, _ = _scaled(x, y)
    ratio = where(length == 0.0, 0.0, u / length)
    return where(magnitude(x) == inf, where(magnitude(y) < inf, sign(x), nan), ratio)


def _guard(low: Any, root: Any) -> tuple[Any, Any]:
    """A power of two and its inverse, between which low/root keeps its digits where it is subnormal; else 1."""
    plain = where(root < 1e-100, 0.0, root) * 1e-200 <= low  # a small root makes no small quotient
    return where(plain, 1.0, 2.0**60), where(plain, 1.0, 2.0**-60)


def _at_infinity(x: Any, y: Any, root: Any, slope: Any) -> Any:
    """The slope, or 0 where one of x and y is infinite; nan where both are or either is nan."""
    return where(root == inf, 0.0 * direction(x, y) * direction(y, x), slope)


def _product_over_square(u: Any, v: Any, root: Any) -> tuple[Any, Any]:
    """u v/(u² + v²) in two factors, the second to be taken last."""
    low, high = minimum(magnitude(u), magnitude(v)), maximum(magnitude(u), magnitude(v))
    up, down = _guard(low, root)
    return low * up / root * (high / root) * sign(u) * sign(v), down


def _turn(x: Any, y: Any) -> tuple[Any, Any]:
    """The partials of x/√(x² + y²): y²/(x² + y²)^(3/2) and −xy/(x² + y²)^(3/2)."""
    u, v, root, scale = _scaled(x, y)
    product, down = _product_over_square(u, v, root)
    along = v / root * (v / root / root) * scale
    across = -product / root * (scale * down)
    return _at_infinity(x, y, root, along), _at_infinity(x, y, root, across)


hypot = primitive("hypot", ieee.hypot, lambda x, y, out: (direction(x, y), direction(y, x)), arity=2,
    doc="√(x² + y²); partials x/√(x² + y²), y/√(x² + y²), both 0 at the origin.")  # fmt: skip
direction: Primitive = primitive(
    "direction", None,
    lambda x, y, out: _turn(x, y), arity=2, label="x/√(x²+y²)", expand=_toward,
    doc="x/√(x² + y²), the cosine of the direction of (x, y); 0 at the origin.",
)  # fmt: skip

# ---------------------------------------------------------------- circular functions

sin = primitive("sin", ieee.sin, lambda x, y: cos(x), doc="sin x; derivative cos x.")  # fmt: skip
cos: Primitive = primitive("cos", ieee.cos, lambda x, y: -sin(x), doc="cos x; derivative −sin x.")  # fmt: skip
tan = primitive("tan", ieee.tan, lambda x, y: 1.0 + y * y, doc="tan x; derivative 1 + tan² x.")  # fmt: skip
asin = primitive("asin", ieee.asin, lambda x, y: dasin(x), domain=(UNIT,), aliases=("arcsin",),
    doc="arcsin x; derivative 1/√((1−x)(1+x)), inf at ±1, nan beyond.")  # fmt: skip
acos = primitive("acos", ieee.acos, lambda x, y: -dasin(x), domain=(UNIT,), aliases=("arccos",),
    doc="arccos x; derivative −1/√((1−x)(1+x)), −inf at ±1, nan beyond.")  # fmt: skip
dasin: Primitive = primitive("dasin", None,
    lambda x, y: x / ((1.0 - x) * (1.0 + x) * sqrt((1.0 - x) * (1.0 + x))), label="asin′", domain=(UNIT,),
    expand=lambda x: 1.0 / sqrt((1.0 - x) * (1.0 + x)),
    doc="1/√((1−x)(1+x)), the slope of arcsin.")  # fmt: skip
atan = primitive("atan", ieee.atan, lambda x, y: datan(x), aliases=("arctan",),
    doc="arctan x; derivative 1/(1 + x²).")  # fmt: skip
datan: Primitive = primitive("datan", None, lambda x, y: -2.0 * (x * y * y), label="atan′",
    expand=lambda x: 1.0 / hypot(1.0, x) / hypot(1.0, x),
    doc="1/(1 + x²), the slope of arctan, without overflow.")  # fmt: skip
atan2 = primitive("atan2", ieee.atan2, lambda y, x, out: (over_square(y, x), -over_square(x, y)), arity=2,
    aliases=("arctan2",),
    doc="The angle of (x, y), arguments y then x; partials x/(x²+y²), −y/(x²+y²), nan at the origin.")  # fmt: skip


def _over_square(a: Any, b: Any) -> Any:
    _, v, root, scale = _scaled(a, b)
    up, down = _guard(magnitude(v), root)
    return where(magnitude(b) == inf, where(a == a, 0.0, nan), v * up / root / root * (scale * down))


def _over_square_turn(a: Any, b: Any) -> tuple[Any, Any]:
    """−2ab/(a² + b²)² and (a² − b²)/(a² + b²)²."""
    u, v, root, scale = _scaled(a, b)
    product, down = _product_over_square(u, v, root)
    first = -2.0 * product / root / root * (scale * down) * scale
    second = (u - v) / root * ((u + v) / root) / root / root * scale * scale
    return _at_infinity(a, b, root, first), _at_infinity(a, b, root, second)


over_square: Primitive = primitive(
    "over_square", None, lambda a, b, out: _over_square_turn(a, b), arity=2, label="b/(a²+b²)", expand=_over_square,
    doc="b/(a² + b²), the slope of an angle; nan at the origin.",
)  # fmt: skip

# ---------------------------------------------------------------- hyperbolic functions

sinh = primitive("sinh", ieee.sinh, lambda x, y: cosh(x), doc="sinh x; derivative cosh x.")  # fmt: skip
cosh: Primitive = primitive("cosh", ieee.cosh, lambda x, y: sinh(x), doc="cosh x; derivative sinh x.")  # fmt: skip
tanh = primitive("tanh", ieee.tanh, lambda x, y: dtanh(x),
    doc="tanh x; derivative 1 − tanh² x, computed as 4e/(1+e)² with e = exp(−2|x|).")  # fmt: skip


def _bump(e: Any) -> Any:
    """e/(1 + e)²: used for tanh′ and sigmoid′, without the cancellation of 1 − y²."""
    return e / ((1.0 + e) * (1.0 + e))


dtanh: Primitive = primitive("dtanh", None, lambda x, y: -2.0 * tanh(x) * y, label="tanh′",
    expand=lambda x: 4.0 * _bump(exp(-2.0 * magnitude(x))),
    doc="1 − tanh² x to full precision, the slope of tanh.")  # fmt: skip
asinh = primitive("asinh", ieee.asinh, lambda x, y: 1.0 / hypot(1.0, x), aliases=("arcsinh",),
    doc="arsinh x; derivative 1/√(1 + x²).")  # fmt: skip
acosh = primitive("acosh", ieee.acosh, lambda x, y: 1.0 / sqrt(x - 1.0) / sqrt(x + 1.0), domain=((1.0, inf),),
    aliases=("arccosh",),
    doc="arcosh x; derivative 1/√((x−1)(x+1)), inf at 1, nan below.")  # fmt: skip
atanh = primitive("atanh", ieee.atanh, lambda x, y: datanh(x), domain=(UNIT,), aliases=("arctanh",),
    doc="artanh x; derivative 1/((1−x)(1+x)), inf at ±1, nan beyond.")  # fmt: skip
datanh: Primitive = primitive("datanh", None, lambda x, y: 2.0 * x * y * y, label="atanh′", domain=(UNIT,),
    expand=lambda x: 1.0 / (nonnegative(1.0 - x) * nonnegative(1.0 + x)),
    doc="1/((1−x)(1+x)), the slope of artanh.")  # fmt: skip

# ---------------------------------------------------------------- the bell curve and its integrals


def _split(x: Any) -> tuple[Any, Any]:
    """x as the sum of two numbers of 26 bits, whose products are exact (Veltkamp 1968)."""
    scaled = 134217729.0 * x
    high = scaled - (scaled - x)
    return high, x - high


def _falling_bell(x: Any, k: Any) -> tuple[Any, Any]:
    """exp(−k x²) as two factors: what stands between them keeps its digits where the result is subnormal."""
    x = clip(x, -40.0, 40.0)
    high, low = _split(x)
    far = k * x * x > 600.0
    e = exp(where(far, 64.0, 0.0) - k * high * high)
    return e + e * expm1(-k * low * (high + (high + low))), where(far, 1.603810890548638e-28, 1.0)  # exp(−64)


def _bell(x: Any, k: Any) -> Any:
    e, unit = _falling_bell(x, k)
    return e * unit


def _bell_slope(x: Any, k: Any) -> Any:
    e, unit = _falling_bell(x, k)
    return -2.0 * k * clip(x, -40.0, 40.0) * e * unit


def _bell_bend(x: Any, k: Any) -> Any:
    """4k²x² − 2k times the bell."""
    e, unit = _falling_bell(x, k)
    a = clip(x, -40.0, 40.0)
    return 2.0 * k * (2.0 * k * a * a - 1.0) * e * unit


def _half_integral(x: Any) -> Any:
    """½ erfc(−x/√2) with x/√2 in double-double precision; otherwise the tail has an error of x² ulp."""
    x = clip(x, -40.0, 40.0)
    z = x * ROOT_HALF
    (xh, xl), (ch, cl) = _split(x), (0.7071067839860916, -2.7995440410322203e-09)
    rest = ((xh * ch - z) + xh * cl + xl * ch) + xl * cl + x * ROOT_HALF_LOW
    return 0.5 * erfc(-z) + 0.5 * TWO_OVER_ROOT_PI * bell(z, 1.0) * rest


bell = primitive("bell", None, lambda x, k, y: (dbell(x, k), NO_FLOW), arity=2, label="e^−kx²",
    domain=(REALS, (0.5, 1.0)), static=(1,), expand=_bell,
    doc="exp(−k x²) for k = ½ or 1, with x² carried exactly.")  # fmt: skip
dbell: Primitive = primitive("dbell", None, lambda x, k, y: (_bell_bend(x, k), NO_FLOW), arity=2, label="−2kx·e^−kx²",
    domain=(REALS, (0.5, 1.0)), static=(1,), expand=_bell_slope,
    doc="−2kx exp(−k x²), the slope of bell.")  # fmt: skip
erf = primitive("erf", ieee.erf, lambda x, y: TWO_OVER_ROOT_PI * bell(x, 1.0),
    doc="The error function; derivative 2/√π · exp(−x²).")  # fmt: skip
erfc = primitive("erfc", ieee.erfc, lambda x, y: -TWO_OVER_ROOT_PI * bell(x, 1.0),
    doc="1 − erf x, accurate in the tail; derivative −2/√π · exp(−x²).")  # fmt: skip
normal_cdf = primitive("normal_cdf", None, lambda x, y: ONE_OVER_ROOT_TWO_PI * bell(x, 0.5), label="Φ",
    expand=_half_integral, doc="Φ(x), the normal distribution function; derivative exp(−x²/2)/√(2π).")  # fmt: skip

# ---------------------------------------------------------------- the gamma function
# Chebyshev fits to 50 digits, the highest power first; ψ has its root in two parts.

LGAMMA_1 = (
    0.21762817640022097, -0.22471180158915516, -0.14857260899606312, 0.1528715168258553, 0.14011729595820724,
    -0.14497971020532596, 0.01333577663873192, -0.014509338086091672, 0.057003000096539545, -0.059850048562680856,
    0.054501409023364235, -0.057737256640806416, 0.0626116167474043, -0.06678275881746833, 0.07142491150665906,
    -0.07692423568567124, 0.08335423437020126, -0.09095442301348973, 0.10009944506030896, -0.1113342530365414,
    0.1255096697597847, -0.14404989701106719, 0.16955717699509998, -0.2073855510262953, 0.2705808084277935,
    -0.4006856343865406, 0.8224670334241132, -0.5772156649015329,
)  # fmt: skip
"""ln Γ(1 + z)/z on [−½, ½]."""
LGAMMA_2 = (
    2.7475390051909663e-07, -5.811277768921246e-07, 9.242852225162277e-07, -1.9743106888421067e-06,
    4.3828545383846665e-06, -9.45628851510172e-06, 2.050601970174762e-05, -4.4923727564247656e-05,
    9.945761692157133e-05, -0.00022315497746292723, 0.0005096695196526673, -0.0011927539009983087,
    0.002890510330865901, -0.007385551028935545, 0.02058080842778338, -0.06735230105319563, 0.3224670334241132,
    0.42278433509846713,
)  # fmt: skip
"""ln Γ(2 + z)/z on [−½, ½]."""
DIGAMMA_ROOT, DIGAMMA_ROOT_LOW = 1.4616321449683622, 9.549995429965697e-17
DIGAMMA = (
    -0.00017312261802727394, 0.00039917403499883605, -0.00040427587920188247, 0.000423302869727366,
    -0.0006962303923862455, 0.0011003326985068057, -0.0015903256854484034, 0.0023017947243217925,
    -0.003367342597731564, 0.004927092544644749, -0.007204811717465386, 0.010538774679626108, -0.015424746562676783,
    0.02259764870569479, -0.033161127280363, 0.04880428816027699, -0.072199561238073, 0.10782405069118742,
    -0.16394270544259865, 0.25849976095565214, -0.4427631689835915, 0.9676722454476212,
)  # fmt: skip
"""ψ(x)/(x − root) in x − root, on [1, 2]."""
BERNOULLI = (
    1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798, -174611 / 330, 854513 / 138,
)  # fmt: skip
"""B₂, B₄, B₆…"""
STIRLING = 10.0
"""Above it the asymptotic series have 17 digits; below, Γ(x + 1) = x Γ(x) shifts x there or to [1, 2.5]."""


def _horner(coefficients: Sequence[float], x: Any) -> Any:
    """The polynomial with these coefficients, the highest power first."""
    out: Any = coefficients[0]
    for c in coefficients[1:]:
        out = out * x + c
    return out


def _off_whole(x: Any) -> Any:
    """x minus the nearest whole number where x < 0, else ½: gives |sin πx|."""
    return where(x < 0.0, x - round(x), 0.5)


def _lgamma(x: Any) -> Any:
    size = magnitude(x)
    y, product = minimum(size, STIRLING), 1.0
    for _ in range(8):
        lower = where(y >= 2.5, y - 1.0, y)
        product, y = where(y >= 2.5, product * lower, product), lower
    z = where(size < 0.5, x, y - 1.0)
    near = where(y < 1.5, z * _horner(LGAMMA_1, z), (y - 2.0) * _horner(LGAMMA_2, y - 2.0))
    middle = near + where(size < 0.5, -log(size), log(product))
    a = maximum(size, STIRLING)
    rest = _horner([b / (2 * k * (2 * k - 1)) for k, b in enumerate(BERNOULLI, 1)][::-1], 1.0 / a / a) / a
    right = where(size < STIRLING, middle, (a - 0.5) * (log(a) - 1.0) + (0.4189385332046727 + rest))
    left = log(math.pi / size / magnitude(sin(math.pi * _off_whole(x)))) - right
    return where(size == inf, inf, where(x < -0.5, left, right))


def _digamma(x: Any) -> Any:
    u = where(x < 0.0, 1.0 - x, x)
    y, sum = minimum(u, STIRLING), 0.0
    for _ in range(8):
        lower = where(y >= 2.0, y - 1.0, y)
        sum, y = where(y >= 2.0, sum + 1.0 / lower, sum), lower
    small = y < 1.0
    d = (where(small, y + 1.0, y) - DIGAMMA_ROOT) - DIGAMMA_ROOT_LOW
    near = d * _horner(DIGAMMA, d) + where(small, -1.0 / y, sum)
    a = maximum(u, STIRLING)
    square = 1.0 / a / a
    far = log(a) - (0.5 / a + square * _horner([b / (2 * k) for k, b in enumerate(BERNOULLI, 1)][::-1], square))
    right = where(u < STIRLING, near, far)
    rest = _off_whole(x)
    return where(x < 0.0, where(rest == 0.0, nan, right - math.pi / tan(math.pi * rest)), right)


def _polygamma(x: Any, n: float) -> Any:
    """(−1)ⁿ⁺¹ n! Σ 1/(x + k)ⁿ⁺¹, the sum from 10 on by Euler and Maclaurin; left of 0 by reflection."""
    if n < 1.0 or n != math.floor(n):
        raise ValueError(f"polygamma: the order is {n:g}; a whole number from 1 on is needed (digamma is of order 0)")
    n = math.floor(n)
    sign, factorial = (-1.0) ** (n + 1), float(math.factorial(n))
    u = where(x < 0.0, 1.0 - x, x)
    a = where(u < STIRLING, u + STIRLING, u)
    scales = [b * math.factorial(2 * k + n - 1) / math.factorial(2 * k) for k, b in enumerate(BERNOULLI, 1)]
    rest = 0.5 * factorial / a + _horner(scales[::-1], 1.0 / a / a) / a / a
    sum = _over_powers(factorial / n + rest, a, n)
    for k in range(9, -1, -1):
        sum = sum + where(u < STIRLING, _over_powers(factorial, u + float(k), n + 1), 0.0)
    angle = math.pi * _off_whole(x)
    s, c = sin(angle), cos(angle)
    if n == 1:
        left = math.pi * math.pi / s / s - sum
    elif n == 2:
        left = -2.0 * math.pi**3 * c / s / s / s - sum
    else:
        left = 2.0 * math.pi**4 * (1.0 + 2.0 * c * c) / s / s / s / s - sum if n == 3 else nan * x
    return where(x < 0.0, left, sign * sum)


def _over_powers(a: Any, b: Any, n: int) -> Any:
    """a/bⁿ by n divisions, so that no power overflows."""
    for _ in range(n):
        a = a / b
    return a


lgamma = primitive("lgamma", None, lambda x, y: digamma(x), label="ln|Γ|", domain=(POSITIVE,), expand=_lgamma,
    doc="ln |Γ(x)|, inf at 0, −1, −2…; derivative ψ(x). For x < 0 at most four derivatives.")  # fmt: skip
digamma: Primitive = primitive("digamma", None, lambda x, y: polygamma(x, 1.0), label="ψ", domain=(POSITIVE,),
    expand=_digamma, doc="ψ(x) = Γ′(x)/Γ(x), nan at −1, −2…; derivative polygamma(x, 1).")  # fmt: skip
polygamma: Primitive = primitive("polygamma", None, lambda x, n, y: (polygamma(x, n + 1.0), NO_FLOW), arity=2,
    label="ψ⁽ⁿ⁾", domain=(POSITIVE, (1.0, 2.0)), static=(1,), expand=_polygamma,
    doc="ψ⁽ⁿ⁾(x) for a whole n ≥ 1; nan for x < 0 and n > 3.")  # fmt: skip

# ---------------------------------------------------------------- activations


def _logistic(x: Any) -> Any:
    """σ(x), with an exponential of at most 1."""
    e = exp(-magnitude(x))
    return where(x >= 0.0, 1.0, e) / (1.0 + e)


sigmoid = primitive("sigmoid", None, lambda x, y: dsigmoid(x), label="σ", expand=_logistic,
    doc="1/(1 + e⁻ˣ); derivative σ(x)σ(−x), computed as e/(1+e)² with e = exp(−|x|).")  # fmt: skip
dsigmoid: Primitive = primitive("dsigmoid", None, lambda x, y: -y * tanh(0.5 * x), label="σ′",
    expand=lambda x: _bump(exp(-magnitude(x))), doc="σ(x)σ(−x), the slope of the sigmoid.")  # fmt: skip
log_sigmoid = primitive("log_sigmoid", None, lambda x, y: sigmoid(-x), label="ln σ",
    expand=lambda x: minimum(x, 0.0) - log1p(exp(-magnitude(x))),
    doc="ln σ(x) = −ln(1 + e⁻ˣ) without overflow; derivative σ(−x).")  # fmt: skip
logit = primitive("logit", None, lambda p, y: dlogit(p), domain=((0.0, 1.0),),
    expand=lambda p: where(magnitude(p - 0.5) < 0.25, 2.0 * atanh(2.0 * p - 1.0), log(p / (1.0 - p))),
    doc="ln(p/(1 − p)), the inverse of σ; derivative 1/(p(1 − p)), inf at 0 and 1, nan outside.")  # fmt: skip
dlogit: Primitive = primitive("dlogit", None, lambda p, y: (2.0 * p - 1.0) * y * y, label="logit′",
    domain=((0.0, 1.0),), expand=lambda p: 1.0 / nonnegative(p) / nonnegative(1.0 - p),
    doc="1/(p(1 − p)), the slope of logit.")  # fmt: skip
softplus = primitive("softplus", None, lambda x, y: sigmoid(x),
    expand=lambda x: maximum(x, 0.0) + log1p(exp(-magnitude(x))),
    doc="ln(1 + eˣ) without overflow; derivative σ(x).")  # fmt: skip


def _falling(a: Any) -> tuple[Any, Any]:
    """exp(−a) as two factors: numbers multiplied between them keep their digits where the result is subnormal."""
    far = a > 700.0
    return exp(where(far, 64.0 - a, -a)), where(far, 1.603810890548638e-28, 1.0)  # exp(−64)


def _silu(x: Any) -> Any:
    e, unit = _falling(magnitude(x))
    return where(x >= 0.0, x / (1.0 + e), clip(x, -900.0, 0.0) * e / (1.0 + e) * unit)


def _silu_slope(x: Any) -> Any:
    """σ(x) (1 + x σ(−x)); for x < 0 relative to its root r, where 1 + x + eˣ = (x − r) + eʳ (eˣ⁻ʳ − 1)."""
    x = clip(x, -900.0, 900.0)
    e, unit = _falling(magnitude(x))
    d = (x + 1.2784645427610737) + 1.0946994183093437e-16  # −r in two parts
    left = e * (d + 0.2784645427610738 * expm1(minimum(d, 2.0)))
    return where(x >= 0.0, 1.0 + (e + x * e), left) / ((1.0 + e) * (1.0 + e)) * where(x >= 0.0, 1.0, unit)


def _silu_bend(x: Any) -> Any:
    """σ′(x) (2 − x tanh(x/2)), near its root r in |x| in the same way."""
    a = minimum(magnitude(x), 900.0)
    e, unit = _falling(a)
    d = (a - 2.3993572805154675) - 1.8464872855353363e-16
    rest = 0.39935728051546765 * expm1(-d) - d * (1.0 - 0.0907762782268676 * exp(-d))  # (r − 2), e⁻ʳ
    return e * rest / ((1.0 + e) * (1.0 + e) * (1.0 + e)) * unit


silu = primitive("silu", None, lambda x, y: dsilu(x), expand=_silu,
    doc="x σ(x); derivative σ(x) + x σ′(x).")  # fmt: skip
dsilu: Primitive = primitive("dsilu", None, lambda x, y: _silu_bend(x), label="silu′", expand=_silu_slope,
    doc="σ(x) + x σ′(x), the slope of silu, to full precision at its root too.")  # fmt: skip

GELU_TAIL = (2027025.0, -135135.0, 10395.0, -945.0, 105.0, -15.0, 3.0, -1.0, 1.0)
"""−x Φ(x)/φ(x) far to the left, in 1/x²: 1, −1, 1·3, −1·3·5…"""
GELU_SLOPE = (
    2.6012138447923164e-10, 1.8250107871256066e-09, -1.60074193733232e-09, -3.547033542104569e-08,
    -1.4610980118800859e-09, 5.703159797067753e-07, 4.3279093792921876e-07, -7.748482233299826e-06,
    -1.1214368164446346e-05, 8.615948403262722e-05, 0.00018633974462633755, -0.0007448268394513691,
    -0.0022395380679472686, 0.004539228379186277, 0.019421679838183614, -0.014771522148246695, -0.1140082332972216,
    -0.018199676398671052, 0.388284982990552, 0.4314939923140469,
)  # fmt: skip
"""(Φ(x) + x φ(x))/(x − r) around its root r, in x − r on [−0.8, 0.6]: a Chebyshev fit to 50 digits."""


def _gelu(x: Any) -> Any:
    e, unit = _falling_bell(x, 0.5)
    a = minimum(x, -30.0)
    tail = -ONE_OVER_ROOT_TWO_PI * _horner(GELU_TAIL, 1.0 / a / a) * e * unit
    return where(x < -30.0, tail, maximum(x, -40.0) * normal_cdf(x))


def _gelu_slope(x: Any) -> Any:
    """Φ(x) + x φ(x); around its root from there, far to the left without subnormal terms."""
    e, unit = _falling_bell(x, 0.5)
    a = clip(x, -40.0, -30.0)
    tail = ONE_OVER_ROOT_TWO_PI * (a - _horner(GELU_TAIL, 1.0 / a / a) / a) * e * unit
    d = (x + 0.7517915246935645) - 1.4956759177009883e-17  # −r in two parts
    near = d * _horner(GELU_SLOPE, clip(d, -0.8, 0.6))
    sum = normal_cdf(x) + ONE_OVER_ROOT_TWO_PI * clip(x, -40.0, 40.0) * bell(x, 0.5)
    return where(x < -30.0, tail, where(magnitude(d + 0.1) < 0.7, near, sum))


def _gelu_bend(x: Any) -> Any:
    """φ(x) (2 − x²)."""
    e, unit = _falling_bell(x, 0.5)
    return ONE_OVER_ROOT_TWO_PI * e * _two_less_square(x) * unit


gelu = primitive("gelu", None, lambda x, y: dgelu(x), expand=_gelu,
    doc="x Φ(x), exact (no tanh approximation); derivative Φ(x) + x φ(x).")  # fmt: skip
dgelu: Primitive = primitive("dgelu", None, lambda x, y: _gelu_bend(x), label="gelu′", expand=_gelu_slope,
    doc="Φ(x) + x φ(x), the slope of gelu, to full precision at its root too; derivative φ(x) (2 − x²).")  # fmt: skip


def _two_less_square(x: Any) -> Any:
    """2 − x² with x² carried exactly, for the roots ±√2."""
    x = clip(x, -40.0, 40.0)
    high, low = _split(x)
    return ((2.0 - high * high) - 2.0 * high * low) - low * low


relu = primitive("relu", lambda x: 0.0 if x <= 0.0 else x,
    lambda x, y: where(x <= 0.0, NO_FLOW, where(x > 0.0, 1.0, nan * x)), expand=lambda x: maximum(x, 0.0),
    doc="max(x, 0); derivative 1 for x > 0, else 0, also at the kink.")  # fmt: skip


def _kink(slope: Any) -> Any:
    """The number of least norm between the left slope and the right slope 1; NO_FLOW for 0."""
    return where(slope <= 0.0, NO_FLOW, minimum(slope, 1.0))


leaky_relu = primitive(
    "leaky_relu", lambda x, slope: x if x > 0.0 else slope * x,
    lambda x, slope, y: (
        where(x > 0.0, 1.0, where(x < 0.0, where(slope == 0.0, NO_FLOW, slope), where(x == 0.0, _kink(slope), nan))),
        where(x > 0.0, NO_FLOW, minimum(x, 0.0)),
    ),
    arity=2, defaults=(0.01,), domain=(REALS, (0.0, 1.0)),
    expand=lambda x, slope: where(x > 0.0, x, slope * x),
    doc="x for x > 0, else slope·x (default 0.01); derivative 1 or slope, at the kink the smaller.",
)  # fmt: skip


def _left(alpha: Any, slope: Any) -> Any:
    """α·slope, the derivative left of the kink; NO_FLOW where α is 0."""
    return where(alpha == 0.0, NO_FLOW, alpha * slope)


elu = primitive(
    "elu", None,
    lambda x, alpha, y: (
        where(x > 0.0, 1.0, where(x == 0.0, _kink(alpha), where(x == x, _left(alpha, exp(x)), nan))),
        where(x > 0.0, NO_FLOW, expm1(minimum(x, 0.0))),
    ),
    arity=2, defaults=(1.0,), domain=(REALS, (0.5, 2.0)),
    expand=lambda x, alpha: where(x > 0.0, x, alpha * expm1(x)),
    doc="x for x > 0, else α(eˣ − 1) (default α = 1); derivative 1 or α eˣ, at the kink the smaller of 1 and α.",
)  # fmt: skip


def _exp_difference(a: Any, b: Any) -> Any:
    """exp(a − b), corrected for the rounding error of a − b (Knuth's two-sum)."""
    d = where(a == b, 0.0, a - b)  # 0 also where both are the same infinity
    back = a - d
    rest = (a - (d + back)) + (back - b)
    return exp(d) * where(magnitude(rest) < 1.0, 1.0 + rest, 1.0)


logaddexp = primitive("logaddexp", None, lambda a, b, out: (share(a, b), share(b, a)), arity=2,
    expand=lambda a, b: maximum(a, b) + log1p(exp(-magnitude(where(a == b, 0.0, a - b)))),
    doc="ln(eᵃ + eᵇ) without overflow; partials eᵃ/(eᵃ+eᵇ), eᵇ/(eᵃ+eᵇ).")  # fmt: skip
share: Primitive = primitive("share", None, lambda a, b, out: (out * share(b, a), -out * share(b, a)), arity=2,
    label="eᵃ/(eᵃ+eᵇ)", expand=lambda a, b: _share(a, b, _exp_difference(minimum(a, b), maximum(a, b))),
    doc="eᵃ/(eᵃ + eᵇ) = σ(a − b), to full precision.")  # fmt: skip


def _share(a: Any, b: Any, e: Any) -> Any:
    return where(a >= b, 1.0, e) / (1.0 + e)


# ---------------------------------------------------------------- many arguments


def _sequence(name: str) -> Any:
    @named("values")
    def flatten(*args: Any) -> tuple[Any, ...]:
        if len(args) != 1 or isinstance(args[0], (str, bytes)) or not hasattr(args[0], "__iter__"):
            raise TypeError(f"{name} takes one sequence of numbers or Values, got {len(args)} argument(s)")
        flat = tuple(args[0])
        if not flat and name != "total":
            raise ValueError(f"{name} of an empty sequence is undefined; give at least one number")
        return flat

    return flatten


@named("weights", "inputs", "bias")
def _affine_parents(*args: Any) -> tuple[Any, ...]:
    if len(args) != 3:
        raise TypeError(f"affine takes weights, inputs and bias, got {len(args)} argument(s)")
    for what, given in (("weights", args[0]), ("inputs", args[1])):
        if isinstance(given, str) or not (hasattr(given, "__iter__") or hasattr(given, "__getitem__")):
            raise TypeError(f"affine: {what} is a {type(given).__name__}; a list of numbers or Values is needed")
    weights, inputs = tuple(args[0]), tuple(args[1])
    if len(weights) != len(inputs):
        raise ValueError(f"affine needs one weight per input, got {len(weights)} weights and {len(inputs)} inputs")
    return (*weights, *inputs, args[2])


def _affine(*args: Any) -> Any:
    n = len(args) // 2
    out = args[-1]
    for weight, x in zip(args[:n], args[n:-1], strict=True):
        out = out + weight * x
    return out


def _affine_partials(args: Any, out: Any) -> tuple[Any, ...]:
    n = len(args) // 2
    return (*args[n:-1], *args[:n], 1.0)


def _sum(*xs: Any) -> Any:
    """The sum from left to right; all engines add in this order."""
    if not xs:
        return 0.0
    out = xs[0]
    for x in xs[1:]:
        out = out + x
    return out


def _exponentials(xs: tuple[Any, ...]) -> tuple[Any, list[Any], Any]:
    """Return m = max x, every exp(x − m), and Σ exp(x − m) − 1 without its rounding error."""
    m = xs[0]
    for x in xs[1:]:
        m = maximum(m, x)
    terms = [_exp_difference(x, m) for x in xs]
    ties = _sum(*(where(x == m, 1.0, 0.0) for x in xs)) - 1.0
    return m, terms, ties + _sum(*(where(x == m, 0.0, term) for x, term in zip(xs, terms, strict=True)))


def _logsumexp(*xs: Any) -> Any:
    m, _, excess = _exponentials(xs)
    return m + log1p(excess)


def _softmax(*xs: Any) -> tuple[Any, ...]:
    _, terms, excess = _exponentials(xs)
    return tuple(term / (1.0 + excess) for term in terms)


def _log_softmax(*xs: Any) -> tuple[Any, ...]:
    m, _, excess = _exponentials(xs)
    return tuple(where(x == m, 0.0, x - m) - log1p(excess) for x in xs)


def _before(terms: Sequence[Any]) -> list[Any]:
    """For each term the sum of the terms before it; a None is no term, and the empty sum is None."""
    sums: list[Any] = []
    so_far = None
    for term in terms:
        sums.append(so_far)
        so_far = _plus(so_far, term)
    return sums


def _plus(a: Any, b: Any) -> Any:
    return b if a is None else a if b is None else a + b


def _others(terms: Sequence[Any]) -> list[Any]:
    """For each term the sum of all others, in linear time and without subtraction, which could cancel digits."""
    return [_plus(a, b) for a, b in zip(_before(terms), reversed(_before(terms[::-1])), strict=True)]


def _rest(shares: Sequence[Any]) -> list[Any]:
    """1 − sᵢ for each share."""
    return [complement(s, 0.0 if other is None else other) for s, other in zip(shares, _others(shares), strict=True)]


def _minus(a: Any, b: Any) -> Any:
    return a if b is None else -b if a is None else a - b


def _times(a: Any, b: Any) -> Any:
    return None if a is None or b is None else a * b


def _softmax_pull_back(xs: Any, shares: Any, adjoints: Any) -> list[Any]:
    """ḡⱼ ↦ sⱼ (ḡⱼ (1 − sⱼ) − Σ over the others of sₖ ḡₖ)."""
    others = _others([_times(s, g) for s, g in zip(shares, adjoints, strict=True)])
    own = [_times(g, rest) for g, rest in zip(adjoints, _rest(shares), strict=True)]
    return [_times(s, _minus(a, b)) for s, a, b in zip(shares, own, others, strict=True)]


def _log_softmax_pull_back(xs: Any, outs: Any, adjoints: Any) -> list[Any]:
    """ḡⱼ ↦ ḡⱼ (1 − sⱼ) − sⱼ Σ over the others of ḡₖ, with s = softmax(x)."""
    shares = softmax(xs)
    own = [_times(g, rest) for g, rest in zip(adjoints, _rest(shares), strict=True)]
    others = [_times(s, other) for s, other in zip(shares, _others(adjoints), strict=True)]
    return [_minus(a, b) for a, b in zip(own, others, strict=True)]


@named("values", "index")
def _take_parents(*args: Any) -> tuple[Any, ...]:
    if len(args) != 2 or isinstance(args[0], (str, bytes)) or not hasattr(args[0], "__iter__"):
        raise TypeError(f"take takes a sequence of numbers or Values and an index, got {len(args)} argument(s)")
    values = tuple(args[0])
    if not values:
        raise ValueError("take from an empty sequence is undefined; give at least one number")
    return (*values, args[1])


def _take(*args: float) -> float:
    *values, index = args
    if not -len(values) <= index < len(values) or index != math.floor(index):
        raise IndexError(
            f"take: index {index:g} is not one of {len(values)} values; whole numbers from {-len(values)} to "
            f"{len(values) - 1} are legal"
        )
    return values[int(index)]


def _from_start(args: Any) -> Any:
    return where(args[-1] < 0.0, args[-1] + (len(args) - 1.0), args[-1])


def _chosen(*args: Any) -> Any:
    place, out = _from_start(args), nan
    for k, each in enumerate(args[:-1]):
        out = where(place == float(k), each, out)
    return out


def _take_partials(args: Any, out: Any) -> tuple[Any, ...]:
    place = _from_start(args)
    return (*(where(place == float(k), 1.0, NO_FLOW) for k in range(len(args) - 1)), NO_FLOW)


total = cast(Reduction, primitive("total", _sum, lambda xs, out: (1.0,) * len(xs), arity=None, label="Σ", expand=_sum,
    flatten=_sequence("total"), doc="x₁ + … + xₙ, from left to right; every partial 1."))  # fmt: skip
affine = cast(Reduction, primitive("affine", _affine, _affine_partials, arity=None, label="Affine", expand=_affine,
    flatten=_affine_parents,
    doc="b + w₁x₁ + … + wₙxₙ as one node with 2n+1 parents (weights, inputs, bias); "
        "partials x for a weight, w for an input, 1 for the bias."))  # fmt: skip
complement = primitive("complement", None, (-1.0, NO_FLOW), arity=2, label="1−s", domain=(UNIT, UNIT),
    expand=lambda s, others: (s - s) + others,
    doc="1 − s, given as the sum of the other shares; partials −1 and 0.")  # fmt: skip
logsumexp = cast(Reduction, primitive("logsumexp", None, lambda xs, out: tuple(softmax(xs)), arity=None,
    expand=_logsumexp, flatten=_sequence("logsumexp"),
    doc="ln Σ exp xᵢ without overflow; partials softmax(x)."))  # fmt: skip
take = cast(Reduction, primitive("take", _take, _take_partials, arity=None, label="[·]", expand=_chosen,
    flatten=_take_parents,
    doc="values[index] for a whole number, which may be a Value; a negative index counts from the end. The "
        "adjoint flows to that value. IndexError for another number; in a compiled program nan."))  # fmt: skip
softmax: Several = cast(Several, primitive("softmax", None, arity=None, expand=_softmax, outputs=True,
    flatten=_sequence("softmax"), pull_back=_softmax_pull_back,
    doc="exp xᵢ / Σ exp xⱼ, a list of n numbers that sum to 1; partials sᵢ(δᵢⱼ − sⱼ)."))  # fmt: skip
log_softmax = cast(Several, primitive("log_softmax", None, arity=None, expand=_log_softmax, outputs=True,
    flatten=_sequence("log_softmax"), pull_back=_log_softmax_pull_back,
    doc="ln softmax(x), a list of n numbers; partials δᵢⱼ − softmax(x)ⱼ."))  # fmt: skip

bind_floats(globals())
