"""The gradient of a small network by reverse mode and by central differences, on one core.

Central differences cost two forward passes for each parameter, reverse mode one pass forward and
one backward for all of them. Both are measured on plain Values and on the compiled program.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.timing import Row, on_one_core, race, report, seconds, version_of

SIZES, ROWS, STEP = (40, 40, 10), 100, 1e-5


def central_differences(value: Callable[[Any], float], theta: Any) -> Any:
    """Return the gradient of ``value`` at ``theta`` from two forward passes per parameter."""
    gradient = np.empty_like(theta)
    moved = theta.copy()
    for i, number in enumerate(theta.tolist()):
        moved[i] = number + STEP
        above = value(moved)
        moved[i] = number - STEP
        gradient[i] = (above - value(moved)) / (2.0 * STEP)
        moved[i] = number
    return gradient


def main(argv: list[str]) -> int:
    """Print the table; return the exit status."""
    parser = argparse.ArgumentParser(prog="benchmarks numeric", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--budget", type=float, default=2.0, help="seconds per contestant (2)")
    parser.add_argument("--activation", choices=("sigmoid", "tanh", "relu"), default="sigmoid")
    options = parser.parse_args(argv)
    on_one_core()

    from autograd_mini import PRIMITIVES, losses, nn
    from autograd_mini.program.batch import Batch

    model = nn.MLP(SIZES[0], SIZES[1:], activation=PRIMITIVES[options.activation], rng=0)
    parameters = model.parameters()
    chance = np.random.default_rng(0)
    classes = chance.integers(0, SIZES[-1], ROWS)
    rows = np.concatenate([chance.standard_normal((ROWS, SIZES[0])), np.eye(SIZES[-1])[classes]], axis=1)
    theta = np.array([p.data for p in parameters]) * 0.2

    def loss(*row: Any) -> Any:
        return losses.cross_entropy(model(list(row[: SIZES[0]])), list(row[SIZES[0] :]))

    eager, compiled = (Batch(loss, parameters, rows.shape[1], engine=engine) for engine in ("eager", "llvm"))
    passes = 2 * len(parameters)
    reverse = compiled.value_and_grad(rows, theta)[1]
    np.testing.assert_allclose(eager.value_and_grad(rows, theta)[1], reverse, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(central_differences(lambda x: compiled.value(rows, x), theta), reverse, atol=1e-8)

    best = race(
        {
            "reverse": lambda: compiled.value_and_grad(rows, theta),
            "forward": lambda: compiled.value(rows, theta),
            "differences": lambda: central_differences(lambda x: compiled.value(rows, x), theta),
        },
        options.budget,
    )
    plain = seconds(lambda: eager.value_and_grad(rows, theta), options.budget)
    pass_of_values = seconds(lambda: eager.value(rows, theta), options.budget)
    version = version_of("autograd_mini")
    table = [
        Row("reverse mode, compiled", version, best["reverse"] * 1e6),
        Row("differences, compiled", version, best["differences"] * 1e6),
        Row("reverse mode, eager", version, plain * 1e6),
        Row("differences, eager", version, passes * pass_of_values * 1e6),
    ]
    notes = [
        f"{'-'.join(map(str, SIZES))} {options.activation}, {len(parameters):,} parameters, {ROWS} samples; "
        "gradients asserted equal",
        f"differences take {passes:,} forward passes; those on plain Values are one pass timed, times {passes:,}",
        f"differences / reverse mode: compiled {best['differences'] / best['reverse']:,.0f} times, "
        f"eager {passes * pass_of_values / plain:,.0f} times",
        f"a compiled gradient costs {best['reverse'] / best['forward']:.2f} compiled forward passes",
    ]
    report("One gradient (µs)", table, notes, options.json)
    return 0
