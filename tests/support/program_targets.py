"""Every target as one function: run these programs at these points, return the outputs.

JavaScript runs under Node, one process for all programs of a call. Without Node its tests are
skipped, except where CI=true: there it must be.
"""

from __future__ import annotations

import importlib.util
import json
import math
import os
import shutil
import struct
import subprocess
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from autograd_mini.program.ir import Program
from autograd_mini.program.targets.javascript import literal, source
from autograd_mini.program.targets.numpy import compile_numpy
from autograd_mini.program.targets.python import compile_python
from autograd_mini.program.targets.source import prepared
from autograd_mini.program.verify import verify

Point = Sequence[float]
Outputs = list[list[tuple[float, ...]]]
"""For each program, for each of its points, the outputs."""


def run_python(programs: Sequence[Program], points: Sequence[Sequence[Point]]) -> Outputs:
    functions = [compile_python(verify(prepared(program, "python"))) for program in programs]
    return [[function(*x) for x in xs] for function, xs in zip(functions, points, strict=True)]


def run_numpy(programs: Sequence[Program], points: Sequence[Sequence[Point]]) -> Outputs:
    found = []
    for program, xs in zip(programs, points, strict=True):
        columns = compile_numpy(verify(prepared(program, "numpy")))(*np.array(xs, dtype=float).reshape(len(xs), -1).T)
        found.append(rows_of(columns, len(xs)))
    return found


def run_llvm(programs: Sequence[Program], points: Sequence[Sequence[Point]]) -> Outputs:
    from autograd_mini.program.targets.llvm.compile import compile_columns

    found = []
    for program, xs in zip(programs, points, strict=True):
        native = compile_columns(verify(prepared(program, "llvm")))
        found.append(rows_of(native(list(np.array(xs, dtype=float).reshape(len(xs), -1).T), len(xs)), len(xs)))
    return found


def run_llvm_scalar(programs: Sequence[Program], points: Sequence[Sequence[Point]]) -> Outputs:
    from autograd_mini.program.targets.llvm.compile import compile_scalar

    functions = [compile_scalar(verify(prepared(program, "llvm"))) for program in programs]
    return [[function(*x) for x in xs] for function, xs in zip(functions, points, strict=True)]


def run_javascript(programs: Sequence[Program], points: Sequence[Sequence[Point]]) -> Outputs:
    parts = ["const bits = new DataView(new ArrayBuffer(8));"]
    parts.append("const hex = (x) => { bits.setFloat64(0, x); return bits.getBigUint64(0).toString(16); };")
    parts.append("const found = [];")
    for i, (program, xs) in enumerate(zip(programs, points, strict=True)):
        text = source(verify(prepared(program, "javascript")), f"program{i}")
        table = ", ".join(f"[{', '.join(map(literal, x))}]" for x in xs)
        parts.append(f"{{\n{text}\nfound.push([{table}].map((x) => [program{i}(...x)].flat().map(hex)));\n}}")
    parts.append("console.log(JSON.stringify(found));")
    node = subprocess.run(["node", "-"], input="\n".join(parts), capture_output=True, text=True, timeout=300)
    assert node.returncode == 0, node.stderr[-2000:]
    return [
        [tuple(struct.unpack(">d", bytes.fromhex(each.zfill(16)))[0] for each in outputs) for outputs in rows]
        for rows in json.loads(node.stdout)
    ]


def rows_of(columns: Sequence[Any], count: int) -> list[tuple[float, ...]]:
    return list(zip(*(np.broadcast_to(column, (count,)).tolist() for column in columns), strict=True))


def javascript_runs() -> bool:
    """Tell whether Node is installed; in CI it must be."""
    if shutil.which("node"):
        return True
    assert os.environ.get("CI") != "true", "Node is not installed, and in CI the JavaScript target must be tested"
    return False


RUN: dict[str, Callable[[Sequence[Program], Sequence[Sequence[Point]]], Outputs]] = {
    "python": run_python,
    "numpy": run_numpy,
    "llvm": run_llvm,
    "llvm scalar": run_llvm_scalar,
    "javascript": run_javascript,
}
TARGETS = [
    "python",
    "numpy",
    *(
        pytest.param(name, marks=pytest.mark.skipif(not importlib.util.find_spec("llvmlite"), reason="no llvmlite"))
        for name in ("llvm", "llvm scalar")
    ),
    pytest.param("javascript", marks=pytest.mark.skipif(not javascript_runs(), reason="Node is not installed")),
]


def same(computed: float, expected: float, ulps: float = 0.0, scale: float = 0.0) -> bool:
    """Equal to so many ulp (of ``scale`` where that is larger); nan is nan; zeros are zeros."""
    if computed == expected or (computed != computed and expected != expected):
        return True
    if math.isinf(expected) or math.isinf(computed) or computed != computed or expected != expected:
        return False
    return abs(computed - expected) <= ulps * math.ulp(max(abs(expected), scale))
