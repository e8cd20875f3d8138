"""What MkDocs makes while it builds the site: the live pages that it embeds, and the table of functions."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

from autograd_mini import PRIMITIVES, Value, data, losses, nn, sigmoid, sin
from autograd_mini.language import Language
from autograd_mini.primitives import table
from autograd_mini.training.trainer import Trainer
from viz import draw, film

LIVE = Path(__file__).parent / "live"
FILMS = {  # short runs: the page can train on
    "D1": ("linear", "2:linear,2:softmax", 200),
    "D4": ("spiral", "2:tanhx5,2:softmax", 1000),
    "D7": ("doughnut", "10:tanh,2:softmax", 300),
}
TABLE = "<!-- the table of functions -->"


def on_pre_build(**_: Any) -> None:
    """Write the live pages and films, where they are not there yet."""
    LIVE.mkdir(exist_ok=True)
    for lang, ending in (("en", ""), ("ja", ".ja")):
        for name, value in graphs().items():
            if not (path := LIVE / f"{name}{ending}.html").exists():
                value.backward()
                draw(value, theme="auto", lang=lang).save(path)
        for name, row in FILMS.items():
            if not (path := LIVE / f"{name}{ending}.html").exists():
                history_film(*row, lang).save(path)


def graphs() -> dict[str, Value]:
    """Return the graphs that are embedded as live pages."""
    x = Value(0.5, "x")
    composite = sin(x * x) * (x + 2.0)
    composite.label = "y"
    inputs = [Value(number, name) for number, name in ((1.0, "x₁"), (0.5, "x₂"), (-1.0, "x₃"))]
    neuron = losses.binary_cross_entropy(nn.Neuron(3, activation=sigmoid, rng=1)(inputs), 1.0)
    neuron.label = "loss"
    return {"F1": (Value(3.0) + Value(5.0)) * Value(10.0), "F2": composite, "F3": neuron}


def history_film(points: str, layers: str, epochs: int, lang: Language) -> Any:
    """Return the film of a run on one of the generated sets."""
    X, y = data.SETS[points](200, noise=0.02)
    model = nn.network(2, layers, rng=0)
    history = Trainer(model, "nll", "adam").fit(X, y, epochs, frames=max(1, epochs // 40))
    return film(history, classes=("orange", "blue") if lang == "en" else ("橙", "青"), lang=lang)


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Fill in the table of functions."""
    return markdown.replace(TABLE, functions()) if TABLE in markdown else markdown


def functions() -> str:
    """Return a row for each function of the table that users call: how it is called, and what it is."""
    rows = ["| function | what it is |", "|---|---|"]
    for name in table.__all__:
        row = PRIMITIVES[name]
        rows.append(f"| `{name}{inspect.signature(row)}` | {row.doc.replace('|', chr(92) + '|')} |")
    return "\n".join(rows)
