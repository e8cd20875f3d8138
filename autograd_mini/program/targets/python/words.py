"""What the rows are called in Python, and numbers as its text."""

from __future__ import annotations

import math

__all__ = ["WORDS", "literal"]

WORDS = {
    "less": "{0} < {1}", "less_equal": "{0} <= {1}", "equal": "{0} == {1}", "not_equal": "{0} != {1}",
    "logical_and": "{0} and {1}", "logical_or": "{0} or {1}", "logical_not": "not {0}", "where": "{1} if {0} else {2}",
    "add": "{0} + {1}", "sub": "{0} - {1}", "mul": "{0} * {1}", "div": "{0} / {1}", "neg": "-{0}", "floor": "floor",
    "ceil": "ceil", "round": "rint", "trunc": "trunc",
    "fmod": "fmod", "mod": "mod", "floordiv": "floordiv", "round_to": "round_to",
    "abs": "abs({0})", "maximum": "maximum", "minimum": "minimum", "exp": "exp",
    "exp2": "exp2", "expm1": "expm1", "log": "log", "log2": "log2", "log10": "log10", "log1p": "log1p", "sqrt": "sqrt",
    "cbrt": "cbrt", "pow": "power", "power": "power", "hypot": "hypot", "sin": "sin", "cos": "cos", "tan": "tan",
    "asin": "asin", "acos": "acos", "atan": "atan", "atan2": "atan2", "sinh": "sinh", "cosh": "cosh", "tanh": "tanh",
    "asinh": "asinh", "acosh": "acosh", "atanh": "atanh", "erf": "erf", "erfc": "erfc",
}  # fmt: skip
"""Operators, and functions of ``math`` and ``ieee.py`` by their names."""


def literal(number: float) -> str:
    """Return a float as Python text."""
    if number != number:
        return "nan"
    if math.isinf(number):
        return "inf" if number > 0 else "(-inf)"
    return repr(number) if math.copysign(1.0, number) > 0 else f"({number!r})"
