"""Files are whole or not there, whatever ends the process that writes them."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograd_mini.files import replace

WRITER = """
import sys
from autograd_mini.files import replace
print("ready", flush=True)
n = 0
while True:
    n += 1
    replace(sys.argv[1], str(n % 10) * 2_000_000)
"""


@pytest.mark.skipif(os.name != "posix", reason="kills processes")
@pytest.mark.long
def test_a_killed_writer_leaves_a_whole_file_and_the_next_save_tidies_up(tmp_path):
    path, chance, left = tmp_path / "run[1].json", random.Random(1), 0
    for _ in range(8):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE)
        assert writer.stdout.readline() == b"ready\n"
        time.sleep(chance.uniform(0.05, 0.3))
        writer.send_signal(signal.SIGKILL)
        writer.communicate()
        if path.exists():
            content = path.read_text()
            assert len(content) == 2_000_000
            assert len(set(content)) == 1
        left += len(list(tmp_path.glob(".*.part")))
        replace(path, "0" * 2_000_000)
        assert [each.name for each in tmp_path.iterdir()] == ["run[1].json"]
    assert left, "no kill met a save: the test proved nothing"


@pytest.mark.skipif(os.name != "posix", reason="asks for processes")
def test_the_unfinished_file_of_a_living_process_and_of_another_path_stay(tmp_path):
    replace(tmp_path / "a", "x")
    others = [f".a.elsewhere.{os.getpid()}.zz.part", ".b.elsewhere.999999999.zz.part", ".a.part"]
    for name in others:
        (tmp_path / name).write_text("")
    replace(tmp_path / "a", "y")
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted([*others, "a"])


def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a"
    replace(path, "old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        replace(path, "new")
    assert path.read_text() == "old"
    assert [each.name for each in Path(tmp_path).iterdir()] == ["a"]
