from __future__ import annotations

import random

import pytest

from autograd_mini import nn
from autograd_mini.engine.value import Value
from autograd_mini.nn.neuron import subscript
from autograd_mini.primitives.table import tanh
from tests.support.finite_differences import assert_gradients


def moons() -> tuple[list[list[float]], list[int]]:
    """micrograd's demo data: two noisy half circles, classes −1 and 1."""
    from autograd_mini import data

    X, y = data.moons(20, noise=0.1, seed=1)
    return X.tolist(), [int(2 * label - 1) for label in y]


def demo(nn: object, value: type, steps: int = 3) -> tuple[list[float], list[float]]:
    """micrograd's demo as its users write it: 2-16-16-1, hinge loss, L2, SGD; losses and gradients."""
    random.seed(1337)
    model = nn.MLP(2, [16, 16, 1])  # type: ignore[attr-defined]
    X, y = moons()
    losses = []
    for k in range(steps):
        scores = [model([value(x) for x in row]) for row in X]
        terms = [(1 + -yi * score).relu() for yi, score in zip(y, scores, strict=True)]
        loss = sum(terms) * (1.0 / len(terms)) + 1e-4 * sum(p * p for p in model.parameters())
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= (1.0 - 0.9 * k / 100) * p.grad
        losses.append(loss.data)
    return losses, [p.grad for p in model.parameters()]


def test_micrograds_demo_learns_as_recorded_from_micrograd() -> None:
    losses, gradients = demo(nn, Value, steps=8)
    assert len(gradients) == 337
    assert losses[:3] == pytest.approx([0.9005827348403695, 0.9088344590841075, 0.25239896678333734], rel=1e-12)
    assert losses[-1] < 0.6 * losses[0]


def test_micrograds_demo_gives_micrograds_numbers() -> None:
    micrograd = pytest.importorskip("micrograd.nn", reason="micrograd is in the bench extra")
    from micrograd.engine import Value as Theirs

    losses, gradients = demo(nn, Value)
    their_losses, their_gradients = demo(micrograd, Theirs)
    assert losses == pytest.approx(their_losses, rel=1e-12)
    assert gradients == pytest.approx(their_gradients, rel=1e-9, abs=1e-12)


def test_seeded_weights_come_in_micrograds_order() -> None:
    random.seed(7)
    expected = [[random.uniform(-1, 1) for _ in range(3)] for _ in range(2)]
    random.seed(7)
    layer = nn.Layer(3, 2)
    assert [[w.data for w in n.w] for n in layer.neurons] == expected
    assert [n.b.data for n in layer.neurons] == [0.0, 0.0]


def test_a_seed_of_its_own_leaves_pythons_random_alone() -> None:
    random.seed(1)
    before = random.getstate()
    a, b, c = nn.MLP(2, [3, 1], rng=5), nn.MLP(2, [3, 1], rng=5), nn.MLP(2, [3, 1], rng=6)
    assert random.getstate() == before
    assert a.state_dict() == b.state_dict() != c.state_dict()
    first, second = (n.w[0].data for n in nn.Layer(1, 2, rng=5).neurons)
    assert first != second


def test_shapes_reprs_labels_and_names() -> None:
    random.seed(0)
    net = nn.MLP(3, [4, 1])
    assert isinstance(net([1.0, 2.0, 3.0]), Value)
    assert len(nn.Layer(3, 2)([1.0, 2.0, 3.0])) == 2
    assert repr(nn.MLP(2, [2, 1])) == ("MLP of [Layer of [ReLUNeuron(2), ReLUNeuron(2)], Layer of [LinearNeuron(2)]]")
    assert repr(nn.Neuron(2, activation=tanh)) == "TanhNeuron(2)"
    neuron = nn.Neuron(12)
    assert [neuron.w[0].label, neuron.w[11].label, neuron.b.label] == ["w₁", "w₁₂", "b"]
    assert all(p.is_parameter for p in net.parameters())
    names = [name for name, _ in net.named_parameters()]
    assert names[0] == "layers.0.neurons.0.w.0"
    assert names[-1] == "layers.1.neurons.0.b"
    assert subscript(1, 2) == "₁₂"
    assert subscript(10, 2) == "₁₀,₂"


def test_a_neuron_is_one_affine_node_and_its_activation() -> None:
    out = nn.Neuron(3)([1.0, 2.0, 3.0])
    assert out.op is not None
    assert out.op.name == "relu"
    (inside,) = out.parents
    assert inside.op is not None
    assert inside.op.name == "affine"
    assert len(inside.parents) == 7
    assert nn.Neuron(3, nonlin=False)([1.0, 2.0, 3.0]).op is inside.op


def test_a_hidden_layer_of_one_neuron_feeds_the_next() -> None:
    assert isinstance(nn.MLP(2, [1, 1], rng=0)([1.0, 2.0]), Value)


def test_gradients_against_finite_differences() -> None:
    net = nn.MLP(3, [4, 2], rng=3, activation=tanh)
    x = [Value(0.3), Value(-0.7), Value(1.1)]
    assert_gradients(lambda: net(x)[0] * 2.0 - net(x)[1], [*net.parameters(), *x])


def test_wrong_sizes() -> None:
    with pytest.raises(ValueError, match="Neuron: nin is 0; a whole number of at least 1 is needed"):
        nn.Neuron(0)
    with pytest.raises(ValueError, match=r"Layer: nout is 2\.5"):
        nn.Layer(2, 2.5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="MLP: nouts is empty"):
        nn.MLP(2, [])
    with pytest.raises(ValueError, match="one weight per input, got 3 weights and 2 inputs"):
        nn.Neuron(3)([1.0, 2.0])
    with pytest.raises(TypeError, match=r"rng is a str; give a random\.Random"):
        nn.Neuron(3, rng="seed")  # type: ignore[arg-type]


def test_parameters_are_labelled_by_their_place():
    layer, net = nn.Layer(2, 2), nn.MLP(2, [2, 1])
    assert [p.label for p in layer.parameters()][:3] == ["unit1.w₁", "unit1.w₂", "unit1.b"]
    labels = [p.label for p in net.parameters()]
    assert labels[3] == "layer1.unit2.w₁"
    assert labels[-1] == "layer2.b"
    assert len(set(labels)) == len(labels)
