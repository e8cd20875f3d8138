"""Recorded programs: ir, record, passes, targets, and above them ``jit`` and ``Batch``."""
