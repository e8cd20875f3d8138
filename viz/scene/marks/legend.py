"""The key under a picture: the five signs that are always there, and those that occur."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from viz.scene.shapes import Circle, Path, Rect, Shape, text
from viz.style.typeset import width

__all__ = ["Entry", "legend"]

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


def legend(entries: Sequence[Entry], left: float, top: float, room: float) -> list[Shape]:
    """Return the shapes of a legend that fills lines of width ``room`` from (left, top)."""
    shapes: list[Shape] = []
    x, y = left, top + LINE / 2
    for entry in entries:
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
