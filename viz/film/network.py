"""The computations of a film's page: a network on points of the plane, as loops in JavaScript.

The network is traced on one sample; its layers are those of the trace.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from autograd_mini import losses
from autograd_mini.engine.value import Value
from autograd_mini.language import tell
from autograd_mini.primitives import table as rows
from autograd_mini.program.ir import Operand, Program
from autograd_mini.program.passes.adjoint import adjoint
from autograd_mini.program.record.trace import trace
from autograd_mini.program.run import column_function
from autograd_mini.program.source import prepared
from autograd_mini.program.targets.javascript import TARGET as JAVASCRIPT
from autograd_mini.training.evaluation import RowLoss, flat
from viz.film.kit import ACTIVATIONS, MOST_CLASSES
from viz.film.layers import find_decision, find_layers
from viz.film.loops import gradient_loop, row_loop

__all__ = ["Features", "Network"]

Array: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]
Features: TypeAlias = Callable[[Any], Any]
MOST_TRAINED = 3000
"""Parameters of a network that a page trains by its own text; beyond, that is megabytes."""
LOOPED, MOST_LOOPED = 600, 50_000
"""Parameters above which a tower of dense layers runs as loops over its layers, and up to which a page trains it."""


class Network:
    """A model of a few numbers, with the loss of one sample.

    ``theta`` is the order of the trained parameters; other Values are literals, their current numbers.

    Raises ValueError for a model that branches with ``if``.
    """

    def __init__(
        self,
        model: Callable[[Any], Any],
        loss: Callable[[Any, Any], Any],
        parameters: Sequence[Value],
        point: Sequence[float],
        target: Sequence[float],
        *,
        scalar_target: bool,
        levels: tuple[float, float],
        regression: bool = False,
        features: Features | None = None,
    ) -> None:
        self.parameters = list(parameters)
        self.scalar_target = scalar_target
        self.seen_model = seen = _seen(model, features)
        self.program = trace(lambda *xs: _answers(flat(seen(list(xs))), loss), point)
        if self.program.guards:
            raise ValueError(
                "the model branches with `if` on a number, so that one program is not valid for the whole plane; "
                "write where(condition, a, b) in its place"
            )
        self.layers = find_layers(self.program)
        self.seen = self.layers[0].inputs if features is not None and self.layers else ()
        self.decision = find_decision(self.program, loss, levels, regression)
        self.loss = loss
        row_loss = RowLoss(seen, loss, len(point), None if scalar_target else len(target))
        self.row_loss = trace(row_loss, [*point, *target])

    @property
    def why_still(self) -> str:
        """Why the page cannot train this network; empty where it can."""
        if self.dense is not None:
            return ""
        if len(self.parameters) > MOST_TRAINED:
            return tell(
                "it has {count:,} parameters, and a page trains up to {most:,}",
                count=len(self.parameters), most=MOST_TRAINED,
            )  # fmt: skip
        if self.row_loss.guards:
            return tell("its loss branches with an if, so that no one program answers for every point")
        return ""

    @cached_property
    def dense(self) -> dict[str, Any] | None:
        """The activations and the loss of a large tower of dense layers, which a page has loops for; else None."""
        layers, parameters = self.layers, len(self.parameters)
        if not LOOPED < parameters <= MOST_LOOPED or self.seen or not layers:
            return None
        before: tuple[Operand, ...] = tuple(self.program.arguments)
        for layer in layers:
            places = [self.index(x) for row in (*layer.weights, layer.biases) for x in row]
            if layer.inputs != before or min(places) < 0 or not layer.uniform:
                return None
            before = layer.outputs
        activations, loss = [layer.activation for layer in layers[:-1]], self._dense_loss()
        known = all(name in ACTIVATIONS and name != "leaky relu" for name in activations)  # its slope may be another
        return {"activations": activations, "loss": loss} if loss and known and self.scalar_target else None

    def _dense_loss(self) -> str:
        """What the scores of the last layer go to: a loss that a page knows, "" where it is another."""
        last, loss = self.layers[-1], self.loss
        if self.decision.kind == "classes" and loss in (losses.cross_entropy, losses.nll):
            plain = self.decision.scores == last.outputs and len(last.outputs) <= MOST_CLASSES
            return "entropy" * (plain and last.activation == "softmax")
        if len(last.outputs) != 1:
            return ""
        if last.activation == "sigmoid" and loss in (
            losses.binary_cross_entropy,
            losses.binary_cross_entropy_with_logits,
        ):
            return "logits"
        squared = loss in (losses.mean_squared_error, losses.sum_squared_error)
        return "square" * (squared and last.activation == "linear")

    def outputs(self) -> list[Operand]:
        """Return the outputs of the forward loop for a point.

        These are the network's inputs, where they differ from the point; every unit, layer by layer; the scores.
        """
        return [*self.seen, *(x for layer in self.layers for x in layer.outputs), *self.decision.scores]

    def index(self, operand: Operand) -> int:
        """Return the place of an operand in theta, −1 where it is not trained."""
        return self._places.get(operand, -1) if isinstance(operand, int) else -1

    @cached_property
    def _places(self) -> dict[int, int]:
        return places(self.program, self.parameters)

    def evaluate(self, points: Array, theta: Array) -> Array:
        """Return ``outputs`` (N, m) of points (N, d) in this process."""
        program = replace(self.program, outputs=tuple(self.outputs()))
        place = {id(value): i for i, value in enumerate(self.parameters)}
        captured = [theta[place[id(v)]] if id(v) in place else v.data for v in program.captured]
        columns = column_function(program, "numpy")(points, np.array(captured, dtype=np.float64))
        return np.column_stack(columns)

    def forward_source(self) -> str:
        """Return JavaScript that fills ``out`` with ``outputs`` of n points, a column each."""
        program = replace(self.program, outputs=tuple(self.outputs()))
        return row_loop("forward", prepared(program, JAVASCRIPT), self.parameters)

    def gradient_source(self) -> str:
        """Return JavaScript that adds up the loss and its gradient over chosen rows."""
        place = places(self.row_loss, self.parameters)
        program = adjoint(self.row_loss, list(place))
        return gradient_loop("gradient", prepared(program, JAVASCRIPT), self.parameters, list(place.values()))


def _answers(outputs: list[Any], loss: Callable[..., Any]) -> list[Any]:
    """The outputs of a model, after the activation that belongs to its last layer but stands in the loss."""
    if loss is losses.binary_cross_entropy_with_logits and len(outputs) == 1:
        return [rows.sigmoid(outputs[0])]
    if loss is losses.cross_entropy and len(outputs) > 1:
        return list(rows.softmax(outputs))
    return outputs


def _seen(model: Callable[[Any], Any], features: Features | None) -> Callable[[list[Any]], Any]:
    """The model as a function of a point of the plane."""
    if features is None:
        return model
    if not callable(features):
        raise TypeError(f"features is {features!r}; a function of points (N, 2) is needed, as data.polar")
    return lambda point: model(list(features(np.array([point], dtype=object))[0]))


def places(program: Program, parameters: Sequence[Value]) -> dict[int, int]:
    """Return variable → place in theta, for the parameters that the program uses."""
    place = {id(value): i for i, value in enumerate(parameters)}
    bound = zip(program.inputs[len(program.arguments) :], program.captured, strict=True)
    return {variable: place[id(value)] for variable, value in bound if id(value) in place}
