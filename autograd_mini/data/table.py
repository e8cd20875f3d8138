"""Table: named columns of numbers or words, from a CSV file or a DataFrame, with missing cells marked."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import numpy as np

from autograd_mini.data.cells import Line, cells
from autograd_mini.data.error import DataError
from autograd_mini.files import as_path
from autograd_mini.format import brief, described
from autograd_mini.language import near, tell

__all__ = ["MISSING", "Column", "Table", "cell_number", "plain_number", "read_table"]

Floats: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]

MISSING = frozenset({"", "na", "n/a", "#n/a", "nan", "null", "none", "?", "-", "欠損", "欠測"})
"""Cells that mean "missing", in upper or lower case."""

NUMBER = re.compile(r"[+\-−]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
COMMA_NUMBER = re.compile(r"[+\-−]?(\d+,\d*|,\d+)([eE][+-]?\d+)?", re.ASCII)


@dataclass(frozen=True)
class Column:
    """A column: its name, and its cells as text, "" where a cell is missing.

    ``numbers`` (N,) are the cells as floats, nan where a cell is missing; None where the column
    holds words. ``odd`` is the row of the first word in a column where most cells are numbers, else -1.
    """

    name: str
    cells: tuple[str, ...]
    numbers: Floats | None
    odd: int = -1


@dataclass(frozen=True)
class Table:
    """Named columns of equal length. ``source`` and ``lines`` say where a row came from, for messages.

    >>> table = Table.of({"width": [1.0, 2.0], "kind": ["cat", "dog"]})
    >>> table.names, table["width"].numbers.tolist(), table["kind"].cells
    (['width', 'kind'], [1.0, 2.0], ('cat', 'dog'))
    """

    columns: tuple[Column, ...]
    source: str
    lines: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return [column.name for column in self.columns]

    @cached_property
    def _named(self) -> dict[str, list[Column]]:
        found: dict[str, list[Column]] = {}
        for column in self.columns:
            found.setdefault(column.name, []).append(column)
        return found

    def __getitem__(self, name: str | int) -> Column:
        """Return a column by its name or its number (from the end where negative); DataError where there is none."""
        if isinstance(name, int):
            if not -len(self.columns) <= name < len(self.columns):
                raise DataError(
                    tell(
                        "{source}: column {name} of {count}; give {first} to {last} or a name",
                        source=self.source,
                        name=name,
                        count=len(self.columns),
                        first=-len(self.columns),
                        last=len(self.columns) - 1,
                    )
                )
            return self.columns[name]
        if not isinstance(name, str):
            raise TypeError(
                f"{self.source}: a column is named {name!r}, a {type(name).__name__}; a name or a number is needed"
            )
        found = self._named.get(name, [])
        if len(found) == 1:
            return found[0]
        if found:
            raise DataError(
                tell(
                    "{source}: {count} columns are named {column}; give each its own name",
                    source=self.source,
                    count=len(found),
                    column=repr(name),
                )
            )
        raise DataError(
            tell(
                "{source}: there is no column {name} in the first line; the columns are {names}{hint}",
                source=self.source,
                name=repr(brief(name)),
                names=brief(", ".join(self.names), 200),
                hint=near(name, self.names),
            )
        )

    def rows(self, numbers: Iterable[int]) -> Table:
        """Return the table of these rows."""
        chosen = [int(i) for i in numbers]
        columns = tuple(
            Column(
                c.name,
                tuple(c.cells[i] for i in chosen),
                None if c.numbers is None else c.numbers[chosen],
                chosen.index(c.odd) if c.odd in chosen else -1,
            )
            for c in self.columns
        )
        return replace(self, columns=columns, lines=tuple(self.lines[i] for i in chosen))

    def where(self, row: int) -> str:
        """Return the file and line of a row, for a message."""
        return tell("{source}, line {line}", source=self.source, line=self.lines[row])

    @classmethod
    def of(cls, frame: Any, source: str = "the table") -> Table:
        """Return the table of a DataFrame, or of a dict from names to equally long columns.

        Any object works that has the names of its columns in ``columns`` or ``keys()`` and each
        column as ``frame[name]``. Truth values become 0 and 1; None and nan are missing cells.
        Raises TypeError for another type of cell, DataError for infinite numbers and for columns of
        different lengths.
        """
        if not hasattr(frame, "columns") and not hasattr(frame, "keys"):
            raise TypeError(f"Table.of: {described(frame)}; a DataFrame or a dict of columns is needed")
        names = list(frame.columns if hasattr(frame, "columns") else frame.keys())
        for name in names:
            if isinstance(frame[name], str) or not hasattr(frame[name], "__iter__"):
                raise TypeError(f"Table.of: column {name!r} is {described(frame[name])}; a list of cells is needed")
        columns = [_column_of(str(name), list(frame[name]), source) for name in names]
        lengths = {len(column.cells) for column in columns}
        if len(lengths) != 1:
            raise DataError(
                tell(
                    "{source}: columns of {lengths} cells; equally long columns, at least one, are needed",
                    source=source,
                    lengths=sorted(lengths),
                )
            )
        return cls(tuple(columns), source, tuple(range(lengths.pop())))


def _column_of(name: str, items: Sequence[Any], source: str) -> Column:
    missing = [item is None or str(item) == "<NA>" or bool(item != item) for item in items]
    known = [item for item, gone in zip(items, missing, strict=True) if not gone]
    if all(isinstance(item, (bool, int, float, np.number, np.bool_)) for item in known):
        numbers = np.array([math.nan if gone else float(x) for x, gone in zip(items, missing, strict=True)])
        if np.isinf(numbers).any():
            raise DataError(
                tell(
                    "{source}, row {row}: {name} is infinite; finite numbers are needed",
                    source=source,
                    row=int(np.isinf(numbers).argmax()),
                    name=name,
                )
            )
        return Column(
            name, tuple("" if gone else plain_number(x) for x, gone in zip(numbers, missing, strict=True)), numbers
        )
    odd = next((x for x in known if not isinstance(x, (str, bool, int, float, np.generic))), None)
    if odd is not None:
        raise TypeError(f"{source}: column {name!r} holds {described(odd)}; cells are numbers or words")
    return Column(name, tuple("" if gone else str(x) for x, gone in zip(items, missing, strict=True)), None)


def plain_number(number: float) -> str:
    """Return a number with all its digits, a whole one without a decimal point."""
    return repr(int(number)) if float(number).is_integer() and abs(number) < 1e15 else repr(float(number))


# ---------------------------------------------------------------- files


def read_table(
    path: str | Path | BinaryIO,
    *,
    encoding: str = "",
    separator: str = "",
    decimal: str = "",
    header: bool | None = None,
    missing: Iterable[str] = MISSING,
    needs: Iterable[str] = (),
) -> Table:
    """Return the table of a CSV file, or of an open binary one.

    ``encoding``   default: UTF-8, or what a byte order mark says
    ``separator``  default: tab, semicolon, comma or bar, as found in the first lines
    ``decimal``    "." or ","; default: as found in the numbers of the file
    ``header``     whether the first line holds names; default: it does where no cell is a number.
                   Without names the columns are called column1, column2, …
    ``missing``    cells that mean "missing", besides the empty cell
    ``needs``      names of columns that must exist

    A column holds numbers where every cell that is not missing is a number, else words. Nothing in
    a file is executed. Raises DataError, with the file and the line.
    """
    if not hasattr(path, "readline"):
        path = as_path(path, "read_table")
    name = str(getattr(path, "name", path) if hasattr(path, "readline") else path)
    for mark, what in ((decimal, "decimal"), (separator, "separator")):
        if len(mark) > 1 or (what == "decimal" and mark not in ("", ".", ",")):
            legal = tell("'.' or ',' is legal") if what == "decimal" else tell("one character is needed")
            raise DataError(tell("{what} is {mark}; {legal}", what=what, mark=repr(mark), legal=legal))
    try:
        with Path(path).open("rb") if isinstance(path, (str, Path)) else nullcontext(path) as file:
            lines = list(cells(file, name, encoding=encoding, separator=separator))
    except OSError as error:
        raise DataError(tell("{name}: cannot be read: {why}", name=name, why=error.strerror or error)) from None
    table = _table(lines, name, decimal, header, frozenset(word.lower() for word in missing) | {""})
    for column in needs:
        table[column]
    if not len(table):
        raise DataError(tell("{name}: a first line of names, but no samples", name=name))
    return table


def _table(lines: list[Line], source: str, decimal: str, header: bool | None, missing: frozenset[str]) -> Table:
    if not lines:
        raise DataError(tell("{source}: the file is empty; one line per sample is needed", source=source))
    first, width = lines[0][1], len(lines[0][1])
    for line, row in lines:
        if len(row) != width:
            raise DataError(
                tell(
                    "{source}, line {line}: {count} columns, {width} in the first line; a cell that holds the "
                    "separator itself is written in quotes",
                    source=source,
                    line=line,
                    count=len(row),
                    width=width,
                )
            )
    if header is None:
        header = not any(cell_number(cell, ".") is not None or cell_number(cell, ",") is not None for cell in first)
    names = (
        [cell or f"column{i + 1}" for i, cell in enumerate(first)]
        if header
        else [f"column{i + 1}" for i in range(width)]
    )
    body = lines[1:] if header else lines
    decimal = decimal or _decimal(body, source)
    numbered = tuple(line for line, _ in body)
    found = []
    for i, column in enumerate(names):
        words = tuple("" if row[i].lower() in missing else row[i] for _, row in body)
        found.append(_read_column(column, words, decimal))
    return Table(tuple(found), source, numbered)


def _decimal(lines: list[Line], source: str) -> str:
    """Return the decimal mark of the numbers in the file; DataError where both marks occur."""
    seen: dict[str, tuple[int, str]] = {}
    for line, row in lines:
        for cell in row:
            if "." in cell and NUMBER.fullmatch(cell):
                seen.setdefault(".", (line, cell))
            elif "," in cell and COMMA_NUMBER.fullmatch(cell):
                seen.setdefault(",", (line, cell))
    if len(seen) == 2:
        (a, point), (b, comma) = seen["."], seen[","]
        raise DataError(
            tell(
                "{source}: line {a} has {point} and line {b} {comma}; say which mark is the decimal one, as in "
                "--decimal , or decimal=','",
                source=source,
                a=a,
                point=repr(point),
                b=b,
                comma=repr(comma),
            )
        )
    return next(iter(seen), ".")


def cell_number(cell: str, decimal: str = ".") -> float | None:
    """Return a cell as a finite number, None where it is not one."""
    if not (NUMBER if decimal == "." or "," not in cell else COMMA_NUMBER).fullmatch(cell):
        return None
    number = float(cell.replace("−", "-").replace(",", "."))
    return number if math.isfinite(number) else None


def _read_column(name: str, words: tuple[str, ...], decimal: str) -> Column:
    """Return a column of numbers where every cell that is not missing is a number, else of words."""
    found = [math.nan if word == "" else cell_number(word, decimal) for word in words]
    odd = [i for i, number in enumerate(found) if number is None]
    if not odd:
        return Column(name, words, np.array(found, dtype=np.float64))
    good = sum(1 for number in found if number is not None and number == number)
    return Column(name, words, None, odd[0] if good >= len(odd) else -1)
