"""Heat maps: a network's layers as one card each, any other long computation folded."""

from __future__ import annotations

from viz.levels.fold import overview, shrink
from viz.levels.lesson import LINES
from viz.levels.level import Asked, View
from viz.levels.network import with_layers
from viz.levels.quotient import bundle, strips

__all__ = ["heat"]

MOST_LEAVES = 100
"""Leaves up to which an overview names every one; with more, those that go to the same boxes are one strip."""


def heat(asked: Asked) -> View:
    """Show any graph."""
    if asked.is_network:
        layers = with_layers(asked.cards)
        return View(asked.said(shrink(layers)), "heat", asked.said(overview(layers)))
    pieces = overview(asked.scalars)
    if len(pieces.edges) > LINES:
        return View(asked.said(shrink(asked.scalars)), "heat", None)
    if sum(node.role not in ("result", "output") for node in pieces.quantities) > MOST_LEAVES:
        pieces = bundle(strips(pieces, MOST_LEAVES))
    pieces = asked.said(pieces)
    return View(pieces, "heat", pieces)
