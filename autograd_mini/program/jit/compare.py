"""The result of the function itself, and its comparison with a compiled result."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd_mini.engine.value import Value
from autograd_mini.program.jit.arguments import Arguments, rebuild
from autograd_mini.program.watch.checked import CompiledDiffersError
from autograd_mini.transforms.structure import Structure, fields_of, flatten

__all__ = ["compare", "plain"]

CLOSE = 1e-9  # relative tolerance: engines differ in rounding and in the order of sums


def plain(function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    """Return the result of the function itself, as numbers where the arguments are numbers.

    It is called with the arguments unchanged; then, where Python raises for an operation that IEEE
    arithmetic defines (1/0), or the function uses methods of Values, with Values in their place; and
    with columns row by row, where it is a function of one row.
    """
    arguments = Arguments(getattr(function, "__name__", "the function"), ints=True)
    shapes = [arguments.take(tree, "") for tree in (*args, *kwargs.values())]
    wants_values = any(isinstance(leaf, Value) for leaf in arguments.leaves)
    try:
        with np.errstate(all="ignore"):
            return _as_numbers(function(*args, **kwargs), wants_values)
    except (ArithmeticError, AttributeError, TypeError, ValueError):
        if wants_values:
            raise
    if arguments.has_columns:
        return _rows(function, args, kwargs)
    leaves = iter([Value(leaf) for leaf in arguments.leaves])
    trees = [rebuild(shape, leaves) for shape in shapes]
    return _as_numbers(
        function(*trees[: len(args)], **dict(zip(kwargs, trees[len(args) :], strict=True))), wants_values
    )


def _rows(function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    columns = [x for x in (*args, *kwargs.values()) if isinstance(x, np.ndarray) and x.ndim]
    shape = np.broadcast_shapes(*(x.shape for x in columns))
    rows: list[list[Any]] = []
    structure: Structure | None = None

    def cell(x: Any, index: tuple[int, ...]) -> Any:
        return float(np.broadcast_to(x, shape)[index]) if isinstance(x, np.ndarray) and x.ndim else x

    for index in np.ndindex(shape):
        found = plain(function, tuple(cell(x, index) for x in args), {k: cell(x, index) for k, x in kwargs.items()})
        leaves, structure = flatten(found, "a result")
        rows.append(leaves)
    if structure is None:
        return np.empty(shape)
    stacked = [np.array(column, dtype=float).reshape(shape) for column in zip(*rows, strict=True)]
    contents = [
        part[0] if atom.shape is None else np.stack(part, axis=-1).reshape(shape + atom.shape)
        for atom, part in zip(structure.atoms, structure.split(stacked), strict=True)
    ]
    return structure.fill(contents)


def _as_numbers(result: Any, wants_values: bool) -> Any:
    leaves, structure = flatten(result, "the result")
    if wants_values:
        return result
    return structure.unflatten([leaf.data if isinstance(leaf, Value) else leaf for leaf in leaves])


def compare(
    name: str, function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any], found: Any
) -> None:
    """Raise CompiledDiffersError, naming the difference, where ``found`` is not the result of the function itself."""
    try:
        wanted = plain(function, args, kwargs)
    except IndexError as error:  # of take, which is nan in a program where there is no such value
        leaves, _ = flatten(found, "the result")
        if any(math.isnan(leaf.data if isinstance(leaf, Value) else leaf) for leaf in leaves):
            return
        raise CompiledDiffersError(
            f"{name}: the function itself raises IndexError ({error}), the compiled function does not; please report "
            "this with the function, it should never happen"
        ) from error
    difference = _difference(wanted, found, "")
    if difference:
        raise CompiledDiffersError(
            f"{name}: the compiled function and the function itself differ{difference}; please report this with the "
            "function, it should never happen"
        )


def _difference(wanted: Any, found: Any, where: str) -> str:
    if isinstance(wanted, dict) and isinstance(found, dict):
        if [*wanted] != [*found]:
            return f" in the keys{where}: {[*wanted]} wanted, {[*found]} found"
        return "".join(_difference(wanted[key], found[key], f"{where}[{key!r}]") for key in wanted)
    if isinstance(wanted, list | tuple) and isinstance(found, list | tuple):
        if len(wanted) != len(found):
            return f" in length{where}: {len(wanted)} wanted, {len(found)} found"
        return "".join(_difference(a, b, f"{where}[{i}]") for i, (a, b) in enumerate(zip(wanted, found, strict=True)))
    if (isinstance(wanted, np.ndarray) and wanted.ndim) or (isinstance(found, np.ndarray) and found.ndim):
        pairs = np.broadcast(np.asarray(wanted, dtype=object), np.asarray(found, dtype=object))
        parts = [_difference(x, y, f"{where}{[*i]}") for i, (x, y) in zip(np.ndindex(pairs.shape), pairs, strict=True)]
        return "".join(parts)[:500]
    fields = fields_of(wanted)
    if fields is not None:
        return "".join(_difference(getattr(wanted, k), getattr(found, k), f"{where}.{k}") for k in fields)
    a, b = (float(x.data) if isinstance(x, Value) else float(x) for x in (wanted, found))
    close = a == b or (math.isnan(a) and math.isnan(b)) or math.isclose(a, b, rel_tol=CLOSE, abs_tol=CLOSE)
    return "" if close else f"{where}: {a!r} wanted, {b!r} found"
