"""How NumPy says a block: a universal function into memory that is there already, and the n-ary rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from autograd_mini.primitives.row import Primitive
from autograd_mini.primitives.table import (
    log_softmax,
    logsumexp,
    maximum,
    minimum,
    power,
    softmax,
    step,
    total,
    where,
)

__all__ = ["NARY", "OWN", "elementwise", "reduction"]

FUNCTIONS = {
    "add": "np.add", "sub": "np.subtract", "mul": "np.multiply", "div": "np.divide", "neg": "np.negative",
    "less": "np.less", "less_equal": "np.less_equal", "equal": "np.equal", "not_equal": "np.not_equal",
    "logical_and": "np.logical_and", "logical_or": "np.logical_or", "logical_not": "np.logical_not",
}  # fmt: skip
"""Where the word of the numpy target is an operator, the function that writes into memory."""

OWN = {step: "np.heaviside({0}, 0.0, {1})"}
"""Rows that NumPy has whole, though the numpy target expands them."""

NARY = (total, logsumexp, softmax, log_softmax)
"""Rows that are said whole, beside ``affine``; other n-ary rows are expanded."""


def elementwise(row: Primitive, word: str, operands: list[str], out: str) -> Iterator[str]:
    """Yield the lines that write ``row`` of ``operands`` (names or numbers) into ``out``."""
    if row in OWN:
        yield OWN[row].format(*operands, out)
    elif row is where:
        condition, taken, other = operands
        yield f"np.copyto({out}, {other})"
        yield f"np.copyto({out}, {taken}, where={condition})"
    elif row in (maximum, minimum) and not _is_name(operands[1]):
        yield f"np.{row.name}({operands[0]}, {operands[1]}, out={out})"
        if operands[1] == "0.0" and row is maximum:
            yield f"np.add({out}, 0.0, {out})"  # −0 becomes +0, the larger of the two
        elif float(operands[1].strip("()").replace("np.", "")) == 0.0:
            yield f"{out}[...] = {word.format(*operands)}"
    elif row is power and operands[1] == "2.0":
        yield f"np.square({operands[0]}, {out})"
    elif row.name in FUNCTIONS or ("{" not in word and word.startswith("np.")):
        yield f"{FUNCTIONS.get(row.name, word)}({', '.join(operands)}, {out})"
    else:
        said = word.format(*operands) if "{" in word else f"{word}({', '.join(operands)})"
        yield f"{out}[...] = {said}"


def _is_name(operand: str) -> bool:
    return operand[0].isalpha() and not operand.startswith("np.")


def reduction(row: Primitive, x: str, out: str, buffer: Callable[[str, bool], str]) -> Iterator[str]:
    """Yield the lines for an n-ary row over axis 1 of ``x`` (count, width, …).

    ``buffer(dtype, reduced)`` names memory of the shape of x, or of that with axis 1 of length 1. The largest number m
    of a row is set apart: Σ exp(xᵢ − m) − 1 is summed without it, so that a small excess keeps its digits.
    """
    if row is total:
        yield f"np.add.reduce({x}, 1, None, {out})"
        return
    largest, ties, found = buffer("float64", True), buffer("float64", True), buffer("float64", False)
    at = buffer("bool", False)
    yield f"np.maximum.reduce({x}, 1, None, {largest}, True)"
    yield f"np.equal({x}, {largest}, {at})"
    yield f"np.subtract({x}, {largest}, {found})"
    yield f"np.copyto({found}, 0.0, where={at})"  # also where both are the same infinity
    if row is log_softmax:
        yield f"np.copyto({out}, {found})"
    yield f"np.exp({found}, {found})"
    if row is softmax:
        yield f"np.add.reduce({found}, 1, None, {largest}, True)"
        yield f"np.divide({found}, {largest}, {out})"
        return
    yield f"np.copyto({found}, 0.0, where={at})"
    yield f"np.add.reduce({at}, 1, 'float64', {ties}, True)"
    yield f"np.subtract({ties}, 1.0, {ties})"
    excess = buffer("float64", True)
    yield f"np.add.reduce({found}, 1, None, {excess}, True)"
    yield f"np.add({ties}, {excess}, {ties})"
    yield f"np.log1p({ties}, {ties})"
    if row is logsumexp:
        yield f"np.add({largest}[:, 0], {ties}[:, 0], {out})"
    else:
        yield f"np.subtract({out}, {ties}, {out})"
