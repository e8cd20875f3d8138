"""The text of a program stands on its own: it runs elsewhere, and gives the same numbers."""

from __future__ import annotations

import importlib
import json
import math
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_mini import jit, parameter, tanh, value_and_grad
from autograd_mini.primitives import table as rows
from autograd_mini.program.ir import Instruction, Program
from autograd_mini.program.target import TARGETS
from autograd_mini.program.targets import javascript as emit_javascript
from autograd_mini.program.targets import numpy as emit_numpy
from autograd_mini.program.targets import python as emit_python
from tests.support.program_targets import javascript_runs, same

ROOT = Path(__file__).parents[3]


def several(x: Any, y: Any) -> Any:
    kinds = (rows.erf(x) + rows.erfc(y), rows.cbrt(y) * rows.hypot(x, y), rows.round(x * 3.5) + rows.floor(-y))
    return sum(kinds) + rows.maximum(x, y) * rows.minimum(x, 2.0) + rows.exp2(x) ** 1.5 + rows.log(x) / y


POINTS = [(0.7, -1.3), (0.0, 0.0), (-2.0, 1e308), (math.inf, 2.0), (1e-300, -1e-300), (800.0, 3.0)]


@pytest.fixture
def program() -> Program:
    found: Program = jit(value_and_grad(several, (0, 1))).program(*POINTS[0])
    return found


def expected() -> list[tuple[float, ...]]:
    results = (value_and_grad(several, (0, 1))(x, y) for x, y in POINTS)
    return [(value, *slopes) for value, slopes in results]


def check(found: list[Any], ulps: float) -> None:
    for point, got, want in zip(POINTS, found, expected(), strict=True):
        assert all(same(a, b, ulps) for a, b in zip(got, want, strict=True)), (point, got, want)


def test_python_text_needs_the_standard_library_alone(program: Program) -> None:
    text = program.source("python")
    ask = "\nimport json\nprint(json.dumps([program(x, y) for x, y in json.loads(input())]))"
    # -I -S: no site packages, no path of ours
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", text + ask], input=json.dumps(POINTS), capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    check(json.loads(run.stdout), ulps=0.0)


def test_numpy_text_takes_columns_and_numbers(program: Program) -> None:
    space: dict[str, Any] = {}
    exec(program.source("numpy"), space)
    columns = space["program"](*np.array(POINTS).T)
    check(list(zip(*columns, strict=True)), ulps=8.0)
    check([space["program"](*point) for point in POINTS], ulps=8.0)


@pytest.mark.skipif(not javascript_runs(), reason="Node is not installed")
def test_javascript_text_needs_nothing(program: Program) -> None:
    table = ", ".join(f"[{', '.join(map(emit_javascript.literal, point))}]" for point in POINTS)
    ask = f"console.log(JSON.stringify([{table}].map((x) => program(...x).map(String))))"
    run = subprocess.run(["node", "-"], input=program.source("javascript") + ask, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    check([[float(x.replace("Infinity", "inf")) for x in row] for row in json.loads(run.stdout)], ulps=8.0)


@pytest.mark.skipif(bool(TARGETS["llvm"].missing()), reason="no llvmlite")
def test_llvm_text(program: Program) -> None:
    assert "define internal void @" in program.source("llvm")


def test_targets_are_named(program: Program) -> None:
    with pytest.raises(
        ValueError, match="target is 'rust'; 'c', 'javascript', 'jax', 'llvm', 'numpy', 'python' are legal"
    ):
        program.source("rust")


def test_captured_values_become_defaults() -> None:
    w = parameter(3.0, "w")
    program = jit(lambda x: w * x).program(1.0)
    assert "def program(x, w=3.0):\n    v2 = w * x\n    return v2\n" in program.source("python")
    assert "def program(x, w=3.0):" in program.source("numpy")
    assert program.source("javascript") == "function program(x, w = 3) {\n  const v2 = w * x;\n  return v2;\n}\n"


def test_names_that_mean_something_else_are_replaced() -> None:
    def awkward(Math: Any, exp: Any, v7: Any, é: Any, lambda_: Any, np: Any) -> Any:
        return rows.exp(Math) + exp + v7 + é + lambda_ + np

    program = jit(awkward).program(*[1.0] * 6)
    wanted = math.e + 5.0
    space: dict[str, Any] = {}
    for target in ("python", "numpy"):
        exec(program.source(target), space)
        assert space["program"](*[1.0] * 6) == wanted
    assert "function program(v0, exp, v2, v3, lambda_, np)" in program.source("javascript")
    assert "def program(Math, v1, v2, v3, lambda_, v5)" in program.source("python")


@pytest.mark.parametrize("number", [0.1, -0.0, 0.0, 1e300, 5e-324, math.inf, -math.inf, math.nan, 3.0, -2.5, 1e22])
def test_literals_keep_their_bits(number: float) -> None:
    space = {"inf": math.inf, "nan": math.nan, "np": np}
    for literal in (emit_python.literal, emit_numpy.literal):
        back = float(eval(literal(number), dict(space)))
        assert repr(back) == repr(number)
    back = eval(emit_javascript.literal(number), {"Infinity": math.inf, "NaN": math.nan})
    assert repr(float(back)) == repr(number) or number == 0.0
    assert emit_javascript.literal(-0.0) == "(-0)"


def test_programs_beyond_a_target_are_refused() -> None:
    chance = random.Random(0)  # nothing repeats, in space or in time
    steps = tuple(Instruction(chance.choice([rows.neg, rows.abs]), (i,), (i + 1,)) for i in range(300_001))
    program = Program((0,), steps, (300_001,))
    with pytest.raises(ValueError, match="the program has 300,001 instructions, the python target takes 300,000; use"):
        emit_python.compile_python(program)
    with pytest.raises(ValueError, match="the program has 300,001 instructions, the numpy target takes 300,000; use"):
        emit_numpy.compile_numpy(program)


def test_a_short_text_is_short() -> None:
    text = jit(lambda x: tanh(x) * 2.0).program(1.0).source("python")
    assert text.endswith("def program(x):\n    v1 = math.tanh(x)\n    v2 = v1 * 2.0\n    return v2\n") or "try:" in text


def test_the_example_prints_every_target(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "examples"))
    example = importlib.import_module("targets")
    example.main([])
    told = capsys.readouterr().out
    assert "x₇ = tanh(x₆)" in told
    for text in ("math.tanh", "np.tanh", "Math.tanh", " python -", " numpy -", " javascript -", " llvm -"):
        assert text in told
    example.main(["javascript"])
    assert "np.tanh" not in capsys.readouterr().out
    with pytest.raises(SystemExit):
        example.main(["rust"])


def test_a_branch_not_taken_costs_nothing_in_python() -> None:
    """What one branch alone needs is written inside it; what is needed elsewhere too, or asked for, has a name."""
    f = jit(lambda x: rows.where(x > 0.0, rows.sqrt(x) * 3.0, x * 3.0), engine="python")
    text = f.program(2.0).source("python")
    assert "= (math.sqrt(x) * 3.0) if (0.0 < x) else (x * 3.0)" in text
    assert (f(4.0), f(-2.0)) == (6.0, -6.0)


def test_a_literal_is_not_taken_for_the_variable_of_that_number() -> None:
    steps = (
        Instruction(rows.less, (0.0, 0), (1,)),
        Instruction(rows.mul, (0, 5.0), (2,)),
        Instruction(rows.where, (1, 2, 1.0), (3,)),
        Instruction(rows.add, (3, 2.0), (4,)),
        Instruction(rows.mul, (4, 1.0), (5,)),
    )
    run = emit_python.compile_python(Program((0,), steps, (5,)))
    assert (run(3.0), run(-3.0)) == ((17.0,), (3.0,))


def test_branches_nest_as_deep_as_they_like() -> None:
    def f(x: Any) -> Any:
        out = x
        for i in range(300):
            out = rows.where(x > i / 100.0, out * 1.01, out + 0.5)
        return out

    g = jit(f, engine="python")
    assert [g(x) for x in (-1.0, 0.5, 7.0)] == [f(x) for x in (-1.0, 0.5, 7.0)]
