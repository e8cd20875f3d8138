"""The texts above and below a shape in the compact form: names, values, gradients and their products."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from autograd_mini.language import tell
from viz.graph.nodes import Edge, Quantity
from viz.scene.graphviz import Box
from viz.scene.shapes import Group, Shows, Span, Text
from viz.style.typeset import because, number

__all__ = [
    "NAME", "NOTE", "NUMBER", "RISE", "WIDEST", "Line", "below", "contribution", "edge_box", "edge_label",
    "gradient_of", "high", "room", "under", "wide",
]  # fmt: skip

NUMBER, NAME, NOTE = 12.0, 11.0, 9.5
WIDEST = 110.0
RISE = 7.0
"""The height of a shape above the middle of its box, because there is more text below it than above."""
NOTHING = "no gradient\nflows here"
"""In two lines."""

Line = tuple[Span, ...]


def below(value: Quantity, why: str) -> list[Line]:
    """Return the lines below a value: its gradient and the product or sum that gives it."""
    if value.role == "constant" or value.data is None:
        return []
    if value.grad is None:
        return (
            [(Span(words, "muted", NOTE),) for words in tell(NOTHING).split("\n")]
            if value.barred
            else [(Span("∂ –", "muted", NUMBER),)]
        )
    ink = "gradient" if math.isfinite(value.grad) else "warning-text"
    lines: list[Line] = [(Span(f"∂ {number(value.grad)}", ink, NUMBER, bold=True),)]
    return [*lines, (Span(why, "muted", NOTE),)] if why else lines


def wide(lines: list[Line]) -> float:
    """Return the width of the widest line."""
    return max((sum(span.width for span in line) for line in lines), default=0.0)


def high(lines: list[Line]) -> float:
    """Return the height of lines below a shape."""
    return sum(line[0].size + 1.5 for line in lines) + (3.0 if lines else 0.0)


def room(key: str, across: float, tall: float, above: float, lines: list[Line]) -> Box:
    """Return the box of a shape with the texts above and below it; the shape's middle is ``RISE`` above the box's."""
    return Box(key, across + 2, 2 * max(tall / 2 + above + RISE, tall / 2 + high(lines) - RISE))


def under(lines: list[Line], x: float, y: float, shows: Sequence[Shows]) -> list[Text]:
    """Return the lines as texts below ``y``; ``shows`` says what each of them shows."""
    found: list[Text] = []
    y += 1.0
    for line, told in zip(lines, shows, strict=False):
        y += line[0].size + 1.0
        found.append(Text(x, y - 1.0, line, halo=True, shows=told))
    return found


def gradient_of(key: str) -> tuple[Shows, Shows]:
    """Return what the lines of a gradient show: the number, and the product or sum that gives it."""
    return (key, "gradient"), (key, "why")


def contribution(edge: Edge) -> list[Line]:
    """Return the lines with the contribution of one use of a value to its gradient."""
    grad, upstream, local = edge.grad, edge.upstream, edge.local
    if edge.band > 1:
        return [(Span(f"{edge.band} values", "muted", NAME),)]
    if edge.flow == "untaken":
        return [(Span(words, "muted", NOTE),) for words in tell(NOTHING).split("\n")]
    if grad is None:
        return [(Span("–", "muted", NUMBER),)]
    ink = "gradient" if math.isfinite(grad) else "warning-text"
    lines: list[Line] = [(Span(number(grad), ink, NUMBER, bold=True),)]
    if upstream is not None and local is not None:
        lines.append((Span(because(grad, (upstream, local), product=True), "muted", NOTE),))
    return lines


def edge_box(key: str, edge: Edge) -> Box:
    """Return the room of the numbers beside an edge, which runs through its middle."""
    lines = contribution(edge)
    return Box(key, wide(lines) + 8, 2 * (NUMBER + 6) if edge.flow != "untaken" else 2 * high(lines))


def edge_label(edge: Edge, x: float, y: float) -> Group:
    """Return the contribution of a use below its edge, and above the edge the product that gives it."""
    first, *others = contribution(edge)
    if edge.band > 1:
        return Group((Text(x, y + NUMBER, first, halo=True),), f"l-{edge.key}", "", "label")
    if edge.flow == "untaken":
        texts = under([first, *others], x, y + 1.0, gradient_of(edge.key))
    else:
        texts = [Text(x, y + NUMBER, first, halo=True, shows=(edge.key, "gradient"))]
        for (span,) in others:
            sign, _, product = span.text.partition(" ")
            above = replace(span, text=f"{product} {sign}")
            texts.append(Text(x, y - 5.0, (above,), halo=True, shows=(edge.key, "over")))
    return Group(tuple(texts), f"l-{edge.key}", "", "label")
