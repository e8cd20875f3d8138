from autograd_mini.engine.value import Value, parameter
from autograd_mini.primitives.table import affine, relu, tanh
from tests.support import viz_graphs
from viz.graph.make import model
from viz.graph.parts import Card, Layer, Leaves
from viz.levels.network import has_cards, with_cards, with_layers


def cards_of(graph):
    return [node for node in graph.nodes if isinstance(node, Card)]


def layers_of(graph):
    return [node for node in graph.nodes if isinstance(node, Layer)]


def test_a_neuron_is_one_card_with_its_parameters():
    scalars = model(viz_graphs.neuron())
    assert has_cards(scalars)
    assert not has_cards(model(viz_graphs.lesson()))
    found = with_cards(scalars)
    (card,) = cards_of(found)
    assert [(pill.sign, pill.name, pill.data) for pill in card.pills] == [
        ("×", "w₁", 0.4), ("×", "w₂", 0.6), ("×", "w₃", -0.2), ("+", "b", 0.1),
    ]  # fmt: skip
    assert [round(pill.grad, 3) for pill in card.pills] == [-3.085, 1.543, -0.771, -1.543]
    assert not card.closed
    assert [edge.slot for edge in found.edges if edge.head == card.key] == [0, 1, 2]
    assert {node.role for node in found.quantities} == {"input", "result", "output"}


def test_the_activation_joins_and_results_are_named():
    found = with_cards(model(viz_graphs.network([2, 3, 1])))
    cards = cards_of(found)
    assert [card.activation for card in cards] == ["tanh"] * 3 + [""]
    assert [card.name for card in cards] == ["h₁", "h₂", "h₃", "y"]
    assert [pill.name for pill in cards[3].pills] == ["h₁", "h₂", "h₃", "b"]
    assert [pill.name for pill in cards[0].pills] == ["x0", "x1", "b"]
    assert [frame.title for frame in found.frames] == ["layer 1  (2 → 3)"]
    assert found.size == 9


def test_an_activation_that_is_used_twice_or_named_stays_apart():
    x, w, b = Value(1.0, "x"), parameter(2.0, "w"), parameter(0.0, "b")
    z = affine([w], [x], b)
    z.label = "z"
    out = tanh(z) + affine([w], [x], b)
    kinds = [function.name for function in with_cards(model(out)).functions]
    assert "tanh" in kinds


def test_a_weight_used_elsewhere_keeps_its_circle():
    x, w, b = Value(1.0, "x"), parameter(2.0, "w"), parameter(0.0, "b")
    out = affine([w], [x], b) + w * w
    found = with_cards(model(out))
    assert [node.label for node in found.quantities if node.role == "parameter"] == ["w"]


def test_numbers_given_to_a_layer_are_drawn_once():
    weights = [[parameter(1.0), parameter(2.0)] for _ in range(3)]
    hidden = [relu(affine(row, [0.5, -0.25], parameter(0.0))) for row in weights]
    found = with_cards(model(hidden[0] + hidden[1] + hidden[2]))
    assert [node.data for node in found.quantities if node.role == "constant"] == [0.5, -0.25]


def test_layers():
    found = with_layers(with_cards(model(viz_graphs.network([2, 5, 4, 1]))))
    layers = layers_of(found)
    assert [layer.title for layer in layers] == ["Affine 2→5 · tanh", "Affine 5→4 · tanh", "Affine 4→1"]
    between = [(edge.tail, edge.head, edge.band) for edge in found.edges if edge.tail.startswith("layer")]
    assert between[:2] == [("layer0", "layer1", 5), ("layer1", "layer2", 4)]


def test_samples_that_share_parameters_are_copies_of_one_layer():
    found = with_layers(with_cards(model(viz_graphs.network([2, 4, 1], samples=6))))
    layers = layers_of(found)
    assert [len(layer.copies) for layer in layers] == [6, 6]
    assert [len(layer.cards) for layer in layers] == [4, 1]
    (strip,) = [node for node in found.nodes if isinstance(node, Leaves)]
    assert len(strip.data) == 12


def test_tied_and_penalised_weights():
    x = Value(0.5, "x")
    w, b = parameter(2.0, "w"), parameter(0.0, "b")
    first = tanh(affine([w], [x], b))
    out = affine([w], [first], b) + w * w * 0.1
    out.backward()
    found = with_layers(with_cards(model(out)))
    assert len(layers_of(found)) == 2
    assert not [node for node in found.quantities if node.role == "parameter"]
