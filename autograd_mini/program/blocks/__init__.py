"""Blocks: programs in which one block applies a primitive n times, where a flat program has n instructions."""

from autograd_mini.program.blocks import text  # noqa: F401  (registers the function that prints block programs)
