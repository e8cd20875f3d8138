from __future__ import annotations

import random

import pytest

from autograd_mini import nn
from autograd_mini.engine.value import Value
from autograd_mini.nn.activation import each
from autograd_mini.primitives.table import relu, sigmoid, tanh
from tests.support.finite_differences import assert_gradients


def test_values_names_and_labels() -> None:
    layer = nn.Affine.of([[1.0, 2.0], [3.0, 4.0]], [0.5, -0.5])
    assert [y.data for y in layer([10.0, 1.0])] == [12.5, 33.5]
    assert {p.label for p in layer.parameters()} == {"w₁₁", "w₁₂", "w₂₁", "w₂₂", "b₁", "b₂"}
    assert [p.label for p in nn.Affine(2, 1).parameters()] == ["w₁", "w₂", "b"]
    assert list(layer.state_dict()) == ["w.0.0", "w.0.1", "w.1.0", "w.1.1", "b.0", "b.1"]
    assert repr(layer) == "Affine(2, 2)"


def test_seed_and_initialiser() -> None:
    assert nn.Affine(3, 2, rng=1).state_dict() == nn.Affine(3, 2, rng=random.Random(1)).state_dict()
    assert {w.data for row in nn.Affine(3, 2, init=nn.init.constant(0.25)).w for w in row} == {0.25}


@pytest.mark.parametrize("function", [relu, tanh, sigmoid])
def test_separate_modules_equal_the_fused_layer_to_the_last_bit(function: object) -> None:
    fused = nn.Layer(3, 4, activation=function, rng=2)
    apart = nn.Affine.of([[w.data for w in n.w] for n in fused.neurons], [0.0] * 4)
    x = [0.3, -1.2, 0.7]
    whole, parts = fused(x), each(function, apart(x))  # type: ignore[arg-type]
    assert [y.data for y in whole] == [y.data for y in parts]
    sum(whole).backward()
    sum(parts).backward()
    assert [w.grad for n in fused.neurons for w in n.w] == [w.grad for row in apart.w for w in row]
    assert [n.b.grad for n in fused.neurons] == [b.grad for b in apart.b]


def test_gradients_against_finite_differences() -> None:
    layer = nn.Affine(3, 2, rng=0)
    x = [Value(0.5), Value(-2.0), Value(1.5)]
    assert_gradients(lambda: tanh(layer(x)[0]) * layer(x)[1], [*layer.parameters(), *x])


def test_wrong_shapes() -> None:
    with pytest.raises(ValueError, match=r"Affine\(2, 1\) takes 2 inputs, got 3"):
        nn.Affine(2, 1)([1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match=r"weights of 2 rows of lengths \[1, 2\] and 2 biases"):
        nn.Affine.of([[1.0], [1.0, 2.0]], [0.0, 0.0])
    with pytest.raises(ValueError, match="Affine: nin is -1"):
        nn.Affine(-1, 2)
