"""detect_anomaly: stop at the first operation that makes a nan or an infinity."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from autograd_mini.engine.backward import topological_order
from autograd_mini.engine.observer import Observer, Sweep, observed_by, observer
from autograd_mini.engine.origin import caller
from autograd_mini.engine.value import Value
from autograd_mini.primitives.row import NO_FLOW, Primitive

__all__ = ["AnomalyError", "detect_anomaly"]


class AnomalyError(ArithmeticError):
    """An operation gave nan or ±inf although its inputs were finite; the message names it and its inputs."""


class detect_anomaly(observed_by):
    """Context in which the first non-finite result of finite inputs raises AnomalyError.

    In the forward pass every operation is checked, in the backward pass every product of an
    adjoint and a partial. The message names the operation, its operands and their labels, the
    local derivatives, and the file and line that made the node (where it was made in the context).

    >>> with detect_anomaly():  # doctest: +IGNORE_EXCEPTION_DETAIL
    ...     Value(-1.0, label="x").log()
    Traceback (most recent call last):
    AnomalyError: log(x = -1.0) gave nan …
    """

    def make_observer(self) -> Observer:
        """Return an observer that checks every result."""
        return _Watch(observer())


class _Watch(Observer):
    """Does each operation as usual, then checks whether its result is finite."""

    def __init__(self, outer: Observer | None) -> None:
        self.outer = outer
        self.places: dict[Value, str] = {}

    def apply(self, primitive: Primitive, args: tuple[Any, ...]) -> Any:
        made = super().apply(primitive, args)
        place = "{}:{}".format(*caller())
        for node in made if isinstance(made, list) else [made]:
            self.places[node] = place
            if not math.isfinite(node.data) and all(math.isfinite(parent.data) for parent in node.parents):
                raise AnomalyError(f"{self.describe(node)} gave {node.data!r}{self.where(node)}")
        return made

    def backward(self, output: Value, gradient: float) -> None:
        self.check([output], [gradient])
        super().backward(output, gradient)

    def pull(
        self, outputs: Sequence[Any], seeds: Sequence[Any], inputs: Sequence[Any], create_graph: bool, sweep: Sweep
    ) -> list[Any]:
        """Check the sweep, then run it."""
        self.check(outputs, [seed.data if isinstance(seed, Value) else seed for seed in seeds])
        return super().pull(outputs, seeds, inputs, create_graph, sweep)

    def check(self, outputs: Sequence[Value], seeds: Sequence[float]) -> None:
        """Do the backward pass in floats; raise at the first non-finite product of finite factors."""
        adjoints: dict[Value, float] = {}
        for output, seed in zip(outputs, seeds, strict=True):
            adjoints[output] = adjoints.get(output, 0.0) + seed
        for node in reversed(topological_order(*outputs)):
            adjoint = adjoints.get(node)
            if adjoint is None or not math.isfinite(adjoint):
                continue
            for parent, partial in zip(node.parents, node.partials, strict=True):
                if partial is NO_FLOW:
                    continue
                term = adjoint * partial
                if not math.isfinite(term):
                    raise AnomalyError(
                        f"backward through {self.describe(node)} = {node.data!r}: the adjoint {adjoint!r} times the "
                        f"local derivative {partial!r} to {_name(parent)} gave {term!r}{self.where(node)}"
                    )
                adjoints[parent] = adjoints.get(parent, 0.0) + term

    def describe(self, node: Value) -> str:
        """Return the operation with its operands, as in ``log(x = -1.0)``."""
        name = "" if node.op is None else node.op.name
        return f"{name}({', '.join(map(_name, node.parents))})"

    def where(self, node: Value) -> str:
        """Return, for a message, the local derivatives and the file and line that made the node."""
        partials = ", ".join("none flows" if partial is NO_FLOW else repr(partial) for partial in node.partials)
        made = self.places.get(node)
        place = f"made at {made}" if made else "made before detect_anomaly() was entered"
        return f"; local derivatives ({partials}); {place}"


def _name(value: Value) -> str:
    return f"{value.label} = {value.data!r}" if value.label else repr(value.data)
