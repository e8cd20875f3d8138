"""Every target as one function: run these programs at these points, return the outputs.

JavaScript runs under Node, one process for all programs of a call. Without Node its tests are
skipped, except where CI=true: there it must be.
"""

from __future__ import annotations

import ctypes
import json
import math
import os
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest

from autograd_mini.program.ir import Instruction, Operand, Program
from autograd_mini.program.source import prepared
from autograd_mini.program.target import TARGETS, Target
from autograd_mini.program.targets.javascript import literal, source
from autograd_mini.program.verify import verify

Point = Sequence[float]
Outputs = list[list[tuple[float, ...]]]
"""For each program, for each of its points, the outputs."""


def by_columns(target: Target, programs: Sequence[Program], points: Sequence[Sequence[Point]]) -> Outputs:
    assert target.columns is not None
    found = []
    for program, xs in zip(programs, points, strict=True):
        columns = target.columns(verify(prepared(program, target)))
        found.append(rows_of(list(columns(list(np.array(xs, dtype=float).reshape(len(xs), -1).T), len(xs))), len(xs)))
    return found


def by_columns_together(target: Target, programs: Sequence[Program], points: Sequence[Sequence[Point]]) -> Outputs:
    """The same, many programs side by side in one: for a target whose compiler takes long to begin."""
    found: Outputs = []
    begin = 0
    while begin < len(programs):
        end, size = begin + 1, len(programs[begin])
        while end < len(programs) and size + len(programs[end]) < TOGETHER:
            size += len(programs[end])
            end += 1
        part, places = programs[begin:end], points[begin:end]
        rows = max(map(len, places))
        table = [
            [number for xs in places for number in xs[min(row, len(xs) - 1)]] for row in range(rows)
        ]  # the last point again where a program has fewer
        (outputs,) = by_columns(target, [side_by_side(part)], [table])
        ends = np.cumsum([len(program.outputs) for program in part]).tolist()
        for program, xs, stop in zip(part, places, ends, strict=True):
            found.append([row[stop - len(program.outputs) : stop] for row in outputs[: len(xs)]])
        begin = end
    return found


TOGETHER = 3_000  # instructions


def side_by_side(programs: Sequence[Program]) -> Program:
    """Return the programs as one, arguments and outputs one after the other; none may capture anything."""
    inputs: list[int] = []
    instructions: list[Instruction] = []
    outputs: list[Operand] = []
    first = 0
    for program in programs:
        assert not program.captured

        def moved(operand: Operand, first: int = first) -> Operand:
            return operand + first if isinstance(operand, int) else operand

        inputs += [x + first for x in program.inputs]
        for step in program.instructions:
            results = tuple(x + first for x in step.results)
            instructions.append(Instruction(step.primitive, tuple(map(moved, step.operands)), results))
        outputs += map(moved, program.outputs)
        first += program.next_variable
    return Program(tuple(inputs), tuple(instructions), tuple(outputs))


def by_numbers(target: Target, programs: Sequence[Program], points: Sequence[Sequence[Point]]) -> Outputs:
    assert target.scalar is not None
    functions = [target.scalar(verify(prepared(program, target))) for program in programs]
    return [[function(*x) for x in xs] for function, xs in zip(functions, points, strict=True)]


def run_javascript(programs: Sequence[Program], points: Sequence[Sequence[Point]]) -> Outputs:
    parts = ["const bits = new DataView(new ArrayBuffer(8));"]
    parts.append("const hex = (x) => { bits.setFloat64(0, x); return bits.getBigUint64(0).toString(16); };")
    parts.append("const found = [];")
    for i, (program, xs) in enumerate(zip(programs, points, strict=True)):
        text = source(verify(prepared(program, TARGETS["javascript"])), f"program{i}")
        table = ", ".join(f"[{', '.join(map(literal, x))}]" for x in xs)
        parts.append(f"{{\n{text}\nfound.push([{table}].map((x) => [program{i}(...x)].flat().map(hex)));\n}}")
    parts.append("console.log(JSON.stringify(found));")
    node = subprocess.run(["node", "-"], input="\n".join(parts), capture_output=True, text=True, timeout=300)
    assert node.returncode == 0, node.stderr[-2000:]
    return [
        [tuple(struct.unpack(">d", bytes.fromhex(each.zfill(16)))[0] for each in outputs) for outputs in rows]
        for rows in json.loads(node.stdout)
    ]


def run_c(programs: Sequence[Program], points: Sequence[Sequence[Point]]) -> Outputs:
    """Every program as a function of one shared library; warnings are errors."""
    ready = [verify(prepared(program, TARGETS["c"])) for program in programs]
    library = c_library("\n".join(TARGETS["c"].source(program, f"program{i}") for i, program in enumerate(ready)))
    found = []
    for i, (program, xs) in enumerate(zip(ready, points, strict=True)):
        function, out = library[f"program{i}"], (ctypes.c_double * len(program.outputs))()
        rows = []
        for x in xs:
            function(*[(ctypes.c_double * len(x))(*x)] * bool(x), out)
            rows.append(tuple(out))
        found.append(rows)
    return found


def c_library(text: str, *flags: str) -> ctypes.CDLL:
    """Compile C text, as strictly as gcc can, and load it."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "text.c").write_text(text)
        command = ["gcc", *C_FLAGS, *flags, "-shared", "-fPIC", "-o", "library.so", "text.c", "-lm"]
        made = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
        assert made.returncode == 0, made.stderr[:2000]
        return ctypes.CDLL(str(Path(folder) / "library.so"))


C_FLAGS = ("-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror", "-O1")


def c_compiles() -> bool:
    """Tell whether gcc is installed; in CI it must be."""
    if shutil.which("gcc"):
        return True
    assert os.environ.get("CI") != "true", "gcc is not installed, and in CI the C target must be tested"
    return False


def rows_of(columns: Sequence[Any], count: int) -> list[tuple[float, ...]]:
    return list(zip(*(np.broadcast_to(column, (count,)).tolist() for column in columns), strict=True))


def javascript_runs() -> bool:
    """Tell whether Node is installed; in CI it must be."""
    if shutil.which("node"):
        return True
    assert os.environ.get("CI") != "true", "Node is not installed, and in CI the JavaScript target must be tested"
    return False


Runner: TypeAlias = Callable[[Sequence[Program], Sequence[Sequence[Point]]], Outputs]
ELSEWHERE: dict[str, tuple[Runner, str]] = {
    "c": (run_c, "" if c_compiles() else "gcc is not installed"),
    "javascript": (run_javascript, "" if javascript_runs() else "Node is not installed"),
}
"""Targets that do not run in this process: who runs their text, and why it cannot here ("" where it can)."""


def ways_to_run() -> Iterator[tuple[str, Runner, str]]:
    """Yield (name, runner, why it cannot run here) for every way of every target."""
    for target in TARGETS.values():
        if target.columns is None and target.scalar is None:
            assert target.name in ELSEWHERE, f"nothing runs the text of target {target.name!r}: add it to ELSEWHERE"
            yield (target.name, *ELSEWHERE[target.name])
        if target.columns is not None:
            way = by_columns_together if target.name == "jax" else by_columns
            yield target.name, partial(way, target), target.missing()
        if target.scalar is not None:
            yield f"{target.name} scalar", partial(by_numbers, target), target.missing()


RUN: dict[str, Runner] = {name: run for name, run, _ in ways_to_run()}
WAYS = [
    pytest.param(
        name,
        marks=[
            pytest.mark.skipif(bool(missing), reason=missing),
            *([pytest.mark.slow] if name == "jax" else []),  # XLA compiles for a minute; a part runs in test_jax
        ],
    )
    for name, _, missing in ways_to_run()
]


FLUSHING = ("jax",)
"""Ways that take a subnormal number for 0, as XLA's code for the CPU does."""


def keeps(way: str, *numbers: float) -> bool:
    """Tell whether a way of running keeps these numbers: where it flushes, no subnormal ones."""
    return way not in FLUSHING or not any(0.0 < abs(x) < 2.3e-308 for x in numbers)


def same(computed: float, expected: float, ulps: float = 0.0, scale: float = 0.0) -> bool:
    """Equal to so many ulp (of ``scale`` where that is larger); nan is nan; zeros are zeros."""
    if computed == expected or (computed != computed and expected != expected):
        return True
    if math.isinf(expected) or math.isinf(computed) or computed != computed or expected != expected:
        return False
    return abs(computed - expected) <= ulps * math.ulp(max(abs(expected), scale))
