"""A block program as readable text: one line per block, with its shape and the variables it reads."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autograd_mini.primitives.table import affine
from autograd_mini.program.blocks.access import Access, Codes
from autograd_mini.program.blocks.ir import WRITERS, Block, BlockProgram
from autograd_mini.program.blocks.loop import carried
from autograd_mini.program.text import SUBSCRIPTS, name_of

__all__ = ["to_text"]


def to_text(program: BlockProgram) -> str:
    """Return the program as text: ``x₄…x₅₃ = 50 × dot of 784: …``.

    A loop is ``20,000 × loop of 34:`` with a line for each of its 34 blocks, further to the right.
    """
    names = _Names(program)
    lines = [f"program({names.several(np.array(program.arguments))})"]
    bound = np.array(program.inputs)[len(program.arguments) :]
    if bound.size:
        lines.append(f"  given {names.several(bound)}  (read at each call)")
    for variable, outcome in program.guards:
        lines.append(f"  where {names.one(variable)} is {outcome}")
    left = [names.several(np.array(block.results)) for block in program.blocks]
    width = min(max(map(len, left), default=0), 24)
    loops = set(program.loops)
    for part in program.parts:
        blocks = program.blocks[part.start : part.stop]
        if part in loops:
            lines.append(f"  {blocks[0].count:,} × loop of {len(part):,}:")
        for index, block in zip(part, blocks, strict=True):
            shape = f"  {left[index]:<{width}} = {block.primitive.name}" if part in loops else None
            reads = "; ".join(names.access(each, blocks if shape else ()) for each in block.operands)
            lines.append(f"  {shape or f'{left[index]:<{width}} = {_shape(block)}'}: {reads}")
    lines.append(f"  return {names.several(program.outputs)}")
    return "\n".join(lines)


def _shape(block: Block) -> str:
    """Return "50 × dot of 784", "144 × relu", "softmax of 10"."""
    name = "dot" if block.primitive is affine else block.primitive.name
    times = f"{block.count:,} × " if block.count > 1 else ""
    return f"{times}{name}" + (f" of {block.width:,}" if block.primitive.arity is None else "")


class _Names:
    """Names of variables: their labels where there are any, else x₁, x₂…"""

    def __init__(self, program: BlockProgram) -> None:
        self.program = program

    def one(self, code: int) -> str:
        """Return the name of a variable, or the number of a literal."""
        if code < 0:
            return name_of(self.program.literals[-1 - code], {})
        return self.program.names.get(code) or f"x{str(code).translate(SUBSCRIPTS)}"

    def several(self, codes: Codes) -> str:
        """Return names with commas, or the first and the last of a longer row."""
        if len(codes) <= 3:
            return ", ".join(map(self.one, codes.tolist()))
        steps = np.unique(np.diff(codes))
        between = "…(table)…" if len(steps) > 1 else "…" if steps[0] == 1 else f"…(step {steps[0]})…"
        return f"{self.one(int(codes[0]))}{between}{self.one(int(codes[-1]))}"

    def access(self, access: Access, loop: Sequence[Block] = ()) -> str:
        """Return the text of an operand: one name, a range, "rows of 784 from …", or the ends of a table.

        In a loop the first turns of what it carries are written apart: ``x₀, then x₂…x₂₀₀``.
        """
        if access.repeated is not None:
            return self.one(access.repeated)
        table = access.table
        if table.ndim == 1:
            held = carried(table, loop) if loop else None
            if held is not None and held.back:
                return f"{self.several(table[: held.back])}, then {self.several(table[held.back :])}"
            return self.several(table)
        if (table == table[0]).all():
            return self.several(table[0])
        return f"[{self.several(table[0])}] … [{self.several(table[-1])}]"


WRITERS.to_text = to_text
