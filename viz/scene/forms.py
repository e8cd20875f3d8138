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

__all__ = ["Form", "best"]

MOST = 60
"""Functions up to which the classical form is tried; layers as heat maps are few boxes, whatever they hold."""


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
    if classical.size <= MOST or any(mark_of(node).heat for node in classical.nodes):
        first = picture(classical, title, description, engine)
        if fits(first):
            return Form(first, classical)
    scene = compact(pieces, title, description, engine)
    if first is not None and scene.width > PAGE >= first.width:
        return Form(first, classical)
    return Form(scene, pieces)
