"""The order within a column: the cards of a layer, and the leaves that go to it, from the first to the last."""

from __future__ import annotations

from collections import defaultdict

from viz.graph.model import Model
from viz.graph.parts import Given
from viz.scene.graphviz import Box, Point
from viz.scene.marks.mark import mark_of

__all__ = ["in_order"]


def in_order(graph: Model, centres: dict[str, Point], boxes: dict[str, Box]) -> tuple[dict[str, Point], set[str]]:
    """Return the centres with the cards of a layer, and the leaves that go to it, in order; and the moved keys."""
    heads: dict[str, set[str]] = defaultdict(set)
    for edge in graph.edges:
        heads[edge.tail].add(edge.head)
    kinds = {node.key: node for node in graph.nodes}
    columns: dict[object, list[str]] = defaultdict(list)
    for node in graph.nodes:
        layer = mark_of(node).column(node)
        if layer is not None:
            columns[layer].append(node.key)
    leaves = {node.key for node in graph.quantities if node.role not in ("result", "output")}
    leaves |= {node.key for node in graph.each(Given) if node.value.role not in ("result", "output")}
    for key in (node.key for node in graph.nodes if node.key in leaves):
        feeds = any(mark_of(kinds[head]).network for head in heads[key])
        if feeds:
            columns[frozenset(heads[key])].append(key)
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
    for value in graph.quantities:  # the result of a card is level with its last line
        maker = kinds[makers[value.key][0]] if len(makers[value.key]) == 1 else None
        if maker is not None and mark_of(maker).column(maker) is not None and not heads[value.key]:
            y, box = centres[maker.key][1], boxes[maker.key]
            centres[value.key] = (centres[value.key][0], y - box.height / 2 + mark_of(maker).port(maker, box, -1))
            moved.add(value.key)
    return centres, moved
