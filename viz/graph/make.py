"""The model of Values or of a Program."""

from __future__ import annotations

from collections.abc import Sequence

from autograd_mini.engine.value import Value
from autograd_mini.program.ir import Program
from viz.graph.model import Model
from viz.graph.owners import told_apart
from viz.graph.programs import of_program
from viz.graph.values import of_values

__all__ = ["model"]


def model(graph: Value | Sequence[Value] | Program) -> Model:
    """Return the model of everything ``graph`` depends on: a Value, several, or a Program."""
    if isinstance(graph, Program):
        return of_program(graph)
    return told_apart(of_values((graph,) if isinstance(graph, Value) else tuple(graph)))
