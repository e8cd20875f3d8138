"""A neuron of the node-link diagram: a circle with its result; lines for its weights go to it."""

from __future__ import annotations

from autograd_mini.language import tell
from viz.graph.networks import Neuron
from viz.scene.graphviz import Box
from viz.scene.marks.mark import Mark, Spot, marked
from viz.scene.shapes import Circle, Group, Shape, text
from viz.style.typeset import number, shorten

__all__ = ["NeuronMark"]

SIDE, NAME, NUMBER, SMALL = 56.0, 13.0, 11.5, 10.0


@marked
class NeuronMark(Mark[Neuron]):
    """A neuron: its name, its result, and its activation below the circle."""

    kind = Neuron
    ways = network = brief = True
    gap = 22.0

    def box(self, node: Neuron) -> Box:
        """Return the size of the circle, with the line below it."""
        return Box(node.key, SIDE, SIDE + 2 * (SMALL + 3.0), True)

    def draw(self, node: Neuron, spot: Spot) -> Group:
        """Return the circle."""
        card, (x, y) = node.card, (spot.x, spot.y)
        role, ink = ("warning", "warning-text") if node.strange else ("value", "value-text")
        named = shorten(card.name, SIDE - 10, NAME, bold=True)
        bias = card.pills[-1]
        shapes: list[Shape] = [
            Circle(x, y, SIDE / 2 - 1, role),
            text(x, y - 2, named, ink, NAME, bold=True),
            text(x, y + 13, number(card.data), "forward", NUMBER, shows=(card.result, "value")),
        ]
        if card.activation:
            shapes.append(text(x, y + SIDE / 2 + SMALL + 1, card.activation, "function-text", SMALL, halo=True))
        said = [
            f"{card.name} = {card.data!r}", tell("gradient {number}", number=repr(card.grad)),
            f"{tell('bias')} {bias.data!r}, {tell('gradient {number}', number=repr(bias.grad))}",
        ]  # fmt: skip
        return Group(tuple(shapes), f"n-{node.key}", "; ".join(said), "node-neuron")

    def weighs(self, node: Neuron) -> bool:
        """A line is as wide as its weight is large; its colour is the sign."""
        return True

    def holds(self, node: Neuron) -> bool:
        """A line has its numbers in its tooltip."""
        return True

    def column(self, node: Neuron) -> object:
        """Neurons of one layer are in order."""
        return node.card.signature

    def bindings(self, node: Neuron) -> tuple[str, ...]:
        """The affine function and its activation."""
        return node.card.members

    def lines(self, node: Neuron) -> list[str]:
        """Its name and result, and its activation."""
        return [
            f"{node.card.name}  {number(node.card.data)}",
            *([node.card.activation] if node.card.activation else []),
        ]
