"""The model of a program, which has no numbers: all data except literals are None."""

from __future__ import annotations

from autograd_mini.primitives.row import Primitive
from autograd_mini.program.ir import Program
from viz.graph.model import Model
from viz.graph.nodes import Edge, Function, Node, Quantity, Role
from viz.graph.values import one_line, power_label

__all__ = ["of_program"]


def of_program(program: Program) -> Model:
    """Return the model of ``program``."""
    captured = dict(zip(program.inputs[len(program.arguments) :], program.captured, strict=True))
    nodes: list[Node] = []
    edges: list[Edge] = []
    keys: dict[int, str] = {}
    literals = 0

    def operand(x: int | float) -> str:
        nonlocal literals
        if isinstance(x, int):
            return keys[x]
        key = f"c{literals}"
        literals += 1
        nodes.append(Quantity(key, "constant", "", x, None))
        return key

    for variable in program.inputs:
        keys[variable] = f"v{variable}"
        value = captured.get(variable)
        label = one_line(program.names.get(variable, "") or (value.label if value is not None else ""))
        role: Role = "parameter" if value is not None and value.is_parameter else "input"
        nodes.append(Quantity(keys[variable], role, label, None if value is None else value.data, None, source=value))
    outputs = {output for output in program.outputs if isinstance(output, int)}
    for instruction in program.instructions:
        square = f"f{instruction.results[0]}"
        label, operands = _instruction_label(instruction.primitive, instruction.operands)
        tails = [operand(x) for x in operands]
        nodes.append(Function(square, instruction.primitive.name, label))
        edges += [Edge(f"{square}-{slot}", tail, square, None, None, slot=slot) for slot, tail in enumerate(tails)]
        for result in instruction.results:
            keys[result] = f"v{result}"
            role = "output" if result in outputs else "result"
            nodes.append(Quantity(keys[result], role, one_line(program.names.get(result, "")), None, None))
            edges.append(Edge(f"v{result}-in", square, keys[result], None, None))
    return Model(tuple(nodes), tuple(edges))


def _instruction_label(primitive: Primitive, operands: tuple[int | float, ...]) -> tuple[str, tuple[int | float, ...]]:
    if primitive.name == "power" and isinstance(operands[1], float):
        return power_label(operands[1]), operands[:1]
    return primitive.label, operands
