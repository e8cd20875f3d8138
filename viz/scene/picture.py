"""A model as a scene: sizes, places, edges, labels, frames and the legend, at every level of detail."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace

from viz.graph.model import Function, Model, Node, Quantity
from viz.graph.parts import Block, Card, Frame, Layer, Leaves
from viz.graph.words import names
from viz.scene.graphviz import Box, Engine, Link, Point, arrange
from viz.scene.labels import BLOCKED, EdgeLabel, Floor, Line, place
from viz.scene.marks.cards import card_box, draw_card, row_height
from viz.scene.marks.circles import block_box, draw_block, draw_function, draw_quantity, node_box
from viz.scene.marks.edges import WIDE_FAN, draw_band, draw_edge, edge_labels, edge_title, ordinals, routes, side, terms
from viz.scene.marks.heat import Scales, draw_layer, draw_leaves, heat_legend, layer_box, leaves_box, scales
from viz.scene.marks.legend import Entry, basic, legend
from viz.scene.shapes import Group, Rect, Scene, Shape, Span, Text, bounds, shift, text
from viz.style.typeset import number, width

__all__ = ["picture"]

MARGIN = 16.0
BACKBONE = 8
"""How much straighter the way from box to box is kept than the way from a leaf, in folded pictures."""
ORDERED = 60
"""Up to this many nodes operands stand in the order they are written in; above, crossings matter more."""
NARROW, ROOMY, WIDEST_GAP = 78.0, 96.0, 130.0


def picture(graph: Model, title: str, description: str, engine: Engine = "auto") -> Scene:
    """Return the scene of ``graph``: what stands where, without ink."""
    kinds = {node.key: node for node in graph.nodes}
    frames = [frame for frame in graph.frames if _worth_a_frame(frame, kinds)]
    boxes = _boxes(graph, frames)
    fan = Counter(edge.head for edge in graph.edges)
    functions = {function.key for function in graph.functions}
    heat = any(isinstance(node, (Layer, Leaves)) for node in graph.nodes)
    coarse = heat or any(isinstance(node, Block) and not node.formula for node in graph.nodes)
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
    scale = scales(graph)
    called = names(graph)
    widest = max((sum(s.width for s in label.spans + label.note) for label in labels), default=0.0)
    cards = any(_network(node) for node in graph.nodes)
    rank_gap = max(44.0 if heat else ROOMY if cards else NARROW, min(WIDEST_GAP, widest + 26))
    node_gap = 18.0 if any(isinstance(node, Card) for node in graph.nodes) else 58.0 if len(boxes) < 40 else 46.0
    titles = {str(i): frame.title for i, frame in enumerate(frames)}
    while True:
        placed = arrange(
            list(boxes.values()), links, rank_gap=rank_gap, node_gap=node_gap,
            keep_order=len(boxes) <= ORDERED and not coarse, titles=titles, engine=engine,
        )  # fmt: skip
        centres, moved = _in_order(graph, dict(placed.centres), boxes)
        paths = routes(graph, centres, boxes, placed.paths, moved)
        bands, inside = _bands(graph, centres, boxes)
        floor = Floor()
        framed = _framed(frames, centres, boxes)
        for frame in framed:
            floor.take(bounds(frame.shapes[1:]), BLOCKED)
        nodes = [_draw(node, *centres[node.key], boxes[node.key], called, scale) for node in graph.nodes]
        for group in nodes:
            if isinstance(group.shapes[0], Rect) and len(group.shapes) > 6:  # a card: one obstacle, not its cells
                floor.take(_around(group.shapes[0]), BLOCKED)
            else:
                for part in group.shapes:
                    floor.take(_around(part), BLOCKED)
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
    largest = max((abs(edge.grad) for edge in graph.edges if edge.grad is not None and _network(kinds[edge.head])),
                  default=0.0)  # fmt: skip
    edges: list[Shape] = [
        Group((draw_edge(edge, path, _network(kinds[edge.head]), largest),), f"e-{edge.key}", edge_title(edge), "edge")
        for index, (edge, path) in enumerate(zip(graph.edges, paths, strict=True))
        if index not in inside
    ]
    notes = _grouped_labels(graph, standing, texts)
    shapes = [*framed, *bands, *edges, *nodes, *totals, *notes]
    return _compose(shapes, graph, title, description, scale if heat else None)


def _network(node: Node) -> bool:
    return isinstance(node, Card) and node.closed


def _around(shape: Shape) -> tuple[float, float, float, float]:
    """Its bounds and the room its outline takes."""
    left, top, right, bottom = bounds((shape,))
    air = 0.0 if isinstance(shape, Text) else 2.0
    return left - air, top - air, right + air, bottom + air


def _worth_a_frame(frame: Frame, kinds: dict[str, Node]) -> bool:
    """False for a group that is folded to one box, which bears its name."""
    members = [kinds[key] for key in frame.members if key in kinds]
    boxes = [node for node in members if not isinstance(node, Quantity)]
    return len(boxes) > 1 or (bool(boxes) and not isinstance(boxes[0], Block))


def _boxes(graph: Model, frames: list[Frame]) -> dict[str, Box]:
    """The size of every node; the cards of a network are equally wide."""
    made: dict[str, Box] = {}
    for node in graph.nodes:
        if isinstance(node, Card):
            made[node.key] = card_box(node)
        elif isinstance(node, Layer):
            made[node.key] = layer_box(node)
        elif isinstance(node, Leaves):
            made[node.key] = leaves_box(node)
        elif isinstance(node, Block):
            made[node.key] = block_box(node)
        else:
            made[node.key] = node_box(node)
    cards = [node.key for node in graph.nodes if isinstance(node, Card)]
    widest = max((made[key].width for key in cards), default=0.0)
    for key in cards:
        made[key] = replace(made[key], width=widest)
    for key, box in made.items():
        path = tuple(str(place_) for place_, frame in enumerate(frames) if key in frame.members)
        made[key] = replace(box, clusters=path) if path else box
    return made


def _draw(node: Node, x: float, y: float, box: Box, called: dict[str, str], scale: Scales) -> Group:
    if isinstance(node, Quantity):
        return draw_quantity(node, x, y, box, called.get(node.key, ""))
    if isinstance(node, Function):
        return draw_function(node, x, y, box)
    if isinstance(node, Card):
        return draw_card(node, x, y, box)
    if isinstance(node, Layer):
        return draw_layer(node, x, y, box, scale)
    if isinstance(node, Leaves):
        return draw_leaves(node, x, y, box, scale)
    return draw_block(node, x, y, box)


def _in_order(graph: Model, centres: dict[str, Point], boxes: dict[str, Box]) -> tuple[dict[str, Point], set[str]]:
    """Put the cards of a layer, and the leaves of one, in order within their column."""
    heads: dict[str, set[str]] = defaultdict(set)
    for edge in graph.edges:
        heads[edge.tail].add(edge.head)
    kinds = {node.key: node for node in graph.nodes}
    columns: dict[object, list[str]] = defaultdict(list)
    for node in graph.nodes:
        if isinstance(node, Card) and node.closed:
            columns[node.signature].append(node.key)
        elif (
            isinstance(node, Quantity)
            and node.role not in ("result", "output")
            and any(isinstance(kinds[head], (Card, Layer)) for head in heads[node.key])
        ):
            columns[frozenset(heads[node.key])].append(node.key)
    moved: set[str] = set()
    for keys in columns.values():
        xs = [centres[key][0] for key in keys]
        if len(keys) < 2 or max(xs) - min(xs) > 2:
            continue
        slots = sorted(centres[key][1] for key in keys)
        if len({boxes[key].height for key in keys}) == 1 and [centres[key][1] for key in keys] != slots:
            for key, y in zip(keys, slots, strict=True):
                centres[key] = (centres[key][0], y)
            moved |= set(keys)
    makers: dict[str, list[str]] = defaultdict(list)
    for edge in graph.edges:
        makers[edge.head].append(edge.tail)
    for node in graph.quantities:  # the result of a card stands level with its last line
        maker = kinds[makers[node.key][0]] if len(makers[node.key]) == 1 else None
        if isinstance(maker, Card) and maker.closed and not heads[node.key]:
            _, y = centres[maker.key]
            centres[node.key] = (centres[node.key][0], y - boxes[maker.key].height / 2 + row_height(maker, -1))
            moved.add(node.key)
    return centres, moved


def _bands(graph: Model, centres: dict[str, Point], boxes: dict[str, Box]) -> tuple[list[Shape], set[int]]:
    """Bands into layers: from another layer, from a strip, or from a column of leaves; and the edges they stand for."""
    kinds = {node.key: node for node in graph.nodes}
    made: list[Shape] = []
    covered: set[int] = set()
    columns: dict[str, list[int]] = defaultdict(list)
    for index, edge in enumerate(graph.edges):
        tail, head = kinds[edge.tail], kinds[edge.head]
        if isinstance(head, Layer) and isinstance(tail, Quantity) and edge.band == 1:
            columns[edge.head].append(index)
        elif edge.band > 1 and edge.flow != "unwanted" and isinstance(tail, (Layer, Leaves)):
            covered.add(index)
            near = side(tail, centres[tail.key], boxes[tail.key], 1)
            far = side(head, centres[head.key], boxes[head.key], -1)
            copies = len(head.copies) if isinstance(head, Layer) else 1
            count = edge.band // copies if edge.band % copies == 0 else edge.band
            count = len(tail.data) if isinstance(tail, Leaves) and copies == 1 else count
            made += _band(near, far, str(count), edge.key)
    for key, indices in columns.items():
        tails = [graph.edges[index].tail for index in indices]
        xs = [centres[tail][0] for tail in tails]
        if len(tails) > 1 and max(xs) - min(xs) < 3:
            covered |= set(indices)
            right = max(centres[tail][0] + boxes[tail].width / 2 for tail in tails)
            top = min(centres[tail][1] for tail in tails) - 14
            bottom = max(centres[tail][1] for tail in tails) + 14
            head = kinds[key]
            made += _band((right, top, bottom), side(head, centres[key], boxes[key], -1), str(len(tails)), tails[0])
    return made, covered


def _band(near: tuple[float, float, float], far: tuple[float, float, float], words: str, key: str) -> list[Shape]:
    x, y = (near[0] + far[0]) / 2, (near[1] + near[2] + far[1] + far[2]) / 4
    label = text(x, y + 4, words, "muted", 11, bold=True)
    return [Group((draw_band(near, far), label), f"band-{key}", f"{words} values", "band-group")]


def _totals(graph: Model, centres: dict[str, Point], boxes: dict[str, Box], floor: Floor) -> list[Shape]:
    """The gradient of each leaf that is used several times: its sum and terms, below, above or before its circle."""
    kinds = {node.key: node for node in graph.nodes}
    inside = {edge.tail for edge in graph.edges if isinstance(kinds[edge.head], (Card, Layer))}
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
        spots = (
            Text(x, y + box.height / 2 + 16, spans, halo=True),
            Text(x, y - box.height / 2 - 8, spans, halo=True),
            Text(x - box.width / 2 - 7, y + 4.5, spans, "end", halo=True),
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


def _framed(frames: list[Frame], centres: dict[str, Point], boxes: dict[str, Box]) -> list[Group]:
    """Dashed frames around groups, outer ones first."""
    made: list[Group] = []
    for number_, frame in enumerate(frames):
        depth = sum(set(frame.members) < set(other.members) for other in frames)
        inner = sum(set(other.members) < set(frame.members) for other in frames)
        pad = 14.0 + 9 * min(inner, 3)
        left = min(centres[key][0] - boxes[key].width / 2 for key in frame.members) - pad
        right = max(centres[key][0] + boxes[key].width / 2 for key in frame.members) + pad
        top = min(centres[key][1] - boxes[key].height / 2 for key in frame.members) - pad - 14 * (1 + min(inner, 1))
        bottom = max(centres[key][1] + boxes[key].height / 2 for key in frame.members) + pad
        right = max(right, left + width(frame.title, 12, bold=True) + 24)
        shapes = (
            Rect(left, top, right - left, bottom - top, "group", 12),
            text(left + 10, top + 16, frame.title, "constant-text", 12, bold=True, anchor="start"),
        )
        made.append(Group(shapes, f"g-{number_}", frame.title, f"frame depth-{depth}"))
    return made


# ---------------------------------------------------------------- the whole


def _compose(shapes: list[Shape], graph: Model, title: str, description: str, scale: Scales | None) -> Scene:
    """Margins, the legend and the notes."""
    left, top, right, bottom = bounds(shapes)
    dx, dy = MARGIN - left, MARGIN - top
    moved = [shift(shape, dx, dy) for shape in shapes]
    wide, y = right + dx, bottom + dy + 14
    key: list[Shape] = []
    if scale is not None:
        key += heat_legend(scale, MARGIN, y + 11)
        y += 24
    key += legend(_entries(graph), MARGIN, y, max(wide - MARGIN, 540.0))
    _, _, key_right, y = bounds(key)
    for note in graph.notes:
        line = text(MARGIN, y + 20, note, "muted", 11, anchor="start")
        key.append(line)
        _, _, note_right, y = line.box
        key_right = max(key_right, note_right)
    moved.append(Group(tuple(key), "", "", "legend"))
    return Scene(max(wide, key_right) + MARGIN, y + 12, tuple(moved), title, description, graph.notes)


def _entries(graph: Model) -> tuple[Entry, ...]:
    """The legend: what every picture has, and each further sign that occurs."""
    outputs = [node for node in graph.quantities if node.role == "output"]
    one = outputs[0].label if len(outputs) == 1 else ""
    entries = list(basic(one if one and width(one, 11) < 40 else "out", graph.delta))
    if all(node.data is None for node in outputs):
        entries = entries[:3]
    kinds = {node.key: node for node in graph.nodes}
    cards = any(_network(node) for node in graph.nodes)
    seen = [edge for edge in graph.edges if edge.flow == "flows" and edge.data is not None
            and not isinstance(kinds[edge.head], Layer)]  # fmt: skip
    states = {node.state for node in graph.nodes if isinstance(node, (Function, Block, Card))}
    functions = {node.state for node in graph.functions}
    optional = (
        (any(node.role == "constant" for node in graph.quantities), Entry("constant", "constant")),
        (any(edge.grad is None for edge in seen), Entry("number", "not computed yet", "muted", "–")),
        (cards, Entry("line", ("gradient rose" if graph.delta else "gradient > 0") + ", wide where much", "positive")),
        (cards, Entry("line", "gradient fell" if graph.delta else "gradient < 0", "negative")),
        (
            any(edge.grad == 0 for edge in seen),
            Entry("line", "unchanged gradient" if graph.delta else "gradient exactly 0", "still"),
        ),
        (any(edge.flow == "untaken" for edge in graph.edges), Entry("line", "branch not taken", "untaken")),
        ("dead" in functions, Entry("square", "dead: passes no gradient", "asleep")),
        ("saturated" in functions, Entry("square", "saturated: slope below 0.01", "saturated")),
        (
            "not finite" in states or any(not node.finite for node in graph.quantities),
            Entry("value", "nan or infinite", "warning"),
        ),
    )
    return (*entries, *(entry for occurs, entry in optional if occurs))
