from __future__ import annotations

import numpy as np
import pytest

from autograd_mini import nn
from autograd_mini.engine.value import Value
from tests.support.finite_differences import assert_gradients

PLANE = [[1.0, 2.0, 3.0, 0.0], [4.0, 5.0, 6.0, 0.0], [7.0, 8.0, 9.0, 0.0], [1.0, 1.0, 1.0, 2.0]]


def test_values() -> None:
    assert nn.MaxPool2d(2)([PLANE]) == [[[5.0, 6.0], [8.0, 9.0]]]
    assert nn.AvgPool2d(2)([PLANE]) == [[[3.0, 2.25], [4.25, 3.0]]]
    assert nn.MaxPool2d(3)([PLANE]) == [[[9.0]]]
    assert nn.MaxPool2d(2, stride=1)([PLANE])[0][0] == [5.0, 6.0, 6.0]
    assert nn.MaxPool2d((1, 4))([PLANE]) == [[[3.0], [6.0], [9.0], [2.0]]]
    assert nn.MaxPool2d(2)(np.array([PLANE, PLANE]))[1] == [[5.0, 6.0], [8.0, 9.0]]


def test_a_tie_shares_the_gradient() -> None:
    a, b = Value(2.0), Value(2.0)
    nn.MaxPool2d((1, 2))([[[a, b]]])[0][0][0].backward()
    assert (a.grad, b.grad) == (0.5, 0.5)


@pytest.mark.parametrize("pool", [nn.MaxPool2d(2), nn.AvgPool2d(2), nn.MaxPool2d(2, 1), nn.AvgPool2d((2, 3), 1)])
def test_gradients_against_finite_differences(pool: nn.Module) -> None:
    values = np.random.default_rng(0).permutation(32).reshape(2, 4, 4) / 8.0
    x = [[[Value(v) for v in row] for row in plane] for plane in values.tolist()]
    leaves = [v for plane in x for row in plane for v in row]
    assert_gradients(lambda: sum(v.tanh() * (i + 1) for i, v in enumerate(nn.Flatten()(pool(x)))), leaves)


def test_errors_and_repr() -> None:
    with pytest.raises(ValueError, match=r"MaxPool2d\(3\): the image of 2 × 2 is smaller than the window"):
        nn.MaxPool2d(3)([[[1.0, 2.0], [3.0, 4.0]]])
    with pytest.raises(ValueError, match="AvgPool2d: stride is 0"):
        nn.AvgPool2d(2, 0)
    assert repr(nn.AvgPool2d((2, 3), 1)) == "AvgPool2d((2, 3), stride=1)"
