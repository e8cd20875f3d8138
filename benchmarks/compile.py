"""Compile time against program size: from the user's function to its first gradient.

The function is a network written in scalars, 8 inputs, h tanh units, 4 outputs, and one row of cross-entropy.
Everything is timed: recording, adjoint, simplification, machine code, one run, in seconds of the one processor, which
other load does not lengthen. This project chooses blocks for the larger sizes; its straight-line code (engine="llvm")
is there beside them. The other packages get the same scalar operations, one by one, up to the size that takes
longer than the cap.

Then the first call of a function that repeats itself in time, an integration by Euler's method: as the loop that is
found in it, and in straight lines up to a number of steps.
"""

from __future__ import annotations

import argparse
import gc
import json
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_mini.program.run import BatchEngine
from benchmarks.figure import OURS, draw
from benchmarks.timing import on_one_core, peer, version_of

INPUTS, OUTPUTS = 8, 4
WIDTHS = (4, 16, 64, 160, 400, 800)
CAP = 60.0
ENGINES: dict[str, BatchEngine] = {OURS: "auto", "its straight-line code": "llvm"}
TITLE = "From a function of scalars to its first gradient (processor seconds)"
STEPS = (200, 2_000, 20_000)
STRAIGHT = 2_000  # steps up to which straight lines are compiled too


def network(theta: Sequence[Any], row: Sequence[Any], tanh: Callable[[Any], Any], ln_sum_exp: Any) -> Any:
    """Return the loss of one row: numbers, Values or traced numbers alike."""
    width = (len(theta) - OUTPUTS) // (INPUTS + 1 + OUTPUTS)
    numbers = iter(theta)
    signal = list(row[:INPUTS])
    for count, last in ((width, False), (OUTPUTS, True)):
        outs = []
        for _ in range(count):
            out = next(numbers)
            for x in signal:
                out = out + next(numbers) * x
            outs.append(out if last else tanh(out))
        signal = outs
    return ln_sum_exp(signal) - sum(t * x for t, x in zip(row[INPUTS:], signal, strict=True))


def numbers_of(width: int) -> tuple[Any, Any]:
    """Return parameters (P,) and one row."""
    chance = np.random.default_rng(0)
    theta = chance.standard_normal(width * (INPUTS + 1) + OUTPUTS * (width + 1)) / np.sqrt(width)
    return theta, np.concatenate([chance.standard_normal(INPUTS), np.eye(OUTPUTS)[1]])


def ours(width: int, engine: BatchEngine) -> tuple[float, Any, int]:
    """Return (seconds, gradient, instructions of the straight-line code)."""
    from autograd_mini import logsumexp, parameter, tanh
    from autograd_mini.program.batch import Batch
    from autograd_mini.program.passes.adjoint import adjoint
    from autograd_mini.program.record.trace import trace
    from autograd_mini.program.run import for_rows
    from autograd_mini.program.target import TARGETS

    theta, row = numbers_of(width)
    parameters = [parameter(x) for x in theta.tolist()]

    def loss(*row: Any) -> Any:
        return network(parameters, row, tanh, logsumexp)

    gc.collect()  # equal code that is still there would be used again
    start = time.process_time()
    gradient = Batch(loss, parameters, len(row), engine=engine).value_and_grad(row[None, :], theta)[1]
    taken = time.process_time() - start
    program = trace(loss, row.tolist())
    return taken, gradient, len(for_rows(adjoint(program, program.inputs[len(row) :]), TARGETS["llvm"]))


def through_jax(width: int) -> tuple[float, Any]:
    """Return (seconds, gradient) of JAX's jit."""
    jax = peer("jax")
    assert jax is not None
    jax.config.update("jax_enable_x64", True)
    theta, row = numbers_of(width)
    rows = row.tolist()
    start = time.process_time()
    slopes = jax.jit(
        jax.grad(lambda ps: network(ps, rows, jax.numpy.tanh, lambda xs: jax.nn.logsumexp(jax.numpy.stack(xs))))
    )
    gradient = slopes(theta.tolist())
    return time.process_time() - start, np.array(gradient)


def logistic(steps: int) -> Callable[[Any], Any]:
    """Return the function of the rate that takes so many steps of a logistic growth."""

    def function(rate: Any) -> Any:
        x: Any = 0.1
        for _ in range(steps):
            x = x + 0.001 * (rate * x - x * x)
        return x

    return function


def integration() -> list[dict[str, Any]]:
    """Return a line for each number of steps: seconds of the first call, of the value, and with the gradient."""
    from autograd_mini import jit, value_and_grad

    lines = []
    for steps in STEPS:
        function = logistic(steps)
        line: dict[str, Any] = {"steps": steps}
        for what, asked in (("value", function), ("gradient", value_and_grad(function))):
            answers = {}
            for how, engine in (("loop", "auto"), ("straight", "llvm")):
                if how == "straight" and steps > STRAIGHT:
                    continue
                start = time.process_time()
                answers[how] = jit(asked, engine=engine)(0.7)
                line[f"{what}_{how}"] = time.process_time() - start
            for answer in answers.values():
                np.testing.assert_allclose(answer, answers["loop"], rtol=1e-12)
        lines.append(line)
    return lines


def main(argv: list[str]) -> int:
    """Print the table; return the exit status."""
    parser = argparse.ArgumentParser(prog="benchmarks compile", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--plot", metavar="FILE", help="save a figure, and one for dark pages beside it")
    parser.add_argument("--cap", type=float, default=CAP, help=f"seconds after which a peer stops ({CAP:.0f})")
    options = parser.parse_args(argv)
    on_one_core()
    for engine in ENGINES.values():
        ours(2, engine)  # imports, and starts LLVM
    jax_goes_on = peer("jax") is not None
    if jax_goes_on:
        through_jax(2)
    table: list[dict[str, Any]] = []
    for width in WIDTHS:
        line: dict[str, Any] = {}
        for name, engine in ENGINES.items():
            line[name], gradient, line["instructions"] = ours(width, engine)
        if jax_goes_on:
            line["JAX jit"], other = through_jax(width)
            np.testing.assert_allclose(gradient, other, rtol=1e-9, atol=1e-12)
            jax_goes_on = line["JAX jit"] * 4.0 < options.cap  # the next size takes several times as long
        table.append(line)
    steps = integration()
    versions = {"autograd_mini": version_of("autograd_mini")} | ({"jax": version_of("jax")} if peer("jax") else {})
    if options.json:
        print(json.dumps({"title": TITLE, "rows": table, "integration": steps, "versions": versions}))
    else:
        print(f"\n{TITLE}\n")
        names = [*ENGINES, "JAX jit"]
        print(f"{'instructions':>14}" + "".join(f"{name:>28}" for name in names))
        for line in table:
            texts = [f"{line[name]:.2f} {line[name] / line[OURS]:6.1f}×" if name in line else "–" for name in names]
            print(f"{line['instructions']:14,}" + "".join(f"{text:>28}" for text in texts))
        print("  gradients asserted equal; " + ", ".join(f"{name} {text}" for name, text in versions.items()))
        print("\nFirst call of an integration, its steps written in scalars (processor seconds)\n")
        print(f"{'steps':>14}{'value':>12}{'in lines':>12}{'ratio':>9}{'gradient':>12}{'in lines':>12}{'ratio':>9}")
        for line in steps:
            shown = f"{line['steps']:14,}"
            for what in ("value", "gradient"):
                taken, straight = line[f"{what}_loop"], line.get(f"{what}_straight")
                tail = f"{straight:12.2f}{straight / taken:8.1f}×" if straight is not None else f"{'–':>12}{'':9}"
                shown += f"{taken:12.2f}{tail}"
            print(shown.rstrip())
        print("  results asserted equal; in lines: engine='llvm', which keeps the order of every sum")
    if options.plot:
        lines = {
            name: points
            for name in (*ENGINES, "JAX jit")
            if (points := [(line["instructions"], line[name]) for line in table if name in line])
        }
        draw(lines, options.plot, TITLE, "instructions of the loss and its gradient, one by one", "seconds")
    return 0


if __name__ == "__main__":
    import sys

    raise SystemExit(main(sys.argv[1:]))
