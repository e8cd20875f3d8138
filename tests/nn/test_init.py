from __future__ import annotations

import math
import random
import statistics

import pytest

from autograd_mini.nn import init


@pytest.mark.parametrize(
    ("rule", "deviation", "bound"),
    [
        (init.uniform(), 1 / math.sqrt(3), 1.0),
        (init.uniform(0.0, 2.0), 1 / math.sqrt(3), 2.0),
        (init.xavier(), math.sqrt(2 / 300), math.sqrt(6 / 300)),
        (init.xavier(2.0), 2 * math.sqrt(2 / 300), 2 * math.sqrt(6 / 300)),
        (init.xavier_normal(), math.sqrt(2 / 300), math.inf),
        (init.he(), math.sqrt(2 / 100), math.sqrt(6 / 100)),
        (init.he_normal(), math.sqrt(2 / 100), math.inf),
    ],
)
def test_spread_and_bound(rule: init.Initialiser, deviation: float, bound: float) -> None:
    rng = random.Random(0)
    draws = [rule(100, 200, rng) for _ in range(20_000)]
    assert statistics.stdev(draws) == pytest.approx(deviation, rel=0.02)
    assert max(map(abs, draws)) <= bound
    again = random.Random(0)
    assert [rule(100, 200, again) for _ in range(5)] == draws[:5]


def test_sources() -> None:
    assert init.source(None) is random
    mine = random.Random(3)
    assert init.source(mine) is mine
    assert init.source(3).uniform(0, 1) == random.Random(3).uniform(0, 1)
    assert init.constant(0.5)(1, 1, mine) == 0.5
