import pytest

import viz
from autograd_mini.value import Value
from tests import viz_graphs


def test_too_large_for_a_lesson():
    with pytest.raises(ValueError, match=r"the graph has 151 functions; a lesson reads well up to 150"):
        viz.draw(viz_graphs.chain(151))
    assert len(viz.draw(viz_graphs.chain(150)).model.functions) == 150


def test_a_huge_graph_is_refused_before_it_is_walked():
    with pytest.raises(ValueError, match="the graph has more than 100,000 functions"):
        viz.draw(viz_graphs.chain(250_000))


def test_what_is_no_graph():
    for wrong in (3.0, "x", [], [Value(1.0), 2.0], None):
        with pytest.raises(TypeError, match="draw takes a Value, a sequence of Values or a Program"):
            viz.draw(wrong)


def test_unknown_options():
    with pytest.raises(ValueError, match="detail is 'x'"):
        viz.draw(Value(1.0), detail="x")
    with pytest.raises(ValueError, match="theme is 'x'"):
        viz.draw(Value(1.0), theme="x")


def test_a_leaf_alone():
    drawing = viz.draw(Value(2.5, "x"))
    assert drawing.title == "x = 2.5"
    assert len(drawing.model.nodes) == 1


def test_several_outputs_share_one_picture():
    x = Value(2.0, "x")
    drawing = viz.draw([x * 2.0, x + 1.0])
    assert [node.role for node in drawing.model.quantities].count("output") == 2


def test_titles():
    assert viz.draw(viz_graphs.lesson()).title == "(3+5)×10 = 80"
    assert viz.draw(viz_graphs.neuron()).title == "L = (tanh(w₁·x₁ + w₂·x₂ + w₃·x₃ + b)−t)² = 0.644"
    assert viz.draw(viz_graphs.chain(60)).title == "0.531, 60 functions"
    assert viz.draw(viz_graphs.lesson(), title="mine").title == "mine"
