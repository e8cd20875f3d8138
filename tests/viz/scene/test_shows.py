"""A text knows which number it shows: the keys in a picture lead to the very numbers that stand there."""

from functools import partial

import pytest

import viz
from tests.support import viz_graphs
from viz.scene.marks.mark import measure
from viz.scene.shapes import Circle, Group, Rect, Text
from viz.style.typeset import number

SAMPLES = {
    "lesson": viz_graphs.lesson,
    "neuron": viz_graphs.neuron,
    "cards": partial(viz_graphs.network, [2, 4, 4, 1]),
    "layers": partial(viz_graphs.network, [2, 16, 16, 1]),
    "samples": partial(viz_graphs.network, [3, 6, 1], 20),
    "batch as cards": partial(viz_graphs.network, [2, 3, 1], 2),
    "tangle": partial(viz_graphs.tangle, 20, 1),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_what_shows_a_number_shows_that_number(name):
    drawing = viz.draw(SAMPLES[name]())
    values = {node.key: (node.data, node.grad) for node in drawing.scalars.quantities}
    edges = (*drawing.model.edges, *drawing.scalars.edges)
    values |= {edge.key: (edge.data, edge.grad) for edge in edges}
    values |= {edge.key: (edge.data, edge.grad) for edge in drawing.model.edges if edge.parts}
    found = [s for s in drawing.scene.walk() if isinstance(s, (Text, Rect, Circle)) and s.shows is not None]
    assert found
    scale = measure(drawing.model)
    for shape in found:
        key, what = shape.shows
        if what not in ("value", "gradient"):
            continue
        x = values[key][what == "gradient"]
        if isinstance(shape, Text):
            assert number(x) in shape.spans[0].text, (shape, x)
        else:
            assert shape.role == (scale.signed(x) if what == "value" else scale.glow(x))


def test_every_number_of_a_card_and_a_layer_says_what_it_shows():
    for sizes in ([2, 4, 4, 1], [2, 16, 16, 1]):
        for group in viz.draw(viz_graphs.network(sizes)).scene.walk():
            if isinstance(group, Group) and group.kind == "node-card":
                numbers = [s for s in group.shapes if isinstance(s, Text) and s.spans[0].mono]
                assert len(numbers) >= 8
                assert all(each.shows is not None for each in numbers)
            if isinstance(group, Group) and group.kind == "node-layer":
                cells = [s for s in group.shapes if isinstance(s, (Rect, Circle)) and s.role[:4] in ("heat", "glow")]
                assert cells
                assert all(cell.shows is not None for cell in cells)


def test_the_svg_says_it_too():
    svg = viz.draw(viz_graphs.lesson()).svg
    assert svg.count('data-shows="v2 value"') == 1
    assert svg.count('data-shows="f2-0 gradient"') == 1
    assert svg.count('data-shows="v4-in gradient"') == 1
