"""Graphs that the tests of pictures share."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise

from autograd_mini import losses
from autograd_mini.engine.groups import group
from autograd_mini.engine.value import Value, parameter
from autograd_mini.primitives.table import affine, log, relu, sigmoid, sin, softmax, sqrt, tanh, total, where


def lesson() -> Value:
    out = (Value(3.0) + Value(5.0)) * Value(10.0)
    out.backward()
    return out


def neuron() -> Value:
    xs = [Value(2.0, "x₁"), Value(-1.0, "x₂"), Value(0.5, "x₃")]
    weights = [parameter(0.4, "w₁"), parameter(0.6, "w₂"), parameter(-0.2, "w₃")]
    y = tanh(affine(weights, xs, parameter(0.1, "b")))
    y.label = "y"
    loss = (y - Value(1.0, "t")) ** 2
    loss.label = "L"
    loss.backward()
    return loss


def states() -> Value:
    """A dead relu, a saturated tanh, infinities, an untaken branch and labels that must be escaped."""
    x, y = Value(-2.0, "x"), Value(0.0, "重み")
    out = relu(x) + tanh(x * 9.0) + log(y) * 1.0 + where(x > 0.0, sqrt(x), y)
    out.label = "a & b <script>\"'"
    out.backward()
    return out


def network(sizes: list[int], samples: int = 1, activation: Callable[[Value], Value] = tanh) -> Value:
    """The loss of a network of affine functions, over one sample or the sum over several."""
    rng = random.Random(1)
    layers = [
        (
            [[parameter(rng.uniform(-1, 1), f"w{i}") for i in range(m)] for _ in range(n)],
            [parameter(0.1, "b") for _ in range(n)],
        )
        for m, n in pairwise(sizes)
    ]
    losses = []
    for _ in range(samples):
        signal = [Value(rng.uniform(-1, 1), f"x{i}" if samples == 1 else "") for i in range(sizes[0])]
        for depth, (weights, biases) in enumerate(layers):
            signal = [affine(row, signal, bias) for row, bias in zip(weights, biases, strict=True)]
            if depth < len(layers) - 1:
                signal = [activation(each) for each in signal]
        losses.append((signal[0] - 1.0) ** 2)
    loss = losses[0] if samples == 1 else total(losses)
    loss.label = "L"
    loss.backward()
    return loss


def groups() -> Value:
    x = Value(0.5, "x")
    y = x
    for _ in range(2):
        with group("block"):
            with group("inner"):
                z = tanh(y * parameter(0.5, "w"))
            y = y + z
    y.label = "y"
    y.backward()
    return y


def chain(length: int) -> Value:
    out = Value(0.5, "x")
    for _ in range(length):
        out = out * 1.001
    return out


def tangle(functions: int, seed: int) -> Value:
    """A random expression of about that many functions, with much sharing."""
    rng = random.Random(seed)
    pool = [Value(round(rng.uniform(-2, 2), 2), f"x{i}") for i in range(4)]
    while len(pool) < functions:
        a, b = rng.choice(pool[-6:]), rng.choice(pool)
        pool.append(
            rng.choice([lambda a, b: a + b, lambda a, b: a * b, lambda a, b: tanh(a), lambda a, b: a - b])(a, b)
        )
    out = pool[-1]
    for node in pool[-4:-1]:
        out = out + node
    out.label = "out"
    out.backward()
    return out


# ---------------------------------------------------------------- what a learner draws


def summed(terms: list[Value]) -> Value:
    """The sum of the terms as a balanced tree."""
    while len(terms) > 1:
        terms = [terms[i] + terms[i + 1] if i + 1 < len(terms) else terms[i] for i in range(0, len(terms), 2)]
    return terms[0]


def mixed_chain(length: int) -> Value:
    out = Value(0.5, "x")
    for i in range(length):
        out = (sin(out), tanh(out), out * 1.1, out + 0.1)[i % 4]
    return finished(out)


def fan(uses: int) -> Value:
    x = Value(0.5, "x")
    return finished(summed([sin(x * (i + 1.0)) for i in range(uses)]))


def diamonds(count: int) -> Value:
    out = Value(1.01, "x")
    for _ in range(count):
        out = out * out + out
    return finished(out)


def newton(steps: int) -> Value:
    a, x = Value(2.0, "a"), Value(1.0, "x₀")
    for _ in range(steps):
        x = x - (x * x - a) / (2.0 * x)
    return finished(x)


def weighted(count: int = 3) -> Value:
    """A neuron as a beginner writes it: a sum over products."""
    weights = [parameter(0.4 - 0.3 * i, f"w{i}") for i in range(count)]
    xs = [Value(2.0 - i, f"x{i}") for i in range(count)]
    return finished((tanh(sum((w * x for w, x in zip(weights, xs, strict=True)), parameter(0.1, "b"))) - 1.0) ** 2)


def branches() -> Value:
    x, y = Value(0.3, "x"), Value(-2.0, "y")
    return finished(where(x > 0, where(y > 0, log(y), where(x > 1, x * y, tanh(x * y))), sqrt(y)))


def likelihood() -> Value:
    logits = [Value(x, f"z{i}") for i, x in enumerate((1.0, 2.0, -1.0, 0.5))]
    return finished(-log(softmax(logits)[1]))


def classified() -> Value:
    """The negative log-likelihood of a network 2-3-2 with sigmoid and softmax."""
    rng = random.Random(1)
    first, second = (
        [[parameter(rng.uniform(-1, 1), f"w{i}") for i in range(m)] for _ in range(n)] for m, n in ((2, 3), (3, 2))
    )
    xs = [Value(0.8, "x₁"), Value(-0.4, "x₂")]
    hidden = [sigmoid(affine(row, xs, parameter(0.1, "b"))) for row in first]
    return finished(losses.nll(softmax([affine(row, hidden, parameter(-0.1, "b")) for row in second]), 0))


def finished(out: Value) -> Value:
    out.label = out.label or "L"
    out.backward()
    return out
