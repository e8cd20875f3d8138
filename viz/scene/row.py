"""One row of the compact form, laid out by Graphviz: nodes, ports, edges, and the numbers beside them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from viz.graph.nodes import Edge, Node
from viz.graph.parts import Frame, Port
from viz.scene.frames import framed
from viz.scene.graphviz import Box, Link, Point, arrange
from viz.scene.labels import polyline
from viz.scene.marks.captions import RISE, edge_box, edge_label
from viz.scene.marks.edges import draw_edge, edge_title
from viz.scene.marks.mark import Mark, Spot, mark_of
from viz.scene.order import in_order
from viz.scene.plan import NODE, Plan
from viz.scene.shapes import Group, Shape

__all__ = ["Row"]

ORDERED = 60
"""Up to so many boxes operands are in written order; with more, fewer crossings are preferred."""
LINE = 1.3


class Row:
    """One row: its nodes, the ports and the numbers beside edges, laid out by Graphviz."""

    def __init__(self, whole: Plan, keys: list[str]) -> None:
        self.whole, self.keys = whole, keys
        inside = set(keys)
        self.ports: dict[str, Port] = {}
        self.boxes: dict[str, Box] = {key: whole.boxes[key] for key in keys}
        self.pieces: dict[str, list[int]] = {}
        self.edges: list[Edge] = []
        links: list[Link] = []
        for edge in whole.graph.edges:
            if edge.head not in inside or (edge.tail not in inside and not whole.ported(edge)):
                continue
            tail = edge.tail
            if whole.ported(edge):
                port = whole.port(edge)
                self.ports[port.key] = port
                self.boxes[port.key] = mark_of(port).box(port)
                tail = port.key
            self.edges.append(edge)
            at = len(links)
            if tail == edge.tail and whole.labelled(edge):
                label = f"l{edge.key}"
                self.boxes[label] = edge_box(label, edge)
                links += [Link(tail, label, weight=3), Link(label, edge.head, weight=3)]
            else:
                links.append(Link(tail, edge.head, weight=3 if tail in self.ports else 1))
            self.pieces[edge.key] = list(range(at, len(links)))
        self.frames = self.framed_here()
        within = [frame.members for frame in self.frames]
        clustered = [
            replace(box, clusters=tuple(str(at) for at, members in enumerate(within) if key in members))
            for key, box in self.boxes.items()
        ]
        laid = arrange(
            clustered, links, rank_gap=whole.gap, node_gap=NODE, level=True, engine=whole.engine,
            keep_order=len(self.boxes) <= ORDERED, titles={str(at): each.title for at, each in enumerate(self.frames)},
        )  # fmt: skip
        here = [whole.kinds[key] for key in keys]
        part = replace(whole.graph, nodes=tuple(here), edges=tuple(e for e in self.edges if not whole.ported(e)))
        centres, self.moved = in_order(part, dict(laid.centres), self.boxes)
        self.centres = {key: (x, y - self.rise(key)) for key, (x, y) in centres.items()}
        self.paths = [tuple((x, y - RISE) for x, y in path) for path in laid.paths]
        self.width = laid.width

    def framed_here(self) -> list[Frame]:
        """The frames of this row, with the ports that go into them and the numbers beside edges inside."""
        found: list[Frame] = []
        for frame in self.whole.frames:
            members = {key for key in frame.members if key in self.boxes}
            for edge in self.edges:
                inside = edge.tail in members or self.whole.ported(edge)
                if edge.head in members and inside:
                    members |= {key for key in (f"p{edge.key}", f"l{edge.key}") if key in self.boxes}
            if any(key in self.whole.kinds for key in members):
                found.append(Frame(frame.title, tuple(key for key in self.boxes if key in members)))
        return found

    def rise(self, key: str) -> float:
        """The height of a node above the middle of its box; 0 for a card, and for a number beside an edge."""
        if key in self.whole.kinds:
            return 0.0 if self.whole.marks[key].ways else RISE
        return RISE if key in self.ports else 0.0

    def mark(self, key: str) -> tuple[Mark[Node], Node]:
        """Return the mark of a node or port of this row, and the node."""
        node = self.ports.get(key) or self.whole.kinds[key]
        return mark_of(node), node

    def ends(self, edge: Edge) -> tuple[str, str, Point, Point]:
        """The ends of an edge of this row, and the points where it leaves and arrives."""
        tail = f"p{edge.key}" if self.whole.ported(edge) else edge.tail
        (x0, y0), (x1, y1) = self.centres[tail], self.centres[edge.head]
        mark, node = self.mark(tail)
        leaves = mark.port(node, self.boxes[tail], -1) - self.boxes[tail].height / 2 if mark.ways else 0.0
        start = (x0 + mark.grip(node, self.boxes[tail]), y0 + leaves)
        mark, node = self.mark(edge.head)
        pin = mark.pin(node, self.boxes[edge.head], edge.slot)
        return tail, edge.head, start, (x1 - mark.grip(node, self.boxes[edge.head]), y1 + pin)

    def path(self, edge: Edge, steepest: dict[str, float]) -> tuple[Point, ...]:
        """The path of an edge, through its number, from shape to shape."""
        tail, head, start, end = self.ends(edge)
        label = f"l{edge.key}"
        if label not in self.boxes:
            return tuple(self.piece(self.paths[self.pieces[edge.key][0]], tail, head, start, end, steepest))
        (x, y), half = self.centres[label], self.boxes[label].width / 2
        first, second = (self.paths[index] for index in self.pieces[edge.key])
        before, after = (x - half, y), (x + half, y)
        way = self.piece(first, tail, label, start, before, steepest)
        way += _straight(before, after)[1:]
        return tuple(way + self.piece(second, label, head, after, end, steepest)[1:])

    def piece(
        self, given: tuple[Point, ...], tail: str, head: str, start: Point, end: Point, steepest: dict[str, float]
    ) -> list[Point]:
        """An own curve, which bends in the gap between two columns, or Graphviz's where a box blocks it."""
        left = self.centres[tail][0] + self.boxes[tail].width / 2
        right = self.centres[head][0] - self.boxes[head].width / 2
        share = abs(end[1] - start[1]) / max(steepest.get(head, 0.0), 1.0)
        bend = left + (right - left) * (0.3 + 0.4 * min(1.0, share))
        first, last = (left, start[1]), (right, end[1])
        own = [first, (bend, start[1]), (bend, end[1]), last]
        if right > left and ({tail, head} & self.moved or not self.blocked(own, tail, head)):
            return [*_straight(start, first), *own[1:], *_straight(last, end)[1:]]
        level = end[1] if abs(end[1] - given[-1][1]) <= RISE else given[-1][1]
        last = (right, level)
        points = [first, *given[1:-1], last]
        points[1] = (max(points[1][0], left), start[1])
        points[-2] = (min(points[-2][0], right), level)
        return [*_straight(start, first), *points[1:], *_arriving(last, end)[1:]]

    def blocked(self, way: list[Point], tail: str, head: str) -> bool:
        """Whether a curve crosses a box other than those at its ends."""
        line = polyline(way, 16)
        low, high_ = min(y for _, y in line), max(y for _, y in line)
        for key, box in self.boxes.items():
            if key in (tail, head):
                continue
            x, y = self.centres[key]
            y += self.rise(key)
            if x + box.width / 2 < way[0][0] or x - box.width / 2 > way[-1][0]:
                continue
            if y + box.height / 2 < low or y - box.height / 2 > high_:
                continue
            if any(abs(px - x) < box.width / 2 + 2 and abs(py - y) < box.height / 2 + 2 for px, py in line):
                return True
        return False

    def shapes(self) -> list[Shape]:
        """Edges, then nodes, then the numbers beside edges."""
        whole = self.whole
        weights = [
            abs(edge.grad) for edge in whole.graph.edges
            if edge.grad is not None and whole.marks[edge.head].weighs(whole.kinds[edge.head])
        ]  # fmt: skip
        middles = {key: (x, y + self.rise(key)) for key, (x, y) in self.centres.items()}
        found: list[Shape] = [*framed(self.frames, middles, self.boxes)]
        steepest: dict[str, float] = defaultdict(float)
        for edge in self.edges:
            _, head, start, end = self.ends(edge)
            if f"l{edge.key}" in self.boxes:
                start = self.centres[f"l{edge.key}"]
            steepest[head] = max(steepest[head], abs(end[1] - start[1]))
        for edge in self.edges:
            weighs = whole.marks[edge.head].weighs(whole.kinds[edge.head])
            line = draw_edge(edge, self.path(edge, steepest), weighs, max(weights, default=0.0))
            line = line if weighs else replace(line, thickness=LINE)
            found.append(Group((line,), f"e-{edge.key}", edge_title(edge), "edge"))
        for key in (*self.keys, *self.ports):
            mark, node = self.mark(key)
            found.append(
                mark.draw(node, Spot(*self.centres[key], self.boxes[key], whole.names.get(key, ""), whole.scale))
            )
        numbered = [edge for edge in self.edges if f"l{edge.key}" in self.boxes]
        return found + [edge_label(edge, *self.centres[f"l{edge.key}"]) for edge in numbered]


def _arriving(a: Point, b: Point) -> list[Point]:
    (x0, y0), (x1, y1) = a, b
    return [a, ((x0 + x1) / 2, y0), ((x0 + x1) / 2, y1), b]


def _straight(a: Point, b: Point) -> list[Point]:
    (x0, y0), (x1, y1) = a, b
    return [a, (x0 + (x1 - x0) / 3, y0 + (y1 - y0) / 3), (x1 - (x1 - x0) / 3, y1 - (y1 - y0) / 3), b]
