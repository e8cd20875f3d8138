"""Insets: the content of a box of a coarse picture as a picture of its own, which a page opens at the box."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from viz.formats.svg import svg
from viz.graph.model import Model
from viz.page.bare import bare
from viz.scene.graphviz import Engine
from viz.scene.picture import picture

__all__ = ["insets"]

MOST_INSIDE = 12
"""Boxes with up to so many functions can be opened; larger ones would cover the rest of the picture."""
MOST_DRAWN = 400
"""Insets are drawn up to so many functions in all boxes, because each needs a layout."""


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
                "svg": svg(bare(picture(part, "", "", engine), whole=True), "light", prefix, styled=False),
            }
    return found


def _part(model: Model, functions: set[str]) -> Model:
    """The model of only ``functions``, with their operands and results."""
    edges = tuple(edge for edge in model.edges if edge.head in functions or edge.tail in functions)
    kept = functions | {edge.tail for edge in edges} | {edge.head for edge in edges}
    return replace(
        model, nodes=tuple(node for node in model.nodes if node.key in kept), edges=edges, frames=(), notes=()
    )
