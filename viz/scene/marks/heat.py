"""A layer as heat maps: its weights, how large their gradients are, and what comes out."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from viz.graph.model import Model
from viz.graph.parts import Card, Layer, Leaves
from viz.scene.graphviz import Box
from viz.scene.shapes import Circle, Group, Rect, Shape, text
from viz.style.theme import HEAT_STEPS
from viz.style.typeset import number, width

__all__ = ["Scales", "draw_layer", "draw_leaves", "heat_legend", "layer_box", "leaves_box", "outlet", "scales"]

PITCH, GAP, LEFT, HEADER = 13.0, 12.0, 14.0, 46.0
SPAN = 340.0
"""The longest side of a matrix; larger ones have smaller cells."""
MOST = 120
"""Cells to a side at most; larger matrices are averaged."""
SAMPLES = 16
DECADES = 3.0


@dataclass(frozen=True)
class Scales:
    """What the colours of one picture mean: values from −value to +value, |∂| over three decades up to gradient."""

    value: float
    gradient: float

    def signed(self, x: float | None) -> str:
        """Return the role of a cell that shows ``x``."""
        if x is None or not math.isfinite(x):
            return "warning"
        return f"heat{round(max(-1.0, min(1.0, x / self.value)) * HEAT_STEPS)}"

    def glow(self, x: float | None) -> str:
        """Return the role of a cell that shows how large ``x`` is."""
        if x is None or not math.isfinite(x):
            return "constant" if x is None else "warning"
        if x == 0 or not self.gradient:
            return "glow0"
        share = 1 + math.log10(abs(x) / self.gradient) / DECADES
        return f"glow{round(max(0.0, min(1.0, share)) * HEAT_STEPS)}"


def scales(model: Model) -> Scales:
    """Return the scales that suit every layer and strip of ``model``."""
    values: list[float] = []
    grads: list[float] = []
    for node in model.nodes:
        if isinstance(node, Layer):
            pills = [pill for card in node.cards for pill in card.pills]
            values += _finite(pill.data for pill in pills)
            values += _finite(card.data for copy in node.copies for card in copy)
            grads += _finite(pill.grad for pill in pills)
        elif isinstance(node, Leaves):
            values += _finite(node.data)
            grads += _finite(node.grads)
    ranked = sorted(map(abs, values))
    reach = ranked[int(0.98 * (len(ranked) - 1))] if ranked else 1.0
    return Scales(_round_up(reach), _round_up(max(map(abs, grads), default=0.0)) if any(grads) else 0.0)


def _finite(xs: Iterable[float | None]) -> list[float]:
    return [x for x in xs if x is not None and math.isfinite(x)]


def _round_up(x: float) -> float:
    """The next of 1, 2, 5, 10…"""
    if x <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(x))
    return next(step * power for step in (1, 2, 5, 10, 20) if step * power >= x * (1 - 1e-12))


# ---------------------------------------------------------------- layers


@dataclass(frozen=True)
class _Grid:
    """How a layer is laid out: rows (neurons), columns (inputs) and the size of a cell."""

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
    pitch = min(PITCH, max(2.5, SPAN / max(rows, columns)))
    return _Grid(rows, columns, pitch, min(len(layer.copies), SAMPLES))


def layer_box(layer: Layer) -> Box:
    """Return the size of a layer's card."""
    grid = _grid(layer)
    wide = LEFT + 2 * (grid.matrix + GAP) + max(grid.outputs, 18.0) + 16
    return Box(layer.key, max(wide, width(_title(layer), 13, bold=True) + 24), HEADER + grid.rows * grid.pitch + 18)


def _title(layer: Layer) -> str:
    return layer.title + (f"  ×{len(layer.copies)}" if len(layer.copies) > 1 else "")


def outlet(layer: Layer) -> tuple[float, float]:
    """Return how far below its top the first and the last row of a layer are."""
    grid = _grid(layer)
    return HEADER - 2, HEADER + grid.rows * grid.pitch + 2


def _pooled(matrix: list[list[float | None]]) -> list[list[float | None]]:
    """The matrix, or the means of equal stretches of it where it has too many cells."""
    if not matrix or (len(matrix) <= MOST and len(matrix[0]) <= MOST):
        return matrix

    def cuts(n: int) -> list[tuple[int, int]]:
        parts = min(n, MOST)
        return [(n * i // parts, n * (i + 1) // parts) for i in range(parts)]

    pooled: list[list[float | None]] = []
    for top, bottom in cuts(len(matrix)):
        line: list[float | None] = []
        for left, right in cuts(len(matrix[0])):
            cells = _finite(x for row in matrix[top:bottom] for x in row[left:right])
            line.append(sum(cells) / len(cells) if cells else None)
        pooled.append(line)
    return pooled


def draw_layer(layer: Layer, x: float, y: float, box: Box, scale: Scales) -> Group:
    """Return the card of a layer with its centre at (x, y)."""
    grid = _grid(layer)
    left, top = x - box.width / 2, y - box.height / 2
    weights, grads = left + LEFT, left + LEFT + grid.matrix + GAP
    outs = grads + grid.matrix + GAP
    first = top + HEADER
    shapes: list[Shape] = [
        Rect(left, top, box.width, box.height, "card", 9),
        text(left + 12, top + 20, _title(layer), "function-text", 13, bold=True, anchor="start"),
        text(weights, top + 40, "W,b", "forward", 10.5, bold=True, anchor="start"),
        text(grads, top + 40, "|∂|", "gradient", 10.5, bold=True, anchor="start"),
        text(outs, top + 40, "out", "forward", 10.5, bold=True, anchor="start"),
    ]
    known = any(pill.grad is not None for card in layer.cards for pill in card.pills)
    shapes += _cells(_matrix(layer.cards, "data"), weights, first, grid, scale.signed)
    shapes += _cells(_matrix(layer.cards, "grad"), grads, first, grid, scale.glow)
    if not known:
        words = "–  not computed" if grid.matrix > 110 else "–"
        shapes.append(text(grads + 20, top + 40, words, "function-text", 10.5, anchor="start"))
    shapes += _outputs(layer, outs, first, grid, scale)
    largest = max(_finite(pill.grad for card in layer.cards for pill in card.pills), key=abs, default=None)
    said = f"layer {layer.place}: {_title(layer)}; largest |∂| {number(None if largest is None else abs(largest))}"
    return Group(tuple(shapes), f"n-{layer.key}", said, "node-layer")


def _matrix(cards: tuple[Card, ...], what: str) -> tuple[list[list[float | None]], list[list[float | None]]]:
    table = [[getattr(pill, what) for pill in card.pills] for card in cards]
    return _pooled([row[:-1] for row in table]), _pooled([row[-1:] for row in table])


def _cells(
    parts: tuple[list[list[float | None]], list[list[float | None]]],
    left: float,
    top: float,
    grid: _Grid,
    role: Callable[[float | None], str],
) -> list[Shape]:
    size = grid.pitch - (1.5 if grid.pitch > 6 else 0.4)
    corner = 1.5 if grid.pitch > 6 else 0.0
    found: list[Shape] = []
    for matrix, x in ((parts[0], left), (parts[1], left + grid.columns * grid.pitch + 2)):
        for i, row in enumerate(matrix):
            found += (
                Rect(x + j * grid.pitch, top + i * grid.pitch, size, size, role(value), corner)
                for j, value in enumerate(row)
            )
    return found


def _outputs(layer: Layer, left: float, top: float, grid: _Grid, scale: Scales) -> list[Shape]:
    if grid.samples > 1:
        pitch = max(grid.pitch, 6.0)
        table = _pooled([[copy[i].data for copy in layer.copies[:SAMPLES]] for i in range(len(layer.cards))])
        return [
            Rect(left + j * pitch, top + i * grid.pitch, pitch - 1, grid.pitch - 0.8, scale.signed(value), 1.0)
            for i, row in enumerate(table)
            for j, value in enumerate(row)
        ]
    table = _pooled([[card.data] for card in layer.cards])
    radius = min(5.5, grid.pitch / 2 - 0.4)
    found: list[Shape] = []
    for i, (value,) in enumerate(table):
        middle = top + (i + 0.5) * grid.pitch - 0.7
        if radius > 3:
            found.append(Circle(left + 6.5, middle, radius + 0.5, "value"))
        found.append(Circle(left + 6.5, middle, radius - 0.2, scale.signed(value)))
    return found


# ---------------------------------------------------------------- strips of leaves


def _shape(leaves: Leaves) -> tuple[int, int]:
    """Rows and columns: a square where the leaves make one (an image), else columns of 16."""
    count = len(leaves.data)
    side = math.isqrt(count)
    if side * side == count and count >= 16:
        return side, side
    rows = min(16, count)
    return rows, math.ceil(count / rows)


def _leaf_pitch(leaves: Leaves) -> float:
    return min(PITCH, max(2.5, SPAN / max(_shape(leaves))))


def leaves_box(leaves: Leaves) -> Box:
    """Return the size of a strip."""
    rows, columns = _shape(leaves)
    pitch, sides = _leaf_pitch(leaves), 2 if _known(leaves) else 1
    wide = LEFT + sides * max(columns * pitch + GAP, 40.0) + 4
    return Box(leaves.key, max(wide, width(_leaves_title(leaves), 13, bold=True) + 24), HEADER + rows * pitch + 12)


def _known(leaves: Leaves) -> bool:
    return any(grad is not None for grad in leaves.grads)


def _leaves_title(leaves: Leaves) -> str:
    return f"{len(leaves.data)} {leaves.kind}"


def draw_leaves(leaves: Leaves, x: float, y: float, box: Box, scale: Scales) -> Group:
    """Return a strip of leaves with its centre at (x, y)."""
    rows, columns = _shape(leaves)
    pitch = _leaf_pitch(leaves)
    left, top = x - box.width / 2, y - box.height / 2
    size, corner = pitch - (1.5 if pitch > 6 else 0.4), 1.5 if pitch > 6 else 0.0
    shapes: list[Shape] = [
        Rect(left, top, box.width, box.height, "tray", 9),
        text(left + 12, top + 20, _leaves_title(leaves), "value-text", 13, bold=True, anchor="start"),
    ]
    sides = [("value", leaves.data, scale.signed, "forward")]
    if _known(leaves):
        sides.append(("|∂|", leaves.grads, scale.glow, "gradient"))
    square = rows == columns
    for side, (name, numbers, role, ink) in enumerate(sides):
        start = left + LEFT + side * max(columns * pitch + GAP, 40.0)
        shapes.append(text(start, top + 40, name, ink, 10.5, bold=True, anchor="start"))
        for i, value in enumerate(numbers):
            row, column = divmod(i, columns) if square else divmod(i, rows)[::-1]
            place = (start + column * pitch, top + HEADER + row * pitch)
            shapes.append(Rect(*place, size, size, role(value), corner))
    return Group(tuple(shapes), f"n-{leaves.key}", _leaves_title(leaves), "node-leaves")


def heat_legend(scale: Scales, x: float, y: float) -> list[Shape]:
    """Return the two colour scales, left to right from (x, y)."""
    shapes: list[Shape] = []
    shapes += (Rect(x + 11 * i, y - 5.5, 11, 11, f"heat{round((i - 4) / 4 * HEAT_STEPS)}") for i in range(9))
    words = f"value  {number(-scale.value)} … +{number(scale.value)}"
    shapes.append(text(x + 106, y + 4, words, "muted", 11, anchor="start"))
    if scale.gradient:
        x += 106 + width(words, 11) + 34
        shapes += (Rect(x + 11 * i, y - 5.5, 11, 11, f"glow{round(i / 8 * HEAT_STEPS)}") for i in range(9))
        words = f"|∂L/∂·|  {number(scale.gradient / 10**DECADES)} … {number(scale.gradient)}  (log)"
        shapes.append(text(x + 106, y + 4, words, "muted", 11, anchor="start"))
    return shapes
