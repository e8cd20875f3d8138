"""Observers: each thread and each task has its own, and nothing stays behind."""

import asyncio
import gc
import threading

import pytest

from autograd_mini import AnomalyError, Value, detect_anomaly, gradients, group, jit, log, source_lines
from autograd_mini.engine.observer import Observer, observed_by, observer, observers
from autograd_mini.engine.origin import origin
from autograd_mini.primitives.row import Primitive


def path(node: Value) -> list[str]:
    return [name for name, _ in origin(node).groups]


@pytest.fixture(autouse=True)
def _nothing_stays():
    yield
    assert not observers
    assert observer() is None


class Listing(Observer):
    """Writes down what it sees; everything else is the base class's."""

    def __init__(self, outer: Observer | None = None) -> None:
        self.outer, self.seen = outer, []

    def apply(self, primitive: Primitive, args: tuple[object, ...]) -> object:
        self.seen.append(primitive.name)
        return super().apply(primitive, args)


def test_the_defaults_do_what_the_plain_engine_does():
    watching = Observer()
    with observed_by(watching):
        x = Value(3.0)
        y = x * x + 1.0
        assert (y.data, y > 5.0, y > 1.0, y == 10.0, bool(Value(0.0))) == (10.0, True, True, True, False)
        y.backward()
        (slope,) = gradients(y, [x], create_graph=True)
    assert (x.grad, slope.data, gradients(slope, [x])) == (6.0, 6.0, [2.0])


def test_observers_nest_and_each_sees_every_operation():
    outer = Listing()
    inner = Listing(outer)
    with observed_by(outer):
        a = Value(1.0) + 1.0
        with observed_by(inner):
            b = (a * a).exp()
    assert (outer.seen, inner.seen) == (["add", "mul", "exp"], ["mul", "exp"])
    assert b.data == pytest.approx(54.598150033144236)


def test_groups_of_interleaved_tasks_do_not_mix():
    async def worker(name: str) -> list[list[str]]:
        found = []
        with group(name):
            for _ in range(3):
                found.append(path(Value(1.0) + 1.0))
                await asyncio.sleep(0)
            with group("inner"):
                await asyncio.sleep(0)
                found.append(path(Value(1.0) * 2.0))
        found.append(path(Value(1.0) + 1.0))
        return found

    async def main() -> list[list[list[str]]]:
        return await asyncio.gather(*(worker(name) for name in "abc"))

    for name, found in zip("abc", asyncio.run(main()), strict=True):
        assert found == [[name]] * 3 + [[name, "inner"], []]


def test_one_context_object_serves_several_tasks_at_once():
    shared = group("shared")

    async def worker() -> list[str]:
        with shared:
            await asyncio.sleep(0)
            return path(Value(1.0) + 1.0)

    async def main() -> list[list[str]]:
        return await asyncio.gather(*(worker() for _ in range(3)))

    assert asyncio.run(main()) == [["shared"]] * 3


def test_a_cancelled_task_leaves_nothing():
    async def endless() -> None:
        with group("g"), detect_anomaly(), source_lines():
            await asyncio.Event().wait()

    async def main() -> None:
        task = asyncio.create_task(endless())
        await asyncio.sleep(0)
        assert observers
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert path(Value(1.0) + 1.0) == []

    asyncio.run(main())


def test_a_generator_left_open_ends_with_its_context_and_leaves_what_was_opened_since():
    def steps():
        with group("generator"):
            yield Value(1.0) + 1.0

    left_open = steps()
    assert path(next(left_open)) == ["generator"]
    with group("later"):
        del left_open
        gc.collect()
        assert path(Value(1.0) + 1.0)[-1] == "later"
        assert len(observers) == 1
    assert path(Value(1.0) + 1.0) == []


def test_a_generator_closed_in_another_thread_leaves_nothing_here():
    def steps():
        with group("generator"):
            yield

    here = steps()
    next(here)
    closer = threading.Thread(target=here.close)
    closer.start()
    closer.join()
    assert path(Value(1.0) + 1.0) == []


def test_a_task_that_outlives_the_context_it_began_in_is_not_observed():
    async def late() -> list[str]:
        await asyncio.sleep(0)
        return path(Value(1.0) + 1.0)

    async def main() -> list[str]:
        with group("over"):
            task = asyncio.create_task(late())
        return await task

    assert asyncio.run(main()) == []


def test_a_thread_has_an_observer_of_its_own():
    found = []
    with group("main"):
        worker = threading.Thread(target=lambda: found.append(path(Value(1.0) + 1.0)))
        worker.start()
        worker.join()
    assert found == [[]]


def test_anomaly_and_groups_nest_either_way():
    with group("outer"), detect_anomaly(), group("inner"):
        y = Value(2.0) * 3.0
        with pytest.raises(AnomalyError, match="log"):
            log(Value(-1.0, "x"))
    assert path(y) == ["outer", "inner"]
    with group("g"), detect_anomaly():
        assert path(Value(2.0) * 3.0) == ["g"]


def test_a_gradient_taken_in_a_group_belongs_to_it():
    x = Value(3.0)
    with group("g"):
        (slope,) = gradients(x * x * x, [x], create_graph=True)
    assert path(slope) == ["g"]


def test_a_compiled_call_is_seen_as_the_plain_function_is():
    f = jit(lambda x: x * x + 1.0)
    f(2.0)
    watching = Listing()
    with observed_by(watching):
        assert f(Value(3.0)).data == 10.0
    assert watching.seen == ["mul", "add"]
