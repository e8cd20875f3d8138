"""The registry of targets: what is in it, how one is added, and that nothing else need know."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from pkgutil import iter_modules
from types import MappingProxyType
from typing import Any

import pytest

import autograd_mini as am
from autograd_mini import jit, parameter
from autograd_mini.program import target as registry
from autograd_mini.program import targets
from autograd_mini.program.ir import Program
from autograd_mini.program.record.trace import trace
from autograd_mini.program.target import TARGETS, Target, add_target

ROOT = Path(__file__).parents[2]
FORTH = """
from autograd_mini.program.ir import Program
from autograd_mini.program.target import Target, add_target

WORDS = {"add": "{0} {1} F+", "mul": "{0} {1} F*"}


def source(program: Program, name: str) -> str:
    stack: dict[object, str] = {x: f"arg{x}" for x in program.inputs}
    for step in program.instructions:
        word = TARGET.word(step.primitive)
        assert word is not None
        stack[step.results[0]] = word.format(*(stack[x] if isinstance(x, int) else repr(x) for x in step.operands))
    return f": {name} {stack[program.outputs[0]]} ;"


TARGET = add_target(Target("forth", WORDS, repr, source))
"""


def run(code: str, folder: Path = ROOT) -> str:
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=folder)
    assert found.returncode == 0, found.stderr
    return found.stdout.strip()


def test_a_target_is_one_file_of_the_folder(tmp_path: Path) -> None:
    """A new module beside the others is found, listed, written and refused like them; no other file changes."""
    shutil.copytree(ROOT / "autograd_mini", tmp_path / "autograd_mini")
    (tmp_path / "autograd_mini/program/targets/forth.py").write_text(FORTH)
    made = run(
        "import sys; sys.path.insert(0, '.')\n"
        "from autograd_mini import TARGETS, jit\n"
        "assert 'forth' in TARGETS\n"
        "print(jit(lambda x, y: x * y + 2.0).program(1.0, 2.0).source('forth', 'f'))",
        tmp_path,
    )
    assert made == ": f arg0 arg1 F* 2.0 F+ ;"


def test_every_module_of_the_folder_is_a_target() -> None:
    assert {module.name for module in iter_modules(targets.__path__)} == set(TARGETS)


def test_to_list_the_targets_loads_no_compiler() -> None:
    assert run("import sys, autograd_mini as am; print(len(am.TARGETS), 'llvmlite' in sys.modules)") == (
        f"{len(TARGETS)} False"
    )


def test_a_program_writes_itself_whatever_was_imported_first() -> None:
    code = (
        "from autograd_mini.program.ir import Program\nprogram = Program((0,), (), (0,))\n"
        "print(program.source('python', 'same').count('def same(v0)'), str(program).count('return'))"
    )
    assert run(code) == "1 1"


def test_a_user_sees_what_a_target_can_do() -> None:
    assert am.TARGETS is TARGETS
    assert repr(TARGETS["javascript"]) == "<target javascript: source>"
    assert repr(TARGETS["python"]) == "<target python: source, scalar, columns, sums>"


@pytest.fixture
def own_targets(monkeypatch: pytest.MonkeyPatch) -> None:
    copy = registry._Targets(TARGETS)
    for module in (registry, sys.modules["autograd_mini.program.source"], sys.modules["autograd_mini.program.run"]):
        monkeypatch.setattr(module, "TARGETS", copy)


@pytest.mark.usefixtures("own_targets")
def test_a_users_target_runs_as_an_engine() -> None:
    def scalar(program: Program) -> Any:
        python = TARGETS["python"].scalar
        assert python is not None
        return lambda *xs: tuple(1000.0 + y for y in python(program)(*xs))

    python = TARGETS["python"]
    mine = Target(
        "mine", MappingProxyType(python.words), python.literal, python.source, scalar, python.columns, python.sums
    )
    add_target(mine)
    assert jit(lambda x: x * 2.0, engine="mine", check=False)(1.0) == 1002.0
    with pytest.raises(ValueError, match=r"jit: engine is 'cuda'; 'auto', .*'mine'.* are legal"):
        jit(lambda x: x, engine="cuda")
    with pytest.raises(ValueError, match="target 'mine' exists already; choose another name"):
        add_target(mine)
    with pytest.raises(ValueError, match="target name 'a b' is not an identifier; use letters, digits and _"):
        add_target(Target("a b", {}, repr, python.source))


def test_a_name_that_is_no_target_is_refused_by_one_sentence() -> None:
    with pytest.raises(ValueError, match=r"target is 'rust'; .*'python'.* are legal"):
        TARGETS["rust"]
    assert "rust" not in TARGETS
    assert TARGETS.get("rust") is None


@pytest.mark.usefixtures("table")
def test_a_users_word_wins() -> None:
    row = am.primitive(
        "third", lambda x: x / 3.0, lambda x, y: 1.0 / 3.0, python="{0} / 3.0", words={"forth": "{0} 3e F/"}
    )
    assert TARGETS["python"].word(row) == "{0} / 3.0"
    assert Target("forth", {"third": "{0} third"}, repr, TARGETS["python"].source).word(row) == "{0} 3e F/"
    assert TARGETS["llvm"].word(row) is None
    program = jit(row).program(1.0)
    assert "/ 3.0" in program.source("python")
    with pytest.raises(NotImplementedError, match=r"no spelling for target 'llvm'; define it with llvm=\.\.\. or"):
        program.source("llvm")


def test_a_label_with_half_a_pair_or_a_control_character_is_written_as_text():
    """Half a surrogate pair cannot be encoded, and a control character would reach the terminal."""
    bad = parameter(2.0, "a\ud800b\x1b[31m")
    program = trace(lambda x: x * bad + 1.0, [1.0])
    assert "a\ufffdb\ufffd[31m" in str(program)
    for text in (str(program), *(program.source(each.name) for each in TARGETS.values() if not each.missing())):
        assert "\x1b" not in text
        text.encode()
