"""The film of a training run: one page with a scrubber over the epochs, that can also train on.

The page holds the recorded parameters and the network compiled to JavaScript; everything on it
is computed from these two. It opens from disk, needs no network and asks for none.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from autograd_mini.format import number
from autograd_mini.history import History, Setup
from autograd_mini.nn import Sequential
from autograd_mini.program.ir import Operand
from viz.film_program import Features, Layer, Network
from viz.theme import palettes
from viz.web import document, numbers

__all__ = ["Film", "film"]

Array: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]
SCRIPTS = (
    "numbers.js", "film-numbers.js", "film-network.js", "film-draw.js", "film-curves.js", "film-cards.js",
    "film-train.js", "film-input.js", "film-page.js",
)  # fmt: skip
STYLES = ("page.css", "film.css")
MOST_CLASSES, MOST_POINTS, MOST_UNITS = 6, 2000, 64
PICTURES = (".gif", ".png", ".svg", ".pdf")


def film(
    history: History,
    *,
    title: str = "",
    features: Features | None = None,
    X: Any = None,
    classes: Sequence[str] = (),
    theme: str = "auto",
) -> Film:
    """Return the film of a run that kept its frames: ``fit(..., frames=10)``.

    ``features``  maps points of the plane (N, 2) to what the network sees, as ``data.polar``
    ``X``         the points of the plane, where ``features`` is given; else those trained on
    ``classes``   names of the classes, in the order of their targets
    ``theme``     "light", "dark", or "auto" for the reader's own

    >>> from autograd_mini import data, losses, nn, optim
    >>> from autograd_mini.training import Trainer
    >>> X, y = data.moons(40)
    >>> model = nn.network(2, "3:tanh, 2:softmax", rng=0)
    >>> trainer = Trainer(model, losses.nll, optim.SGD(model.parameters(), lr=0.5), engine="numpy")
    >>> film(trainer.fit(X, y, epochs=10, frames=5))
    <Film of 2 → 3 tanh → 2 softmax, 3 frames, epochs 0 to 10>

    Raises ValueError for a run without frames, or one that is not about classes of points.
    """
    palettes(theme)
    if history.setup is None or not history.frames:
        raise ValueError(
            "the history has no frames to show; train with fit(..., frames=10), which keeps the parameters every ten "
            "epochs, and give film() what it returns"
        )
    return Film(history, history.setup, title=title, features=features, X=X, classes=classes, theme=theme)


class Film:
    """A run as a page or a moving picture; ``film`` makes it."""

    def __init__(
        self,
        history: History,
        setup: Setup,
        *,
        title: str,
        features: Features | None,
        X: Any,
        classes: Sequence[str],
        theme: str,
    ) -> None:
        self.history, self.setup, self.features, self.theme = history, setup, features, theme
        self.points = _points(setup.X if X is None else X, setup, features)
        targets = np.asarray(setup.y, dtype=np.float64)
        self.parameters = setup.optimizer.parameters
        if any(len(frame.parameters) != len(self.parameters) for frame in history.frames):
            raise ValueError(f"the frames are not of the {len(self.parameters)} parameters that the last fit trained")
        levels = float(targets.min()), float(targets.max())
        self.network = Network(
            setup.model, setup.loss, self.parameters, self.points[0].tolist(),
            np.atleast_1d(targets[0]).tolist(), scalar_target=targets.ndim == 1, levels=levels, features=features,
        )  # fmt: skip
        self.labels, self.targets = _classes(targets, len(self.network.decision.scores))
        count = len(self.targets)
        if classes and len(classes) != count:
            raise ValueError(f"classes: {len(classes)} names for {count} classes; give one name per class")
        self.classes = list(classes) or [f"class {number(name)}" for name in _names(self.targets)]
        self.title = title or "Training run"

    def __repr__(self) -> str:
        first, last = self.history.frames[0].epoch, self.history.frames[-1].epoch
        return f"<Film of {self.architecture}, {len(self.history.frames)} frames, epochs {first} to {last}>"

    @property
    def architecture(self) -> str:
        """The layers in a line: "2 → 10 tanh → 2 softmax"."""
        layers = self.network.layers
        if not layers:
            return type(self.setup.model).__name__
        return " → ".join([str(len(layers[0].inputs)), *(layer.title for layer in layers)])

    # ------------------------------------------------------------ the page

    @cached_property
    def html(self) -> str:
        """The page."""
        program = self.network.forward_source()
        program += self.network.gradient_source() if not self.network.why_still else "const gradient = null;\n"
        data = self._data()
        return document(
            "film.html", self.title, self.theme, STYLES, SCRIPTS, data, f"{program}\nstart(forward, gradient);"
        )

    def save(self, path: str | Path) -> Path:
        """Write ``.html``, the page; ``.gif``, the moving picture; ``.png``, ``.svg`` or ``.pdf``, its last frame.

        Pictures need the extra ``plots``. Raises ValueError for another ending.
        """
        path = Path(path)
        ending = path.suffix.lower()
        if ending == ".html":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.html, encoding="utf-8")
            return path
        if ending not in PICTURES:
            raise ValueError(f"cannot save a film as {ending or path.name!r}; use one of .html, {', '.join(PICTURES)}")
        from viz.plots import TrainingFilm  # loads matplotlib

        model, decision = self.setup.model, self.network.decision
        if not isinstance(model, Sequential) or len(self.targets) != 2 or decision.kind == "shares" or decision.middle:
            raise ValueError(
                f"{ending} shows a Sequential network that tells two classes apart by scores; save this film as .html"
            )
        shown = TrainingFilm(
            model, self.parameters, self.history, self.points, self.labels, title=self.title, features=self.features,
            theme=palettes(self.theme)[0].name,
        )  # fmt: skip
        return shown.save(path)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        # In a frame of its own: the page's ids and styles must not meet the notebook's.
        frame = (
            f'<iframe srcdoc="{escape(self.html)}" title="{escape(self.title)}" sandbox="allow-scripts" '
            'style="width:100%;height:56rem;border:0"></iframe>'
        )
        return {"text/html": frame, "text/plain": repr(self)}

    def _data(self) -> dict[str, Any]:
        """Return what the page knows beside its programs."""
        network, frames = self.network, self.history.frames
        columns = network.outputs()
        final = network.evaluate(self.points, frames[-1].parameters)
        at = len(network.seen)
        seen = _picture("what the network sees", "", 0, final[:, :at]) if at else None
        layers = []
        for layer in network.layers:
            layers.append(self._layer(layer, at, final[:, at : at + len(layer.outputs)]))
            at += len(layer.outputs)
        decision = network.decision
        optimizer = self.setup.optimizer
        return {
            "title": self.title,
            "subtitle": f"{self.architecture} · {_many(len(self.parameters), 'parameter')} · "
            f"{_many(len(self.points), 'point')}",
            "epochs": [frame.epoch for frame in frames],
            "theta": _packed(np.concatenate([frame.parameters for frame in frames])),
            "parameters": len(self.parameters),
            "points": _packed(self.points),
            "labels": self.labels.tolist(),
            "targets": self.targets.tolist(),
            "classes": self.classes,
            "extent": _extent(self.points),
            "columns": len(columns),
            "seen": seen,
            "layers": layers,
            "decision": {
                "kind": decision.kind,
                "at": at,
                "count": len(decision.scores),
                "middle": decision.middle,
                "half": decision.half,
            },
            "history": _curves(self.history),
            "optimizer": {"kind": type(optimizer).__name__, "lr": optimizer.lr, "batch": self.setup.batch_size},
            "still": network.why_still,
        }

    def _layer(self, layer: Layer, at: int, final: Array) -> dict[str, Any]:
        index = self.network.index

        def table(rows: Sequence[Sequence[Operand]]) -> list[list[int]]:
            return [[index(x) for x in row] for row in rows]

        return _picture(layer.title, layer.activation, at, final) | {
            "inputs": len(layer.inputs),
            "weights": table(layer.weights),
            "biases": [index(x) for x in layer.biases],
            "bounded": layer.activation in ("tanh", "sigmoid"),
        }


# ---------------------------------------------------------------- what is shown


def _points(X: Any, setup: Setup, features: Features | None) -> Array:
    points = np.asarray(X, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2 or len(points) != len(setup.X):
        raise ValueError(
            f"X has the shape {points.shape} for {len(setup.X)} samples; a film shows as many points of the plane, "
            "(N, 2). Where the network sees something else of them, give X=points and features=, as data.polar"
        )
    seen = points if features is None else np.asarray(features(points), dtype=np.float64)
    if not np.allclose(seen, np.asarray(setup.X, dtype=np.float64).reshape(len(points), -1)):
        raise ValueError(
            "features(X) are not the samples that the run was trained on; give the X and features of that run"
        )
    return points


def _classes(y: Array, outputs: int) -> tuple[np.ndarray[Any, np.dtype[np.int64]], Array]:
    """Return the class of every row (N,), and the target of every class (K, m)."""
    if y.ndim == 2 and y.shape[1] > 1:
        labels = y.argmax(axis=1)
        targets = np.eye(y.shape[1])
    elif outputs > 1:
        labels = y.reshape(-1).astype(np.int64)
        targets = np.arange(outputs, dtype=np.float64)[:, None]
        if (labels != y.reshape(-1)).any() or labels.min() < 0 or labels.max() >= outputs:
            raise ValueError(f"y must hold class numbers 0 to {outputs - 1} for a network of {outputs} outputs")
    else:
        found = np.unique(y)
        if len(found) != 2:
            raise ValueError(
                f"a film shows classes; y has {len(found)} different values where one output tells two apart"
            )
        labels, targets = (y.reshape(-1) == found[1]).astype(np.int64), found[:, None]
    if len(targets) > MOST_CLASSES:
        raise ValueError(f"a film shows up to {MOST_CLASSES} classes, got {len(targets)}")
    return labels, targets


def _names(targets: Array) -> list[float]:
    return targets[:, 0].tolist() if targets.shape[1] == 1 else list(range(len(targets)))


def _picture(title: str, activation: str, at: int, final: Array) -> dict[str, Any]:
    """Return what draws a layer: its columns among the outputs, and where they are looked at from."""
    centre, directions = _projection(final)
    return {
        "title": title,
        "activation": activation,
        "at": at,
        "units": final.shape[1],
        "bounded": False,
        "stretched": not activation or final.shape[1] > 2,
        "centre": centre.tolist(),
        "directions": directions.tolist(),
    }


def _projection(final: Array) -> tuple[Array, Array]:
    """Return the centre (d,) and the two directions (2, d) in which a layer is looked at.

    Of a wider layer than two: the directions in which the last frame's points spread most.
    """
    width = final.shape[1]
    if width <= 2:
        return np.zeros(width), np.eye(2)[:, :width]
    centre = final.mean(axis=0)
    _, _, directions = np.linalg.svd(final - centre, full_matrices=False)
    found = np.zeros((2, width))
    found[: min(2, len(directions))] = directions[:2]
    found *= np.where(found[np.arange(2), np.abs(found).argmax(axis=1)] < 0.0, -1.0, 1.0)[:, None]  # the same each time
    return centre, found


def _extent(points: Array) -> list[float]:
    """Return the square (left, right, bottom, top) around the points."""
    low, high = points.min(axis=0), points.max(axis=0)
    centre, half = (low + high) / 2.0, 0.575 * max(float((high - low).max()), 1e-9)
    return [centre[0] - half, centre[0] + half, centre[1] - half, centre[1] + half]


def _curves(history: History) -> dict[str, list[Any]]:
    """Return the columns that are drawn, thinned where there are thousands of epochs."""
    count = len(history["epoch"])
    chosen = np.unique(np.linspace(0, count - 1, min(count, MOST_POINTS)).round().astype(int))
    kept = {*chosen.tolist(), *(frame.epoch - 1 for frame in history.frames)}
    order = sorted(i for i in kept if 0 <= i < count)
    names = ("epoch", "loss", "accuracy", "validation_loss", "validation_accuracy")
    return {name: numbers([_short(history[name][i]) for i in order]) for name in names}


def _short(x: float) -> float:
    return float(f"{x:.7g}") if math.isfinite(x) else x


def _packed(values: Array) -> str:
    """Doubles as base64, little-endian: every bit arrives, in eleven characters a number."""
    return base64.b64encode(np.ascontiguousarray(values, dtype="<f8").tobytes()).decode()


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' * (count != 1)}"
