"""Choice by index in NumPy: positions in memory computed from the index, and one ``take``."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from autograd_mini.program.blocks.access import Codes
from autograd_mini.program.plans.memory import Memory

__all__ = ["choose"]


def choose(memory: Memory, values: Codes, index: Codes, out: str, varying: bool) -> Iterator[str]:
    """Yield the lines that write ``values[i, index[i]]`` to ``out``, nan where the index is not 0 … width − 1."""
    count, width = values.shape
    rows = memory.varies(values)
    held = memory.packed(values, rows)
    asked = memory.read(index, varying, whole=True)
    at, right = memory.buffer((count,), varying, "int64"), memory.buffer((count,), varying, "bool")

    def starts(_: object, n: int) -> Codes:
        begin: Codes = np.arange(count, dtype=np.int64) * width
        if varying:
            lane = np.arange(n, dtype=np.int64) if rows else np.zeros(n, dtype=np.int64)
            begin = begin[:, None] * (n if rows else 1) + lane
        return begin

    first = memory.make("t", starts)
    yield f"np.copyto({at}, {asked}, casting='unsafe')"
    yield f"np.maximum({at}, 0, out={at})"
    yield f"np.minimum({at}, {width - 1}, out={at})"
    yield f"np.not_equal({at}, {asked}, {right})"
    if rows:
        yield f"np.multiply({at}, len(rows), {at})"
    yield f"np.add({at}, {first}, {at})"
    yield f"np.take({held}, {at}, None, {out}, 'clip')"
    yield f"np.copyto({out}, np.nan, where={right})"
