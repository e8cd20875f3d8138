"""The scene of a model: the layout of its nodes, edges and texts. Marks draw the nodes."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from viz.graph.model import Model
from viz.graph.names import names
from viz.graph.parts import Frame
from viz.scene.bands import bands
from viz.scene.closer import closer, moved
from viz.scene.frames import framed, worthy
from viz.scene.graphviz import Box, Engine, Link, Point, arrange
from viz.scene.labels import BLOCKED, EdgeLabel, Floor, Line, place
from viz.scene.marks.edges import WIDE_FAN, draw_edge, edge_labels, edge_title, ordinals, strength, terms
from viz.scene.marks.mark import Spot, mark_of, measure, measured
from viz.scene.order import in_order
from viz.scene.routes import routes
from viz.scene.shapes import Group, Scene, Shape, Shows, Span, Text, bounds
from viz.scene.sheet import composed
from viz.style.typeset import number

__all__ = ["picture"]

BACKBONE = 8
"""The weight, in folded pictures, of an edge between boxes relative to one from a leaf: it is kept straighter."""
ORDERED = 60
"""Up to so many nodes operands are in written order; with more, fewer crossings are preferred."""
NARROW, ROOMY, WIDEST_GAP = 78.0, 96.0, 130.0


def picture(graph: Model, title: str, description: str, engine: Engine = "auto") -> Scene:
    """Return the scene of ``graph``: shapes with coordinates, without colours."""
    marks = {node.key: mark_of(node) for node in graph.nodes}
    frames = worthy(graph)
    boxes = _boxes(graph, frames)
    fan = Counter(edge.head for edge in graph.edges)
    functions = {function.key for function in graph.functions}
    heat = any(mark.heat for mark in marks.values())
    coarse = heat or any(marks[node.key].folds(node) for node in graph.nodes)
    made = {edge.head for edge in graph.edges}
    links = [
        Link(
            edge.tail,
            edge.head,
            2 if edge.head in functions and WIDE_FAN < fan[edge.head] < 30 else 1,
            BACKBONE if coarse and edge.tail in made else 1,
        )
        for edge in graph.edges
    ]
    labels = edge_labels(graph)
    scale = measure(graph)
    called = names(graph)
    widest = max((sum(s.width for s in label.spans + label.note) for label in labels), default=0.0)
    weighing = {node.key for node in graph.nodes if marks[node.key].weighs(node)}
    rank_gap = max(
        34.0 if heat or any(mark.snug for mark in marks.values()) else ROOMY if weighing else NARROW,
        min(WIDEST_GAP, widest + 26),
    )
    node_gap = max(mark.gap for mark in marks.values()) or (58.0 if len(boxes) < 40 else 46.0)
    titles = {str(i): frame.title for i, frame in enumerate(frames)}
    while True:
        placed = arrange(
            list(boxes.values()), links, rank_gap=rank_gap, node_gap=node_gap,
            keep_order=len(boxes) <= ORDERED and not coarse, titles=titles, engine=engine,
        )  # fmt: skip
        centres, sorted_ = in_order(graph, dict(placed.centres), boxes)
        paths = routes(graph, centres, boxes, placed.paths, sorted_)
        ribbons, inside = bands(graph, centres, boxes)
        nearer = closer(graph, centres, boxes, inside) if heat else None
        if nearer is not None:
            centres, paths = {key: nearer(centre) for key, centre in centres.items()}, moved(paths, nearer)
            ribbons, inside = bands(graph, centres, boxes)
        floor = Floor()
        around = framed(frames, centres, boxes)
        for frame in around:
            floor.take(bounds(frame.shapes[1:]), BLOCKED)
        nodes = [
            marks[node.key].draw(node, Spot(*centres[node.key], boxes[node.key], called.get(node.key, ""), scale))
            for node in graph.nodes
        ]
        for node, group in zip(graph.nodes, nodes, strict=True):
            for taken in marks[node.key].obstacles(group):
                floor.take(taken, BLOCKED)
        lines = [Line(path) for path in paths]
        for index, line in enumerate(lines):
            if index not in inside:
                floor.take_line(line)
        totals = _totals(graph, centres, boxes, floor)
        standing = [label for label in (*labels, *ordinals(graph, paths)) if label.path not in inside]
        texts, crowded = place(standing, lines, floor)
        if not crowded or rank_gap > 2 * WIDEST_GAP:
            break
        rank_gap, node_gap = rank_gap * 1.35, node_gap * 1.35
    shown = [strength(edge) for edge in graph.edges if edge.head in weighing]
    largest = max((abs(size) for size in shown if size is not None), default=0.0)
    edges: list[Shape] = [
        Group((draw_edge(edge, path, edge.head in weighing, largest),), f"e-{edge.key}", edge_title(edge), "edge")
        for index, (edge, path) in enumerate(zip(graph.edges, paths, strict=True))
        if index not in inside
    ]
    notes = _grouped_labels(graph, standing, texts)
    shapes = [*around, *ribbons, *edges, *nodes, *totals, *notes]
    return composed(shapes, graph, title, description, scale if heat else None)


def _boxes(graph: Model, frames: list[Frame]) -> dict[str, Box]:
    """The size of every node; the cards of a network are equally wide."""
    made = measured(graph)
    for key, box in made.items():
        path = tuple(str(place_) for place_, frame in enumerate(frames) if key in frame.members)
        made[key] = replace(box, clusters=path) if path else box
    return made


def _totals(graph: Model, centres: dict[str, Point], boxes: dict[str, Box], floor: Floor) -> list[Shape]:
    """The gradient of each leaf that is used several times: its sum and terms, below, above or before its circle."""
    kinds = {node.key: node for node in graph.nodes}
    inside = {edge.tail for edge in graph.edges if mark_of(kinds[edge.head]).network}
    made: list[Shape] = []
    for node in graph.quantities:
        if len(node.terms) < 2 or node.role not in ("input", "parameter"):
            continue
        note = "" if node.key in inside else terms(node)
        spans = (
            Span(f"∂ {number(node.grad)}", "gradient", 13.0, bold=True),
            *((Span(note, "muted", 10.5, gap=3.0),) if note else ()),
        )
        (x, y), box = centres[node.key], boxes[node.key]
        shows: Shows = (node.key, "gradient")
        spots = (
            Text(x, y + box.height / 2 + 16, spans, halo=True, shows=shows),
            Text(x, y - box.height / 2 - 8, spans, halo=True, shows=shows),
            Text(x - box.width / 2 - 7, y + 4.5, spans, "end", halo=True, shows=shows),
        )
        best = min(spots, key=lambda spot: floor.cost(spot.box))
        floor.take(best.box, BLOCKED)
        made.append(Group((best,), f"t-{node.key}", "", "label"))
    return made


def _grouped_labels(graph: Model, labels: list[EdgeLabel], texts: list[Text]) -> list[Shape]:
    of_edge: dict[int, list[Text]] = {}
    for label, found in zip(labels, texts, strict=True):
        of_edge.setdefault(label.path, []).append(found)
    return [Group(tuple(found), f"l-{graph.edges[index].key}", "", "label") for index, found in of_edge.items()]
