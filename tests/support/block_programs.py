"""Functions whose programs have structure, and some that only look so; each with numbers to call it at.

``REGULAR`` name → (function, arguments, most blocks it may take); the parameters are Values from outside.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable
from typing import Any

from autograd_mini import Value, parameter
from autograd_mini.primitives import (
    affine,
    exp,
    log,
    logsumexp,
    maximum,
    minimum,
    relu,
    sigmoid,
    sin,
    softmax,
    sqrt,
    take,
    tanh,
    total,
    where,
)  # fmt: skip

Case = tuple[Callable[..., Any], list[float], int]


def numbers(count: int, seed: int) -> list[float]:
    chance = random.Random(seed)
    return [round(chance.uniform(-1.0, 1.0), 3) for _ in range(count)]


def weights(rows: int, columns: int, seed: int) -> list[list[Value]]:
    chance = random.Random(seed)
    return [[parameter(chance.uniform(-0.7, 0.7)) for _ in range(columns)] for _ in range(rows)]


def dense(w: list[list[Value]], x: Any, b: Any = None) -> list[Any]:
    """Each output a chain that begins at 0, or at the bias."""
    biases = b or [0.0] * len(w)
    return [sum((wi * xi for wi, xi in zip(row, x, strict=True)), start) for row, start in zip(w, biases, strict=True)]


def network(sizes: tuple[int, ...], spelled: bool) -> Case:
    layers = [(weights(m, n, m + n), weights(1, m, n)[0]) for n, m in itertools.pairwise(sizes)]

    def loss(*x: Any) -> Any:
        h: list[Any] = list(x)
        for w, b in layers:
            h = dense(w, h, b) if spelled else [affine(row, h, start) for row, start in zip(w, b, strict=True)]
            h = [tanh(each) for each in h]
        return logsumexp(h) - h[0]

    return loss, numbers(sizes[0], 1), 20


def convolution() -> Case:
    """Overlapping windows, shared weights, pooling with ties of relu at 0."""
    kernels = [weights(3, 3, seed) for seed in range(2)]
    head = weights(3, 8, 9)

    def loss(*pixels: Any) -> Any:
        image = [pixels[6 * i : 6 * i + 6] for i in range(6)]
        pooled = []
        for kernel in kernels:
            out = [
                [relu(sum(kernel[a][c] * image[i + a][j + c] for a in range(3) for c in range(3))) for j in range(4)]
                for i in range(4)
            ]
            pooled += [
                maximum(maximum(out[i][j], out[i][j + 1]), maximum(out[i + 1][j], out[i + 1][j + 1]))
                for i in range(0, 4, 2)
                for j in range(0, 4, 2)
            ]
        return logsumexp(dense(head, pooled))

    return loss, numbers(36, 2), 25


def attention() -> Case:
    """Ragged lengths: each position looks at those before it."""
    q, k, v = (weights(2, 3, seed) for seed in (3, 4, 5))

    def loss(*x: Any) -> Any:
        rows = [x[3 * t : 3 * t + 3] for t in range(4)]
        keys, values, out = [], [], []
        for row in rows:
            keys.append(dense(k, row))
            values.append(dense(v, row))
            query = dense(q, row)
            shares = softmax([sum(a * b for a, b in zip(query, key, strict=True)) / math.sqrt(2.0) for key in keys])
            out += [sum(s * value[j] for s, value in zip(shares, values, strict=True)) for j in range(2)]
        return sum(each * each for each in out)

    return loss, numbers(12, 6), 40


def tied() -> Case:
    """One weight in two layers, and an input used twice."""
    w = weights(3, 3, 7)

    def loss(*x: Any) -> Any:
        h = [sigmoid(each) for each in dense(w, x)]
        g = [sigmoid(each) for each in dense(w, h)]
        return total([a * b for a, b in zip(g, x, strict=True)])

    return loss, numbers(3, 8), 12


def recurrent() -> Case:
    inner, outer = weights(3, 3, 10), weights(3, 2, 11)

    def loss(*x: Any) -> Any:
        h: list[Any] = [0.0] * 3
        found: Any = 0.0
        for t in range(4):
            h = [tanh(a + b) for a, b in zip(dense(outer, x[2 * t : 2 * t + 2]), dense(inner, h), strict=True)]
            found = found + sum(h) * h[0]
        return found

    return loss, numbers(8, 12), 50


def narrow() -> Case:
    """Width one everywhere."""
    w, b = parameter(0.7), parameter(-0.2)
    return lambda x: tanh(w * x + b), [0.3], 3


def choices() -> Case:
    """where on every row, with an infinite slope behind the branch not taken."""
    w = weights(1, 5, 13)[0]

    def loss(*x: Any) -> Any:
        safe = [
            where(a > 0.0, sqrt(a), 0.0) + where(a < b, a * b, log(maximum(a, 0.1))) for a, b in zip(x, w, strict=True)
        ]
        return total(safe) * sum(safe)

    return loss, [0.0, 0.5, -0.5, 0.0, 0.25], 40


def embedding() -> Case:
    """Rows of a table by number, one from the end and one twice, and the share of a class by its number."""
    table, out = weights(4, 3, 18), weights(5, 3, 19)

    def loss(*row: Any) -> Any:
        *words, kind = row
        h: list[Any] = [0.0] * 3
        for word in words:
            h = [tanh(a + take([each[j] for each in table], word)) for j, a in enumerate(h)]
        return -log(take(softmax(dense(out, h)), kind))

    return loss, [2.0, -1.0, 0.0, 2.0, 3.0], 50


def scattered() -> Case:
    """Constants inside, repeated operands, a branch of Python's."""
    w = weights(2, 4, 14)

    def loss(*x: Any) -> Any:
        h = [2.0 * a - 1.0 + (0.5 if i % 2 else a) for i, a in enumerate(dense(w, x))]
        if h[0] > 0.0:
            h[0] = exp(h[0])
        return (sum(h) + 3.0 + h[1]) ** 2 + minimum(h[0], x[0] * x[0]) / (1.0 + abs(h[1]))

    return loss, numbers(4, 15), 40


def lookalike() -> Case:
    """Sums that are read halfway, products read twice: no dots."""

    def loss(*x: Any) -> Any:
        first = x[0] * x[1]
        partial = first + x[2] * x[3]
        whole = partial + x[4] * x[5]
        return sin(whole) * partial + first

    return loss, numbers(6, 16), 20


REGULAR: dict[str, Case] = {
    "spelled network": network((3, 5, 4), True),
    "network of affine": network((4, 3, 2), False),
    "one wide": network((1, 1, 1), True),
    "convolution": convolution(),
    "attention": attention(),
    "tied": tied(),
    "recurrent": recurrent(),
    "narrow": narrow(),
    "choices": choices(),
    "embedding": embedding(),
    "scattered": scattered(),
    "lookalike": lookalike(),
}


def irregular(seed: int) -> Case:
    """A random expression over four arguments and three parameters, in no order at all."""
    chance = random.Random(seed)
    held = weights(1, 3, seed)[0]
    plan = [(chance.randrange(9), chance.random(), chance.random()) for _ in range(40)]

    def loss(*x: Any) -> Any:
        known: list[Any] = [*x, *held]
        for kind, first, second in plan:
            a, b = known[int(first * len(known))], known[int(second * len(known))]
            known.append(
                [
                    lambda a, b: a + b,
                    lambda a, b: a * b,
                    lambda a, b: sin(a),
                    lambda a, b: tanh(a - b),
                    lambda a, b: maximum(a, b),
                    lambda a, b: where(a < b, a, -b),
                    lambda a, b: a * 0.5 + b * 0.25 + 1.0,
                    lambda a, b: softmax([a, b, a + b])[1],
                    lambda a, b: logsumexp([a, b]),
                ][kind](a, b)
            )
        return sum(known)

    return loss, numbers(4, seed), 200
