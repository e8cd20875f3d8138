"""A program as readable text: one line per instruction, with the names of its inputs."""

from __future__ import annotations

from collections.abc import Iterable

from autograd_mini.format import visible
from autograd_mini.primitives.row import Primitive
from autograd_mini.program.ir import Operand, Program

__all__ = ["identifiers", "name_of", "names", "to_text"]

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
INFIX = ("logical_and", "logical_or")
"""Rows written as infix operators, besides those with an operator in Python."""
PREFIX = ("neg", "logical_not")


def names(program: Program) -> dict[int, str]:
    """Return a unique name for every variable: its label where it has one, else x₁, x₂…"""
    found: dict[int, str] = {}
    taken: set[str] = set()
    for variable in (*program.inputs, *(result for step in program.instructions for result in step.results)):
        label, count = visible(program.names.get(variable, "")), 2
        name = label or f"x{str(variable).translate(SUBSCRIPTS)}"
        while name in taken:
            name = f"{label}{str(count).translate(SUBSCRIPTS)}" if label else f"{name}′"
            count += 1
        taken.add(name)
        found[variable] = name
    return found


def identifiers(program: Program, taken: Iterable[str]) -> dict[int, str]:
    """Return an identifier for every variable: the label of an input where it is a free identifier, else v1, v2…"""
    used, found = set(taken), {}
    for variable in program.inputs:
        name = program.names.get(variable, "")
        if not (name.isidentifier() and name.isascii()) or name in used or name.startswith(("v", "_")):
            name = f"v{variable}"
        used.add(name)
        found[variable] = name
    for step in program.instructions:
        found.update((result, f"v{result}") for result in step.results)
    if program.pull is not None:
        found.update((result, f"v{result}") for result in program.pull.results)
    return found


def to_text(program: Program) -> str:
    """Return the program as text, with the captured inputs and the guards listed first."""
    found = names(program)
    arguments = ", ".join(found[x] for x in program.arguments)
    lines = [f"program({arguments})"]
    bound = program.inputs[len(program.arguments) :]
    if bound:
        lines.append("  given " + ", ".join(f"{found[x]}" for x in bound) + "  (read at each call)")
    for variable, outcome in program.guards:
        lines.append(f"  where {found[variable]} is {outcome}")
    left = [", ".join(found[x] for x in step.results) for step in program.instructions]
    width = min(max(map(len, left), default=0), 24)
    for names_, step in zip(left, program.instructions, strict=True):
        operands = [name_of(x, found) for x in step.operands]
        lines.append(f"  {names_:<{width}} = {expression(step.primitive, operands)}")
    lines.append("  return " + ", ".join(name_of(x, found) for x in program.outputs))
    return "\n".join(lines)


def name_of(operand: Operand, found: dict[int, str]) -> str:
    """Return the name of a variable, or the number of a literal."""
    if isinstance(operand, int):
        return found[operand]
    return (f"{operand:.0f}" if operand.is_integer() and abs(operand) < 1e6 else f"{operand!r}").replace("-", "−")


def expression(row: Primitive, operands: list[str]) -> str:
    """Return the text of ``row`` applied to operands."""
    if row.infix or row.name in INFIX:
        a, b = operands
        return f"{a} {row.label} {f'({b})' if b.startswith('−') else b}"
    if row.name in PREFIX:
        return f"{row.label}{operands[0]}"
    if row.name == "where":
        return f"{operands[1]} if {operands[0]} else {operands[2]}"
    if row.name == "power":
        return f"{operands[0]} ** {operands[1]}"
    if row.name == "abs":
        return f"|{operands[0]}|"
    if row.name == "affine":
        n = len(operands) // 2
        terms = [f"{w}·{x}" for w, x in zip(operands[:n], operands[n:-1], strict=True)]
        return " + ".join([operands[-1], *terms])
    return f"{row.name}({', '.join(operands)})"
