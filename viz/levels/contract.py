"""Trees of functions as one box, which shows their formula."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace

from autograd_mini.language import tell
from viz.graph.formulas import ATOM, apply
from viz.graph.model import Model
from viz.graph.nodes import Edge, Function, Node, Quantity
from viz.graph.parts import Block
from viz.levels.quotient import quotient
from viz.style.typeset import MINUS

__all__ = ["block", "contract", "with_wholes"]

WIDE = 4
"""Operands above which a function is a long sum."""
OPEN, CLOSE = "\x02", "\x03"
"""Around the key of a constant in a formula whose constants may change."""
FORMULA = 22
"""The longest formula that a box shows; otherwise it lists its functions."""


def contract(model: Model, room: int = FORMULA, cap: int = 0) -> Model:
    """Return ``model`` with functions moved into the one function that uses their unnamed result.

    They move where the joint formula fits in ``room`` characters, and, formula or not, up to ``cap``
    functions to a box.
    """
    kinds = {node.key: node for node in model.nodes}
    values = {node.key: node for node in model.quantities}
    functions = {node.key: node for node in model.functions}
    operands: dict[str, list[Edge]] = defaultdict(list)
    source: dict[str, str] = {}
    uses: Counter[str] = Counter(edge.tail for edge in model.edges)
    results: Counter[str] = Counter()
    for edge in model.edges:
        if edge.head in values:
            source[edge.head] = edge.tail
            results[edge.tail] += 1
        else:
            operands[edge.head].append(edge)

    def inner(edge: Edge) -> str:
        """The function whose unlabelled result only this edge uses, "" where there is none."""
        value = values.get(edge.tail)
        if value is None or value.role != "result" or value.label or uses[value.key] != 1:
            return ""
        maker = source.get(value.key, "")
        return maker if results[maker] == 1 and maker in functions else ""

    cells: dict[str, list[Function]] = {}
    written: dict[str, tuple[str, int] | None] = {}
    for node in functions.values():
        movable = [(edge, inner(edge)) for edge in operands[node.key]]
        text = _written(node, [written[key] if key else _operand(kinds[edge.tail]) for edge, key in movable])
        cells[node.key] = [node]
        moving = [key for _, key in movable if key and functions[key].group == node.group]
        if text is None or len(text[0]) > room or len(moving) < sum(bool(key) for _, key in movable):
            text = _written(node, [None if key else _operand(kinds[edge.tail]) for edge, key in movable])
            if len(moving) <= WIDE or not cap:  # the terms of a long sum move together, whatever their number
                left = cap - 1
                fitting: list[str] = []
                for key in sorted(moving, key=lambda key: len(cells[key])):
                    left -= len(cells[key])
                    if left >= 0:
                        fitting.append(key)
                moving = fitting
        for key in moving:
            cells[node.key] = cells.pop(key) + cells[node.key]
        written[node.key] = text
    boxes: list[Node] = []
    home: dict[str, str] = {}
    hidden: set[str] = set()

    def given(function: Function, members: set[str]) -> tuple[str, int]:
        """The formula of a box with its constants as marks, which ``_apart`` finds."""
        texts = []
        for edge in operands[function.key]:
            maker = source.get(edge.tail, "")
            value = kinds[edge.tail]
            if maker in members:
                texts.append(given(functions[maker], members))
            elif isinstance(value, Quantity) and value.role == "constant" and not value.label:
                texts.append((f"{OPEN}{value.key}{CLOSE}", ATOM))
            else:
                texts.append(_operand(value) or ("", ATOM))
        return apply(function, texts)

    for key, inside in cells.items():
        if len(inside) > 1:
            text = written[key]
            made = block(f"b{key}", inside, text[0] if text is not None else "")
            if made.formula:
                made = replace(made, written=_apart(given(functions[key], {each.key for each in inside})[0]))
            boxes.append(made)
            home |= {each.key: f"b{key}" for each in inside}
            for edge in (edge for each in inside for edge in operands[each.key]):
                value = values.get(edge.tail)
                if value is not None and value.role == "constant" and uses[value.key] == 1:
                    hidden.add(value.key)
    return quotient(model, home, boxes, hidden)


def with_wholes(model: Model) -> Model:
    """Return ``model`` with the operations of each loss as one box, which has its name."""
    inside: dict[tuple[str, int], list[Function]] = defaultdict(list)
    for function in model.functions:
        if function.whole is not None:
            inside[function.whole].append(function)
    home = {each.key: f"w{members[0].key}" for members in inside.values() for each in members}
    heads: dict[str, list[str]] = defaultdict(list)
    for edge in model.edges:
        heads[edge.tail].append(edge.head)
    hidden = {
        node.key
        for node in model.quantities
        if node.role == "constant" and not node.label and len(heads[node.key]) == 1 and heads[node.key][0] in home
    }
    boxes = [block(f"w{members[0].key}", members, name=name) for (name, _), members in inside.items()]
    return quotient(model, home, boxes, hidden)


def block(key: str, inside: Iterable[Function | Block], formula: str = "", name: str = "", times: int = 1) -> Block:
    """Return the box of several functions or boxes, labelled by its name or formula, else by their number."""
    members = list(inside)
    labels = [label for each in members for label in each.inside]
    worst = "not finite" if any(each.state == "not finite" for each in members) else ""
    label = name or formula or tell("{count} operations", count=len(labels))
    return Block(key, label, tuple(labels), bool(formula and not name), times, worst)


def _apart(text: str) -> tuple[str, ...]:
    """Text and the keys of constants in turn; () where there is no constant."""
    parts = tuple(part for piece in text.split(OPEN) for part in piece.split(CLOSE))
    return parts if len(parts) > 1 else ()


def _operand(node: Node) -> tuple[str, int] | None:
    if not node.called:
        return None
    return node.called, 0 if node.called.startswith(MINUS) else ATOM


def _written(function: Function, parts: list[tuple[str, int] | None]) -> tuple[str, int] | None:
    known = [part for part in parts if part is not None]
    if len(known) < len(parts) or len(parts) > 4:
        return None
    text = apply(function, known)
    return text if len(text[0]) <= 2 * FORMULA else None
