"""Pure: a Python function of numbers as a pure function of JAX arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from autograd_mini.program.arrays.function import ArrayFunction
from autograd_mini.program.arrays.reading import Array
from autograd_mini.program.jit.arguments import STATIC, WHOLE, Shape, examples
from autograd_mini.program.jit.jitted import Jitted
from autograd_mini.program.targets import jax as target
from autograd_mini.transforms.structure import Structure

__all__ = ["PureFunction", "to_jax"]


def to_jax(function: Callable[..., Any], *example: Any, dtype: str = "float64") -> PureFunction:
    """Return ``function`` as a pure function of JAX arrays.

    ``function`` is recorded once at ``example``, its arguments as ``jit`` takes them: numbers, arrays, lists,
    tuples and dicts of them. The result takes arguments of the same structure and may be jitted, vmapped,
    differentiated (with this package's rules for the first derivative), put on a GPU or a TPU and sharded.
    Its size depends on its structure, not on the count of its numbers: a layer is one matrix product.

    A function of single numbers also takes arrays, which broadcast. Captured Values are listed in
    ``captured``; ``parameters=`` are their numbers, by default those at the time of recording. Everything
    else that it reads is a constant of the recording. ``dtype`` is "float64" or "float32"; for the first, JAX's
    64-bit mode (``jax_enable_x64``) is switched on if it is off.

    Raises ImportError without JAX, TraceError where the function branches on a number or does something
    that a program cannot repeat, ValueError where it is too large for XLA and has too little structure.
    """
    target.library()
    if not callable(function):
        raise TypeError(f"to_jax takes a function, got {type(function).__name__!r}")
    jitted = Jitted(function, "python", False)
    (program, result), version = jitted.versions.settled(
        example, {}, lambda leaves, version: jitted.trace(version, examples(leaves))
    )
    return PureFunction(target.to_jax(program, dtype), jitted.name, version.shapes[3:], result)


class PureFunction:
    """A recorded function on JAX arrays; see ``to_jax``.

    ``captured``  the captured Values
    ``numbers``   their numbers when it was recorded (captured,)
    """

    def __init__(self, function: ArrayFunction, name: str, shapes: Sequence[Shape], result: Structure) -> None:
        self._function, self._shapes, self._result = function, shapes, result
        self._is_whole = any(map(_has_whole, shapes))
        self.captured, self.numbers = function.captured, function.numbers
        self.__name__ = self.__qualname__ = name

    def __repr__(self) -> str:
        return f"<{self.__name__} in JAX: {len(self._function.blocks)} blocks, {self._function.dtype}>"

    def __call__(self, *arguments: Any, parameters: Array | None = None) -> Any:
        """Return the result of the function, with arrays in place of numbers."""
        if len(arguments) != len(self._shapes):
            raise TypeError(f"{self.__name__} takes {len(self._shapes)} arguments, got {len(arguments)}")
        jnp, dtype = self._function.jax.numpy, self._function.dtype
        leaves = [
            jnp.asarray(x, dtype)
            for tree, shape in zip(arguments, self._shapes, strict=True)
            for x in self._leaves(tree, shape)
        ]
        if self._is_whole:
            row = jnp.concatenate([x.reshape(-1) for x in leaves])
        else:
            row = jnp.stack(jnp.broadcast_arrays(*leaves), axis=-1) if leaves else jnp.zeros(0, dtype)
        found = self._function.on_rows(row, parameters)
        contents, begin = [], 0
        for atom, size in zip(self._result.atoms, self._result.sizes, strict=True):
            part = found[..., begin : begin + size]
            contents.append(part[..., 0] if atom.shape is None else part.reshape(*part.shape[:-1], *atom.shape))
            begin += size
        return self._result.fill(contents)

    def _leaves(self, tree: Any, shape: Shape) -> Iterator[Any]:
        """Yield the arrays of an argument that has the shape of the example."""
        if not shape:
            if self._is_whole and np.shape(tree):
                raise self._differs(tree, "a number")
            yield tree
            return
        kind, detail, *parts = shape
        if kind is STATIC:
            if tree != detail:
                raise self._differs(tree, f"{detail!r}, as it was recorded,")
        elif kind == WHOLE or kind is np.ndarray:
            if np.shape(tree) != tuple(detail):
                raise self._differs(tree, f"an array of shape {tuple(detail)}")
            yield tree if kind == WHOLE else tree.reshape(-1)
        elif kind is dict:
            if not isinstance(tree, dict) or set(tree) != set(detail):
                raise self._differs(tree, f"a dict of {', '.join(map(repr, detail))}")
            for key, part in zip(detail, parts, strict=True):
                yield from self._leaves(tree[key], part)
        elif detail is not None:
            for name, part in zip(detail, parts, strict=True):
                yield from self._leaves(getattr(tree, name), part)
        else:
            if not isinstance(tree, list | tuple) or len(tree) != len(parts):
                raise self._differs(tree, f"a {kind.__name__} of {len(parts)}")
            for each, part in zip(tree, parts, strict=True):
                yield from self._leaves(each, part)

    def _differs(self, tree: Any, wanted: str) -> TypeError:
        got = f"an array of shape {np.shape(tree)}" if hasattr(tree, "shape") else f"a {type(tree).__name__}"
        return TypeError(
            f"{self.__name__}: {wanted} is needed where the example had one, got {got}; jax.vmap maps over an axis"
        )


def _has_whole(shape: Shape) -> bool:
    """Tell whether an array in the shape is used as a whole, not as one number per row."""
    return bool(shape) and (shape[0] == WHOLE or (shape[0] is not STATIC and any(map(_has_whole, shape[2:]))))
