"""Functions folded to one box: their formula, or a name and what is inside."""

from __future__ import annotations

from autograd_mini.language import tell
from viz.graph.parts import Block
from viz.scene.graphviz import Box
from viz.scene.marks.mark import Mark, Spot, marked
from viz.scene.shapes import Group, Rect, Shape, Shows, text
from viz.style.typeset import width

__all__ = ["BlockMark"]

SMALL = 10.5


@marked
class BlockMark(Mark[Block]):
    """A box of folded functions."""

    kind = Block
    brief = titled = True

    def box(self, node: Block) -> Box:
        """Return the size of a fold."""
        return block_box(node)

    def draw(self, node: Block, spot: Spot) -> Group:
        """Return a box of folded functions."""
        return draw_block(node, spot.x, spot.y, spot.box)

    def folds(self, node: Block) -> bool:
        """A formula hides nothing."""
        return not node.formula

    def lines(self, node: Block) -> list[str]:
        """Its label, what is inside, and its state."""
        first = node.label + (f" ×{node.times}" if node.times > 1 else "")
        return [first, *([node.detail] if node.detail else []), *([f"({tell(node.state)})"] if node.state else [])]


def block_box(node: Block) -> Box:
    """Return the size of a fold."""
    wide = max(width(_block_label(node), 15, bold=True), width(node.detail, SMALL)) + 24
    return Box(node.key, max(46.0, wide), 50.0 if node.detail else 38.0)


def _block_label(node: Block) -> str:
    return node.label + (f"  ×{node.times}" if node.times > 1 else "")


def draw_block(node: Block, x: float, y: float, size: Box) -> Group:
    """Return a box of folded functions: its formula, or its name and what it holds; a stack where it is several."""
    left, top = x - size.width / 2, y - size.height / 2
    role, ink = ("warning", "warning-text") if node.state else ("function", "function-text")
    shapes: list[Shape] = [
        Rect(left + 4 * copy, top - 4 * copy, size.width, size.height, role, 5)
        for copy in ((2, 1) if node.times > 1 else ())
    ]
    shapes.append(Rect(left, top, size.width, size.height, role, 5))
    told: Shows | None = (node.key, "formula") if node.written else None
    shapes.append(text(x, y + (-2 if node.detail else 5), _block_label(node), ink, 15, bold=True, shows=told))
    if node.detail:
        shapes.append(text(x, y + 15, node.detail, ink, SMALL))
    return Group(
        tuple(shapes),
        f"n-{node.key}",
        f"{_block_label(node)}, {tell('{count:,} functions', count=node.size)}",
        "node-block",
    )
