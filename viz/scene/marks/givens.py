"""The compact form of a value as a node of its own: a small circle or capsule, its gradient below."""

from __future__ import annotations

from autograd_mini.language import tell
from viz.graph.parts import Given
from viz.scene.graphviz import Box
from viz.scene.marks.captions import NAME, NUMBER, WIDEST, Line, below, gradient_of, room, under, wide
from viz.scene.marks.mark import Mark, Spot, marked
from viz.scene.shapes import Circle, Group, Rect, Shape, Shows, Span, Text
from viz.style.typeset import number, shorten

__all__ = ["GivenMark"]


def _disc(x: float, y: float, w: float, h: float, role: str) -> Circle | Rect:
    return Circle(x, y, w / 2, role) if w == h else Rect(x - w / 2, y - h / 2, w, h, role, h / 2)


@marked
class GivenMark(Mark[Given]):
    """A value as a small circle or capsule: its name and its number, and its gradient below."""

    kind = Given

    def _inside(self, node: Given) -> list[Line]:
        value, plain = node.value, node.value.role == "constant"
        ink = "warning-text" if node.strange else "constant-text" if plain else "value-text"
        shown = number(value.data) if value.data is not None else ""
        name = shorten(node.name, WIDEST, 13.0, bold=True)
        if plain:
            return [(Span(shorten(value.label, WIDEST, NUMBER) if value.label else shown, ink, NUMBER),)]
        top = Span(name, ink, 13.0, bold=True) if value.label else Span(name, "muted", NAME)
        if not shown:
            return [(top,)]
        return [(top,), (Span(shown, ink, NUMBER, bold=not value.label),)]

    def shape(self, node: Given) -> tuple[float, float]:
        """Return the width and height of the circle."""
        rows, extra = self._inside(node), 6.0 * (node.value.role == "parameter") + 6.0 * (node.value.role == "output")
        tall = (38.0 if len(rows) > 1 else 26.0) + extra
        across = wide(rows) + 12 + extra
        return (tall, tall) if across <= tall + 3 else (across, tall)

    def _below(self, node: Given) -> list[Line]:
        return below(node.value, node.because)

    def box(self, node: Given) -> Box:
        """Return the box of the circle and its texts, with the circle in the middle."""
        w, h = self.shape(node)
        return room(node.key, max(w, wide(self._below(node))), h, 2.0, self._below(node))

    def grip(self, node: Given, box: Box) -> float:
        """Return the distances of the circle's left and right end from its middle."""
        return self.shape(node)[0] / 2

    def lines(self, node: Given) -> list[str]:
        """Its name and its number."""
        return ["".join(span.text for span in line) for line in self._inside(node)]

    def draw(self, node: Given, spot: Spot) -> Group:
        """Return the circle, and its gradient below it."""
        x, y, value = spot.x, spot.y, node.value
        w, h = self.shape(node)
        role = {"constant": "constant", "output": "output"}.get(value.role, "value")
        thick = 1.6 if role == "output" else 0.8
        shapes: list[Shape] = [_disc(x, y, w - 2 * thick, h - 2 * thick, "warning" if node.strange else role)]
        if value.role == "parameter":
            shapes.append(_disc(x, y, w - 7, h - 7, "ring"))
        rows = self._inside(node)
        shows: Shows = (value.key, "value")
        if len(rows) == 1:
            named = bool(value.label) or value.data is None
            shapes.append(Text(x, y + 4.3, rows[0], shows=None if named else shows))
        else:
            shapes += [Text(x, y - 2.5, rows[0]), Text(x, y + 11.5, rows[1], shows=shows)]
        said = [f"{tell(value.role)} {node.name}"]
        if value.data is not None and value.role != "constant":
            said += [
                tell("value {number}", number=repr(value.data)),
                tell("gradient not computed")
                if value.grad is None
                else tell("gradient {number}", number=repr(value.grad)),
            ]
        circle = Group(tuple(shapes), f"n-{node.key}", ", ".join(said), f"node-{value.role}")
        texts = under(self._below(node), x, y + h / 2, gradient_of(value.key))
        return Group((circle, Group(tuple(texts), f"t-{value.key}", "", "label")) if texts else (circle,))
