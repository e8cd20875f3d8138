"""Containers by identity: the function in C and the one in Python agree, and a long list costs little."""

from __future__ import annotations

import random
import time
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from operator import is_
from typing import Any

import pytest

from autograd_mini.program.watch.contents import Contents, all_hold
from autograd_mini.program.watch.identical import elements, identical, in_python, is_direct

IMPLEMENTATIONS = [in_python] if identical is in_python else [in_python, identical]
ONE, TWO, OTHER = 1.0, float("2"), float("2")  # two floats that are equal, but not the same object


def apply(change: str, t: Any) -> None:
    exec(change, {"t": t, "TWO": TWO, "OTHER": OTHER})


CHANGES = [
    ([ONE, TWO], "t[1] = OTHER"),
    ([ONE, TWO], "t.append(TWO)"),
    ([ONE, TWO], "t.pop()"),
    ([ONE, TWO], "t.reverse()"),
    ([], "t.append(TWO)"),
    ({"a": ONE, "b": TWO}, "t['b'] = OTHER"),
    ({"a": ONE, "b": TWO}, "t['c'] = TWO"),
    ({"a": ONE, "b": TWO}, "del t['b']"),
    ({"a": ONE, "b": TWO}, "t['a'] = t.pop('a')"),
    ({TWO: ONE}, "v = t.pop(TWO); t[OTHER] = v"),
    ({ONE, TWO}, "t.add(3.0)"),
    ({ONE, TWO}, "t.discard(TWO)"),
    ({TWO}, "t.clear(); t.add(OTHER)"),
    (deque([ONE, TWO]), "t.rotate()"),
    (deque([ONE, TWO]), "t[1] = OTHER"),
]


@pytest.mark.parametrize("identical", IMPLEMENTATIONS)
@pytest.mark.parametrize(("holder", "change"), CHANGES)
def test_every_change_is_seen(identical: Callable[..., bool], holder: Any, change: str) -> None:
    holder = holder.copy()
    other = [ONE, TWO]
    seen = [elements(other), elements(holder)]
    assert identical([other, holder], seen)
    apply(change, holder)
    assert not identical([other, holder], seen)


@pytest.mark.parametrize("identical", IMPLEMENTATIONS)
def test_what_is_put_back_is_no_change(identical: Callable[..., bool]) -> None:
    holder = {"a": ONE, "b": TWO}
    seen = [elements(holder)]
    holder["b"] = OTHER
    holder["b"] = TWO
    assert identical([holder], seen)
    assert identical([], [])


def test_elements_are_what_is_stored_whatever_a_subclass_makes_of_it() -> None:
    class Odd(list[float]):
        def __iter__(self) -> Any:
            raise AssertionError("code of the user's ran")

    class OddDict(dict[str, float]):
        items = values = __iter__ = Odd.__iter__

    assert elements(Odd([ONE, TWO])) == [ONE, TWO]
    assert elements(OddDict(a=ONE)) == ["a", ONE]
    ordered = OrderedDict(a=ONE, b=TWO)
    ordered.move_to_end("a")
    assert elements(ordered) == ["b", TWO, "a", ONE]
    for holder, direct in (
        ([], True), (Odd(), True), ({}, True), (set(), True), (deque(), True),
        (OrderedDict(), False), (defaultdict(int), False), (Counter(), False),
    ):  # fmt: skip
        assert is_direct(holder) is direct


def test_equal_objects_of_the_same_type_count_as_unchanged_and_are_remembered() -> None:
    holder = [TWO] * 20
    note = Contents("t", holder)
    holds = all_hold([note])
    holder[3] = OTHER
    assert holds()
    assert note.seen[3] is OTHER
    holder[3] = 2
    assert not holds()
    holder[3] = -0.0
    assert not holds()


def test_a_list_of_many_numbers_costs_a_fraction_of_comparing_them_in_python() -> None:
    """Whatever the numbers: zeros of both signs too."""
    if identical is in_python:
        pytest.skip("the function in C is not built here, or AUTOGRAD_MINI_PURE=1")
    chance = random.Random(1)
    holder = [chance.choice([0.0, -0.0, chance.random()]) for _ in range(100_000)]
    note = Contents("t", holder)
    holds = all_hold([note])

    def in_a_loop() -> bool:
        return all(map(is_, holder, note.seen))

    def seconds(call: Callable[[], bool]) -> float:
        start = time.perf_counter()
        assert call()
        return time.perf_counter() - start

    turns = [(seconds(holds), seconds(in_a_loop)) for _ in range(9)]
    assert min(a for a, _ in turns) * 4 < min(b for _, b in turns)
