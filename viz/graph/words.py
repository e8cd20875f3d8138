"""narrate: the forward and backward pass as text with numbers, for a terminal or a screen reader."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from autograd_mini.engine.value import Value
from autograd_mini.language import Language, tell, translated
from autograd_mini.program.ir import Program
from viz.graph.make import model
from viz.graph.model import Model
from viz.graph.nodes import Edge, Function, Quantity
from viz.graph.values import count_functions
from viz.style.typeset import MINUS, number, printed, relation, subscript

__all__ = ["describe", "formula", "named", "names", "narrate"]

LINES = 2_000
INFIX = {"add": ("+", 1), "sub": (MINUS, 1), "mul": ("×", 2), "div": ("÷", 2)}
ATOM = 9
LETTERS = "abcdfghjkmnpqrstuvwxyz"  # without e, i, l, o, which read as numbers


@translated
def narrate(graph: Value | Sequence[Value] | Program, *, limit: int = LINES, lang: Language | None = None) -> str:
    """Return the forward and the backward pass of ``graph``, line by line, with numbers.

    ∂c/∂a is the total derivative, along every path from a to c; dc/da is the local derivative of one
    function. "≈" in place of "=" means that the printed (rounded) numbers do not exactly give the
    printed result.

    >>> a = Value(3.0, label="a"); k = Value(10.0, label="k"); c = a * k; c.label = "c"; c.backward()
    >>> print(narrate(c))
    Forward
      a = 3
      k = 10
      c = a × k = 3 × 10 = 30
    Backward
      ∂c/∂c = 1
      ∂c/∂k = ∂c/∂c · dc/dk = 1 · 3 = 3
      ∂c/∂a = ∂c/∂c · dc/da = 1 · 10 = 10

    ``lang`` as for ``draw``. Raises ValueError for more than ``limit`` functions.
    """
    if not isinstance(graph, (Program, Value)) and not (
        isinstance(graph, Sequence) and graph and all(isinstance(each, Value) for each in graph)
    ):
        raise TypeError(f"narrate takes a Value, a list of Values or a Program, got a {type(graph).__name__}")
    if not isinstance(graph, Program):
        functions, more = count_functions(*((graph,) if isinstance(graph, Value) else graph))
        if functions > limit:
            raise ValueError(
                f"the graph has {'more than ' * more}{functions:,} functions; narrate tells up to {limit:,}: "
                "narrate a part of it, or pass limit= to have more"
            )
    return describe(model(graph))


def describe(graph: Model) -> str:
    """Return the narration of a model."""
    called = names(graph)
    lines = [tell("Forward"), *("  " + line for line in _forward(graph, called))]
    if any(node.data is not None for node in graph.quantities if node.role != "constant"):
        lines += [tell("Backward"), *("  " + line for line in _backward(graph, called))]
    return "\n".join(lines)


def named(graph: Model) -> Model:
    """Return ``graph`` with the name of every value set as by ``names``; coarser views keep it."""
    called = names(graph)
    return graph.with_nodes({node.key: replace(node, name=called[node.key]) for node in graph.quantities})


def names(graph: Model) -> dict[str, str]:
    """Return a name for every value: its label, the number of a constant, else a letter; all different."""
    if all(node.name for node in graph.quantities):
        return {node.key: node.name for node in graph.quantities}
    taken = {node.label for node in graph.quantities if node.label}
    unnamed = [node for node in graph.quantities if not node.label and node.role != "constant"]
    many = len(unnamed) > len(LETTERS)
    letters = (f"v{subscript(str(i))}" for i in range(1, len(unnamed) + len(taken) + 2)) if many else iter(LETTERS)
    outputs = [node for node in graph.quantities if node.role == "output"]
    found: dict[str, str] = {}
    used: set[str] = set()
    for node in graph.quantities:
        if node.role == "constant":
            found[node.key] = node.label or number(node.data)
            continue
        name = node.label
        if not name and node.role == "output" and len(outputs) == 1 and "L" not in taken:
            name = "L"
        while not name or (not node.label and name in taken):
            name = next(letters, f"v{subscript(node.key[1:])}")
        stem, copy = name, 1
        while name in used:  # two values with one label: x, x′, x″…
            name, copy = stem + "′" * copy, copy + 1
        used.add(name)
        found[node.key] = name
    return found


def _group(graph: Model) -> tuple[dict[str, list[Edge]], dict[str, list[Edge]]]:
    into: dict[str, list[Edge]] = defaultdict(list)
    leaving: dict[str, list[Edge]] = defaultdict(list)
    for edge in graph.edges:
        into[edge.head].append(edge)
        leaving[edge.tail].append(edge)
    return into, leaving


def _forward(graph: Model, called: dict[str, str]) -> Iterator[str]:
    into, leaving = _group(graph)
    data = {node.key: node.data for node in graph.quantities}
    functions = {node.key: node for node in graph.functions}
    values = {node.key: node for node in graph.quantities}
    for key in (node.key for node in graph.nodes):
        if key in functions:
            node = functions[key]
            operands = [edge.tail for edge in into[node.key]]
            symbolic = apply(node, [(called[key], ATOM) for key in operands])[0]
            numeric = apply(node, [signed(data[key]) for key in operands])[0]
            for place, edge in enumerate(leaving[node.key]):
                pick = f"[{place}]" if len(leaving[node.key]) > 1 else ""
                line = f"{called[edge.head]} = {symbolic}{pick}"
                if edge.data is not None and (symbolic == numeric or pick):
                    line += (
                        f" {_sign(values[edge.head])} {number(edge.data)}" if not pick else f" = {number(edge.data)}"
                    )
                elif edge.data is not None:
                    line += f" = {numeric} {_sign(values[edge.head])} {number(edge.data)}"
                yield line + (f"  ({tell(node.state)})" if node.state else "")
        elif values[key].role in ("input", "parameter") or (values[key].role == "output" and not into[key]):
            yield called[key] + (f" = {number(data[key])}" if data[key] is not None else f"  ({tell('input')})")


def _backward(graph: Model, called: dict[str, str]) -> Iterator[str]:
    _, leaving = _group(graph)
    results = {function.key: [edge.head for edge in leaving[function.key]] for function in graph.functions}
    outputs = [node for node in graph.quantities if node.role == "output"]
    top = called[outputs[0].key] if len(outputs) == 1 else "L"
    if all(node.grad is None for node in outputs):
        yield tell("not computed yet: call {name}.backward()", name=top)
        return
    for node in reversed(graph.quantities):
        if node.role == "constant":
            continue
        name = f"∂{top}/∂{called[node.key]}"
        flowing = [edge for edge in leaving[node.key] if edge.flow == "flows"]
        reached = [edge for edge in flowing if edge.grad is not None]
        if node.grad is None:
            barred = bool(leaving[node.key]) and not flowing
            why = tell("no gradient flows here") if barred else tell("not computed")
            yield f"{name} = {number(None)}  ({why})"
        elif not reached:
            yield f"{name} = {number(node.grad)}"
        else:
            yield f"{name} = {_sum_of_products(node, reached, results, called, top)}"


def _sum_of_products(
    node: Quantity, edges: list[Edge], results: dict[str, list[str]], called: dict[str, str], top: str
) -> str:
    symbols, products, values = [], [], []
    made = 0.0
    for edge in edges:
        heads = results[edge.head]
        of = called[heads[0]] if len(heads) == 1 else f"{called[heads[0]]}…{called[heads[-1]]}"
        symbols.append(f"∂{top}/∂{of} · d{of}/d{called[node.key]}")
        plain = edge.upstream is None or edge.local is None
        products.append(number(edge.grad) if plain else f"{_bracketed(edge.upstream)} · {_bracketed(edge.local)}")
        values.append(_bracketed(edge.grad))
        made += printed(edge.grad) if plain else printed(edge.upstream) * printed(edge.local)
    assert node.grad is not None
    rest = node.grad - math.fsum(edge.grad for edge in edges if edge.grad is not None)
    accumulated = math.isfinite(rest) and abs(rest) > 1e-9 * max(1.0, abs(node.grad))
    line = f"{' + '.join(symbols)} = {' + '.join(products)}"
    terms = [edge.grad for edge in edges if edge.grad is not None]
    if len(edges) > 1:
        line += f" {relation(math.fsum(map(printed, terms)), (made,))} {' + '.join(values)}"
        made = math.fsum(map(printed, terms))
    if len(edges) > 1 or products[0] != number(node.grad):
        line += f" {relation(node.grad, (made + printed(rest) * accumulated,))} {number(node.grad)}"
    return line + (f"  ({tell('with {number} from elsewhere', number=number(rest))})" if accumulated else "")


def _sign(result: Quantity) -> str:
    """ "=" where the function of the printed operands gives the printed result, "≈" where that is not so."""
    source = result.source
    if source is None or source.op is None or result.data is None or not math.isfinite(result.data):
        return "="
    args = tuple(printed(parent.data) for parent in source.parents)
    if args == tuple(parent.data for parent in source.parents):
        return "="
    found = source.op.value(*args)
    return "=" if number(found) == number(result.data) else "≈"


# ---------------------------------------------------------------- formulas


def signed(x: float | None) -> tuple[str, int]:
    text = number(x)
    return text, 0 if text.startswith(MINUS) else ATOM


def _bracketed(x: float | None) -> str:
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
    into, _ = _group(graph)
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
