"""Random programs with state: after each change a compiled function gives what the plain one gives, or refuses."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from autograd_mini import Value, jit, parameter
from autograd_mini.program.batch import Batch
from autograd_mini.program.record.traced import TraceError
from tests.support.worlds import KINDS, World

MANY, SOME, SHARE = 20_000, 500, 50


def number(result: Any) -> float:
    return result.data if isinstance(result, Value) else float(result)


def check(seed: int) -> str:
    """Run one world; return what is wrong with it, "" where nothing is."""
    world = World(seed)
    plain = lambda x: number(world.f(Value(x)))  # noqa: E731
    xs = [0.25, 1.75, -0.5]
    if world.draws:
        try:
            jit(world.f)(xs[0])
        except TraceError:
            return ""
        return "a draw was not refused"
    w = parameter(1.0)
    how = seed % 8
    compiled: Any
    if how == 0:
        columns = jit(world.f, engine="numpy")
        compiled = lambda x: columns(np.array([x, x]))[1]  # noqa: E731
    elif how == 1:
        whole = jit(lambda xs: world.f(xs[0]) * (len(xs) - 1.0), engine="python")
        compiled = lambda x: whole(np.array([x, x]))  # noqa: E731
    elif how == 2:
        batch = Batch(lambda x: world.f(w * x), [w], 1, engine="python")
        compiled = lambda x: batch.value(np.array([[x]]))  # noqa: E731
    else:
        compiled = jit(world.f, engine="python")
    said = "at first"
    for _ in range(4):
        for x in xs[: 1 if how < 3 else 3]:
            wanted, found = plain(x), compiled(x)
            if not (math.isclose(wanted, found, rel_tol=1e-12, abs_tol=1e-300) or wanted == found):
                return f"{said}: f({x}) is {wanted}, compiled {found}\n{world.text}"
        said = world.change()
    return ""


@pytest.mark.parametrize("first", range(0, SOME, SHARE))
def test_some_worlds(first: int) -> None:
    assert [wrong for seed in range(first, first + SHARE) if (wrong := check(seed))] == []


@pytest.mark.slow
def test_many_worlds() -> None:
    assert [wrong for seed in range(SOME, MANY) if (wrong := check(seed))] == []


def test_every_kind_of_state_turns_up() -> None:
    assert {kind for seed in range(SOME) for kind in World(seed).kinds} == {*KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_every_change_is_a_change(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A world whose change changes nothing would let everything pass."""
    monkeypatch.setattr("tests.support.worlds.KINDS", {kind: KINDS[kind]})
    changed = 0
    for seed in range(40):
        world = World(seed)
        before = [number(world.f(Value(x))) for x in (0.25, 1.75)] if not world.draws else []
        world.change()
        changed += bool(before) and before != [number(world.f(Value(x))) for x in (0.25, 1.75)]
    assert changed > 10
