"""Predictor: a trained model with its preprocessing, from the cells of a table to the names of classes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from autograd_mini.checkpoint import FORMAT as CHECKPOINT
from autograd_mini.checkpoint import CheckpointError, Reader, checked_number
from autograd_mini.data.features import POLICIES, Feature, Features
from autograd_mini.data.table import Table
from autograd_mini.data.target import Target
from autograd_mini.export.endings import FORMAT, VERSION, write
from autograd_mini.export.exchange import ExchangeError, from_json
from autograd_mini.export.interface import Interface
from autograd_mini.export.programs import flat, standalone
from autograd_mini.files import as_path
from autograd_mini.language import tell
from autograd_mini.primitives.table import where
from autograd_mini.program.ir import Program
from autograd_mini.program.run import column_function

__all__ = ["ModelError", "Predictor"]

Floats: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]


class ModelError(CheckpointError):
    """A file is not a model, or is damaged; the message says what and where."""


class Predictor:
    """A network with its preprocessing and its classes: scaling, missing cells, class names, units.

    ``program``   ``features.encode``'s numbers → a probability per class, or the target in its unit
    ``features``  columns of the table, and how they become numbers
    ``target``    what is predicted

    Made by ``Predictor.of`` from a network, or by ``Predictor.load`` from a file. Raises ValueError
    where the program's inputs or outputs do not match the features or the target.
    """

    def __init__(self, program: Program, features: Features, target: Target) -> None:
        outputs = len(target.classes) or 1
        if len(program.inputs) != len(features) or len(program.outputs) != outputs:
            raise ValueError(
                f"the model takes {len(program.inputs)} numbers and gives {len(program.outputs)}; there are "
                f"{len(features)} features and {outputs} {'classes' if target.classes else 'target'}"
            )
        self.program, self.features, self.target = program, features, target
        self._columns = column_function(program, "numpy")

    @classmethod
    def of(cls, network: Callable[[Any], Any], features: Features, target: Target) -> Predictor:
        """Return the predictor of a network from scaled numbers to probabilities or a scaled target.

        A network of one output for two classes gives the probability of the second.
        """
        return cls(standalone(_whole(network, features, target), len(features)), features, target)

    def outputs(self, table: Table) -> Floats:
        """Return the probability of each class (N, classes), or the target (N, 1), for the rows of a table."""
        return np.column_stack(self._columns(self.features.encode(table), np.empty(0)))

    def predict(self, table: Table) -> list[str] | list[float]:
        """Return the most probable class, or the predicted number, for each row."""
        found = self.outputs(table)
        if not self.target.classes:
            return [float(number) for number in found[:, 0]]
        return [self.target.classes[k] for k in found.argmax(axis=1)]

    def export(self, path: str | Path) -> list[Path]:
        """Write the predictor as a standalone file, as ``Module.export`` does; return the paths of the files written.

        Its inputs are the numbers of ``features.names``, not scaled: the file contains the scaling.
        """
        about = {"features": self.features.state_dict(), "target": self.target.state_dict()}
        outputs = self.target.classes or (self.target.name,)
        return write(self.program, path, Interface(tuple(self.features.names), outputs, self.target.classes), about)

    @classmethod
    def load(cls, path: str | Path) -> Predictor:
        """Return the predictor of a .json file that ``export`` wrote; ModelError for any other file.

        Nothing in the file is executed: its steps name primitives, which are applied to numbers.
        """
        content = _read(path)
        try:
            state = Reader(content, str(path))
            program = from_json(state.get("program"))
            return cls(program, _features(state.inside("features")), _target(state.inside("target")))
        except CheckpointError as error:
            raise ModelError(str(error)) from None
        except (ExchangeError, ValueError) as error:
            raise ModelError(tell("{path}: {error}", path=path, error=error)) from None


def _whole(network: Callable[[Any], Any], features: Features, target: Target) -> Callable[[list[Any]], list[Any]]:
    """Return the function from unscaled numbers to probabilities, or to the target in its unit."""

    def compute(xs: list[Any]) -> list[Any]:
        scaled = []
        for x, feature in zip(xs, features.each, strict=True):
            known = where(x == x, x, feature.mean) if features.missing == "mean" and not feature.word else x
            scaled.append((known - feature.mean) / feature.deviation)
        outputs = flat(network(scaled))
        if not target.classes:
            return [y * target.deviation + target.mean for y in outputs]
        return [1.0 - outputs[0], outputs[0]] if len(outputs) == 1 else outputs[: len(target.classes)]

    return compute


def _read(path: str | Path) -> Mapping[str, Any]:
    path = as_path(path, "Predictor.load")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelError(tell("{path}: cannot be read: {why}", path=path, why=error.strerror or error)) from None
    except UnicodeDecodeError as error:
        raise ModelError(
            tell("{path}: byte {byte} is not UTF-8; this is not a model", path=path, byte=error.start)
        ) from None
    except (ValueError, RecursionError) as error:
        raise ModelError(tell("{path}: not a model, or cut off: {error}", path=path, error=error)) from None
    found = content.get("format") if isinstance(content, dict) else None
    if found == CHECKPOINT:
        raise ModelError(
            tell("{path}: a checkpoint, which resumes training; the model is model.json in the same folder", path=path)
        )
    if found != FORMAT:
        raise ModelError(tell('{path}: not a model; "format": "{format}" is missing', path=path, format=FORMAT))
    if content.get("version") != VERSION:
        raise ModelError(
            tell(
                "{path}: version {version}, this program reads {known}",
                path=path,
                version=repr(content.get("version")),
                known=VERSION,
            )
        )
    return content  # type: ignore[no-any-return]


def _features(state: Reader) -> Features:
    missing, items = state.get("missing"), state.get("each")
    if missing not in POLICIES or not isinstance(items, list) or not items:
        raise ModelError(
            tell(
                "{where}: missing is one of {legal}, and each a list of features",
                where=state.where,
                legal=", ".join(POLICIES),
            )
        )
    found = []
    for i, item in enumerate(items):
        where = f"{state.where}.each.{i}"
        if not isinstance(item, list) or len(item) != 4 or not all(isinstance(text, str) for text in item[:2]):
            raise ModelError(tell("{where}: [column, word, mean, deviation] is needed", where=where))
        mean, deviation = (checked_number(x, where) for x in item[2:])
        found.append(Feature(item[0], item[1], mean, deviation))
    return Features(tuple(found), missing)


def _target(state: Reader) -> Target:
    name, classes = state.get("name"), state.get("classes")
    if not isinstance(name, str) or not isinstance(classes, list) or not all(isinstance(c, str) for c in classes):
        raise ModelError(tell("{where}: name is a text and classes a list of texts", where=state.where))
    return Target(name, tuple(classes), state.number("mean"), state.number("deviation"))
