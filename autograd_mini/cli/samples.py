"""The data of ``train``: a generated set or the user's table, split and scaled."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from autograd_mini import data
from autograd_mini.cli.terminal import Refused
from autograd_mini.data.features import POLICIES, refuse_odd
from autograd_mini.data.target import TASKS, target_column
from autograd_mini.format import brief
from autograd_mini.language import counted, tell

__all__ = ["Samples", "add_table_options", "load", "table"]

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

MOST_COLUMNS = 10_000
NUMBERING = {"", "id", "index", "no", "no.", "number", "番号"}
"""Names of a column which, if it holds 1, 2, 3…, only numbers the rows."""


@dataclass(frozen=True)
class Samples:
    """Scaled samples (N, k) and targets (N,), for training and held out, with their features, target and notes."""

    X: Array
    y: Array
    X_held: Array
    y_held: Array
    features: data.Features
    target: data.Target
    notes: tuple[str, ...] = ()


def add_table_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that describe the format of a CSV file."""
    add = parser.add_argument
    add("--encoding", default="", help=tell("CSV: such as cp932 (default: UTF-8)"))
    add("--separator", default="", metavar="MARK", help=tell("CSV: between cells (default: tab ; , or |, as found)"))
    add("--decimal", default="", choices=("", ".", ","), help=tell("CSV: the decimal mark (default: as found)"))


def add_sample_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose the target and the features in a CSV file."""
    add_table_options(parser)
    add = parser.add_argument
    add(
        "--target",
        default="-1",
        metavar="COLUMN",
        help=tell("CSV: column to predict, name or number (default: the last)"),
    )
    add("--features", default="", metavar="A,B,…", help=tell("CSV: the columns to predict from (default: all others)"))
    add("--task", choices=TASKS, default="auto", help=tell("classes or a number (default: from target and --layers)"))
    add("--missing", choices=POLICIES, default="refuse", help=tell("CSV: rows with missing cells (default: refuse)"))


def table(options: argparse.Namespace, path: Any) -> data.Table:
    """Return the table of a CSV file, read with these options; raise Refused where it cannot be read."""
    separator = {"tab": "\t", "\\t": "\t"}.get(options.separator, options.separator)
    try:
        return data.read_table(path, encoding=options.encoding, separator=separator, decimal=options.decimal)
    except data.DataError as error:
        raise Refused(str(error)) from None


def load(options: argparse.Namespace, task: str) -> Samples:
    """Return the samples chosen by the options; ``task`` is "auto" where neither they nor the layers determine it."""
    try:
        if options.data in data.SETS:
            X, y = data.SETS[options.data](options.samples, options.noise, options.seed)
            features = data.Features(tuple(data.Feature(name, "", 0.0, 1.0) for name in ("x1", "x2")))
            return Samples(*data.split(X, y, options.test, options.seed), features, data.Target("class", ("0", "1")))
        if not Path(options.data).exists():
            raise Refused(
                tell(
                    "no data set {name}, and no such file; the sets are {sets}, "
                    "anything else is the path of a CSV file",
                    name=repr(brief(options.data)),
                    sets=", ".join(data.SETS),
                )
            )
        return _from_table(table(options, options.data), options, task)
    except (data.DataError, ValueError) as error:
        raise Refused(str(error)) from None


def _from_table(whole: data.Table, options: argparse.Namespace, task: str) -> Samples:
    which = int(options.target) if options.target.lstrip("-").isdecimal() else options.target
    if isinstance(which, int) and str(which) in whole.names:
        which = str(which)
    column = target_column(whole, which)
    names, notes = _feature_names(whole, column.name, options.features)
    if len(names) > MOST_COLUMNS:
        raise data.DataError(
            tell(
                "{source}: {count:,} columns of features; up to {most:,} are supported: choose some with --features",
                source=whole.source,
                count=len(names),
                most=MOST_COLUMNS,
            )
        )
    for name in names:
        refuse_odd(whole, whole[name])
    if options.missing == "drop":
        rows = [i for i in range(len(whole)) if all(whole[name].cells[i] for name in (*names, column.name))]
    else:
        rows = [i for i, cell in enumerate(column.cells) if cell or options.missing == "refuse"]
    if len(rows) < len(whole):
        notes.append(
            tell(
                "left out {left} of {count} rows, which have missing cells",
                left=len(whole) - len(rows),
                count=len(whole),
            )
        )
    kept = whole.rows(rows)
    if len(kept) < 2:
        raise data.DataError(
            tell(
                "{source}: {count} rows are left; at least 2 are needed, one for training and one held out",
                source=whole.source,
                count=len(kept),
            )
        )
    train, _, held, _ = data.split(np.arange(len(kept)), np.arange(len(kept)), options.test, options.seed)
    training, testing = kept.rows(train), kept.rows(held)
    features = _with_words(data.Features.learn(training, names, options.missing), kept, names)
    target = data.Target.learn(kept[column.name], task, training[column.name])
    y, y_held = (target.encode(part, part[column.name]) for part in (training, testing))
    classes = brief(", ".join(target.classes), 100)
    kind = tell("{count} classes ({names})", count=len(target.classes), names=classes) if classes else tell("a number")
    what = tell("target {name}: {kind}", name=repr(brief(column.name)), kind=kind)
    count = counted(len(features), "{count} feature", "{count} features")
    notes.append(f"{what}; {count}: {brief(', '.join(features.names), 200)}")
    return Samples(_scaled(features, training), y, _scaled(features, testing), y_held, features, target, tuple(notes))


def _feature_names(whole: data.Table, target: str, wanted: str) -> tuple[list[str], list[str]]:
    """Return the names of the feature columns, and notes on the columns left out."""
    if wanted:
        names = [name.strip() for name in wanted.split(",")]
        for name in names:
            if whole[name].name == target:
                raise data.DataError(tell("{name} is the target; it cannot be a feature too", name=repr(brief(name))))
        return names, []
    names, notes = [], []
    for i, column in enumerate(whole.columns):
        if column.name == target:
            continue
        bare = "" if column.name == f"column{i + 1}" else column.name.lower()
        if i == 0 and len(whole.columns) > 2 and bare in NUMBERING and _counts(column.numbers):
            notes.append(
                tell(
                    "left out {name}, which only numbers the rows; --features can include it",
                    name=repr(brief(column.name)),
                )
            )
        else:
            names.append(column.name)
    return names, notes


def _counts(numbers: Array | None) -> bool:
    return (
        numbers is not None and len(numbers) > 2 and bool(np.all(np.diff(numbers) == 1.0)) and numbers[0] in (0.0, 1.0)
    )


def _with_words(features: data.Features, kept: data.Table, names: list[str]) -> data.Features:
    """Return the features with the words of held-out rows added; in training their inputs are 0."""
    known = {(feature.column, feature.word) for feature in features.each}
    found = list(features.each)
    for column in (kept[name] for name in names):
        if column.numbers is None:
            more = sorted({word for word in column.cells if word and (column.name, word) not in known})
            found += [data.Feature(column.name, word, 0.0, 1.0) for word in more]
    order = {name: place for place, name in enumerate(names)}
    found.sort(key=lambda feature: order[feature.column])
    return data.Features(tuple(found), features.missing)


def _scaled(features: data.Features, part: data.Table) -> Array:
    X = features.encode(part)
    X = np.where(np.isnan(X), features.filled(), X)
    scaled: Array = (X - features.filled()) / np.array([feature.deviation for feature in features.each])
    return scaled
