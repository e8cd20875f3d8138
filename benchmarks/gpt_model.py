"""The GPT of ``gpt``: in scalars, for any class of numbers, and a port to NumPy with its gradient by hand.

One layer, 16 wide, 4 heads, 27 symbols (the letters, and one that begins and ends a word), 16 positions: 4,192
parameters. ``loss`` is recorded for the symbols of one document; ``document`` and ``padded`` take them as data.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["NAMES", "POSITIONS", "by_hand", "document", "loss", "padded", "tokens_of", "weights"]

Floats = Any
WIDTH, POSITIONS, HEADS, SYMBOLS = 16, 16, 4, 27
SIZE = WIDTH // HEADS
SHAPES = {
    "symbols": (SYMBOLS, WIDTH), "positions": (POSITIONS, WIDTH), "query": (WIDTH, WIDTH), "key": (WIDTH, WIDTH),
    "value": (WIDTH, WIDTH), "out": (WIDTH, WIDTH), "up": (4 * WIDTH, WIDTH), "down": (WIDTH, 4 * WIDTH),
    "head": (SYMBOLS, WIDTH),
}  # fmt: skip


LETTERS, EDGE = "abcdefghijklmnopqrstuvwxyz", 26
NAMES = Path(__file__).with_name("names.txt").read_text(encoding="utf-8").split()


def tokens_of(name: str) -> list[int]:
    """Return the symbols of a name, between those that begin and end it."""
    return [EDGE, *map(LETTERS.index, name), EDGE]


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


def document(model: dict[str, list[list[Any]]], *tokens: Any) -> Any:
    """Return the loss of a row of symbols: as ``loss``, but with the symbols as data."""
    from autograd_mini import softmax, take

    keys: list[list[Any]] = []
    values: list[list[Any]] = []
    losses = []
    for place, (token, following) in enumerate(itertools.pairwise(tokens)):
        scores = position(model, _embedded(model, token, place), keys, values)
        losses.append(-take(softmax(scores), following).log())
    return sum(losses) * (1.0 / len(losses))


def _embedded(model: dict[str, list[list[Any]]], token: Any, place: int) -> list[Any]:
    from autograd_mini import take

    columns = zip(*model["symbols"], strict=True)
    return [take(column, token) + b for column, b in zip(columns, model["positions"][place], strict=True)]


def padded(model: dict[str, list[list[Any]]], *row: Any) -> Any:
    """Return the loss of a row: 17 symbols, then how many positions count; the others choose 0 by ``where``."""
    from autograd_mini import log_softmax, take, where

    *tokens, length = row
    keys: list[list[Any]] = []
    values: list[list[Any]] = []
    total: Any = 0.0
    for place in range(POSITIONS):
        scores = position(model, _embedded(model, tokens[place], place), keys, values)
        total = total + where(place < length, -take(log_softmax(scores), tokens[place + 1]), 0.0)
    return total / length


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
