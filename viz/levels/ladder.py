"""The levels of detail in order, from the finest to the one that shows any graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from viz.graph.model import Model
from viz.graph.names import named
from viz.levels.cards import cards
from viz.levels.heat import heat
from viz.levels.lesson import lesson
from viz.levels.level import Asked, Level, View
from viz.levels.neurons import neurons
from viz.levels.vectors import vectors

__all__ = ["LEVELS", "Detail", "view"]

Detail: TypeAlias = Literal["auto", "lesson", "cards", "neurons", "vectors", "heat"]
LEVELS: Mapping[str, Level] = {
    "lesson": lesson,
    "cards": cards,
    "neurons": neurons,
    "vectors": vectors,
    "heat": heat,
}


def view(scalars: Model, detail: str) -> View:
    """Return the graph at the requested level, or at the next level that can show it.

    ``detail`` is one of ``LEVELS``, or "auto". With "auto", sums of weighted inputs are recognised and
    drawn as cards.
    """
    asked = Asked(named(scalars), detail, by_hand=detail == "lesson")
    names = list(LEVELS)
    for name in names[0 if detail == "auto" else names.index(detail) :]:
        found = LEVELS[name](asked)
        if found is not None:
            return found
    raise LookupError(f"no level of detail shows a graph of {scalars.size:,} functions; the last one must show any")
