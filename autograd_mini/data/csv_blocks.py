"""CsvBlocks: a CSV file of numbers in blocks of lines, or a process's share of it, in memory that does not grow."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from autograd_mini.data.cells import BYTE_ORDER_MARKS, separator_of
from autograd_mini.data.error import DataError
from autograd_mini.data.table import cell_number
from autograd_mini.files import as_path
from autograd_mini.format import brief, described, similar

__all__ = ["CsvBlocks"]

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

HEAD = 20  # lines in which the separator is looked for


class CsvBlocks:
    """A function of no arguments that yields blocks (X, y) of a CSV file: X (rows, k), y (rows,).

    ``target``   the column of y, by its number (from the end where negative) or by its name in the first line
    ``size``     rows of a block; the last one may be shorter
    ``part``     (number, count): of ``count`` shares of about equally many bytes, that of this number. The shares
                 of all numbers follow each other in the file and have every line once
    ``classes``  names of classes: y is the place of a target's name among them; else targets are numbers

    The file is UTF-8; each line is a row of finite numbers with a decimal point, and no cell spans lines. The first
    line holds names where none of its cells is a number. Raises DataError, with the line, for anything that cannot
    be read; ``read_table`` reads words and missing cells.

    >>> blocks = CsvBlocks("rows.csv", part=(0, 2))  # doctest: +SKIP
    >>> trainer.fit(blocks, None, 10, 1024)  # doctest: +SKIP
    """

    def __init__(
        self,
        path: str | Path,
        target: int | str = -1,
        *,
        size: int = 10_000,
        part: tuple[int, int] = (0, 1),
        classes: Sequence[str] = (),
        separator: str = "",
    ) -> None:
        self.path = as_path(path, "CsvBlocks")
        self.size, self.part = _checked(size, part)
        if isinstance(classes, str):
            raise TypeError(f"CsvBlocks: classes is the text {classes!r}; a list with the name of each class is needed")
        self.classes = {str(name): float(number) for number, name in enumerate(classes)}
        try:
            with self.path.open("rb") as file:
                head = [line for line in (file.readline() for _ in range(HEAD)) if line]
            self._length = self.path.stat().st_size
        except OSError as error:
            raise DataError(f"{self.path}: cannot be read: {error.strerror or error}") from None
        marks = [what for mark, what in BYTE_ORDER_MARKS[1:] if head and head[0].startswith(mark)]
        if marks:
            raise DataError(f"{self.path}: the file is {marks[0].upper()}; save it as UTF-8 to read it in blocks")
        lines = [line.decode("utf-8-sig" if i == 0 else "utf-8", "replace") for i, line in enumerate(head)]
        if not any(line.strip() for line in lines):
            raise DataError(f"{self.path}: the file is empty; one line per sample is needed")
        self.separator = separator or separator_of(lines)
        first = self._cells(lines[0])
        named = not any(cell_number(cell) is not None for cell in first)
        self.names = first if named else [f"column{i + 1}" for i in range(len(first))]
        self._begin = len(head[0]) if named else 0
        self._target = self._place(target, named)

    def __repr__(self) -> str:
        share = f", part={self.part}" if self.part[1] > 1 else ""
        return f"<blocks of {self.size:,} rows of {self.path}{share}>"

    def __call__(self) -> Iterator[tuple[Array, Array]]:
        """Yield the blocks of this share, from its first line on."""
        number, count = self.part
        begin, end = (self._begin + (self._length - self._begin) * i // count for i in (number, number + 1))
        try:
            with self.path.open("rb") as file:
                file.seek(max(begin - 1, 0))
                # a line that a cut goes through belongs to the share before
                at = file.tell() + (len(file.readline()) if begin else 0)
                while at < end:
                    start = at
                    lines: list[bytes] = []
                    while at < end and len(lines) < self.size:
                        line = file.readline()
                        at += len(line)
                        lines.append(line)
                    rows = [line for line in lines if line.strip()]
                    if rows:
                        yield self._block(rows, start)
        except OSError as error:
            raise DataError(f"{self.path}: cannot be read: {error.strerror or error}") from None

    def read(self) -> tuple[Array, Array]:
        """Return this share in one piece: X (N, k) and y (N,), for a process that holds its own samples."""
        blocks = list(self())
        if not blocks:
            return np.zeros((0, len(self.names) - 1)), np.zeros(0, dtype=int if self.classes else float)
        return np.concatenate([X for X, _ in blocks]), np.concatenate([y for _, y in blocks])

    def _block(self, lines: list[bytes], start: int) -> tuple[Array, Array]:
        """Return the numbers of lines; ``start`` is the place of the first in the file, for a message."""
        known: dict[int | str, Callable[[str], Any]] | None = {self._target: self._class} if self.classes else None
        try:
            table = np.loadtxt(
                (line.decode("utf-8-sig") for line in lines), delimiter=self.separator, comments=None, ndmin=2,
                quotechar='"', converters=known, encoding=None,
            )  # fmt: skip
        except ValueError:
            raise self._wrong(lines, start) from None
        if table.shape[1] != len(self.names) or not np.isfinite(table).all():
            raise self._wrong(lines, start)
        y = table[:, self._target]
        return np.delete(table, self._target, axis=1), y.astype(int) if self.classes else y

    def _class(self, cell: str) -> float:
        return self.classes.get(cell.strip(), math.nan)

    def _wrong(self, lines: list[bytes], start: int) -> DataError:
        """Return the error for the first line that is not a row."""
        with self.path.open("rb") as file:
            number = 1
            while file.tell() < start and file.readline():
                number += 1
            for line in file:
                where = f"{self.path}, line {number}"
                number += 1
                if not line.strip():
                    continue
                cells = self._cells(line.decode("utf-8-sig", "replace"))
                if len(cells) != len(self.names):
                    return DataError(f"{where}: {len(cells)} columns, {len(self.names)} in the first line")
                for column, cell in enumerate(cells):
                    if self.classes and column == self._target:
                        if cell not in self.classes:
                            return DataError(
                                f"{where}: {brief(cell)!r} is none of the classes "
                                f"{brief(', '.join(self.classes), 200)}{similar(cell, self.classes)}"
                            )
                    elif cell_number(cell) is None:
                        return DataError(
                            f"{where}: {brief(cell)!r} is not a finite number; blocks are of numbers with a "
                            "decimal point, and read_table reads words and missing cells"
                        )
        return DataError(f"{self.path}: the lines after byte {start} are not rows of numbers")

    def _cells(self, line: str) -> list[str]:
        row = next(csv.reader([line], delimiter=self.separator), [])
        return [cell.strip() for cell in row]

    def _place(self, target: int | str, named: bool) -> int:
        count = len(self.names)
        if count < 2:
            raise DataError(
                f"{self.path}: one column; at least one feature and the target are needed, separated by commas, "
                "semicolons or tabs"
            )
        if isinstance(target, str):
            if not named or target not in self.names:
                raise DataError(
                    f"{self.path}: there is no column {brief(target)!r} in the first line"
                    f"{similar(target, self.names) if named else '; it holds numbers'}"
                )
            return self.names.index(target)
        if not -count <= target < count:
            raise DataError(f"{self.path}: column {target} of {count}; give {-count} to {count - 1} or a name")
        return target % count


def _checked(size: int, part: tuple[int, int]) -> tuple[int, tuple[int, int]]:
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise ValueError(f"CsvBlocks: size is {size!r}; a whole number of rows of at least 1 is needed")
    if not isinstance(part, tuple) or len(part) != 2 or not all(type(each) is int for each in part):
        raise TypeError(f"CsvBlocks: part is {described(part)}; a pair (number, count) is needed, as (0, 4)")
    if not 0 <= part[0] < part[1]:
        raise ValueError(f"CsvBlocks: part is {part}; the numbers 0 to count − 1 are legal, as (0, 4) to (3, 4)")
    return size, part
