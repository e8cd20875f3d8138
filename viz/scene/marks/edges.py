"""Edges: their style, and the numbers beside them."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

from autograd_mini.language import tell
from viz.graph.model import Model
from viz.graph.nodes import Edge, Quantity
from viz.scene.graphviz import Point
from viz.scene.labels import EdgeLabel, polyline
from viz.scene.marks.mark import mark_of
from viz.scene.shapes import Path, Shows, Span
from viz.style.typeset import because, number, width

__all__ = ["WIDE_FAN", "draw_edge", "edge_labels", "edge_title", "ordinals", "strength", "terms"]

LABEL, SMALL = 13.0, 10.5
WIDEST = 120.0
PRODUCTS = 30
"""Up to so many functions the product that gives a gradient is beside it; with more, in its tooltip."""
COMMUTATIVE = frozenset({"add", "mul", "maximum", "minimum", "hypot", "logaddexp", "total", "logsumexp", "affine"})
WIDE_FAN = 4
"""A function of more operands is placed twice as far from them, so that its edges are less steep."""


def edge_title(edge: Edge) -> str:
    """Return the tooltip of an edge: its numbers in full."""
    if edge.band > 1:
        return tell("{count} edges", count=edge.band)
    if edge.weight and edge.grad is None:
        return tell("weight {number}", number=repr(edge.data))
    if edge.flow == "untaken":
        return tell("branch not taken: no gradient flows")
    if edge.grad is None:
        return ""
    product = f" = {edge.upstream!r} · {edge.local!r}" if edge.upstream is not None and edge.local is not None else ""
    value = tell("weight {number}" if edge.weight else "value {number}", number=repr(edge.data))
    grad = tell("gradient {number}", number=repr(edge.grad))
    return f"{value}, {grad}{product}"


# ---------------------------------------------------------------- style


def draw_edge(edge: Edge, path: tuple[Point, ...], inside: bool, largest: float) -> Path:
    """Return the shapes of an edge.

    ``inside`` a network its width and colour show the size and the sign of its gradient, or of its weight.
    """
    if edge.flow == "untaken":
        return Path(path, "untaken", arrow=True)
    if inside:
        shown = strength(edge)
        if shown is None or not largest:
            return Path(path, "edge", thickness=1.0)
        thick = 0.6 + 4.4 * min(1.0, abs(shown) / largest)
        return Path(path, "still" if shown == 0 else "positive" if shown > 0 else "negative", thickness=thick)
    still = edge.grad == 0 and edge.flow == "flows" and edge.band == 1
    return Path(path, "still" if still else "edge", arrow=True)


def strength(edge: Edge) -> float | None:
    """Return what the width of an edge inside a network shows: the weight on the line of one, else its gradient."""
    return edge.data if edge.weight else edge.grad


# ---------------------------------------------------------------- the numbers


def edge_labels(model: Model) -> list[EdgeLabel]:
    """Value above and gradient below each edge; none for constants, whose gradient is of no interest.

    Cards of a network contain their numbers. A label is nearer to that end of its edge where fewer
    edges meet.
    """
    into, out_of = Counter(edge.head for edge in model.edges), Counter(edge.tail for edge in model.edges)
    kinds = {node.key: node for node in model.nodes}
    values = {node.key: node for node in model.quantities}
    labels: list[EdgeLabel] = []
    small = len(model.functions) <= PRODUCTS
    for index, edge in enumerate(model.edges):
        head = kinds[edge.head]
        if mark_of(head).holds(head):
            continue
        brief = not small or into[edge.head] > WIDE_FAN or mark_of(head).brief or mark_of(kinds[edge.tail]).brief
        crowd = into[edge.head] - out_of[edge.tail]
        at = 0.5 if abs(crowd) < 2 else 0.36 if crowd > 0 else 0.64
        found = _beside(index, edge, values.get(edge.head))
        labels += (replace(label, at=at, note=() if brief else label.note) for label in found)
    return labels


def ordinals(model: Model, paths: Sequence[tuple[Point, ...]]) -> list[EdgeLabel]:
    """Return "1st", "2nd"… for operands that are drawn in another order than the written one.

    Only where the order matters, as in a − b.
    """
    operands: dict[str, list[int]] = defaultdict(list)
    functions = {function.key: function for function in model.functions if function.name not in COMMUTATIVE}
    for index, edge in enumerate(model.edges):
        if edge.head in functions:
            operands[edge.head].append(index)
    labels: list[EdgeLabel] = []
    for indices in operands.values():
        written = sorted(indices, key=lambda index: model.edges[index].slot)
        seen = sorted(indices, key=lambda index: polyline(paths[index])[-4][1])
        if 1 < len(indices) < 4 and written != seen:
            for place, index in enumerate(written):
                word = Span(("1st", "2nd", "3rd")[place], "muted", SMALL)
                labels.append(EdgeLabel(index, index == seen[0], (word,), at=0.8))
    return labels


def _beside(index: int, edge: Edge, result: Quantity | None) -> list[EdgeLabel]:
    shown: Shows = (edge.key, "value")
    contribution: Shows = (edge.key, "gradient")
    if edge.flow == "untaken":
        return [EdgeLabel(index, False, (Span("no gradient flows here", "muted", SMALL),), shows=contribution)]
    if edge.band > 1:
        words = f"{edge.band} {'parameters' if edge.flow == 'unwanted' else 'values'}"
        return [EdgeLabel(index, True, (Span(words, "muted", 11.0, bold=True),))]
    if edge.data is None or edge.flow == "unwanted":
        return []
    above = f"{edge.name} = {number(edge.data)}" if edge.name else number(edge.data)
    ink = "forward" if math.isfinite(edge.data) else "warning-text"
    value = EdgeLabel(index, True, (Span(above, ink, LABEL, bold=True),), shows=shown)
    if edge.grad is None:
        return [value, EdgeLabel(index, False, (Span(number(None), "muted", LABEL),), shows=contribution)]
    grad = Span(number(edge.grad), "gradient" if math.isfinite(edge.grad) else "warning-text", LABEL, bold=True)
    note: tuple[Span, ...] = ()
    if edge.upstream is not None and edge.local is not None:
        product = because(edge.grad, (edge.upstream, edge.local), product=True)
        note = (Span(f" {product}", "muted", SMALL, gap=3.0),)
    elif result is not None and len(result.terms) > 1:
        note = (Span(terms(result), "muted", SMALL, gap=3.0),)
    return [value, EdgeLabel(index, False, (grad,), note, shows=contribution)]


def terms(node: Quantity) -> str:
    """Return " = 3 + 4": the contributions of the edges of a value, if they are short."""
    if node.grad is None:
        return ""
    said = " " + because(node.grad, node.terms, room=60)
    return said if width(said, SMALL) <= WIDEST else " " + tell("= sum of {count}", count=len(node.terms))
