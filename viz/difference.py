"""What changed between two passes over the same graph: Δvalue and Δgradient of every node."""

from __future__ import annotations

import math
from dataclasses import replace

from autograd_mini.engine.value import Value
from viz.draw import checked, made_title
from viz.drawing import Drawing
from viz.graph.model import Function, Model, Node, Quantity, model
from viz.graph.words import names
from viz.levels.level import Detail, at_level
from viz.scene.graphviz import Engine
from viz.scene.picture import picture
from viz.style.theme import palettes
from viz.style.typeset import number

__all__ = ["diff"]


def diff(
    before: Value | Drawing, after: Value | Drawing, detail: Detail = "auto", theme: str = "light", *,
    title: str = "", engine: Engine = "auto",
) -> Drawing:  # fmt: skip
    """Return a picture of ``after`` minus ``before``: in place of each number, how much it changed.

    A training step writes into the parameters, so that a graph drawn before it no longer shows what
    was: draw it before the step and give that drawing, which keeps its numbers.

    Raises ValueError where the two are not the same graph, TypeError for what is neither Value nor Drawing.
    """
    palettes(theme)
    first, second = _scalars(before), _scalars(after)
    changed = replace(_subtract(first, second), delta=True, notes=("Every number is a change: after − before.",))
    drawn, level = at_level(changed, detail)
    name = title or f"Δ {made_title(second)}"
    text = _tell(first, second)
    return Drawing(drawn, picture(drawn, name, text, engine), theme, changed, level, text)


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
    nodes: list[Node] = []
    for old, new in zip(first.nodes, second.nodes, strict=True):
        if _kind(old) != _kind(new):
            raise ValueError(
                f"diff needs two passes over the same graph, but node {old.key} is {_kind(old)} in one and "
                f"{_kind(new)} in the other; build both with the same code"
            )
        if isinstance(old, Quantity) and isinstance(new, Quantity):
            data, grad = _change(old.data, new.data), _change(old.grad, new.grad)
            nodes.append(replace(new, data=new.data if new.role == "constant" else data, grad=grad, terms=()))
        else:
            nodes.append(replace(new, state="") if isinstance(new, Function) else new)
    edges = tuple(
        replace(new, data=_change(old.data, new.data), grad=_change(old.grad, new.grad), upstream=None, local=None)
        for old, new in zip(first.edges, second.edges, strict=True)
    )
    return replace(second, nodes=tuple(nodes), edges=edges)


def _kind(node: Node) -> str:
    return node.label if isinstance(node, Function) else f"a {getattr(node, 'role', 'value')}"


def _change(old: float | None, new: float | None) -> float | None:
    if old is None or new is None:
        return None
    return 0.0 if old == new else new - old  # also where both are the same infinity


def _tell(first: Model, second: Model) -> str:
    """ "w: value 0.4 → 0.431 (Δ 0.0309), gradient −3.085 → −2.9 (Δ 0.185)", line by line."""
    called = names(second)
    lines = ["Changes"]
    for old, new in zip(first.quantities, second.quantities, strict=True):
        if new.role != "constant":
            lines.append(
                f"  {called[new.key]}: value {_arrow(old.data, new.data)}, gradient {_arrow(old.grad, new.grad)}"
            )
    return "\n".join(lines)


def _arrow(old: float | None, new: float | None) -> str:
    if old is None or new is None or not (math.isfinite(old) and math.isfinite(new)):
        return f"{number(old)} → {number(new)}"
    return f"{number(old)} → {number(new)} (Δ {number(new - old)})"
