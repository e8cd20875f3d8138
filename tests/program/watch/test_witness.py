"""What a compiled function could not repeat is refused, by a sentence that says what to do."""

from __future__ import annotations

import cProfile
import datetime
import itertools
import logging
import os
import random
import secrets
import struct
import sys
import threading
import time
import uuid
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_mini import Value, affine, grad, jit, maximum, optim, parameter, primitive, sin
from autograd_mini.program.batch import Batch
from autograd_mini.program.passes.adjoint import pull_back
from autograd_mini.program.record.pause import PAUSED
from autograd_mini.program.record.traced import TraceError
from autograd_mini.program.watch.recording import record
from autograd_mini.program.watch.witness import Witness
from autograd_mini.training import Trainer

GENERATOR, LEGACY, OWN = np.random.default_rng(1), np.random.RandomState(1), random.Random(1)
P = 0.5
LOGGER, PACKING = logging.getLogger("tests of the witness"), struct.Struct("d")
COUNT = [0]
SCALES = [3.0, 5.0]
LOG: list[str] = []


class Counting:
    def __init__(self) -> None:
        self.n = 0

    def __call__(self, x: Any) -> Any:
        self.n += 1
        return x if self.n < 100 else x * 2.0


class Drawing:
    def __init__(self) -> None:
        self.rng = np.random.default_rng(0)

    def __call__(self, x: Any) -> Any:
        return x if self.rng.random() < 2.0 else x * 2.0


def _first_line() -> int:
    with open(__file__) as file:
        return len(file.readline())


DRAWS: dict[str, Any] = {
    "random": lambda x: 0.0 if random.random() < P else x / (1 - P),
    "random that always agrees": lambda x: x if random.random() < 2.0 else x * 2.0,
    "random.gauss": lambda x: x if random.gauss(0, 1) < 99.0 else x * 2.0,
    "random.choice": lambda x: x * random.choice([2.0, 2.0]),
    "random.shuffle": lambda x: (random.shuffle([1, 2]), x)[1],
    "np.random": lambda x: x if np.random.rand() < 2.0 else x * 2.0,
    "np.random.normal": lambda x: x if np.random.normal() < 99.0 else x * 2.0,
    "a Generator": lambda x: x if GENERATOR.random() < 2.0 else x * 2.0,
    "a RandomState": lambda x: x if LEGACY.rand() < 2.0 else x * 2.0,
    "a Random": lambda x: x if OWN.random() < 2.0 else x * 2.0,
    "a generator of an object": Drawing(),
    "a fresh generator": lambda x: x if np.random.default_rng().random() < 2.0 else x * 2.0,
    "a fresh Random": lambda x: x if random.Random().random() < 2.0 else x * 2.0,
    "os.urandom": lambda x: x * (1.0 + 0.0 * len(os.urandom(2))),
    "secrets": lambda x: x if secrets.randbelow(5) < 9 else x * 2.0,
    "uuid": lambda x: x if uuid.uuid4().int >= 0 else x * 2.0,
}

OUTSIDE: dict[str, tuple[Any, str]] = {
    "the clock": (lambda x: x if time.time() > 0 else x * 2.0, r"asks the clock \(time.time\)"),
    "a counter of time": (
        lambda x: x if time.perf_counter() >= 0 else x * 2.0,
        r"asks the clock \(time.perf_counter\)",
    ),
    "the date": (lambda x: x * (datetime.datetime.now().year > 0), r"asks the clock \(.*now\)"),
    "a file": (lambda x: x * _first_line(), r"reads a file"),
    "a path": (lambda x: x * Path(__file__).exists(), r"looks at the file system"),
    "a listing": (lambda x: x * (len(os.listdir("/")) > 0), r"looks at the file system \(os.listdir\)"),
    "eval": (lambda x: x * eval("2.0"), r"calls eval\(\)"),
    "globals": (lambda x: x * globals()["P"], r"calls globals\(\)"),
    "an object that counts": (Counting(), r"changes .*\.n, which it also reads"),
    "a list that counts": (lambda x: (COUNT.__setitem__(0, COUNT[0] + 1), x)[1], r"changes COUNT, which it also reads"),
}


@pytest.mark.parametrize("name", DRAWS)
def test_random_draws_are_refused(name: str) -> None:
    f = DRAWS[name]
    message = r"draws random numbers .*: draw outside and pass the draw as an argument, as in f\(x, noise\)"
    for _ in range(3):
        with pytest.raises(TraceError, match=message):
            jit(f)(1.5)
    with pytest.raises(TraceError, match=message):
        jit(f)(np.ones(3))
    w = parameter(1.0)
    with pytest.raises(TraceError, match=message):
        Batch(lambda x: f(w * x), [w], 1).value_and_grad(np.ones((2, 1)))
    trainer = Trainer(lambda xs: [f(w * xs[0])], lambda out, y: (out[0] - y) ** 2, optim.SGD([w], lr=0.1))
    with pytest.raises(TraceError, match=message):
        trainer.step(np.ones((2, 1)), np.ones(2))
    with pytest.raises(TraceError, match=message):
        trainer.predict(np.ones((2, 1)))


@pytest.mark.parametrize("name", OUTSIDE)
def test_what_cannot_be_noticed_is_refused(name: str) -> None:
    f, message = OUTSIDE[name]
    with pytest.raises(TraceError, match=message):
        jit(f)(1.5)


ITERATORS: dict[str, Any] = {
    "count": itertools.count(),
    "generator": (i for i in range(9)),
    "list iterator": iter([1.0, 2.0]),
    "cycle": itertools.cycle([1.0, 1.0]),
    "zip": zip([1.0], [2.0], strict=True),
}
ITEM: Any = None


@pytest.mark.parametrize("name", ITERATORS)
def test_iterators_are_refused(name: str) -> None:
    global ITEM
    ITEM = ITERATORS[name]
    with pytest.raises(TraceError, match=r"ITEM is an iterator or a file .* make it a list, or pass its contents"):
        jit(lambda x: x * (next(ITEM) is not None))(1.5)


def test_what_repeats_itself_is_not_refused() -> None:
    assert jit(lambda x: x * random.Random(3).random())(2.0) == 2.0 * random.Random(3).random()
    assert jit(lambda x: x * np.random.default_rng(3).random())(2.0) == 2.0 * np.random.default_rng(3).random()
    assert jit(lambda x: (LOG.append("ran"), x)[1])(2.0) == 2.0  # written to and never read
    assert jit(lambda x: (print("", end=""), x)[1])(2.0) == 2.0
    assert jit(lambda x: (print("", end="", file=sys.stderr), x)[1])(2.0) == 2.0
    assert jit(lambda x: (LOGGER.debug("x is %s", x), x)[1])(2.0) == 2.0
    assert jit(lambda x: x * len(PACKING.pack(1.0)))(2.0) == 16.0
    assert jit(lambda x, noise: x + 0.1 * noise)(2.0, 1.0) == 2.1
    cache: dict[str, float] = {}

    def remembers(x: Any) -> Any:
        if "k" not in cache:
            cache["k"] = 3.0
        return x * cache["k"]

    f = jit(remembers)
    assert f(2.0) == 6.0
    cache["k"] = 4.0
    assert f(2.0) == 8.0
    seeds = random.getstate()
    jit(lambda x: x * 2.0)(1.0)
    assert random.getstate() == seeds


def test_a_profiler_goes_on_afterwards() -> None:
    import sys

    seen: list[str] = []
    before = lambda frame, event, arg: seen.append(event)  # noqa: E731
    sys.setprofile(before)
    try:
        jit(lambda x: x * 2.0)(1.0)
        assert sys.getprofile() is before
    finally:
        sys.setprofile(None)


def test_nothing_traced_stays_behind() -> None:
    class Keeping:
        last: Any = None

    keeping, kept, table = Keeping(), [0.0], {}

    def attribute(x: Any) -> Any:
        keeping.last = x * 3.0
        return x

    def element(x: Any) -> Any:
        kept[0] = x * 3.0
        return x

    def failing(x: Any) -> Any:
        table["x"] = x * 3.0
        return x.data

    with pytest.raises(TraceError, match=r"attribute keeps a number of the traced call in .*'last'"):
        jit(attribute)(2.0)
    with pytest.raises(TraceError, match="element keeps a number of the traced call in a list"):
        jit(element)(2.0)
    with pytest.raises(TraceError, match="is read"):
        jit(failing)(2.0)
    assert (keeping.last, kept, table) == (6.0, [6.0], {"x": 6.0})
    assert Value.__dict__["data"].__class__ is not property


def test_a_profiler_goes_on_after_a_recording():
    """What cProfile puts in the hook is no function; it must not be lost, and the first call must not fail."""
    profiler = cProfile.Profile()
    profiler.enable()
    try:
        assert jit(lambda x: x * 2.0)(3.0) == 6.0
        assert sys.getprofile() is profiler
    finally:
        profiler.disable()
    seen: list[str] = []
    sys.setprofile(lambda frame, event, what: seen.append(event))
    try:
        jit(lambda x: x * 3.0)(3.0)
        seen.clear()
        len("after")
    finally:
        sys.setprofile(None)
    assert "c_call" in seen


@pytest.mark.parametrize("gradient", [False, True])
def test_the_hook_rests_while_instructions_are_written(gradient: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of an operation it is told the beginning and the end, of a reverse sweep too."""
    told = [0]
    original = Witness._hook

    def counting(self: Witness) -> Any:
        see = original(self)

        def hook(frame: Any, event: str, what: Any) -> None:
            told[0] += 1
            see(frame, event, what)
            if PAUSED:
                PAUSED[threading.get_ident()] = hook

        return hook

    monkeypatch.setattr(Witness, "_hook", counting)

    def count(n: int) -> int:
        def f(x: Any) -> Any:
            for _ in range(n):
                x = x * 0.5 + 1.0
            return x

        told[0] = 0
        record(grad(f) if gradient else f, [1.0], pull_back=pull_back)
        return told[0]

    assert count(500) - count(100) <= 2 * 800 + 40  # two operations in each of 400 rounds


def test_the_hook_is_back_after_every_kind_of_operation() -> None:
    for operation in (
        lambda x: x * 2.0,
        lambda x: 2.0 - x,
        lambda x: x**2,
        lambda x: 2.0**x,
        lambda x: x > 0.0,
        lambda x: bool(x > 0.0),
        lambda x: abs(x),
        lambda x: x.exp(),
        lambda x: sin(x),
        lambda x: maximum(x, 1.0),
        lambda x: affine([x, x], [x, 2.0], 1.0),
        lambda x: grad(lambda y: y * y)(x),
        lambda x: np.exp(x),
        lambda x: x + np.float64(1.0),
        lambda x: x if x else 0.0,
    ):
        with pytest.raises(TraceError, match="draws random numbers"):
            jit(lambda x, operation=operation: (operation(x), x * (random.random() < 2.0))[1])(1.5)
    assert PAUSED == {}
    assert sys.getprofile() is None


def test_a_failing_operation_gives_the_hook_back() -> None:
    def f(x: Any) -> Any:
        try:
            x + "text"
        except TypeError:
            return x * (random.random() < 2.0)

    with pytest.raises(TraceError, match="draws random numbers"):
        jit(f)(1.5)


def test_rules_of_the_user_s_own_are_seen(table: None) -> None:
    scaled = primitive("scaled_of_test", lambda x: x * SCALES[0], lambda x, out: SCALES[1] + 0.0 * x)
    f, slope = jit(lambda x: x + scaled(2.0)), jit(grad(lambda x: scaled(x)))
    try:
        assert (f(1.0), slope(1.0)) == (7.0, 5.0)
        SCALES[:] = [4.0, 6.0]
        assert (f(1.0), slope(1.0)) == (9.0, 6.0)
    finally:
        SCALES[:] = [3.0, 5.0]


def test_another_thread_is_not_given_the_hook() -> None:
    hooks: list[Any] = []
    w, inside, over = Value(1.0), threading.Event(), threading.Event()

    def elsewhere() -> None:
        while not over.is_set():
            w * 2.0
            hooks.append(sys.getprofile())
            inside.set()

    def f(x: Any) -> Any:
        for _ in range(100):
            x = x * 1.0
            time.sleep(0.0)
        return x

    thread = threading.Thread(target=elsewhere)
    thread.start()
    try:
        assert inside.wait(20)
        assert jit(f)(2.0) == 2.0
    finally:
        over.set()
        thread.join()
    assert hooks
    assert set(hooks) == {None}
