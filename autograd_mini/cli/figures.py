"""The figures of a training run: its film as a page and as a GIF, and its curves."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from autograd_mini.cli.samples import Samples
from autograd_mini.cli.terminal import pictures
from autograd_mini.language import tell

if TYPE_CHECKING:
    from autograd_mini.nn import Sequential
    from autograd_mini.training.trainer import Trainer

__all__ = ["figures", "frame_epochs"]


def frame_epochs(epochs: int) -> list[int]:
    """Return the epochs whose parameters are kept, for the film."""
    pictures()
    from viz.plots import frames

    return frames.frame_epochs(epochs, 48)


def figures(
    options: argparse.Namespace, model: Sequential, trainer: Trainer, samples: Samples, plane: bool
) -> list[Path]:
    """Write the film as a page, the curves and, for two classes of the plane, the film as a GIF; return the files."""
    from importlib.util import find_spec

    pictures()
    title = f"{Path(options.data).name} · {options.layers.replace(':', ' ').replace(',', ' → ')}"
    files = []
    from viz import film as page

    try:
        shown = page(
            trainer.history, title=title, classes=_used_classes(trainer, samples), inputs=samples.features.names
        )
        files.append(shown.save(options.out / "training.html"))
    except ValueError as error:
        print(tell("no training.html: {why}", why=error))
    if find_spec("matplotlib") is None:
        print(tell("no further figures without matplotlib: pip install 'autograd_mini[plots]'"))
        return files
    from viz import plots

    files += [plots.save(plots.history_chart(trainer.history, title=title), options.out / "history.png")]
    if plane:
        film = plots.TrainingFilm(model, trainer.parameters, trainer.history, samples.X, samples.y, title=title)
        files += [film.save(options.out / "boundary.png"), film.save(options.out / "training.gif")]
    return files


def _used_classes(trainer: Trainer, samples: Samples) -> tuple[str, ...]:
    """The name of every class that the last layer can tell; spare nodes are called by their number."""
    classes = samples.target.classes
    nodes = trainer.predict(samples.X[:1]).shape[-1]
    return (*classes, *(f"class {number}" for number in range(len(classes), nodes))) if classes else ()
