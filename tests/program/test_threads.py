"""Threads: the same bits for any number of them, in plans, native sums and columns."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np
import pytest

from autograd_mini import Batch, Value, jit, losses, nn, parameter, tanh
from autograd_mini.primitives.table import affine, total
from autograd_mini.program import chunks, threads
from autograd_mini.program.blocks.recover import recover
from autograd_mini.program.loops import run
from autograd_mini.program.record.trace import trace
from autograd_mini.program.target import TARGETS

NATIVE = pytest.mark.skipif(bool(TARGETS["llvm"].missing()), reason=TARGETS["llvm"].missing())


def with_threads(monkeypatch: pytest.MonkeyPatch, work: Callable[[], Any]) -> list[Any]:
    found = []
    for count in ("1", "2", "3", "5"):
        monkeypatch.setenv(threads.VARIABLE, count)
        found.append(work())
    return found


def network(inputs: int) -> tuple[Batch, np.ndarray]:
    model = nn.network(inputs, "50:relu, 10:linear", rng=0)
    batch = Batch(
        lambda *row: losses.cross_entropy(model(list(row[:inputs])), row[inputs]), model.parameters(), inputs + 1,
        penalty=lambda: losses.l2(model.parameters(), 1e-3),
    )  # fmt: skip
    rng = np.random.default_rng(0)
    return batch, np.column_stack([rng.normal(size=(1000, inputs)), rng.integers(0, 10, 1000)])


@pytest.mark.parametrize("engine", ["numpy", pytest.param("llvm", marks=NATIVE)])
def test_sums_have_the_same_bits(monkeypatch: pytest.MonkeyPatch, engine: Any) -> None:
    monkeypatch.setattr(chunks, "WORK", 2**12)
    w = [parameter(0.3 * i - 0.5) for i in range(6)]
    batch = Batch(
        lambda a, b, y: (tanh(w[0] * a + w[1] * b + w[2]) * w[3] + w[4] - y) ** 2 + w[5] * a, w, 3, engine=engine,
        penalty=lambda: w[0] * w[0],
    )  # fmt: skip
    rows = np.random.default_rng(0).normal(size=(1009, 3))
    found = with_threads(monkeypatch, lambda: batch.value_and_grad(rows))
    plain = Batch(batch.loss, w, 3, engine="python", penalty=batch.penalty).value_and_grad(rows)
    for value, gradient in found:
        assert value == found[0][0]
        assert gradient.tobytes() == found[0][1].tobytes()
        np.testing.assert_allclose([value, *gradient], [plain[0], *plain[1]], rtol=1e-12)


def test_a_plan_has_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    batch, rows = network(64)
    found = with_threads(monkeypatch, lambda: batch.value_and_grad(rows))
    assert len({(value, gradient.tobytes()) for value, gradient in found}) == 1


@NATIVE
@pytest.mark.parametrize("summed", [True, False])
def test_loops_have_the_same_bits(monkeypatch: pytest.MonkeyPatch, summed: bool) -> None:
    """Rows taken one by one: their chunks, which do not depend on the threads, are added in order."""
    weights = np.random.default_rng(0).normal(size=(12, 12)).tolist()
    given = [parameter(x) for row in weights for x in row]

    def loss(*x: Value) -> Value:
        rows = [affine(given[12 * i : 12 * i + 12], list(x), 0.5) for i in range(12)]
        return total([tanh(each) for each in rows])

    program = trace(loss, [1.0] * 12)
    monkeypatch.setattr(run, "WORK", 500)
    loops = run.Loops(recover(program), summed=summed)
    assert loops.chunk == 500 // (recover(program).applications + 1)
    rows, theta = np.random.default_rng(1).normal(size=(29, 12)), np.ravel(weights)
    found = with_threads(monkeypatch, lambda: loops(rows, theta, 0.5))
    assert len({each.tobytes() for each in found}) == 1
    alone = [loops(rows[i : i + 1], theta, 0.5) for i in range(29)]
    np.testing.assert_allclose(found[0], sum(alone) if summed else np.concatenate(alone, axis=1), rtol=1e-13)


@NATIVE
def test_columns_have_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "WORK", 2**10)
    f = jit(lambda x, y: (tanh(x) * y, x - y), engine="llvm")
    x = np.random.default_rng(0).normal(size=5003)
    found = with_threads(monkeypatch, lambda: f(x, 0.3))
    for first, second in found:
        np.testing.assert_array_equal(first, found[0][0])
        np.testing.assert_array_equal(second, x - 0.3)


def test_chunks_cover_all_rows_evenly_and_keep_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    assert threads.spans(10, 4) == [slice(0, 3), slice(3, 6), slice(6, 10)]
    assert threads.spans(4, 4) == [slice(0, 4)]
    monkeypatch.setenv(threads.VARIABLE, "2")
    meeting = threading.Barrier(2, timeout=20)  # two at the same time, or it breaks
    assert threads.in_threads(lambda part: (meeting.wait(), part.start)[1], threads.spans(8, 1)) == list(range(8))


def test_what_the_variable_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(threads.VARIABLE, "0")
    assert threads.thread_count() == len(os.sched_getaffinity(0))
    monkeypatch.setenv(threads.VARIABLE, "many")
    with pytest.raises(ValueError, match="AUTOGRAD_MINI_THREADS is 'many'; a whole number is needed, 0 for every"):
        threads.thread_count()
    monkeypatch.delenv(threads.VARIABLE)
    assert threads.thread_count() == 1


@pytest.mark.slow
def test_two_threads_are_faster_on_two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """784-50-10 at 1,000 rows, in turns; on an idle machine the ratio is near 1.7."""
    if len(os.sched_getaffinity(0)) < 2 or os.environ.get("OPENBLAS_NUM_THREADS") != "1":
        pytest.skip("two cores and OPENBLAS_NUM_THREADS=1 are needed")
    if os.getloadavg()[0] > 1.2:
        pytest.skip(f"other programs use the cores: load {os.getloadavg()[0]}")
    batch, rows = network(784)
    theta = np.array([each.data for each in batch.parameters])
    best = {"1": 1e9, "2": 1e9}
    for _ in range(40):
        for count in best:
            monkeypatch.setenv(threads.VARIABLE, count)
            started = perf_counter()
            batch.value_and_grad(rows, theta)
            best[count] = min(best[count], perf_counter() - started)
    assert best["1"] / best["2"] > 1.4
