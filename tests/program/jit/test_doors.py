"""Static arguments, methods, keys in order, warnings, the check mode, and the generated code."""

from __future__ import annotations

import gc
import inspect
import linecache
import math
import threading
import traceback
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
import pytest

import autograd_mini
from autograd_mini import Value, grad, jit, parameter, tanh, value_and_grad, where
from autograd_mini.program.batch import Batch
from autograd_mini.program.jit import compiled, jitted, recordings, versions
from autograd_mini.program.jit.compare import compare
from autograd_mini.program.plain import Plain
from autograd_mini.program.watch.checked import CompiledDiffersError


class Mode(Enum):
    LEFT = 1
    RIGHT = 2


@pytest.mark.parametrize("engine", ["python", "numpy", "auto"])
def test_static_arguments_choose_a_version(engine: str) -> None:
    def f(x: Any, mode: Any, flag: Any = False) -> Any:
        y = x * 2.0 if mode == "double" else x * 3.0 if mode is None else x * 5.0
        return -y if flag is True else y

    jitted = jit(f, engine=engine)
    for _ in range(2):
        for args in ((1.5, "double"), (1.5, None), (1.5, Mode.LEFT), (1.5, "double", True), (1.5, None, False)):
            assert jitted(*args) == f(*args)
        assert jitted(x=1.5, mode="double", flag=True) == -3.0
        assert jitted(np.array([1.0, 2.0]), "double").tolist() == [2.0, 4.0]
    pairs = jit(lambda x, names: x * sum(2.0 if name == "a" else 3.0 for name in names))
    assert [pairs(1.0, ("a", "b")), pairs(1.0, ("b", "b")), pairs(1.0, ["a"])] == [5.0, 6.0, 2.0]


def test_an_int_is_a_number_until_it_is_needed_as_an_int() -> None:
    power = jit(lambda x, n: x**n)
    assert [power(2.0, n) for n in (2, 3, 2)] == [4.0, 8.0, 4.0]
    assert power(2.0, 2.5) == 2.0**2.5

    def repeat(x: Any, n: Any) -> Any:
        for _ in range(n):
            x = x * 1.5
        return x

    loop = jit(repeat)
    for n in (3, 0, 5, 3):
        assert loop(2.0, n) == repeat(2.0, n)
        assert loop(2.0, np.int64(n)) == repeat(2.0, n)
    assert loop(np.array([1.0, 2.0]), 2).tolist() == [2.25, 4.5]
    assert jit(lambda xs, i: xs[i] * 2.0)([1.0, 2.0, 3.0], 2) == 6.0
    assert jit(grad(repeat))(2.0, 3) == 1.5**3
    with pytest.raises(TypeError, match="a traced number cannot be an index, a length or an int"):
        loop(2.0, 3.0)


def test_the_order_of_keys_is_kept() -> None:
    def first(d: Any) -> Any:
        return next(iter(d.values())) * 2.0

    jitted = jit(first)
    for _ in range(2):
        assert jitted({"a": 1.0, "b": 2.0}) == 2.0
        assert jitted({"b": 2.0, "a": 1.0}) == 4.0

    def weighted(**kw: Any) -> Any:
        return sum(i * each for i, each in enumerate(kw.values(), start=1))

    keywords = jit(weighted)
    for _ in range(2):
        assert keywords(p=1.0, q=5.0) == 11.0
        assert keywords(q=5.0, p=1.0) == 7.0


class Model:
    def __init__(self, scale: float) -> None:
        self.w, self.scale = parameter(2.0), scale

    @jit
    def forward(self, x: Any) -> Any:
        return self.w * x * self.scale

    @classmethod
    @jit
    def made(cls, x: Any) -> Any:
        return x * cls.factor

    @staticmethod
    @jit
    def plain(x: Any) -> Any:
        return x * 2.0

    factor = 3.0


@dataclass
class Slope:
    a: float = 2.0

    @jit
    def at(self, x: Any) -> Any:
        return x * self.a


def test_methods() -> None:
    one, two = Model(1.0), Model(10.0)
    for _ in range(2):
        assert (one.forward(3.0), two.forward(3.0)) == (6.0, 60.0)
    one.scale = 2.0
    one.w.data = 1.0
    assert (one.forward(3.0), two.forward(3.0)) == (6.0, 60.0)
    assert one.forward(np.array([1.0, 2.0])).tolist() == [2.0, 4.0]
    x = Value(3.0)
    one.forward(x).backward()
    assert (x.grad, one.w.grad) == (2.0, 6.0)
    assert (Model.made(2.0), Model.plain(2.0)) == (6.0, 4.0)
    Model.factor = 4.0
    assert Model.made(2.0) == 8.0
    Model.factor = 3.0
    slope = Slope()
    assert slope.at(3.0) == 6.0
    slope.a = 5.0
    assert slope.at(3.0) == 15.0


RATE = [0.0]


def test_a_function_recorded_anew_at_every_call_is_named_once() -> None:
    jitted = jit(lambda x: x * RATE[0])
    with pytest.warns(
        RuntimeWarning, match=r"is recorded again at every call, because RATE changes; pass it as"
    ) as seen:
        assert changing(jitted) == [2.0 * i for i in range(20)]
    assert len(seen) == 1


def test_a_function_recorded_for_ever_new_arguments_is_named_once() -> None:
    table = [float(i * i) for i in range(400)]

    @jit
    def looked_up(i: int, x: Any) -> Any:
        return table[i] * x

    with pytest.warns(
        RuntimeWarning, match=r"looked_up is recorded again for each shape .* take\(values, index\)"
    ) as seen:
        assert [looked_up(i, 2.0) for i in range(20)] == [2.0 * each for each in table[:20]]
    assert len(seen) == 1


def test_static_arguments_that_come_back_are_no_reason_to_warn() -> None:
    @jit
    def power(n: int, x: Any) -> Any:
        return sum(x**i for i in range(n))

    for n in range(10):
        for _ in range(3):
            assert power(n, 2.0) == 2.0**n - 1.0


def test_past_many_versions_the_function_itself_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recordings, "MOST", 3)

    @jit
    def longest(xs: list[Any]) -> Any:
        return sum(xs)

    with pytest.warns(RuntimeWarning, match=r"longest was compiled for 3 shapes and static arguments: the function"):
        assert [longest([1.0] * n) for n in range(1, 9)] == [float(n) for n in range(1, 9)]
    assert longest([1.0, 2.0]) == 3.0


def test_no_more_shapes_are_kept_than_are_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "MOST", 3)
    monkeypatch.setattr(recordings, "MOST", 3)

    @jit
    def total(xs: Any) -> Any:
        return xs[0] + len(xs)

    with pytest.warns(RuntimeWarning, match="total was compiled for 3 shapes"):
        assert [total(np.ones(n)) for n in range(1, 50)] == [1.0 + n for n in range(1, 50)]
    inside = total.__globals__["_general"].__self__
    assert len(inside._direct) <= 3
    assert len(inside.versions.known) <= 9


def changing(f: Any) -> list[float]:
    found = []
    for i in range(20):
        RATE[0] = float(i)
        found.append(f(2.0))
    return found


def test_batch_is_a_public_name() -> None:
    assert autograd_mini.Batch is Batch
    assert "Batch" in autograd_mini.__all__


# ---------------------------------------------------------------- the check mode


def test_an_index_that_does_not_exist_is_nan_in_a_program_and_nothing_else() -> None:
    def beyond(x: float) -> float:
        return [1.0, 2.0][int(x)]

    compare("beyond", beyond, (7.0,), {}, math.nan)
    compare("beyond", beyond, (7.0,), {}, np.array([1.0, math.nan]))
    with pytest.raises(CompiledDiffersError, match="the function itself raises IndexError"):
        compare("beyond", beyond, (7.0,), {}, 2.0)


def test_a_checked_function_says_what_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Any, *inputs: float) -> tuple[float, ...]:
        return tuple(2.0 * each for each in original(self, *inputs))

    functions: list[tuple[Any, tuple[Any, ...]]] = [
        (lambda x: x * 3.0, (2.0,)),
        (lambda x: {"a": [x, x + 1.0]}, (2.0,)),
        (value_and_grad(lambda x: x**3), (2.0,)),
    ]
    for f, args in functions:
        checked = jit(f, check=True, engine="python")
        for _ in range(3):
            checked(*args)
    original = compiled.Compiled.numbers
    monkeypatch.setattr(compiled.Compiled, "numbers", broken)
    with pytest.raises(
        CompiledDiffersError, match=r"the compiled function and the function itself differ: 6.0 wanted, 12.0"
    ):
        jit(lambda x: x * 3.0, check=True)(2.0)
    with pytest.raises(CompiledDiffersError, match=r"differ\['a'\]\[0\]: 2.0 wanted, 4.0 found"):
        jit(functions[1][0], check=True)(2.0)


def test_a_checked_function_answers_as_any_other() -> None:
    w = parameter(0.5)
    f = lambda x: where(x > 0, tanh(w * x), w * x)  # noqa: E731
    checked = jit(f, check=True)
    xs = np.array([1.0, -2.0, 0.5])
    assert checked(1.0) == jit(f)(1.0)
    assert checked(xs) == pytest.approx(jit(f)(xs))
    assert checked(Value(1.0)).data == jit(f)(1.0)
    assert jit(lambda x: x.exp() if x > 0 else 1.0 / x, check=True)(0.0) == np.inf
    assert jit(lambda x: np.mean(x) * x[0], check=True)(xs) == pytest.approx(np.mean(xs))
    assert jit(lambda x: tanh(x) if x > 0 else x, check=True)(xs) == pytest.approx([np.tanh(1.0), -2.0, np.tanh(0.5)])


def test_the_environment_switches_checking_on(monkeypatch: pytest.MonkeyPatch) -> None:
    for text, wanted in (("1", True), ("0", False), ("", False)):
        monkeypatch.setenv("AUTOGRAD_MINI_CHECK", text)
        assert jit(lambda x: x).__globals__["_general"].__self__.check is wanted
        assert Batch(lambda x: x, [], 1).check is wanted


def test_a_checked_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    w, rows = parameter(2.0), np.array([[1.0, 1.0], [2.0, 5.0]])
    batch = Batch(lambda x, y: (w * x - y) ** 2, [w], 2, check=True)
    assert batch.value_and_grad(rows) == (1.0, [-1.0])
    assert batch.value(rows) == 1.0
    assert batch.loss_rows(rows).tolist() == [1.0, 1.0]
    monkeypatch.setattr(Plain, "gradients", lambda *_: np.array([1.0, 7.0]))
    with pytest.raises(CompiledDiffersError, match=r"differ in number 1 of .*: 7.0 wanted, -1.0 found"):
        batch.value_and_grad(rows)


# ---------------------------------------------------------------- the generated code


def test_the_generated_code_can_be_read() -> None:
    def slope(x: float) -> Any:
        return 10.0 / x if x > 5.0 else tanh(x)

    f = jit(slope, engine="python", check=False)
    assert f(1.0) == np.tanh(1.0)
    code = f.__code__
    assert code.co_name == "slope"
    assert code.co_filename.startswith("<autograd_mini jit slope ")
    assert "math.tanh(x)" in "".join(linecache.getlines(code.co_filename))
    assert "10.0 / x if x > 5.0" in inspect.getsource(f)

    class Odd(float):
        def __gt__(self, other: object) -> bool:
            raise RuntimeError("no")

    try:
        jit(lambda x: x * Odd(1.0) if Odd(1.0) > 0 else x)(1.0)
    except RuntimeError:
        assert "raise RuntimeError" in traceback.format_exc()


def test_names_live_as_long_as_the_code_that_uses_them() -> None:
    table = [0.0]
    f = jit(lambda x: x + table[0], engine="python", check=False)
    for i in range(30):
        table[0] = float(i)
        assert f(1.0) == f(1.0) == 1.0 + i
    gc.collect()
    files = [name for name in linecache.cache if name == f.__code__.co_filename]
    assert len(files) == 1
    names = [name for name in f.__globals__ if name.startswith("_holds")]
    assert len(names) == 1
    old = f.__code__
    table[0] = -5.0
    assert f(1.0) == -4.0
    assert linecache.getlines(old.co_filename)  # somebody may still be running it
    del old


def test_threads_that_record_paths_leave_running_calls_their_names() -> None:
    """A call that is under way while eight and more newer entries are made must still find its names."""
    table = [1.0]

    def steps(x: Any) -> Any:
        n = 0
        while x > n:
            n += 1
        return x + n * table[0]

    f = jit(steps, engine="python")
    wrong: list[object] = []
    gate = threading.Barrier(4)

    def work(first: int) -> None:
        gate.wait()
        for i in range(60):
            x = float((first + i) % 40)
            try:
                if f(x) != 2 * x:
                    wrong.append((x, f(x)))
            except Exception as error:
                wrong.append(error)

    threads = [threading.Thread(target=work, args=(i * 10,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_path_recorded_for_these_very_numbers_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another engine may round a comparison otherwise: the path made for a row serves it, and the loop ends."""
    w = parameter(1.0)
    f = jit(lambda x: x * 2.0 if x > 0 else x * 3.0, engine="python", check=False)
    original = compiled.Compiled.numbers

    def denying(self: Any, *inputs: float) -> tuple[float, ...]:
        found = original(self, *inputs)
        return (*found[:-1], 0.0) if len(found) > 1 else found

    monkeypatch.setattr(compiled.Compiled, "numbers", denying)
    assert f(1.0) == 2.0
    columns = jit(lambda x: x * 2.0 if x > 0 else x * 3.0, engine="numpy", check=False)
    monkeypatch.setattr(
        compiled.Compiled,
        "columns",
        lambda self, inputs, rows: [np.zeros(rows)] if "guards" in self.name else [2.0 * inputs[0]],
    )
    assert columns(np.array([1.0, 1.0])).tolist() == [2.0, 2.0]
    batch = Batch(lambda x: w * x if x > 0 else x, [w], 1, engine="numpy", check=False)
    from autograd_mini.program.path import Path

    monkeypatch.setattr(Path, "matches", lambda self, rows, theta: np.zeros(len(rows), dtype=bool))
    assert batch.loss_rows(np.array([[3.0], [4.0]])).tolist() == [3.0, 4.0]


def test_past_many_owners_the_oldest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jitted, "OWNERS", 2)
    models = [Model(float(i)) for i in range(4)]
    assert [model.forward(1.0) for model in models] == [0.0, 2.0, 4.0, 6.0]
    assert len(Model.forward.__globals__["_general"].__self__._bound) <= 2


def test_autoreload_of_a_jitted_function() -> None:
    """IPython's autoreload keeps the old function object and gives it the new one's code and attributes."""

    def reload(old: Any, new: Any) -> None:
        for name in ("__code__", "__defaults__", "__doc__", "__dict__"):
            setattr(old, name, getattr(new, name))

    old = jit(lambda x: x * 2.0)
    assert [old(3.0), old(3.0)] == [6.0, 6.0]
    reload(old, jit(lambda x: x * 5.0))
    assert [old(3.0), old(3.0)] == [15.0, 15.0]
    assert old(np.array([1.0, 2.0])).tolist() == [5.0, 10.0]
    reload(old, jit(lambda x, y=1.0: x * y))
    assert [old(3.0), old(3.0, 4.0), old(3.0, y=4.0)] == [3.0, 12.0, 12.0]
