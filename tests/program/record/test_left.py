"""Nothing traced stays behind, and finding that out does not take longer in a large process."""

from __future__ import annotations

import gc
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest

from autograd_mini import jit
from autograd_mini.program.batch import Batch
from autograd_mini.program.record.traced import TraceError

KEPT: list[Any] = [0.0]
SCALE = [2.0]


class Helper:
    def __init__(self, x: Any) -> None:
        self.x = x

    def read(self) -> Any:
        return self.x.data


def helped(x: Any) -> Any:
    return Helper(x * 2.0).read()


def closed(x: Any) -> Any:
    pairs = {"a": (x, [x * 2.0])}

    def inner() -> Any:
        return pairs["a"][1][0].data

    return inner()


FAILING: dict[str, Callable[[Any], Any]] = {
    "reads": lambda x: (x * SCALE[0]).data,
    "converts": lambda x: float([x, x * 2.0][1]),
    "raises": lambda x: {}[0] * x,
    "in a generator": lambda x: sum(y.data for y in [x, x]),
    "behind a closure": closed,
}


class Looks:
    """Counts the looks at all objects of the process."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.mocks = {name: Mock(wraps=getattr(gc, name)) for name in ("get_referrers", "get_objects", "collect")}
        for name, each in self.mocks.items():
            monkeypatch.setattr(gc, name, each)

    @property
    def count(self) -> int:
        young = [call for call in self.mocks["collect"].call_args_list if call.args in ((0,), (1,))]
        return sum(each.call_count for each in self.mocks.values()) - len(young)


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Looks:
    return Looks(monkeypatch)


def test_recording_does_not_look_at_the_whole_process(looks: Looks) -> None:
    assert jit(lambda x: x * SCALE[0])(3.0) == 6.0
    assert jit(lambda xs: xs[0] * len(xs))(np.array([3.0, 4.0])) == 6.0  # recorded again, as a whole
    assert jit(lambda x, n: x * [1.0, SCALE[0]][n])(3.0, 1) == 6.0  # and again, for its int
    assert Batch(lambda x: x if x > 0.0 else -x, [], 1).value(np.array([[-2.0], [4.0]])) == 3.0
    assert looks.count == 0


def test_garbage_in_a_circle_is_young(looks: Looks) -> None:
    def circular(x: Any) -> Any:
        held = [x * 2.0]
        held.append(held)
        return held[0]

    assert jit(circular)(3.0) == 6.0
    assert looks.count == 0


@pytest.mark.parametrize("name", FAILING)
def test_failing_does_not_look_at_the_whole_process(name: str, looks: Looks) -> None:
    with pytest.raises((TraceError, TypeError, KeyError)):
        jit(FAILING[name])(3.0)
    assert looks.count == 0


def test_what_frames_do_not_explain_is_searched_for(looks: Looks) -> None:
    place = SimpleNamespace(kept=None, deep=[[None]])

    def fails(x: Any) -> Any:
        KEPT[0] = x * 3.0
        place.kept = x * 5.0
        place.deep[0][0] = x * 7.0
        return x.data

    with pytest.raises(TraceError):
        jit(fails)(2.0)
    assert (KEPT[0], place.kept, place.deep) == (6.0, 10.0, [[14.0]])
    assert looks.count > 0


def test_an_object_of_a_failed_call_is_put_right() -> None:
    """It is held by a frame, and by the exception of whoever looks at the traceback."""
    made: list[Helper] = []

    def fails(x: Any) -> Any:
        made.append(Helper(x * 2.0))
        return made[0].read()

    with pytest.raises(TraceError):
        jit(fails)(2.0)
    assert made[0].x == 4.0
    with pytest.raises(TraceError):
        jit(helped)(2.0)
