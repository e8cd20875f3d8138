"""Another viz on the path is recognised and said in one sentence, by every command that draws."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMANDS = [
    ["demo"],
    ["draw", "a*b", "a=1", "b=2", "-o", "x.svg"],
    ["grad", "a*b", "a=1", "b=2", "--narrate"],
    ["grad", "a*b", "a=1", "b=2", "--draw", "x.svg"],
    ["train", "xor", "--epochs", "2", "--layers", "2:softmax"],
]


@pytest.mark.parametrize(
    ("command", "content"),
    [*((command, "x = 1\n") for command in COMMANDS), (COMMANDS[0], "raise ValueError('mine')\n")],
)
def test_another_viz_is_named(tmp_path: Path, command: list[str], content: str) -> None:
    (tmp_path / "viz.py").write_text(content)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), os.getcwd()])}
    found = subprocess.run(
        [sys.executable, "-m", "autograd_mini", *command],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        check=False,
    )
    errors = found.stderr.decode()
    assert found.returncode == 2
    assert errors.count("\n") == 1
    assert str(tmp_path / "viz.py") in errors
    assert "viz is found first" in errors or "viz cannot be imported from" in errors


def test_commands_that_draw_nothing_do_not_mind(tmp_path: Path) -> None:
    (tmp_path / "viz.py").write_text("raise ValueError\n")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), os.getcwd()])}
    subprocess.run(
        [sys.executable, "-m", "autograd_mini", "grad", "a*b", "a=1", "b=2"], cwd=tmp_path, env=environment, check=True
    )
