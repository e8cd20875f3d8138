"""Which level of detail a graph is drawn at, and the one call that draws it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, TypeAlias, get_args

from autograd_mini.program.ir import Program
from autograd_mini.value import Value
from viz.drawing import Drawing
from viz.fold import contract, shrink
from viz.layout import Engine
from viz.model import Model, count_functions, model
from viz.network import has_cards, with_cards, with_layers
from viz.parts import Card
from viz.picture import picture
from viz.replay import replay
from viz.text import describe, formula
from viz.theme import palettes
from viz.typeset import number

__all__ = ["Detail", "Graph", "draw"]

Detail: TypeAlias = Literal["auto", "lesson", "cards", "heat"]
Graph: TypeAlias = Value | Sequence[Value] | Program

LESSON, LESSON_LIMIT = 40, 150
"""Functions up to which a lesson is chosen, and up to which one that was asked for is drawn."""
CIRCLES = 14
"""Functions up to which every unnamed intermediate has its circle; above, it becomes an edge."""
CARDS, PILLS, NODES = 50, 120, 80
"""Cards, pills and things to draw up to which cards are chosen."""
CARDS_LIMIT, PILLS_LIMIT = 120, 800
LARGEST = 30_000
NARRATED = 60
"""Functions up to which the description of a picture is its full narration."""
FORMULA = 18


def draw(
    graph: Graph, detail: Detail = "auto", theme: str = "light", *,
    title: str = "", values: Sequence[float] | None = None, engine: Engine = "auto",
) -> Drawing:  # fmt: skip
    """Return a picture of everything ``graph`` depends on: a Value, several, or a Program.

    ``detail``  "lesson": every scalar and every function; "cards": affine functions as cards with
                their parameters, short formulas as one box; "heat": layers as heat maps, long
                computations folded; "auto" chooses by size
    ``theme``   "light", "dark", or "auto" to follow the reader's preference
    ``title``   replaces the title made from the expression
    ``values``  a Program's arguments, to show the numbers and gradients there; without, it has none
    ``engine``  which Graphviz gives coordinates: "auto", "native" or "wasm"

    A graph too large for the level asked for is drawn at the next, and the drawing says so.
    Raises TypeError for what is no graph, ValueError for an unknown option or a graph too large
    for any picture.
    """
    palettes(theme)
    if detail not in get_args(Detail):
        raise ValueError(f"detail is {detail!r}; 'auto', 'lesson', 'cards' or 'heat' is needed")
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
    drawn, level = at_level(scalars, detail)
    name = title or made_title(scalars)
    if functions <= NARRATED:
        text = describe(scalars)
        return Drawing(drawn, picture(drawn, name, text, engine), theme, scalars, level, text, graph)
    said = f"{name}: a graph of {functions:,} functions."
    return Drawing(drawn, picture(drawn, name, said, engine), theme, scalars, level, graph=graph)


def at_level(scalars: Model, detail: Detail) -> tuple[Model, Detail]:
    """Return the model at the level asked for, or the next that it fits, and which that is."""
    size = scalars.size
    network = has_cards(scalars)
    if (detail == "lesson" and size <= LESSON_LIMIT) or (detail == "auto" and not network and size <= LESSON):
        return scalars if size <= CIRCLES else scalars.without_plain_intermediates(), "lesson"
    notes: list[str] = []
    if detail == "lesson":
        notes.append(f"{size:,} functions are too many for a lesson, which shows up to {LESSON_LIMIT}.")
    if not network:
        few = detail == "cards" and size <= LESSON_LIMIT
        small = contract(scalars, FORMULA).without_plain_intermediates() if few else shrink(scalars)
        return _said(small, scalars, notes), "cards" if few else "heat"
    cards = with_cards(scalars)
    found = [node for node in cards.nodes if isinstance(node, Card)]
    pills = sum(len(card.pills) for card in found)
    most, room = (CARDS_LIMIT, PILLS_LIMIT) if detail == "cards" else (CARDS, PILLS)
    fits = len(found) <= most and pills <= room and len(cards.nodes) <= 3 * CARDS_LIMIT
    if detail != "heat" and fits:
        small = contract(cards, FORMULA).without_plain_intermediates()
        if detail == "cards" or len(small.nodes) <= NODES:
            return _said(small, scalars, notes), "cards"
    if detail == "cards":
        notes.append(f"{len(found):,} cards with {pills:,} parameters are too many; drawn as layers.")
    return _said(shrink(with_layers(cards)), scalars, notes), "heat"


def _said(small: Model, scalars: Model, notes: list[str]) -> Model:
    """Add to the notes what the picture holds and what it folds."""
    parameters = sum(node.role == "parameter" for node in scalars.quantities)
    held = f"{parameters:,} parameters, " * (parameters > 0) + f"{scalars.size:,} functions"
    boxes = sum(not hasattr(node, "role") for node in small.nodes)
    folded = f"{held} in {boxes} box{'es' * (boxes != 1)}." if boxes < scalars.size else f"{held}."
    return replace(small, notes=(*notes, *scalars.notes, folded, *small.notes[len(scalars.notes) :]))


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
    return called if written else f"{called}{', ' * bool(called)}{len(graph.functions):,} functions"
