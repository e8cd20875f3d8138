"""CSV files of numbers."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from autograd_mini.data.error import DataError

__all__ = ["read_csv"]

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]


def read_csv(path: str | Path, target: int | str = -1) -> tuple[Array, Array, list[str]]:
    """Read a table of numbers: X (N, k), y (N,), and the class names where y is text.

    ``target`` is the column of y, by number or by its name in the first line. A first line
    without any number (the target column aside) is taken as names. Classes written as
    text become 0, 1, … in alphabetical order; numbers stay, as ints where all are whole.
    Raises DataError with the line for anything that cannot be read.
    """
    path = Path(path)
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file)
            lines = [(reader.line_num, [cell.strip() for cell in row]) for row in reader if any(row)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: cannot be read: {error}") from None
    if not lines:
        raise DataError(f"{path}: the file is empty; one line of numbers per sample is needed")
    width = len(lines[0][1])
    if width < 2:
        raise DataError(f"{path}: one column; at least one feature and the target are needed, separated by commas")
    names = lines[0][1]
    if isinstance(target, str):
        if target not in names:
            raise DataError(f"{path}: no column {target!r} in the first line ({', '.join(names[:8])})")
        column = names.index(target)
    elif -width <= target < width:
        column = target % width
    else:
        raise DataError(f"{path}: target column {target} of {width}; give {-width} to {width - 1} or a name")
    if isinstance(target, str) or all(_number(cell) is None for j, cell in enumerate(names) if j != column):
        lines = lines[1:]
    if not lines:
        raise DataError(f"{path}: a first line of names and no samples")
    features, labels = [], []
    for line, row in lines:
        if len(row) != width:
            raise DataError(f"{path}, line {line}: {len(row)} columns, {width} in the first line")
        numbers = [_number(cell) for j, cell in enumerate(row) if j != column]
        if None in numbers:
            cell = next(cell for j, cell in enumerate(row) if j != column and _number(cell) is None)
            raise DataError(f"{path}, line {line}: {cell!r} is not a finite number")
        features.append(numbers)
        labels.append(row[column])
    X = np.array(features, dtype=float)
    values = [_number(label) for label in labels]
    if None in values:
        classes = sorted(set(labels))
        return X, np.array([classes.index(label) for label in labels]), classes
    y = np.array(values, dtype=float)
    return X, (y.astype(int) if np.all(y == np.round(y)) and np.all(np.abs(y) < 2**53) else y), []


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
