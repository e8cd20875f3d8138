"""The functions of one operand in a graph, as JavaScript: a page draws the curve of each."""

from __future__ import annotations

from typing import Any

from autograd_mini.primitives.registry import PRIMITIVES
from autograd_mini.program.record.recorder import Recorder, Traced
from viz.graph.model import Model
from viz.web.document import json_text

__all__ = ["curves_source"]


def curves_source(model: Model) -> str:
    """Return an object literal of the functions of one operand, keyed "name label"; static operands are fixed in them.

    A function that cannot be written in JavaScript is left out: its square has no curve.
    """
    operands = {edge.head: edge for edge in model.edges}
    counts: dict[str, int] = {}
    results = {edge.tail: edge.head for edge in model.edges}
    for edge in model.edges:
        counts[edge.head] = counts.get(edge.head, 0) + 1
    sources = {node.key: node.source for node in model.quantities}
    found: dict[str, str] = {}
    for node in model.functions:
        name = f"{node.name} {node.label}"
        made = sources.get(results.get(node.key, ""))
        if name in found or counts.get(node.key) != 1 or made is None or made.op is None or made.op.index is not None:
            continue
        recorder = Recorder()
        with recorder:
            args: list[Any] = [parent.data for parent in made.parents]
            args[operands[node.key].slot] = recorder.argument()
            out: Any = recorder.apply(PRIMITIVES.get(made.op.name, made.op), tuple(args))
            if not isinstance(out, Traced):
                continue
            program = recorder.program([out.operand])
        try:
            found[name] = f"(() => {{\n{program.source('javascript')}return program;\n}})()"
        except NotImplementedError:
            continue
    inside = ",\n".join(f"{json_text(name)}: {text}" for name, text in found.items())
    return f"{{{inside}}}"
