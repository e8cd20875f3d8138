"""The data of a coarse picture for its page: the functions in each box, and the colour scales.

The number that each text and cell shows is in the picture itself, in ``data-shows``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from viz.graph.model import Model
from viz.graph.nodes import Node
from viz.graph.parts import Block
from viz.scene.marks.edges import strength
from viz.scene.marks.mark import mark_of, measure

__all__ = ["bindings"]


def bindings(coarse: Model, model: Model) -> dict[str, Any]:
    """Return the boxes of ``coarse``, each with its key and the functions of ``model`` inside, the edges
    that stand for several or show a weight, and the scales.
    """
    place = {node.key: index for index, node in enumerate(model.nodes)}
    boxes = [
        {"key": node.key, "inside": [place[key] for key in mark_of(node).bindings(node)]} | _written(node, place)
        for node in coarse.nodes
        if node.key not in place
    ]
    scale = measure(coarse)
    weighing = {node.key for node in coarse.nodes if mark_of(node).weighs(node)}
    shown = [strength(edge) for edge in coarse.edges if edge.head in weighing]
    sums = {edge.key: edge.parts for edge in coarse.edges if len(edge.parts) > 1}
    return {
        "boxes": boxes,
        "sums": sums,
        "weights": {edge.key: place[edge.weight] for edge in coarse.edges if edge.weight},
        "value": scale.value,
        "gradient": scale.gradient,
        "largest": max((abs(size) for size in shown if size is not None), default=0.0),
    }


def _written(node: Node, place: Mapping[str, int]) -> dict[str, Any]:
    """The formula of a box, text and the indices of its constants in turn."""
    parts = node.written if isinstance(node, Block) else ()
    return {"written": [place[part] if at % 2 else part for at, part in enumerate(parts)]} if parts else {}
