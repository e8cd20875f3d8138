"""The lesson: every scalar a circle, every function a square, every number in its place."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace

from viz.labels import BLOCKED, EdgeLabel, Floor, place
from viz.layout import Box, Engine, Link, Point, arrange
from viz.legend import Entry, basic, legend
from viz.model import Edge, Function, Model, Quantity
from viz.scene import Circle, Group, Path, Rect, Scene, Shape, Span, Text, bounds, shift, text
from viz.text import names
from viz.typeset import number, shorten, width

__all__ = ["lesson"]

MARGIN = 16.0
LABEL, NAME, UNDER, SMALL = 13.0, 17.0, 13.0, 10.5
CIRCLES = 14
"""Up to this many functions every unnamed intermediate has its circle; above, it becomes an edge."""
ORDERED = 60
"""Up to this many nodes operands stand in the order they are written in; above, crossings matter more."""
PRODUCTS = 30
"""Up to this many functions the product that made a gradient stands beside it; above, in its tooltip."""
WIDE_FAN = 4
"""A function of more operands is moved twice as far from them, so that its edges fall less steeply."""
WIDEST, WIDEST_GAP = 120.0, 130.0


def lesson(graph: Model, title: str, description: str, engine: Engine = "auto") -> Scene:
    """Return the scene of ``graph`` at the lesson level of detail."""
    if len(graph.functions) > CIRCLES:
        graph = graph.without_plain_intermediates()
    boxes = [_box(node) for node in graph.nodes]
    fan = Counter(edge.head for edge in graph.edges)
    links = [Link(edge.tail, edge.head, 2 if fan[edge.head] > WIDE_FAN else 1) for edge in graph.edges]
    labels = _labels(graph)
    called = names(graph)
    widest = max((sum(s.width for s in label.spans + label.note) for label in labels), default=0.0)
    rank_gap, node_gap = max(78.0, min(WIDEST_GAP, widest + 26)), 58.0 if len(boxes) < 40 else 46.0
    while True:
        placed = arrange(
            boxes, links, rank_gap=rank_gap, node_gap=node_gap, keep_order=len(boxes) <= ORDERED, engine=engine
        )
        paths = _spread(graph.edges, placed.paths)
        floor = Floor()
        nodes: list[Group] = []
        for node, box in zip(graph.nodes, boxes, strict=True):
            x, y = placed.centres[node.key]
            nodes.append(_function(node, x, y, box) if isinstance(node, Function) else _circle(node, x, y, box, called))
            for part in nodes[-1].shapes:
                floor.take(bounds((part,)), BLOCKED)
        for path in paths:
            floor.take_path(path)
        totals = _totals(graph, placed.centres, boxes, floor)
        texts, crowded = place(labels, paths, floor)
        if not crowded or rank_gap > 2 * WIDEST_GAP:
            break
        rank_gap, node_gap = rank_gap * 1.35, node_gap * 1.35
    edges: list[Shape] = [
        Group((Path(path, _edge_role(edge), arrow=True),), f"e-{edge.key}", _edge_title(edge), "edge")
        for edge, path in zip(graph.edges, paths, strict=True)
    ]
    of_edge: dict[int, list[Text]] = {}
    for label, found in zip(labels, texts, strict=True):
        of_edge.setdefault(label.path, []).append(found)
    notes: list[Shape] = [
        Group(tuple(found), f"l-{graph.edges[index].key}", "", "label") for index, found in of_edge.items()
    ]
    return compose([*edges, *nodes, *totals, *notes], _entries(graph, called), title, description, graph.notes)


def compose(
    shapes: list[Shape], entries: tuple[Entry, ...], title: str, description: str, notes: tuple[str, ...] = ()
) -> Scene:
    """Return shapes, their legend and notes as a scene with margins."""
    left, top, right, bottom = bounds(shapes)
    dx, dy = MARGIN - left, MARGIN - top
    moved = [shift(shape, dx, dy) for shape in shapes]
    wide, y = right + dx, bottom + dy + 14
    key = legend(entries, MARGIN, y, max(wide - MARGIN, 540.0))
    _, _, key_right, y = bounds(key) if key else (0, 0, 0, y)
    for note in notes:
        key.append(text(MARGIN, y + 20, note, "muted", 11, anchor="start"))
        _, _, note_right, y = key[-1].box if isinstance(key[-1], Text) else (0, 0, 0, y)
        key_right = max(key_right, note_right)
    moved.append(Group(tuple(key), "", "", "legend"))
    return Scene(max(wide, key_right) + MARGIN, y + 12, tuple(moved), title, description, notes)


# ---------------------------------------------------------------- nodes


def _box(node: Quantity | Function) -> Box:
    if isinstance(node, Function):
        wide = width(node.label, _function_size(node.label), bold=True)
        return Box(node.key, max(38.0, wide + 20), 38.0)
    if node.data is None and not node.label:
        return Box(node.key, 14.0, 14.0, True)
    value = _shown(node)
    if node.role == "constant":
        side = max(30.0, width(value, 12) + 12)
        return Box(node.key, side, 30.0, side == 30)
    high = (50.0 if node.label and value else 46.0 if node.label else 44.0) + 4 * (node.role == "output")
    high += 6 * (node.role == "parameter")
    if node.label:
        name = width(shorten(node.label, WIDEST, NAME, bold=True), NAME, bold=True)
        wide = max(name, width(value, UNDER)) + 16
    else:
        wide = width(value, 16, bold=True) + 14
    wide += 10 * (node.role == "parameter")
    return Box(node.key, max(high, wide), high, wide <= high)


def _shown(node: Quantity) -> str:
    """The number in the circle; what a constant is called, where it has a name."""
    if node.role == "constant" and node.label:
        return shorten(node.label, WIDEST, 12)
    return number(node.data) if node.data is not None else ""


def _function_size(label: str) -> float:
    return 20.0 if len(label) == 1 else 16.0


def _disc(x: float, y: float, wide: float, high: float, role: str) -> Circle | Rect:
    """A circle, or a capsule where the text is too wide for one."""
    if wide == high:
        return Circle(x, y, wide / 2, role)
    return Rect(x - wide / 2, y - high / 2, wide, high, role, high / 2)


def _circle(node: Quantity, x: float, y: float, box: Box, called: dict[str, str]) -> Group:
    role = "constant" if node.role == "constant" else "output" if node.role == "output" else "value"
    ink = "constant-text" if node.role == "constant" else "value-text"
    if not node.finite:
        role, ink = "warning", "warning-text"
    thick = 1.6 if role == "output" else 0.8
    shapes: list[Shape] = [_disc(x, y, box.width - 2 * thick, box.height - 2 * thick, role)]
    if node.role == "parameter":
        shapes.append(_disc(x, y, box.width - 9, box.height - 9, "ring"))
    value = _shown(node)
    if node.label and value and node.role != "constant":
        name = shorten(node.label, WIDEST, NAME, bold=True)
        shapes += [text(x, y - 1, name, ink, NAME, bold=True), text(x, y + 15, value, ink, UNDER)]
    elif node.label and not value:
        shapes.append(text(x, y + 6, shorten(node.label, WIDEST, NAME, bold=True), ink, NAME, bold=True))
    elif value:
        plain = node.role == "constant"
        shapes.append(text(x, y + (4.2 if plain else 5.8), value, ink, 12 if plain else 16, bold=not plain))
    return Group(tuple(shapes), f"n-{node.key}", _circle_title(node, called[node.key]), f"node-{node.role}")


def _totals(graph: Model, centres: dict[str, Point], boxes: list[Box], floor: Floor) -> list[Shape]:
    """The gradient of each leaf that is used several times: its sum and terms, below, above or before its circle."""
    sizes = {box.key: box for box in boxes}
    made: list[Shape] = []
    for node in graph.quantities:
        if len(node.terms) < 2 or node.role not in ("input", "parameter"):
            continue
        spans = (
            Span(f"∂ {number(node.grad)}", "gradient", LABEL, bold=True),
            Span(_terms(node), "muted", SMALL, gap=3.0),
        )
        (x, y), box = centres[node.key], sizes[node.key]
        spots = (
            Text(x, y + box.height / 2 + 16, spans, halo=True),
            Text(x, y - box.height / 2 - 8, spans, halo=True),
            Text(x - box.width / 2 - 7, y + 4.5, spans, "end", halo=True),
        )
        best = min(spots, key=lambda spot: floor.cost(spot.box))
        floor.take(best.box, BLOCKED)
        made.append(Group((best,), f"t-{node.key}", "", "label"))
    return made


def _terms(node: Quantity) -> str:
    """ " = 3 + 4": what the edges contribute, as far as it can be read at a glance."""
    grad = node.grad or 0.0
    rest = grad - math.fsum(node.terms)
    parts = [number(term) for term in node.terms]
    if math.isfinite(rest) and abs(rest) > 1e-9 * max(1.0, abs(grad)):
        parts.append(f"{number(rest)} before")
    joined = " + ".join(f"({part})" if place and part.startswith("−") else part for place, part in enumerate(parts))
    return f" = {joined}" if width(joined, SMALL) <= WIDEST else f" = sum of {len(parts)}"


def _circle_title(node: Quantity, name: str) -> str:
    parts = [f"{node.role} {name}"]
    if node.data is not None and node.role != "constant":
        parts.append(f"value {node.data!r}")
        parts.append(f"gradient {node.grad!r}" if node.grad is not None else "gradient not computed")
    return ", ".join(parts)


def _function(node: Function, x: float, y: float, box: Box) -> Group:
    role = {"": "function", "dead": "asleep", "saturated": "saturated", "not finite": "warning"}[node.state]
    ink = "warning-text" if role == "warning" else "function-text"
    size = _function_size(node.label)
    shapes: list[Shape] = [
        Rect(x - box.width / 2, y - box.height / 2, box.width, box.height, role, 5),
        text(x, y + size * 0.35, node.label, ink, size, bold=True),
    ]
    if node.state:
        shapes.append(text(x, y + box.height / 2 + 13, node.state, "muted", SMALL, halo=True))
    return Group(tuple(shapes), f"n-{node.key}", f"{node.name}{', ' * bool(node.state)}{node.state}", "node-function")


# ---------------------------------------------------------------- edges


def _edge_role(edge: Edge) -> str:
    return "untaken" if edge.flow == "untaken" else "still" if edge.grad == 0 and edge.flow == "flows" else "edge"


def _edge_title(edge: Edge) -> str:
    if edge.flow == "untaken":
        return "branch not taken: no gradient flows"
    if edge.grad is None:
        return ""
    product = f" = {edge.upstream!r} · {edge.local!r}" if edge.upstream is not None and edge.local is not None else ""
    return f"value {edge.data!r}, gradient {edge.grad!r}{product}"


def _spread(edges: tuple[Edge, ...], paths: tuple[tuple[Point, ...], ...]) -> list[tuple[Point, ...]]:
    """Bow edges between the same two nodes (x + x) apart, so that each has room for its numbers."""
    twins: dict[tuple[str, str], list[int]] = {}
    for index, edge in enumerate(edges):
        twins.setdefault((edge.tail, edge.head), []).append(index)
    bowed = list(paths)
    for indices in twins.values():
        for place_, index in enumerate(indices if len(indices) > 1 else ()):
            bow = (2 * place_ - len(indices) + 1) * 14.0
            first, *inner, last = paths[index]
            bowed[index] = (first, *((x, y + bow) for x, y in inner), last)
    return bowed


def _labels(graph: Model) -> list[EdgeLabel]:
    """Value above and gradient below each edge; nothing beside constants, whose gradient nobody wants.

    A label stands nearer to the end of its edge that fewer edges share.
    """
    into, out_of = Counter(edge.head for edge in graph.edges), Counter(edge.tail for edge in graph.edges)
    quantities = {node.key: node for node in graph.quantities}
    labels: list[EdgeLabel] = []
    small = len(graph.functions) <= PRODUCTS
    for index, edge in enumerate(graph.edges):
        brief = not small or into[edge.head] > WIDE_FAN
        crowd = into[edge.head] - out_of[edge.tail]
        at = 0.5 if abs(crowd) < 2 else 0.36 if crowd > 0 else 0.64
        found = _edge_labels(index, edge, quantities.get(edge.head))
        labels += (replace(label, at=at, note=() if brief else label.note) for label in found)
    return labels


def _edge_labels(index: int, edge: Edge, result: Quantity | None) -> list[EdgeLabel]:
    if edge.flow == "untaken":
        return [EdgeLabel(index, False, (Span("not taken", "muted", SMALL),))]
    if edge.data is None or edge.flow == "unwanted":
        return []
    above = f"{edge.name} = {number(edge.data)}" if edge.name else number(edge.data)
    value = Span(above, "forward" if math.isfinite(edge.data) else "warning-text", LABEL, bold=True)
    if edge.grad is None:
        return [EdgeLabel(index, True, (value,)), EdgeLabel(index, False, (Span(number(None), "muted", LABEL),))]
    grad = Span(number(edge.grad), "gradient" if math.isfinite(edge.grad) else "warning-text", LABEL, bold=True)
    note: tuple[Span, ...] = ()
    if edge.upstream is not None and edge.local is not None:
        note = (Span(f" = {_factor(edge.upstream)}·{_factor(edge.local)}", "muted", SMALL, gap=3.0),)
    elif result is not None and len(result.terms) > 1:
        note = (Span(_terms(result), "muted", SMALL, gap=3.0),)
    return [EdgeLabel(index, True, (value,)), EdgeLabel(index, False, (grad,), note)]


def _factor(x: float) -> str:
    text = number(x)
    return f"({text})" if text.startswith("−") else text


def _entries(graph: Model, called: dict[str, str]) -> tuple[Entry, ...]:
    """The legend: what every lesson has, and each further sign that occurs."""
    outputs = [node for node in graph.quantities if node.role == "output"]
    one = outputs[0].label if len(outputs) == 1 else ""
    entries = list(basic(one if one and width(one, 11) < 40 else "out"))
    if all(node.data is None for node in outputs):
        entries = entries[:3]
    flows = [edge for edge in graph.edges if edge.flow == "flows" and edge.data is not None]
    states = {node.state for node in graph.functions}
    optional = (
        (any(node.role == "constant" for node in graph.quantities), Entry("constant", "constant")),
        (any(edge.grad is None for edge in flows), Entry("number", "not computed yet", "muted", "–")),
        (any(edge.grad == 0 for edge in flows), Entry("line", "gradient exactly 0", "still")),
        (any(edge.flow == "untaken" for edge in graph.edges), Entry("line", "branch not taken", "untaken")),
        ("dead" in states, Entry("square", "dead: passes no gradient", "asleep")),
        ("saturated" in states, Entry("square", "saturated: slope below 0.01", "saturated")),
        (
            "not finite" in states or any(not node.finite for node in graph.quantities),
            Entry("value", "nan or infinite", "warning"),
        ),
    )
    return (*entries, *(entry for occurs, entry in optional if occurs))
