"""read_csv: a table of numbers with a target, in one call."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from autograd_mini.data.error import DataError
from autograd_mini.data.table import Column, Table, cell_number, read_table
from autograd_mini.data.target import target_column
from autograd_mini.format import brief
from autograd_mini.language import tell

__all__ = ["read_csv"]

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]


def read_csv(path: str | Path, target: int | str = -1, *, encoding: str = "") -> tuple[Array, Array, list[str]]:
    """Read a CSV file of numbers and return (X, y, class names): X (N, k), y (N,).

    ``target`` is the column of y, by its number (from the end where negative) or by its name in the
    first line. Classes written as text become 0, 1, … in alphabetical order, and their names are
    returned; numbers stay numbers, ints where all are whole, and the names are []. ``read_table``
    also reads features that are words, and missing cells. Raises DataError, with the line, for
    anything that cannot be read.
    """
    named = (target,) if isinstance(target, str) else ()
    table = read_table(path, encoding=encoding, header=True if named else None, missing=(), needs=named)
    if len(table.columns) < 2:
        raise DataError(
            tell(
                "{path}: one column; at least one feature and the target are needed, separated by commas, "
                "semicolons or tabs",
                path=path,
            )
        )
    chosen = target_column(table, target)
    X = np.column_stack([_all_numbers(table, column) for column in table.columns if column is not chosen])
    if chosen.numbers is None:
        classes = sorted(set(chosen.cells))
        return X, np.array([classes.index(cell) for cell in chosen.cells]), classes
    y = _all_numbers(table, chosen)
    whole = bool(np.all(y == np.round(y)) and np.all(np.abs(y) < 2**53))
    return X, (y.astype(int) if whole else y), []


def _all_numbers(table: Table, column: Column) -> Array:
    numbers = [cell_number(cell) for cell in column.cells] if column.numbers is None else column.numbers.tolist()
    for i, (cell, number) in enumerate(zip(column.cells, numbers, strict=True)):
        if number is None or number != number:
            raise DataError(
                tell(
                    "{where}: {cell} is not a finite number; read_table reads words and missing cells",
                    where=table.where(i),
                    cell=repr(brief(cell)),
                )
            )
    return np.array(numbers)
