"""A report on a model's predictions for held-out samples, as text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np

from autograd_mini.cli.terminal import paint
from autograd_mini.data import Target
from autograd_mini.format import brief, columns, number
from autograd_mini.language import tell

__all__ = ["report"]

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

MOST_COLUMNS = 12  # columns of a confusion matrix that fit on a terminal


def report(target: Target, y: Array, outputs: Array) -> list[str]:
    """Return the lines: right predictions per class and the confusion matrix, or the errors in the target's unit.

    ``y`` (N,) are class numbers or scaled targets, ``outputs`` (N, m) scores or scaled predictions.
    """
    if not target.classes:
        return list(_errors(target, y * target.deviation + target.mean, outputs[:, 0] * target.deviation + target.mean))
    chosen = outputs.argmax(axis=1) if outputs.shape[1] > 1 else (outputs[:, 0] > 0.0).astype(int)
    return list(_classes(target, y, np.minimum(chosen, len(target.classes) - 1)))


def _errors(target: Target, y: Array, found: Array) -> Iterator[str]:
    error = found - y
    spread = float(((y - y.mean()) ** 2).sum())
    explained = f"; R² {1.0 - float((error**2).sum()) / spread:.3f}" if spread else ""
    yield (
        tell(
            "held out, in the unit of {name}: mean absolute error {absolute}, root mean square error {square}",
            name=brief(target.name),
            absolute=number(float(np.abs(error).mean()), 4),
            square=number(float(np.sqrt((error**2).mean())), 4),
        )
        + explained
    )
    yield (
        tell(
            "for comparison, always predicting the training mean {mean}: mean absolute error {absolute}",
            mean=number(target.mean, 4),
            absolute=number(float(np.abs(y - target.mean).mean()), 4),
        )
    )


def _classes(target: Target, y: Array, chosen: Array) -> Iterator[str]:
    names = [brief(name, 20) for name in target.classes]
    counts = np.zeros((len(names), len(names)), dtype=int)
    np.add.at(counts, (y, chosen), 1)
    rows = [[tell("held out"), tell("right"), tell("of"), tell("accuracy")]]
    for k, name in enumerate(names):
        whole = int(counts[k].sum())
        rows.append([name, str(counts[k, k]), str(whole), f"{counts[k, k] / whole:.1%}" if whole else "–"])
    heading, *lines = columns(rows, "<>>>")
    yield from (paint(heading, "dim"), *lines)
    often = int(counts.sum(axis=1).argmax())
    yield tell(
        "for comparison, always predicting {name}: {share:.1%}",
        name=repr(names[often]), share=counts[often].sum() / len(y),
    )  # fmt: skip
    if 2 <= len(names) <= MOST_COLUMNS:
        table = [[tell("true \\ predicted"), *names], *([names[k], *map(str, counts[k])] for k in range(len(names)))]
        heading, *lines = columns(table, "<" + ">" * len(names))
        yield from ("", paint(heading, "dim"), *lines)
