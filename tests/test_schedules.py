from __future__ import annotations

import math

import pytest

from autograd_mini import schedules


def test_by_hand() -> None:
    assert [schedules.constant()(e) for e in (0, 9)] == [1.0, 1.0]
    assert [schedules.step(10, 0.5)(e) for e in (0, 9, 10, 25)] == [1.0, 1.0, 0.5, 0.25]
    assert [schedules.exponential(0.9)(e) for e in (0, 1, 2)] == pytest.approx([1.0, 0.9, 0.81])
    assert [schedules.inverse_time(0.5)(e) for e in (0, 1, 2)] == [1.0, 1 / 1.5, 0.5]
    assert [schedules.linear(100, 0.1)(e) for e in (0, 50, 100, 150)] == pytest.approx([1.0, 0.55, 0.1, 0.1])
    cosine = schedules.cosine(100, 0.2)
    expected = [1.0, 0.2 + 0.4 * (1 + math.cos(math.pi / 4)), 0.6, 0.2, 0.2]
    assert [cosine(e) for e in (0, 25, 50, 100, 150)] == pytest.approx(expected)


def test_errors() -> None:
    with pytest.raises(ValueError, match="step: every is 0; a finite number above 0 is needed"):
        schedules.step(0)
    with pytest.raises(ValueError, match="cosine: epochs is -5"):
        schedules.cosine(-5)
    with pytest.raises(ValueError, match="exponential: rate is nan"):
        schedules.exponential(math.nan)
    with pytest.raises(ValueError, match="inverse_time: rate is inf"):
        schedules.inverse_time(math.inf)
