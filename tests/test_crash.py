"""Crash and load, the slow tier: kills, full and read-only folders, mutated files, many expressions, threads, forks."""

from __future__ import annotations

import math
import multiprocessing
import os
import random
import resource
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_mini import Value, grad, jit, sin, tanh
from autograd_mini.checkpoint import load, save
from autograd_mini.data import read_csv, read_idx
from autograd_mini.expression import parse
from autograd_mini.losses import mean_squared_error
from autograd_mini.nn import MLP
from autograd_mini.optim import Adam
from autograd_mini.training import Trainer

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name != "posix", reason="signals, forks and limits of POSIX")]
FORK = multiprocessing.get_context("fork")
EPOCHS, KILLS = 40, 1000


def model() -> MLP:
    return MLP(2, [3, 1], activation=tanh, rng=1)


def train(path: Path, until: int) -> None:
    """Train on, from the file where there is one, until so many epochs are done."""
    net = model()
    trainer = Trainer(net, mean_squared_error, Adam(net.parameters(), 0.01), engine="python", seed=3)
    if path.exists():
        trainer.resume(path)
    X = np.linspace(-1.0, 1.0, 16).reshape(8, 2)
    left = until - len(trainer.history)
    if left:
        trainer.fit(X, np.sin(X[:, 0]), left, 4, checkpoint=path, checkpoint_every=1, progress=False)


def test_a_thousand_kills_leave_a_run_that_ends_as_if_there_had_been_none(tmp_path: Path) -> None:
    """Each run is killed at a random moment, many times; the parameters at its end are those of one in peace."""
    whole = tmp_path / "whole.json"
    train(whole, EPOCHS)
    want, have = model(), model()
    load(want, whole)
    chance, kills, run = random.Random(1), 0, 0
    while kills < KILLS:
        run += 1
        path = tmp_path / f"run{run}.json"
        while True:
            worker = FORK.Process(target=train, args=(path, EPOCHS))
            worker.start()
            worker.join(chance.uniform(0.002, 0.04))
            if worker.exitcode is None:
                os.kill(worker.pid, signal.SIGKILL)  # type: ignore[arg-type]  # it was started
                worker.join()
            if worker.exitcode == 0:
                break
            assert worker.exitcode == -signal.SIGKILL
            kills += 1
        load(have, path)
        assert [p.data.hex() for p in have.parameters()] == [p.data.hex() for p in want.parameters()], run
    assert not [each for each in tmp_path.iterdir() if each.suffix == ".part" and f"run{run}" in each.name]


def in_a_fork(work: Callable[[], None]) -> int | None:
    """Return the exit code of ``work`` in a process of its own: 0 where it raised nothing."""
    worker = FORK.Process(target=work)
    worker.start()
    worker.join(120)
    return worker.exitcode


def test_a_file_size_limit_leaves_the_old_checkpoint(tmp_path: Path) -> None:
    path, net = tmp_path / "net.json", model()
    save(net, path)
    before = path.read_bytes()

    def write() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
        with pytest.raises(OSError, match="File too large"):
            save(net, path)

    assert in_a_fork(write) == 0
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["net.json"]


def test_a_folder_that_cannot_be_written_is_refused_before_training(tmp_path: Path) -> None:
    """root writes everywhere, so the folder is one in which the kernel lets nobody make a file."""
    folder = Path("/proc") if os.geteuid() == 0 else tmp_path
    if folder is tmp_path:
        folder.chmod(0o500)
    net = model()
    trainer = Trainer(net, mean_squared_error, Adam(net.parameters(), 0.01), engine="python")
    with pytest.raises(OSError, match=str(folder)):
        trainer.fit(np.zeros((4, 2)), np.zeros(4), 1, checkpoint=folder / "run.json", progress=False)


def mutated(content: bytes, chance: random.Random) -> bytes:
    """Flip, cut, repeat or insert a few bytes."""
    found = bytearray(content)
    for _ in range(chance.randrange(1, 4)):
        at = chance.randrange(len(found) + 1)
        kind = chance.randrange(4)
        if kind == 0 and at < len(found):
            found[at] = chance.randrange(256)
        elif kind == 1:
            del found[at : at + chance.choice((1, 3, 50, 10_000))]
        elif kind == 2:
            found[at:at] = found[at : at + chance.randrange(1, 40)]
        else:
            found[at:at] = bytes(chance.randrange(256) for _ in range(chance.randrange(1, 9)))
    return bytes(found)


IDX = b"\0\0\x08\x02" + (3).to_bytes(4, "big") + (4).to_bytes(4, "big") + bytes(range(12))
CSV = b"a,b,class\n" + b"".join(b"%d,%d.5,%s\n" % (i, i * i, b"xy"[i % 2 : i % 2 + 1]) for i in range(20))


@pytest.mark.parametrize("kind", ["checkpoint", "csv", "idx"])
def test_mutated_files_are_read_or_refused_in_words(kind: str, tmp_path: Path) -> None:
    """34,000 of each: an answer, or a ValueError, KeyError or OSError with one line; never more than 1 GiB."""
    path, net, chance = tmp_path / "file", model(), random.Random(kind)
    save(net, path)
    content = {"checkpoint": path.read_bytes(), "csv": CSV, "idx": IDX}[kind]
    read: Callable[[Path], Any] = {"checkpoint": lambda p: load(net, p), "csv": read_csv, "idx": read_idx}[kind]
    refused = []
    for _ in range(34_000):
        path.write_bytes(mutated(content, chance))
        try:
            read(path)
        except (ValueError, KeyError, TypeError, OSError) as error:
            refused.append(str(error))
    assert [each for each in refused if not each or "\n" in each.strip() or "\x1b" in each] == []
    assert len(refused) > 1000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 1024 * 1024 * (
        2 if "PYTEST_XDIST_WORKER" in os.environ else 1
    )


def test_two_hundred_thousand_expressions_are_read_or_refused() -> None:
    """Of random pieces: a formula, or a ValueError in words; nothing is executed, nothing hangs."""
    words = "x y 2 0.5 1e9 ( ) ** * + - / , sin exp max pi e [ ] ' __import__ . lambda : if < == @ % // 9**9**9 \t é"
    pieces = words.split(" ")
    chance, read, refused, began = random.Random(4), 0, set(), time.monotonic()
    for _ in range(200_000):
        text = "".join(chance.choice(pieces) for _ in range(chance.randrange(1, 12)))
        try:
            parse(text)
        except ValueError as error:
            refused.add(str(error))
        else:
            read += 1
    assert read > 2000
    assert all(refused)
    assert time.monotonic() - began < 3600


@pytest.mark.parametrize("way", [lambda f: f, jit], ids=["eager", "compiled"])
def test_sixteen_threads_of_gradients_are_those_of_one(way: Any) -> None:
    """10⁴ gradients in each thread, to the bit."""
    slope = way(grad(lambda x, y: sin(x * y) + tanh(x) / (1.0 + y * y), (0, 1)))
    points = [(0.001 * i - 3.0, 0.37 * (i % 11) - 1.0) for i in range(10_000)]
    want = [tuple(map(float.hex, slope(*at))) for at in points]
    wrong: list[int] = []

    def work() -> None:
        wrong.extend(i for i, at in enumerate(points) if tuple(map(float.hex, slope(*at))) != want[i])

    workers = [threading.Thread(target=work) for _ in range(16)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    assert not wrong


def compiled_slope(x: float) -> float:
    return float(jit(grad(lambda v: sin(v) * v))(x))


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes_made_after_compiled_code_ran(method: str) -> None:
    want = compiled_slope(0.7)
    with multiprocessing.get_context(method).Pool(2) as pool:
        assert pool.map(compiled_slope, [0.7] * 4) == [want] * 4


def test_ten_million_operations_deep() -> None:
    x = y = Value(1.0)
    for _ in range(10**7):
        y = y * x
    y.backward()
    assert x.grad == 10.0**7 + 1.0
    del y
    assert math.isfinite(x.data)
