"""Shapes with roles and coordinates, which every format draws with its own styles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from viz.scene.graphviz import Point
from viz.style.typeset import width

__all__ = [
    "Anchor",
    "Circle",
    "Group",
    "Path",
    "Rect",
    "Scene",
    "Shape",
    "Shows",
    "Span",
    "Text",
    "bounds",
    "shift",
    "text",
]

Anchor: TypeAlias = Literal["start", "middle", "end"]
Shows: TypeAlias = tuple[str, Literal["value", "gradient", "why", "over", "state", "label", "formula"]]
"""What a text or a cell shows: (key of a node or an edge, which part of it).

"value" and "gradient" are its numbers; "why" is the product or sum that gives the gradient, "over" the
same written before it; "state" and "label" are texts of a function.
"""
ASCENT, DESCENT = 0.76, 0.22


@dataclass(frozen=True, slots=True)
class Circle:
    """A circle; ``role`` names its style."""

    x: float
    y: float
    radius: float
    role: str
    shows: Shows | None = None


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle with its top left corner at (x, y)."""

    x: float
    y: float
    width: float
    height: float
    role: str
    radius: float = 0.0
    shows: Shows | None = None


@dataclass(frozen=True, slots=True)
class Path:
    """Cubic Bézier pieces: 3n+1 points. ``closed`` paths are joined and filled; ``thickness`` overrides the style's."""

    points: tuple[Point, ...]
    role: str
    arrow: bool = False
    closed: bool = False
    thickness: float = 0.0


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text in one style; ``gap`` is the space before it."""

    text: str
    role: str
    size: float
    bold: bool = False
    mono: bool = False
    gap: float = 0.0

    @property
    def width(self) -> float:
        """Its measured width."""
        return self.gap + width(self.text, self.size, bold=self.bold, mono=self.mono)


@dataclass(frozen=True, slots=True)
class Text:
    """Spans on one baseline; with ``halo``, edged in the background colour."""

    x: float
    y: float
    spans: tuple[Span, ...]
    anchor: Anchor = "middle"
    halo: bool = False
    shows: Shows | None = None

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom, as measured."""
        size = max(span.size for span in self.spans)
        wide = sum(span.width for span in self.spans)
        left = self.x - {"start": 0.0, "middle": wide / 2, "end": wide}[self.anchor]
        return left, self.y - ASCENT * size, left + wide, self.y + DESCENT * size


def text(
    x: float, y: float, content: str, role: str, size: float, *,
    bold: bool = False, mono: bool = False, anchor: Anchor = "middle", halo: bool = False,
    shows: Shows | None = None,
) -> Text:  # fmt: skip
    """Return a Text of one span, on the baseline ``y``."""
    return Text(x, y, (Span(content, role, size, bold, mono),), anchor, halo, shows)


@dataclass(frozen=True, slots=True)
class Group:
    """Shapes that belong together; ``key`` becomes an id, ``title`` a tooltip, ``kind`` a class."""

    shapes: tuple[Shape, ...]
    key: str = ""
    title: str = ""
    kind: str = ""


Shape: TypeAlias = Circle | Rect | Path | Text | Group


@dataclass(frozen=True, slots=True)
class Scene:
    """A finished picture without colours: its size, its shapes in painting order, its title and description."""

    width: float
    height: float
    shapes: tuple[Shape, ...]
    title: str
    description: str
    notes: tuple[str, ...] = field(default=())

    def walk(self) -> Iterator[Shape]:
        """Yield every shape in painting order, groups before their content."""
        stack: list[Shape] = list(reversed(self.shapes))
        while stack:
            shape = stack.pop()
            yield shape
            if isinstance(shape, Group):
                stack.extend(reversed(shape.shapes))


def shift(shape: Shape, dx: float, dy: float) -> Shape:
    """Return ``shape`` moved by (dx, dy)."""
    if isinstance(shape, Group):
        return replace(shape, shapes=tuple(shift(each, dx, dy) for each in shape.shapes))
    if isinstance(shape, Path):
        return replace(shape, points=tuple((x + dx, y + dy) for x, y in shape.points))
    return replace(shape, x=shape.x + dx, y=shape.y + dy)


def bounds(shapes: Iterable[Shape]) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of everything in ``shapes``."""
    boxes: list[tuple[float, float, float, float]] = []
    stack = list(shapes)
    while stack:
        shape = stack.pop()
        if isinstance(shape, Group):
            stack.extend(shape.shapes)
        elif isinstance(shape, Text):
            boxes.append(shape.box)
        elif isinstance(shape, Circle):
            r = shape.radius
            boxes.append((shape.x - r, shape.y - r, shape.x + r, shape.y + r))
        elif isinstance(shape, Rect):
            boxes.append((shape.x, shape.y, shape.x + shape.width, shape.y + shape.height))
        else:
            xs, ys = [x for x, _ in shape.points], [y for _, y in shape.points]
            boxes.append((min(xs), min(ys), max(xs), max(ys)))
    if not boxes:
        return 0.0, 0.0, 0.0, 0.0
    left, top, right, bottom = zip(*boxes, strict=True)
    return min(left), min(top), max(right), max(bottom)
