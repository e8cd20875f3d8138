"""A loss as one box, layers as vectors, neurons as circles: what they hold is what the graph holds."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable

import pytest

import viz
from autograd_mini import losses, nn
from autograd_mini.engine.origin import origin
from autograd_mini.engine.value import Value, parameter
from autograd_mini.primitives.table import sigmoid, sin, tanh
from tests.support import viz_graphs
from viz.graph.make import model
from viz.graph.networks import Map, Neuron, Vector
from viz.graph.parts import Block, Card
from viz.levels.ladder import view
from viz.levels.maps import Maps


@pytest.mark.parametrize(
    ("loss", "outputs", "target"),
    [
        (losses.nll, (0.3, 0.7), 1), (losses.nll, (0.3, 0.7), (0.5, 0.5)), (losses.cross_entropy, (0.3, 0.7), 1),
        (losses.sum_squared_error, (0.3, 0.7), (1.0, 0.0)), (losses.mean_squared_error, (0.3, 0.7), (1.0, 0.0)),
        (losses.binary_cross_entropy, (0.3, 0.7), (1.0, 0.0)), (losses.hinge, (0.3, 0.7), (1, -1)),
        (losses.binary_cross_entropy_with_logits, 0.3, 1.0), (losses.kl_divergence, (0.3, 0.7), (0.5, 0.5)),
    ],
)  # fmt: skip
def test_every_loss_is_one_box_after_the_layers(
    loss: Callable[[object, object], Value], outputs: object, target: object
) -> None:
    layer = nn.Affine(2, len(outputs) if isinstance(outputs, tuple) else 1, rng=1)
    given = [sigmoid(z) for z in layer([Value(0.5, "x₁"), Value(-1.0, "x₂")])]
    value = loss(given if isinstance(outputs, tuple) else given[0], target)
    value.backward()
    drawing = viz.draw(value, "cards", engine="wasm")
    boxes = [node for node in drawing.model.nodes if getattr(node, "label", "") == loss.__name__]
    boxes = boxes or [
        each for each in drawing.model.nodes if getattr(getattr(each, "what", None), "label", "") == loss.__name__
    ]
    assert len(boxes) == 1
    inside = sum(function.whole is not None for function in drawing.scalars.functions)
    assert boxes[0].size == inside > 1
    assert drawing.model.size == drawing.scalars.size


def test_a_loss_keeps_its_box_where_it_is_and_a_copy_has_none() -> None:
    made = viz_graphs.classified()
    whole = origin(made).whole
    assert whole is not None
    assert [node.op.name for node in whole.nodes(made) if node.op is not None] == ["neg", "log"]
    again = pickle.loads(pickle.dumps(made))
    assert origin(again).whole is None
    assert [function.whole for function in model(again).functions] == [None] * len(model(again).functions)
    assert copy.copy(made) is made
    assert losses.nll([0.2, 0.8], 1) == pytest.approx(0.2231435513)  # numbers have no origin
    leaf = Value(1.0)
    assert origin(leaf).whole is None


def test_the_losses_of_samples_are_one_box_where_layers_are_heat_maps() -> None:
    net = nn.network(2, "3:tanh,2:linear", rng=1)
    total = sum((losses.cross_entropy(net([0.1 * i, 0.2]), i % 2) for i in range(5)), Value(0.0))
    total.backward()
    shown = view(model(total), "heat").model
    assert [(box.label, box.times) for box in shown.each(Block) if box.label == "cross_entropy"] == [
        ("cross_entropy", 5)
    ]


def test_circles_are_layers_and_squares_map_them() -> None:
    graph = viz_graphs.classified()
    drawing = viz.draw(graph, "vectors", engine="wasm")
    assert drawing.detail == "vectors"
    vectors, maps = drawing.model.each(Vector), drawing.model.each(Map)
    assert [(each.name, len(each.data)) for each in vectors] == [("x", 2), ("h", 3), ("y", 1)]
    assert [(each.label, each.detail) for each in maps] == [
        ("σ(W·x + b)", "W 3×2, b 3"), ("softmax(W·h + b)", "W 2×3, b 2"), ("nll", ""),
    ]  # fmt: skip
    assert vectors[0].data == (0.8, -0.4)
    likelihood = graph.parents[0].parents[0]
    assert (vectors[2].data, vectors[2].grads) == ((likelihood.data,), (likelihood.grad,))
    scores = likelihood.parents[0]
    hidden = scores.parents[3:6]  # of an affine function the weights come first
    assert (vectors[1].data, vectors[1].grads) == (tuple(h.data for h in hidden), tuple(h.grad for h in hidden))
    assert drawing.model.size == drawing.scalars.size
    links = [(edge.tail, edge.head) for edge in drawing.model.edges]
    assert len(links) == len(set(links)) == 6


def test_every_function_is_in_one_map_and_maps_are_in_order() -> None:
    for graph in (viz_graphs.classified(), viz_graphs.tangle(60, 3), viz_graphs.network([2, 4, 3, 1], samples=3)):
        scalars = model(graph)
        found = Maps(scalars)
        assert sorted(each.key for inside in found.maps for each in inside) == sorted(found.functions)
        for edge in scalars.edges:
            if edge.head in found.home and edge.tail in found.maker:
                assert found.home[found.maker[edge.tail]] <= found.home[edge.head]


def test_a_convolution_is_one_map_over_one_image() -> None:
    image = [[Value(0.1 * i - 0.2 * j) for j in range(5)] for i in range(5)]
    maps = nn.Conv2d(1, 2, 3, rng=1)([image])
    first, *others = [tanh(pixel) for plane in maps for row in plane for pixel in row]
    total = sum(others, first)
    total.backward()
    shown = view(model(total), "vectors").model
    assert [len(each.data) for each in shown.each(Vector) if len(each.data) > 1] == [25, 18]
    first = shown.each(Map)[0]
    assert (first.label, first.detail) == ("tanh(W·x + b)", "20 parameters")


def test_many_numbers_are_cells_and_a_graph_without_layers_is_folded() -> None:
    wide = nn.network(12, "9:tanh,1:linear", rng=1)([Value(0.1 * i) for i in range(12)])
    (out,) = wide if isinstance(wide, list) else [wide]
    out.backward()
    picture = viz.draw(out, "vectors", engine="wasm")
    cells = [each for each in picture.model.each(Vector) if len(each.data) > 8]
    assert [len(each.data) for each in cells] == [12, 9]
    assert "W 9×12, b 9" in picture.svg
    x = Value(0.5, "x")
    assert viz.draw(sin(x * x) * (x + 2.0), "vectors", engine="wasm").detail == "heat"
    assert any("vectors" in note for note in viz.draw(sin(x) * x, "vectors", engine="wasm").notes)


def test_a_line_is_a_weight_as_wide_as_it_is_large() -> None:
    graph = viz_graphs.classified()
    drawing = viz.draw(graph, "neurons", engine="wasm")
    assert drawing.detail == "neurons"
    assert len(drawing.model.each(Neuron)) == 5
    lines = [edge for edge in drawing.model.edges if edge.weight]
    assert len(lines) == 3 * 2 + 2 * 3
    cards = view(model(graph), "cards").model.each(Card)
    weights = [pill.data for card in cards for pill in card.pills[:-1]]
    assert sorted(edge.data for edge in lines if edge.data is not None) == sorted(x for x in weights if x is not None)
    for edge in lines:
        assert edge.data is not None
        start = drawing.svg.index(f'-e-{edge.key}"')
        drawn = drawing.svg[start : drawing.svg.index("</g>", start)]
        assert f"weight {edge.data!r}, gradient {edge.grad!r}" in drawn
        assert ("positive" if edge.data > 0 else "negative") in drawn
    assert "weight &gt; 0, wide where large" in drawing.svg


def test_neurons_are_for_one_sample() -> None:
    two = viz.draw(viz_graphs.network([2, 3, 1], samples=2), "neurons", engine="wasm")
    assert two.detail == "heat"
    assert any("one sample" in note for note in two.notes)
    w = parameter(2.0, "w")
    assert viz.draw(w * w, "neurons", engine="wasm").detail == "heat"
