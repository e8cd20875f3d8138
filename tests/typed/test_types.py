"""Type checkers read a user's script as it is meant, and refuse mistakes: mypy, and pyright where it is installed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import get_args

import pytest

from autograd_mini import Value, optim
from autograd_mini.losses import LOSSES, LossName
from autograd_mini.optim import OPTIMIZERS, OptimizerName
from autograd_mini.primitives import table
from autograd_mini.program.run import Engine, engines

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MYPY = (
    "mypy",
    "--strict",
    "--no-error-summary",
    "--config-file",
    str(ROOT / "setup.cfg"),
    "--cache-dir",
    str(ROOT / ".mypy_cache" / "typed"),
)
REPORT = re.compile(r"(\w+)\.py:(\d+): error")


def mypy(*files: str, folder: Path = HERE) -> list[tuple[str, int, str]]:
    """Return the errors as (file, line, message)."""
    run = subprocess.run(
        [sys.executable, "-m", *MYPY, *files], cwd=folder, capture_output=True, text=True,
        env={**os.environ, "MYPYPATH": str(ROOT)}, check=False,
    )  # fmt: skip
    assert run.returncode in (0, 1), run.stdout + run.stderr
    found = [(REPORT.search(line), line) for line in run.stdout.splitlines()]
    return [(match[1], int(match[2]), line) for match, line in found if match]


def pyright(*files: str, folder: Path = HERE) -> list[tuple[str, int, str]]:
    """Return the errors as (file, line, message); skip the test where pyright cannot run."""
    if find_spec("pyright") is None:
        pytest.skip("pyright is not installed; it brings Node from the network")
    run = subprocess.run(
        [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, *files],
        cwd=folder, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    try:
        report = json.loads(run.stdout)["generalDiagnostics"]
    except ValueError:
        pytest.skip(f"pyright cannot run here: {run.stderr.strip().splitlines()[-1:]}")
    return [
        (Path(each["file"]).stem, each["range"]["start"]["line"] + 1, each["message"])
        for each in report
        if each["severity"] == "error"
    ]


@pytest.mark.long
def test_the_functions_are_exported_to_scripts_elsewhere(tmp_path: Path) -> None:
    """Outside this folder pyright reads the package as an installed one, whose private names it refuses."""
    (tmp_path / "elsewhere.py").write_text((HERE / "script.py").read_text(encoding="utf-8"), encoding="utf-8")
    assert pyright("elsewhere.py", folder=tmp_path) == []


CHECKERS = pytest.mark.parametrize("checker", [mypy, pyright], ids=["mypy", "pyright"])


@CHECKERS
@pytest.mark.long
def test_a_typed_script_passes(checker) -> None:  # type: ignore[no-untyped-def]
    assert checker("script.py") == []


@CHECKERS
@pytest.mark.long
def test_each_mistake_is_refused(checker) -> None:  # type: ignore[no-untyped-def]
    wrong = {i for i, line in enumerate((HERE / "mistakes.py").read_text().splitlines(), 1) if line.endswith("# error")}
    assert {line for _, line, _ in checker("mistakes.py")} == wrong


def test_the_script_runs(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, HERE / "script.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert {"c.svg", "run.html", "model.c"} <= {path.name for path in tmp_path.iterdir()}


@pytest.mark.long
def test_every_function_of_the_table_is_a_method_that_checkers_know(tmp_path: Path) -> None:
    methods = [name for name in table.__all__ if hasattr(Value, name)]
    assert len(methods) > 50
    given = {"round_to": "2", "clip": "0.0, 1.0", "where": "a, 0.5", "atan2": "a"}
    calls = []
    for name in methods:
        row = getattr(table, name)
        arguments = given.get(name, ", ".join(["a"] * (row.arity - 1 - len(row.defaults))))
        calls.append(f"assert_type(a.{name}({arguments}), Value)")
    head = "from typing import assert_type\nfrom autograd_mini import Value\na = Value(0.5)\n"
    (tmp_path / "methods.py").write_text(head + "\n".join(calls) + "\n")
    assert mypy("methods.py", folder=tmp_path) == []


def test_literals_are_the_names_that_are_legal() -> None:
    assert set(get_args(LossName)) == set(LOSSES)
    assert set(get_args(OptimizerName)) == set(OPTIMIZERS)
    assert set(get_args(Engine)) >= set(engines()) - {"jax"}, "the targets of this package"
    for name in get_args(OptimizerName):
        assert issubclass(optim.named(name), optim.Optimizer)
