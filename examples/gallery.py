"""Every kind of picture, in one folder; index.html shows them all.

NAME.svg, NAME-dark.svg   arithmetic, composite, fan_out, branches, neuron (lessons), cards, heat,
                          groups named by the user, folded (400 operations)
difference.svg            what changed between two passes over the same graph
program.svg               a program as jit recorded it
live.html                 a page to step through, with inputs to drag
film.html                 a training run, with its playground
"""

from __future__ import annotations

import html
import random
from collections.abc import Sequence
from pathlib import Path

from example_options import options

import viz
from autograd_mini import (
    Value,
    data,
    exp,
    group,
    jit,
    log,
    losses,
    nn,
    optim,
    parameter,
    relu,
    sin,
    source_lines,
    sqrt,
    tanh,
    where,
)
from autograd_mini.training.trainer import Trainer


def arithmetic() -> Value:
    return (Value(3.0) + Value(5.0)) * Value(10.0)


def composite() -> Value:
    x = Value(0.5, "x")
    return sin(x * x) * (x + 2.0)


def fan_out() -> Value:
    x = Value(2.0, "x")
    y = x * x
    y.label = "y"
    return y * y + y + x


def branches() -> Value:
    x, w = Value(-1.5, "x"), parameter(0.8, "w")
    return where(x > 0, sqrt(x), relu(x)) + log(w) * tanh(w * 40.0)


def neuron(first: float = 2.0) -> Value:
    weights = [parameter(v, f"w{i}") for i, v in zip("₁₂₃", (0.4, 0.6, -0.2), strict=True)]
    inputs = [Value(v, f"x{i}") for i, v in zip("₁₂₃", (first, -1.0, 0.5), strict=True)]
    products = [w * x for w, x in zip(weights, inputs, strict=True)]
    y = tanh(products[0] + products[1] + products[2] + parameter(0.1, "b"))
    y.label = "y"
    return (y - Value(1.0, "t")) ** 2


def network(widths: list[int], seed: int = 3) -> Value:
    random.seed(seed)
    model = nn.MLP(2, widths)
    return (model([Value(0.8, "x₁"), Value(-0.4, "x₂")]) - 1.0) ** 2


def grouped() -> Value:
    x, mean, spread = Value(1.3, "x"), parameter(0.4, "μ"), parameter(0.9, "σ")
    with group("standardise"):
        z = (x - mean) / spread
    with group("density"):
        density = exp(-z * z / 2.0) / (spread * 2.5066282746310002)
    return -log(density)


def long_expression(operations: int = 400) -> Value:
    random.seed(7)
    values = [Value(0.7, "x"), Value(0.3, "y")]
    for i in range(operations):
        a, b = random.choice(values[-6:]), random.choice(values[-3:])
        values.append(sin(a) + b if i % 4 == 3 else a - b * 0.5)
    return values[-1]


LOSSES = {
    "arithmetic": (arithmetic, "Lesson: (3 + 5) × 10"),
    "composite": (composite, "Lesson: the chain rule on sin(x²)(x + 2)"),
    "fan_out": (fan_out, "Lesson: a value used three times"),
    "branches": (branches, "Lesson: a branch not taken, a dead relu, a saturated tanh"),
    "neuron": (neuron, "A neuron and its squared loss"),
    "cards": (lambda: network([4, 4, 1]), "Cards: a network 2-4-4-1"),
    "heat": (lambda: network([16, 16, 1]), "Heat: a network 2-16-16-1"),
    "groups": (grouped, "Groups named by the user"),
    "folded": (long_expression, "400 operations, folded"),
}


def film(epochs: int) -> viz.Film:
    points, classes = data.spiral(100, noise=0.1, seed=1)
    model = nn.network(2, "10:tanh,2:softmax", rng=1)
    trainer = Trainer(model, losses.nll, optim.Adam(model.parameters(), lr=0.02))
    return viz.film(trainer.fit(points, classes, epochs=epochs, frames=max(1, epochs // 40)))


def main(arguments: Sequence[str] | None = None) -> None:
    chosen = options(__doc__, arguments)
    out: Path = chosen.out
    out.mkdir(parents=True, exist_ok=True)
    entries: list[tuple[str, str]] = []

    def keep(name: str, title: str, picture: viz.Drawing | viz.Film, ending: str = "svg") -> None:
        picture.save(out / f"{name}.{ending}")
        entries.append((f"{name}.{ending}", title))
        print("wrote", out / f"{name}.{ending}")

    for name, (build, title) in LOSSES.items():
        value = build()
        value.label = value.label or "L"
        value.backward()
        keep(name, title, viz.draw(value))
        keep(f"{name}-dark", f"{title} (dark)", viz.draw(value, theme="dark"))

    before, after = neuron(2.0), neuron(2.5)
    before.backward()
    after.backward()
    keep("difference", "What changed between two passes", viz.diff(before, after))

    program = jit(lambda w, x, b: tanh(w * x + b)).program(0.5, 2.0, -1.0)
    keep("program", "A recorded program", viz.draw(program))

    with source_lines():
        live = neuron()
    live.label = "L"
    live.backward()
    keep("live", "A live page: step, drag, watch every gradient move", viz.draw(live), "html")
    keep("film", "A training run as a film, with its playground", film(40 if chosen.fast else 400), "html")

    (out / "index.html").write_text(index(entries), encoding="utf-8")
    print("wrote", out / "index.html")


def index(entries: list[tuple[str, str]]) -> str:
    """Return the page that shows every picture and links to the live ones."""
    cards = "\n".join(
        f'<figure><figcaption>{html.escape(title)}</figcaption><a href="{name}">'
        + (f'<img src="{name}" alt="{html.escape(title)}">' if name.endswith("svg") else "open the page")
        + "</a></figure>"
        for name, title in entries
    )
    return f"""<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>autograd_mini: gallery</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 16px/1.5 Inter, Helvetica, Arial, "Noto Sans JP", sans-serif }}
body {{ margin: 2rem auto; max-width: 80rem; padding: 0 1rem }}
figure {{ margin: 0 0 2.5rem }} figcaption {{ font-weight: 600; margin-bottom: .5rem }} img {{ max-width: 100% }}
</style>
<h1>Gallery</h1>
{cards}
</html>
"""


if __name__ == "__main__":
    main()
