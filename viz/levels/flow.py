"""The graph of the compact form: each function and its result as one piece, so that every number is shown.

Constants are written in the square of the function that uses them: "×1.1", "+0.1".
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace

from viz.graph.figures import Figure, figure
from viz.graph.model import Model
from viz.graph.names import names
from viz.graph.nodes import Edge, Function, Node, Quantity
from viz.graph.parts import Block, Card, Given, Step
from viz.style.typeset import because, number

__all__ = ["flow"]

INFIX = {"add": "+", "sub": "−", "mul": "×", "div": "÷"}
PLOTS, AREAS = 16, 6
"""Up to so many functions there is room for figures in squares, and for products as rectangles."""
LONGEST = 12
"""A constant of up to so many characters is written in the square."""


def flow(model: Model) -> Model:
    """Return ``model`` with each function and its only result as one ``Step``, and every other value as ``Given``."""
    values = {node.key: node for node in model.quantities}
    called = names(model)
    into, leaving = model.edges_of_nodes()
    loose: dict[str, Function | Block] = {node.key: node for node in model.functions}
    labels, inlined = _inline(loose, values, into, leaving)
    loose |= {node.key: node for node in model.each(Block)}
    functions = {} if model.delta else {node.key: node for node in model.functions}
    cards = {node.key for node in model.each(Card)}
    makers: dict[str, str] = {}
    nodes: list[Node] = []
    steps: list[Step] = []
    for node in model.nodes:
        if node.key in loose:
            what = loose[node.key]
            out = leaving[node.key]
            value = values.get(out[0].head) if len(out) == 1 else None
            if value is not None and value.role != "output":
                makers[value.key] = node.key
                why = _why(value, leaving[value.key])
                steps.append(Step(node.key, what, labels.get(node.key, what.label), value, called[value.key], why))
            else:
                steps.append(Step(node.key, what, labels.get(node.key, what.label), None, "", ""))
            function = functions.get(node.key)
            if function is not None and model.size <= (AREAS if function.name == "mul" else PLOTS):
                results = [values[edge.head] for edge in out if edge.head in values]
                drawn = _figure(function, results, into[node.key], inlined, values)
                steps[-1] = replace(steps[-1], figure=drawn)
            nodes.append(steps[-1])
        elif node.key in values and node.key not in makers and node.key not in inlined:
            value = values[node.key]
            why = "" if value.role == "output" and not leaving[value.key] else _why(value, leaving[value.key])
            nodes.append(Given(node.key, value, called.get(node.key, ""), why))
        elif node.key not in values:
            nodes.append(node)
    edges = [
        replace(edge, tail=makers.get(edge.tail, edge.tail))
        for edge in model.edges
        if edge.head not in makers and edge.tail not in inlined
    ]
    pins: Counter[str] = Counter()
    numbered: list[Edge] = []
    for edge in edges:  # a constant in the square needs no pin
        numbered.append(edge if edge.head in cards else replace(edge, slot=pins[edge.head]))
        pins[edge.head] += 1
    pinned: dict[str, Node] = {step.key: replace(step, pins=pins[step.key]) for step in steps}
    kept = {node.key for node in nodes}
    frames = tuple(replace(frame, members=tuple(key for key in frame.members if key in kept)) for frame in model.frames)
    return replace(model, nodes=tuple(nodes), edges=tuple(numbered), frames=frames).with_nodes(pinned)


def _figure(
    function: Function, results: list[Quantity], edges: list[Edge], inlined: set[str], values: dict[str, Quantity]
) -> Figure | None:
    """The figure of a function; None where it has none or has no numbers."""
    if not results or any(each.data is None for each in results):
        return None
    hidden = [edge for edge in edges if edge.tail in inlined]
    condition = values[hidden[0].tail].data if hidden and hidden[0].slot == 0 else None
    return figure(function.name, results, [edge for edge in edges if edge not in hidden], condition)


def _why(value: Quantity, uses: list[Edge]) -> str:
    """ "= 1.2·0.5", or "= 3 + 4" where several contributions meet."""
    if value.role == "constant" or value.grad is None:
        return ""
    flowing = [edge for edge in uses if edge.flow == "flows" and edge.grad is not None]
    if len(value.terms) > 1:
        return because(value.grad, value.terms)
    if len(flowing) == 1 and flowing[0].upstream is not None and flowing[0].local is not None:
        if not math.isclose(flowing[0].grad or 0.0, value.grad, rel_tol=1e-9):
            return because(value.grad, (flowing[0].grad or 0.0,))
        return because(value.grad, (flowing[0].upstream, flowing[0].local), product=True)
    return ""


def _inline(
    functions: dict[str, Function | Block], values: dict[str, Quantity], into: dict[str, list[Edge]],
    leaving: dict[str, list[Edge]],
) -> tuple[dict[str, str], set[str]]:  # fmt: skip
    """Return the labels of squares that include a constant, and the keys of these constants."""
    labels: dict[str, str] = {}
    gone: set[str] = set()
    for key, function in functions.items():
        edges = into[key]
        if getattr(function, "name", "") == "where" and len(edges) == 3:
            condition = values.get(edges[0].tail)
            if condition is not None and condition.role == "constant" and len(leaving[condition.key]) == 1:
                gone.add(condition.key)  # the switch shows the chosen branch
                labels[key] = f"where {condition.label}".rstrip()
            continue
        plain = [
            edge for edge in edges
            if values.get(edge.tail) is not None and values[edge.tail].role == "constant"
            and not values[edge.tail].label and len(leaving[edge.tail]) == 1
        ]  # fmt: skip
        if len(edges) - len(plain) != 1 or not plain:
            continue
        written = _with_constants(function.label, getattr(function, "name", ""), edges, plain)
        if len(written) <= LONGEST:
            labels[key] = written
            gone |= {edge.tail for edge in plain}
    return labels, gone


def _with_constants(label: str, name: str, edges: list[Edge], plain: list[Edge]) -> str:
    """ "×1.1", "1 −", "max(·, 0)"."""
    if name in INFIX and len(edges) == 2:
        text = number(plain[0].data)
        if plain[0] is edges[1]:
            return f"{INFIX[name]}({text})" if text.startswith("−") else f"{INFIX[name]}{text}"
        return f"{text}{INFIX[name]}" if name in ("add", "mul") else f"{text} {INFIX[name]}"
    return f"{label}({', '.join(number(edge.data) if edge in plain else '·' for edge in edges)})"
