"""Legibility of a scene: every label is closest to its own edge, and overlaps and is crossed by nothing.

It is measured for the picture as wide as a page, without a browser.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from viz.scene.graphviz import Point
from viz.scene.labels import polyline
from viz.scene.shapes import Circle, Group, Path, Rect, Scene, Shape, Text

__all__ = ["PAGE", "Faults", "faults", "fits"]

PAGE = 900.0
"""The width of a shown picture: in a README, a notebook, on a slide."""
SMALLEST = 9.0
"""The smallest readable font size."""
FARTHEST = 22.0
"""The largest distance of a label from its edge."""

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Faults:
    """The problems of a scene for a reader; each lists the texts."""

    ambiguous: tuple[str, ...]
    struck: tuple[str, ...]
    covered: tuple[str, ...]
    overflowing: tuple[str, ...]
    wide: float
    smallest: float

    def __bool__(self) -> bool:
        return bool(self.ambiguous or self.struck or self.covered or self.overflowing or self.wide > PAGE)


def _ink(text: Text) -> Bounds:
    """The box of the letters of a text, without the space above and below."""
    left, top, right, bottom = text.box
    tall = bottom - top
    return left + 0.5, top + 0.1 * tall, right - 0.5, bottom - 0.15 * tall


def _common(a: Bounds, b: Bounds) -> float:
    wide = min(a[2], b[2]) - max(a[0], b[0])
    tall = min(a[3], b[3]) - max(a[1], b[1])
    return wide * tall if wide > 0 and tall > 0 else 0.0


def _area(a: Bounds) -> float:
    return (a[2] - a[0]) * (a[3] - a[1])


def _distance(box: Bounds, points: Iterable[Point]) -> float:
    return min(math.hypot(max(box[0] - x, 0.0, x - box[2]), max(box[1] - y, 0.0, y - box[3])) for x, y in points)


def _fine(path: Path) -> list[Point]:
    """A path as points about three pixels apart."""
    reach = sum(math.dist(a, b) for a, b in zip(path.points, path.points[1:], strict=False))
    return polyline(path.points, max(8, int(reach / max(1, (len(path.points) - 1) // 3) / 3)))


def _outline(shape: Shape) -> Bounds | None:
    if isinstance(shape, Circle):
        r = shape.radius
        return shape.x - r, shape.y - r, shape.x + r, shape.y + r
    if isinstance(shape, Rect):
        return shape.x, shape.y, shape.x + shape.width, shape.y + shape.height
    return None


def faults(scene: Scene) -> Faults:
    """Return the problems of ``scene`` for a reader."""
    found: dict[str, list[str]] = {"ambiguous": [], "struck": [], "covered": [], "overflowing": []}
    for kind, said in _faults(scene):
        found[kind].append(said)
    sizes = [span.size for shape in scene.walk() if isinstance(shape, Text) for span in shape.spans]
    return Faults(
        **{kind: tuple(texts) for kind, texts in found.items()}, wide=scene.width,
        smallest=min(sizes, default=math.inf) * min(1.0, PAGE / scene.width),
    )  # fmt: skip


def _faults(scene: Scene) -> Iterator[tuple[str, str]]:
    """The problems one by one, kind and text, so that the first one answers whether there are any."""
    groups = [shape for shape in scene.walk() if isinstance(shape, Group)]
    nodes = [(g, outline) for g in groups if g.kind.startswith("node") and (outline := _outline(g.shapes[0]))]
    for group, outline in nodes:
        for text in group.shapes:
            if isinstance(text, Text) and text.box[3] <= outline[3] + 4 and not _inside(text, outline, group.shapes[0]):
                yield "overflowing", "".join(span.text for span in text.spans)
    edges = {g.key[2:]: _fine(next(s for s in g.shapes if isinstance(s, Path))) for g in groups if g.kind == "edge"}
    spans = {key: _around(points) for key, points in edges.items()}
    texts: list[tuple[str, Text, Bounds]] = [
        (g.key[2:] if g.key.startswith("l-") else "", text, _ink(text))
        for g in groups if g.kind == "label" for text in g.shapes if isinstance(text, Text)
    ]  # fmt: skip
    for place, (key, text, box) in enumerate(texts):
        said = "".join(span.text for span in text.spans)
        reach = _reach(box)
        near = {k: _distance(box, p) for k in edges if _common(reach, spans[k]) and (p := _within(reach, edges[k]))}
        own = near.get(key, math.inf if key in edges else 0.0)
        others = min((d for k, d in near.items() if k != key), default=math.inf)
        if others == 0:
            yield "struck", said
        if key in edges and (others + 1 < own or own > FARTHEST):
            yield "ambiguous", said
        if any(_common(box, other) > 0.05 * min(_area(box), _area(other)) for _, _, other in texts[:place]):
            yield "covered", said
        if any(_common(box, outline) > 0.04 * _area(box) for _, outline in nodes):
            yield "covered", said


def _reach(box: Bounds) -> Bounds:
    """The place around a label in which a line is near."""
    far = FARTHEST + 2
    return box[0] - far, box[1] - far, box[2] + far, box[3] + far


def _around(points: list[Point]) -> Bounds:
    """The box of a line, a little larger: a level line has an area too."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs) - 0.5, min(ys) - 0.5, max(xs) + 0.5, max(ys) + 0.5


def _within(reach: Bounds, points: list[Point]) -> list[Point]:
    """The points of a line in the place around a label; the others are too far away to matter."""
    return [(x, y) for x, y in points if reach[0] < x < reach[2] and reach[1] < y < reach[3]]


def _inside(text: Text, outline: Bounds, shape: Shape) -> bool:
    left, top, right, bottom = text.box
    if isinstance(shape, Circle):
        quarter = (bottom - top) * 0.25
        dy = max(abs(top + quarter - shape.y), abs(bottom - quarter - shape.y))
        half = math.sqrt(max(0.0, shape.radius**2 - dy * dy))
        return shape.x - half - 0.5 <= left and right <= shape.x + half + 0.5
    return outline[0] - 0.5 <= left and right <= outline[2] + 0.5


def fits(scene: Scene) -> bool:
    """Return whether the whole ``scene`` can be read on one page."""
    return scene.width <= PAGE and next(_faults(scene), None) is None
