"""Which level of detail a graph is drawn at: a lesson, cards, or heat maps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from viz.graph.model import Model
from viz.graph.parts import Card
from viz.levels.affine import recognised
from viz.levels.contract import contract
from viz.levels.fold import overview, shrink
from viz.levels.network import has_cards, with_cards, with_layers

__all__ = ["Detail", "View", "at_level", "view"]

Detail: TypeAlias = Literal["auto", "lesson", "cards", "heat"]

LESSON, LESSON_LIMIT = 40, 150
"""Functions up to which a lesson is chosen, and up to which one that was asked for is drawn."""
CIRCLES = 14
"""Functions up to which every unnamed intermediate has its circle; above, it becomes an edge."""
CARDS, PILLS, NODES = 50, 120, 80
"""Cards, pills and things to draw up to which cards are chosen."""
CARDS_LIMIT, PILLS_LIMIT = 120, 800
FORMULA = 18
LINES = 450
"""Edges up to which every scalar is drawn: the room and the time that a layout takes grow with them."""
OVERVIEW = 150
"""Functions up to which every one is drawn, in rows, where no network gives the picture its shape."""


@dataclass(frozen=True, slots=True)
class View:
    """A graph at one level of detail: ``model`` in the classical form, ``pieces`` for the compact one.

    ``pieces`` is None where there is no other form: layers as heat maps.
    """

    model: Model
    level: Detail
    pieces: Model | None


def at_level(scalars: Model, detail: Detail) -> tuple[Model, Detail]:
    """Return the model at the level asked for, or the next that it fits, and which that is."""
    found = view(scalars, detail)
    return found.model, found.level


def view(scalars: Model, detail: Detail) -> View:
    """Return the graph at the level asked for, or the next that it fits.

    Where the choice is free, sums of weighted inputs are cards, however they were written.
    """
    size = scalars.size
    named = recognised(scalars) if detail != "lesson" else scalars
    network = has_cards(named)
    lines = len(scalars.edges)
    if (detail == "lesson" and size <= LESSON_LIMIT and lines <= LINES) or (
        detail == "auto" and not network and size <= LESSON and lines <= LINES
    ):
        plain = scalars if size <= CIRCLES else scalars.without_plain_intermediates()
        return View(plain, "lesson", scalars)
    notes: list[str] = []
    if detail == "lesson":
        notes.append(
            f"{size:,} functions are too many for a lesson, which shows up to {LESSON_LIMIT}."
            if size > LESSON_LIMIT
            else f"{lines:,} edges are too many for a lesson, which shows up to {LINES}."
        )
    if not network:
        if detail == "cards" and size <= LESSON_LIMIT:
            short = contract(scalars, FORMULA)
            plain = _said(short.without_plain_intermediates(), scalars, notes)
            return View(plain, "cards", _said(short, scalars, notes))
        if detail == "auto" and size <= OVERVIEW and lines <= LINES:
            return View(scalars.without_plain_intermediates(), "lesson", scalars)
        pieces = overview(scalars)
        if len(pieces.edges) > LINES:
            return View(_said(shrink(scalars), scalars, notes), "heat", None)
        pieces = _said(pieces, scalars, notes)
        return View(pieces, "heat", pieces)
    cards = with_cards(named)
    found = cards.each(Card)
    pills = sum(len(card.pills) for card in found)
    most, room = (CARDS_LIMIT, PILLS_LIMIT) if detail == "cards" else (CARDS, PILLS)
    fits = len(found) <= most and pills <= room and len(cards.nodes) <= 3 * CARDS_LIMIT
    if detail != "heat" and fits:
        small = contract(cards, FORMULA).without_plain_intermediates()
        if detail == "cards" or len(small.nodes) <= NODES:
            pieces = _said(with_cards(named, closed=True), scalars, notes)
            return View(_said(small, scalars, notes), "cards", pieces)
    if detail == "cards":
        notes.append(f"{len(found):,} cards with {pills:,} parameters are too many; drawn as layers.")
    return View(_said(shrink(with_layers(cards)), scalars, notes), "heat", None)


def _said(small: Model, scalars: Model, notes: list[str]) -> Model:
    """Add to the notes what the picture holds and what it folds."""
    parameters = sum(node.role == "parameter" for node in scalars.quantities)
    held = f"{parameters:,} parameters, " * (parameters > 0) + f"{scalars.size:,} functions"
    boxes = len(small.nodes) - len(small.quantities)
    folded = f"{held} in {boxes} box{'es' * (boxes != 1)}." if boxes < scalars.size else f"{held}."
    return replace(small, notes=(*notes, *scalars.notes, folded, *small.notes[len(scalars.notes) :]))
