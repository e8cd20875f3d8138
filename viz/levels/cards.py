"""Cards: affine functions with their parameters; a loss, and short formulas, as one box."""

from __future__ import annotations

from autograd_mini.language import tell
from viz.graph.parts import Card
from viz.levels.contract import contract, with_wholes
from viz.levels.lesson import LIMIT
from viz.levels.level import Asked, View
from viz.levels.network import with_cards

__all__ = ["cards"]

CARDS, PILLS, NODES = 50, 120, 80
"""Cards, pills and things to draw up to which cards are chosen."""
CARDS_LIMIT, PILLS_LIMIT = 120, 800
"""Cards and pills up to which they are drawn where they were asked for."""
FORMULA = 18
"""Functions up to which a formula is one box."""


def cards(asked: Asked) -> View | None:
    """Show a network of few units; another graph only where requested, with its formulas as boxes."""
    wanted = asked.detail == "cards"
    if not asked.is_network:
        if not wanted or asked.scalars.size > LIMIT:
            return None
        short = contract(with_wholes(asked.scalars), FORMULA)
        return View(asked.said(short.without_plain_intermediates()), "cards", asked.said(short))
    network = with_wholes(asked.cards)
    found = network.each(Card)
    pills = sum(len(card.pills) for card in found)
    most, room = (CARDS_LIMIT, PILLS_LIMIT) if wanted else (CARDS, PILLS)
    if len(found) <= most and pills <= room and len(network.nodes) <= 3 * CARDS_LIMIT:
        small = contract(network, FORMULA).without_plain_intermediates()
        if wanted or len(small.nodes) <= NODES:
            closed = with_wholes(with_cards(asked.named, closed=True))
            return View(asked.said(small), "cards", asked.said(closed))
    if wanted:
        asked.notes.append(
            tell(
                "{cards:,} cards with {parameters:,} parameters are too many; drawn as layers.",
                cards=len(found),
                parameters=pills,
            )
        )
    return None
