"""jit: compile a Python function to a program."""

from autograd_mini.program.jit.jit import jit

__all__ = ["jit"]
