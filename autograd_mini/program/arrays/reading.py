"""Reading an operand's table from the arrays of variables: by a slice, a reshape, or one ``take``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from autograd_mini.program.blocks.access import Access, Codes, as_codes
from autograd_mini.program.blocks.ir import BlockProgram

__all__ = ["Array", "Held"]

Array: TypeAlias = Any
"""An array of JAX: concrete, or traced by one of its transforms."""


class Held:
    """The variables of one evaluation: arguments, captured numbers, then an array for each block that has run."""

    def __init__(self, program: BlockProgram, jnp: Any, dtype: str, arguments: Array, captured: Array) -> None:
        self.jnp, self.dtype = jnp, dtype
        self.arrays: list[Array] = [arguments, captured]
        self.starts = np.array([0, len(program.arguments), *(block.first for block in program.blocks)], dtype=np.int64)
        self.literals = np.array(program.literals, dtype=np.float64)

    def read(self, codes: Codes, *, truth: bool = False, whole: bool = True) -> Array:
        """Return ``codes`` as an array of their shape; where all are the same and ``whole`` is False, as one number."""
        flat = codes.reshape(-1)
        if (flat == flat[0]).all():
            one = self._one(int(flat[0]), truth)
            return self.jnp.broadcast_to(one, codes.shape) if whole else one
        source = np.where(flat < 0, -1, np.searchsorted(self.starts, flat, side="right") - 1)
        # an empty array starts where the next one does; the next one is found
        different = np.unique(source).tolist()
        if different[0] >= 0 and len(different) == 1:
            local = (flat - self.starts[different[0]]).reshape(codes.shape)
            return self._local(self.arrays[different[0]], as_codes(local))
        return self._joined(flat, source, different, truth).reshape(codes.shape)

    def _one(self, code: int, truth: bool) -> Array:
        if code < 0:
            number = self.literals[-1 - code]
            return self.jnp.asarray(number != 0.0) if truth else self.jnp.asarray(number, self.dtype)
        source = int(np.searchsorted(self.starts, code, side="right")) - 1
        return self.arrays[source][code - int(self.starts[source])]

    def _local(self, array: Array, places: Codes) -> Array:
        """Return ``array[places]`` by slices where the places are regular."""
        rule = Access(places).strided
        if rule is None:
            return self.jnp.take(array, places, axis=0, mode="clip")
        still = [axis for axis, stride in enumerate(rule.strides) if not stride]
        if still:  # the same numbers repeated
            kept = places[tuple(slice(0, 1) if axis in still else slice(None) for axis in range(places.ndim))]
            inner = self._local(array, as_codes(kept.reshape([n for i, n in enumerate(kept.shape) if i not in still])))
            return self.jnp.broadcast_to(inner.reshape(kept.shape), places.shape)
        order = sorted(range(places.ndim), key=lambda axis: -rule.strides[axis])
        shape = [rule.shape[axis] for axis in order]
        step = rule.strides[order[-1]]
        dense = [step * int(np.prod(shape[i + 1 :])) for i in range(len(shape))]
        if step < 1 or dense != [rule.strides[axis] for axis in order]:
            return self.jnp.take(array, places, axis=0, mode="clip")
        run = array[rule.base : rule.base + step * (places.size - 1) + 1 : step]
        return run.reshape(shape).transpose(np.argsort(order).tolist())

    def _joined(self, flat: Codes, source: Codes, different: Sequence[int], truth: bool) -> Array:
        """Return codes of several arrays, or of arrays and literals: the parts of each, joined in the right order."""
        parts: list[Array] = []
        place = np.empty(len(flat), dtype=np.int64)
        begin = 0
        for each in different:
            chosen = np.flatnonzero(source == each)
            if each < 0:
                numbers, index = np.unique(-1 - flat[chosen], return_inverse=True)
                held = self.literals[numbers]
                parts.append(self.jnp.asarray(held != 0.0 if truth else held.astype(self.dtype)))
            else:
                local = flat[chosen] - self.starts[each]
                low, high = int(local.min()), int(local.max())
                index = local - low
                parts.append(self.arrays[each][low : high + 1])
            place[chosen] = begin + index.ravel()
            begin += parts[-1].shape[0]
        joined = self.jnp.concatenate(parts)
        if begin == len(flat) and np.array_equal(place, np.arange(begin)):
            return joined
        return self.jnp.take(joined, place, axis=0, mode="clip")
