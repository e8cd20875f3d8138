"""The small expression (2 inputs, 28 operations), a GPT in scalars, micrograd's demo, and the long chain."""

from __future__ import annotations

import argparse
import gc
import math
import os
import random
import sys
import tracemalloc
from collections.abc import Callable
from importlib import import_module
from typing import Any

from autograd_mini import Value
from benchmarks.scalar_gpt import Minimal, loss, numbers
from benchmarks.timing import Row, peer, race, report, version_of

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


Gradient = Callable[[], tuple[float, ...]]


def engines() -> dict[str, Any]:
    """Return this project's Value class, in C, if that was built, and in Python, both in this process."""
    import autograd_mini.engine as default

    found = {}
    if default.compiled:
        found["autograd_mini, in C"] = Value
        ours = {name: module for name, module in sys.modules.items() if name.split(".")[0] == "autograd_mini"}
        for name in ours:
            del sys.modules[name]
        os.environ["AUTOGRAD_MINI_PURE"] = "1"
        try:
            found["autograd_mini, in Python"] = import_module("autograd_mini").Value
        finally:
            del os.environ["AUTOGRAD_MINI_PURE"]
            sys.modules.update(ours)
    else:
        found["autograd_mini, in Python"] = Value
    return found


def contestants() -> list[tuple[str, str, Gradient]]:
    """Return (name, version, value-and-gradient) for this project and each peer that is installed."""

    def ours(value: Any) -> Gradient:
        def run() -> tuple[float, ...]:
            a, b = value(A), value(B)
            expression(a, b, value.relu).backward()
            return a.grad, b.grad

        return run

    found: list[tuple[str, str, Gradient]] = [
        (name, version_of("autograd_mini"), ours(value)) for name, value in engines().items()
    ]
    if engine := peer("micrograd.engine"):
        found.append(("micrograd", version_of("micrograd"), ours(engine.Value)))
    if xad := peer("xad.adj_1st"):

        def relu_xad(x: Any) -> Any:
            return x if x > 0 else x * 0.0

        def new_tape() -> tuple[float, ...]:
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

        def pytorch() -> tuple[float, ...]:
            a = torch.tensor(A, dtype=torch.float64, requires_grad=True)
            b = torch.tensor(B, dtype=torch.float64, requires_grad=True)
            expression(a, b, torch.relu).backward()
            return a.grad.item(), b.grad.item()

        found.append(("PyTorch", version_of("torch"), pytorch))
    if (autograd := peer("autograd")) and (numpy := peer("autograd.numpy")):
        both = autograd.grad(lambda x, y: expression(x, y, lambda v: numpy.maximum(v, 0.0)), (0, 1))
        found.append(("HIPS autograd", version_of("autograd"), lambda: tuple(map(float, both(A, B)))))
    return found


def languages() -> list[tuple[str, str, Gradient]]:
    """Return the gradient of a scalar GPT by each of our classes and by the class of forty lines of such a GPT."""

    def run(value: Any) -> Gradient:
        parameters = {name: [[value(x) for x in row] for row in rows] for name, rows in numbers().items()}
        flat = [each for rows in parameters.values() for row in rows for each in row]

        def gradient() -> tuple[float, ...]:
            for each in flat:
                each.grad = 0.0
            loss(parameters).backward()
            return tuple(each.grad for each in flat)

        return gradient

    found = [(name, version_of("autograd_mini"), run(value)) for name, value in engines().items()]
    return [*found, ("a class of forty lines", "", run(Minimal))]


def chains(length: int) -> list[tuple[str, str, Gradient]]:
    """Return a chain of products, built, differentiated and freed, by each of our classes and XAD."""

    def ours(value: Any) -> Gradient:
        def run() -> tuple[float, ...]:
            x = y = value(1.0)
            for _ in range(length):
                y = y * x
            y.backward()
            return (x.grad,)

        return run

    found = [(name, version_of("autograd_mini"), ours(value)) for name, value in engines().items()]
    if xad := peer("xad.adj_1st"):

        def tape() -> tuple[float, ...]:
            with xad.Tape() as tape:
                x = xad.Real(1.0)
                tape.registerInput(x)
                tape.newRecording()
                y = x
                for _ in range(length):
                    y = y * x
                tape.registerOutput(y)
                y.setDerivative(1.0)
                tape.computeAdjoints()
                return (x.getDerivative(),)

        found.append(("XAD, new tape", version_of("xad"), tape))
    return found


def demos() -> list[tuple[str, str, Gradient]]:
    """Return a pass of micrograd's demo by its own code: 100 points, 2-16-16-1, hinge loss and L2."""
    micrograd: Any = peer("micrograd.nn")
    engine: Any = peer("micrograd.engine")
    if not micrograd or not engine:
        return []
    angles = [math.pi * i / 49 for i in range(50)]
    points = [(math.cos(a), math.sin(a)) for a in angles] + [(1 - math.cos(a), 0.5 - math.sin(a)) for a in angles]
    sides = [-1] * 50 + [1] * 50

    def run(value: Any) -> Gradient:
        micrograd.Value = value
        random.seed(1337)
        model = micrograd.MLP(2, [16, 16, 1])

        def gradient() -> tuple[float, ...]:
            micrograd.Value = value
            scores = [model([value(x) for x in point]) for point in points]
            losses = [(1 + -side * score).relu() for side, score in zip(sides, scores, strict=True)]
            penalty = 1e-4 * sum(p * p for p in model.parameters())
            model.zero_grad()
            (sum(losses) * (1.0 / len(losses)) + penalty).backward()
            return tuple(p.grad for p in model.parameters())

        return gradient

    found = [(name, version_of("autograd_mini"), run(value)) for name, value in engines().items()]
    return [*found, ("micrograd", version_of("micrograd"), run(engine.Value))]


def bytes_per_node(value: Any, length: int = 100_000) -> float:
    """Return the size of a node of a chain after its backward pass, in bytes."""
    x = y = value(1.0)
    gc.collect()
    tracemalloc.start()
    for _ in range(length):
        y = y * x
    y.backward()
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return held / length


def measured(contest: list[tuple[str, str, Gradient]], budget: float, rounds: int = 12) -> list[Row]:
    """Assert that all gradients agree, then time the contestants alternately."""
    want = contest[0][2]()
    for name, _, run in contest:
        for place, (x, y) in enumerate(zip(run(), want, strict=True)):
            assert math.isclose(x, y, rel_tol=1e-11, abs_tol=1e-15), (name, place, x, y)
    best = race({name: run for name, _, run in contest}, budget, rounds)
    return [Row(name, release, best[name] * 1e6) for name, release, _ in contest]


def main(argv: list[str]) -> int:
    """Print the tables; return the exit status."""
    parser = argparse.ArgumentParser(prog="benchmarks eager", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object per table")
    parser.add_argument("--budget", type=float, default=2.0, help="seconds per contestant (2)")
    options = parser.parse_args(argv)
    notes = ["all gradients asserted equal first; one process, contestants in turns, garbage collector on"]
    report(
        "One small expression, value and gradient (µs)", measured(contestants(), options.budget), notes, options.json
    )
    report("A scalar GPT, loss of a word and its gradient (µs)", measured(languages(), options.budget, 3), [],
           options.json)  # fmt: skip
    if contest := demos():
        report("micrograd's demo, one pass, by its own code (µs)", measured(contest, options.budget, 3), [],
               options.json)  # fmt: skip
    sizes = [f"{name}: {bytes_per_node(value):.0f} bytes per node" for name, value in engines().items()]
    report("A chain of 1,000,000 products: build, differentiate, free (µs)",
           measured(chains(10**6), options.budget, 3), sizes, options.json)  # fmt: skip
    return 0
