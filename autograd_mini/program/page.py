"""How a program is printed: line by line while it is short, as blocks where it is long."""

from __future__ import annotations

from autograd_mini.program import text
from autograd_mini.program.blocks.recover import recover
from autograd_mini.program.blocks.text import page as block_page
from autograd_mini.program.ir import WRITERS, Program

__all__ = ["page"]

LINES = 60
"""Instructions, inputs and operands of one instruction up to which each is written."""


def page(program: Program) -> str:
    """Return the program as text: ``x₄ = x₁ × x₂`` on each line, or ``x₄…x₅₃ = 50 × dot of 784: …``.

    A long program is written as blocks, where those are fewer than half of its lines. The
    last line then says how many instructions it stands for. ``source("python")`` writes every one.
    """
    widest = max((len(step.operands) for step in program.instructions), default=0)
    if max(len(program), len(program.inputs), widest) <= LINES:
        return text.page(program)
    blocks = recover(program)
    if 2 * len(blocks) > len(program):
        return text.page(program)
    return f"{block_page(blocks)}\n({len(program):,} instructions in {len(blocks):,} blocks)"


WRITERS.page = page
