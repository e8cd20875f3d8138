"""Programs: recorded computations, the passes over them, their text in each target, and their execution."""

# Importing these modules registers the functions that ``Program`` calls to print and to write itself.
from autograd_mini.program import printing, source, targets  # noqa: F401
from autograd_mini.program.blocks.ir import BlockProgram
from autograd_mini.program.blocks.recover import recover
from autograd_mini.program.ir import Instruction, Program
from autograd_mini.program.passes.adjoint import adjoint
from autograd_mini.program.passes.simplify import simplify
from autograd_mini.program.target import TARGETS, Target, add_target

__all__ = [
    "TARGETS", "BlockProgram", "Instruction", "Program", "Target", "add_target", "adjoint", "recover", "simplify",
]  # fmt: skip
