"""Recorded programs: their form, how they are made, changed, written down and run."""

# A program prints and writes itself. Who does that stands above it, and makes itself known when imported here.
from autograd_mini.program import source, targets, text  # noqa: F401
from autograd_mini.program.target import TARGETS, Target, add_target

__all__ = ["TARGETS", "Target", "add_target"]
