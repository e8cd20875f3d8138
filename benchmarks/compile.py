"""Compile time against program size: from the user's function to its first gradient.

The function is a network written in scalars, 8 inputs, h tanh units, 4 outputs, and one row of cross-entropy.
Everything is timed: recording, adjoint, simplification, machine code, one run, in seconds of the one processor, which
other load does not lengthen. The other packages get the same scalar operations, one by one, up to the size that takes
longer than the cap.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from benchmarks.figure import draw
from benchmarks.timing import on_one_core, peer, version_of

INPUTS, OUTPUTS = 8, 4
WIDTHS = (4, 16, 64, 160, 400, 800)
CAP = 60.0
TITLE = "From a function of scalars to its first gradient (processor seconds)"


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


def ours(width: int) -> tuple[float, Any, int]:
    """Return (seconds, gradient, instructions)."""
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

    start = time.process_time()
    gradient = Batch(loss, parameters, len(row), engine="llvm").value_and_grad(row[None, :], theta)[1]
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


def main(argv: list[str]) -> int:
    """Print the table; return the exit status."""
    parser = argparse.ArgumentParser(prog="benchmarks compile", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--plot", metavar="FILE", help="save a figure, and one for dark pages beside it")
    parser.add_argument("--cap", type=float, default=CAP, help=f"seconds after which a peer stops ({CAP:.0f})")
    options = parser.parse_args(argv)
    on_one_core()
    ours(2)  # imports, and starts LLVM
    jax_goes_on = peer("jax") is not None
    if jax_goes_on:
        through_jax(2)
    table: list[dict[str, Any]] = []
    for width in WIDTHS:
        taken, gradient, count = ours(width)
        line: dict[str, Any] = {"instructions": count, "autograd_mini": taken}
        if jax_goes_on:
            line["jax"], other = through_jax(width)
            np.testing.assert_allclose(gradient, other, rtol=1e-9, atol=1e-12)
            jax_goes_on = line["jax"] * 4.0 < options.cap  # the next size takes several times as long
        table.append(line)
    versions = {"autograd_mini": version_of("autograd_mini")} | ({"jax": version_of("jax")} if peer("jax") else {})
    if options.json:
        print(json.dumps({"title": TITLE, "rows": table, "versions": versions}))
    else:
        print(f"\n{TITLE}\n")
        print(f"{'instructions':>14}{'autograd_mini':>16}{'µs each':>10}{'JAX jit':>12}{'ratio':>9}")
        for line in table:
            count, taken, other = line["instructions"], line["autograd_mini"], line.get("jax")
            tail = f"{other:12.2f}{other / taken:8.1f}×" if other is not None else f"{'–':>12}"
            print(f"{count:14,}{taken:16.2f}{taken / count * 1e6:10.1f}{tail}")
        print("  gradients asserted equal; " + ", ".join(f"{name} {text}" for name, text in versions.items()))
    if options.plot:
        names = {"autograd_mini": "autograd_mini", "jax": "JAX jit"}
        lines = {
            label: points
            for name, label in names.items()
            if (points := [(line["instructions"], line[name]) for line in table if name in line])
        }
        draw(lines, options.plot, TITLE, "scalar instructions of the loss and its gradient", "s")
    return 0


if __name__ == "__main__":
    import sys

    raise SystemExit(main(sys.argv[1:]))
