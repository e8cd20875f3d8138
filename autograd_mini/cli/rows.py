"""``grad --rows``: a formula for each row of a table, printed row by row, so that it works in a pipe."""

from __future__ import annotations

import argparse
import csv
import json
import math
import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any, BinaryIO

from autograd_mini.cli.terminal import Refused
from autograd_mini.data.cells import cells
from autograd_mini.data.error import DataError
from autograd_mini.data.table import cell_number
from autograd_mini.expression.expression import Expression
from autograd_mini.format import brief
from autograd_mini.language import near, tell
from autograd_mini.program.jit import jit
from autograd_mini.transforms.functions import value_and_grad

__all__ = ["as_json", "grad_rows"]


def grad_rows(formula: Expression, given: dict[str, float], options: argparse.Namespace) -> None:
    """Print value and gradient for each row; the columns are variables, ``given`` the others."""
    if not formula.names:
        raise Refused(
            tell("the formula has no variables, so all rows would give the same; use the names of columns in it")
        )
    source = options.rows
    try:
        with nullcontext(sys.stdin.buffer) if source == "-" else open(source, "rb") as file:
            _print(
                formula,
                _row_values(formula, given, file, "standard input" if source == "-" else source, options),
                options,
            )
    except DataError as error:
        raise Refused(str(error)) from None
    except OSError as error:
        raise Refused(
            tell("{source}: cannot be read: {why}", source=brief(source), why=error.strerror or error)
        ) from None


def _row_values(
    formula: Expression, given: dict[str, float], file: BinaryIO, name: str, options: argparse.Namespace
) -> Iterator[list[float]]:
    """Yield the values of the variables, row by row."""
    lines = cells(file, name, encoding=options.encoding, separator=options.separator, lines=1)
    _, heading = next(lines, (0, []))
    if not heading:
        raise DataError(
            tell("{name}: the file is empty; names of the variables in the first line are needed", name=name)
        )
    missing = [each for each in formula.names if each not in heading and each not in given]
    if missing:
        raise DataError(
            tell(
                "{name}: no column {missing} in the first line ({heading}){hint}; add the column, or {variable}=number",
                name=name,
                missing=repr(brief(missing[0])),
                heading=brief(", ".join(heading), 100),
                hint=near(missing[0], heading),
                variable=missing[0],
            )
        )
    twice = [each for each in heading if heading.count(each) > 1 and each in formula.names]
    if twice:
        raise DataError(
            tell(
                "{name}: {count} columns are named {column}; give each its own name",
                name=name,
                count=heading.count(twice[0]),
                column=repr(brief(twice[0])),
            )
        )
    places = [None if each in given else heading.index(each) for each in formula.names]
    for line, row in lines:
        if len(row) != len(heading):
            raise DataError(
                tell(
                    "{name}, line {line}: {count} columns, {width} in the first line",
                    name=name,
                    line=line,
                    count=len(row),
                    width=len(heading),
                )
            )
        found = []
        for each, place in zip(formula.names, places, strict=True):
            number = given[each] if place is None else cell_number(row[place], options.decimal or ".")
            if number is None:
                assert place is not None
                hint = tell("; for a decimal comma say --decimal ,") if cell_number(row[place], ",") is not None else ""
                raise DataError(
                    tell(
                        "{name}, line {line}: {cell} in column {column} is not a finite number{hint}",
                        name=name,
                        line=line,
                        cell=repr(brief(row[place])),
                        column=repr(brief(each)),
                        hint=hint,
                    )
                )
            found.append(number)
        yield found


def _print(formula: Expression, rows: Iterator[list[float]], options: argparse.Namespace) -> None:
    compute: Callable[..., Any] = jit(
        value_and_grad(formula, argnums=tuple(range(len(formula.names)))), engine="python"
    )
    writer = csv.writer(sys.stdout, lineterminator="\n")
    if not options.json:
        writer.writerow(["value", *(f"d/d{name}" for name in formula.names)])
    for row in rows:
        value, gradient = compute(*row)
        if options.json:
            print(as_json(float(value), dict(zip(formula.names, map(float, gradient), strict=True))))
        else:
            writer.writerow([repr(float(value)), *(repr(float(each)) for each in gradient)])
        if options.rows == "-":
            sys.stdout.flush()  # a program that writes rows into a pipe may wait for each answer


def as_json(value: float, gradient: dict[str, float]) -> str:
    """Return {"value": …, "gradient": {…}}; a number that JSON cannot express is "nan", "inf" or "-inf"."""

    def word(number: float) -> float | str:
        return number if math.isfinite(number) else repr(number)

    content = {"value": word(value), "gradient": {name: word(number) for name, number in gradient.items()}}
    return json.dumps(content, ensure_ascii=False, allow_nan=False)
