"""The arguments of a jitted call: the scalars and columns in them, and the shape around these.

Numbers and Values in lists, tuples, dicts and object arrays, as elsewhere. A numeric ndarray
is a column: it stands where a scalar stands and gives one number per row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np

from autograd_mini.engine.value import Value
from autograd_mini.primitives.row import as_number
from autograd_mini.transforms.structure import array_of

__all__ = ["Shape", "names_of", "rebuild", "take_apart"]

Shape: TypeAlias = tuple[Any, ...]
"""What is left of a tree without its scalars: () for a scalar, else (kind, detail, *parts); hashable."""


def take_apart(tree: Any, leaves: list[Any], what: str) -> Shape:
    """Append the scalars and columns of ``tree`` to ``leaves`` and return the shape around them."""
    kind = tree.__class__
    if kind is float or isinstance(tree, Value):
        leaves.append(tree)
        return ()
    if kind is list or isinstance(tree, tuple):
        return (kind, None, *(take_apart(each, leaves, what) for each in tree))
    if isinstance(tree, dict):
        return (dict, tuple(tree), *(take_apart(each, leaves, what) for each in tree.values()))
    if isinstance(tree, np.ndarray) and tree.dtype == object:
        return (np.ndarray, tree.shape, *(take_apart(each, leaves, what) for each in tree.ravel().tolist()))
    if isinstance(tree, np.ndarray) and tree.ndim:
        if tree.dtype.kind not in "biuf":
            raise TypeError(f"{what} is an array of {tree.dtype}; an array of numbers is needed")
        leaves.append(np.asarray(tree, dtype=np.float64))
        return ()
    leaves.append(as_number(tree, what))
    return ()


def rebuild(shape: Shape, leaves: Iterator[Any]) -> Any:
    """Return the tree of ``shape`` around ``leaves``."""
    if not shape:
        return next(leaves)
    kind, detail, *parts = shape
    items = [rebuild(part, leaves) for part in parts]
    if kind is np.ndarray:
        return array_of(items, detail)
    if kind is dict:
        return dict(zip(detail, items, strict=True))
    if kind is list:
        return items
    return kind(*items) if hasattr(kind, "_fields") else tuple(items)


def names_of(shape: Shape, name: str) -> list[str]:
    """Return a name for each scalar: ``x``, ``x_0``, ``x_key``."""
    if not shape:
        return [name]
    kind, detail, *parts = shape
    keys: Sequence[Any] = detail if kind is dict else range(len(parts))
    return [each for key, part in zip(keys, parts, strict=True) for each in names_of(part, f"{name}_{key}")]
