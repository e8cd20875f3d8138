"""The network in a graph: affine functions become cards, cards over the same inputs become layers."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace

from autograd_mini.language import tell
from viz.graph.model import Model
from viz.graph.nodes import Edge, Function, Quantity
from viz.graph.parts import Card, Frame, Layer, Pill
from viz.levels.quotient import bundle, quotient, strips
from viz.style.typeset import subscript

__all__ = ["has_cards", "with_cards", "with_layers"]

WIDE = 7
ROOM, AROUND, SMALLEST, LARGEST = 545.0, 96.0, 4.0, 13.0
"""Pixels for layers beside inputs and loss, what of that each takes apart from its cells, and the size of a cell."""
CIRCLES = 8
"""Up to this many leaves that go to the same layer are circles; more of them become a strip."""


def has_cards(model: Model) -> bool:
    """Return whether there is an affine function to draw as a card."""
    return any(function.name == "affine" for function in model.functions)


class _Links:
    """The function that makes, and the functions that use, each value."""

    def __init__(self, model: Model) -> None:
        self.into: dict[str, list[Edge]] = defaultdict(list)
        self.leaving: dict[str, list[Edge]] = defaultdict(list)
        for edge in model.edges:
            self.into[edge.head].append(edge)
            self.leaving[edge.tail].append(edge)


def with_cards(model: Model, closed: bool | None = None) -> Model:
    """Return ``model`` with each affine function as a card.

    Where there are several, the card includes the activation and the result; for a single neuron
    these are separate nodes, which are easier to follow. ``closed`` says whether results stand
    inside, in place of the number of cards.
    """
    links = _Links(model)
    values = {node.key: node for node in model.quantities}
    functions = {node.key: node for node in model.functions}
    affine = [function for function in model.functions if function.name == "affine"]
    weighing = {function.key: len(links.into[function.key]) // 2 for function in affine}
    made: list[Card] = []
    home: dict[str, str] = {}
    hidden: set[str] = set()
    closed = len(affine) > 1 if closed is None else closed
    for function in affine:
        count = weighing[function.key]
        edges = sorted(links.into[function.key], key=lambda edge: edge.slot)
        weights, inputs = [*edges[:count], edges[-1]], edges[count:-1]
        activation, result = _activation(function, values, functions, links, closed and len(affine) > 1)
        key = f"k{function.key}"
        members = (*(function.members or (function.key,)), *((activation.key,) if activation is not None else ()))
        home |= dict.fromkeys(members, key)
        parameters = [values[edge.tail] for edge in weights]
        several = closed and len(affine) > 1
        for value in parameters:
            if not links.into[value.key] and _only_weighs(value.key, links, weighing):
                hidden.add(value.key)
        if result.role == "result" and (closed or len(links.leaving[result.key]) == 1):
            hidden.add(result.key)
        made.append(
            Card(
                key,
                activation.label if activation is not None else "",
                tuple(_pill(place, value, values[inputs[place].tail] if place < count else None, several,
                            _shared(inputs[place], links) if place < count and several else None)
                      for place, value in enumerate(parameters)),
                result.label,
                result.data,
                result.grad,
                activation.state if activation is not None else function.state,
                members,
                result.key,
                tuple(value.key for value in parameters),
                (*(_origin(values[edge.tail]) for edge in inputs), activation.label if activation is not None else ""),
                closed,
                closed and len(affine) == 1,
            )
        )  # fmt: skip
    rows = {(function.key, edge.slot): _row(edge.slot, weighing[function.key])
            for function in affine for edge in links.into[function.key]}  # fmt: skip
    slotted = tuple(
        replace(edge, slot=rows[edge.head, edge.slot]) if edge.head in weighing else edge for edge in model.edges
    )
    return _titled(quotient(replace(model, edges=slotted), home, made, hidden))


def _row(slot: int, count: int) -> int:
    return count if slot == 2 * count else slot % count


def _activation(
    function: Function, values: dict[str, Quantity], functions: dict[str, Function], links: _Links, closed: bool
) -> tuple[Function | None, Quantity]:
    """The only function that uses the unlabelled result, if it is unary, and the value that leaves the card."""
    value = values[links.leaving[function.key][0].head]
    uses = links.leaving[value.key]
    if closed and value.role == "result" and not value.label and len(uses) == 1:
        after = functions[uses[0].head]
        if after.name != "affine" and len(links.into[after.key]) == 1:
            return after, values[links.leaving[after.key][0].head]
    return None, value


def _only_weighs(key: str, links: _Links, weighing: dict[str, int]) -> bool:
    """True where a leaf is only used as a weight or bias of affine functions."""
    return all(
        edge.head in weighing and (edge.slot < weighing[edge.head] or edge.slot == 2 * weighing[edge.head])
        for edge in links.leaving[key]
    )


def _origin(node: Quantity) -> object:
    """The identity of an input; equal constants count as one."""
    if node.role == "constant":
        return ("constant", node.data)
    return node.key


def _shared(edge: Edge, links: _Links) -> Edge | None:
    """The edge of an input that other functions use too, with what it adds to the input's gradient."""
    flowing = edge.flow == "flows" and edge.grad is not None
    return edge if flowing and len(links.leaving[edge.tail]) > 1 else None


def _pill(place: int, value: Quantity, factor: Quantity | None, closed: bool, use: Edge | None) -> Pill:
    sign = "+" if factor is None else "×"
    name = value.label or ("b" if factor is None else f"w{subscript(str(place + 1))}")
    if closed and factor is not None and factor.label:
        name = factor.label
    grad = 0.0 if value.barred else value.grad  # behind a dead unit no gradient flows, shown as 0
    return Pill(sign, "b" if factor is None and closed else name, value.data, grad, use)


def _titled(model: Model) -> Model:
    """Name unlabelled results, and card rows by the cards they come from; frame the layers.

    The units of one hidden layer are h₁, h₂…; of several, h₂₁ is the first unit of the second layer.
    """
    layers: dict[tuple[object, ...], list[Card]] = defaultdict(list)
    for node in model.each(Card):
        layers[node.signature].append(node)
    feeding = {edge.tail for edge in model.edges if edge.head.startswith("k")}
    named: dict[str, Card] = {}
    frames: list[Frame] = []
    letters = ["z" if cards[0].lone else "h" if cards[0].key in feeding else "y" for cards in layers.values()]
    for depth, cards in enumerate(layers.values()):
        letter = letters[depth]
        for place, card in enumerate(cards):
            index = [letters[:depth].count(letter) + 1] if letters.count(letter) > 1 else []
            index += [place + 1] if len(cards) > 1 else []
            joint = "" if all(number < 10 for number in index) else ","
            fallback = letter + subscript(joint.join(map(str, index)))
            named[card.key] = replace(card, name=card.name or (fallback if card.closed else ""))
        if len(cards) > 1:
            title = tell("layer {place}", place=depth + 1) + f"  ({len(cards[0].pills) - 1} → {len(cards)})"
            frames.append(Frame(title, tuple(card.key for card in cards)))
    for edge in model.edges:
        head, tail = named.get(edge.head), named.get(edge.tail)
        if head is not None and tail is not None and tail.name and edge.slot < len(head.pills) - 1:
            pills = list(head.pills)
            pills[edge.slot] = replace(pills[edge.slot], name=tail.name)
            named[edge.head] = replace(head, pills=tuple(pills))
    return _one_constant(replace(model.with_nodes(named), frames=(*model.frames, *frames)))


def _one_constant(model: Model) -> Model:
    """A number given to a layer is a leaf of each of its cards: draw it once."""
    cards = {node.key: node for node in model.each(Card)}
    values = {node.key: node for node in model.quantities}
    first: dict[object, str] = {}
    same: dict[str, str] = {}
    for edge in model.edges:
        value = values.get(edge.tail)
        if value is not None and value.role == "constant" and edge.head in cards:
            same[value.key] = first.setdefault((cards[edge.head].signature, edge.slot), value.key)
    edges = tuple(replace(edge, tail=same.get(edge.tail, edge.tail)) for edge in model.edges)
    nodes = tuple(node for node in model.nodes if same.get(node.key, node.key) == node.key)
    return replace(model, nodes=nodes, edges=edges)


# ---------------------------------------------------------------- layers


def with_layers(model: Model) -> Model:
    """Return a model of cards with each layer as one node; samples that share its parameters are its copies."""
    cards = model.each(Card)
    over: dict[tuple[object, ...], list[Card]] = defaultdict(list)
    for card in cards:
        over[card.signature].append(card)
    sharing: dict[tuple[object, ...], list[tuple[Card, ...]]] = defaultdict(list)
    for together in over.values():
        sharing[tuple(card.parameters for card in together), together[0].activation].append(tuple(together))
    home: dict[str, str] = {}
    boxes: list[Layer] = []
    pitch = _pitch([copies[0] for copies in sharing.values()])
    for place, copies in enumerate(sharing.values()):
        key = f"layer{place}"
        boxes.append(Layer(key, place + 1, copies[0], tuple(copies), pitch, _slides(copies)))
        home |= {card.key: key for copy in copies for card in copy}
    weights = {key for card in cards for key in card.parameters}
    owner = {key: card.key for card in reversed(cards) for key in card.parameters}
    values = {node.key: node for node in model.quantities}
    # Every card of a layer takes the same values: one edge for each of them. A weight that is also used
    # elsewhere (a penalty) leaves from its layer.
    taken: dict[tuple[str, str], Edge] = {}
    for edge in model.edges:
        if edge.tail not in weights:
            place_ = (edge.tail, home[edge.head]) if edge.head in home else (edge.tail, edge.key)
            known = taken.get(place_)
            taken[place_] = edge if known is None else _joined(known, edge)
        elif edge.head not in home:
            taken.setdefault((edge.tail, edge.head), replace(edge, tail=owner[edge.tail], data=None, flow="unwanted"))
    nodes = tuple(
        node for node in model.nodes if node.key not in weights or values[node.key].role in ("result", "output")
    )
    made = quotient(replace(model, nodes=nodes, edges=tuple(taken.values()), frames=()), home, boxes)
    return bundle(strips(made, CIRCLES))


def _joined(one: Edge, other: Edge) -> Edge:
    """One edge for two uses of a value in one layer, with what they add to its gradient together."""
    grads = [edge.grad for edge in (one, other) if edge.grad is not None]
    parts = (*(one.parts or (one.key,)), *(other.parts or (other.key,)))
    return replace(one, grad=sum(grads) if grads else None, upstream=None, local=None, parts=parts)


def _pitch(layers: list[tuple[Card, ...]]) -> float:
    """The size of a cell with which the layers fit side by side on a page."""
    columns = sum(len(cards[0].pills) * (1 if len(cards[0].pills) > WIDE else 2) + 1 for cards in layers)
    return max(SMALLEST, min(LARGEST, (ROOM - AROUND * len(layers)) / columns))


def _slides(copies: list[tuple[Card, ...]]) -> bool:
    """Whether some value is an input of several copies, as the pixels of an image are, but not of all."""
    taken = Counter(origin for copy in copies for origin in set(copy[0].signature[:-1]))
    return len(copies) > 3 and any(1 < uses < len(copies) for uses in taken.values())
