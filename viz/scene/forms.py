"""Which form a picture takes: the classical one, with numbers on edges, while it fits a page; else the compact one."""

from __future__ import annotations

from viz.graph.model import Model
from viz.scene.compact import compact
from viz.scene.graphviz import Engine
from viz.scene.legible import PAGE, fits
from viz.scene.picture import picture
from viz.scene.shapes import Scene

__all__ = ["best"]

MOST = 60
"""Functions up to which the classical form is tried."""


def best(classical: Model, pieces: Model | None, title: str, description: str, engine: Engine = "auto") -> Scene:
    """Return the scene of ``classical`` where it can be read on a page, else of ``pieces`` in the compact form.

    Without ``pieces`` the picture has no compact form: layers as heat maps.
    """
    if pieces is None:
        return picture(classical, title, description, engine)
    first: Scene | None = None
    if classical.size <= MOST:
        first = picture(classical, title, description, engine)
        if fits(first):
            return first
    scene = compact(pieces, title, description, engine)
    return first if first is not None and scene.width > PAGE >= first.width else scene
