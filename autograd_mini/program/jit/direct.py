"""Direct: arrays go to compiled code and come back as arrays; their structure is not looked at again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from autograd_mini.program.jit.paths import Path, Version
from autograd_mini.program.target import Floats

__all__ = ["OTHERWISE", "Direct", "Key", "key_of"]

Key: TypeAlias = tuple[tuple[int, ...] | None, ...]
"""The shape of each argument, None of a float."""
DOUBLE = np.dtype(np.float64)
OTHERWISE = object()
"""What ``Direct`` returns where none of the known paths is taken."""


def key_of(args: Sequence[Any]) -> Key | None:
    """Return the shapes of the arguments where all are arrays of doubles or floats, and one is an array; else None."""
    shapes: list[tuple[int, ...] | None] = []
    arrays = False
    for each in args:
        if each.__class__ is float:
            shapes.append(None)
            continue
        if each.__class__ is not np.ndarray or each.dtype is not DOUBLE or not each.ndim:
            return None
        arrays = True
        shapes.append(each.shape)
    return tuple(shapes) if arrays else None


class Direct:
    """A call with whole arrays, for arguments of one version's shapes: the known paths are tried in turn."""

    def __init__(self, version: Version) -> None:
        self.paths = version.paths  # which grow as further paths are recorded
        self._ways: list[_Way] = []

    @staticmethod
    def of(version: Version) -> Direct | None:
        """Return the direct call of a version, None where its arrays are columns."""
        return None if version.columns else Direct(version)

    def __call__(self, args: Sequence[Any]) -> Any:
        """Return the result for these arguments, ``OTHERWISE`` where they take a path that is not known."""
        given = args[0].reshape(-1) if len(args) == 1 else np.concatenate([np.reshape(each, -1) for each in args])
        for index, path in enumerate(self.paths):
            if index == len(self._ways):
                self._ways.append(_Way(path))
            found = self._ways[index](given)
            if found is not OTHERWISE:
                return found
        return OTHERWISE


class _Way:
    """One path, from the numbers of the arguments side by side to the result."""

    def __init__(self, path: Path) -> None:
        self.whole, self.structure, self.guarded = path.whole, path.result, bool(path.given.guards)
        self.loops = self.whole.loops
        ends = np.cumsum(self.structure.sizes).tolist()
        self.parts = list(zip([0, *ends], ends, [atom.shape for atom in self.structure.atoms], strict=False))

    def __call__(self, given: Floats) -> Any:
        found: Any
        if self.loops is not None:
            found = self.loops.on_arrays(given, self.whole.held())
        else:
            found = self.whole.numbers(*given.tolist(), *self.whole.captured())
        if self.guarded and not found[-1]:
            return OTHERWISE
        contents = [
            float(found[start]) if shape is None else np.array(found[start:end], dtype=np.float64).reshape(shape)
            for start, end, shape in self.parts
        ]
        return self.structure.fill(contents)
