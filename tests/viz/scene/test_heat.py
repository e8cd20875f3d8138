import math

import pytest

import viz
from autograd_mini.primitives.table import relu
from tests.support import viz_graphs
from viz.graph.parts import Layer
from viz.scene.marks.mark import measure
from viz.scene.scales import Scales
from viz.scene.shapes import Circle, Group, Rect, Text
from viz.style.theme import HEAT_STEPS


def drawing(samples=1, sizes=(2, 16, 16, 1)):
    return viz.draw(viz_graphs.network(list(sizes), samples), detail="heat")


def layers(scene):
    return [shape for shape in scene.walk() if isinstance(shape, Group) and shape.kind == "node-layer"]


def test_scales():
    scale = Scales(2.0, 1.0)
    assert [scale.signed(x) for x in (-2.0, 0.0, 2.0, 9.0)] == [
        f"heat-{HEAT_STEPS}", "heat0", f"heat{HEAT_STEPS}", f"heat{HEAT_STEPS}",
    ]  # fmt: skip
    assert [scale.glow(x) for x in (1.0, -1.0, 1e-3, 0.0, 1e-9)] == [
        f"glow{HEAT_STEPS}", f"glow{HEAT_STEPS}", "glow0", "glow0", "glow0",
    ]  # fmt: skip
    assert scale.signed(math.nan) == scale.glow(math.inf) == "warning"
    assert scale.glow(None) == "constant"


def test_scales_of_a_model_are_round():
    model = drawing().model
    found = measure(model)
    pills = [pill for node in model.nodes if isinstance(node, Layer) for card in node.cards for pill in card.pills]
    assert found.value in (1.0, 2.0, 5.0)
    assert found.gradient >= max(abs(pill.grad) for pill in pills)


def test_every_weight_and_gradient_is_a_cell():
    groups = layers(drawing().scene)
    cells = [sum(isinstance(s, Rect) and s.role.startswith("heat") for s in group.shapes) for group in groups]
    glows = [sum(isinstance(s, Rect) and s.role.startswith("glow") for s in group.shapes) for group in groups]
    outs = [sum(isinstance(s, Circle) and s.role.startswith("heat") for s in group.shapes) for group in groups]
    assert cells == glows == [16 * 3, 16 * 17, 17]
    assert outs == [16, 16, 1]


def test_cells_stay_inside_their_card():
    for sizes in ((2, 16, 16, 1), (64, 32, 1), (3, 200, 1)):
        for group in layers(drawing(sizes=sizes).scene):
            frame, *rest = group.shapes
            for cell in rest:
                if isinstance(cell, Rect):
                    assert frame.x <= cell.x
                    assert cell.x + cell.width <= frame.x + frame.width
                    assert cell.y + cell.height <= frame.y + frame.height


def test_large_matrices_are_averaged():
    found = drawing(sizes=(2, 300, 1))
    first = layers(found.scene)[0]
    assert sum(isinstance(s, Rect) and s.role.startswith("heat") for s in first.shapes) == 120 * 3
    assert len(found.svg) < 400_000


def test_samples_are_columns_of_the_output():
    found = drawing(samples=5, sizes=(2, 4, 1))
    words = ["".join(span.text for span in s.spans) for s in found.scene.walk() if isinstance(s, Text)]
    assert "Affine 2→4 · tanh  ×5" in words
    assert "10 inputs" in words


def test_bands_stand_for_the_edges_between_layers():
    bands = [shape for shape in drawing().scene.walk() if isinstance(shape, Group) and shape.kind == "band-group"]
    assert ["".join(span.text for span in band.shapes[1].spans) for band in bands] == ["16", "16", "2"]


def test_before_a_backward_pass():
    from autograd_mini.engine.value import Value
    from autograd_mini.nn.neuron import MLP

    out = MLP(2, [16, 16, 1], activation=relu, rng=1)([Value(1.0), Value(2.0)])
    found = viz.draw(out, detail="heat")
    words = ["".join(span.text for span in s.spans) for s in found.scene.walk() if isinstance(s, Text)]
    assert words.count("–  not computed") == 2
    assert words.count("–") == 3  # the narrow first layer, the edge to the output and the legend


@pytest.mark.parametrize("theme", ["light", "dark", "auto"])
def test_the_notes_count(theme):
    found = viz.draw(viz_graphs.network([2, 16, 16, 1]), theme=theme)
    assert found.notes == ("337 parameters, 67 functions in 4 boxes.",)
    assert found.svg.count("<rect") > 600


def test_a_convolution_shows_its_kernels_and_the_whole_of_its_maps():
    from autograd_mini import Value, nn, tanh

    image = [[[Value(math.sin(i) + math.cos(j)) for j in range(6)] for i in range(6)]]
    maps = nn.Conv2d(1, 2, 3)(image)
    out = viz_graphs.finished(viz_graphs.summed([tanh(x) for each in maps for row in each for x in row]))
    group = layers(viz.draw(out, detail="heat").scene)[0]
    words = ["".join(span.text for span in s.spans) for s in group.shapes if isinstance(s, Text)]
    assert words[0] == "2 kernels 3×3 · tanh, maps 4×4"
    shown = [s.shows for s in group.shapes if isinstance(s, Rect) and s.shows]
    assert len(shown) == len(set(shown)) == 2 * 2 * (9 + 1) + 2 * 16
    frame, *rest = group.shapes
    for cell in rest:
        if isinstance(cell, Rect):
            assert frame.x <= cell.x
            assert cell.x + cell.width <= frame.x + frame.width
            assert cell.y + cell.height <= frame.y + frame.height


def test_samples_that_share_no_input_are_no_convolution():
    layer = drawing(samples=9, sizes=(4, 3, 1)).model.each(Layer)[0]
    assert not layer.slides
