"""The nodes of coarser pictures: cards, layers, blocks and rows of leaves."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from autograd_mini.language import counted
from viz.graph.figures import Figure
from viz.graph.nodes import ANY, Edge, Function, Node, Quantity

__all__ = ["Block", "Card", "Frame", "Given", "Layer", "Leaves", "Pill", "Port", "Step"]


KINDS = 4
"""The number of kinds of functions that a fold lists, the most frequent first."""
COUNT_TEXTS = {
    "+": ("{count} sum", "{count} sums"), "−": ("{count} difference", "{count} differences"),
    "×": ("{count} product", "{count} products"), "÷": ("{count} quotient", "{count} quotients"),
    "x²": ("{count} square", "{count} squares"), "√": ("{count} square root", "{count} square roots"),
    "Affine": ("{count} affine", "{count} affine"),
}  # fmt: skip
"""Label → the words for one and for several functions, where a fold counts them."""


@dataclass(frozen=True, slots=True)
class Pill:
    """One parameter of a card: "× w₁ 0.4 ∂ −3.085"."""

    sign: str
    name: str
    data: float | None
    grad: float | None
    use: Edge | None = None
    """The edge of its input, if others use it too: this use's contribution to the input's gradient."""


@dataclass(frozen=True, slots=True)
class Card(Node):
    """An affine function and the activation after it. ``signature`` is equal for cards of one layer."""

    key: str
    activation: str
    pills: tuple[Pill, ...]
    name: str
    data: float | None
    grad: float | None
    state: str
    members: tuple[str, ...]
    """The functions in it, in order of execution."""
    result: str
    """The key of its result."""
    parameters: tuple[str, ...]
    signature: tuple[object, ...]
    closed: bool = False
    """True where the result is in the card's last line, from which edges leave."""
    lone: bool = False
    """True where it is the only card; then the widths of edges have no meaning."""

    @property
    def size(self) -> int:
        """The number of functions in it."""
        return len(self.members)

    @property
    def strange(self) -> bool:
        """Whether its result is nan or infinite."""
        return self.state == "not finite"

    @property
    def called(self) -> str:
        """The name of its result."""
        return self.name

    @property
    def lanes(self) -> int:
        """Every edge has its own row."""
        return ANY


@dataclass(frozen=True, slots=True)
class Layer(Node):
    """Cards with the same inputs; ``copies`` has them once for each sample that shares the parameters."""

    key: str
    place: int
    cards: tuple[Card, ...]
    copies: tuple[tuple[Card, ...], ...]
    pitch: float = 13.0
    """The size of a cell: smaller where the network would be wider than a page."""
    slides: bool = False
    """True where the samples overlap: the places of a convolution."""

    @property
    def size(self) -> int:
        """The number of functions in its cards, in all copies."""
        return sum(card.size for copy in self.copies for card in copy)

    @property
    def called(self) -> str:
        """The name of its result, where there is one result."""
        return self.cards[0].name if len(self.cards) == len(self.copies) == 1 else ""

    @property
    def stacked(self) -> bool:
        """Whether the gradients are below the weights, not beside them."""
        return self.inputs > 6

    @property
    def inputs(self) -> int:
        """The number of inputs of each card."""
        return len(self.cards[0].pills) - 1

    @property
    def title(self) -> str:
        """ "Affine 16→16 · tanh"."""
        first = self.cards[0]
        after = f" · {first.activation}" if first.activation else ""
        return f"Affine {self.inputs}→{len(self.cards)}{after}"


@dataclass(frozen=True, slots=True)
class Block(Node):
    """Functions folded to one box: ``label`` is their formula or name, ``inside`` has all their labels."""

    key: str
    label: str
    inside: tuple[str, ...]
    formula: bool = False
    times: int = 1
    state: str = ""
    written: tuple[str, ...] = ()
    """A formula with constants: text and the keys of constants in turn, for a page on which they change."""

    @property
    def size(self) -> int:
        """The number of functions in it."""
        return len(self.inside)

    @property
    def strange(self) -> bool:
        """Whether a result in it is nan or infinite."""
        return self.state == "not finite"

    @property
    def detail(self) -> str:
        """Its content in words: "19 products, 17 sums, 3 tanh"; "" where the label is the formula."""
        if self.formula:
            return ""
        counts = Counter(self.inside).most_common()
        parts = [_counted(label, count) for label, count in counts[:KINDS]]
        others = sum(count for _, count in counts[KINDS:])
        return ", ".join(parts + ([counted(others, "{count} other", "{count} others")] if others else []))


def _counted(label: str, count: int) -> str:
    """ "19 products", "1 sum", "3 tanh"."""
    one, many = COUNT_TEXTS.get(label, ("", ""))
    return counted(count, one, many) if one else f"{count} {label}"


@dataclass(frozen=True, slots=True)
class Leaves(Node):
    """Many leaves that go to the same boxes, as one strip: values, gradients and their keys, each in order."""

    key: str
    kind: str
    data: tuple[float | None, ...]
    grads: tuple[float | None, ...]
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """A dashed frame with a title around nodes; ``members`` are keys."""

    title: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step(Node):
    """A function with its result as one node of the compact form.

    ``label`` is the text in the square, with constants; ``value`` is None where there are several
    results, each a ``Given``.
    """

    key: str
    what: Function | Block
    label: str
    value: Quantity | None
    name: str
    because: str
    """The product or the sum that gives the gradient, or ""."""
    pins: int = 1
    """The number of incoming edges, from top to bottom in the order of the operands."""
    figure: Figure | None = None
    """The figure of the function, where there is room."""

    @property
    def size(self) -> int:
        """The number of functions in it."""
        return self.what.size

    @property
    def strange(self) -> bool:
        """Whether a number in it is nan or infinite."""
        return self.what.strange or (self.value is not None and self.value.strange)

    @property
    def lanes(self) -> int:
        """Every operand has its own pin."""
        return ANY


@dataclass(frozen=True, slots=True)
class Given(Node):
    """A value as a node of its own, with its gradient below it."""

    key: str
    value: Quantity
    name: str
    because: str

    @property
    def strange(self) -> bool:
        """Whether the value or its gradient is nan or infinite."""
        return self.value.strange


@dataclass(frozen=True, slots=True)
class Port(Node):
    """A use of a value far from the value itself: its name, and the contribution of this use."""

    key: str
    name: str
    edge: Edge
    alone: bool
    """True where this is the only use, so that the contribution equals the gradient shown at the value."""
    numeric: bool = False
    """True where the value has no name, and its number is shown."""
