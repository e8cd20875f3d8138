"""A GPT written in scalars, one layer, 16 wide, 4 heads, 4,192 parameters: value and gradient of a document, and of 8.

The model is plain Python on Values, one number at a time. It is compared with a port to NumPy by hand, all positions
at once, and with C by hand (where gcc is), position by position, both with a backward pass by hand. Losses and
gradients are asserted equal before anything is timed. ``--train`` takes 1,000 steps of Adam over names of mixed
lengths: one program of 16 positions with the symbols as data serves them all, and recording and compiling it counts.
"""

from __future__ import annotations

import argparse
import ctypes
import functools
import random
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.gpt_model import NAMES, POSITIONS, by_hand, document, loss, padded, tokens_of, weights
from benchmarks.timing import MOMENT, Row, load_note, on_one_core, race, report, version_of

Floats = Any
SOURCE = Path(__file__).with_suffix(".c")
OPTIONS = (("-O3",), ("-O3", "-march=native", "-ffast-math"))
DOCUMENTS = 8


def in_c(tokens: Sequence[int], options: Sequence[str]) -> Callable[[Floats], tuple[float, Floats]] | None:
    """Return the same in C, compiled by gcc: the flat parameters → (loss, gradient); None where there is no gcc."""
    gcc = shutil.which("gcc")
    if gcc is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        library = str(Path(folder) / "gpt.so")
        subprocess.run([gcc, "-std=c99", *options, "-shared", "-fPIC", "-o", library, str(SOURCE), "-lm"], check=True)
        native = ctypes.CDLL(library).value_and_gradient
    native.restype = ctypes.c_double
    native.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p]
    held = (ctypes.c_int * len(tokens))(*tokens)
    gradient = np.empty(sum(len(row) for matrix in weights(float).values() for row in matrix))
    at, count = gradient.ctypes.data, len(tokens) - 1
    return lambda theta: (native(theta.ctypes.data, held, count, at), gradient)


def one(length: int, budget: float, as_json: bool) -> None:
    """Print the table of one document of this many positions."""
    from autograd_mini import parameter, softmax
    from autograd_mini.program.batch import Batch

    chance = random.Random(length)
    tokens = [26, *(chance.randrange(26) for _ in range(length - 1)), 26]
    model = weights(parameter)
    parameters = [w for matrix in model.values() for row in matrix for w in row]
    theta = np.array([w.data for w in parameters])
    batch = Batch(functools.partial(loss, model, tokens, softmax), parameters, 0)
    nothing = np.empty((1, 0))
    start = time.process_time()
    value, gradient = batch.value_and_grad(nothing, theta)
    ready = time.process_time() - start
    runners: dict[str, Callable[[], Any]] = {
        "autograd_mini": functools.partial(batch.value_and_grad, nothing, theta),
        "NumPy by hand": functools.partial(by_hand(tokens), theta),
    }
    versions = {"autograd_mini": version_of("autograd_mini"), "NumPy by hand": version_of("numpy")}
    for options in OPTIONS:
        native = in_c(tokens, options)
        if native is not None:
            runners[f"C, gcc {' '.join(options)}"] = functools.partial(native, theta)
    for peer in list(runners.values())[1:]:
        expected, slopes = peer()
        np.testing.assert_allclose(value, expected, rtol=1e-12)
        np.testing.assert_allclose(gradient, slopes, rtol=1e-9, atol=1e-14)
    best = race(runners, budget, block=MOMENT)
    rows = [Row(who, versions.get(who, ""), best[who] * 1e6) for who in runners]
    notes = [
        f"loss {value:.6f}, gradients equal",
        f"{best['autograd_mini'] * 1e6 / length:.2f} µs a position",
        f"recorded and compiled in {ready:.2f} s of the processor",
        load_note(),
    ]
    report(f"A scalar GPT, value and gradient of {length} positions (µs)", rows, notes, as_json)


def several(length: int, budget: float, as_json: bool) -> None:
    """Print the table of 8 documents of this many positions: their mean loss and its gradient, per document."""
    from autograd_mini import parameter
    from autograd_mini.program.batch import Batch

    chance = random.Random(length)
    words = [[26, *(chance.randrange(26) for _ in range(length - 1)), 26] for _ in range(DOCUMENTS)]
    model = weights(parameter)
    parameters = [w for matrix in model.values() for row in matrix for w in row]
    theta = np.array([w.data for w in parameters])
    batch = Batch(functools.partial(document, model), parameters, length + 1)
    table = np.array(words, dtype=float)
    start = time.process_time()
    value, gradient = batch.value_and_grad(table, theta)
    ready = time.process_time() - start
    ports = [by_hand(word) for word in words]
    found = [port(theta) for port in ports]
    np.testing.assert_allclose(value, np.mean([each for each, _ in found]), rtol=1e-12)
    np.testing.assert_allclose(gradient, np.mean([each for _, each in found], axis=0), rtol=1e-9, atol=1e-14)
    best = race(
        {
            "autograd_mini": functools.partial(batch.value_and_grad, table, theta),
            "NumPy by hand": lambda: [port(theta) for port in ports],
        },
        budget,
        block=MOMENT,
    )
    rows = [
        Row("autograd_mini", version_of("autograd_mini"), best["autograd_mini"] * 1e6 / DOCUMENTS),
        Row("NumPy by hand", version_of("numpy"), best["NumPy by hand"] * 1e6 / DOCUMENTS),
    ]
    notes = [
        f"mean loss {value:.6f}, gradients equal",
        f"recorded and compiled in {ready:.2f} s of the processor",
        load_note(),
    ]
    report(f"A scalar GPT, {DOCUMENTS} documents of {length} positions, per document (µs)", rows, notes, as_json)


def train(steps: int, as_json: bool) -> None:
    """Print the processor's time for so many steps over names, everything included, beside that of the port."""
    from autograd_mini import optim, parameter
    from autograd_mini.program.batch import Batch

    chance = random.Random(1)
    words = [tokens_of(chance.choice(NAMES)) for _ in range(steps)]
    table = np.array([[*word, *[0] * (POSITIONS + 1 - len(word)), len(word) - 1] for word in words], dtype=float)
    model = weights(parameter)
    parameters = [w for matrix in model.values() for row in matrix for w in row]
    ports = [by_hand(word) for word in words]
    batch = Batch(functools.partial(padded, model), parameters, POSITIONS + 2)
    taken: dict[str, float] = {}
    found: dict[str, Floats] = {}
    contestants: dict[str, Callable[[int, Floats], tuple[float, Floats]]] = {
        "autograd_mini": lambda i, theta: batch.value_and_grad(table[i : i + 1], theta),
        "NumPy by hand": lambda i, theta: ports[i](theta),
    }
    for who, gradient in contestants.items():
        theta = np.array([w.data for w in parameters])
        adam = optim.Adam(parameters, lr=0.01)
        start = time.process_time()
        for i in range(steps):
            adam.update(theta, gradient(i, theta)[1])
        taken[who], found[who] = time.process_time() - start, theta
    np.testing.assert_allclose(found["autograd_mini"], found["NumPy by hand"], rtol=1e-6, atol=1e-8)
    rows = [
        Row("autograd_mini", version_of("autograd_mini"), taken["autograd_mini"] * 1e6),
        Row("NumPy by hand", version_of("numpy"), taken["NumPy by hand"] * 1e6),
    ]
    notes = ["parameters equal at the end; recording and compiling counts", load_note()]
    report(
        f"A scalar GPT, {steps:,} steps of Adam over names of 2 to 11 letters (µs of the processor)",
        rows,
        notes,
        as_json,
    )


def main(argv: list[str]) -> int:
    """Print two tables per length; return the exit status."""
    parser = argparse.ArgumentParser(prog="benchmarks gpt", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object per table")
    parser.add_argument("--budget", type=float, default=2.0, help="seconds per contestant (2)")
    parser.add_argument("lengths", nargs="*", type=int, help="positions of a document, up to 16 (4 9)")
    parser.add_argument("--train", action="store_true", help="1,000 steps over names instead")
    options = parser.parse_args(argv)
    on_one_core()
    if options.train:
        train(1_000, options.json)
        return 0
    for length in options.lengths or (4, 9):
        one(length, options.budget, options.json)
        several(length, options.budget, options.json)
    return 0


if __name__ == "__main__":
    import sys

    raise SystemExit(main(sys.argv[1:]))
