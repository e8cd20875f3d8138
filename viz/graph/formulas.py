"""Formulas: a function of its operands as text, and a whole graph as one expression."""

from __future__ import annotations

from viz.graph.model import Model
from viz.graph.nodes import Function
from viz.style.typeset import MINUS, number

__all__ = ["ATOM", "apply", "bracketed", "formula", "signed"]

INFIX = {"add": ("+", 1), "sub": (MINUS, 1), "mul": ("×", 2), "div": ("÷", 2)}
ATOM = 9
"""The precedence of a name, a number that is not negative and a call."""


def signed(x: float | None) -> tuple[str, int]:
    """Return the text of a number and its precedence: a negative one is less than a sum."""
    text = number(x)
    return text, 0 if text.startswith(MINUS) else ATOM


def bracketed(x: float | None) -> str:
    """Return the text of a number inside a product or a sum: a negative one in brackets."""
    text = number(x)
    return f"({text})" if text.startswith(MINUS) else text


def _within(part: tuple[str, int], rank: int) -> str:
    return part[0] if part[1] >= rank else f"({part[0]})"


def apply(function: Function, parts: list[tuple[str, int]], space: str = " ") -> tuple[str, int]:
    """Return the text of the function applied to ``parts`` (text, precedence), and its precedence."""
    if function.name in INFIX and len(parts) == 2:
        sign, rank = INFIX[function.name]
        strict = function.name in ("sub", "div")
        left = parts[0][0] if parts[0][1] in (0, *range(rank, ATOM + 1)) else f"({parts[0][0]})"
        return f"{left}{space}{sign}{space}{_within(parts[1], rank + strict)}", rank
    if function.name == "neg":
        return f"{MINUS}{_within(parts[0], 3)}", 1
    if function.name == "power" and len(parts) == 1:
        return f"{_within(parts[0], ATOM)}{function.label[1:]}", 4
    if function.name == "affine" and len(parts) % 2:
        half = len(parts) // 2
        terms = [f"{_within(w, 2)}·{_within(x, 3)}" for w, x in zip(parts[:half], parts[half : 2 * half], strict=True)]
        return " + ".join([*terms, _within(parts[-1], 1)]), 1
    return f"{function.name}({', '.join(part[0] for part in parts)})", ATOM


def formula(graph: Model, room: int = 60) -> str:
    """Return the graph as one expression where it fits in ``room`` characters, else ""."""
    into, _ = graph.edges_of_nodes()
    written: dict[str, tuple[str, int]] = {}
    outputs = [node for node in graph.quantities if node.role == "output"]
    if len(outputs) != 1:
        return ""
    functions = {node.key: node for node in graph.functions}
    values = {node.key: node for node in graph.quantities}
    for key in (node.key for node in graph.nodes):
        if key in functions:
            written[key] = apply(functions[key], [written[edge.tail] for edge in into[key]], "")
        elif key not in values:
            return ""
        elif into[key]:
            written[key] = written[into[key][0].tail]
        else:
            written[key] = (values[key].label, ATOM) if values[key].label else signed(values[key].data)
        if len(written[key][0]) > room:
            return ""
    return written[outputs[0].key][0]
