"""The graph as a ``graphviz.Digraph``, to edit it or to lay it out differently."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograd_mini.language import tell
from viz.graph.model import Model
from viz.graph.nodes import Edge, Node, Quantity
from viz.scene.marks.mark import mark_of
from viz.style.theme import SANS, Palette, palettes
from viz.style.typeset import because, number

if TYPE_CHECKING:
    import graphviz

__all__ = ["digraph"]


def digraph(graph: Model, theme: str = "light", title: str = "") -> graphviz.Digraph:
    """Return ``graph`` as an editable Digraph: circles, squares, and "value / ∂ gradient" on each edge."""
    import graphviz

    ink = palettes(theme)[0]
    font = SANS.split(",")[1].strip().strip('"')
    made = graphviz.Digraph(
        "computation",
        graph_attr={"rankdir": "LR", "bgcolor": ink.background, "fontname": font, "fontcolor": ink.muted},
        node_attr={"fontname": font, "fontsize": "14"},
        edge_attr={"fontname": font, "fontsize": "11", "color": ink.edge, "fontcolor": ink.forward, "arrowsize": "0.8"},
    )
    if title:
        made.graph_attr["label"] = graphviz.escape(title)
    values = {node.key: _quantity(node, ink) for node in graph.quantities}
    for node in graph.nodes:
        attributes = values.get(node.key) or _box(node, ink)
        made.node(node.key, graphviz.escape(attributes.pop("label")), **attributes)
    for edge in graph.edges:
        style = {"style": "dashed"} if edge.flow == "untaken" else {}
        made.edge(edge.tail, edge.head, graphviz.escape(edge_text(edge)), **style)
    return made


def edge_text(edge: Edge) -> str:
    """Return the text of an edge: its value, and its gradient with the product that gives it."""
    if edge.flow == "untaken":
        return tell("no gradient flows here")
    if edge.band > 1:
        return tell("{count} values", count=edge.band)
    lines = [f"{edge.name} = {number(edge.data)}" if edge.name else number(edge.data)] if edge.data is not None else []
    if edge.flow == "flows" and edge.data is not None:
        product = ""
        if edge.grad is not None and edge.upstream is not None and edge.local is not None:
            product = " " + because(edge.grad, (edge.upstream, edge.local), product=True)
        lines.append(f"∂ {number(edge.grad)}{product}")
    return "\n".join(lines)


def _box(node: Node, ink: Palette) -> dict[str, str]:
    return {
        "label": "\n".join(mark_of(node).lines(node)), "shape": "box", "style": "rounded,filled",
        "fillcolor": ink.function_fill, "color": ink.function_stroke, "fontcolor": ink.function_text,
    }  # fmt: skip


def _quantity(node: Quantity, ink: Palette) -> dict[str, str]:
    common = {"label": "\n".join(mark_of(node).lines(node)), "shape": "circle", "style": "filled"}
    if node.role == "constant":
        return common | {
            "fillcolor": ink.constant_fill, "color": ink.constant_stroke, "fontcolor": ink.constant_text,
            "fontsize": "10", "margin": "0.02",
        }  # fmt: skip
    if node.role == "parameter":
        common["peripheries"] = "2"
    return common | {
        "fillcolor": ink.value_fill, "color": ink.value_stroke, "fontcolor": ink.value_text,
        "penwidth": "3" if node.role == "output" else "1.4",
    }  # fmt: skip
