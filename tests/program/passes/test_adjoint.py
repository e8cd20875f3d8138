"""The adjoint of a program adds in the order of the eager backward pass: its gradients have the same bits."""

from __future__ import annotations

import random
from typing import Any

import pytest

from autograd_mini import Value
from autograd_mini.program.passes.adjoint import adjoint
from autograd_mini.program.record.trace import trace
from autograd_mini.program.verify import verify
from autograd_mini.transforms import vjp
from tests.support.interpret import interpret


def shared(seed: int) -> Any:
    """A function in which every number has many users, so that the order of their sums shows."""
    chance = random.Random(seed)
    plan = [
        (chance.randrange(3), chance.randrange(1, 6), chance.randrange(1, 9)) for _ in range(chance.randrange(6, 25))
    ]

    def function(*xs: Any) -> list[Any]:
        values = list(xs)
        for kind, i, j in plan:
            a, b = values[-min(i, len(values))], values[-min(j, len(values))]
            values.append(a * b if kind == 0 else a + b if kind == 1 else a * 0.7 - b)
        return values[-3:]

    return function


@pytest.mark.parametrize("start", range(0, 300, 100))
def test_gradients_have_the_bits_of_the_eager_pass(start: int) -> None:
    for seed in range(start, start + 100):
        function, chance = shared(seed), random.Random(-seed)
        xs = tuple(chance.uniform(-1.5, 1.5) for _ in range(3))
        values = [Value(x) for x in xs]
        *_, top = function(*values)
        top.backward()
        found = interpret(verify(adjoint(trace(function, xs), seeds=(0.0, 0.0, 1.0))), xs)[3:]
        assert found == [value.grad for value in values], f"seed {seed}"


def test_the_gradient_of_several_outputs_has_those_bits_too() -> None:
    """One pass from all outputs, as ``vjp`` makes it."""
    for seed in range(150):
        function, chance = shared(seed), random.Random(-seed)
        xs = tuple(chance.uniform(-1.5, 1.5) for _ in range(3))
        seeds = [chance.uniform(-1.0, 1.0) for _ in range(3)]
        _, back = vjp(function, *xs)
        found = interpret(verify(adjoint(trace(function, xs), seeds=seeds)), xs)[3:]
        assert tuple(found) == back(seeds), f"seed {seed}"
