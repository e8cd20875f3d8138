"""Direct: arrays go to native loops and come back as arrays, without a Python float for each number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from autograd_mini.program.jit.paths import Path, Version
from autograd_mini.program.plans.sums import LoopNumbers

__all__ = ["Direct", "Key", "key_of"]

Key: TypeAlias = tuple[tuple[int, ...], ...]
DOUBLE = np.dtype(np.float64)


def key_of(args: Sequence[Any]) -> Key | None:
    """Return the shapes of the arguments where all are arrays of doubles, else None."""
    shapes = []
    for each in args:
        if each.__class__ is not np.ndarray or each.dtype is not DOUBLE or not each.ndim:
            return None
        shapes.append(each.shape)
    return tuple(shapes) or None


class Direct:
    """A call with whole arrays on the one path that its function has for their shapes."""

    def __init__(self, path: Path, loops: LoopNumbers) -> None:
        self.path, self.loops, self.structure = path, loops, path.result
        ends = np.cumsum(self.structure.sizes).tolist()
        self.parts = list(zip([0, *ends], ends, self.structure.atoms, strict=False))

    @staticmethod
    def of(version: Version) -> Direct | None:
        """Return the direct call of a version, None where it has several paths or runs otherwise."""
        if version.columns or len(version.paths) != 1 or version.paths[0].given.guards:
            return None
        path = version.paths[0]
        loops = path.whole.loops
        return Direct(path, loops) if isinstance(loops, LoopNumbers) else None

    def __call__(self, args: Sequence[Any]) -> Any:
        """Return the result for these arrays."""
        given = args[0].reshape(-1) if len(args) == 1 else np.concatenate([each.reshape(-1) for each in args])
        found = self.loops.on_arrays(given, np.array(self.path.whole.captured(), dtype=np.float64))
        contents = [
            found.item(start) if atom.shape is None else found[start:end].reshape(atom.shape).copy()
            for start, end, atom in self.parts
        ]
        return self.structure.fill(contents)
