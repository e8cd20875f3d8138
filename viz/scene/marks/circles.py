"""A value as a circle: its size, and its text."""

from __future__ import annotations

from autograd_mini.language import tell
from viz.graph.nodes import Quantity
from viz.scene.graphviz import Box
from viz.scene.marks.mark import Mark, Spot, marked
from viz.scene.shapes import Circle, Group, Rect, Shape, Shows, text
from viz.style.typeset import number, shorten, width

__all__ = ["CircleMark"]

NAME, UNDER = 17.0, 13.0
WIDEST, STRETCH = 120.0, 1.35


@marked
class CircleMark(Mark[Quantity]):
    """A value as a circle: its name and its number."""

    kind = Quantity

    def box(self, node: Quantity) -> Box:
        """Return the size of a circle."""
        return circle_box(node)

    def draw(self, node: Quantity, spot: Spot) -> Group:
        """Return the circle of a value."""
        return draw_quantity(node, spot.x, spot.y, spot.box, spot.name)

    def lines(self, node: Quantity) -> list[str]:
        """Its name and its number."""
        return [node.label] * bool(node.label) + [number(node.data)] * (node.data is not None)


def circle_box(node: Quantity) -> Box:
    """Return the size of a circle."""
    if node.data is None and not node.label:
        return Box(node.key, 14.0, 14.0, True)
    value = _shown(node)
    if node.role == "constant":
        return _round(node.key, width(value, 12) + 12, 30.0)
    high = (50.0 if node.label and value else 46.0 if node.label else 44.0) + 4 * (node.role == "output")
    high += 6 * (node.role == "parameter")
    if node.label:
        named = width(shorten(node.label, WIDEST, NAME, bold=True), NAME, bold=True)
        wide = max(named, width(value, UNDER)) + 16
    else:
        wide = width(value, 16, bold=True) + 14
    wide += 10 * (node.role == "parameter")
    return _round(node.key, wide, high)


def _round(key: str, wide: float, high: float) -> Box:
    """A circle that is a little larger than ``high`` where the text needs it; a capsule where it needs much more."""
    if wide <= STRETCH * high:
        side = max(wide, high)
        return Box(key, side, side, True)
    return Box(key, wide, high)


def _shown(node: Quantity) -> str:
    """The number in the circle, or the name of a constant that has one."""
    if node.role == "constant" and node.label:
        return shorten(node.label, WIDEST, 12)
    return number(node.data) if node.data is not None else ""


def _disc(x: float, y: float, wide: float, high: float, role: str) -> Circle | Rect:
    """A circle, or a capsule where the text is too wide for one."""
    if wide == high:
        return Circle(x, y, wide / 2, role)
    return Rect(x - wide / 2, y - high / 2, wide, high, role, high / 2)


def draw_quantity(node: Quantity, x: float, y: float, size: Box, name: str) -> Group:
    """Return the circle of a value; ``name`` is its name in the tooltip."""
    role = "constant" if node.role == "constant" else "output" if node.role == "output" else "value"
    ink = "constant-text" if node.role == "constant" else "value-text"
    if node.strange:
        role, ink = "warning", "warning-text"
    thick = 1.6 if role == "output" else 0.8
    shapes: list[Shape] = [_disc(x, y, size.width - 2 * thick, size.height - 2 * thick, role)]
    if node.role == "parameter":
        shapes.append(_disc(x, y, size.width - 9, size.height - 9, "ring"))
    value = _shown(node)
    shows: Shows = (node.key, "value")
    if node.label and value and node.role != "constant":
        shown = shorten(node.label, WIDEST, NAME, bold=True)
        shapes.append(text(x, y - 1, shown, ink, NAME, bold=True))
        shapes.append(text(x, y + 15, value, ink, UNDER, shows=shows))
    elif node.label and not value:
        shapes.append(text(x, y + 6, shorten(node.label, WIDEST, NAME, bold=True), ink, NAME, bold=True))
    elif value and node.role == "constant":
        shapes.append(text(x, y + 4.2, value, ink, 12, shows=None if node.label else shows))
    elif value and node.role == "result" and name:
        shapes.append(text(x, y - 7.5, name, "muted", 11))
        shapes.append(text(x, y + 9.5, value, ink, 16, bold=True, shows=shows))
    elif value:
        shapes.append(text(x, y + 5.8, value, ink, 16, bold=True, shows=shows))
    return Group(tuple(shapes), f"n-{node.key}", _circle_title(node, name), f"node-{node.role}")


def _circle_title(node: Quantity, name: str) -> str:
    parts = [f"{tell(node.role)} {name}"]
    if node.data is not None and node.role != "constant":
        parts.append(tell("value {number}", number=repr(node.data)))
        known = node.grad is not None
        parts.append(tell("gradient {number}", number=repr(node.grad)) if known else tell("gradient not computed"))
    return ", ".join(parts)
