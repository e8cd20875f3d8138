"""The legend under a picture: five signs that are always shown, and those that occur in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from autograd_mini.language import tell
from viz.graph.figures import Area, Curve
from viz.graph.model import Model
from viz.graph.networks import Vector
from viz.graph.parts import Card, Given, Port, Step
from viz.scene.marks.edges import edge_labels
from viz.scene.marks.mark import mark_of
from viz.scene.shapes import Circle, Path, Rect, Shape, text
from viz.style.typeset import width

__all__ = ["Entry", "entries", "legend"]

Sign: TypeAlias = Literal["value", "parameter", "constant", "function", "number", "line", "square", "port"]
SIZE, LINE, GAP = 11, 22, 26


@dataclass(frozen=True, slots=True)
class Entry:
    """One sign and its words; ``role`` and ``sample`` determine the sign."""

    sign: Sign
    words: str
    role: str = ""
    sample: str = ""


def entries(graph: Model) -> tuple[Entry, ...]:
    """Return each sign that occurs in the picture of ``graph``."""
    values = [*graph.quantities, *(node.value for node in graph.each(Given))]
    steps = graph.each(Step)
    results = [step.value for step in steps if step.value is not None]
    ports = graph.each(Port)
    outputs = [node for node in values if node.role == "output"]
    one = outputs[0].label if len(outputs) == 1 else ""
    top = one if one and width(one, SIZE) < 40 else "out"
    kinds = {node.key: node for node in graph.nodes}
    weighing = {node.key for node in graph.nodes if mark_of(node).weighs(node)}
    seen = [edge for edge in graph.edges if edge.flow == "flows" and edge.data is not None
            and not mark_of(kinds[edge.head]).gathers]  # fmt: skip
    numbers = any(node.data is not None for node in outputs)
    if graph.delta:
        above, below = tell("change of the value (above)"), tell("change of its gradient (below)")
        rising, falling = tell("gradient rose, wide where much"), tell("gradient fell")
    else:
        above = tell("forward value (above)")
        below = tell("∂{top}/∂value (below)", top=top) if steps else tell("∂{top}/∂edge (below)", top=top)
        rising, falling = tell("gradient > 0, wide where much"), tell("gradient < 0")
        if any(edge.weight for edge in graph.edges):
            rising, falling = tell("weight > 0, wide where large"), tell("weight < 0")
    vectors = graph.each(Vector)
    if vectors:
        above, below = tell("forward value"), tell("∂{top}/∂value", top=top)
    states = {node.state for node in graph.functions} | {step.what.state for step in steps}
    signs = (
        (any(node.role not in ("parameter", "constant") for node in values), Entry("value", tell("value"), "value")),
        (any(node.role == "parameter" for node in values), Entry("parameter", tell("parameter"), "value")),
        (any(node.size for node in graph.nodes), Entry("function", tell("function"), "function")),
        (numbers and bool(results or not steps), Entry("number", above, "forward", "8")),
        (numbers, Entry("number", below, "gradient", "∂ 10" if steps or vectors else "10")),
        (
            not graph.delta and _explains(graph),
            Entry("number", tell("∂ of the result times slope d of the function"), "muted", "= ∂·d"),
        ),
        (
            any(pill.use is not None for card in graph.each(Card) for pill in card.pills),
            Entry("number", tell("what a unit adds to ∂ of an input"), "gradient", "←0.1"),
        ),
        (
            any(type(step.figure) is Curve for step in steps),
            Entry("line", tell("tangent: its slope is the local derivative"), "tangent"),
        ),
        (
            any(type(step.figure) is Area for step in steps),
            Entry("square", tell("what a product grows by, a strip for each factor"), "growth"),
        ),
        (bool(ports), Entry("port", tell("used here, with what this use adds to its gradient"), "port")),
        (any(node.role == "constant" for node in values), Entry("constant", tell("constant"))),
        (any(edge.grad is None for edge in seen), Entry("number", tell("not computed yet"), "muted", "–")),
        (bool(weighing), Entry("line", rising, "positive")),
        (bool(weighing), Entry("line", falling, "negative")),
        (
            any(edge.grad == 0 for edge in seen),
            Entry("line", tell("unchanged gradient") if graph.delta else tell("gradient exactly 0"), "still"),
        ),
        (any(edge.flow == "untaken" for edge in graph.edges), Entry("line", tell("no gradient flows here"), "untaken")),
        ("dead" in states, Entry("square", tell("dead: passes no gradient"), "asleep")),
        ("saturated" in states, Entry("square", tell("saturated: slope below 0.01"), "saturated")),
        (any(node.strange for node in graph.nodes), Entry("value", tell("nan or infinite"), "warning")),
    )
    return tuple(entry for occurs, entry in signs if occurs)


def _explains(graph: Model) -> bool:
    """Whether a product that gives a gradient is shown."""
    if graph.each(Step):
        whys = [step.because for step in graph.each(Step)] + [given.because for given in graph.each(Given)]
        return any("·" in why for why in whys)
    return any(label.note and "·" in label.note[0].text for label in edge_labels(graph))


def legend(shown: Sequence[Entry], left: float, top: float, room: float) -> list[Shape]:
    """Return the shapes of a legend that fills lines of width ``room`` from (left, top)."""
    shapes: list[Shape] = []
    x, y = left, top + LINE / 2
    for entry in shown:
        lead = {"number": width(entry.sample, 12, bold=True) + 5, "line": 26.0, "port": 26.0}.get(entry.sign, 19.0)
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
    elif entry.sign == "port":
        yield Rect(x, y - 6, 20, 12, entry.role, 6)
    elif entry.sign in ("function", "square"):
        yield Rect(x + 1, y - 6, 12, 12, entry.role, 2)
    elif entry.sign == "line":
        yield Path(((x, y), (x + 7, y), (x + 14, y), (x + 20, y)), entry.role)
    else:
        yield text(x, y + 4, entry.sample, entry.role, 12, bold=True, anchor="start")
