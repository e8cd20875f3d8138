"""Blocks: programs that keep their structure, one primitive applied n times where a flat list has n lines."""

from autograd_mini.program.blocks import text  # noqa: F401  (what writes block programs makes itself known)
