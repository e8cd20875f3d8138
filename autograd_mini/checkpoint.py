"""Checkpoints: save and load models and training runs, atomically.

The format is JSON, UTF-8, one object::

    {"format": "autograd-mini checkpoint",   what the file is
     "version": 1,                           version of the format
     "parameters": {"0.w.0.0": 0.25, …},     name → number, in the order of the model
     "training": {…}}                        what a Trainer needs to resume; optional

Numbers are written so that reading gives the same bits; a number that JSON cannot express is the
string "nan", "inf" or "-inf". Nothing in a file is executed. A new file is written to a temporary
name, flushed to the disk, and renamed over the old one, so that at any moment either the complete
old file or the complete new file exists.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from autograd_mini.files import as_path, replace
from autograd_mini.format import described
from autograd_mini.nn.module import Module

__all__ = ["FORMAT", "VERSION", "Checkpoint", "CheckpointError", "Reader", "load", "read", "save", "write"]

Floats: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]

FORMAT, VERSION = "autograd-mini checkpoint", 1
SPECIAL = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


class CheckpointError(ValueError):
    """A checkpoint cannot be read or does not fit the model; the message says what and where."""


class Checkpoint:
    """The content of a file: ``parameters`` (name → number) and ``training`` (a dict, may be empty)."""

    def __init__(self, parameters: Mapping[str, float], training: Mapping[str, Any] | None = None) -> None:
        self.parameters = dict(parameters)
        self.training = dict(training or {})


def save(model: Module, path: str | Path, training: Mapping[str, Any] | None = None) -> None:
    """Write the model's parameters, and ``training``, the state of its training, to ``path``, atomically.

    Raises TypeError where ``model`` is not a module, OSError where the folder cannot be written.
    """
    write(Checkpoint(_module(model, "save").state_dict(), training), path)


def load(model: Module, path: str | Path) -> dict[str, Any]:
    """Set the model's parameters from ``path`` and return the state of training, {} where there is none.

    Raises CheckpointError where the file cannot be read or does not fit; the model is then unchanged.
    """
    _module(model, "load")
    found = read(path)
    try:
        model.load_state_dict(found.parameters)
    except KeyError as error:
        raise CheckpointError(f"{path}: parameters: {error.args[0]}") from None
    return found.training


def _module(model: object, owner: str) -> Module:
    if not isinstance(model, Module):
        raise TypeError(f"checkpoint.{owner}: {described(model)}; a module is needed")
    return model


def write(checkpoint: Checkpoint, path: str | Path) -> None:
    """Write ``checkpoint`` to ``path``: temporary file beside it, fsync, rename.

    Raises OSError where the folder cannot be written; an existing file is then unchanged.
    """
    content: dict[str, Any] = {"format": FORMAT, "version": VERSION, "parameters": _plain(checkpoint.parameters)}
    if checkpoint.training:
        content["training"] = _plain(checkpoint.training)
    replace(path, json.dumps(content, allow_nan=False, separators=(",", ":")))


def read(path: str | Path) -> Checkpoint:
    """Return the content of ``path``; CheckpointError says what is wrong with it and where."""
    try:
        text = as_path(path, "checkpoint").read_text(encoding="utf-8")
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise CheckpointError(f"{path}: byte {error.start} is not UTF-8; this is not a checkpoint") from None
    try:
        content = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{path}: not a checkpoint, or cut off: {error}") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise CheckpointError(f'{path}: format: not a checkpoint; "format": "{FORMAT}" is missing')
    if content.get("version") != VERSION:
        raise CheckpointError(
            f"{path}: version: {content.get('version')!r}, this program reads {VERSION}; use the program that wrote it"
        )
    parameters, training = content.get("parameters"), content.get("training", {})
    if not isinstance(parameters, dict) or not isinstance(training, dict):
        which = "training" if isinstance(parameters, dict) else "parameters"
        raise CheckpointError(f"{path}: {which}: an object is needed")
    numbers = {name: checked_number(x, f"{path}: parameters: {name}") for name, x in parameters.items()}
    return Checkpoint(numbers, training)


def checked_number(x: object, where: str) -> float:
    """Return a number of a checkpoint; CheckpointError, with ``where``, for anything else."""
    if isinstance(x, str) and x in SPECIAL:
        return SPECIAL[x]
    if isinstance(x, bool) or not isinstance(x, (int, float)):
        raise CheckpointError(f"{where}: {x!r} is not a number")
    try:
        return float(x)
    except OverflowError:
        raise CheckpointError(f"{where}: {str(x)[:20]}… is beyond the range of floats") from None


class Reader:
    """Reads the entries of a JSON object of a checkpoint and checks their types; each error says where."""

    def __init__(self, content: object, where: str) -> None:
        if not isinstance(content, Mapping):
            raise CheckpointError(f"{where}: an object is needed")
        self.content, self.where = content, where

    def get(self, name: str) -> Any:
        """Return the entry; CheckpointError where it is missing."""
        if name not in self.content:
            raise CheckpointError(f"{self.where}: {name} is missing")
        return self.content[name]

    def inside(self, name: str) -> Reader:
        """Return the entry, which must be an object."""
        return Reader(self.get(name), f"{self.where}.{name}")

    def number(self, name: str) -> float:
        """Return the entry, which must be a number."""
        return checked_number(self.get(name), f"{self.where}.{name}")

    def whole(self, name: str) -> int:
        """Return the entry, which must be a whole number of at least 0."""
        found = self.get(name)
        if isinstance(found, bool) or not isinstance(found, int) or found < 0:
            raise CheckpointError(f"{self.where}.{name}: {found!r} is not a whole number of at least 0")
        return found

    def array(self, name: str, count: int | None = None) -> Floats:
        """Return the entry, which must be a list of numbers, ``count`` of them where given."""
        found = self.get(name)
        if not isinstance(found, list) or (count is not None and len(found) != count):
            size = "" if count is None else f"{count} "
            got = len(found) if isinstance(found, list) else "none"
            raise CheckpointError(f"{self.where}.{name}: a list of {size}numbers is needed, got {got}")
        return np.array([checked_number(x, f"{self.where}.{name}.{i}") for i, x in enumerate(found)], dtype=np.float64)


def _refuse(word: str) -> float:
    raise ValueError(f"{word} is not JSON")


def _plain(item: Any) -> Any:
    """Return ``item`` as JSON can hold it, floats exactly."""
    if isinstance(item, Mapping):
        return {str(key): _plain(value) for key, value in item.items()}
    if isinstance(item, (list, tuple)):
        return [_plain(value) for value in item]
    if isinstance(item, float) and not math.isfinite(item):
        return "nan" if item != item else "inf" if item > 0 else "-inf"
    return item
