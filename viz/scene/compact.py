"""The compact form of a picture: no wider than a page, each number once, rows that read like lines of text.

Edges carry a number only where a value is used several times: what that use contributes. A value that
is used far from where it stands, or in a later row, appears there as a port: its name in a small
capsule, with the contribution of that use.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from viz.graph.model import Model
from viz.graph.nodes import Edge, Node
from viz.graph.parts import Card, Frame, Given, Port, Step
from viz.levels.flow import flow
from viz.scene.frames import framed, worthy
from viz.scene.graphviz import Box, Engine, Link, Point, arrange
from viz.scene.labels import polyline
from viz.scene.marks.edges import draw_edge, edge_title
from viz.scene.marks.mark import Mark, Spot, mark_of, measure, measured
from viz.scene.marks.steps import RISE, edge_box, edge_label
from viz.scene.order import in_order
from viz.scene.rows import broken, columns
from viz.scene.shapes import Group, Scene, Shape, bounds, shift
from viz.scene.sheet import composed
from viz.style.typeset import number

__all__ = ["compact"]

ROOM = 868.0
"""How wide a picture may be: a page of 900 pixels without its margins."""
RANK, NETWORK, NODE, ROW, CELL = 26.0, 62.0, 9.0, 26.0, 16.0
SPAN = 3
"""Columns that an edge may bridge; a value used farther away gets a port there."""
DIRECT = 2
"""Uses up to which a leaf is drawn with edges; above, it has a port at each use."""
ORDERED = 60
LINE = 1.3


@dataclass
class _Plan:
    """What is drawn how: which edges are ports, and in which row each node stands."""

    ports: set[str] = field(default_factory=set)
    row: dict[str, int] = field(default_factory=dict)


class _Compact:
    def __init__(self, graph: Model, engine: Engine) -> None:
        self.graph = flow(graph)
        self.engine: Engine = engine
        self.kinds: dict[str, Node] = {node.key: node for node in self.graph.nodes}
        self.marks = {key: mark_of(node) for key, node in self.kinds.items()}
        self.boxes = measured(self.graph)
        self.uses: dict[str, list[Edge]] = defaultdict(list)
        for edge in self.graph.edges:
            self.uses[edge.tail].append(edge)
        given = {node.key: node for node in self.graph.each(Given)}
        self.leaves = {key for key, node in given.items() if node.value.role not in ("result", "output")}
        self.names = {node.key: node.name for node in self.graph.each(Step)}
        self.names |= {node.key: node.name for node in given.values()}
        self.names |= {node.key: node.name for node in self.graph.each(Card)}
        self.scale = measure(self.graph)
        self.frames = worthy(self.graph)
        network = any(mark.weighs(self.kinds[key]) for key, mark in self.marks.items())
        self.gap = NETWORK if network else RANK
        self.plan = _Plan(row=dict.fromkeys(self.kinds, 0))

    # ------------------------------------------------------------ what is drawn how

    def labelled(self, edge: Edge) -> bool:
        """Whether a number stands beside an edge: what it contributes, where it is not the only one."""
        head = self.kinds[edge.head]
        if edge.band > 1:
            return True
        return edge.data is not None and edge.flow != "unwanted" and len(self.uses[edge.tail]) > 1 and (
            not self.marks[edge.head].holds(head)
        )  # fmt: skip

    def port(self, edge: Edge) -> Port:
        """The port that stands for the tail of an edge."""
        name = self.names.get(edge.tail) or edge.name or number(edge.data)
        if edge.band > 1:
            name = f"{edge.band} values"
        return Port(f"p{edge.key}", name, edge, len(self.uses[edge.tail]) == 1)

    def choose(self) -> None:
        """Decide on ports and rows."""
        place = self.place_of_columns()
        named = {edge.key for edge in self.graph.edges if self.names.get(edge.tail)}
        for edge in self.graph.edges:
            if edge.key not in named or self.marks[edge.head].weighs(self.kinds[edge.head]):
                continue
            leaf, uses = edge.tail in self.leaves, self.uses[edge.tail]
            many = leaf and len(uses) > DIRECT and len({use.head for use in uses}) > 1
            if many or place[edge.head] - place[edge.tail] > (SPAN if len(uses) > 1 or leaf else 2 * SPAN):
                self.plan.ports.add(edge.key)

    def place_of_columns(self) -> dict[str, int]:
        """In which column of a plain layout each node stands."""
        links = [Link(edge.tail, edge.head) for edge in self.graph.edges]
        laid = arrange(list(self.boxes.values()), links, rank_gap=RANK, node_gap=NODE, engine=self.engine)
        found = columns({key: x for key, (x, _) in laid.centres.items()}, {k: b.width for k, b in self.boxes.items()})
        return {key: place for place, column in enumerate(found) for key in column.keys}

    def strip(self) -> list[str]:
        """The leaves that stand apart, since each of their uses is a port."""
        return [
            key for key in self.kinds
            if key in self.leaves and self.uses[key] and all(self.ported(edge) for edge in self.uses[key])
        ]  # fmt: skip

    def ported(self, edge: Edge) -> bool:
        return edge.key in self.plan.ports or self.plan.row[edge.tail] != self.plan.row[edge.head]

    def break_rows(self, room: float) -> None:
        """Cut the picture into rows no wider than ``room``, as far as its columns tell."""
        self.plan.row = dict.fromkeys(self.kinds, 0)
        apart = set(self.strip())
        row = _Row(self, [key for key in self.kinds if key not in apart])
        found = columns(
            {key: x for key, (x, _) in row.centres.items()}, {key: box.width for key, box in row.boxes.items()}
        )
        place = {key: at for at, column in enumerate(found) for key in column.keys}
        reach: dict[str, int] = {}
        for edge in self.graph.edges:
            if not self.ported(edge) and edge.tail not in self.leaves:
                reach[edge.tail] = max(reach.get(edge.tail, 0), place[edge.head])
        rows = broken(found, room, lambda at: sum(place[key] < at <= last for key, last in reach.items()))
        for key in self.kinds:
            if key not in apart:
                self.plan.row[key] = rows[place[key]]
        for key in self.leaves - apart:  # a leaf stands where it is used first
            if self.uses[key]:
                self.plan.row[key] = min(self.plan.row[edge.head] for edge in self.uses[key])

    # ------------------------------------------------------------ the whole

    def shapes(self) -> list[Shape]:
        """Every row below the one before."""
        self.choose()
        room = ROOM
        for _ in range(8):
            self.break_rows(room)
            apart = self.strip()
            members: dict[int, list[str]] = defaultdict(list)
            for key in self.kinds:
                if key not in apart:
                    members[self.plan.row[key]].append(key)
            rows = [_Row(self, members[at]) for at in sorted(members)]
            widest = max(row.width for row in rows)
            if widest <= ROOM:
                break
            room -= max(20.0, widest - ROOM)
        placed: list[Shape] = []
        y = 0.0
        for group in (self.cells(apart), *(row.shapes() for row in rows)):
            if group:
                left, top, _, bottom = bounds(group)
                placed += (shift(shape, -left, y - top) for shape in group)
                y += bottom - top + ROW
        return placed

    def cells(self, keys: Iterable[str]) -> list[Shape]:
        """The leaves that stand apart, side by side, in lines."""
        found: list[Shape] = []
        x = y = tall = 0.0
        for key in keys:
            box = self.boxes[key]
            if x and x + box.width > ROOM:
                x, y, tall = 0.0, y + tall + NODE, 0.0
            spot = Spot(x + box.width / 2, y + box.height / 2 - RISE, box, self.names.get(key, ""), self.scale)
            found.append(self.marks[key].draw(self.kinds[key], spot))
            x, tall = x + box.width + CELL, max(tall, box.height)
        return found


class _Row:
    """One row: its nodes, the ports and the numbers beside edges, laid out by Graphviz."""

    def __init__(self, whole: _Compact, keys: list[str]) -> None:
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
        """How far above the middle of its box a node stands; a card fills its box, a number beside an edge too."""
        if key in self.whole.kinds:
            return 0.0 if self.whole.marks[key].ways else RISE
        return RISE if key in self.ports else 0.0

    def mark(self, key: str) -> tuple[Mark[Node], Node]:
        node = self.ports.get(key) or self.whole.kinds[key]
        return mark_of(node), node

    def ends(self, edge: Edge) -> tuple[str, str, Point, Point]:
        """Between what an edge of this row runs, and where it leaves and arrives."""
        tail = f"p{edge.key}" if self.whole.ported(edge) else edge.tail
        (x0, y0), (x1, y1) = self.centres[tail], self.centres[edge.head]
        mark, node = self.mark(tail)
        leaves = mark.port(node, self.boxes[tail], -1) - self.boxes[tail].height / 2 if mark.ways else 0.0
        start = (x0 + mark.grip(node, self.boxes[tail]), y0 + leaves)
        mark, node = self.mark(edge.head)
        pin = mark.pin(node, self.boxes[edge.head], edge.slot)
        return tail, edge.head, start, (x1 - mark.grip(node, self.boxes[edge.head]), y1 + pin)

    def path(self, edge: Edge, steepest: dict[str, float]) -> tuple[Point, ...]:
        """The way of an edge, through its number, from shape to shape."""
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
        """Our own curve, which turns in the gap between two columns, or Graphviz's where something is in its way."""
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
        """Whether a curve runs over a box other than those at its ends."""
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


def compact(graph: Model, title: str, description: str, engine: Engine = "auto") -> Scene:
    """Return the scene of ``graph`` in the compact form."""
    made = _Compact(graph, engine)
    shapes = made.shapes()
    ports = tuple(made.port(edge) for edge in made.graph.edges if made.ported(edge))
    shown = replace(made.graph, nodes=(*made.graph.nodes, *ports))
    return composed(shapes, shown, title, description, None)
