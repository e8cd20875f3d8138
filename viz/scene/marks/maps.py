"""A convolution as images: the kernel of each unit, the sizes of its gradients, and its map."""

from __future__ import annotations

import math
from typing import Literal, cast

from autograd_mini.language import tell
from viz.graph.nodes import Node
from viz.graph.parts import Layer
from viz.scene.graphviz import Box
from viz.scene.marks.heat import LayerMark
from viz.scene.marks.mark import Spot, marked
from viz.scene.scales import Scales
from viz.scene.shapes import Group, Rect, Shape, text
from viz.style.typeset import width

__all__ = ["MapsMark"]

LEFT, HEADER, GAP, BETWEEN = 14.0, 46.0, 16.0, 10.0
CELL, AIR = 11.0, 1.2
SPAN = 160.0
"""The longest side of a map; larger ones have smaller cells."""


def _square(layer: Layer) -> bool:
    return layer.slides and all(math.isqrt(count) ** 2 == count for count in (layer.inputs, len(layer.copies)))


@marked
class MapsMark(LayerMark):
    """A layer whose units slide over an image: square kernels, square maps."""

    rank = 1

    def matches(self, node: Node) -> bool:
        """Only where windows overlap, and both kernels and maps are square."""
        return super().matches(node) and _square(cast("Layer", node))

    def _sides(self, node: Layer) -> tuple[int, int, float]:
        """The side of a kernel and of a map in cells, and the pitch of a map's cells."""
        places = math.isqrt(len(node.copies))
        return math.isqrt(node.inputs), places, min(CELL, SPAN / places)

    def _tall(self, node: Layer) -> float:
        kernel, places, pitch = self._sides(node)
        return max(kernel * CELL, places * pitch) + BETWEEN

    def _title(self, node: Layer) -> str:
        kernel, places, _ = self._sides(node)
        after = f" · {node.cards[0].activation}" if node.cards[0].activation else ""
        return tell(
            "{count} kernels {kernel}×{kernel}{after}, maps {side}×{side}",
            count=len(node.cards), kernel=kernel, after=after, side=places,
        )  # fmt: skip

    def box(self, node: Layer) -> Box:
        """Return the size of the card."""
        kernel, places, pitch = self._sides(node)
        wide = LEFT + 2 * ((kernel + 1) * CELL + GAP) + places * pitch + 14
        title = width(self._title(node), 13, bold=True) + 24
        return Box(node.key, max(wide, title), HEADER + len(node.cards) * self._tall(node) + 6)

    def stretch(self, node: Layer, box: Box) -> tuple[float, float]:
        """Bands end at the rows of units."""
        return HEADER - 2, box.height - 8

    def draw(self, node: Layer, spot: Spot) -> Group:
        """Return the card: for each unit a kernel with its bias, their gradients, and a map."""
        left, top = spot.x - spot.box.width / 2, spot.y - spot.box.height / 2
        kernel, places, pitch = self._sides(node)
        grads = left + LEFT + (kernel + 1) * CELL + GAP
        maps = grads + (kernel + 1) * CELL + GAP
        shapes: list[Shape] = [
            Rect(left, top, spot.box.width, spot.box.height, "card", 9),
            text(left + 12, top + 20, self._title(node), "function-text", 13, bold=True, anchor="start"),
            text(left + LEFT, top + 40, "W,b", "forward", 10.5, bold=True, anchor="start"),
            text(grads, top + 40, "|∂|", "gradient", 10.5, bold=True, anchor="start"),
            text(maps, top + 40, "out", "forward", 10.5, bold=True, anchor="start"),
        ]
        for unit in range(len(node.cards)):
            y = top + HEADER + unit * self._tall(node)
            shapes += self._kernel(node, unit, left + LEFT, y, "value", spot.scale)
            shapes += self._kernel(node, unit, grads, y, "gradient", spot.scale)
            for place, copy in enumerate(node.copies):
                row, column = divmod(place, places)
                card = copy[unit]
                at = (maps + column * pitch, y + row * pitch)
                size, role = pitch - AIR, spot.scale.signed(card.data)
                shapes.append(Rect(*at, size, size, role, 1.0, (card.result, "value")))
        return Group(
            tuple(shapes),
            f"n-{node.key}",
            tell("layer {place}: {title}", place=node.place, title=self._title(node)),
            "node-layer",
        )

    def _kernel(
        self, node: Layer, unit: int, x: float, y: float, what: Literal["value", "gradient"], scale: Scales
    ) -> list[Shape]:
        """The weights in the arrangement of the image, and the bias separately at the right."""
        side = self._sides(node)[0]
        card, size = node.cards[unit], CELL - AIR
        shapes: list[Shape] = []
        for place, (pill, key) in enumerate(zip(card.pills, card.parameters, strict=True)):
            row, column = divmod(place, side) if place < node.inputs else (0, side)
            role = scale.signed(pill.data) if what == "value" else scale.glow(pill.grad)
            left = x + column * CELL + 3 * (place == node.inputs)
            shapes.append(Rect(left, y + row * CELL, size, size, role, 1.0, (key, what)))
        return shapes

    def lines(self, node: Layer) -> list[str]:
        """Its title."""
        return [self._title(node)]
