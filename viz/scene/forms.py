"""The form of a picture: the classical one, with numbers on edges, if it fits a page; else the compact one."""

from __future__ import annotations

from dataclasses import dataclass

from viz.graph.model import Model
from viz.scene.compact import compact
from viz.scene.graphviz import Engine
from viz.scene.legible import PAGE, fits
from viz.scene.marks.mark import mark_of
from viz.scene.picture import picture
from viz.scene.shapes import Scene
from viz.scene.size import Size, of_classical, of_compact

__all__ = ["Form", "best", "expected"]

MOST = 60
"""Functions up to which the classical form is tried; layers as heat maps are few boxes, whatever they hold."""
WIDE, TALL = 4 / 3 * PAGE, 3 * PAGE
"""An expected width and height beyond which it does not fit a page: the expectation is at most a quarter too large."""


@dataclass(frozen=True, slots=True)
class Form:
    """A scene, and the model it shows."""

    scene: Scene
    model: Model


def best(classical: Model, pieces: Model | None, title: str, description: str, engine: Engine = "auto") -> Form:
    """Return the scene of ``classical`` where it can be read on a page, else of ``pieces`` in the compact form.

    Without ``pieces`` the picture has no compact form.
    """
    if pieces is None:
        return Form(picture(classical, title, description, engine), classical)
    first: Scene | None = None
    if any(mark_of(node).heat for node in classical.nodes) or _promising(classical):
        first = picture(classical, title, description, engine)
        if fits(first):
            return Form(first, classical)
    scene = compact(pieces, title, description, engine)
    if first is not None and scene.width > PAGE >= first.width:
        return Form(first, classical)
    return Form(scene, pieces)


def expected(classical: Model, pieces: Model | None) -> Size:
    """Return the size of the picture that ``best`` would draw, and its time, before it is laid out."""
    return of_classical(classical) if pieces is None or _promising(classical) else of_compact(pieces)


def _promising(classical: Model) -> bool:
    """Whether the classical form may fit a page, before it is laid out."""
    if classical.size > MOST:
        return False
    size = of_classical(classical)
    return size.width <= WIDE and size.height <= TALL
