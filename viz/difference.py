"""diff: the changes between two passes over the same graph, Δvalue and Δgradient of every node."""

from __future__ import annotations

import math
from dataclasses import replace

from autograd_mini.engine.value import Value
from autograd_mini.language import Language, tell, translated
from viz.draw import checked, made_title
from viz.drawing import Drawing
from viz.graph.make import model
from viz.graph.model import Model
from viz.graph.names import names
from viz.graph.nodes import Node
from viz.levels.ladder import Detail, view
from viz.scene.forms import best
from viz.scene.graphviz import Engine
from viz.style.theme import ThemeName, palettes
from viz.style.typeset import number

__all__ = ["diff"]


@translated
def diff(
    before: Value | Drawing, after: Value | Drawing, detail: Detail = "auto", theme: ThemeName = "light", *,
    title: str = "", engine: Engine = "auto", lang: Language | None = None,
) -> Drawing:  # fmt: skip
    """Return a picture of ``after`` minus ``before``: each number is replaced by its change.

    ``before`` and ``after`` are Values or Drawings. A training step changes the parameters of a graph,
    so draw the graph before the step and pass that Drawing, which keeps its numbers. Other arguments
    as for ``draw``.

    Raises ValueError where the two are not the same graph, TypeError for what is neither Value nor Drawing.
    """
    palettes(theme)
    first, second = _scalars(before), _scalars(after)
    changed = replace(_subtract(first, second), delta=True, notes=(tell("Every number is a change: after − before."),))
    shown = view(changed, detail)
    name = title or f"Δ {made_title(second)}"
    text = _tell(first, second)
    scene = best(shown.model, shown.pieces, name, text, engine).scene
    return Drawing(shown.model, scene, theme, changed, shown.level, text)


def _scalars(graph: Value | Drawing) -> Model:
    if isinstance(graph, Drawing):
        return graph.scalars
    if not isinstance(graph, Value):
        raise TypeError(f"diff takes two Values or Drawings, got {type(graph).__name__!r}")
    checked(graph)
    return model(graph)


def _subtract(first: Model, second: Model) -> Model:
    """The second model with differences for numbers."""
    if len(first.nodes) != len(second.nodes) or len(first.edges) != len(second.edges):
        raise ValueError(
            f"diff needs two passes over the same graph, got {len(first.nodes)} and {len(second.nodes)} nodes; "
            "build both with the same code"
        )
    were, are = _kinds(first), _kinds(second)
    for old, new in zip(first.nodes, second.nodes, strict=True):
        was, now = were[old.key], are[new.key]
        if was != now:
            raise ValueError(
                f"diff needs two passes over the same graph, but node {old.key} is {was} in one and {now} in the "
                "other; build both with the same code"
            )
    changed: dict[str, Node] = {function.key: replace(function, state="") for function in second.functions}
    for before, after in zip(first.quantities, second.quantities, strict=True):
        data = after.data if after.role == "constant" else _change(before.data, after.data)
        changed[after.key] = replace(after, data=data, grad=_change(before.grad, after.grad), terms=())
    edges = tuple(
        replace(new, data=_change(old.data, new.data), grad=_change(old.grad, new.grad), upstream=None, local=None)
        for old, new in zip(first.edges, second.edges, strict=True)
    )
    return replace(second.with_nodes(changed), edges=edges)


def _kinds(graph: Model) -> dict[str, str]:
    """The kind of each node, in words."""
    values = {node.key: f"a {node.role}" for node in graph.quantities}
    return values | {node.key: node.label for node in graph.functions}


def _change(old: float | None, new: float | None) -> float | None:
    if old is None or new is None:
        return None
    return 0.0 if old == new else new - old  # 0 also where both are the same infinity


def _tell(first: Model, second: Model) -> str:
    """ "w: value 0.4 → 0.431 (Δ 0.0309), gradient −3.085 → −2.9 (Δ 0.185)", line by line."""
    called = names(second)
    lines = [tell("Changes")]
    for old, new in zip(first.quantities, second.quantities, strict=True):
        if new.role != "constant":
            lines.append(
                tell(
                    "  {name}: value {value}, gradient {gradient}",
                    name=called[new.key],
                    value=_arrow(old.data, new.data),
                    gradient=_arrow(old.grad, new.grad),
                )
            )
    return "\n".join(lines)


def _arrow(old: float | None, new: float | None) -> str:
    if old is None or new is None or not (math.isfinite(old) and math.isfinite(new)):
        return f"{number(old)} → {number(new)}"
    return f"{number(old)} → {number(new)} (Δ {number(new - old)})"
