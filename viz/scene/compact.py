"""The compact form of a picture: at most as wide as a page, each number once, broken into rows like text.

An edge has a number only where a value is used several times: the contribution of that use. A value
that is used far away, or in a later row, appears there as a port: its name in a small capsule, with
the contribution of that use.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from viz.graph.model import Model
from viz.scene.graphviz import Engine
from viz.scene.marks.captions import RISE
from viz.scene.marks.mark import Spot
from viz.scene.plan import NODE, Plan
from viz.scene.row import Row
from viz.scene.rows import columns
from viz.scene.shapes import Scene, Shape, bounds, shift
from viz.scene.sheet import composed

__all__ = ["compact"]

ROOM = 868.0
"""The largest width of a picture: a page of 900 pixels without its margins."""
TRIES = 8
"""The largest number of attempts to break rows, each time narrower, until the widest fits."""
TIGHT = 40.0
"""Free space between the columns of a network where that saves a row."""
BETWEEN, CELL = 26.0, 16.0
"""Free space between rows, and between leaves that are set apart."""


def compact(graph: Model, title: str, description: str, engine: Engine = "auto") -> Scene:
    """Return the scene of ``graph`` in the compact form."""
    plan = Plan(graph, engine)
    apart, rows = _in_rows(plan)
    if len(rows) > 1 and plan.gap > TIGHT:
        closer = Plan(graph, engine, TIGHT)
        others, fewer = _in_rows(closer)
        if len(fewer) < len(rows):
            plan, apart, rows = closer, others, fewer
    placed: list[Shape] = []
    y = 0.0
    for group in (_cells(plan, apart), *(row.shapes() for row in rows)):
        if group:
            left, top, _, bottom = bounds(group)
            placed += (shift(shape, -left, y - top) for shape in group)
            y += bottom - top + BETWEEN
    ports = tuple(plan.port(edge) for edge in plan.graph.edges if plan.ported(edge))
    shown = replace(plan.graph, nodes=(*plan.graph.nodes, *ports))
    heat = any(mark.heat for mark in plan.marks.values())
    return composed(placed, shown, title, description, plan.scale if heat else None)


def _in_rows(plan: Plan) -> tuple[list[str], list[Row]]:
    """The leaves that are set apart, and the rows of all other nodes, the widest no wider than a page."""
    apart = plan.strip()
    whole = Row(plan, [key for key in plan.kinds if key not in apart])
    middles = {key: x for key, (x, _) in whole.centres.items()}
    found = columns(middles, {key: box.width for key, box in whole.boxes.items()})
    room = ROOM
    rows = [whole]
    for _ in range(TRIES):
        plan.break_rows(found, room)
        apart = plan.strip()
        members: dict[int, list[str]] = defaultdict(list)
        for key in plan.kinds:
            if key not in apart:
                members[plan.row[key]].append(key)
        rows = [Row(plan, members[at]) for at in sorted(members)]
        widest = max(row.width for row in rows)
        if widest <= ROOM:
            break
        room -= max(20.0, widest - ROOM)
    return apart, rows


def _cells(plan: Plan, keys: Iterable[str]) -> list[Shape]:
    """The leaves that are set apart, side by side, in lines."""
    found: list[Shape] = []
    x = y = tall = 0.0
    for key in keys:
        box = plan.boxes[key]
        if x and x + box.width > ROOM:
            x, y, tall = 0.0, y + tall + NODE, 0.0
        spot = Spot(x + box.width / 2, y + box.height / 2 - RISE, box, plan.names.get(key, ""), plan.scale)
        found.append(plan.marks[key].draw(plan.kinds[key], spot))
        x, tall = x + box.width + CELL, max(tall, box.height)
    return found
