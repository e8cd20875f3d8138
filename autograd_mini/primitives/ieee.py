"""The real functions of ``math``, made total: IEEE 754 results instead of exceptions.

Python's ``math`` raises where the standard defines a result: log(0) is -inf, exp(1000) is inf,
log(-1) is nan. Each function here calls ``math`` first, which is fast, and returns the standard's
result where that raises. This file uses only the standard library, so that a compiled Python
program can include its source.
"""

import math
from collections.abc import Callable

inf, nan = math.inf, math.nan


def total(function: Callable[[float], float], at_fault: Callable[[float], float]) -> Callable[[float], float]:
    """Return ``function``, with ``at_fault(x)`` as the result where it raises."""

    def ieee(x: float) -> float:
        try:
            return function(x)
        except (ArithmeticError, ValueError):
            return at_fault(x)

    ieee.__name__ = ieee.__qualname__ = function.__name__
    return ieee


def never(x: float) -> float:
    """The result outside the domain: nan."""
    return nan


def above(x: float) -> float:
    """The result where an even or one-sided function overflows: inf."""
    return inf


def below_zero(x: float) -> float:
    """The result of a logarithm where it raises: -inf at 0, else nan."""
    return -inf if x == 0.0 else nan


exp = total(math.exp, above)
exp2 = total(math.exp2, above)
expm1 = total(math.expm1, above)
log = total(math.log, below_zero)
log2 = total(math.log2, below_zero)
log10 = total(math.log10, below_zero)
log1p = total(math.log1p, lambda x: -inf if x == -1.0 else nan)
sqrt = total(math.sqrt, never)
sin = total(math.sin, never)
cos = total(math.cos, never)
tan = total(math.tan, never)
asin = total(math.asin, never)
acos = total(math.acos, never)
sinh = total(math.sinh, lambda x: math.copysign(inf, x))
cosh = total(math.cosh, above)
acosh = total(math.acosh, never)
atanh = total(math.atanh, lambda x: math.copysign(inf, x) if abs(x) == 1.0 else nan)
hypot, erf, erfc = math.hypot, math.erf, math.erfc
atan, atan2, tanh, asinh = math.atan, math.atan2, math.tanh, math.asinh


def cbrt(x: float) -> float:
    """The cube root within 1 ulp: one Newton step corrects C libraries with errors of 4 ulp."""
    y = math.cbrt(x)
    return y - (y - x / (y * y)) / 3.0 if 0.0 < abs(y) < inf else y


def integral(rounding: Callable[[float], int]) -> Callable[[float], float]:
    """Return ``rounding`` as float → float, keeping the sign of zero, infinities and nan."""

    def ieee(x: float) -> float:
        return math.copysign(rounding(x), x) if -4503599627370496.0 < x < 4503599627370496.0 else x

    ieee.__name__ = ieee.__qualname__ = rounding.__name__
    return ieee


floor, ceil, rint = integral(math.floor), integral(math.ceil), integral(round)
trunc = integral(math.trunc)


def divide(a: float, b: float) -> float:
    """a / b, with 1/0 = inf and 0/0 = nan."""
    try:
        return a / b
    except ZeroDivisionError:
        if a == 0.0 or a != a:
            return nan
        return math.copysign(inf, math.copysign(1.0, a) * math.copysign(1.0, b))


def fmod(x: float, y: float) -> float:
    """x − y·trunc(x/y), exactly; the sign is that of x. nan for an infinite x and for y = 0."""
    try:
        return math.fmod(x, y)
    except ValueError:
        return nan


def mod(x: float, y: float) -> float:
    """x − y·⌊x/y⌋; the sign is that of y. nan for an infinite x and for y = 0."""
    try:
        return x % y
    except ZeroDivisionError:
        return nan


def floordiv(x: float, y: float) -> float:
    """⌊x/y⌋; for y = 0 as x/y."""
    try:
        return x // y
    except ZeroDivisionError:
        return divide(x, y)


def round_to(x: float, digits: float) -> float:
    """x rounded to ``digits`` decimals, exact ties to even, as Python's round."""
    if x - x != 0.0:
        return x
    try:
        return round(x, int(digits))
    except OverflowError:
        return math.copysign(inf, x)


def power(x: float, y: float) -> float:
    """x ** y as C's pow: 0**-1 = inf, (-8)**(1/3) = nan, overflow to ±inf."""
    try:
        return math.pow(x, y)
    except (ArithmeticError, ValueError):
        if x < 0.0 and y != math.floor(y):
            return nan
        odd = abs(math.fmod(y, 2.0)) == 1.0
        return math.copysign(inf, x) if odd else inf


FIRST: dict[Callable[..., float], Callable[..., float]] = {
    **{f: getattr(math, f.__name__) for f in (exp, exp2, expm1, log, log2, log10, log1p, sqrt, sin, cos, tan)},
    **{f: getattr(math, f.__name__) for f in (asin, acos, sinh, cosh, acosh, atanh)},
    power: math.pow,
}
"""Function → what it calls first: the same result, or ArithmeticError or ValueError where the standard has another."""


def maximum(a: float, b: float) -> float:
    """The larger of a and b; nan where either is nan; +0 above -0."""
    if a > b or a != a:
        return a
    return a + b if a == b == 0.0 else b


def minimum(a: float, b: float) -> float:
    """The smaller of a and b; nan where either is nan; -0 below +0."""
    return -maximum(-a, -b)
