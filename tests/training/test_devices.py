"""Training on several devices and in several processes: the steps of one process, and what happens when one dies."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_mini import Batch, launch, parameter
from autograd_mini.program.target import TARGETS
from autograd_mini.training.share import Share

MISSING = TARGETS["jax"].missing()
ROOT = Path(__file__).parents[2]
SCRIPT = str(ROOT / "tests/support/together.py")
needs_jax = pytest.mark.skipif(bool(MISSING), reason=MISSING)


def run(devices: int, *command: str, status: int = 0) -> subprocess.CompletedProcess[str]:
    """Run Python with so many devices made of one processor; processes speak with each other by gloo."""
    flags = f"--xla_force_host_platform_device_count={devices} {os.environ.get('XLA_FLAGS', '')}"
    environment = os.environ | {
        "XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu", "PYTHONPATH": str(ROOT),
        "JAX_CPU_COLLECTIVES_IMPLEMENTATION": "gloo",
    }  # fmt: skip
    found = subprocess.run(
        [sys.executable, *command], env=environment, cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert found.returncode == status, found.stderr[-3000:]
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(1)
    X = rng.normal(size=(37, 4))  # of no number of devices a multiple
    np.save(tmp_path / "X.npy", X)
    np.save(tmp_path / "y.npy", (X[:, 0] > 0.0) + (X[:, 1] * X[:, 2] > 0.0) * 1.0)
    return tmp_path


def results(folder: Path, number: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / f"found{number}.json").read_text())
    return found


def copied(folder: Path, name: str) -> Path:
    there = folder / name
    there.mkdir()
    for each in folder.glob("*.npy"):
        shutil.copy(each, there)
    return there


@needs_jax
@pytest.mark.slow
def test_every_step_is_that_of_one_process(folder: Path) -> None:
    """One device, four devices, two processes of two devices: losses equal to 1e-12, step by step."""
    one, four, two = (copied(folder, name) for name in ("one", "four", "two"))
    run(1, SCRIPT, str(one), "4")
    run(4, SCRIPT, str(four), "4")
    run(2, "-m", "autograd_mini.launch", "2", SCRIPT, str(two), "4")
    wanted = results(one)
    assert len(wanted["steps"]) == 12
    for found, devices in ((results(four), 4), (results(two), 4), (results(two, 1), 4)):
        assert found["devices"] == devices
        for name in ("steps", "loss", "accuracy", "theta"):
            np.testing.assert_allclose(found[name], wanted[name], rtol=1e-12, atol=1e-14)
    assert results(two)["theta"] == results(two, 1)["theta"]


@needs_jax
@pytest.mark.slow
def test_a_killed_process_ends_the_run_and_the_run_resumes_on_another_number(folder: Path) -> None:
    whole, broken = copied(folder, "whole"), copied(folder, "broken")
    run(1, SCRIPT, str(whole), "4")
    ended = run(2, "-m", "autograd_mini.launch", "2", SCRIPT, str(broken), "4", "2", status=137)
    assert "process 1 of 2 was ended by SIGKILL; the others are stopped. The last checkpoint is whole" in ended.stderr
    saved = json.loads((broken / "run.json").read_text())
    assert saved["training"]["run"]["epoch"] in (1, 2)
    run(1, "-m", "autograd_mini.launch", "3", SCRIPT, str(broken), "4")
    found, wanted = results(broken), results(whole)
    np.testing.assert_allclose(found["loss"], wanted["loss"], rtol=1e-12)
    np.testing.assert_allclose(found["theta"], wanted["theta"], rtol=1e-12, atol=1e-14)


@needs_jax
@pytest.mark.slow
def test_a_batch_on_devices() -> None:
    """Four devices of one process, rows that do not divide evenly, a mesh of two of them, paths through an if."""
    code = """
import jax, numpy as np
from autograd_mini import Batch, parameter, tanh
w = [parameter(0.5), parameter(-0.3)]
loss = lambda x, y: (tanh(w[0] * x) + w[1] - y) ** 2 if x > 0 else w[0] * x * y
smooth = lambda x, y: (tanh(w[0] * x) + w[1] - y) ** 2
penalty = lambda: w[0] * w[0]
mesh = jax.sharding.Mesh(np.array(jax.devices()[:2]), ("rows",))
assert jax.device_count() == 4
rng = np.random.default_rng(0)
for function in (smooth, loss):
    for count in (1, 3, 8, 21, 22, 23, 24, 25, 26):
        rows = rng.normal(size=(count, 2))
        for reduction in ("mean", "sum"):
            wanted = Batch(function, w, 2, engine="python", penalty=penalty, reduction=reduction).value_and_grad(rows)
            for given in (None, mesh):
                batch = Batch(function, w, 2, engine="jax", penalty=penalty, reduction=reduction, mesh=given)
                value, gradient = batch.value_and_grad(rows)
                np.testing.assert_allclose([value, *gradient], [wanted[0], *wanted[1]], rtol=1e-13)
    assert batch.value(rows) - wanted[0] < 1e-13
"""
    run(4, "-c", code)


@needs_jax
@pytest.mark.long
def test_what_a_batch_on_devices_refuses() -> None:
    w = parameter(1.0)
    with pytest.raises(ValueError, match="exact=True keeps the order of sums, which XLA does not; use another engine"):
        Batch(lambda x: w * x, [w], 1, engine="jax", exact=True)
    with pytest.raises(ValueError, match="mesh belongs to engine='jax', and engine is 'numpy'"):
        Batch(lambda x: w * x, [w], 1, engine="numpy", mesh=object())
    with pytest.raises(TypeError, match=r"mesh is a list; a jax.sharding.Mesh is needed, as jax.make_mesh\(\(4,\)"):
        Batch(lambda x: w * x, [w], 1, engine="jax", mesh=[])


@needs_jax
@pytest.mark.slow
def test_a_gpu_gives_the_same_sums() -> None:
    jax = pytest.importorskip("jax")
    try:
        devices = jax.devices("gpu")
    except RuntimeError as error:
        pytest.skip(f"no GPU here: {str(error)[:80]}")
    w = [parameter(0.5), parameter(-0.3)]
    mesh = jax.sharding.Mesh(np.array(devices), ("rows",))
    rows = np.random.default_rng(0).normal(size=(1000, 2))
    found, wanted = (
        Batch(lambda x, y: (w[0] * x + w[1] - y) ** 2, w, 2, engine=engine, mesh=given).value_and_grad(rows)
        for engine, given in (("jax", mesh), ("python", None))
    )
    np.testing.assert_allclose([found[0], *found[1]], [wanted[0], *wanted[1]], rtol=1e-12)


def test_shares_follow_each_other() -> None:
    counts = np.array([3, 0, 4])
    shares = [Share.of(int(count), number, lambda array: counts) for number, count in enumerate(counts)]
    assert [(each.first, each.count, each.total, each.leads) for each in shares] == [
        (0, 3, 7, True), (3, 0, 7, False), (3, 4, 7, False),
    ]  # fmt: skip
    samples = np.array([5, 0, 6, 2])
    assert [[each.tolist() for each in share.own(samples)] for share in shares] == [
        [[1, 3], [0, 2]], [[], []], [[0, 2], [2, 3]],
    ]  # fmt: skip


def test_launch_runs_passes_on_and_ends(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import os, sys, time\n"
        "number = int(os.environ['AUTOGRAD_MINI_PROCESS'])\n"
        "open(f'{sys.argv[1]}/{number}', 'w').write(os.environ['AUTOGRAD_MINI_PROCESSES'])\n"
        "if len(sys.argv) > 2: sys.exit(3) if number else time.sleep(60)\n"
    )
    assert launch.main(["3", str(script), str(tmp_path)]) == 0
    assert [(tmp_path / str(i)).read_text() for i in range(3)] == ["3", "3", "3"]
    assert launch.main(["2", str(script), str(tmp_path), "fail"]) == 3
    assert "process 1 of 2 failed with exit status 3; the others are stopped" in capfd.readouterr().err
    for wrong in ([], ["2"], ["0", str(script)], ["x", str(script)], ["2", str(tmp_path / "none.py")]):
        assert launch.main(wrong) == 2
        assert "usage: python -m autograd_mini.launch N script.py" in capfd.readouterr().err
