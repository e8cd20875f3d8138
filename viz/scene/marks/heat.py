"""A layer as heat maps: its weights, the sizes of their gradients, and its results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from autograd_mini.language import tell
from viz.graph.parts import Card, Layer
from viz.scene.graphviz import Box
from viz.scene.marks.mark import Bounds, Mark, Spot, around, marked
from viz.scene.scales import Scales, finite
from viz.scene.shapes import Circle, Group, Rect, Shape, Shows, text
from viz.style.typeset import number, width

__all__ = ["LayerMark", "draw_layer", "layer_box"]

PITCH, GAP, LEFT, HEADER = 13.0, 12.0, 14.0, 46.0
SPAN = 340.0
"""The longest side of a matrix; larger ones have smaller cells."""
MOST = 120
"""The largest number of cells per side; larger matrices are averaged."""
SAMPLES = 16
STOREY = 22.0
"""The height between the weights and the gradients below them."""

Matrix: TypeAlias = list[list[tuple[float | None, str]]]


@dataclass(frozen=True)
class _Grid:
    """The layout of a layer: rows (neurons), columns (inputs) and the size of a cell."""

    rows: int
    columns: int
    pitch: float
    samples: int

    @property
    def matrix(self) -> float:
        """The width of the weights with their bias."""
        return self.columns * self.pitch + 2 + self.pitch

    @property
    def outputs(self) -> float:
        """The width of the results, a column for each sample."""
        return self.samples * max(self.pitch, 6.0) if self.samples > 1 else PITCH


def _grid(layer: Layer) -> _Grid:
    rows, columns = min(len(layer.cards), MOST), min(layer.inputs, MOST)
    pitch = min(layer.pitch, max(2.5, SPAN / max(rows, columns)))
    return _Grid(rows, columns, pitch, min(len(layer.copies), SAMPLES))


@marked
class LayerMark(Mark[Layer]):
    """A layer as heat maps: its weights, the sizes of their gradients, and its results."""

    kind = Layer
    ways = network = heat = gathers = brief = True

    def box(self, node: Layer) -> Box:
        """Return the size of a layer's card."""
        return layer_box(node)

    def draw(self, node: Layer, spot: Spot) -> Group:
        """Return the card of a layer."""
        return draw_layer(node, spot.x, spot.y, spot.box, spot.scale)

    def stretch(self, node: Layer, box: Box) -> tuple[float, float]:
        """Bands end at the rows of the matrix."""
        return HEADER - 2, HEADER + _grid(node).rows * _grid(node).pitch + 2

    def obstacles(self, group: Group) -> list[Bounds]:
        """One obstacle, not one for each cell."""
        return [around(group.shapes[0])]

    def holds(self, node: Layer) -> bool:
        """A layer contains its numbers."""
        return True

    def repeats(self, node: Layer) -> int:
        """One copy for each sample."""
        return len(node.copies)

    def bindings(self, node: Layer) -> tuple[str, ...]:
        """Every function of every card."""
        return tuple(key for copy in node.copies for card in copy for key in card.members)

    def measured(self, node: Layer) -> tuple[list[float | None], list[float | None]]:
        """Weights, biases and results; the gradients of the weights and biases."""
        pills = [pill for card in node.cards for pill in card.pills]
        outs = [card.data for copy in node.copies for card in copy]
        return [pill.data for pill in pills] + outs, [pill.grad for pill in pills]

    def lines(self, node: Layer) -> list[str]:
        """Its title."""
        return [node.title]


def layer_box(layer: Layer) -> Box:
    """Return the size of a layer's card."""
    grid = _grid(layer)
    sides, stories = (1, 2) if layer.stacked else (2, 1)
    outs = max(grid.outputs, width(_places(layer), 10.5, bold=True))
    wide = LEFT + sides * (grid.matrix + GAP) + outs + 12
    high = HEADER + stories * grid.rows * grid.pitch + STOREY * (stories - 1) + 18
    return Box(layer.key, max(wide, width(_title(layer), 13, bold=True) + 24), high)


def _places(layer: Layer) -> str:
    """ "out", or the number of its samples that fit."""
    return "out" if len(layer.copies) <= SAMPLES else f"out: {SAMPLES} of {len(layer.copies)}"


def _title(layer: Layer) -> str:
    return layer.title + (f"  ×{len(layer.copies)}" if len(layer.copies) > 1 else "")


def _pooled(matrix: list[list[float | None]]) -> list[list[float | None]]:
    """The matrix, or the means of equal blocks of it where it has too many cells."""
    if not matrix or (len(matrix) <= MOST and len(matrix[0]) <= MOST):
        return matrix

    def cuts(n: int) -> list[tuple[int, int]]:
        parts = min(n, MOST)
        return [(n * i // parts, n * (i + 1) // parts) for i in range(parts)]

    pooled: list[list[float | None]] = []
    for top, bottom in cuts(len(matrix)):
        line: list[float | None] = []
        for left, right in cuts(len(matrix[0])):
            cells = finite(x for row in matrix[top:bottom] for x in row[left:right])
            line.append(sum(cells) / len(cells) if cells else None)
        pooled.append(line)
    return pooled


def draw_layer(layer: Layer, x: float, y: float, box: Box, scale: Scales) -> Group:
    """Return the card of a layer with its centre at (x, y)."""
    grid = _grid(layer)
    left, top = x - box.width / 2, y - box.height / 2
    first, second = top + HEADER, top + HEADER
    weights, grads = left + LEFT, left + LEFT + grid.matrix + GAP
    outs = grads + grid.matrix + GAP
    if layer.stacked:
        grads, outs, second = weights, grads, first + grid.rows * grid.pitch + STOREY
    shapes: list[Shape] = [
        Rect(left, top, box.width, box.height, "card", 9),
        text(left + 12, top + 20, _title(layer), "function-text", 13, bold=True, anchor="start"),
        text(weights, top + 40, "W,b", "forward", 10.5, bold=True, anchor="start"),
        text(grads, second - 6, "|∂|", "gradient", 10.5, bold=True, anchor="start"),
        text(outs, top + 40, _places(layer), "forward", 10.5, bold=True, anchor="start"),
    ]
    known = any(pill.grad is not None for card in layer.cards for pill in card.pills)
    shapes += _cells(_matrix(layer, "value"), weights, first, grid, "value", scale)
    shapes += _cells(_matrix(layer, "gradient"), grads, second, grid, "gradient", scale)
    if not known:
        words = f"–  {tell('not computed')}" if layer.stacked or grid.matrix > 110 else "–"
        shapes.append(text(grads + 20, second - 6, words, "function-text", 10.5, anchor="start"))
    shapes += _outputs(layer, outs, first, grid, scale)
    largest = max(finite(pill.grad for card in layer.cards for pill in card.pills), key=abs, default=None)
    said = tell(
        "layer {place}: {title}; largest |∂| {number}", place=layer.place, title=_title(layer),
        number=number(None if largest is None else abs(largest)),
    )  # fmt: skip
    return Group(tuple(shapes), f"n-{layer.key}", said, "node-layer")


def _matrix(layer: Layer, what: Literal["value", "gradient"]) -> Matrix:
    """The cells of weights and biases: each number with the key of what it is, "" where it is a mean."""
    table = [[pill.data if what == "value" else pill.grad for pill in card.pills] for card in layer.cards]
    if len(layer.cards) <= MOST and layer.inputs <= MOST:
        return [list(zip(row, card.parameters, strict=True)) for row, card in zip(table, layer.cards, strict=True)]
    means = zip(_pooled([row[:-1] for row in table]), _pooled([row[-1:] for row in table]), strict=True)
    return [[(x, "") for x in (*weights, *bias)] for weights, bias in means]


def _cells(
    matrix: Matrix, left: float, top: float, grid: _Grid, what: Literal["value", "gradient"], scale: Scales
) -> list[Shape]:
    size = grid.pitch - (1.5 if grid.pitch > 6 else 0.4)
    corner = 1.5 if grid.pitch > 6 else 0.0
    colour = scale.signed if what == "value" else scale.glow
    found: list[Shape] = []
    for i, row in enumerate(matrix):
        for j, (x, key) in enumerate(row):
            apart = 2 if j == len(row) - 1 else 0  # the bias
            place = (left + j * grid.pitch + apart, top + i * grid.pitch)
            found.append(Rect(*place, size, size, colour(x), corner, (key, what) if key else None))
    return found


def _outputs(layer: Layer, left: float, top: float, grid: _Grid, scale: Scales) -> list[Shape]:
    def shows(card: Card) -> Shows | None:
        return (card.result, "value") if len(layer.cards) <= MOST else None

    if grid.samples > 1:
        pitch = max(grid.pitch, 6.0)
        table = _pooled([[copy[i].data for copy in layer.copies[:SAMPLES]] for i in range(len(layer.cards))])
        return [
            Rect(left + j * pitch, top + i * grid.pitch, pitch - 1, grid.pitch - 0.8, scale.signed(value), 1.0,
                 shows(layer.copies[j][i]))
            for i, row in enumerate(table)
            for j, value in enumerate(row)
        ]  # fmt: skip
    table = _pooled([[card.data] for card in layer.cards])
    radius = min(5.5, grid.pitch / 2 - 0.4)
    found: list[Shape] = []
    for i, (value,) in enumerate(table):
        middle = top + (i + 0.5) * grid.pitch - 0.7
        if radius > 3:
            found.append(Circle(left + 6.5, middle, radius + 0.5, "value"))
        found.append(Circle(left + 6.5, middle, radius - 0.2, scale.signed(value), shows(layer.cards[i])))
    return found
