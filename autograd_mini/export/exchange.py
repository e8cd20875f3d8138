"""A program as JSON, for any language to read, and back.

One object::

    {"inputs":  ["x1", "x2"],                   names; they are the variables 0, 1, …
     "steps":   [["affine", [0.5, -1.0, {"v": 0}, {"v": 1}, 0.1]], ["tanh", [{"v": 2}]]],
     "outputs": [{"v": 3}]}

A step is the name of a primitive and its operands: a number, or ``{"v": n}`` for variable n. Its
results are the next variables: one, or for softmax and log_softmax one per operand. The operands of
``affine`` are its weights, as many inputs, and its bias. A number that JSON cannot express is the
string "nan", "inf" or "-inf". A file is data: reading it executes no code from it; the program
applies primitives to numbers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from autograd_mini.primitives.registry import PRIMITIVES
from autograd_mini.program.ir import Instruction, Operand, Program
from autograd_mini.program.verify import VerificationError, verify

__all__ = ["ExchangeError", "from_json", "to_json"]

SPECIAL = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


class ExchangeError(ValueError):
    """The JSON object is not a program; the message says where."""


def to_json(program: Program) -> dict[str, Any]:
    """Return a program without captured Values and guards as plain lists and numbers."""
    place = {variable: i for i, variable in enumerate(program.inputs)}
    steps = []
    for step in program.instructions:
        steps.append([step.primitive.name, [_word(x, place) for x in step.operands]])
        for result in step.results:
            place[result] = len(place)
    names = [program.names.get(variable) or f"x{i + 1}" for i, variable in enumerate(program.inputs)]
    return {"inputs": names, "steps": steps, "outputs": [_word(x, place) for x in program.outputs]}


def _word(operand: Operand, place: Mapping[int, int]) -> Any:
    if isinstance(operand, int):
        return {"v": place[operand]}
    if math.isfinite(operand):
        return operand
    return "nan" if operand != operand else "inf" if operand > 0 else "-inf"


def from_json(content: object) -> Program:
    """Return the program of ``to_json``'s object; raise ExchangeError, which says where, for anything else."""
    if not isinstance(content, Mapping) or not all(
        isinstance(content.get(key), list) for key in ("inputs", "steps", "outputs")
    ):
        raise ExchangeError("a program is an object with the lists inputs, steps and outputs")
    count = len(content["inputs"])
    steps = []
    for i, item in enumerate(content["steps"]):
        where = f"steps.{i}"
        if (
            not isinstance(item, list)
            or len(item) != 2
            or not isinstance(item[0], str)
            or not isinstance(item[1], list)
        ):
            raise ExchangeError(f"{where}: [function, [operands]] is needed")
        row = PRIMITIVES.get(item[0])
        if row is None:
            raise ExchangeError(f"{where}: {item[0]!r} is not a function of the table")
        operands = tuple(_operand(x, f"{where}, operand {j}") for j, x in enumerate(item[1]))
        made = len(operands) if row.outputs else 1
        steps.append(Instruction(row, operands, tuple(range(count, count + made))))
        count += made
    outputs = tuple(_operand(x, f"outputs.{i}") for i, x in enumerate(content["outputs"]))
    names = {i: str(name) for i, name in enumerate(content["inputs"])}
    try:
        return verify(Program(tuple(names), tuple(steps), outputs, names=names))
    except VerificationError as error:
        raise ExchangeError(str(error)) from None


def _operand(item: object, where: str) -> Operand:
    if isinstance(item, dict) and len(item) == 1 and isinstance(item.get("v"), int) and not isinstance(item["v"], bool):
        return int(item["v"])
    if isinstance(item, str) and item in SPECIAL:
        return SPECIAL[item]
    if isinstance(item, (int, float)) and not isinstance(item, bool):
        try:
            return float(item)
        except OverflowError:
            pass
    raise ExchangeError(f'{where}: {str(item)[:30]!r} is neither a number nor {{"v": variable}}')
