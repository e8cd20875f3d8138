"""The film of a training run: one page with a scrubber over the epochs, that can also train on.

The page holds the recorded parameters and the network compiled to JavaScript; everything on it
is computed from these two. It opens from disk, needs no network and asks for none.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from autograd_mini.format import number
from autograd_mini.nn import Sequential
from autograd_mini.training.history import History, Setup
from viz.film.data import film_data, optimizer_data
from viz.film.network import Features, Network
from viz.style.theme import palettes
from viz.web.document import document

__all__ = ["Film", "film"]

Array: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]
STYLES = ("web/assets/page.css", "film/assets/film.css")
MOST_CLASSES = 6
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
    >>> from autograd_mini.training.trainer import Trainer
    >>> X, y = data.moons(40)
    >>> model = nn.network(2, "3:tanh, 2:softmax", rng=0)
    >>> trainer = Trainer(model, losses.nll, optim.SGD(model.parameters(), lr=0.5), engine="numpy")
    >>> film(trainer.fit(X, y, epochs=10, frames=5))
    <Film of 2 → 3 tanh → 2 softmax, 3 frames, epochs 0 to 10>

    Raises ValueError for a run without frames, or one that is not about classes of points.
    """
    palettes(theme)
    if not isinstance(history, History):
        raise TypeError(
            f"film takes the history of a training run, what Trainer.fit(..., frames=10) returns; got a "
            f"{type(history).__name__}"
        )
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

    @property
    def subtitle(self) -> str:
        """The layers, and how much there is of what: "… · 52 parameters · 200 points"."""
        return " · ".join(
            [self.architecture, _many(len(self.parameters), "parameter"), _many(len(self.points), "point")]
        )

    # ------------------------------------------------------------ the page

    def page(self) -> str:
        """Return the page: one file that opens from disk, needs no network and asks for none."""
        program = self.network.forward_source()
        program += self.network.gradient_source() if not self.network.why_still else "const gradient = null;\n"
        return document(
            "film/assets/film.html",
            self.title,
            self.theme,
            STYLES,
            "film/assets/film.js",
            self._data(),
            f"{program}\nstart(forward, gradient);",
        )

    def save(self, path: str | Path) -> Path:
        """Write ``.html``, the page; ``.gif``, the moving picture; ``.png``, ``.svg`` or ``.pdf``, its last frame.

        Pictures need the extra ``plots``. Raises ValueError for another ending.
        """
        path = Path(path)
        ending = path.suffix.lower()
        if ending == ".html":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.page(), encoding="utf-8")
            return path
        if ending not in PICTURES:
            raise ValueError(f"cannot save a film as {ending or path.name!r}; use one of .html, {', '.join(PICTURES)}")
        from viz.plots.charts import TrainingFilm  # loads matplotlib

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
            f'<iframe srcdoc="{escape(self.page())}" title="{escape(self.title)}" sandbox="allow-scripts" '
            'style="width:100%;height:56rem;border:0"></iframe>'
        )
        return {"text/html": frame, "text/plain": repr(self)}

    def _data(self) -> dict[str, Any]:
        """Return what the page knows beside its programs."""
        optimizer = self.setup.optimizer
        return {
            "subtitle": self.subtitle,
            "labels": self.labels.tolist(),
            "targets": self.targets.tolist(),
            "classes": self.classes,
            "optimizer": optimizer_data(optimizer) | {"batch": self.setup.batch_size},
        } | film_data(self.network, self.history, self.points)


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


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' * (count != 1)}"
