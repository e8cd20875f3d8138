"""Machine code kept on disk: found again, never wrong, and never in the way."""

import os
import stat
import subprocess
import sys
import threading

import pytest

from autograd_mini.program.targets.llvm import store
from autograd_mini.program.targets.llvm.store import Store

CODE = bytes(range(256)) * 40

SCRIPT = """
import numpy as np
from autograd_mini import jit, tanh
f = jit(lambda *x: sum(tanh(a * (k + 1.0)) * a for k, a in enumerate(x)), engine="llvm")
print(f(*[0.01 * i for i in range(200)]).hex())
"""


def test_what_is_kept_is_found_again(tmp_path):
    held = Store(tmp_path / "deeper" / "cache")
    assert held.load("a") is None
    held.keep("a", CODE)
    assert Store(tmp_path / "deeper" / "cache").load("a") == CODE
    assert held.load("b") is None
    assert [path.name for path in held.folder.iterdir()] == ["a"]
    if os.name == "posix":
        assert stat.S_IMODE(held.folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("harm", [lambda b: b[:-1], lambda b: b[:10], lambda b: b"", lambda b: b[:99] + b"?" + b[100:]])
def test_a_damaged_file_is_no_file_and_is_replaced(tmp_path, harm):
    held = Store(tmp_path)
    held.keep("a", CODE)
    (tmp_path / "a").write_bytes(harm((tmp_path / "a").read_bytes()))
    assert held.load("a") is None
    held.keep("a", CODE)
    assert held.load("a") == CODE


def test_without_a_folder_nothing_is_kept(tmp_path, monkeypatch):
    Store(None).keep("a", CODE)
    assert Store(None).load("a") is None
    (tmp_path / "file").write_text("in the way")
    held = Store(tmp_path / "file" / "cache")
    held.keep("a", CODE)
    assert held.load("a") is None


def test_the_environment_chooses(tmp_path, monkeypatch):
    for text in ("0", ""):
        monkeypatch.setenv("AUTOGRAD_MINI_CACHE", text)
        assert Store.chosen().folder is None
    monkeypatch.setenv("AUTOGRAD_MINI_CACHE", str(tmp_path))
    assert Store.chosen().folder == tmp_path
    monkeypatch.delenv("AUTOGRAD_MINI_CACHE")
    monkeypatch.setenv("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME", str(tmp_path))
    assert Store.chosen().folder == tmp_path / "autograd_mini"


@pytest.mark.skipif(os.name != "posix", reason="access rights of POSIX")
def test_a_folder_that_others_may_write_to_is_not_used(tmp_path):
    held = Store(tmp_path)
    held.keep("a", CODE)
    tmp_path.chmod(0o777)
    assert held.load("a") is None
    held.keep("b", CODE)
    assert not (tmp_path / "b").exists()


def test_past_the_limit_the_longest_unused_go(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "MOST", 6)
    held = Store(tmp_path)
    for number in range(6):
        held.keep(str(number), CODE)
        os.utime(tmp_path / str(number), (number, number))
    assert held.load("0") == CODE  # used now
    held.keep("6", CODE)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0", "5", "6"]


def test_many_writers_at_once(tmp_path):
    wrong = []

    def work():
        for _ in range(30):
            Store(tmp_path).keep("a", CODE)
            if Store(tmp_path).load("a") != CODE:
                wrong.append(1)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_another_process_runs_the_code_that_was_kept(tmp_path):
    pytest.importorskip("llvmlite")
    environment = {**os.environ, "AUTOGRAD_MINI_CACHE": str(tmp_path)}

    def run():
        made = subprocess.run(
            [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, timeout=120
        )
        assert made.returncode == 0, made.stderr
        return made.stdout

    first = run()
    (kept,) = tmp_path.iterdir()
    before = kept.read_bytes()
    os.utime(kept, (1, 1))
    assert run() == first
    assert (kept.read_bytes(), kept.stat().st_mtime > 1) == (before, True), "read, not written anew"
    kept.write_bytes(before[:1000])
    assert run() == first
    assert kept.read_bytes() == before
