"""A check that owes nothing to the package: gradients against central differences."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from autograd_mini.engine.value import Value


def assert_gradients(output: Callable[[], Value], leaves: Sequence[Value], rel: float = 1e-6) -> None:
    """Compare ``grad`` of every leaf with Richardson-extrapolated central differences of ``output``."""
    for leaf in leaves:
        leaf.zero_grad()
    output().backward()
    scale = max(abs(leaf.grad) for leaf in leaves)
    assert scale > 0.0, "a gradient that is zero everywhere checks nothing"
    for leaf in leaves:
        at = leaf.data

        def slope(h: float, leaf: Value = leaf, at: float = at) -> float:
            leaf.data = at + h
            above = output().data
            leaf.data = at - h
            below = output().data
            leaf.data = at
            return (above - below) / (2.0 * h)

        h = 1e-3
        numeric = (4.0 * slope(h / 2) - slope(h)) / 3.0
        assert leaf.grad == pytest.approx(numeric, rel=rel, abs=rel * scale), leaf
