"""Arguments as users pass them: numbers and Values in nested lists, tuples, dicts and arrays.

``flatten`` lists the scalars of such a tree and returns its shape as a ``Structure``, which
builds the same tree again around other scalars. Arrays come back as arrays: of floats where
every element is a number, of objects where any is a Value.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograd_mini.engine.value import Value
from autograd_mini.primitives.floats import OPERAND, as_number

__all__ = ["Structure", "array_of", "build", "fields_of", "flatten", "has_values"]


@dataclass(frozen=True, slots=True)
class Atom:
    """A leaf of the tree: a scalar (``shape`` None) or an array."""

    position: int
    shape: tuple[int, ...] | None


LARGE = 32  # atoms from which on a tree is prepared once, so that a list of scalars is filled at one go


@dataclass(frozen=True, slots=True)
class Structure:
    """The shape of a tree: containers with an Atom at each scalar or array."""

    tree: Any
    atoms: tuple[Atom, ...]
    _runs: Any = field(default=None, init=False, compare=False, repr=False)  # of a large one, see ``_prepared``

    @property
    def sizes(self) -> list[int]:
        """How many scalars each atom holds."""
        return [1 if atom.shape is None else math.prod(atom.shape) for atom in self.atoms]

    def split(self, leaves: Sequence[Any]) -> list[list[Any]]:
        """Return the scalars of each atom as a list."""
        ends = np.cumsum(self.sizes).tolist()
        return [list(leaves[end - size : end]) for end, size in zip(ends, self.sizes, strict=True)]

    def unflatten(
        self, leaves: Sequence[Any], array: Callable[[Sequence[Any], tuple[int, ...]], Any] | None = None
    ) -> Any:
        """Return the tree around ``leaves``, given in the order ``flatten`` listed them.

        ``array`` makes the arrays in the tree; default: ``array_of``.
        """
        if len(self.atoms) >= LARGE and self._prepared()[1]:
            return self.fill(leaves)
        make = array or array_of
        return self.fill(
            [
                part[0] if atom.shape is None else make(part, atom.shape)
                for atom, part in zip(self.atoms, self.split(leaves), strict=True)
            ]
        )

    def fill(self, contents: Sequence[Any]) -> Any:
        """Return the tree with one object of ``contents`` in place of each atom."""
        if len(self.atoms) < LARGE:
            return _build(self.tree, contents)
        return _build(self._prepared()[0], contents)

    def _prepared(self) -> tuple[Any, bool]:
        """Return the tree with a ``_Run`` in place of each row of atoms, and whether all atoms are scalars."""
        if self._runs is None:
            scalars = all(atom.shape is None for atom in self.atoms)
            object.__setattr__(self, "_runs", (_with_runs(self.tree), scalars))
        found: tuple[Any, bool] = self._runs
        return found


@dataclass(frozen=True, slots=True)
class _Run:
    """A list or tuple of atoms whose positions follow one another: a slice of the contents."""

    kind: type
    start: int
    stop: int


def _with_runs(tree: Any) -> Any:
    """Return ``tree`` with a _Run in place of each list and tuple that is one."""
    if isinstance(tree, dict):
        return {key: _with_runs(item) for key, item in tree.items()}
    if type(tree) in (list, tuple):
        if tree and all(isinstance(item, Atom) for item in tree):
            first, last = tree[0].position, tree[-1].position
            if last - first + 1 == len(tree):  # positions rise: ``flatten`` gives them in order
                return _Run(type(tree), first, last + 1)
        return type(tree)(map(_with_runs, tree))
    return tree


@dataclass(frozen=True, slots=True)
class _Record:
    """A dataclass in the tree, as its fields."""

    kind: type
    fields: tuple[str, ...]
    items: tuple[Any, ...]


def fields_of(item: object) -> tuple[str, ...] | None:
    """Return the names of a dataclass's fields, None for anything else."""
    if isinstance(item, type) or not dataclasses.is_dataclass(item):
        return None
    return tuple(field.name for field in dataclasses.fields(item))


def build(kind: type, fields: Sequence[str], items: Sequence[Any]) -> Any:
    """Return a dataclass with these fields; its ``__init__`` does not run again."""
    made: Any = object.__new__(kind)
    for name, item in zip(fields, items, strict=True):
        object.__setattr__(made, name, item)
    return made


def _build(tree: Any, contents: Sequence[Any]) -> Any:
    # not a closure that calls itself: that cycle would keep large arrays until garbage collection
    if isinstance(tree, Atom):
        return contents[tree.position]
    if isinstance(tree, _Run):
        return tree.kind(contents[tree.start : tree.stop])
    if isinstance(tree, dict):
        return {key: _build(item, contents) for key, item in tree.items()}
    if isinstance(tree, _Record):
        return build(tree.kind, tree.fields, [_build(item, contents) for item in tree.items])
    items = [_build(item, contents) for item in tree]
    if isinstance(tree, list):
        return items
    return type(tree)(*items) if hasattr(tree, "_fields") else tuple(items)


def flatten(tree: Any, what: str) -> tuple[list[Any], Structure]:
    """Return the scalars of ``tree`` (Values as they are, numbers as floats) and its structure.

    Raises TypeError, naming ``what``, where a leaf is neither a number nor a Value.
    """
    leaves: list[Any] = []
    atoms: list[Atom] = []

    tree = _visit(tree, what, leaves, atoms)
    return leaves, Structure(tree, tuple(atoms))


def _visit(item: Any, what: str, leaves: list[Any], atoms: list[Atom]) -> Any:
    """Return ``item`` with an Atom for each scalar and array; append their scalars to ``leaves``."""
    if isinstance(item, dict):
        return {key: _visit(each, what, leaves, atoms) for key, each in item.items()}
    if isinstance(item, list):
        return [_visit(each, what, leaves, atoms) for each in item]
    if isinstance(item, tuple):
        items = [_visit(each, what, leaves, atoms) for each in item]
        return type(item)(*items) if hasattr(item, "_fields") else tuple(items)
    fields = fields_of(item)
    if fields is not None:
        parts = tuple(_visit(getattr(item, name), f"{what}.{name}", leaves, atoms) for name in fields)
        return _Record(type(item), fields, parts)
    shape = item.shape if isinstance(item, np.ndarray) else None
    scalars = [item] if shape is None else item.ravel().tolist()
    leaves.extend(each if isinstance(each, Value) else as_number(each, what, OPERAND) for each in scalars)
    atoms.append(Atom(len(atoms), shape))
    return atoms[-1]


def has_values(leaves: Iterable[Any]) -> bool:
    """Tell whether there is a Value among the leaves: a question to each type once, not to a thousand numbers."""
    return any(issubclass(kind, Value) for kind in {*map(type, leaves)})


def array_of(leaves: Sequence[Any], shape: tuple[int, ...]) -> Any:
    """Return an array of floats, or of objects where any leaf is a Value."""
    if not has_values(leaves):
        return np.array(leaves, dtype=float).reshape(shape)
    array = np.empty(len(leaves), dtype=object)
    array[:] = leaves
    return array.reshape(shape)
