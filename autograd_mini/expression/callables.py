"""What a formula may call: operators, comparisons, constants, and the functions of the table."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

from autograd_mini.primitives import table as table
from autograd_mini.primitives.registry import PRIMITIVES
from autograd_mini.primitives.row import Primitive

__all__ = ["BINARY", "COMPARISONS", "CONSTANTS", "SYNONYMS", "all_of", "any_of", "chain", "named_functions", "power"]

CONSTANTS = {"pi": math.pi, "e": math.e, "tau": math.tau, "inf": math.inf, "nan": math.nan}
SYNONYMS = {"max": "maximum", "min": "minimum", "sum": "total", "ln": "log", "pow": "power"}


def divide(a: Any, b: Any) -> Any:
    """Return a / b; two floats are divided by IEEE 754."""
    return table.div(a, b) if a.__class__ is float and b.__class__ is float else a / b


def power(a: Any, b: Any) -> Any:
    """Return a ** b; of two floats by IEEE 754."""
    return table.pow(a, b) if a.__class__ is float and b.__class__ is float else a**b


BINARY: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: divide,
    ast.Pow: power,
}
COMPARISONS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


def chain(operators: Sequence[Callable[[Any, Any], Any]]) -> Callable[..., Any]:
    """Return a < b < c as one function of its operands."""

    def compare(*operands: Any) -> Any:
        return all_of(*(test(a, b) for test, a, b in zip(operators, operands, operands[1:], strict=False)))

    return compare


def all_of(first: Any, *others: Any) -> Any:
    """Return the logical and of truth values."""
    for other in others:
        first = table.logical_and(first, other)
    return first


def any_of(first: Any, *others: Any) -> Any:
    """Return the logical or of truth values."""
    for other in others:
        first = table.logical_or(first, other)
    return first


REFUSED = (table.complement, table.dpow, table.polygamma, table.take)


def named_functions() -> dict[str, Primitive]:
    """Return the functions that a formula may call: the rows of the table by name and alias.

    Excluded are truth values, and rows that accept only certain arguments: those of ``complement``
    sum to 1, the orders of ``dpow`` and ``polygamma`` are whole numbers, ``take`` needs an index.
    """
    rows = [row for row in PRIMITIVES.values() if not (row.boolean or row in REFUSED)]
    named = {name: row for row in rows for name in (row.name, *row.aliases)}
    return {**{name: named[target] for name, target in SYNONYMS.items()}, **named, "pow": named["power"]}
