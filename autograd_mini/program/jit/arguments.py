"""The arguments of a jitted call: their scalars and columns, and the shape (structure) around them.

Arguments are numbers and Values in lists, tuples, dicts, dataclasses and object arrays. A numeric
ndarray is a column: it is used like a scalar, with one number per row; with ``whole`` it is an array
of scalars. None, a bool, a string or a member of an Enum is static: it is part of the shape, and so
are ints where the function needs ints.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeAlias

import numpy as np

from autograd_mini.engine.value import Value
from autograd_mini.engine.value_array import value_array
from autograd_mini.primitives.floats import OPERAND, as_number
from autograd_mini.program.record.traced import TraceError
from autograd_mini.transforms.structure import array_of, build, fields_of

__all__ = ["STATIC", "WHOLE", "Arguments", "Shape", "check_unchanged", "names_of", "rebuild"]

Shape: TypeAlias = tuple[Any, ...]
"""The structure of a tree without its scalars: () for a scalar, else (kind, detail, *parts); hashable."""

STATIC = "static"
"""The kind of a static argument; its detail is the object itself."""
WHOLE = "whole array"
LIMIT = 10_000  # numbers in arrays that are recorded one by one


@dataclass(slots=True)
class Arguments:
    """Separates the arguments of a call into scalars and shapes.

    ``leaves``      their scalars and columns, in order
    ``whole``       separate the elements of numeric arrays too
    ``ints``        keep ints as they are
    ``has_ints``    True where there was an int, which is a number unless ``ints``
    ``has_columns`` True where there was a column
    """

    function: str
    whole: bool = False
    ints: bool = False
    leaves: list[Any] = field(default_factory=list)
    has_ints: bool = False
    has_columns: bool = False

    def take(self, tree: Any, name: str) -> Shape:
        """Append the scalars of an argument to ``leaves`` and return the shape around them."""
        kind = tree.__class__
        if kind is float or isinstance(tree, Value):
            self.leaves.append(tree)
            return ()
        if kind is list or isinstance(tree, tuple):
            return (kind, None, *[self.take(each, name) for each in tree])
        if isinstance(tree, dict):
            return (dict, tuple(tree), *[self.take(each, name) for each in tree.values()])
        if isinstance(tree, np.ndarray):
            return self._array(tree, name)
        if tree is None or isinstance(tree, bool | str | Enum | np.bool_):
            item = bool(tree) if isinstance(tree, np.bool_) else tree
            return (STATIC, item, type(item))  # with the type, because True == 1
        if isinstance(tree, int | np.integer):
            self.has_ints = True
            if self.ints:
                return (STATIC, int(tree), int)
        fields = fields_of(tree)
        if fields is not None:
            return (kind, fields, *[self.take(getattr(tree, each), f"{name}.{each}") for each in fields])
        self.leaves.append(as_number(tree, f"argument {name} of {self.function}", OPERAND))
        return ()

    def _array(self, tree: Any, name: str) -> Shape:
        if tree.dtype == object:
            return (np.ndarray, tree.shape, *[self.take(each, name) for each in tree.ravel().tolist()])
        if not tree.ndim:
            self.leaves.append(as_number(tree, f"argument {name} of {self.function}", OPERAND))
            return ()
        if tree.dtype.kind not in "biuf":
            raise TypeError(
                f"argument {name} of {self.function} is an array of {tree.dtype}; an array of numbers is needed"
            )
        if not self.whole:
            self.has_columns = True
            self.leaves.append(np.asarray(tree, dtype=np.float64))
            return ()
        if tree.size > LIMIT:
            raise TraceError(
                f"{self.function} uses its argument {name} as a whole (its length, an element, a sum over it, a "
                f"matrix product), so each of its {tree.size:,} numbers would be recorded; up to {LIMIT:,} are. Write "
                "it for one row of numbers, which runs over columns of any length, or use Batch"
            )
        self.leaves += np.asarray(tree, dtype=np.float64).ravel().tolist()
        return (WHOLE, tree.shape)


def examples(leaves: Sequence[Any]) -> list[Any]:
    """Return a number for each leaf, at which a function can be recorded: a Value's, the first of a column."""
    return [
        float(x.data) if isinstance(x, Value) else float(x.flat[0]) if isinstance(x, np.ndarray) else x for x in leaves
    ]


def rebuild(shape: Shape, leaves: Iterator[Any]) -> Any:
    """Return the tree of ``shape`` around ``leaves``."""
    if not shape:
        return next(leaves)
    kind, detail, *parts = shape
    if kind is STATIC:
        return detail
    if kind is WHOLE:
        return value_array([next(leaves) for _ in range(int(np.prod(detail)))], detail)
    items = [rebuild(part, leaves) for part in parts]
    if kind is np.ndarray:
        return array_of(items, detail)
    if kind is dict:
        return dict(zip(detail, items, strict=True))
    if kind is list:
        return items
    if detail is not None:
        return build(kind, detail, items)
    return kind(*items) if hasattr(kind, "_fields") else tuple(items)


def names_of(shape: Shape, name: str) -> list[str]:
    """Return a name for each scalar: ``x``, ``x_0``, ``x_key``."""
    if not shape:
        return [name]
    kind, detail, *parts = shape
    if kind is STATIC:
        return []
    if kind is WHOLE:
        return [f"{name}_{'_'.join(map(str, index))}" for index in np.ndindex(detail)]
    keys: Sequence[Any] = (
        detail if kind is dict or (isinstance(detail, tuple) and kind is not np.ndarray) else range(len(parts))
    )
    return [each for key, part in zip(keys, parts, strict=True) for each in names_of(part, f"{name}_{key}")]


def check_unchanged(name: str, trees: Sequence[Any], shapes: Sequence[Shape], scalars: Sequence[Any]) -> None:
    """Raise TraceError where a function changed its arguments in place."""
    arguments = Arguments(name, ints=True)
    try:
        same = [arguments.take(tree, "") for tree in trees] == [*map(_of_objects, shapes)]
    except TypeError:
        same = False
    if not same or any(a is not b for a, b in zip(arguments.leaves, scalars, strict=True)):
        raise TraceError(
            f"{name} changes an argument in place, which the compiled function would not do; work on a copy and return "
            "it"
        )


def _of_objects(shape: Shape) -> Shape:
    """Return the shape as for arguments with Values, where a whole array is an array of objects."""
    if not shape:
        return shape
    kind, detail, *parts = shape
    if kind is WHOLE:
        return (np.ndarray, detail, *[()] * int(np.prod(detail)))
    return shape if kind is STATIC else (kind, detail, *map(_of_objects, parts))
