"""The key under a picture: the five signs that are always there, and those that occur."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from viz.graph.model import Model
from viz.scene.marks.mark import mark_of
from viz.scene.shapes import Circle, Path, Rect, Shape, text
from viz.style.typeset import width

__all__ = ["Entry", "entries", "legend"]

Sign: TypeAlias = Literal["value", "parameter", "constant", "function", "number", "line", "square"]
SIZE, LINE, GAP = 11, 22, 26


@dataclass(frozen=True, slots=True)
class Entry:
    """One sign and its words; ``role`` and ``sample`` say how the sign looks."""

    sign: Sign
    words: str
    role: str = ""
    sample: str = ""


def basic(output: str = "out", delta: bool = False) -> tuple[Entry, ...]:
    """Return the entries every picture has; with ``delta`` they speak of changes."""
    above = "change of the value (above)" if delta else "forward value (above)"
    below = "change of its gradient (below)" if delta else f"∂{output}/∂edge (below)"
    return (
        Entry("value", "value", "value"),
        Entry("parameter", "parameter", "value"),
        Entry("function", "function", "function"),
        Entry("number", above, "forward", "8"),
        Entry("number", below, "gradient", "10"),
    )


def entries(graph: Model) -> tuple[Entry, ...]:
    """Return what every picture has, and each further sign that occurs."""
    outputs = [node for node in graph.quantities if node.role == "output"]
    one = outputs[0].label if len(outputs) == 1 else ""
    found = list(basic(one if one and width(one, 11) < 40 else "out", graph.delta))
    if all(node.data is None for node in outputs):
        found = found[:3]
    kinds = {node.key: node for node in graph.nodes}
    weighing = {node.key for node in graph.nodes if mark_of(node).weighs(node)}
    seen = [edge for edge in graph.edges if edge.flow == "flows" and edge.data is not None
            and not mark_of(kinds[edge.head]).gathers]  # fmt: skip
    functions = {node.state for node in graph.functions}
    optional = (
        (any(node.role == "constant" for node in graph.quantities), Entry("constant", "constant")),
        (any(edge.grad is None for edge in seen), Entry("number", "not computed yet", "muted", "–")),
        (
            bool(weighing),
            Entry("line", ("gradient rose" if graph.delta else "gradient > 0") + ", wide where much", "positive"),
        ),
        (bool(weighing), Entry("line", "gradient fell" if graph.delta else "gradient < 0", "negative")),
        (
            any(edge.grad == 0 for edge in seen),
            Entry("line", "unchanged gradient" if graph.delta else "gradient exactly 0", "still"),
        ),
        (any(edge.flow == "untaken" for edge in graph.edges), Entry("line", "branch not taken", "untaken")),
        ("dead" in functions, Entry("square", "dead: passes no gradient", "asleep")),
        ("saturated" in functions, Entry("square", "saturated: slope below 0.01", "saturated")),
        (
            any(node.strange for node in graph.nodes),
            Entry("value", "nan or infinite", "warning"),
        ),
    )
    return (*found, *(entry for occurs, entry in optional if occurs))


def legend(shown: Sequence[Entry], left: float, top: float, room: float) -> list[Shape]:
    """Return the shapes of a legend that fills lines of width ``room`` from (left, top)."""
    shapes: list[Shape] = []
    x, y = left, top + LINE / 2
    for entry in shown:
        lead = width(entry.sample, 12, bold=True) + 5 if entry.sign == "number" else 26 if entry.sign == "line" else 19
        wide = lead + width(entry.words, SIZE)
        if x > left and x + wide > left + room:
            x, y = left, y + LINE
        shapes.extend(_sign(entry, x, y))
        shapes.append(text(x + lead, y + 4, entry.words, "muted", SIZE, anchor="start"))
        x += wide + GAP
    return shapes


def _sign(entry: Entry, x: float, y: float) -> Iterable[Shape]:
    if entry.sign in ("value", "parameter"):
        yield Circle(x + 7, y, 6.5, entry.role)
        if entry.sign == "parameter":
            yield Circle(x + 7, y, 4, "ring")
    elif entry.sign == "constant":
        yield Circle(x + 7, y, 5, "constant")
    elif entry.sign in ("function", "square"):
        yield Rect(x + 1, y - 6, 12, 12, entry.role, 2)
    elif entry.sign == "line":
        yield Path(((x, y), (x + 7, y), (x + 14, y), (x + 20, y)), entry.role)
    else:
        yield text(x, y + 4, entry.sample, entry.role, 12, bold=True, anchor="start")
