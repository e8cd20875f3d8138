import pytest

import viz
from autograd_mini.engine.value import Value, parameter
from autograd_mini.primitives.table import affine, tanh
from viz.scene.shapes import Text


def forward(w, b):
    y = tanh(affine([w], [Value(2.0, "x")], b))
    loss = (y - 1.0) ** 2
    loss.label = "L"
    loss.backward()
    return loss


def test_a_training_step():
    w, b = parameter(0.4, "w"), parameter(0.1, "b")
    before = viz.draw(forward(w, b))
    step = [-0.1 * w.grad, -0.1 * b.grad]
    first = (before.graph.data, w.grad)
    w.data, b.data = w.data + step[0], b.data + step[1]
    w.zero_grad()
    b.zero_grad()
    after = forward(w, b)
    found = viz.diff(before, after, detail="lesson")
    values = {node.label: node for node in found.model.quantities if node.label}
    assert values["w"].data == pytest.approx(step[0])
    assert values["w"].grad == pytest.approx(w.grad - first[1])
    assert values["L"].data == after.data - first[0]
    assert values["x"].data == 0.0
    assert found.title.startswith("Δ L = (tanh(w·x + b)−1)²")
    words = ["".join(span.text for span in s.spans) for s in found.scene.walk() if isinstance(s, Text)]
    assert "change of the value (above)" in words
    assert "w: value 0.4 → 0." in found.text
    cards = viz.diff(before, after)
    assert cards.detail == "cards"
    (card,) = [node for node in cards.model.nodes if type(node).__name__ == "Card"]
    assert card.pills[0].data == pytest.approx(step[0])


def test_no_change_is_nothing():
    x = Value(1.0, "x")
    y = x * 2.0
    y.backward()
    found = viz.diff(y, y)
    assert all(node.data == 0.0 for node in found.model.quantities if node.role != "constant")


def test_a_pass_without_gradients():
    a, b = Value(1.0) * 2.0, Value(2.0) * 2.0
    b.backward()
    assert viz.diff(a, b).model.quantities[0].grad is None


def test_different_graphs():
    x = Value(1.0, "x")
    with pytest.raises(ValueError, match=r"same graph, got 4 and 3 nodes; build both with the same code"):
        viz.diff(x * 2.0, x.tanh())
    with pytest.raises(ValueError, match=r"node f1 is tanh in one and exp in the other"):
        viz.diff(x.tanh(), x.exp())
    with pytest.raises(TypeError, match="diff takes two Values or Drawings, got 'float'"):
        viz.diff(1.0, x)


def test_a_difference_has_no_live_page(tmp_path):
    x = Value(1.0, "x")
    found = viz.diff(x * 2.0, x * 3.0)
    with pytest.raises(ValueError, match="a difference of two passes has no live page"):
        found.save(tmp_path / "x.html")
