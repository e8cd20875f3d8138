"""The layers and the decision of a network, found in its trace.

Affine functions of the same inputs, each with the activation that uses it, are a layer. So the model need not be a
Sequential.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from autograd_mini import losses
from autograd_mini.primitives import table as rows
from autograd_mini.program.ir import Instruction, Operand, Program

__all__ = ["Decision", "FilmLayer", "find_decision", "find_layers"]

SOFT = (rows.softmax, rows.log_softmax)


@dataclass(frozen=True)
class FilmLayer:
    """Affine functions of the same inputs, and their activation.

    ``outputs``     the results, ``weights`` (a row per unit) and ``biases`` the operands of the program
    ``activation``  its name; "linear" where there is none, "softmax" where the scores go to one
    """

    inputs: tuple[Operand, ...]
    outputs: tuple[Operand, ...]
    weights: tuple[tuple[Operand, ...], ...]
    biases: tuple[Operand, ...]
    activation: str
    uniform: bool = True
    """Whether the same comes after each."""

    @property
    def title(self) -> str:
        """ "10 tanh", as a table of layers has it."""
        return f"{len(self.outputs)} {self.activation}"


@dataclass(frozen=True)
class Decision:
    """How outputs become a class.

    ``kind`` is "classes": the largest score, with the softmax as probabilities; "shares": the largest
    probability; "one": a single score above or below ``middle``, certain at the distance ``half``, or
    with the logistic function where ``half`` is 0; "value": the output itself, from ``middle`` ± ``half``.
    """

    kind: str
    scores: tuple[Operand, ...]
    middle: float = 0.0
    half: float = 0.0


def find_layers(program: Program) -> list[FilmLayer]:
    """Return the layers of a traced network, in order."""
    users: dict[int, list[Instruction]] = defaultdict(list)
    for step in program.instructions:
        for x in set(step.variables()):
            users[x].append(step)
    grouped: dict[tuple[Operand, ...], list[Instruction]] = defaultdict(list)
    for step in program.instructions:
        if step.primitive is rows.affine:
            count = len(step.operands) // 2
            grouped[step.operands[count:-1]].append(step)
    layers = []
    for inputs, steps in grouped.items():
        after = [_activation(step.results[0], users) for step in steps]
        layers.append(
            FilmLayer(
                inputs,
                tuple(out for out, _ in after),
                tuple(step.operands[: len(inputs)] for step in steps),
                tuple(step.operands[-1] for step in steps),
                after[0][1],
                len({name for _, name in after}) == 1,
            )
        )
    return layers


def _activation(score: int, users: dict[int, list[Instruction]]) -> tuple[int, str]:
    """The result and the name of the only function that uses a score."""
    if len(users[score]) == 1:
        (step,) = users[score]
        if step.primitive in SOFT:
            return score, step.primitive.name
        if list(step.variables()) == [score]:
            name = step.primitive.name
            return step.results[0], "linear" if step.primitive is rows.identity else name.replace("_", " ")
    return score, "linear"


def find_decision(
    program: Program, loss: Callable[..., object], levels: tuple[float, float], regression: bool = False
) -> Decision:
    """Return how the outputs of a traced network become an answer; ``levels`` are the least and the largest target."""
    outputs, (low, high) = program.outputs, levels
    makers = {result: step for step in program.instructions for result in step.results}
    maker = makers.get(outputs[0]) if isinstance(outputs[0], int) else None
    if len(outputs) > 1:
        if maker is not None and maker.primitive in SOFT and maker.results == outputs:
            return Decision("classes", maker.operands)
        return Decision("shares" if loss in (losses.nll, losses.kl_divergence) else "classes", outputs)
    if regression:
        return Decision("value", outputs, (low + high) / 2.0, (high - low) / 2.0)
    if maker is not None and maker.primitive is rows.sigmoid:
        return Decision("one", maker.operands)
    if loss is losses.hinge:
        return Decision("one", outputs, 0.0, 1.0)
    return Decision("one", outputs, (low + high) / 2.0, (high - low) / 2.0)
