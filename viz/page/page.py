"""The live page: a drawing, its graph compiled to JavaScript and a page around them, in one file."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from autograd_mini.engine.value import Value
from autograd_mini.language import Language, tell, translated
from autograd_mini.primitives.registry import PRIMITIVES
from autograd_mini.program.ir import Program
from viz.formats.svg import sheet, svg
from viz.graph.make import model
from viz.graph.model import Model
from viz.graph.names import names
from viz.graph.nodes import Quantity
from viz.graph.values import count_functions
from viz.graph.words import describe
from viz.levels.affine import recognised
from viz.levels.ladder import LEVELS, view
from viz.levels.lesson import CIRCLES, classical
from viz.levels.level import View
from viz.levels.network import has_cards
from viz.page.bare import bare
from viz.page.bindings import bindings
from viz.page.curves import curves_source
from viz.page.insets import insets
from viz.page.live import LiveGraph, evaluate, leaf_numbers, live_graph, recomputed
from viz.scene.forms import best
from viz.scene.graphviz import Engine
from viz.style.theme import DARK, LIGHT, ThemeName, styles
from viz.web.document import document
from viz.web.packed import packed

__all__ = ["page"]

LIMIT = 1_500
"""Up to so many functions a graph is drawn scalar by scalar; the page can zoom."""
SELDOM = ("neurons", "vectors")
COARSE = 300
"""Nodes above which lines are drawn to whole pixels: half the page is lines."""
DRAWN = 3_000
"""Edges above which the scalars are not drawn where another level shows the graph: a layout would take minutes."""
READABLE = 400_000
"""Characters up to which a page is not packed, so that its text can be read."""
NARRATED = 60
"""Functions up to which the description of the drawing is its full narration."""


@translated
def page(
    graph: Value | Sequence[Value] | Program,
    title: str,
    theme: ThemeName = "auto",
    detail: str = "lesson",
    engine: Engine = "auto",
    *,
    full: bool = True,
    lang: Language | None = None,
) -> str:
    """Return a page on which one steps through ``graph`` and changes its leaves.

    The page shows one new forward and backward pass from the leaves' numbers, not earlier passes.
    The page opens at the level ``detail`` and can switch to the others the graph has; boxes open in place. Where
    it is not ``full`` there are no heat maps, and boxes stay closed: it is smaller, made sooner, and never packed, for
    a page that packs it with others.
    Raises ValueError for a Program without numbers, and above ``LIMIT`` functions.
    """
    if isinstance(graph, Program):
        raise ValueError(
            "a Program has no numbers to step through; give it some, as in draw(program, values=[1.0, 2.0]), or save "
            "it as .svg or .txt"
        )
    functions, more = count_functions(*((graph,) if isinstance(graph, Value) else graph))
    if functions > LIMIT:
        raise ValueError(
            f"the graph has {'more than ' * more}{functions:,} functions; a live page shows up to {LIMIT:,}: "
            "save a part of it (any Value inside can be drawn), or use .svg, which folds"
        )
    scalars = model(graph)
    computed = live_graph(scalars)
    shown = recomputed(scalars, computed, evaluate(scalars, computed))
    narration = (
        describe(shown)
        if functions <= NARRATED
        else tell("{title}: a graph of {count:,} functions.", title=title, count=functions)
    )
    data = _data(shown, computed, theme)
    drawings: list[str] = []
    for level, found in _levels(shown, detail).items():
        if level == "heat" and not full:
            continue
        form = best(found.model, found.pieces, title, narration, engine)
        scene = bare(form.scene, whole=len(shown.nodes) > COARSE)
        prefix = f"drawing-{level}"
        drawing = svg(scene, "light", prefix)
        folded = bindings(form.model, shown) if level != "lesson" else {}
        data["views"].append({"level": level, "prefix": prefix, **folded})
        fresh = [box for box in folded.get("boxes", ()) if full and box["key"] not in data["insets"]]
        data["insets"] |= insets(fresh, shown, engine)
        drawings.append(f'<div class="view" data-level="{level}" hidden>{drawing}</div>')
    levels = [each["level"] for each in data["views"]]
    data["level"] = detail if detail in levels else levels[0]
    program = "null"
    try:
        program = f"(() => {{\n{computed.program.source('javascript')}\nreturn program;\n}})()"
    except NotImplementedError as error:  # a user's row without code for JavaScript
        data["notes"].append(
            tell("These are the numbers of the recorded graph and cannot be changed here: {why}.", why=error)
        )
        data["recorded"] = [_json_number(x) for x in evaluate(scalars, computed)]
    made = document(
        "page/assets/page.html", title, theme, ["web/assets/page.css"], "page/assets/page.js", data,
        f"start({program}, {curves_source(shown)});", drawing="\n".join(drawings),
    )  # fmt: skip
    return packed(made) if full and len(made) > READABLE else made


def _levels(shown: Model, asked: str) -> dict[str, View]:
    """Every level of detail that shows ``shown`` differently, as ``draw`` draws it; the first one in any case.

    The levels of neurons and of vectors only where ``asked`` is one of them; scalars only where there are not too many.
    """
    functions = len(shown.functions)
    first, *coarser = LEVELS
    found: dict[str, View] = {}
    if len(shown.edges) <= DRAWN or not has_cards(recognised(shown)):
        finest = view(shown, first)
        if finest.level != first:  # too large for a page: one long strip to scroll
            finest = View(classical(shown), first, None)
        found[first] = finest
    for detail in coarser:
        if detail in SELDOM and detail != asked:
            continue
        if has_cards(recognised(shown)) or functions > CIRCLES:
            coarse = view(shown, detail)
            found.setdefault(coarse.level, coarse)
    return found


def _json_number(x: float) -> float | str:
    """A number as JSON has it; what JSON lacks, as JavaScript's Number reads it."""
    if math.isfinite(x):
        return x
    return "NaN" if x != x else "Infinity" if x > 0 else "-Infinity"


def _output_of(node: Quantity) -> dict[str, int]:
    """The number of the output, of a function with several outputs."""
    op = node.source.op if node.source is not None else None
    return {"output": op.index} if op is not None and op.index is not None else {}


def _data(shown: Model, graph: LiveGraph, theme: ThemeName) -> dict[str, Any]:
    """Return the page's data of the graph: nodes and edges by index, and the function of each value."""
    called = names(shown)
    place = {node.key: index for index, node in enumerate(shown.nodes)}
    told: dict[str, dict[str, Any]] = {
        node.key: {"key": node.key, "kind": "function", "fn": node.name, "label": node.label, "line": node.line}
        for node in shown.functions
    } | {
        node.key: {"key": node.key, "kind": node.role, "name": called[node.key], "label": node.label} | _output_of(node)
        for node in shown.quantities
    }
    nodes = [told[node.key] for node in shown.nodes]
    edges = [
        {"key": edge.key, "from": place[edge.tail], "to": place[edge.head], "flow": flow}
        for edge, flow in zip(graph.edges, graph.flows, strict=True)
    ]
    notes = [tell("A comparison chose between branches when this graph was recorded; the page keeps that choice.")]
    return {
        "views": [],
        "insets": {},
        "theme": theme,
        "notes": notes if graph.chosen else [],
        "nodes": nodes,
        "edges": edges,
        "about": {
            function.name: PRIMITIVES[function.name].doc for function in shown.functions if function.name in PRIMITIVES
        },
        "results": [[place[function], [place[key] for key in keys]] for function, keys in graph.results.items()],
        "leaves": [
            [place[key], _json_number(x)] for key, x in zip(graph.leaves, leaf_numbers(shown, graph), strict=True)
        ],
        "outputs": [place[key] for key in graph.outputs],
        "sheets": {p.name: sheet((p,), styles(p), "PREFIX") for p in (LIGHT, DARK)},
    }
