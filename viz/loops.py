"""Compiled programs over many rows, as JavaScript: numbers go in and out in typed arrays.

A function of a row is called ten thousand times for one picture, so the loop stands inside, and
the parameters, which do not change over the rows, are read before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autograd_mini.program.ir import Instruction, Operand, Program
from autograd_mini.value import Value

__all__ = ["gradient_loop", "row_loop"]


def _literal(x: float) -> str:
    if x != x:
        return "NaN"
    return repr(x).replace("inf", "Infinity")


def _n(x: Operand) -> str:
    return _literal(x) if isinstance(x, float) else f"v{x}"


def _text(step: Instruction) -> str:
    s = step.primitive.spellings["javascript"]
    ops = [_n(x) for x in step.operands]
    return s.format(*ops) if "{" in s else f"{s}({', '.join(ops)})"


def _lines(program: Program) -> Iterator[str]:
    for step in program.instructions:
        yield f"const {_n(step.results[0])} = {_text(step)};"


def _inputs(program: Program, parameters: Sequence[Value]) -> list[str]:
    place = {id(value): i for i, value in enumerate(parameters)}
    bound = zip(program.inputs[len(program.arguments) :], program.captured, strict=True)
    return [
        f"const {_n(x)} = " + (f"theta[{place[id(v)]}];" if id(v) in place else f"{_literal(v.data)};")
        for x, v in bound
    ]


def row_loop(name: str, program: Program, parameters: Sequence[Value]) -> str:
    """Return ``name(rows, n, theta, out)``: output j of row i goes to ``out[j·n + i]``."""
    width = len(program.arguments)
    inner = [f"const {_n(x)} = rows[{width} * i + {j}];" for j, x in enumerate(program.arguments)]
    inner += _lines(program)
    inner += [f"out[{j} * n + i] = {_n(x)};" for j, x in enumerate(program.outputs)]
    return _function(f"{name}(rows, n, theta, out)", program, parameters, "let i = 0; i < n; i++", inner)


def gradient_loop(name: str, program: Program, parameters: Sequence[Value], places: Sequence[int]) -> str:
    """Return ``name(rows, chosen, from, to, theta, sums)``.

    To ``sums`` are added, for rows ``chosen[from]`` up to ``chosen[to − 1]``, the first output and,
    from ``sums[1]`` on, the others by their ``places`` in theta.
    """
    width = len(program.arguments)
    inner = [f"const at = {width} * chosen[k];"]
    inner += [f"const {_n(x)} = rows[at + {j}];" for j, x in enumerate(program.arguments)]
    inner += _lines(program)
    inner += [f"sums[{j}] += {_n(x)};" for j, x in zip((0, *(p + 1 for p in places)), program.outputs, strict=True)]
    head = f"{name}(rows, chosen, from, to, theta, sums)"
    return _function(head, program, parameters, "let k = from; k < to; k++", inner)


def _function(head: str, program: Program, parameters: Sequence[Value], each: str, inner: Sequence[str]) -> str:
    before = "".join(f"  {line}\n" for line in _inputs(program, parameters))
    return f"function {head} {{\n{before}  for ({each}) {{\n" + "".join(f"    {line}\n" for line in inner) + "  }\n}\n"
