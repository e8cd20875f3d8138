"""narrate: the forward and backward pass as text with numbers, for a terminal or a screen reader."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from autograd_mini.engine.value import Value
from autograd_mini.language import Language, tell, translated
from autograd_mini.program.ir import Program
from viz.graph.formulas import ATOM, apply, bracketed, signed
from viz.graph.make import model
from viz.graph.model import Model
from viz.graph.names import names
from viz.graph.nodes import Edge, Quantity
from viz.graph.values import count_functions
from viz.style.typeset import number, printed, relation

__all__ = ["describe", "narrate"]

LINES = 2_000


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


def _forward(graph: Model, called: dict[str, str]) -> Iterator[str]:
    into, leaving = graph.edges_of_nodes()
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
    _, leaving = graph.edges_of_nodes()
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
        products.append(number(edge.grad) if plain else f"{bracketed(edge.upstream)} · {bracketed(edge.local)}")
        values.append(bracketed(edge.grad))
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
