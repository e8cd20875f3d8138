"""jit: the user's door to programs."""

from autograd_mini.program.jit.jit import jit

__all__ = ["jit"]
