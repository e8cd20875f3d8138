"""Which scalar each number and each cell of a coarse picture shows, so that a page can keep them true."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from viz.graph.model import Model
from viz.graph.parts import Block, Card, Layer, Leaves
from viz.scene.marks.heat import MOST, SAMPLES
from viz.scene.marks.mark import measure
from viz.scene.shapes import Circle, Group, Rect, Scene, Text

__all__ = ["view"]


def view(coarse: Model, scene: Scene, model: Model) -> dict[str, Any]:
    """Return what a page needs to know of ``scene``, the picture of ``coarse``, about the scalars of ``model``.

    For each box: its ``texts`` and ``cells`` as [index among the texts (or the shapes) of its group,
    index of the scalar in ``model``, 0 for its value or 1 for its gradient], and the functions in it.
    """
    place = {node.key: index for index, node in enumerate(model.nodes)}
    groups = {shape.key[2:]: shape for shape in scene.walk() if isinstance(shape, Group) and shape.key.startswith("n-")}
    made = Maker(model)
    boxes: list[dict[str, Any]] = []
    for node in coarse.nodes:
        texts: list[tuple[int, str, int]] = []
        cells: list[tuple[int, str, int]] = []
        if isinstance(node, Card):
            texts = _card(node, groups[node.key], made)
        elif isinstance(node, Layer):
            cells = _layer(node, groups[node.key], made)
        elif isinstance(node, Leaves):
            cells = [(1 + i, key, 0) for i, key in enumerate(node.members)]
            if any(grad is not None for grad in node.grads):
                cells += [(1 + len(node.members) + i, key, 1) for i, key in enumerate(node.members)]
        elif not isinstance(node, Block):
            continue
        inside = made.functions(node)
        boxes.append(
            {
                "key": node.key,
                "texts": [(i, place[key], what) for i, key, what in texts],
                "cells": [(i, place[key], what) for i, key, what in cells],
                "inside": [place[key] for key in inside],
            }
        )
    scale = measure(coarse)
    closed = {node.key for node in coarse.nodes if isinstance(node, Card) and node.closed}
    largest = max(
        (abs(edge.grad) for edge in coarse.edges if edge.head in closed and edge.grad is not None), default=0.0
    )
    return {"boxes": boxes, "value": scale.value, "gradient": scale.gradient, "largest": largest}


class Maker:
    """Who makes and who uses each value."""

    def __init__(self, model: Model) -> None:
        kinds = {node.key for node in model.functions}
        self.result = {edge.tail: edge.head for edge in model.edges if edge.tail in kinds}
        self.user = {edge.tail: edge.head for edge in model.edges if edge.tail not in kinds}

    def chain(self, card: Card) -> list[str]:
        """Return the functions of a card: the affine one, and its activation."""
        first = card.key.removeprefix("k")
        return [first, self.user[self.result[first]]] if card.activation else [first]

    def output(self, card: Card) -> str:
        """Return the value that leaves a card."""
        return self.result[self.chain(card)[-1]]

    def functions(self, node: Card | Layer | Leaves | Block) -> list[str]:
        """Return the functions inside a box, as far as its key tells."""
        if isinstance(node, Card):
            return self.chain(node)
        if isinstance(node, Layer):
            return [key for copy in node.copies for card in copy for key in self.chain(card)]
        return []


def _card(card: Card, group: Group, made: Maker) -> list[tuple[int, str, int]]:
    """Each row has its name, its value and its gradient; a closed card ends with the row of its result."""
    keys = [*card.parameters, *([made.output(card)] if card.closed else [])]
    first = sum(isinstance(shape, Text) for shape in group.shapes) - 3 * len(keys)
    return [(first + 3 * row + 1 + what, key, what) for row, key in enumerate(keys) for what in (0, 1)]


def _layer(layer: Layer, group: Group, made: Maker) -> list[tuple[int, str, int]]:
    """A matrix of values and biases, the same of gradients, and the results; nothing where cells are means."""
    rows, columns = len(layer.cards), layer.inputs
    if rows > MOST or columns > MOST:
        return []
    parameters = [card.parameters for card in layer.cards]
    found: list[tuple[int, str, int]] = []
    at = 1
    for what in (0, 1):
        for keys in (sum((row[:-1] for row in parameters), ()), tuple(row[-1] for row in parameters)):
            found += [(at + i, key, what) for i, key in enumerate(keys)]
            at += len(keys)
    outs = [made.output(copy[i]) for i in range(rows) for copy in layer.copies[:SAMPLES]]
    marks = [i for i, shape in enumerate(_shapes(group)) if i >= at and shape.role.startswith(("heat", "warning"))]
    return found + [(mark, key, 0) for mark, key in zip(marks, outs, strict=True)]


def _shapes(group: Group) -> Sequence[Circle | Rect]:
    return [shape for shape in group.shapes if isinstance(shape, (Circle, Rect))]
