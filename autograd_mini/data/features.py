"""Features: the columns of a table as the input numbers of a network, and their scaling."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from autograd_mini.data.columns import refuse_marked, spread
from autograd_mini.data.error import DataError
from autograd_mini.data.table import Column, Table
from autograd_mini.format import brief, described
from autograd_mini.language import tell

__all__ = ["POLICIES", "Feature", "Features", "refuse_odd"]

Floats: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]

POLICIES = ("refuse", "drop", "mean")
"""How missing cells are treated: an error; their rows are left out; the column's mean replaces them."""

MOST_WORDS = 50


@dataclass(frozen=True)
class Feature:
    """One input number of a network: a column of numbers, or 1 or 0 for one word of a column of words (one-hot).

    ``mean`` and ``deviation`` are taken over the training rows; the network gets (x − mean)/deviation.
    """

    column: str
    word: str
    mean: float
    deviation: float

    @property
    def name(self) -> str:
        """Its name: ``age``, or ``sex=female`` for one word of a column of words."""
        return f"{self.column}={self.word}" if self.word else self.column


@dataclass(frozen=True)
class Features:
    """How the rows of a table become the inputs of a network: its columns, their words, means and deviations.

    >>> table = Table.of({"age": [1.0, 3.0], "sex": ["f", "m"]})
    >>> features = Features.learn(table, ["age", "sex"])
    >>> features.names, features.encode(table).tolist()
    (['age', 'sex=f', 'sex=m'], [[1.0, 1.0, 0.0], [3.0, 0.0, 1.0]])
    """

    each: tuple[Feature, ...]
    missing: str = "refuse"

    def __len__(self) -> int:
        return len(self.each)

    @property
    def names(self) -> list[str]:
        """The names of the input numbers, in the order of the network's inputs."""
        return [feature.name for feature in self.each]

    @classmethod
    def learn(cls, table: Table, columns: Sequence[str], missing: str = "refuse") -> Features:
        """Return the features of these columns, scaled by the rows of ``table``, the training rows.

        ``missing`` is one of ``POLICIES``. Raises DataError for a column that is entirely missing,
        and for a column of more than 50 different words, such as names or remarks.
        """
        if missing not in POLICIES:
            raise DataError(
                tell(
                    "missing is {missing}; {legal} are legal",
                    missing=repr(missing),
                    legal=", ".join(map(repr, POLICIES)),
                )
            )
        if not columns:
            raise DataError(
                tell("{source}: no column is left for a feature; at least one is needed", source=table.source)
            )
        if not isinstance(table, Table):
            raise TypeError(f"features are learned from a Table, got {described(table)}; data.read_table makes one")
        found: list[Feature] = []
        for name in columns:
            column = table[name]
            refuse_odd(table, column)
            if column.numbers is None:
                found += [_word(column, word) for word in _words(table, column)]
            else:
                known = column.numbers[~np.isnan(column.numbers)]
                if not len(known):
                    raise DataError(
                        tell(
                            "{source}: every cell of column {name} is missing; leave it out",
                            source=table.source,
                            name=repr(brief(name)),
                        )
                    )
                found.append(Feature(name, "", *spread(column, known)))
        return cls(tuple(found), missing)

    def complete(self, table: Table) -> list[int]:
        """Return the rows without a missing cell in these columns."""
        names = dict.fromkeys(feature.column for feature in self.each)
        return [i for i in range(len(table)) if all(table[name].cells[i] for name in names)]

    def encode(self, table: Table) -> Floats:
        """Return the rows as numbers (N, k), not scaled yet; a missing number is nan under "mean".

        Raises DataError for a word that training did not have, for a word in a column of numbers,
        and for a missing cell, except under "mean".
        """
        out = np.empty((len(table), len(self.each)))
        of: dict[str, list[tuple[int, str]]] = {}
        for i, feature in enumerate(self.each):
            of.setdefault(feature.column, []).append((i, feature.word))
        for name, places in of.items():
            column = table[name]
            words = [word for _, word in places]
            if self.missing != "mean" and "" in column.cells:
                raise DataError(
                    tell(
                        "{where}: {name} is missing; fill it in, or train with --missing mean (the mean replaces "
                        "it) or --missing drop (such rows are left out)",
                        where=table.where(column.cells.index("")),
                        name=repr(brief(name)),
                    )
                )
            if words != [""]:
                self._check_words(table, column, words)
            elif column.numbers is None and any(column.cells):
                odd = next(i for i, cell in enumerate(column.cells) if cell)
                raise DataError(
                    tell(
                        "{where}: {cell} in column {name}, which held numbers in training",
                        where=table.where(odd),
                        cell=repr(brief(column.cells[odd])),
                        name=repr(brief(name)),
                    )
                )
            for i, word in places:
                if word:
                    out[:, i] = [cell == word for cell in column.cells]
                else:
                    out[:, i] = math.nan if column.numbers is None else column.numbers
        return out

    def _check_words(self, table: Table, column: Column, words: list[str]) -> None:
        for i, cell in enumerate(column.cells):
            if cell and cell not in words:
                raise DataError(
                    tell(
                        "{where}: {cell} in column {column} did not occur in training; the words there were {words}",
                        where=table.where(i),
                        cell=repr(brief(cell)),
                        column=repr(brief(column.name)),
                        words=brief(", ".join(words), 200),
                    )
                )

    def filled(self) -> Floats:
        """Return the numbers (k,) that replace missing ones: the means."""
        return np.array([feature.mean for feature in self.each])

    def state_dict(self) -> dict[str, Any]:
        """Return the features as plain numbers and lists."""
        return {"missing": self.missing, "each": [[f.column, f.word, f.mean, f.deviation] for f in self.each]}


def refuse_odd(table: Table, column: Column) -> None:
    """Raise DataError, with the line, for a column of numbers in which some cells are words."""
    if column.odd >= 0:
        raise DataError(
            tell(
                "{where}: {cell} is not a finite number, as most of column {column} are; correct it, leave the "
                "cell empty, or leave the column out",
                where=table.where(column.odd),
                cell=repr(brief(column.cells[column.odd])),
                column=repr(brief(column.name)),
            )
        )


def _words(table: Table, column: Column) -> list[str]:
    refuse_marked(column)
    words = sorted(set(column.cells) - {""})
    if len(words) > MOST_WORDS:
        raise DataError(
            tell(
                "{source}: column {column} has {count} different words, as {word}; at most {most} are supported: "
                "leave the column out with --features",
                source=table.source,
                column=repr(brief(column.name)),
                count=len(words),
                word=repr(brief(words[0])),
                most=MOST_WORDS,
            )
        )
    return words


def _word(column: Column, word: str) -> Feature:
    share = sum(cell == word for cell in column.cells) / len(column.cells)
    return Feature(column.name, word, share, math.sqrt(share * (1.0 - share)) or 1.0)
