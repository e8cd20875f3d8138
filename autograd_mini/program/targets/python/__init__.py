"""Programs as Python source that needs only the standard library.

The text computes with ``math`` first. Where that raises for a number (1/0, exp(1000)), the same
lines run again with the functions of ``ieee.py``, which follow IEEE 754 and whose source is part of
the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from autograd_mini.program.ir import Program
from autograd_mini.program.nests.build import nests_of
from autograd_mini.program.target import Columns, Floats, Numbers, Sums, Target, add_target
from autograd_mini.program.targets.python.body import LIMIT, Names, PythonBody, namespace, preamble
from autograd_mini.program.targets.python.loops import PythonLoops
from autograd_mini.program.targets.python.words import WORDS, literal

__all__ = ["TARGET", "WORDS", "Names", "PythonBody", "compile_python", "literal", "source"]


def source(program: Program, name: str = "program") -> str:
    """Return Python text that defines ``name(arguments…)``, for a program lowered to "python".

    Captured inputs are trailing parameters whose default is their current number. A single
    output is returned as a number, several as a tuple. A program with structure is written as loops; its function
    takes ``*x``, the same numbers in the same order.
    """
    nests = nests_of(program, apart=False)
    if nests is not None:
        loops = PythonLoops(nests, f"{name}_")
        function = "\n".join(loops.function(name, whole=False))
        constants = "\n".join(loops.definitions(whole=False))
        head = preamble(loops.helpers, loops.called).rstrip()
        return "\n\n\n".join(part for part in (head, constants, f"{function}\n") if part)
    names = Names(program)
    body = PythonBody(program, names)
    lines = list(body.lines(_result(program, names)))
    head = f"{preamble(body.helpers, body.called).rstrip()}\n\n\n{_header(program, names, name)}\n"
    return head + "".join(f"    {line}\n" for line in lines)


def compile_python(program: Program) -> Numbers:
    """Return the lowered program as a function of all its inputs (captured ones too) → tuple of outputs."""
    nests = nests_of(program, apart=False, least=LIMIT + 1)  # straight lines run faster, as long as they compile
    if nests is not None:
        loops = PythonLoops(nests, "_")
        text = "\n".join([*loops.function("program", whole=True), *loops.definitions(whole=True)])
        return _defined(text, namespace(loops.helpers, loops.called))
    body = PythonBody(program, Names(program))
    outputs = "".join(f"{body.names(x)}, " for x in program.outputs)
    lines = list(body.lines(f"({outputs})"))
    header = f"def program({', '.join(map(body.names, program.inputs))}):"
    return _defined("\n    ".join([header, *lines]), body.namespace())


def _defined(text: str, names: dict[str, Any]) -> Numbers:
    exec(compile(text, "<autograd_mini program>", "exec"), names)
    made: Numbers = names["program"]
    return made


def _header(program: Program, names: Names, name: str) -> str:
    parameters = [names(x) for x in program.arguments]
    for variable, value in zip(program.inputs[len(parameters) :], program.captured, strict=True):
        parameters.append(f"{names(variable)}={literal(value.data)}")
    return f"def {name}({', '.join(parameters)}):"


def _result(program: Program, names: Names) -> str:
    outputs = [names(x) for x in program.outputs]
    return outputs[0] if len(outputs) == 1 else f"({', '.join(outputs)})"


def _columns(program: Program) -> Columns:
    function = compile_python(program)

    def columns(inputs: Sequence[float | Floats], rows: int) -> Iterable[Floats]:
        numbers = [np.broadcast_to(np.asarray(x, dtype=np.float64), (rows,)).tolist() for x in inputs]
        found = [function(*row) for row in zip(*numbers, strict=True)] if numbers else [function()] * rows
        return np.array(found, dtype=np.float64).reshape(rows, len(program.outputs)).T

    return columns


def _sums(program: Program, once: Program | None) -> Sums:
    function = compile_python(program)
    extra = None if once is None else compile_python(once)

    def sums(rows: Floats, theta: Floats, divisor: float) -> Floats:
        numbers = theta.tolist()
        total = np.zeros(len(program.outputs))
        with np.errstate(all="ignore"):
            for row in rows.tolist():
                total += function(*row, *numbers)
        return total / divisor if extra is None else total / divisor + extra(*numbers)

    return sums


TARGET = add_target(Target("python", WORDS, literal, source, compile_python, _columns, _sums, calls=True, speed=1))
