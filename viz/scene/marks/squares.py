"""A function as a square, with its state below it."""

from __future__ import annotations

from autograd_mini.language import tell
from viz.graph.nodes import Function
from viz.scene.graphviz import Box
from viz.scene.marks.mark import Mark, Spot, marked
from viz.scene.shapes import Group, Rect, Shape, text
from viz.style.typeset import width

__all__ = ["SquareMark"]

SIDE, SMALL = 38.0, 10.5


@marked
class SquareMark(Mark[Function]):
    """A function as a square: its label."""

    kind = Function

    def box(self, node: Function) -> Box:
        """Return the size of a square."""
        return Box(node.key, max(SIDE, width(node.label, _function_size(node.label), bold=True) + 20), SIDE)

    def draw(self, node: Function, spot: Spot) -> Group:
        """Return the square of a function, with its state below it."""
        return draw_function(node, spot.x, spot.y, spot.box)

    def lines(self, node: Function) -> list[str]:
        """Its label and its state."""
        return [node.label, *([f"({tell(node.state)})"] if node.state else [])]


def _function_size(label: str) -> float:
    return 20.0 if len(label) == 1 else 16.0


def draw_function(node: Function, x: float, y: float, size: Box) -> Group:
    """Return the square of a function, with its state below it."""
    role = {"": "function", "dead": "asleep", "saturated": "saturated", "not finite": "warning"}[node.state]
    ink = "warning-text" if role == "warning" else "function-text"
    letter = _function_size(node.label)
    shapes: list[Shape] = [
        Rect(x - size.width / 2, y - size.height / 2, size.width, size.height, role, 5),
        text(x, y + letter * 0.35, node.label, ink, letter, bold=True),
    ]
    if node.state:
        shapes.append(
            text(x, y + size.height / 2 + 13, tell(node.state), "muted", SMALL, halo=True, shows=(node.key, "state"))
        )
    return Group(
        tuple(shapes), f"n-{node.key}", f"{node.name}{', ' * bool(node.state)}{tell(node.state)}", "node-function"
    )
