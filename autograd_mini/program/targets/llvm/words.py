"""Row → LLVM code: instructions, intrinsic functions (llvm.…), and functions of C's maths library."""

from __future__ import annotations

from autograd_mini.primitives.row import Primitive

__all__ = ["NAME", "WORDS", "word"]

NAME = "llvm"
WORDS = {
    "less": "fcmp <", "less_equal": "fcmp <=", "equal": "fcmp ==", "not_equal": "fcmp !=", "logical_and": "and",
    "logical_or": "or", "logical_not": "not", "where": "select", "add": "fadd", "sub": "fsub", "mul": "fmul",
    "div": "fdiv", "neg": "fneg", "floor": "llvm.floor", "ceil": "llvm.ceil", "round": "llvm.nearbyint",
    "trunc": "llvm.trunc", "fmod": "fmod",
    "abs": "llvm.fabs", "maximum": "llvm.maximum", "minimum": "llvm.minimum", "exp": "exp", "exp2": "exp2",
    "expm1": "expm1", "log": "log", "log2": "log2", "log10": "log10", "log1p": "log1p", "sqrt": "llvm.sqrt",
    "cbrt": "cbrt", "pow": "pow", "power": "pow", "hypot": "hypot", "sin": "sin", "cos": "cos", "tan": "tan",
    "asin": "asin", "acos": "acos", "atan": "atan", "atan2": "atan2", "sinh": "sinh", "cosh": "cosh", "tanh": "tanh",
    "asinh": "asinh", "acosh": "acosh", "atanh": "atanh", "erf": "erf", "erfc": "erfc",
}  # fmt: skip


def word(row: Primitive) -> str | None:
    """Return the code of a row: the user's, else the one here, else None."""
    return row.spellings.get(NAME, WORDS.get(row.name))
