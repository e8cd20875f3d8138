"""The small expression (2 inputs, 28 operations), value and gradient, and the long chain."""

from __future__ import annotations

import argparse
import gc
import math
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

from autograd_mini import Value
from benchmarks.timing import Row, peer, report, seconds, version_of

A, B = -4.0, 2.0


def expression(a: Any, b: Any, relu: Callable[[Any], Any]) -> Any:
    """Return micrograd's own test expression."""
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + relu(b + a)
    d += 3 * d + relu(b - a)
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    return g


def contestants() -> list[tuple[str, str, Callable[[], tuple[float, float]]]]:
    """Return (name, version, value-and-gradient) for this project and each peer that is installed."""

    def ours() -> tuple[float, float]:
        a, b = Value(A), Value(B)
        expression(a, b, Value.relu).backward()
        return a.grad, b.grad

    found: list[tuple[str, str, Callable[[], tuple[float, float]]]] = [
        ("autograd_mini", version_of("autograd_mini"), ours)
    ]
    if engine := peer("micrograd.engine"):

        def micrograd() -> tuple[float, float]:
            a, b = engine.Value(A), engine.Value(B)
            expression(a, b, engine.Value.relu).backward()
            return a.grad, b.grad

        found.append(("micrograd", version_of("micrograd"), micrograd))
    if xad := peer("xad.adj_1st"):

        def relu_xad(x: Any) -> Any:
            return x if x > 0 else x * 0.0

        def new_tape() -> tuple[float, float]:
            with xad.Tape() as tape:
                a, b = xad.Real(A), xad.Real(B)
                tape.registerInput(a)
                tape.registerInput(b)
                tape.newRecording()
                g = expression(a, b, relu_xad)
                tape.registerOutput(g)
                g.setDerivative(1.0)
                tape.computeAdjoints()
                return a.getDerivative(), b.getDerivative()

        found.append(("XAD, new tape", version_of("xad"), new_tape))
    if torch := peer("torch"):
        torch.set_num_threads(1)

        def pytorch() -> tuple[float, float]:
            a = torch.tensor(A, dtype=torch.float64, requires_grad=True)
            b = torch.tensor(B, dtype=torch.float64, requires_grad=True)
            expression(a, b, torch.relu).backward()
            return a.grad.item(), b.grad.item()

        found.append(("PyTorch", version_of("torch"), pytorch))
    if (autograd := peer("autograd")) and (numpy := peer("autograd.numpy")):
        both = autograd.grad(lambda x, y: expression(x, y, lambda v: numpy.maximum(v, 0.0)), (0, 1))
        found.append(("HIPS autograd", version_of("autograd"), lambda: tuple(map(float, both(A, B)))))
    return found


def chain(length: int) -> tuple[float, float]:
    """Return (seconds forward and backward, bytes per node) of a chain of ``length`` products."""
    x = Value(1.0)
    start = time.perf_counter()
    y = x
    for _ in range(length):
        y = y * x
    y.backward()
    taken = time.perf_counter() - start
    assert math.isclose(x.grad, length + 1.0)
    del y
    gc.collect()
    small = length // 10
    tracemalloc.start()
    y = x
    for _ in range(small):
        y = y * x
    y.backward()
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return taken, held / small


def main(argv: list[str]) -> int:
    """Print the table; return the exit status."""
    parser = argparse.ArgumentParser(prog="benchmarks eager", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--budget", type=float, default=2.0, help="seconds per contestant (2)")
    options = parser.parse_args(argv)
    runners = contestants()
    want = runners[0][2]()
    for name, _, run in runners:
        got = run()
        assert all(math.isclose(x, y, rel_tol=1e-12) for x, y in zip(got, want, strict=True)), (name, got, want)
    rows = [Row(name, release, seconds(run, options.budget) * 1e6) for name, release, run in runners]
    taken, per_node = chain(10**6)
    notes = [
        "all gradients asserted equal first; one process, garbage collector on",
        f"a chain of 1,000,000 operations, forward and backward: {taken:.2f} s, {per_node:.0f} bytes per node",
    ]
    report("One small expression, value and gradient (µs)", rows, notes, options.json)
    return 0
