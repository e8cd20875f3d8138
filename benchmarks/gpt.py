"""A GPT written in scalars, one layer, 16 wide, 4 heads, 4,192 parameters: value and gradient of a document.

The model is plain Python on Values, one number at a time. It is compared with a port to NumPy by hand,
all positions at once, with a backward pass by hand. Losses and gradients are asserted equal before
anything is timed. ``--train`` takes 1,000 steps of Adam over words of mixed lengths: one program of 16 positions
with the symbols as data serves them all, and recording and compiling it counts.
"""

from __future__ import annotations

import argparse
import functools
import itertools
import math
import random
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from benchmarks.timing import Row, on_one_core, race, report, version_of

Floats = Any
WIDTH, POSITIONS, HEADS, SYMBOLS = 16, 16, 4, 27
SIZE = WIDTH // HEADS
SHAPES = {
    "symbols": (SYMBOLS, WIDTH), "positions": (POSITIONS, WIDTH), "query": (WIDTH, WIDTH), "key": (WIDTH, WIDTH),
    "value": (WIDTH, WIDTH), "out": (WIDTH, WIDTH), "up": (4 * WIDTH, WIDTH), "down": (WIDTH, 4 * WIDTH),
    "head": (SYMBOLS, WIDTH),
}  # fmt: skip


def weights(make: Callable[[float], Any]) -> dict[str, list[list[Any]]]:
    """Return the matrices, each number made by ``make``."""
    chance = random.Random(42)
    return {
        name: [[make(chance.gauss(0.0, 0.08)) for _ in range(columns)] for _ in range(rows)]
        for name, (rows, columns) in SHAPES.items()
    }


def linear(x: Sequence[Any], matrix: Sequence[Sequence[Any]]) -> list[Any]:
    """Return matrix · x."""
    return [sum(w * a for w, a in zip(row, x, strict=True)) for row in matrix]


def normal(x: Sequence[Any]) -> list[Any]:
    """Return x over its root mean square."""
    scale = (sum(a * a for a in x) / len(x) + 1e-5) ** -0.5
    return [a * scale for a in x]


def position(
    model: dict[str, list[list[Any]]], x: Sequence[Any], keys: Any, values: Any, softmax: Any = None
) -> list[Any]:
    """Return the scores of one position; its key and value are appended to those before it."""
    if softmax is None:
        from autograd_mini import softmax
    residual = normal(x)
    x = normal(residual)
    query = linear(x, model["query"])
    keys.append(linear(x, model["key"]))
    values.append(linear(x, model["value"]))
    seen: list[Any] = []
    for head in range(HEADS):
        part = range(head * SIZE, (head + 1) * SIZE)
        shares = softmax([sum(query[j] * key[j] for j in part) / math.sqrt(SIZE) for key in keys])
        seen += [sum(share * value[j] for share, value in zip(shares, values, strict=True)) for j in part]
    residual = [a + b for a, b in zip(linear(seen, model["out"]), residual, strict=True)]
    x = [a.relu() for a in linear(normal(residual), model["up"])]
    x = [a + b for a, b in zip(linear(x, model["down"]), residual, strict=True)]
    return linear(x, model["head"])


def loss(model: dict[str, list[list[Any]]], tokens: Sequence[int], softmax: Callable[[list[Any]], list[Any]]) -> Any:
    """Return the mean of −ln p of each next token, in scalars."""
    keys: list[list[Any]] = []
    values: list[list[Any]] = []
    losses = []
    for place, (token, following) in enumerate(itertools.pairwise(tokens)):
        x = [a + b for a, b in zip(model["symbols"][token], model["positions"][place], strict=True)]
        losses.append(-softmax(position(model, x, keys, values, softmax))[following].log())
    return sum(losses) * (1.0 / len(losses))


def by_hand(tokens: Sequence[int]) -> Callable[[Floats], tuple[float, Floats]]:
    """Return the same in NumPy, with its gradient by hand: the flat parameters → (loss, gradient)."""
    n = len(tokens) - 1
    now, following, places = np.array(tokens[:-1]), np.array(tokens[1:]), np.arange(n)
    future = np.triu(np.ones((n, n), dtype=bool), 1)
    cuts = np.cumsum([rows * columns for rows, columns in SHAPES.values()])[:-1]

    def normal(x: Floats) -> tuple[Floats, Floats]:
        scale = (np.mean(x * x, axis=1, keepdims=True) + 1e-5) ** -0.5
        return x * scale, scale

    def normal_back(x: Floats, scale: Floats, slope: Floats) -> Floats:
        return slope * scale - x * scale**3 * np.mean(slope * x, axis=1, keepdims=True)

    def softmax(x: Floats) -> Floats:
        e = np.exp(x - x.max(axis=-1, keepdims=True))
        return e / e.sum(axis=-1, keepdims=True)

    def heads(x: Floats) -> Floats:
        return x.reshape(n, HEADS, SIZE).transpose(1, 0, 2)

    def joined(x: Floats) -> Floats:
        return x.transpose(1, 0, 2).reshape(n, WIDTH)

    def run(theta: Floats) -> tuple[float, Floats]:
        m = {k: w.reshape(SHAPES[k]) for k, w in zip(SHAPES, np.split(theta, cuts), strict=True)}
        x0 = m["symbols"][now] + m["positions"][places]
        x1, scale0 = normal(x0)
        x2, scale1 = normal(x1)
        q, k, v = (heads(x2 @ m[name].T) for name in ("query", "key", "value"))
        scores = q @ k.transpose(0, 2, 1) / math.sqrt(SIZE)
        scores[:, future] = -np.inf
        shares = softmax(scores)
        seen = joined(shares @ v)
        x3 = seen @ m["out"].T + x1
        x4, scale3 = normal(x3)
        hidden = x4 @ m["up"].T
        active = np.maximum(hidden, 0.0)
        x5 = active @ m["down"].T + x3
        p = softmax(x5 @ m["head"].T)
        value = -np.log(p[places, following]).mean()

        g = {}
        d = p.copy()
        d[places, following] -= 1.0
        d /= n
        g["head"], d5 = d.T @ x5, d @ m["head"]
        g["down"] = d5.T @ active
        dh = (d5 @ m["down"]) * (hidden > 0.0)
        g["up"] = dh.T @ x4
        d3 = d5 + normal_back(x3, scale3, dh @ m["up"])
        g["out"], ds = d3.T @ seen, heads(d3 @ m["out"])
        dshares, dv = ds @ v.transpose(0, 2, 1), shares.transpose(0, 2, 1) @ ds
        dscores = shares * (dshares - (dshares * shares).sum(axis=-1, keepdims=True)) / math.sqrt(SIZE)
        dq, dk = dscores @ k, dscores.transpose(0, 2, 1) @ q
        d2 = np.zeros((n, WIDTH))
        for name, part in (("query", dq), ("key", dk), ("value", dv)):
            flat = joined(part)
            g[name] = flat.T @ x2
            d2 += flat @ m[name]
        d1 = d3 + normal_back(x1, scale1, d2)
        d0 = normal_back(x0, scale0, d1)
        g["symbols"], g["positions"] = np.zeros((SYMBOLS, WIDTH)), np.zeros((POSITIONS, WIDTH))
        np.add.at(g["symbols"], now, d0)
        g["positions"][:n] = d0
        return float(value), np.concatenate([g[name].ravel() for name in SHAPES])

    return run


def padded(model: dict[str, list[list[Any]]], *row: Any) -> Any:
    """Return the loss of a row: 17 symbols, then how many positions count; the others choose 0 by ``where``."""
    from autograd_mini import log_softmax, take, where

    *tokens, length = row
    keys: list[list[Any]] = []
    values: list[list[Any]] = []
    total: Any = 0.0
    columns = [list(column) for column in zip(*model["symbols"], strict=True)]
    for place in range(POSITIONS):
        symbol = [take(column, tokens[place]) for column in columns]
        scores = position(model, [a + b for a, b in zip(symbol, model["positions"][place], strict=True)], keys, values)
        total = total + where(place < length, -take(log_softmax(scores), tokens[place + 1]), 0.0)
    return total / length


def train(steps: int, as_json: bool) -> None:
    """Print how long so many steps over words take, everything included, beside the port with the same steps."""
    from autograd_mini import optim, parameter
    from autograd_mini.program.batch import Batch

    chance = random.Random(1)
    words = [[26, *(chance.randrange(26) for _ in range(chance.randint(2, POSITIONS - 1))), 26] for _ in range(steps)]
    rows = np.array([[*word, *[0] * (POSITIONS + 1 - len(word)), len(word) - 1] for word in words], dtype=float)
    model = weights(parameter)
    parameters = [w for matrix in model.values() for row in matrix for w in row]
    ports = [by_hand(word) for word in words]
    batch = Batch(functools.partial(padded, model), parameters, POSITIONS + 2)
    taken: dict[str, float] = {}
    found: dict[str, Floats] = {}
    contestants: dict[str, Callable[[int, Floats], tuple[float, Floats]]] = {
        "autograd_mini": lambda i, theta: batch.value_and_grad(rows[i : i + 1], theta),
        "NumPy by hand": lambda i, theta: ports[i](theta),
    }
    for who, gradient in contestants.items():
        theta = np.array([w.data for w in parameters])
        adam = optim.Adam(parameters, lr=0.01)
        start = time.perf_counter()
        for i in range(steps):
            adam.update(theta, gradient(i, theta)[1])
        taken[who], found[who] = time.perf_counter() - start, theta
    np.testing.assert_allclose(found["autograd_mini"], found["NumPy by hand"], rtol=1e-6, atol=1e-8)
    table = [
        Row("autograd_mini", version_of("autograd_mini"), taken["autograd_mini"] * 1e6),
        Row("NumPy by hand", version_of("numpy"), taken["NumPy by hand"] * 1e6),
    ]
    notes = ["parameters equal at the end; recording and compiling counts"]
    report(f"A scalar GPT, {steps:,} steps of Adam over words of 3 to 16 positions (µs)", table, notes, as_json)


def main(argv: list[str]) -> int:
    """Print one table per length; return the exit status."""
    parser = argparse.ArgumentParser(prog="benchmarks gpt", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object per length")
    parser.add_argument("--budget", type=float, default=2.0, help="seconds per contestant (2)")
    parser.add_argument("lengths", nargs="*", type=int, help="positions of a document, up to 16 (4 9)")
    parser.add_argument("--train", action="store_true", help="1,000 steps over words instead")
    options = parser.parse_args(argv)
    on_one_core()
    if options.train:
        train(1_000, options.json)
        return 0
    from autograd_mini import parameter, softmax
    from autograd_mini.program.batch import Batch

    for length in options.lengths or (4, 9):
        chance = random.Random(length)
        tokens = [26, *(chance.randrange(26) for _ in range(length - 1)), 26]
        model = weights(parameter)
        parameters = [w for matrix in model.values() for row in matrix for w in row]
        theta = np.array([w.data for w in parameters])
        batch = Batch(functools.partial(loss, model, tokens, softmax), parameters, 0)
        document = np.empty((1, 0))
        start = time.perf_counter()
        value, gradient = batch.value_and_grad(document, theta)
        ready = time.perf_counter() - start
        port = by_hand(tokens)
        expected, slopes = port(theta)
        np.testing.assert_allclose(value, expected, rtol=1e-12)
        np.testing.assert_allclose(gradient, slopes, rtol=1e-9, atol=1e-14)
        runners = {
            "autograd_mini": functools.partial(batch.value_and_grad, document, theta),
            "NumPy by hand": functools.partial(port, theta),
        }
        best = race(runners, options.budget)
        rows = [
            Row("autograd_mini", version_of("autograd_mini"), best["autograd_mini"] * 1e6),
            Row("NumPy by hand", version_of("numpy"), best["NumPy by hand"] * 1e6),
        ]
        notes = [f"loss {value:.6f}, gradients equal", f"recorded and compiled in {ready:.2f} s"]
        report(f"A scalar GPT, value and gradient of {length} positions (µs)", rows, notes, options.json)
    return 0


if __name__ == "__main__":
    import sys

    raise SystemExit(main(sys.argv[1:]))
