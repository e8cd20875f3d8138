"""What the drawn contributions of a value add up to is its gradient, at every level of detail."""

import math
from collections import defaultdict
from functools import partial

import pytest

import viz
from autograd_mini import Value, nn, relu
from tests.support import viz_graphs
from viz.graph.parts import Leaves
from viz.scene.shapes import Text
from viz.style.typeset import number, printed


def skipping() -> Value:
    """A network whose input goes to both layers, and whose error reads it too."""
    xs = [Value(0.3, "x₁"), Value(-0.8, "x₂")]
    first, second = nn.Affine(2, 3, rng=1), nn.Affine(5, 1, rng=2)
    out = second([*(relu(h) for h in first(xs)), *xs])
    loss = ((out[0] if isinstance(out, list) else out) * xs[0] - 1.0) ** 2
    return viz_graphs.finished(loss)


GRAPHS = {
    "2-4-1": partial(viz_graphs.network, [2, 4, 1]),
    "2-4-4-1": partial(viz_graphs.network, [2, 4, 4, 1]),
    "relu": partial(viz_graphs.network, [3, 5, 1], 1, relu),
    "samples": partial(viz_graphs.network, [2, 3, 1], 3),
    "skipping": skipping,
    "tangle": partial(viz_graphs.tangle, 20, 1),
}


@pytest.mark.parametrize("name", GRAPHS)
def test_every_use_of_a_shared_value_prints_what_it_adds(name):
    drawing = viz.draw(GRAPHS[name](), "cards")
    assert drawing.detail == "cards"
    texts = [shape for shape in drawing.scene.walk() if isinstance(shape, Text) and shape.shows is not None]
    printed_ = {text.shows[0]: text.spans[0].text for text in texts if text.shows[1] == "gradient"}
    present = {node.key for node in drawing.model.nodes}
    uses = defaultdict(list)
    for edge in drawing.model.edges:
        if edge.flow == "flows" and edge.grad is not None and edge.tail in present:
            uses[edge.tail].append(edge)
    checked = 0
    for value in drawing.scalars.quantities:
        edges = uses[value.key]
        if value.role not in ("input", "parameter") or len(edges) < 2:
            continue
        for edge in edges:
            assert printed_[edge.key].removeprefix("←") == number(edge.grad)
        total = math.fsum(printed(edge.grad) for edge in edges)
        assert total == pytest.approx(value.grad, abs=5e-3 * sum(abs(edge.grad) for edge in edges))
        checked += 1
    assert checked


@pytest.mark.parametrize("detail", ["cards", "heat"])
@pytest.mark.parametrize("name", GRAPHS)
def test_the_edges_that_leave_a_leaf_carry_its_gradient(name, detail):
    drawing = viz.draw(GRAPHS[name](), detail)
    shown = {node.key for node in drawing.model.quantities}
    leaving = defaultdict(float)
    for edge in drawing.model.edges:
        leaving[edge.tail] += edge.grad or 0.0
    checked = 0
    for value in drawing.scalars.quantities:
        if value.role in ("input", "parameter") and value.key in shown and value.grad is not None:
            assert leaving[value.key] == pytest.approx(value.grad, abs=1e-12)
            checked += 1
    for strip in drawing.model.each(Leaves):
        whole = math.fsum(grad for grad in strip.grads if grad is not None)
        assert leaving[strip.key] == pytest.approx(whole, abs=1e-12)
        checked += 1
    assert checked
