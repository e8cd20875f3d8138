"""The compact form: a function with its result, a value that stands alone, and a value where it is used again.

Each is centred on the line that edges run along, so that a chain is straight. What stands above and
below a shape is a group of its own, ``t-…``.
"""

from __future__ import annotations

import math
from dataclasses import replace

from viz.graph.nodes import Edge, Quantity
from viz.graph.parts import Given, Port, Step
from viz.scene.graphviz import Box
from viz.scene.marks.figures import draw_figure, figure_size
from viz.scene.marks.mark import Mark, Spot, marked
from viz.scene.shapes import Circle, Group, Rect, Shape, Shows, Span, Text, text
from viz.style.typeset import because, number, shorten, width

__all__ = ["RISE", "GivenMark", "PortMark", "StepMark", "edge_box", "edge_label"]

NUMBER, NAME, NOTE = 12.0, 11.0, 9.5
SIDE, PIN = 30.0, 10.0
WIDEST = 110.0
RISE = 7.0
"""How far above the middle of its box a shape stands: there is more to write below it than above."""
NOTHING = ("no gradient", "flows here")

Line = tuple[Span, ...]


def below(value: Quantity, why: str) -> list[Line]:
    """Return the lines below a value: its gradient and what made it."""
    if value.role == "constant" or value.data is None:
        return []
    if value.grad is None:
        return (
            [(Span(words, "muted", NOTE),) for words in NOTHING] if value.barred else [(Span("∂ –", "muted", NUMBER),)]
        )
    ink = "gradient" if math.isfinite(value.grad) else "warning-text"
    lines: list[Line] = [(Span(f"∂ {number(value.grad)}", ink, NUMBER, bold=True),)]
    return [*lines, (Span(why, "muted", NOTE),)] if why else lines


def wide(lines: list[Line]) -> float:
    """Return the width of the widest line."""
    return max((sum(span.width for span in line) for line in lines), default=0.0)


def high(lines: list[Line]) -> float:
    """Return how high lines below a shape are."""
    return sum(line[0].size + 1.5 for line in lines) + (3.0 if lines else 0.0)


def _around(key: str, room: float, tall: float, above: float, lines: list[Line]) -> Box:
    """The box of a shape with what stands over and under it; the shape's middle is ``RISE`` above the box's."""
    return Box(key, room + 2, 2 * max(tall / 2 + above + RISE, tall / 2 + high(lines) - RISE))


def under(lines: list[Line], x: float, y: float, shows: Shows) -> list[Text]:
    """Return the lines as texts below ``y``; the first shows a gradient."""
    found: list[Text] = []
    y += 1.0
    for place, line in enumerate(lines):
        y += line[0].size + 1.0
        gradient = not place and line[0].size == NUMBER
        found.append(Text(x, y - 1.0, line, halo=True, shows=shows if gradient else None))
    return found


def _disc(x: float, y: float, w: float, h: float, role: str) -> Circle | Rect:
    return Circle(x, y, w / 2, role) if w == h else Rect(x - w / 2, y - h / 2, w, h, role, h / 2)


@marked
class StepMark(Mark[Step]):
    """A square with its function; above it the value that it makes, below it the gradient."""

    kind = Step

    def shape(self, node: Step) -> tuple[float, float]:
        """Return how wide and high the square is."""
        wide_ = max(width(node.label, self._size(node), bold=True), width(self._inside(node), NOTE)) + 14
        if node.figure is not None:
            w, h = figure_size(node.figure)
            return max(w + 10, wide_), h + 24
        return max(SIDE, wide_), max(SIDE + 10.0 * bool(self._inside(node)), PIN * node.pins + 8)

    def _inside(self, node: Step) -> str:
        """What a fold holds, in words."""
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
        state: list[Line] = [(Span(node.what.state, "muted", NOTE),)] if node.what.state else []
        return ([] if node.value is None else below(node.value, node.because)) + state

    def box(self, node: Step) -> Box:
        """Return the room of the square and its texts, the square in the middle."""
        w, h = self.shape(node)
        above = self.above(node)
        return _around(
            node.key, max(w, wide([above, *self._below(node)])), h, 17.0 if above else 2.0, self._below(node)
        )

    def grip(self, node: Step, box: Box) -> float:
        """Return how far from its middle the square ends to either side."""
        return self.shape(node)[0] / 2

    def pin(self, node: Step, box: Box, slot: int) -> float:
        """Operands land from top to bottom in the order they are written."""
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
        shapes.append(text(x, y + size * 0.35 - lift, node.label, ink, size, bold=True))
        if node.figure is not None:
            shapes += draw_figure(node.figure, x, y + 8.0)
        if inside:
            shapes.append(text(x, y + 12.0, inside, ink, NOTE))
        square = Group(
            tuple(shapes), f"n-{node.key}", f"{node.label}{', ' * bool(state)}{state}", "node-function",
        )  # fmt: skip
        if node.value is None:
            return Group((square, *under(self._below(node), x, y + h / 2, ("", "value"))))
        key = node.value.key
        left = x - wide([self.above(node)]) / 2
        texts: list[Shape] = []
        for span in self.above(node):  # the name and the number may be in different fonts: a text for each
            shows: Shows | None = (key, "value") if span.size == NUMBER else None
            texts.append(Text(left, y - h / 2 - 5, (span,), "start", halo=True, shows=shows))
            left += span.width
        texts += under(self._below(node), x, y + h / 2, (key, "gradient"))
        return Group((square, Group(tuple(texts), f"t-{key}", "", "label")))


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
        """Return how wide and high the circle is."""
        rows, extra = self._inside(node), 6.0 * (node.value.role == "parameter") + 6.0 * (node.value.role == "output")
        tall = (38.0 if len(rows) > 1 else 26.0) + extra
        room = wide(rows) + 12 + extra
        return (tall, tall) if room <= tall + 3 else (room, tall)

    def _below(self, node: Given) -> list[Line]:
        return below(node.value, node.because)

    def box(self, node: Given) -> Box:
        """Return the room of the circle and its texts, the circle in the middle."""
        w, h = self.shape(node)
        return _around(node.key, max(w, wide(self._below(node))), h, 2.0, self._below(node))

    def grip(self, node: Given, box: Box) -> float:
        """Return how far from its middle the circle ends to either side."""
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
        said = [f"{value.role} {node.name}"]
        if value.data is not None and value.role != "constant":
            said += [
                f"value {value.data!r}",
                "gradient " + ("not computed" if value.grad is None else repr(value.grad)),
            ]
        circle = Group(tuple(shapes), f"n-{node.key}", ", ".join(said), f"node-{value.role}")
        texts = under(self._below(node), x, y + h / 2, (value.key, "gradient"))
        return Group((circle, Group(tuple(texts), f"t-{value.key}", "", "label")) if texts else (circle,))


@marked
class PortMark(Mark[Port]):
    """A name in a small capsule; what this use of the value contributes stands below it."""

    kind = Port

    def shape(self, node: Port) -> tuple[float, float]:
        """Return how wide and high the capsule is."""
        return max(22.0, width(self._name(node), NAME, bold=True) + 14), 20.0

    def _name(self, node: Port) -> str:
        return shorten(node.name, WIDEST, NAME, bold=True)

    def _below(self, node: Port) -> list[Line]:
        edge = node.edge
        if edge.band > 1 or edge.flow == "unwanted" or edge.data is None or (node.alone and edge.flow == "flows"):
            return []
        return contribution(edge)

    def box(self, node: Port) -> Box:
        """Return the room of the capsule and its texts, the capsule in the middle."""
        w, h = self.shape(node)
        return _around(node.key, max(w, wide(self._below(node))), h, 2.0, self._below(node))

    def grip(self, node: Port, box: Box) -> float:
        """Return how far from its middle the capsule ends to either side."""
        return self.shape(node)[0] / 2

    def lines(self, node: Port) -> list[str]:
        """Its name."""
        return [node.name]

    def draw(self, node: Port, spot: Spot) -> Group:
        """Return the capsule, and the contribution below it."""
        x, y = spot.x, spot.y
        w, h = self.shape(node)
        capsule = Group(
            (Rect(x - w / 2, y - h / 2, w, h, "port", h / 2),
             text(x, y + 3.9, self._name(node), "value-text", NAME, bold=True)),
            f"n-{node.key}", f"{node.name}, used here", "node-port",
        )  # fmt: skip
        texts = under(self._below(node), x, y + h / 2, (node.edge.key, "gradient"))
        return Group((capsule, Group(tuple(texts), f"t-{node.key}", "", "label")) if texts else (capsule,))


def contribution(edge: Edge) -> list[Line]:
    """Return the lines that say what one use of a value adds to its gradient."""
    grad, upstream, local = edge.grad, edge.upstream, edge.local
    if edge.band > 1:
        return [(Span(f"{edge.band} values", "muted", NAME),)]
    if edge.flow == "untaken":
        return [(Span(words, "muted", NOTE),) for words in NOTHING]
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
    """Return what a use contributes, below its edge; above it the product that makes it, as over a line."""
    first, *others = contribution(edge)
    shows: Shows = (edge.key, "gradient")
    if edge.flow == "untaken":
        texts = under([first, *others], x, y + 1.0, shows)
    else:
        texts = [Text(x, y + NUMBER, first, halo=True, shows=shows)]
        for (span,) in others:
            sign, _, product = span.text.partition(" ")
            texts.append(Text(x, y - 5.0, (replace(span, text=f"{product} {sign}"),), halo=True))
    return Group(tuple(texts), f"l-{edge.key}", "", "label")
