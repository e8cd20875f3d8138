"""export: write a model in the language that the ending of the path chooses."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from autograd_mini.export.c import c_text
from autograd_mini.export.exchange import to_json
from autograd_mini.export.interface import Interface, check_names
from autograd_mini.export.javascript import javascript_text
from autograd_mini.export.programs import standalone
from autograd_mini.export.python import numpy_text, python_text
from autograd_mini.files import as_path
from autograd_mini.files import replace as replace_file
from autograd_mini.primitives.table import affine
from autograd_mini.program.ir import Operand, Program

__all__ = ["ENDINGS", "FORMAT", "VERSION", "export", "write"]

FORMAT, VERSION = "autograd-mini model", 1
ENDINGS = {
    ".py": "Python, without dependencies",
    ".npz": "the weights for NumPy, and a .py beside it that computes with them",
    ".js": "JavaScript for Node and pages",
    ".c": "C99, without dependencies",
    ".json": "data: the steps of the computation, which predict and other programs read",
}
"""The ending of a file → the language of the export."""


def export(
    model: Callable[[Any], Any], path: str | Path, inputs: int | Sequence[str], classes: Sequence[str] = ()
) -> list[Path]:
    """Write ``model``, a function of a list of numbers, as a standalone file; return the paths of the files written.

    ``path``     its ending chooses the language: .py, .npz (with a .py beside it), .js, .c or .json
    ``inputs``   how many numbers the model takes, or their names
    ``classes``  a name for each output, where outputs are the scores of classes

    Raises ValueError for another ending, a model that branches with ``if``, and names that do not fit.
    """
    known_ending(path)
    check_names(inputs, classes)
    program = standalone(model, inputs if isinstance(inputs, int) else len(inputs))
    return write(program, path, Interface.of(inputs, len(program.outputs), classes))


def known_ending(path: str | Path) -> Path:
    """Return the path; raise ValueError for an ending that is not in ``ENDINGS``."""
    path = as_path(path, "export")
    if path.suffix not in ENDINGS:
        raise ValueError(f"{path.name}: the ending says what to write; {', '.join(ENDINGS)} are legal")
    return path


def write(
    program: Program, path: str | Path, interface: Interface, about: Mapping[str, Any] | None = None
) -> list[Path]:
    """Write a program without captured Values; ``about`` holds further entries of a .json file.

    Returns the paths of the files written; raises ValueError for an ending that is not in ``ENDINGS``.
    """
    path = known_ending(path)
    if path.suffix == ".json":
        content = {
            "format": FORMAT, "version": VERSION, "inputs": list(interface.inputs), "outputs": list(interface.outputs),
            "classes": list(interface.classes), "program": to_json(program), **(about or {}),
        }  # fmt: skip
        return _put({path: json.dumps(content, ensure_ascii=False, allow_nan=False)})
    if path.suffix == ".js":
        return _put({path: javascript_text(program, interface, path.name)})
    if path.suffix == ".c":
        return _put({path: c_text(program, interface, path.name)})
    if path.suffix == ".py":
        return _put({path: python_text(program, interface, path.stem)})
    loose, numbers = _weights_apart(program)
    held = io.BytesIO()
    np.savez(held, weights=np.array(numbers))
    return _put({path: held.getvalue(), path.with_suffix(".py"): numpy_text(loose, interface, path.stem)})


def _weights_apart(program: Program) -> tuple[Program, list[float]]:
    """Return the program with the weights of its affine steps as further inputs, and those weights."""
    numbers: list[float] = []
    fresh = program.next_variable

    def apart(operand: Operand) -> Operand:
        if isinstance(operand, int):
            return operand
        numbers.append(operand)
        return fresh + len(numbers) - 1

    steps = tuple(
        replace(step, operands=tuple(map(apart, step.operands))) if step.primitive is affine else step
        for step in program.instructions
    )
    inputs = (*program.inputs, *range(fresh, fresh + len(numbers)))
    return replace(program, inputs=inputs, instructions=steps), numbers


def _put(files: Mapping[Path, str | bytes]) -> list[Path]:
    for path, content in files.items():
        replace_file(path, content)
    return list(files)
