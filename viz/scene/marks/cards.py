"""A neuron as a card: one pill per parameter, its result in the last line."""

from __future__ import annotations

from autograd_mini.language import tell
from viz.graph.parts import Card, Pill
from viz.scene.graphviz import Box
from viz.scene.marks.mark import Bounds, Mark, Spot, around, marked
from viz.scene.shapes import Group, Rect, Shape, Shows, Text, text
from viz.style.typeset import number, shorten, width

__all__ = ["CardMark", "card_box", "row_height"]

WIDE, HEADER = 170.0, 25.0
NUMBERS, BACK = 11.0, 9.5
_AIR = 10.0
"""Between the columns of a card."""
FORMULA = "Σ xᵢ·wᵢ + b"


@marked
class CardMark(Mark[Card]):
    """An affine function as a card: one pill per parameter, and an edge on every row."""

    kind = Card
    ways = network = brief = alike = True
    gap = 18.0

    def box(self, node: Card) -> Box:
        """Return the size of a card."""
        return card_box(node)

    def draw(self, node: Card, spot: Spot) -> Group:
        """Return the card."""
        return draw_card(node, spot.x, spot.y, spot.box)

    def port(self, node: Card, box: Box, row: int) -> float:
        """An edge ends at its row."""
        return row_height(node, row)

    def pin(self, node: Card, box: Box, slot: int) -> float:
        """An edge ends at its row."""
        return row_height(node, slot) - box.height / 2

    def obstacles(self, group: Group) -> list[Bounds]:
        """One obstacle, not one for each row."""
        return [around(group.shapes[0])]

    def weighs(self, node: Card) -> bool:
        """In a network edges show the sign of a gradient by colour and its size by width."""
        return node.closed and not node.lone

    def holds(self, node: Card) -> bool:
        """In a network the numbers are in the cards."""
        return node.closed and not node.lone

    def column(self, node: Card) -> object:
        """Cards of one layer are in order."""
        return node.signature if node.closed else None

    def bindings(self, node: Card) -> tuple[str, ...]:
        """The affine function and its activation."""
        return node.members

    def lines(self, node: Card) -> list[str]:
        """Its title, its rows and its result."""
        rows = [f"{pill.sign} {pill.name}  {number(pill.data)}  ∂ {number(pill.grad)}" for pill in node.pills]
        last = [f"{node.name}  {number(node.data)}  ∂ {number(node.grad)}"] if node.closed else []
        return [_title(node), *rows, *last]


def _pitch(card: Card) -> float:
    """The distance of rows, larger for a single neuron than in a network."""
    return 17.0 if card.closed else 22.0


def card_box(card: Card) -> Box:
    """Return the size of a card."""
    formula = 40 + width(FORMULA, NUMBERS) if not card.closed or card.lone else 24
    title = width(_title(card), 13, bold=True) + formula
    names = max(width(_name(pill), 11.5, bold=True) for pill in card.pills)
    values = max(width(number(pill.data), NUMBERS, mono=True) for pill in _lines(card))
    wide = max(WIDE, title, 13 + names + _AIR + values + _AIR + _gradients(card) + _backs(card) + 12)
    return Box(card.key, wide, HEADER + _pitch(card) * len(card.pills) + (23 if card.closed else 5))


def _name(pill: Pill) -> str:
    return shorten(f"{pill.sign} {pill.name}", 90.0, 11.5, bold=True)


def _lines(card: Card) -> tuple[Pill, ...]:
    return (*card.pills, Pill("", card.name, card.data, card.grad))


def _gradients(card: Card) -> float:
    """The width of the column of gradients."""
    return max(width(f"∂ {number(pill.grad)}", NUMBERS, mono=True) for pill in _lines(card))


def _back(pill: Pill) -> str:
    return f"←{number(pill.use.grad)}" if pill.use is not None else ""


def _backs(card: Card) -> float:
    """The width of the column of contributions to shared inputs, with the space before it."""
    widest = max(width(_back(pill), BACK, mono=True) for pill in card.pills)
    return widest + _AIR if widest else 0.0


def row_height(card: Card, row: int) -> float:
    """Return the distance of the middle of ``row`` from the top of a card; −1 is the line of the result."""
    if row < 0 or row >= len(card.pills):
        return card_box(card).height - 12 if card.closed else card_box(card).height / 2
    return HEADER + _pitch(card) * (row + 0.5) - 1.5


def _title(card: Card) -> str:
    return "Affine" + (f" → {card.activation}" if card.activation else "")


def draw_card(card: Card, x: float, y: float, box: Box) -> Group:
    """Return the card with its centre at (x, y)."""
    left, top = x - box.width / 2, y - box.height / 2
    right = left + box.width
    grad_end = right - 12.0 - _backs(card)
    value_end = grad_end - _gradients(card) - _AIR
    role = "warning" if card.state == "not finite" else "card"
    shapes: list[Shape] = [
        Rect(left, top, box.width, box.height, role, 7),
        text(left + 9, top + 16, _title(card), "function-text", 13, bold=True, anchor="start"),
    ]
    if not card.closed or card.lone:
        shapes.append(text(right - 8, top + 16, FORMULA, "function-text", NUMBERS, anchor="end"))
    elif card.state:
        shapes.append(
            text(
                right - 8,
                top + 16,
                tell(card.state),
                "function-text",
                10.5,
                anchor="end",
                shows=(card.members[-1], "state"),
            )
        )
    high = 14.0 if card.closed else 19.0
    for row, (key, pill) in enumerate(zip(card.parameters, card.pills, strict=True)):
        middle = top + row_height(card, row)
        value, grad = number(pill.data), f"∂ {number(pill.grad)}"
        shapes += [
            Rect(left + 5, middle - high / 2, box.width - 10, high, "pill", high / 2),
            text(left + 13, middle + 4, _name(pill), "value-text", 11.5, bold=True, anchor="start"),
            _number_text(value_end, middle + 4, value, "forward", (key, "value")),
            _number_text(grad_end, middle + 4, grad, "gradient", (key, "gradient")),
        ]
        if pill.use is not None:
            told: Shows = (pill.use.key, "gradient")
            shapes.append(
                text(right - 11, middle + 3.5, _back(pill), "gradient", BACK, mono=True, anchor="end", shows=told)
            )
    if card.closed:
        line = top + box.height - 8
        name = shorten(card.name, 70.0, 13, bold=True)
        shapes += [
            text(left + 11, line, name, "value-text", 13, bold=True, anchor="start"),
            _number_text(value_end, line, number(card.data), "forward", (card.result, "value"), bold=True),
            _number_text(grad_end, line, f"∂ {number(card.grad)}", "gradient", (card.result, "gradient"), bold=True),
        ]
    state = f", {tell(card.state)}" if card.state else ""
    said = tell(
        "{title}: {name} {value}, gradient {gradient}", title=_title(card) + state, name=card.name or tell("result"),
        value=number(card.data), gradient=number(card.grad),
    )  # fmt: skip
    return Group(tuple(shapes), f"n-{card.key}", said, "node-card")


def _number_text(x: float, y: float, written: str, role: str, shows: Shows, bold: bool = False) -> Text:
    return text(x, y, written, role, NUMBERS, bold=bold, mono=True, anchor="end", shows=shows)
