"""Neurons: the classic diagram of a network, a circle for each neuron and a line for each weight."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from autograd_mini.language import tell
from viz.graph.model import Model
from viz.graph.networks import Neuron
from viz.graph.nodes import Edge, Node
from viz.graph.parts import Card
from viz.levels.contract import with_wholes
from viz.levels.level import Asked, View
from viz.levels.network import with_cards

__all__ = ["neurons"]

FEW = 4
"""Edges from neurons to one function up to which they have numbers."""
NEURONS, LINES = 120, 1500
"""Neurons and lines up to which they are drawn."""


def neurons(asked: Asked) -> View | None:
    """Show a network of one sample by its neurons, where that was asked for."""
    if asked.detail != "neurons":
        return None
    if asked.is_network:
        cards = with_cards(asked.named, closed=True)
        units = {card.parameters for card in cards.each(Card)}
        if len(units) == len(cards.each(Card)) <= NEURONS and sum(len(unit) - 1 for unit in units) <= LINES:
            return View(asked.said(_linked(with_wholes(cards))), "neurons", None)
    asked.notes.append(
        tell(
            "A diagram of neurons is for one sample of a network of up to {most} neurons; drawn as layers.",
            most=NEURONS,
        )
    )
    return None


def _linked(cards: Model) -> Model:
    """Return the model with each card as a neuron, and each edge to it as the line of its weight."""
    units = {card.key: card for card in cards.each(Card)}
    parameters = {key for card in units.values() for key in card.parameters}
    nodes: list[Node] = [
        Neuron(node.key, node) if isinstance(node, Card) else node for node in cards.nodes if node.key not in parameters
    ]
    edges: list[Edge] = []
    fan = Counter(edge.head for edge in cards.edges)
    for edge in cards.edges:
        card = units.get(edge.head)
        if card is not None and edge.slot < len(card.pills) - 1 and edge.tail not in parameters:
            pill = card.pills[edge.slot]
            edges.append(replace(edge, data=pill.data, grad=pill.grad, upstream=None, local=None,
                                 weight=card.parameters[edge.slot]))  # fmt: skip
        elif card is None and edge.tail not in parameters:
            crowded = edge.tail in units and fan[edge.head] > FEW  # the neuron shows its value
            edges.append(replace(edge, data=None, grad=None, upstream=None, local=None) if crowded else edge)
    return replace(cards, nodes=tuple(nodes), edges=tuple(edges), frames=())
