"""A GPT in scalars, and the smallest class that trains it, as in introductory texts.

One layer, 16 wide, 4 heads, 27 symbols, 16 positions: 4,192 numbers, and some 76,000 operations
for the loss of an eight-letter word. The code uses only + - * / **, ``exp``, ``log`` and
``relu`` of its numbers, so that every class runs the same code.
"""

from __future__ import annotations

import math
import random
from typing import Any

__all__ = ["Minimal", "loss", "numbers"]

WIDTH, HEADS, SYMBOLS, POSITIONS = 16, 4, 27, 16
SHAPES = {
    "token": (SYMBOLS, WIDTH), "place": (POSITIONS, WIDTH), "query": (WIDTH, WIDTH), "key": (WIDTH, WIDTH),
    "value": (WIDTH, WIDTH), "mix": (WIDTH, WIDTH), "wide": (4 * WIDTH, WIDTH), "narrow": (WIDTH, 4 * WIDTH),
    "out": (SYMBOLS, WIDTH),
}  # fmt: skip
WORD = [26, 0, 11, 8, 25, 0, 13, 3, 26]


class Minimal:
    """A scalar with its children and local derivatives, in forty lines, as in an introductory GPT."""

    __slots__ = ("children", "data", "grad", "slopes")

    def __init__(self, data: float, children: tuple[Minimal, ...] = (), slopes: tuple[float, ...] = ()) -> None:
        self.data, self.grad, self.children, self.slopes = data, 0.0, children, slopes

    def __add__(self, other: Any) -> Minimal:
        other = other if isinstance(other, Minimal) else Minimal(other)
        return Minimal(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other: Any) -> Minimal:
        other = other if isinstance(other, Minimal) else Minimal(other)
        return Minimal(self.data * other.data, (self, other), (other.data, self.data))

    def __pow__(self, power: float) -> Minimal:
        return Minimal(self.data**power, (self,), (power * self.data ** (power - 1),))

    def exp(self) -> Minimal:
        y = math.exp(self.data)
        return Minimal(y, (self,), (y,))

    def log(self) -> Minimal:
        return Minimal(math.log(self.data), (self,), (1.0 / self.data,))

    def relu(self) -> Minimal:
        return Minimal(max(0.0, self.data), (self,), (float(self.data > 0.0),))

    def __neg__(self) -> Minimal:
        return self * -1.0

    def __sub__(self, other: Any) -> Minimal:
        return self + (-other)

    def __rsub__(self, other: Any) -> Minimal:
        return other + (-self)

    def __truediv__(self, other: Any) -> Minimal:
        return self * other**-1

    __radd__, __rmul__ = __add__, __mul__

    def backward(self) -> None:
        order: list[Minimal] = []
        seen: set[Minimal] = set()

        def visit(node: Minimal) -> None:
            if node not in seen:
                seen.add(node)
                for child in node.children:
                    visit(child)
                order.append(node)

        visit(self)
        self.grad = 1.0
        for node in reversed(order):
            for child, slope in zip(node.children, node.slopes, strict=True):
                child.grad += slope * node.grad


def numbers(seed: int = 1) -> dict[str, list[list[float]]]:
    """Return the parameters as plain numbers, rows of each matrix."""
    chance = random.Random(seed)
    return {
        name: [[chance.gauss(0.0, 0.08) for _ in range(columns)] for _ in range(rows)]
        for name, (rows, columns) in SHAPES.items()
    }


def linear(x: list[Any], weights: list[list[Any]]) -> list[Any]:
    return [sum(w * v for w, v in zip(row, x, strict=True)) for row in weights]


def softmax(logits: list[Any]) -> list[Any]:
    highest = max(logit.data for logit in logits)
    exponentials = [(logit - highest).exp() for logit in logits]
    total = sum(exponentials)
    return [each / total for each in exponentials]


def normal(x: list[Any]) -> list[Any]:
    scale = (sum(v * v for v in x) / len(x) + 1e-5) ** -0.5
    return [v * scale for v in x]


def step(token: int, place: int, keys: list[list[Any]], values: list[list[Any]], p: dict[str, Any]) -> list[Any]:
    """Return the logits for the symbol after ``token``; keys and values of earlier positions are stored."""
    x = normal([a + b for a, b in zip(p["token"][token], p["place"][place], strict=True)])
    before, x = x, normal(x)
    query = linear(x, p["query"])
    keys.append(linear(x, p["key"]))
    values.append(linear(x, p["value"]))
    heads: list[Any] = []
    size = WIDTH // HEADS
    for part in (range(h * size, (h + 1) * size) for h in range(HEADS)):
        shares = softmax([sum(query[i] * key[i] for i in part) / size**0.5 for key in keys])
        heads += [sum(share * value[i] for share, value in zip(shares, values, strict=True)) for i in part]
    x = [a + b for a, b in zip(linear(heads, p["mix"]), before, strict=True)]
    before, x = x, normal(x)
    x = linear([each.relu() for each in linear(x, p["wide"])], p["narrow"])
    return linear([a + b for a, b in zip(x, before, strict=True)], p["out"])


def loss(p: dict[str, Any], word: list[int] | None = None) -> Any:
    """Return the mean of −log p(next symbol) over a word."""
    word = WORD if word is None else word
    keys: list[list[Any]] = []
    values: list[list[Any]] = []
    losses = []
    for place in range(len(word) - 1):
        shares = softmax(step(word[place], place, keys, values, p))
        losses.append(-shares[word[place + 1]].log())
    return (1.0 / len(losses)) * sum(losses)
