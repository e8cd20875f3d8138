"""draw: make a picture of a graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias, get_args

from autograd_mini.engine.value import Value
from autograd_mini.language import Language, tell, translated
from autograd_mini.program.ir import Program
from viz.drawing import Drawing
from viz.graph.formulas import formula
from viz.graph.make import model
from viz.graph.model import Model
from viz.graph.replay import replay
from viz.graph.values import count_functions
from viz.graph.words import describe
from viz.levels.ladder import LEVELS, Detail, view
from viz.levels.level import View
from viz.scene.forms import best, expected
from viz.scene.graphviz import Engine
from viz.style.theme import ThemeName, palettes
from viz.style.typeset import number

__all__ = ["Detail", "Graph", "draw"]

Graph: TypeAlias = Value | Sequence[Value] | Program

LARGEST = 30_000
SIDE = 20_000.0
"""A picture with a longer side, in pixels, is drawn at the next level of detail."""
SECONDS = 10.0
"""So is one that would take longer."""
*_, COARSEST = LEVELS
NARRATED = 60
"""Up to so many functions the description of a picture is its full narration."""


@translated
def draw(
    graph: Graph, detail: Detail = "auto", theme: ThemeName = "light", *,
    title: str = "", values: Sequence[float] | None = None, engine: Engine = "auto", lang: Language | None = None,
) -> Drawing:  # fmt: skip
    """Return a picture of everything ``graph`` depends on: a Value, several, or a Program.

    ``detail``  "lesson": every scalar and every function; "cards": affine functions as cards with
                their parameters, short formulas as one box; "heat": layers as heat maps, long
                computations folded; "auto" chooses by size. "neurons": a network as circles and lines, wide
                where the weight is large; "vectors": a circle for each layer, a square for each map
    ``theme``   "light", "dark", or "auto" to follow the reader's preference
    ``title``   replaces the title made from the expression
    ``values``  arguments of a Program, to show its numbers and gradients there; otherwise it has none
    ``engine``  which Graphviz computes the layout: "auto", "native" or "wasm"
    ``lang``    the language of the words in the picture and on its page: "en" or "ja" (日本語); None is the one that
                ``autograd_mini.language.speaking`` chose, else English

    A graph too large for the requested level is drawn at the next one, and the drawing says so.
    Raises TypeError for an object that is not a graph, ValueError for an unknown option or a graph
    too large for any picture.
    """
    palettes(theme)
    if not isinstance(title, str):
        raise TypeError(f"title is {title!r}, a {type(title).__name__}; a text is needed")
    if engine not in get_args(Engine):
        raise ValueError(f"engine is {engine!r}; {', '.join(map(repr, get_args(Engine)))} are legal")
    if not isinstance(detail, str) or detail not in ("auto", *LEVELS):
        raise ValueError(f"detail is {detail!r}; 'auto', {', '.join(map(repr, LEVELS))} are legal")
    outputs = checked(graph)
    if values is not None and not isinstance(graph, Program):
        raise TypeError(f"values are the arguments of a Program; a {type(graph).__name__} has its own")
    functions, more = (len(graph), False) if isinstance(graph, Program) else count_functions(*outputs)
    if functions > LARGEST:
        raise ValueError(
            f"the graph has {'more than ' * more}{functions:,} functions; a picture folds up to {LARGEST:,}: "
            "draw a part of it (any Value inside can be drawn), or use narrate() for text"
        )
    if isinstance(graph, Program) and values is not None:
        graph = replay(graph, values)
    scalars = model(graph)
    shown = view(scalars, detail)
    while shown.level != COARSEST and (why := _excess(shown)):
        scalars = replace(scalars, notes=(*scalars.notes, why))
        shown = view(scalars, "cards" if shown.level == "lesson" else COARSEST)
    name = title or made_title(scalars)
    text = describe(scalars) if functions <= NARRATED else ""
    said = text or tell("{title}: a graph of {count:,} functions.", title=name, count=functions)
    scene = best(shown.model, shown.pieces, name, said, engine).scene
    if shown.level != COARSEST and max(scene.width, scene.height) > SIDE:
        shown = view(replace(scalars, notes=(*scalars.notes, _too_high(shown.level, scene.height))), COARSEST)
        scene = best(shown.model, shown.pieces, name, said, engine).scene
    return Drawing(shown.model, scene, theme, scalars, shown.level, text, graph)


def _excess(shown: View) -> str:
    """Why a view is not drawn: its expected side, or the expected time; empty where both are within their limits."""
    size = expected(shown.model, shown.pieces)
    if max(size.width, size.height) > SIDE:
        return _too_high(shown.level, max(size.width, size.height))
    if size.seconds > SECONDS:
        return tell(
            "At the level {level} this would take about {seconds:,.0f} seconds; it is folded.",
            level=shown.level, seconds=size.seconds,
        )  # fmt: skip
    return ""


def _too_high(level: str, height: float) -> str:
    return tell(
        "At the level {level} this would be about {height:,.0f} pixels high; it is folded.",
        level=level, height=height,
    )  # fmt: skip


def checked(graph: Graph) -> tuple[Value, ...]:
    """Return the outputs of ``graph``; raise TypeError where it is not a graph."""
    if isinstance(graph, Program):
        return ()
    outputs = (graph,) if isinstance(graph, Value) else graph
    if not isinstance(outputs, Sequence) or not outputs or not all(isinstance(each, Value) for each in outputs):
        raise TypeError(
            f"draw takes a Value, a sequence of Values or a Program, got {type(graph).__name__!r}{_advice(graph)}"
        )
    return tuple(outputs)


def _advice(graph: object) -> str:
    """Return what to draw of something that has no graph itself."""
    if hasattr(graph, "program"):
        return "; draw the program of a compiled function, as in draw(f.program(2.0))"
    if callable(graph):
        return "; draw what it returns, as in draw(model([1.0, 2.0]))"
    return "; there is nothing in it" if isinstance(graph, Sequence) and not graph else ""


def made_title(graph: Model) -> str:
    """Return "(3+5)×10 = 80" where it fits in a line, else the number of functions."""
    outputs = [node for node in graph.quantities if node.role == "output"]
    written = formula(graph)
    parts = [outputs[0].label if len(outputs) == 1 else "", written]
    if len(outputs) == 1 and outputs[0].data is not None:
        parts.append(number(outputs[0].data))
    called = " = ".join(dict.fromkeys(part for part in parts if part))
    return (
        called if written else f"{called}{', ' * bool(called)}{tell('{count:,} functions', count=len(graph.functions))}"
    )
