"""Target: the column to be predicted, as class numbers or as a scaled number, and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from autograd_mini.data.columns import refuse_marked, spread
from autograd_mini.data.error import DataError
from autograd_mini.data.table import Column, Table, plain_number
from autograd_mini.format import brief
from autograd_mini.language import tell

__all__ = ["TASKS", "Target", "target_column"]

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

TASKS = ("auto", "classification", "regression")
MOST_CLASSES = 10  # up to so many different whole numbers are classes under "auto"; words are always classes


@dataclass(frozen=True)
class Target:
    """The column to be predicted: its name, and its classes or its mean and deviation.

    ``classes``    names of the classes, class 0 first; () for a regression
    ``mean``, ``deviation``  of a regression's training rows; the network learns (y − mean)/deviation

    >>> table = Table.of({"kind": ["dog", "cat", "dog"]})
    >>> target = Target.learn(table["kind"])
    >>> target.classes, target.encode(table, table["kind"]).tolist()
    (('cat', 'dog'), [1, 0, 1])
    """

    name: str
    classes: tuple[str, ...] = ()
    mean: float = 0.0
    deviation: float = 1.0

    @classmethod
    def learn(cls, column: Column, task: str = "auto", training: Column | None = None) -> Target:
        """Return the target of a column: classes from all its cells, mean and deviation from the ``training`` rows.

        ``task`` is "classification", "regression" or "auto": words, and up to ten different whole
        numbers, are classes; other numbers are a regression. Raises DataError where the task does
        not suit the column.
        """
        if task not in TASKS:
            raise DataError(
                tell("task is {task}; {legal} are legal", task=repr(task), legal=", ".join(map(repr, TASKS)))
            )
        refuse_marked(column)
        numbers = None if column.numbers is None else column.numbers[~np.isnan(column.numbers)]
        if task == "auto":
            few = (
                numbers is not None and bool(np.all(numbers == np.round(numbers))) and len(set(numbers)) <= MOST_CLASSES
            )
            task = "classification" if numbers is None or few else "regression"
        if task == "classification":
            if numbers is not None and not np.all(numbers == np.round(numbers)):
                odd = numbers[numbers != np.round(numbers)][0]
                raise DataError(
                    tell(
                        "the target {column} has numbers such as {odd:g}, targets that are no class numbers 0, "
                        "1, …; a number is learned by the task regression and a last layer of one node, 1:linear",
                        column=repr(brief(column.name)),
                        odd=odd,
                    )
                )
            classes = class_names(column)
            if len(classes) < 2:
                raise DataError(
                    tell(
                        "the target {column} has 1 class ({classes}); at least two are needed"
                        if classes
                        else "the target {column} has 0 classes (); at least two are needed",
                        column=repr(brief(column.name)),
                        classes=", ".join(classes),
                    )
                )
            return cls(column.name, classes)
        if numbers is None:
            word = next(cell for cell in column.cells if cell)
            raise DataError(
                tell(
                    "the target {column} holds words, as {word}; a regression needs numbers: choose another "
                    "target, or the task classification",
                    column=repr(brief(column.name)),
                    word=repr(brief(word)),
                )
            )
        known = numbers if training is None or training.numbers is None else training.numbers
        return cls(column.name, (), *spread(column, known[~np.isnan(known)]))

    def encode(self, table: Table, column: Column) -> Array:
        """Return class numbers (N,), or scaled numbers (N,); DataError for a missing cell or an unknown class."""
        if "" in column.cells:
            raise DataError(
                tell(
                    "{where}: the target {column} is missing",
                    where=table.where(column.cells.index("")),
                    column=repr(brief(column.name)),
                )
            )
        if self.classes:
            place = {name: k for k, name in enumerate(self.classes)}
            cells = _cell_names(column)
            for i, cell in enumerate(cells):
                if cell not in place:
                    raise DataError(
                        tell(
                            "{where}: {cell} is no class of {column}; the classes are {classes}",
                            where=table.where(i),
                            cell=repr(brief(cell)),
                            column=repr(brief(column.name)),
                            classes=brief(", ".join(self.classes), 200),
                        )
                    )
            return np.array([place[cell] for cell in cells])
        if column.numbers is None:
            raise DataError(
                tell(
                    "{where}: {cell} is not a number; {column} held numbers",
                    where=table.where(0),
                    cell=repr(brief(column.cells[0])),
                    column=repr(column.name),
                )
            )
        return (column.numbers - self.mean) / self.deviation

    def state_dict(self) -> dict[str, Any]:
        """Return the target as plain numbers and lists."""
        return {"name": self.name, "classes": list(self.classes), "mean": self.mean, "deviation": self.deviation}


def class_names(column: Column) -> tuple[str, ...]:
    """Return the different cells of a column, numbers in order of size, words in alphabetical order."""
    names = set(_cell_names(column)) - {""}
    return tuple(sorted(names, key=float) if column.numbers is not None else sorted(names))


def _cell_names(column: Column) -> tuple[str, ...]:
    """Return the cells, each number in one spelling: "1" for 1, 1.0 and 1e0."""
    if column.numbers is None:
        return column.cells
    return tuple("" if number != number else plain_number(number) for number in column.numbers.tolist())


def target_column(table: Table, which: int | str) -> Column:
    """Return the column of the target by name or number; DataError where there is none."""
    if isinstance(which, int) and not -len(table.columns) <= which < len(table.columns):
        raise DataError(
            tell(
                "{source}: target column {which} of {count}; give {first} to {last} or a name",
                source=table.source,
                which=which,
                count=len(table.columns),
                first=-len(table.columns),
                last=len(table.columns) - 1,
            )
        )
    return table[which]
