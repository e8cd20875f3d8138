"""Printing of programs: one line per instruction where a program is short, as blocks where it is long."""

from __future__ import annotations

from autograd_mini.program import text
from autograd_mini.program.blocks.recover import recover
from autograd_mini.program.blocks.roll import levels, roll
from autograd_mini.program.blocks.text import to_text as block_text
from autograd_mini.program.ir import WRITERS, Program

__all__ = ["to_text"]

LINES = 60
"""A program is long above so many instructions, inputs or operands of one instruction."""
FEW = 4
"""With fewer instructions than this ready together, on average, it is written by what repeats in time."""


def to_text(program: Program) -> str:
    """Return the program as text: ``x₄ = x₁ × x₂`` on each line, or ``x₄…x₅₃ = 50 × dot of 784: …``.

    A long program is written as blocks and loops, if these are fewer than half of its instructions; the last
    line then gives the number of instructions. ``source("python")`` writes the loops.
    """
    widest = max((len(step.operands) for step in program.instructions), default=0)
    if max(len(program), len(program.inputs), widest) <= LINES:
        return text.to_text(program)
    is_sequential = len(program) < FEW * levels(program)
    blocks = (roll(program) if is_sequential else None) or recover(program)
    if 2 * len(blocks) > len(program):
        return text.to_text(program)
    return f"{block_text(blocks)}\n({len(program):,} instructions in {len(blocks):,} blocks)"


WRITERS.to_text = to_text
