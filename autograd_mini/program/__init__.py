"""Recorded programs: their form, how they are made, changed, written down and run."""

# A program prints and writes itself. Who does that stands above it, and makes itself known when imported here.
from autograd_mini.program import page, source, targets  # noqa: F401
from autograd_mini.program.blocks.ir import BlockProgram
from autograd_mini.program.blocks.recover import recover
from autograd_mini.program.ir import Instruction, Program
from autograd_mini.program.passes.adjoint import adjoint
from autograd_mini.program.passes.simplify import simplify
from autograd_mini.program.target import TARGETS, Target, add_target

__all__ = [
    "TARGETS", "BlockProgram", "Instruction", "Program", "Target", "add_target", "adjoint", "recover", "simplify",
]  # fmt: skip
