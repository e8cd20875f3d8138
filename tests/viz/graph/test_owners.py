"""Parameters of layers that stand alone are told apart in a picture."""

from autograd_mini import nn, parameter, tanh
from autograd_mini.engine.value import Value
from viz.graph.make import model
from viz.levels.ladder import view


def labels(output):
    return {node.label for node in model(output).quantities if node.role == "parameter"}


def two_layers():
    first, second = nn.Affine(2, 2, rng=0), nn.Affine(2, 2, rng=1)
    return sum(second([tanh(value) for value in first([Value(1.0, "x₁"), Value(2.0, "x₂")])]))


def test_two_layers_with_the_same_labels():
    found = labels(two_layers())
    assert {"layer1.w₁₂", "layer2.w₁₂", "layer1.b₂", "layer2.b₂"} <= found
    assert len(found) == 12


def test_a_convolution_is_one_layer():
    image = [[[Value(float(i * j)) for j in range(4)] for i in range(4)]]
    first, second = nn.Conv2d(1, 1, 2, rng=0), nn.Conv2d(1, 1, 2, rng=1)
    found = labels(sum(value for row in second(first(image))[0] for value in row))
    assert found == {
        f"layer{layer}.{label}" for layer in (1, 2) for label in ("w₁₁₁₁", "w₁₁₁₂", "w₁₁₂₁", "w₁₁₂₂", "b₁")
    }


def test_different_labels_stay():
    assert labels(nn.Affine(2, 1, rng=0)([1.0, 2.0])[0]) == {"w₁", "w₂", "b"}
    weight, other = parameter(0.5, "w"), parameter(0.25, "w")  # of no layer: their owner cannot tell them apart
    assert labels(weight * 2.0 + other) == {"w"}


def test_units_of_several_hidden_layers_have_different_names():
    output = nn.Affine(2, 1, rng=2)([tanh(value) for value in two_deep()])[0]
    names = [
        node.name for node in view(model(output), "cards").model.nodes if getattr(node, "name", "").startswith("h")
    ]
    assert sorted(names) == ["h₁₁", "h₁₂", "h₂₁", "h₂₂"]


def two_deep():
    first, second = nn.Affine(2, 2, rng=0), nn.Affine(2, 2, rng=1)
    return second([tanh(value) for value in first([Value(1.0, "x₁"), Value(2.0, "x₂")])])
