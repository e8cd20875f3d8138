"""What is in a box of a coarse picture, drawn on its own: a page opens it where the box stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from viz.formats.svg import svg
from viz.graph.model import Model
from viz.scene.graphviz import Engine
from viz.scene.picture import picture

__all__ = ["insets"]

MOST_INSIDE = 12
"""Functions in a box up to which it opens where it stands; a larger one would cover the rest."""
MOST_DRAWN = 400
"""Functions of all boxes up to which they are drawn: a layout for each takes its time."""


def insets(boxes: Sequence[dict[str, Any]], model: Model, engine: Engine) -> dict[str, dict[str, str]]:
    """Return the drawings of the scalars in ``boxes``, as ``bindings`` gives them, by key; each with its prefix."""
    found: dict[str, dict[str, str]] = {}
    drawn = 0
    for box in boxes:
        count = len(box["inside"])
        if 0 < count <= MOST_INSIDE and drawn + count <= MOST_DRAWN:
            drawn += count
            prefix = f"inset-{box['key']}"
            part = _part(model, {model.nodes[index].key for index in box["inside"]})
            found[box["key"]] = {
                "prefix": prefix,
                "svg": svg(picture(part, "", "", engine), "light", prefix, styled=False),
            }
    return found


def _part(model: Model, functions: set[str]) -> Model:
    """The model of ``functions`` alone, with their operands and results."""
    edges = tuple(edge for edge in model.edges if edge.head in functions or edge.tail in functions)
    kept = functions | {edge.tail for edge in edges} | {edge.head for edge in edges}
    return replace(
        model, nodes=tuple(node for node in model.nodes if node.key in kept), edges=edges, frames=(), notes=()
    )
