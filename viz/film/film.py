"""The film of a training run: one page with a scrubber over the epochs, that can also train on.

The page holds the recorded parameters and the network compiled to JavaScript; everything on it
is computed from these. It opens from disk and makes no network requests.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from autograd_mini.files import as_path
from autograd_mini.language import Language, counted, language, speaking, tell, translated
from autograd_mini.nn import Sequential
from autograd_mini.training.history import History, Setup
from viz.film.data import film_data, optimizer_data, packed, packed_text
from viz.film.graphs import sample_graphs
from viz.film.kit import kit_source
from viz.film.network import Features, Network
from viz.film.penalty import penalty_data
from viz.film.samples import samples
from viz.style.theme import ThemeName, palettes
from viz.web.document import bundled, document

if TYPE_CHECKING:
    from viz.plots.training_film import TrainingFilm

__all__ = ["Film", "film"]

Array: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]
STYLES = ("web/assets/page.css", "film/assets/film.css")
PICTURES = (".gif", ".png", ".svg", ".pdf", ".apng")


@translated
def film(
    history: History,
    *,
    title: str = "",
    features: Features | None = None,
    X: Any = None,
    classes: Sequence[str] = (),
    inputs: Sequence[str] = (),
    theme: ThemeName = "auto",
    lang: Language | None = None,
) -> Film:
    """Return the film of a run that kept its frames: ``fit(..., frames=10)``.

    It shows classes or a regression over two of the inputs; the page lets the reader choose which.

    ``features``  function from points of the plane (N, 2) to the network's inputs, such as ``data.polar``
    ``X``         the points of the plane (N, 2) where ``features`` is given; default: the training samples
    ``classes``   names of the classes, in the order of their targets
    ``inputs``    names of the columns of X
    ``theme``     "light", "dark", or "auto" for the reader's own
    ``lang``      the language of the page: "en" or "ja" (日本語); None is the current language, else English

    >>> from autograd_mini import data, losses, nn, optim
    >>> from autograd_mini.training.trainer import Trainer
    >>> X, y = data.moons(40)
    >>> model = nn.network(2, "3:tanh, 2:softmax", rng=0)
    >>> trainer = Trainer(model, losses.nll, optim.SGD(model.parameters(), lr=0.5), engine="numpy")
    >>> film(trainer.fit(X, y, epochs=10, frames=5))
    <Film of 2 → 3 tanh → 2 softmax, 3 frames, epochs 0 to 10>

    Raises ValueError for a run without frames, or one of samples that cannot be shown.
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
    return Film(
        history, history.setup, title=title, features=features, X=X, classes=classes, inputs=inputs, theme=theme
    )


class Film:
    """A training run as a page or an animation; ``film`` makes it."""

    def __init__(
        self,
        history: History,
        setup: Setup,
        *,
        title: str,
        features: Features | None,
        X: Any,
        classes: Sequence[str],
        inputs: Sequence[str],
        theme: ThemeName,
    ) -> None:
        self.history, self.setup, self.features, self.theme = history, setup, features, theme
        targets = np.asarray(setup.y, dtype=np.float64)
        self.parameters = setup.optimizer.parameters
        if any(len(frame.parameters) != len(self.parameters) for frame in history.frames):
            raise ValueError(f"the frames are not of the {len(self.parameters)} parameters that the last fit trained")
        point = np.asarray(setup.X if X is None else X, dtype=np.float64)[:1].reshape(-1).tolist()
        self.network = Network(
            setup.model, setup.loss, self.parameters, point, np.atleast_1d(targets[0]).tolist(),
            scalar_target=targets.ndim == 1, levels=(float(targets.min()), float(targets.max())),
            regression=targets.size == len(targets) and len(np.unique(targets)) > 2, features=features,
        )  # fmt: skip
        self.samples = samples(setup, X, features, len(self.network.decision.scores), classes, inputs)
        if not isinstance(title, str):
            raise TypeError(f"title is {title!r}, a {type(title).__name__}; a text is needed")
        self.title = title or tell("Training run")
        self.lang = language()

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
        """The layers and their sizes: "… · 52 parameters · 200 points"."""
        return " · ".join(
            [
                self.architecture,
                counted(len(self.parameters), "{count:,} parameter", "{count:,} parameters"),
                counted(len(self.samples.points), "{count:,} point", "{count:,} points"),
            ]
        )

    # ------------------------------------------------------------ the page

    def page(self) -> str:
        """Return the page: one file that opens from disk and makes no network requests."""
        with speaking(self.lang):
            return self._page()

    def _page(self) -> str:
        program = "const forward = null, gradient = null;\n"
        if self.network.dense is None:
            program = self.network.forward_source()
            program += self.network.gradient_source() if not self.network.why_still else "const gradient = null;\n"
        graphs = sample_graphs(self.network, self.setup.loss, self.samples)
        return document(
            "film/assets/film.html", self.title, self.theme, STYLES, "film/assets/film.js",
            self._data(graphs),
            f"{program}\n{kit_source()}start(forward, gradient, kit);", workers=True,
            inner=[graph["page"] for graph in graphs], kind="film",
        )  # fmt: skip

    def save(self, path: str | Path) -> Path:
        """Write ``.html``, the page; ``.gif``, the animation; ``.png``, ``.svg`` or ``.pdf``, its last frame.

        Pictures need the extra ``plots``. Raises ValueError for another ending.
        """
        path = as_path(path, "save")
        ending = path.suffix.lower()
        if ending == ".html":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.page(), encoding="utf-8")
            return path
        if ending not in PICTURES:
            raise ValueError(f"cannot save a film as {ending or path.name!r}; use one of .html, {', '.join(PICTURES)}")
        with speaking(self.lang):
            return self._moving(ending).save(path)

    def storyboard(self, path: str | Path, count: int = 5) -> Path:
        """Write ``count`` moments of the run side by side, as ``.png``, ``.svg`` or ``.pdf``, and return the path.

        Needs the extra ``plots``. Raises ValueError for a run that such pictures cannot show.
        """
        from viz.plots.charts import save

        with speaking(self.lang):
            return save(self._moving("a storyboard").storyboard(count), path)

    def _moving(self, wanted: str) -> TrainingFilm:
        """The run as matplotlib draws it; ``wanted`` is what the reader asked for."""
        from viz.plots.training_film import TrainingFilm  # loads matplotlib

        model, decision = self.setup.model, self.network.decision
        shown, plane = self.samples, self.samples.points.shape[1] == 2
        two = plane and len(shown.targets) == 2 and decision.kind != "shares" and not decision.middle
        if not isinstance(model, Sequential) or not two:
            raise ValueError(
                f"{wanted} shows a Sequential network that tells two classes of the plane apart by scores; save this "
                "film as .html"
            )
        return TrainingFilm(
            model, self.parameters, self.history, shown.points, np.array(shown.labels), title=self.title,
            features=self.features, theme=palettes(self.theme)[0].name,
        )  # fmt: skip

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        # In a frame of its own: the ids and styles of page and notebook must not mix.
        frame = (
            f'<iframe srcdoc="{escape(self.page())}" title="{escape(self.title)}" sandbox="allow-scripts" '
            'style="width:100%;height:56rem;border:0"></iframe>'
        )
        return {"text/html": frame, "text/plain": repr(self)}

    def _data(self, graphs: list[dict[str, Any]]) -> dict[str, Any]:
        """Return the data of the page besides its programs."""
        optimizer = self.setup.optimizer
        shown = self.samples
        script = bundled("page/assets/page.js")  # what the pages of all samples have in common comes once
        return {
            "subtitle": self.subtitle,
            "labels": shown.labels,
            "values": shown.values,
            "held": {"points": packed(shown.held), "labels": shown.held_labels, "values": shown.held_values},
            "targets": shown.targets.tolist(),
            "classes": shown.classes,
            "inputs": shown.inputs,
            "graphs": [graph | {"page": packed_text(graph["page"].replace(script, ""))} for graph in graphs],
            "script": packed_text(script) if graphs else "",
            "optimizer": optimizer_data(optimizer)
            | penalty_data(self.setup.penalty, len(self.parameters))
            | {"batch": self.setup.batch_size},
        } | film_data(self.network, self.history, shown)
