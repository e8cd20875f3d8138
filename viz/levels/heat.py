"""Heat maps: a network's layers as one card each, any other long computation folded."""

from __future__ import annotations

from viz.levels.fold import overview, shrink
from viz.levels.lesson import LINES
from viz.levels.level import Asked, View
from viz.levels.network import with_layers

__all__ = ["heat"]


def heat(asked: Asked) -> View:
    """Show any graph."""
    if asked.is_network:
        layers = with_layers(asked.cards)
        return View(asked.said(shrink(layers)), "heat", asked.said(overview(layers)))
    pieces = overview(asked.scalars)
    if len(pieces.edges) > LINES:
        return View(asked.said(shrink(asked.scalars)), "heat", None)
    pieces = asked.said(pieces)
    return View(pieces, "heat", pieces)
