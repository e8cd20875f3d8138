"""The compact form of a function: a square with its result above and the result's gradient below.

It is centred on the line of the edges, so that a chain is straight. The texts above and below are a
separate group, ``t-…``.
"""

from __future__ import annotations

import math

from autograd_mini.language import tell
from viz.graph.parts import Block, Step
from viz.scene.graphviz import Box
from viz.scene.marks.captions import NAME, NOTE, NUMBER, WIDEST, Line, below, gradient_of, room, under, wide
from viz.scene.marks.figures import draw_figure, figure_size
from viz.scene.marks.mark import Mark, Spot, marked
from viz.scene.shapes import Group, Rect, Shape, Shows, Span, Text, text
from viz.style.typeset import number, shorten, width

__all__ = ["StepMark"]

SIDE, PIN = 30.0, 10.0


@marked
class StepMark(Mark[Step]):
    """A square with its function; above it its result, below it the gradient."""

    kind = Step

    def shape(self, node: Step) -> tuple[float, float]:
        """Return the width and height of the square."""
        wide_ = max(width(node.label, self._size(node), bold=True), width(self._inside(node), NOTE)) + 14
        if node.figure is not None:
            w, h = figure_size(node.figure)
            return max(w + 10, wide_), h + 24
        return max(SIDE, wide_), max(SIDE + 10.0 * bool(self._inside(node)), PIN * node.pins + 8)

    def _inside(self, node: Step) -> str:
        """The content of a fold, in words."""
        return getattr(node.what, "detail", "")

    def _size(self, node: Step) -> float:
        return 12.0 if node.figure is not None else 17.0 if len(node.label) == 1 else 13.0

    def above(self, node: Step) -> Line:
        """Return the line above the square: a name, and the value."""
        value = node.value
        if value is None:
            return ()
        name = shorten(node.name, WIDEST, NAME, bold=bool(value.label))
        if value.data is None:
            return (Span(name, "value-text" if value.label else "muted", NAME, bold=bool(value.label)),)
        ink = "forward" if math.isfinite(value.data) else "warning-text"
        return (
            Span(f"{name} = ", "value-text" if value.label else "muted", NAME, bold=bool(value.label)),
            Span(number(value.data), ink, NUMBER, bold=True),
        )

    def lines(self, node: Step) -> list[str]:
        """Its label and its result."""
        return [node.label, "".join(span.text for span in self.above(node))]

    def _below(self, node: Step) -> list[Line]:
        state: list[Line] = [(Span(tell(node.what.state), "muted", NOTE),)] if node.what.state else []
        return ([] if node.value is None else below(node.value, node.because)) + state

    def box(self, node: Step) -> Box:
        """Return the box of the square and its texts, with the square in the middle."""
        w, h = self.shape(node)
        above = self.above(node)
        return room(node.key, max(w, wide([above, *self._below(node)])), h, 17.0 if above else 2.0, self._below(node))

    def grip(self, node: Step, box: Box) -> float:
        """Return the distances of the square's left and right end from its middle."""
        return self.shape(node)[0] / 2

    def pin(self, node: Step, box: Box, slot: int) -> float:
        """Operands arrive from top to bottom in written order."""
        lower = 8.0 if node.figure is not None and node.pins > 1 else 0.0  # beside the figure, below the label
        return lower + (slot - (node.pins - 1) / 2) * (PIN if node.pins > 2 else 12.0)

    def draw(self, node: Step, spot: Spot) -> Group:
        """Return the square, and the texts above and below it."""
        x, y = spot.x, spot.y
        w, h = self.shape(node)
        state = node.what.state
        role = {"dead": "asleep", "saturated": "saturated", "not finite": "warning"}.get(state, "function")
        ink, size = "warning-text" if role == "warning" else "function-text", self._size(node)
        inside = self._inside(node)
        lift = 6.0 * bool(inside) + (h / 2 - 11.0) * (node.figure is not None)
        shapes: list[Shape] = [Rect(x - w / 2, y - h / 2, w, h, role, 5)]
        taking: Shows | None = (node.key, "label") if node.label != node.what.label else None  # a constant stands in it
        if isinstance(node.what, Block) and node.what.written:
            taking = (node.key, "formula")
        shapes.append(text(x, y + size * 0.35 - lift, node.label, ink, size, bold=True, shows=taking))
        if node.figure is not None:
            kind = f"sketch {type(node.figure).__name__.lower()}"
            shapes.append(Group(tuple(draw_figure(node.figure, x, y + 8.0)), f"i-{node.key}", "", kind))
        if inside:
            shapes.append(text(x, y + 12.0, inside, ink, NOTE))
        square = Group(
            tuple(shapes), f"n-{node.key}", f"{node.label}{', ' * bool(state)}{tell(state)}", "node-function",
        )  # fmt: skip
        below_ = self._below(node)
        told: Shows = (node.what.key, "state")
        if node.value is None:
            return Group((square, *under(below_, x, y + h / 2, [told])))
        key = node.value.key
        left = x - wide([self.above(node)]) / 2
        texts: list[Shape] = []
        for span in self.above(node):  # the name and the number may be in different fonts: a text for each
            shows: Shows | None = (key, "value") if span.size == NUMBER else None
            texts.append(Text(left, y - h / 2 - 5, (span,), "start", halo=True, shows=shows))
            left += span.width
        shows_: list[Shows] = [*gradient_of(key)][: len(below_) - bool(state)]
        texts += under(below_, x, y + h / 2, [*shows_, *([told] if state else [])])
        return Group((square, Group(tuple(texts), f"t-{key}", "", "label")))
