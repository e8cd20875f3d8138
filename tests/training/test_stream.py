"""Samples that are read in blocks: the same steps whenever a run is resumed, in memory that does not grow."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_mini import losses, nn, optim
from autograd_mini.training import Trainer
from autograd_mini.training import stream as streams
from autograd_mini.training.evaluation import Rows
from autograd_mini.training.stream import Stream

RNG = np.random.default_rng(0)
X = RNG.normal(size=(1003, 3))
Y = X @ [1.0, -2.0, 0.5] + 0.1


def blocks(size: int = 100) -> Callable[[], Iterator[tuple[Any, Any]]]:
    return lambda: ((X[i : i + size], Y[i : i + size]) for i in range(0, len(X), size))


def trainer() -> Trainer:
    model = nn.network(3, "4:tanh, 1:linear", rng=0)
    return Trainer(model, losses.mean_squared_error, optim.Adam(model.parameters(), lr=0.02), engine="numpy", seed=5)


def test_every_sample_comes_once_within_its_window() -> None:
    found = list(Stream(blocks()).batches(Rows, 32, 1, 0, window=250))
    assert [len(part) for part in found] == [32] * 31 + [11]
    tables = np.concatenate([part.table for part in found])
    assert {row.tobytes() for row in tables} == {row.tobytes() for row in np.column_stack([X, Y])}
    place = {row.tobytes(): i for i, row in enumerate(np.column_stack([X, Y]))}
    order = np.array([place[row.tobytes()] for row in tables])
    assert np.abs(order - np.arange(len(order))).max() < 2 * 300 + 32
    assert (np.diff(order) != 1).mean() > 0.9
    again = list(Stream(blocks()).batches(Rows, 32, 1, 0, window=250))
    other = list(Stream(blocks()).batches(Rows, 32, 1, 1, window=250))
    assert all(a.table.tobytes() == b.table.tobytes() for a, b in zip(found, again, strict=True))
    assert found[0].table.tobytes() != other[0].table.tobytes()


def test_a_run_resumes_to_the_same_bits(tmp_path: Path) -> None:
    whole = trainer()
    whole.fit(blocks(), None, 4, 64)
    part = trainer()
    part.fit(blocks(), None, 4, 64, callbacks=lambda t: t.run.epoch == 2, checkpoint=tmp_path / "run.json")
    assert part.run.epoch == 2
    rest = trainer()
    rest.resume(tmp_path / "run.json")
    rest.history.stopped = ""
    rest.fit(blocks(), None, 4, 64)
    assert rest.history["loss"] == whole.history["loss"]
    assert [p.data for p in rest.parameters] == [p.data for p in whole.parameters]
    assert whole.history["loss"][-1] < whole.history["loss"][0]


def test_an_epoch_that_was_cut_short_resumes_to_the_same_bits(tmp_path: Path) -> None:
    whole = trainer()
    whole.fit(blocks(), None, 2, 64)
    part = trainer()
    advance, steps = part._advance, iter(range(100))

    def watched(*args: Any) -> Any:
        if next(steps) == 20:
            signal_self()
        return advance(*args)

    part._advance = watched  # type: ignore[method-assign]
    part.fit(blocks(), None, 2, 64, checkpoint=tmp_path / "run.json")
    assert part.history.stopped == "interrupted"
    assert part.run.batch
    rest = trainer()
    rest.resume(tmp_path / "run.json")
    rest.fit(blocks(), None, 2, 64)
    assert rest.history["loss"] == whole.history["loss"]
    assert [p.data for p in rest.parameters] == [p.data for p in whole.parameters]


def signal_self() -> None:
    import os
    import signal

    os.kill(os.getpid(), signal.SIGINT)


def test_a_large_memory_mapped_array_is_read_in_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.save(tmp_path / "X.npy", X)
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    assert Stream.of(mapped, Y, 1, 10) is None
    monkeypatch.setattr(streams, "LARGE", 1)
    found, wanted = trainer(), trainer()
    found.fit(mapped, Y, 2, 64, validation=(X, Y))
    wanted.fit(blocks(), None, 2, 64)
    assert found.history["loss"] == wanted.history["loss"]
    assert found.history["validation_loss"][-1] > 0.0


def test_what_can_be_read_once_is_read_once() -> None:
    once, again = trainer(), trainer()
    once.fit(blocks()(), None, 1, 64)
    again.fit(blocks(), None, 1, 64)
    assert once.history["loss"] == again.history["loss"]


def test_what_is_refused() -> None:
    t = trainer()
    with pytest.raises(ValueError, match="the samples are read in blocks, and batch_size is None; give the size"):
        t.fit(blocks(), None, 1)
    with pytest.raises(TypeError, match=r"X gives blocks of .* y=None is needed"):
        t.fit(blocks(), Y, 1, 10)
    with pytest.raises(ValueError, match=r"can be read once, and epochs is 2; give a function of no arguments"):
        t.fit(blocks()(), None, 2, 10)
    with pytest.raises(ValueError, match="validation is a fraction, and the samples are read in blocks"):
        t.fit(blocks(), None, 1, 10, validation=0.2)
    with pytest.raises(ValueError, match="X gives no blocks"):
        t.fit(list, None, 1, 10)
    with pytest.raises(TypeError, match=r"a block is .*; a pair \(X, y\) is needed"):
        list(Stream(lambda: [X]).batches(Rows, 10, 0, 0))  # type: ignore[list-item]


@pytest.mark.slow
def test_memory_is_flat() -> None:
    """10⁷ samples of 20 numbers are 1.7 GB; the process needs little more for them than for 3·10⁵."""
    code = """
import sys, numpy as np
from autograd_mini import losses, nn, optim
from autograd_mini.training import Trainer
def blocks(count, size=50_000):
    for i in range(0, count, size):
        X = np.random.default_rng(i).normal(size=(size, 20))
        yield X, X[:, 0] - X[:, 1]
model = nn.network(20, "1:linear", rng=0)
trainer = Trainer(model, losses.mean_squared_error, optim.SGD(model.parameters(), lr=0.1), engine="numpy")
trainer.fit(lambda: blocks(int(sys.argv[1])), None, 1, 10_000)
assert trainer.history["loss"][-1] < 1.0
print(next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""

    def peak(samples: int) -> int:
        made = subprocess.run([sys.executable, "-c", code, str(samples)], capture_output=True, text=True, check=True)
        return int(made.stdout)

    if not Path("/proc/self/status").exists():
        pytest.skip("/proc is needed to see the peak of memory")
    assert peak(10_000_000) - peak(300_000) < 50_000  # kB
