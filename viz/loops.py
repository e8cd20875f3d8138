"""Compiled programs over many rows, as JavaScript: numbers go in and out in typed arrays.

A picture asks for ten thousand points at once. So the loop stands inside, and the parameters,
which do not change from point to point, are read before it.
"""

from __future__ import annotations

from collections.abc import Sequence

from autograd_mini.program.emit_javascript import literal, statements
from autograd_mini.program.ir import Operand, Program
from autograd_mini.value import Value

__all__ = ["gradient_loop", "row_loop"]


def row_loop(name: str, program: Program, parameters: Sequence[Value]) -> str:
    """Return ``name(rows, n, theta, out)``: output j of row i goes to ``out[j·n + i]``.

    ``program`` is lowered to "javascript". ``theta`` holds ``parameters`` in order; other captured
    Values are the numbers they hold now.
    """
    width = len(program.arguments)
    before = [f"const {_text(x)} = rows[{width} * i + {j}];" for j, x in enumerate(program.arguments)]
    after = [f"out[{j} * n + i] = {_text(x)};" for j, x in enumerate(program.outputs)]
    return _loop(name, "rows, n, theta, out", "let i = 0; i < n; i++", program, parameters, before, after)


def gradient_loop(name: str, program: Program, parameters: Sequence[Value], places: Sequence[int]) -> str:
    """Return ``name(rows, chosen, from, to, theta, sums)``.

    For the rows ``chosen[from]`` to ``chosen[to − 1]`` the first output is added to ``sums[0]``, and
    each of the others to ``sums[1 + place]``, ``places`` being theirs in theta.
    """
    width = len(program.arguments)
    before = [f"const at = {width} * chosen[k];"]
    before += [f"const {_text(x)} = rows[at + {j}];" for j, x in enumerate(program.arguments)]
    slots = [0, *(place + 1 for place in places)]
    after = [f"sums[{slot}] += {_text(x)};" for slot, x in sorted(zip(slots, program.outputs, strict=True))]
    head = "rows, chosen, from, to, theta, sums"
    return _loop(name, head, "let k = from; k < to; k++", program, parameters, before, after)


def _text(operand: Operand) -> str:
    return literal(operand) if isinstance(operand, float) else f"v{operand}"


def _loop(
    name: str,
    head: str,
    each: str,
    program: Program,
    parameters: Sequence[Value],
    before: Sequence[str],
    after: Sequence[str],
) -> str:
    place = {id(value): i for i, value in enumerate(parameters)}
    bound = zip(program.inputs[len(program.arguments) :], program.captured, strict=True)
    read = [
        f"const {_text(x)} = {f'theta[{place[id(value)]}]' if id(value) in place else literal(value.data)};"
        for x, value in bound
    ]
    lines, helpers = statements(program, _text)
    inner = "".join(f"    {line}\n" for line in (*before, *lines, *after))
    outer = "".join(f"  {line}\n" for line in read)
    body = f"return function ({head}) {{\n{outer}  for ({each}) {{\n{inner}  }}\n}};"
    return f"const {name} = (() => {{\n{''.join(helpers)}{body}\n}})();\n"
