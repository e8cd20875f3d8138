"""Losses: how far the outputs of one sample are from its target, as one Value.

Every loss is called ``loss(outputs, target)`` for one sample: outputs (n,) or one number, target
(n,) or one number. It is an ordinary function of Values; any other function of this form can be
used as a loss. The loss of a batch is the mean over its samples. Where a target is a class, it is
the class number or a distribution over the classes (n,). Every loss raises TypeError for what is
not a number, and ValueError for a target that does not fit the outputs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from numbers import Real
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from autograd_mini.engine.origin import name_whole
from autograd_mini.engine.value import Value
from autograd_mini.format import brief, described, similar
from autograd_mini.primitives.table import abs, log, logsumexp, relu, softplus, total, where

__all__ = [
    "binary_cross_entropy", "binary_cross_entropy_with_logits", "cross_entropy", "hinge", "kl_divergence", "l1", "l2",
    "LossName", "mean_squared_error", "named", "nll", "sum_squared_error",
]  # fmt: skip

Scalar: TypeAlias = Value | float
Row: TypeAlias = Scalar | Sequence[Scalar] | np.ndarray[Any, Any]
"""The outputs of a network, or a target, for one sample: one number or several."""


def _one_box(loss: Callable[[Row, Row], Value]) -> Callable[[Row, Row], Value]:
    """Let pictures of a network draw the loss as one box with its name."""

    @wraps(loss)
    def measured(outputs: Row, target: Row) -> Value:
        made = loss(outputs, target)
        name_whole(loss.__name__, made, (*_row(outputs), *_row(target)))
        return made

    return measured


def _row(row: Row) -> Iterable[object]:
    """Return the numbers of a row; a single number is a row of one."""
    return row if _several(row) else (row,)  # type: ignore[return-value]


def _several(row: Row) -> bool:
    return isinstance(row, (list, tuple)) or (isinstance(row, np.ndarray) and row.ndim > 0)


def _is_number(item: object) -> bool:
    """Tell whether an array holds one real number and no dimension."""
    return isinstance(item, np.ndarray) and not item.ndim and item.dtype.kind in "biuf"


def _checked(row: Row, name: str, what: str) -> Row:
    """Return the row; raise TypeError where something in it is not a number."""
    for each in _row(row):
        if not (isinstance(each, (Value, Real, np.bool_)) or hasattr(each, "__apply__") or _is_number(each)):
            raise TypeError(
                f"{name}: {what} {brief(repr(each))} is a {type(each).__name__}; a number or a Value is needed"
                + (", or a list of them" if each is row else "")
                + ("; classes are numbers 0, 1, … here, a Trainer also takes names" if isinstance(each, str) else "")
            )
    return row


def _pairs(outputs: Row, target: Row, name: str) -> list[tuple[Any, Any]]:
    """Return (output, target) for each output; a single number is a row of one."""
    outputs, target = _checked(outputs, name, "the output"), _checked(target, name, "the target")
    ys: Any = outputs if _several(outputs) else [outputs]
    ts: Any = target if _several(target) else [target]
    if len(ys) != len(ts) or not len(ys):
        raise ValueError(f"{name}: {len(ys)} outputs and {len(ts)} targets; equal numbers of both are needed")
    return list(zip(ys, ts, strict=True))


def _shares(outputs: Row, target: Row, name: str) -> list[tuple[Any, Any]]:
    """Return the pairs of ``_pairs``; ValueError where a target is not a probability."""
    pairs = _pairs(outputs, target, name)
    for _, t in pairs:
        if isinstance(t, Real) and not 0.0 <= float(t) <= 1.0:
            raise ValueError(f"{name}: target {t}; numbers from 0 to 1 are legal")
    return pairs


@_one_box
def sum_squared_error(outputs: Row, target: Row) -> Value:
    """Σ (y − t)², for outputs y (n,) and targets t (n,)."""
    return total([(y - t) ** 2 for y, t in _pairs(outputs, target, "sum_squared_error")])  # type: ignore[no-any-return]


@_one_box
def mean_squared_error(outputs: Row, target: Row) -> Value:
    """Σ (y − t)² / n, for outputs y (n,) and targets t (n,)."""
    pairs = _pairs(outputs, target, "mean_squared_error")
    return total([(y - t) ** 2 for y, t in pairs]) * (1.0 / len(pairs))  # type: ignore[no-any-return]


@_one_box
def binary_cross_entropy(outputs: Row, target: Row) -> Value:
    """−Σ [t ln y + (1 − t) ln(1 − y)] for probabilities y (n,) and targets t (n,), all in [0, 1].

    A term with weight 0 is 0, also where its logarithm is infinite. From scores,
    ``binary_cross_entropy_with_logits`` is more accurate. Raises ValueError for a target outside [0, 1].
    """
    pairs = _shares(outputs, target, "binary_cross_entropy")
    return total([-(_weighted_log(t, y) + _weighted_log(1.0 - t, 1.0 - y)) for y, t in pairs])  # type: ignore[no-any-return]


@_one_box
def binary_cross_entropy_with_logits(outputs: Row, target: Row) -> Value:
    """Σ [softplus(s) − t·s] = binary cross-entropy of σ(s), for scores s (n,) and targets t (n,) in [0, 1].

    Neither overflows nor cancels. Raises ValueError for a target outside [0, 1].
    """
    pairs = _shares(outputs, target, "binary_cross_entropy_with_logits")
    return total([softplus(s) - t * s for s, t in pairs])  # type: ignore[no-any-return]


@_one_box
def cross_entropy(outputs: Row, target: Row) -> Value:
    """−Σ tₖ ln softmax(s)ₖ for scores (logits) s (n,); for a class number c, logsumexp(s) − s_c.

    Does not overflow. Raises ValueError for a class that does not exist, and for a distribution t of
    another length than s.
    """
    if _several(target):
        pairs = _pairs(outputs, target, "cross_entropy")
        scores = [s for s, _ in pairs]
        return logsumexp(scores) * total([t for _, t in pairs]) - total([t * s for s, t in pairs])  # type: ignore[no-any-return]
    chosen = pick(outputs, target, "cross_entropy")
    return logsumexp(outputs) - chosen  # type: ignore[no-any-return]


@_one_box
def nll(outputs: Row, target: Row) -> Value:
    """−Σ tₖ ln yₖ for probabilities y (n,), the outputs of a softmax; for a class number c, −ln y_c.

    The categorical cross-entropy, or negative log-likelihood; inf where y_c is 0. From scores,
    ``cross_entropy`` is more accurate. Raises ValueError for a class that does not exist.
    """
    if _several(target):
        return -total([_weighted_log(t, y) for y, t in _pairs(outputs, target, "nll")])  # type: ignore[no-any-return]
    return -log(pick(outputs, target, "nll"))  # type: ignore[no-any-return]


@_one_box
def hinge(outputs: Row, target: Row) -> Value:
    """Σ max(0, 1 − t·y) for outputs y (n,) and targets t = ±1 (n,); derivative 0 at the kink t·y = 1.

    Raises ValueError for targets other than -1 and 1.
    """
    pairs = _pairs(outputs, target, "hinge")
    for _, t in pairs:
        if isinstance(t, Real) and t not in (-1, 1):
            raise ValueError(f"hinge: target {t}; -1 and 1 are legal: 2*t - 1 turns 0 and 1 into them")
    return total([relu(1.0 - t * y) for y, t in pairs])  # type: ignore[no-any-return]


@_one_box
def kl_divergence(outputs: Row, target: Row) -> Value:
    """KL(t ‖ y) = Σ tₖ ln(tₖ/yₖ) for distributions y (n,) and t (n,); a term with tₖ = 0 is 0.

    Raises ValueError for a target outside [0, 1].
    """
    pairs = _shares(outputs, target, "kl_divergence")
    return total([_weighted_log(t, t) - _weighted_log(t, y) for y, t in pairs])  # type: ignore[no-any-return]


def l1(parameters: Iterable[Value], strength: float = 1.0) -> Value:
    """strength · Σ |w|: a penalty that drives weights to exactly 0; derivative 0 at the kink w = 0."""
    return total([abs(w) for w in _weights(parameters, strength, "l1")]) * strength


def l2(parameters: Iterable[Value], strength: float = 1.0) -> Value:
    """strength · Σ w²: a penalty that keeps weights small (no factor ½)."""
    return total([w * w for w in _weights(parameters, strength, "l2")]) * strength


def _weights(parameters: Iterable[Value], strength: float, name: str) -> Iterable[Value]:
    """Return the parameters; TypeError where they are not a list of numbers or the strength is not a number."""
    if not isinstance(parameters, Iterable) or hasattr(parameters, "forward"):
        raise TypeError(
            f"{name}: parameters is {described(parameters)}; a list of them is needed, as model.parameters()"
        )
    found = list(parameters)
    _checked(found, name, "the parameter")
    _checked(strength, name, "the strength")
    return found


def _weighted_log(weight: Any, x: Any) -> Any:
    """Return weight · ln x, 0 where the weight is 0 (also at x = 0)."""
    if isinstance(weight, Real):
        return weight * log(x) if weight else 0.0
    return where(weight == 0.0, 0.0, weight * log(x))


def pick(outputs: Any, target: Any, name: str) -> Any:
    """Return ``outputs[target]``; for a Value, a choice by ``where`` among the indices, which a trace records."""
    outputs, target = _checked(outputs, name, "the output"), _checked(target, name, "the target")
    if not _several(outputs):
        raise ValueError(f"{name}: one output has no classes; give one output per class")
    if not isinstance(target, Real):
        chosen: Any = math.nan  # a class that does not exist gives nan, not a loss of 0
        for k, y in reversed(list(enumerate(outputs))):
            chosen = where(target == k, y, chosen)
        return chosen
    number = float(target)
    if not number.is_integer() or not 0 <= number < len(outputs):
        raise ValueError(f"{name}: class {target} of {len(outputs)}; whole numbers 0 to {len(outputs) - 1} are legal")
    return outputs[int(number)]


Loss: TypeAlias = Callable[[Any, Any], Value]
LOSSES: dict[str, Loss] = {
    each.__name__: each
    for each in (
        binary_cross_entropy, binary_cross_entropy_with_logits, cross_entropy, hinge, kl_divergence,
        mean_squared_error, nll, sum_squared_error,
    )
}  # fmt: skip
USUAL = {
    "mse": "mean_squared_error", "mseloss": "mean_squared_error", "sse": "sum_squared_error",
    "squared_error": "sum_squared_error", "bce": "binary_cross_entropy", "bceloss": "binary_cross_entropy",
    "bcewithlogitsloss": "binary_cross_entropy_with_logits", "crossentropy": "cross_entropy",
    "crossentropyloss": "cross_entropy", "categorical_crossentropy": "nll", "nllloss": "nll", "kl": "kl_divergence",
    "kldivloss": "kl_divergence", "hingeloss": "hinge", "softmax_cross_entropy": "cross_entropy",
    "negative_log_likelihood": "nll", "l2loss": "sum_squared_error", "mae": "l1",
}  # fmt: skip
"""Names in other packages, in lower case → names here."""
LossName: TypeAlias = Literal[
    "binary_cross_entropy", "binary_cross_entropy_with_logits", "cross_entropy", "hinge", "kl_divergence",
    "mean_squared_error", "nll", "sum_squared_error",
]  # fmt: skip
"""The names that a Trainer takes."""


def named(name: str) -> Loss:
    """Return the loss of this name, as in ``named("nll")``; ValueError, with the closest name, where there is none."""
    if not isinstance(name, str):
        raise TypeError(f"the name of a loss is {described(name)}; a text such as 'nll' is needed")
    if name not in LOSSES:
        raise ValueError(f"there is no loss {name!r}{similar(name, LOSSES, USUAL)}; the losses are {', '.join(LOSSES)}")
    return LOSSES[name]


if not TYPE_CHECKING:  # a type checker knows the names that are there

    def __getattr__(name: str) -> Any:
        raise AttributeError(f"losses has no {name!r}{similar(name, __all__, USUAL)}")
