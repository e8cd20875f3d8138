from __future__ import annotations

import json
import math
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograd_mini import checkpoint, nn
from autograd_mini.checkpoint import Checkpoint, CheckpointError


def test_numbers_come_back_to_the_same_bits(tmp_path: Path) -> None:
    rng = random.Random(0)
    numbers = {f"p{i}": math.ldexp(rng.uniform(-1, 1), rng.randint(-1070, 1020)) for i in range(2000)}
    numbers |= {"zero": -0.0, "tiny": 5e-324, "third": 1 / 3, "inf": math.inf, "minus": -math.inf}
    checkpoint.write(Checkpoint(numbers), tmp_path / "c.json")
    found = checkpoint.read(tmp_path / "c.json").parameters
    assert {k: v.hex() for k, v in found.items()} == {k: v.hex() for k, v in numbers.items()}
    checkpoint.write(Checkpoint({"x": math.nan}), tmp_path / "c.json")
    assert math.isnan(checkpoint.read(tmp_path / "c.json").parameters["x"])


def test_models_and_training_state(tmp_path: Path) -> None:
    model, other = nn.MLP(2, [3, 1], rng=1), nn.MLP(2, [3, 1], rng=2)
    training = {"epoch": 3, "slots": {"mean": [0.1, math.inf]}, "note": "重み", "none": None, "flag": True}
    checkpoint.save(model, tmp_path / "m.json", training)
    found = checkpoint.load(other, tmp_path / "m.json")
    assert other.state_dict() == model.state_dict()
    assert found == {**training, "slots": {"mean": [0.1, "inf"]}}
    checkpoint.save(model, str(tmp_path / "m.json"))
    assert checkpoint.load(other, str(tmp_path / "m.json")) == {}
    content = json.loads((tmp_path / "m.json").read_text())
    assert (content["format"], content["version"]) == ("autograd-mini checkpoint", 1)
    assert list(tmp_path.iterdir()) == [tmp_path / "m.json"], "no temporary file stays"


HEAD = '{"format": "autograd-mini checkpoint", '


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "not a checkpoint, or cut off"),
        ('{"format": "autograd-mini checkpoint", "version": 1, "parameters": {"a": 0.', "not a checkpoint, or cut off"),
        ("[1, 2]", "format: not a checkpoint"),
        ('{"version": 1}', "format: not a checkpoint"),
        (HEAD + '"version": 2, "parameters": {}}', "version: 2, this program reads 1"),
        (HEAD + '"parameters": {}}', "version: None"),
        (HEAD + '"version": 1}', "parameters: an object is needed"),
        (HEAD + '"version": 1, "parameters": [1]}', "parameters: an object is needed"),
        (HEAD + '"version": 1, "parameters": {}, "training": 3}', "training: an object is needed"),
        (HEAD + '"version": 1, "parameters": {"0.w": "x"}}', "parameters: 0.w: 'x' is not a number"),
        (HEAD + '"version": 1, "parameters": {"0.w": true}}', "parameters: 0.w: True is not a number"),
        (HEAD + '"version": 1, "parameters": {"0.w": null}}', "parameters: 0.w: None is not a number"),
        (HEAD + '"version": 1, "parameters": {"0.w": NaN}}', "NaN is not JSON"),
        (
            HEAD + '"version": 1, "parameters": {"0.w": 1' + "0" * 400 + "}}",
            "0.w: 1000.* is beyond the range of floats",
        ),
        ("[" * 100_000, "not a checkpoint, or cut off"),
    ],
)
def test_malformed_files(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text)
    with pytest.raises(CheckpointError, match=f"bad.json: .*{told}"):
        checkpoint.read(path)


def test_unreadable_files(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"none\.json: cannot be read: No such file"):
        checkpoint.read(tmp_path / "none.json")
    (tmp_path / "b.json").write_bytes(b"{\x80\x04")
    with pytest.raises(CheckpointError, match=r"b\.json: byte 1 is not UTF-8"):
        checkpoint.read(tmp_path / "b.json")


def test_every_truncation_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    checkpoint.save(nn.Neuron(2), path, {"epoch": 1})
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(CheckpointError):
            checkpoint.read(path)


def test_a_checkpoint_of_another_model_changes_nothing(tmp_path: Path) -> None:
    checkpoint.save(nn.Neuron(3), tmp_path / "m.json")
    model = nn.Neuron(2, rng=0)
    before = model.state_dict()
    with pytest.raises(CheckpointError, match=r"m\.json: parameters: .* this Neuron of 3 parameters: unknown w\.2"):
        checkpoint.load(model, tmp_path / "m.json")
    assert model.state_dict() == before


def test_a_failing_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "m.json"
    checkpoint.write(Checkpoint({"x": 1.0}), path)

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        checkpoint.write(Checkpoint({"x": 2.0}), path)
    assert checkpoint.read(path).parameters == {"x": 1.0}
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(OSError, match="No such file"):
        checkpoint.write(Checkpoint({}), tmp_path / "nowhere" / "m.json")


WRITER = """
import sys
from autograd_mini.checkpoint import Checkpoint, write
print("ready", flush=True)
for i in range(10**6):
    write(Checkpoint({f"p{j}": float(i) for j in range(5000)}), sys.argv[1])
"""


def test_a_kill_at_any_moment_leaves_a_whole_file(tmp_path: Path) -> None:
    path, rng = tmp_path / "m.json", random.Random(1)
    seen = set()
    for i in range(8):
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        while not path.exists():
            time.sleep(0.001)
        time.sleep(rng.uniform(0.0, 0.06) * (i + 1))  # a busy machine writes slowly
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        numbers = checkpoint.read(path).parameters
        assert len(numbers) == 5000
        assert len(set(numbers.values())) == 1, "old and new numbers in one file"
        seen.add(numbers["p0"])
    assert len(seen) > 1, "the kills came at different moments"
