"""Which level of detail a graph is drawn at: a lesson, cards, or heat maps."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, TypeAlias

from viz.graph.model import Model
from viz.graph.parts import Card
from viz.levels.contract import contract
from viz.levels.fold import shrink
from viz.levels.network import has_cards, with_cards, with_layers

__all__ = ["Detail", "at_level"]

Detail: TypeAlias = Literal["auto", "lesson", "cards", "heat"]

LESSON, LESSON_LIMIT = 40, 150
"""Functions up to which a lesson is chosen, and up to which one that was asked for is drawn."""
CIRCLES = 14
"""Functions up to which every unnamed intermediate has its circle; above, it becomes an edge."""
CARDS, PILLS, NODES = 50, 120, 80
"""Cards, pills and things to draw up to which cards are chosen."""
CARDS_LIMIT, PILLS_LIMIT = 120, 800
FORMULA = 18


def at_level(scalars: Model, detail: Detail) -> tuple[Model, Detail]:
    """Return the model at the level asked for, or the next that it fits, and which that is."""
    size = scalars.size
    network = has_cards(scalars)
    if (detail == "lesson" and size <= LESSON_LIMIT) or (detail == "auto" and not network and size <= LESSON):
        return scalars if size <= CIRCLES else scalars.without_plain_intermediates(), "lesson"
    notes: list[str] = []
    if detail == "lesson":
        notes.append(f"{size:,} functions are too many for a lesson, which shows up to {LESSON_LIMIT}.")
    if not network:
        few = detail == "cards" and size <= LESSON_LIMIT
        small = contract(scalars, FORMULA).without_plain_intermediates() if few else shrink(scalars)
        return _said(small, scalars, notes), "cards" if few else "heat"
    cards = with_cards(scalars)
    found = cards.each(Card)
    pills = sum(len(card.pills) for card in found)
    most, room = (CARDS_LIMIT, PILLS_LIMIT) if detail == "cards" else (CARDS, PILLS)
    fits = len(found) <= most and pills <= room and len(cards.nodes) <= 3 * CARDS_LIMIT
    if detail != "heat" and fits:
        small = contract(cards, FORMULA).without_plain_intermediates()
        if detail == "cards" or len(small.nodes) <= NODES:
            return _said(small, scalars, notes), "cards"
    if detail == "cards":
        notes.append(f"{len(found):,} cards with {pills:,} parameters are too many; drawn as layers.")
    return _said(shrink(with_layers(cards)), scalars, notes), "heat"


def _said(small: Model, scalars: Model, notes: list[str]) -> Model:
    """Add to the notes what the picture holds and what it folds."""
    parameters = sum(node.role == "parameter" for node in scalars.quantities)
    held = f"{parameters:,} parameters, " * (parameters > 0) + f"{scalars.size:,} functions"
    boxes = len(small.nodes) - len(small.quantities)
    folded = f"{held} in {boxes} box{'es' * (boxes != 1)}." if boxes < scalars.size else f"{held}."
    return replace(small, notes=(*notes, *scalars.notes, folded, *small.notes[len(scalars.notes) :]))
