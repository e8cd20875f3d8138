"""Which level of detail a graph is drawn at, and the one call that draws it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

from autograd_mini.program.ir import Program
from autograd_mini.value import Value
from viz.drawing import Drawing
from viz.layout import Engine
from viz.lesson import lesson
from viz.model import Model, count_functions, model
from viz.text import describe, formula
from viz.theme import palettes
from viz.typeset import number

__all__ = ["Detail", "Graph", "draw"]

Detail: TypeAlias = Literal["auto", "lesson"]
Graph: TypeAlias = Value | Sequence[Value] | Program
LESSON_LIMIT = 150
NARRATED = 60
"""Functions up to which the description of a picture is its full narration."""


def draw(
    graph: Graph, detail: Detail = "auto", theme: str = "light", *, title: str = "", engine: Engine = "auto"
) -> Drawing:
    """Return a picture of everything ``graph`` depends on: a Value, several, or a Program.

    ``detail``  "lesson": every scalar and every function; "auto" chooses by size
    ``theme``   "light", "dark", or "auto" to follow the reader's preference
    ``title``   replaces the title made from the expression
    ``engine``  which Graphviz gives coordinates: "auto", "native" or "wasm"

    Raises TypeError for what is no graph, ValueError for an unknown option or a graph too large.
    """
    palettes(theme)
    if detail not in ("auto", "lesson"):
        raise ValueError(f"detail is {detail!r}; 'auto' or 'lesson' is needed")
    outputs = checked(graph)
    functions, more = (len(graph), False) if isinstance(graph, Program) else count_functions(*outputs)
    if functions > LESSON_LIMIT:
        raise ValueError(
            f"the graph has {'more than ' * more}{functions:,} functions; a lesson reads well up to {LESSON_LIMIT}: "
            "draw a part of it (any Value inside can be drawn), or use narrate() for text"
        )
    drawn = model(graph)
    name = title or made_title(drawn)
    narration = describe(drawn)
    description = narration if functions <= NARRATED else f"{name}: a graph of {functions} functions."
    return Drawing(drawn, lesson(drawn, name, description, engine), theme, narration)


def checked(graph: Graph) -> tuple[Value, ...]:
    """Return the outputs of ``graph``; raise TypeError where it is none."""
    if isinstance(graph, Program):
        return ()
    outputs = (graph,) if isinstance(graph, Value) else graph
    if not isinstance(outputs, Sequence) or not outputs or not all(isinstance(each, Value) for each in outputs):
        raise TypeError(f"draw takes a Value, a sequence of Values or a Program, got {type(graph).__name__!r}")
    return tuple(outputs)


def made_title(graph: Model) -> str:
    """Return "(3+5)×10 = 80" where it fits in a line, else what the graph holds."""
    outputs = [node for node in graph.quantities if node.role == "output"]
    written = formula(graph)
    parts = [outputs[0].label if len(outputs) == 1 else "", written]
    if len(outputs) == 1 and outputs[0].data is not None:
        parts.append(number(outputs[0].data))
    called = " = ".join(dict.fromkeys(part for part in parts if part))
    return called if written else f"{called}{', ' * bool(called)}{len(graph.functions)} functions"
