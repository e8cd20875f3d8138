"""The lesson: every scalar and every function."""

from __future__ import annotations

from autograd_mini.language import tell
from viz.graph.model import Model
from viz.levels.level import Asked, View

__all__ = ["CIRCLES", "LINES", "classical", "lesson"]

LIMIT = 150
"""Functions up to which every one is drawn."""
LINES = 450
"""Edges up to which every scalar is drawn: the size and the time of a layout grow with them."""
CIRCLES = 14
"""Up to so many functions every unlabelled intermediate value has a circle; with more it is an edge."""


def lesson(asked: Asked) -> View | None:
    """Show a small graph; with "auto" only a graph that is not a network."""
    size, lines = asked.scalars.size, asked.lines
    if size <= LIMIT and lines <= LINES and (asked.detail == "lesson" or (asked.is_free and not asked.is_network)):
        return View(classical(asked.scalars), "lesson", asked.scalars)
    if asked.detail == "lesson":
        asked.notes.append(
            tell("{count:,} functions are too many for a lesson, which shows up to {most}.", count=size, most=LIMIT)
            if size > LIMIT
            else tell("{count:,} edges are too many for a lesson, which shows up to {most}.", count=lines, most=LINES)
        )
    return None


def classical(scalars: Model) -> Model:
    """Return the model that a lesson draws in the classical form."""
    return scalars if scalars.size <= CIRCLES else scalars.without_plain_intermediates()
