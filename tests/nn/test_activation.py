from __future__ import annotations

import math

import numpy as np
import pytest

from autograd_mini import nn
from autograd_mini.engine.value import Value
from autograd_mini.nn.activation import Activation
from tests.support.finite_differences import assert_gradients

CLOSED = {
    nn.Identity: lambda x: x,
    nn.Step: lambda x: float(x > 0),
    nn.ReLU: lambda x: max(x, 0.0),
    nn.LeakyReLU: lambda x: x if x > 0 else 0.01 * x,
    nn.ELU: lambda x: x if x > 0 else math.expm1(x),
    nn.Sigmoid: lambda x: 1 / (1 + math.exp(-x)),
    nn.Tanh: math.tanh,
    nn.Softplus: lambda x: math.log(1 + math.exp(x)),
    nn.SiLU: lambda x: x / (1 + math.exp(-x)),
    nn.GELU: lambda x: 0.5 * x * (1 + math.erf(x / math.sqrt(2))),
}


@pytest.mark.parametrize("kind", CLOSED)
def test_against_the_closed_form_and_finite_differences(kind: type[Activation]) -> None:
    module = kind()  # type: ignore[call-arg]
    for x in (-3.0, -0.4, 0.6, 2.5):
        assert module(Value(x)).data == pytest.approx(CLOSED[kind](x), rel=1e-14)
        assert module(x) == pytest.approx(CLOSED[kind](x), rel=1e-14)
        if kind is not nn.Step:
            leaf = Value(x)
            assert_gradients(lambda leaf=leaf: module(leaf) + 3.0 * leaf, [leaf])
    assert repr(module).startswith(kind.__name__ + "(")


def test_nesting_is_kept() -> None:
    image = [[[-1.0, 2.0]], [[3.0, -4.0]]]
    assert nn.ReLU()(image) == [[[0.0, 2.0]], [[3.0, 0.0]]]
    assert nn.ReLU()(np.array(image)) == [[[0.0, 2.0]], [[3.0, 0.0]]]
    assert nn.ReLU()((1.0, -1.0)) == [1.0, 0.0]


def test_parameters_of_activations() -> None:
    assert nn.LeakyReLU(0.2)(-1.0) == -0.2
    assert nn.ELU(2.0)(-1.0) == pytest.approx(2 * math.expm1(-1.0))
    assert repr(nn.LeakyReLU(0.2)) == "LeakyReLU(0.2)"
    assert repr(nn.ELU(2)) == "ELU(2)"
    assert nn.Activation(lambda x: x * x)([3.0]) == [9.0]
    assert nn.Tanh().parameters() == []
