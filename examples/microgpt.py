"""A generative transformer of scalars: the architecture of the well-known microgpt, in this package's words.

One layer, 16 wide, 4 heads, at most 16 positions, 27 symbols: the 26 letters, and one symbol for
both ends of a name. The names are made by the script, syllable by syllable, or read from --names FILE,
one a line. Each step takes the gradient of the mean loss over one name (eager, plain Values) or over a
batch of names (compiled, through Batch, all of one program). At the end the model makes up new names.

head.svg      one attention head of the trained model on two symbols, drawn
learning.png  the loss of each step, beside ln 27, that of knowing nothing
Printed: seconds per step, the loss before and after, and sampled names.

    python examples/microgpt.py --engine eager --steps 50
    python examples/microgpt.py --steps 500 --batch 16
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from example_options import parser, say_what_would_be_faster

from autograd_mini import Value, affine, logsumexp, parameter, relu, softmax, total, where
from autograd_mini.nn import Module
from autograd_mini.optim import Adam
from autograd_mini.program.batch import Batch
from autograd_mini.schedules import linear
from viz import draw, plots

WIDTH, HEADS, POSITIONS, SYMBOLS = 16, 4, 16, 27
END = 26  # before the first letter and after the last
HEAD = WIDTH // HEADS

Numbers = Sequence[Any]
"""Floats or Values."""


def matrix(rows: int, columns: int, rng: random.Random, deviation: float = 0.08) -> list[list[Value]]:
    return [[parameter(rng.gauss(0.0, deviation)) for _ in range(columns)] for _ in range(rows)]


def times(weights: list[list[Value]], x: Numbers) -> list[Any]:
    """Return W·x, one affine node per row."""
    return [affine(row, x, 0.0) for row in weights]


def normalised(x: Numbers) -> list[Any]:
    """Return x/√(mean x² + 1e-5): every vector as long as every other."""
    scale = (total([each * each for each in x]) * (1.0 / len(x)) + 1e-5) ** -0.5
    return [each * scale for each in x]


def chosen(rows: list[list[Value]], symbol: Any) -> list[Any]:
    """Return the row of a symbol; of one that a recorded program will be told later, by a choice among all rows."""
    if isinstance(symbol, float | int):
        return list(rows[int(symbol)])
    found: list[Any] = list(rows[0])
    for k, row in enumerate(rows[1:], 1):
        found = [where(symbol == k, ours, others) for ours, others in zip(row, found, strict=True)]
    return found


class Transformer(Module):
    """Symbols so far → a score for every next symbol."""

    def __init__(self, seed: int = 0) -> None:
        rng = random.Random(seed)
        self.symbol, self.place = matrix(SYMBOLS, WIDTH, rng), matrix(POSITIONS, WIDTH, rng)
        self.query, self.key, self.value = (matrix(WIDTH, WIDTH, rng) for _ in range(3))
        self.mix = matrix(WIDTH, WIDTH, rng)
        self.up, self.down = matrix(4 * WIDTH, WIDTH, rng), matrix(WIDTH, 4 * WIDTH, rng)
        self.out = matrix(SYMBOLS, WIDTH, rng)

    def attend(self, x: Numbers, keys: list[list[Any]], values: list[list[Any]]) -> list[Any]:
        """Return what the newest position takes from all positions so far; keys and values grow by its own."""
        query = times(self.query, x)
        keys.append(times(self.key, x))
        values.append(times(self.value, x))
        taken: list[Any] = []
        for head in range(HEADS):
            part = slice(head * HEAD, (head + 1) * HEAD)
            scores = [affine(query[part], key[part], 0.0) * HEAD**-0.5 for key in keys]
            shares = softmax(scores)
            taken += [affine(shares, [value[i] for value in values], 0.0) for i in range(*part.indices(WIDTH))]
        return taken

    def step(self, symbol: Any, position: int, keys: list[list[Any]], values: list[list[Any]]) -> list[Any]:
        """Return the scores of the symbol that comes after this one."""
        x = normalised([a + b for a, b in zip(chosen(self.symbol, symbol), self.place[position], strict=True)])
        taken = times(self.mix, self.attend(normalised(x), keys, values))
        x = [a + b for a, b in zip(x, taken, strict=True)]
        inner = [relu(h) for h in times(self.up, normalised(x))]
        x = [a + b for a, b in zip(x, times(self.down, inner), strict=True)]
        return times(self.out, x)

    def forward(self, inputs: Numbers) -> list[list[Any]]:
        """Return the scores after each of the symbols."""
        keys: list[list[Any]] = []
        values: list[list[Any]] = []
        return [self.step(symbol, i, keys, values) for i, symbol in enumerate(inputs)]

    def loss(self, symbols: Numbers, weights: Numbers) -> Any:
        """Return Σ weight · cross-entropy of each next symbol; a weight of 0 is for what only fills a row."""
        terms = []
        for scores, target, weight in zip(self.forward(symbols[:-1]), symbols[1:], weights, strict=True):
            right = chosen([[score] for score in scores], target)[0]
            terms.append((logsumexp(scores) - right) * weight)
        return total(terms)

    def sample(self, rng: random.Random, temperature: float = 0.5) -> str:
        """Return a made-up name, drawn symbol by symbol."""
        keys: list[list[Any]] = []
        values: list[list[Any]] = []
        symbol, letters = END, ""
        for position in range(POSITIONS):
            scores = [each.data / temperature for each in self.step(symbol, position, keys, values)]
            symbol = rng.choices(range(SYMBOLS), softmax(scores))[0]
            if symbol == END:
                break
            letters += chr(ord("a") + symbol)
        return letters


def made_names(count: int, seed: int = 0) -> list[str]:
    """Return names of two or three open syllables, some closed by a consonant."""
    rng = random.Random(seed)
    return [
        "".join(rng.choice("bdklmnrstv") + rng.choice("aeiou") for _ in range(rng.choice((2, 2, 3))))
        + rng.choice(("", "", "n", "s", "l"))
        for _ in range(count)
    ]


def read_names(path: Path) -> list[str]:
    """Return the names of a file, those of 1 to 15 Latin letters; SystemExit where there is none."""
    lines = (line.strip().lower() for line in path.read_text(encoding="utf-8").splitlines())
    found = [line for line in lines if 0 < len(line) < POSITIONS and line.isascii() and line.isalpha()]
    if not found:
        raise SystemExit(f"{path}: no names; one a line, of 1 to {POSITIONS - 1} Latin letters, is needed")
    return found


def as_row(name: str, length: int) -> tuple[list[float], list[float]]:
    """Return the symbols (length + 1) and the weights (length) of a name; weights of its own places sum to 1."""
    symbols = [END, *(ord(letter) - ord("a") for letter in name), END]
    places = len(symbols) - 1
    return [*map(float, symbols), *[float(END)] * (length - places)], [1.0 / places] * places + [0.0] * (
        length - places
    )


def train(model: Transformer, names: list[str], chosen: Any) -> list[float]:
    """Take the steps; return the loss of each, as it was before."""
    parameters = model.parameters()
    optimizer, falling = Adam(parameters, lr=0.01, betas=(0.85, 0.99)), linear(chosen.steps)
    length = max(map(len, names)) + 1
    theta = np.array([p.data for p in parameters])
    batch = Batch(
        lambda *row: model.loss(row[: length + 1], row[length + 1 :]), parameters, 2 * length + 1, engine=chosen.engine
    )
    told: list[float] = []
    for step in range(chosen.steps):
        optimizer.factor = falling(step)
        some = [names[(step * chosen.batch + i) % len(names)] for i in range(chosen.batch)]
        if chosen.engine == "eager":  # as long as each name is, and not longer
            optimizer.zero_grad()
            loss = total([model.loss(*as_row(name, len(name) + 1)) for name in some]) * (1.0 / len(some))
            loss.backward()
            optimizer.step()
            told.append(loss.data)
        else:
            rows = np.array([[*symbols, *weights] for symbols, weights in (as_row(name, length) for name in some)])
            value, gradient = batch.value_and_grad(rows, theta)
            optimizer.update(theta, gradient)
            told.append(value)
        if step == 0 or (step + 1) % max(1, chosen.steps // 10) == 0:
            print(f"step {step + 1:5}: loss {told[-1]:.4f}")
    if chosen.engine != "eager":
        for p, number in zip(parameters, theta.tolist(), strict=True):
            p.data = number
    return told


def main(arguments: Sequence[str] | None = None) -> None:
    options = parser(__doc__)
    options.add_argument("--names", type=Path, help="a file of names, one a line (default: made by the script)")
    options.add_argument("--engine", choices=("auto", "llvm", "numpy", "eager"), default="auto")
    options.add_argument("--steps", type=int, default=300, help="steps of training (300)")
    options.add_argument("--batch", type=int, default=8, help="names per step (8)")
    say_what_would_be_faster()
    chosen = options.parse_args(arguments)
    if chosen.fast:
        chosen.steps, chosen.batch = 3, 1
    names = made_names(500) if chosen.names is None else read_names(chosen.names)
    model = Transformer()
    print(f"{len(model.parameters())} parameters, {len(names)} names such as {', '.join(names[:3])}")
    started = time.perf_counter()
    told = train(model, names, chosen)
    spent = time.perf_counter() - started
    print(f"{spent / chosen.steps:.3g} s per step of {chosen.batch} names, recording and compiling included")
    print(f"loss {told[0]:.3f} before, {np.mean(told[-20:]):.3f} after; ln {SYMBOLS} = {math.log(SYMBOLS):.3f}")
    rng = random.Random(1)
    print("made up:", ", ".join(model.sample(rng) for _ in range(4 if chosen.fast else 12)))
    with plots.dressed() as palette:
        chart, ax = plots.figure(size=(7.0, 3.6))
        ax.plot(range(1, len(told) + 1), told, linewidth=1.0)
        ax.axhline(math.log(SYMBOLS), color=palette.muted, linestyle=(0, (4, 2)), linewidth=1.0)
        ax.set(title="a transformer of scalars learns names", xlabel="step", ylabel="loss", ylim=(0, None))
        print("wrote", plots.save(chart, chosen.out / "learning.png"))
    print("wrote", draw_head(model, chosen.out / "head.svg"))


def draw_head(model: Transformer, path: Path) -> Path:
    """Draw what the first head takes at the second of two symbols: scores, shares, and the first number taken."""
    keys: list[list[Any]] = []
    values: list[list[Any]] = []
    for position, symbol in enumerate((END, 0)):
        x = [a.data + b.data for a, b in zip(model.symbol[symbol], model.place[position], strict=True)]
        model.attend([Value(each) for each in normalised(normalised(x))], keys, values)
    query = [Value(each.data, f"q{i}") for i, each in zip("₁₂₃₄", keys[-1][:HEAD], strict=True)]
    scores = []
    for place, key in enumerate(keys, 1):
        own = [Value(each.data, f"k{i}") for i, each in zip("₁₂₃₄", key[:HEAD], strict=True)]
        score = affine(query, own, 0.0)
        score.label = f"s{'₀₁₂'[place]}"
        scores.append(score)
    shares = softmax(scores)
    taken = affine(shares, [Value(value[0].data, f"v{i}") for i, value in zip("₁₂", values, strict=True)], 0.0)
    taken.label = "taken"
    taken.backward()
    path.parent.mkdir(parents=True, exist_ok=True)
    return draw(taken, detail="cards").save(path)


if __name__ == "__main__":
    main()
