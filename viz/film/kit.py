"""The kit of the playground: activations and losses with their derivatives, compiled from the table.

The page computes dense layers, products with a matrix, itself; all other derivatives are compiled here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from autograd_mini import losses
from autograd_mini.primitives.table import identity, leaky_relu, relu, sigmoid, sin, tanh
from autograd_mini.program.passes.adjoint import adjoint
from autograd_mini.program.record.trace import trace
from autograd_mini.program.source import prepared
from autograd_mini.program.targets.javascript import TARGET as JAVASCRIPT
from viz.film.loops import row_loop

__all__ = ["ACTIVATIONS", "MOST_CLASSES", "kit_source"]

ACTIVATIONS = {
    "tanh": tanh, "relu": relu, "sigmoid": sigmoid, "linear": identity, "leaky relu": leaky_relu, "sin": sin,
}  # fmt: skip
MOST_CLASSES = 6


@cache
def kit_source() -> str:
    """Return JavaScript that defines ``kit``: its ``activations`` by name, and its ``losses`` by the count of scores.

    An activation fills two columns, value and slope, for each number; ``values`` has the values alone, in half the
    time; a loss fills 1 + K columns for each row of
    K scores and a target: the loss, and its derivative with respect to each score. One score is a regression;
    ``logits`` is the loss of one score that tells two classes apart.
    """
    activations = (f'"{name}": {_loop(lambda x, f=f: f(x), 1)}' for name, f in ACTIVATIONS.items())
    values = (f'"{name}": {_loop(lambda x, f=f: f(x), 1, 0)}' for name, f in ACTIVATIONS.items())
    logits = _loop(_logits, 2, 1)
    found = [f"1: {_loop(_squared, 2, 1)}"]
    found += [f"{count}: {_loop(_entropy, count + 1, count)}" for count in range(2, MOST_CLASSES + 1)]
    parts = (
        f"activations: {{ {', '.join(activations)} }}",
        f"values: {{ {', '.join(values)} }}",
        f"losses: {{ {', '.join(found)} }}",
        f"logits: {logits}",
    )
    return f"const kit = {{ {', '.join(parts)} }};\n"


def _squared(score: Any, target: Any) -> Any:
    return losses.mean_squared_error(score, target)


def _logits(score: Any, target: Any) -> Any:
    return losses.binary_cross_entropy_with_logits(score, target)


def _entropy(*row: Any) -> Any:
    return losses.cross_entropy(list(row[:-1]), row[-1])


def _loop(function: Callable[..., Any], width: int, wrt: int | None = None) -> str:
    """The loop of a function and its derivatives with respect to its first ``wrt`` arguments, as an expression.

    None is all of them, 0 none: the function alone.
    """
    program = trace(function, [0.5] * (width - 1) + [1.0 if width > 1 else 0.5])
    if wrt != 0:
        program = adjoint(program, list(program.arguments[:wrt]))
    return row_loop("loop", prepared(program, JAVASCRIPT), []).removeprefix("const loop = ").rstrip().removesuffix(";")
