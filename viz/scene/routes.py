"""Routes of edges: Graphviz's paths, or own curves to a row of a card or to a moved node."""

from __future__ import annotations

from collections.abc import Iterable

from viz.graph.model import Model
from viz.graph.nodes import Edge, Node
from viz.scene.graphviz import Box, Point
from viz.scene.labels import polyline
from viz.scene.marks.mark import mark_of

__all__ = ["routes"]


def routes(model: Model, centres: dict[str, Point], boxes: dict[str, Box], given: Iterable[tuple[Point, ...]],
           moved: set[str]) -> list[tuple[Point, ...]]:  # fmt: skip
    """Return the path of every edge: Graphviz's, or an own curve to a row of a card or a moved node."""
    kinds = {node.key: node for node in model.nodes}
    found: list[tuple[Point, ...]] = []
    for edge, path in zip(model.edges, given, strict=True):
        tail, head = kinds[edge.tail], kinds[edge.head]
        own = mark_of(tail).ways or mark_of(head).ways or {edge.tail, edge.head} & moved
        if not own:
            found.append(path)
            continue
        start, end = _port(tail, centres, boxes, -1, 1), _port(head, centres, boxes, edge.slot, -1)
        if len(path) > 4 and _blocked(start, end, edge, centres, boxes):
            _, second, *middle, before, _ = ((min(max(x, start[0]), end[0]), y) for x, y in path)
            leaving, arriving = max(second[0], start[0] + 20), min(before[0], end[0] - 20)
            found.append((start, (leaving, start[1]), *middle, (arriving, end[1]), end))
            continue
        found.append(_curve(start, end, straight=bool(edge.weight) or not mark_of(head).weighs(head)))
    return _spread(model.edges, found)


def _port(node: Node, centres: dict[str, Point], boxes: dict[str, Box], row: int, side: int) -> Point:
    (x, y), box = centres[node.key], boxes[node.key]
    edge = x + side * box.width / 2
    return edge, y - box.height / 2 + mark_of(node).port(node, box, row)


def _curve(start: Point, end: Point, straight: bool) -> tuple[Point, ...]:
    (x0, y0), (x1, y1) = start, end
    if straight:
        return start, (x0 + (x1 - x0) / 3, y0 + (y1 - y0) / 3), (x1 - (x1 - x0) / 3, y1 - (y1 - y0) / 3), end
    middle = (x0 + x1) / 2
    return start, (middle, y0), (middle, y1), end


def _blocked(start: Point, end: Point, edge: Edge, centres: dict[str, Point], boxes: dict[str, Box]) -> bool:
    line = polyline(_curve(start, end, straight=False), 8)
    for key, (x, y) in centres.items():
        if key not in (edge.tail, edge.head) and start[0] < x < end[0]:
            half, high = boxes[key].width / 2, boxes[key].height / 2
            if any(abs(px - x) < half and abs(py - y) < high for px, py in line):
                return True
    return False


def _spread(edges: tuple[Edge, ...], paths: list[tuple[Point, ...]]) -> list[tuple[Point, ...]]:
    """Bend edges between the same two nodes (x + x) apart, so that each has room for its numbers."""
    twins: dict[tuple[str, str], list[int]] = {}
    for index, edge in enumerate(edges):
        twins.setdefault((edge.tail, edge.head), []).append(index)
    bowed = list(paths)
    for indices in twins.values():
        for place, index in enumerate(indices if 1 < len(indices) < 5 else ()):
            bow = (2 * place - len(indices) + 1) * 14.0
            first, *inner, last = paths[index]
            bowed[index] = (first, *((x, y + bow) for x, y in inner), last)
    return bowed
