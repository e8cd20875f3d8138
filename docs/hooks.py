"""What MkDocs makes while it builds the site: the live pages that it embeds, and the table of functions."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from autograd_mini import PRIMITIVES, Value, data, losses, nn, optim, sin
from autograd_mini.language import Language
from autograd_mini.primitives import table
from autograd_mini.training.trainer import Trainer
from viz import Film, draw, film
from viz.draw import Detail

LIVE = Path(__file__).parent / "live"
EXAMPLES = Path(__file__).parent.parent / "examples"
CLASSES: dict[Language, tuple[str, str]] = {"en": ("orange", "blue"), "ja": ("橙", "青")}
TABLE = "<!-- the table of functions -->"


def on_pre_build(**_: Any) -> None:
    """Write the live pages and films, where they are not there yet."""
    LIVE.mkdir(exist_ok=True)
    endings: dict[Language, str] = {"en": "", "ja": ".ja"}
    for name, (value, detail) in graphs().items():
        value.backward()
        for lang, ending in endings.items():
            if not (path := LIVE / f"{name}{ending}.html").exists():
                draw(value, detail, theme="auto", lang=lang).save(path)
    for name, run in runs().items():
        missing = [lang for lang, ending in endings.items() if not (LIVE / f"{name}{ending}.html").exists()]
        shown = run() if missing else None
        for lang in missing:
            assert shown is not None
            shown(lang).save(LIVE / f"{name}{endings[lang]}.html")


def graphs() -> dict[str, tuple[Value, Detail]]:
    """Return the graphs that are embedded as live pages, with their level of detail."""
    x = Value(0.5, "x")
    composite = sin(x * x) * (x + 2.0)
    composite.label = "y"
    network = example("graphs").network
    return {
        "C1": (three_layers(), "auto"),
        "F1": ((Value(3.0) + Value(5.0)) * Value(10.0), "auto"),
        "F2": (composite, "auto"),
        "F3": (network([1.0, 0.5, -1.0]), "auto"),
        "G10": (network([1.0, 0.5, -1.0]), "vectors"),
        "G11": (network([1.0, 0.5, -1.0]), "neurons"),
    }


def three_layers() -> Value:
    """Return the loss of system C1."""
    layers = (nn.Affine.of(np.array(W).T.tolist(), b) for W, b in example("forward_pass").LAYERS)
    first, second, third = layers
    outputs = nn.Sequential(first, nn.Sigmoid(), second, nn.Sigmoid(), third)([Value(1.0, "x₁"), Value(0.5, "x₂")])
    loss = losses.sum_squared_error(outputs, [0.0, 1.0])
    loss.label = "loss"
    return loss


def runs() -> dict[str, Callable[[], Callable[[Language], Film]]]:
    """Return the runs that are embedded: each trains, and returns what makes its film in a language."""
    rows = {row.name: row for row in example("watching").ROWS}
    return {name: partial(watched, row) for name, row in rows.items()} | {"B3": gate, "C4": cubic, "G2": lifted}


def watched(row: Any) -> Callable[[Language], Film]:
    """Train on a row of the example on watching."""
    X, y = data.SETS[row.points](200, noise=0.0 if row.name == "D1" else 0.02)
    seen = X if row.features is None else row.features(X)
    wide = (lambda a, b, rng: rng.gauss(0.0, row.deviation)) if row.deviation else None
    model = nn.network(2, row.layers, rng=row.seed, init=wide)
    trainer = Trainer(model, "nll", optim.Adam(model.parameters(), lr=row.lr))
    history = trainer.fit(seen, y, row.epochs, frames=row.epochs // 50)
    shown = {} if row.features is None else {"features": row.features, "X": X}
    return lambda lang: film(history, classes=CLASSES[lang], lang=lang, **shown)


def gate() -> Callable[[Language], Film]:
    """Learn XOR."""
    X, y = data.gate("xor")
    model = nn.network(2, "4:tanh,1:sigmoid", rng=1)
    trainer = Trainer(model, "binary_cross_entropy", optim.Adam(model.parameters(), lr=0.1))
    history = trainer.fit(X, y, 150, frames=3)
    return lambda lang: film(history, classes=("0", "1"), lang=lang)


def cubic() -> Callable[[Language], Film]:
    """Fit the cubic of system C4, scaled, with a network of tanh units."""
    x = np.linspace(-5.0, 5.0, 120)
    y = x**3 - 3.0 * x**2 + 5.0 * x - 7.0
    model = example("least_squares").spread_units(16)
    trainer = Trainer(model, "sum_squared_error", optim.Adam(model.parameters(), lr=0.02))
    history = trainer.fit(((x - x.mean()) / x.std())[:, None], (y - y.mean()) / y.std(), 1500, frames=30)
    return lambda lang: film(history, inputs=("x",), lang=lang)


def lifted() -> Callable[[Language], Film]:
    """Lift the doughnut by three units, as in system G2."""
    X, y = data.doughnut(200, 0.02)
    model = nn.network(2, "3:tanh,2:softmax", rng=3, init=lambda a, b, rng: rng.gauss(0.0, 1.5))
    history = Trainer(model, "nll", optim.Adam(model.parameters(), lr=0.02)).fit(X, y, 2000, frames=40)
    return lambda lang: film(history, classes=CLASSES[lang], lang=lang)


def example(name: str) -> ModuleType:
    """Return a script of ``examples/`` as a module."""
    if str(EXAMPLES) not in sys.path:
        sys.path.insert(0, str(EXAMPLES))
    return importlib.import_module(name)


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
