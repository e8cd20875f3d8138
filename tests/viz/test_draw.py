import sys

import pytest

import viz
from autograd_mini import jit, logsumexp, nn
from autograd_mini.engine.value import Value
from tests.support import viz_graphs
from viz.scene.forms import best


def test_a_lesson_that_is_too_large_moves_on_and_says_so():
    assert viz.draw(viz_graphs.chain(150), detail="lesson").detail == "lesson"
    drawing = viz.draw(viz_graphs.chain(151), detail="lesson")
    assert drawing.detail == "heat"
    assert drawing.notes[0] == "151 functions are too many for a lesson, which shows up to 150."
    assert drawing.model.size == 151


def test_size_chooses():
    levels = [viz.draw(viz_graphs.chain(length)).detail for length in (5, 150, 151)]
    assert levels == ["lesson", "lesson", "heat"]
    assert viz.draw(viz_graphs.neuron()).detail == "cards"
    assert viz.draw(viz_graphs.network([2, 4, 4, 1])).detail == "cards"
    assert viz.draw(viz_graphs.network([2, 16, 16, 1])).detail == "heat"


def test_cards_that_are_too_many_become_layers():
    drawing = viz.draw(viz_graphs.network([8, 60, 60, 1]), detail="cards")
    assert drawing.detail == "heat"
    assert drawing.notes[0] == "121 cards with 4,261 parameters are too many; drawn as layers."


def test_a_huge_graph_is_refused_before_it_is_walked():
    with pytest.raises(ValueError, match="the graph has more than 100,000 functions"):
        viz.draw(viz_graphs.chain(250_000))


def test_what_is_no_graph():
    for wrong in (3.0, "x", [], [Value(1.0), 2.0], None):
        with pytest.raises(TypeError, match="draw takes a Value, a sequence of Values or a Program"):
            viz.draw(wrong)


def test_what_has_a_graph_when_it_is_called():
    with pytest.raises(TypeError, match=r"got 'MLP'; draw what it returns, as in draw\(model\(\[1.0, 2.0\]\)\)"):
        viz.draw(nn.MLP(2, [1]))
    with pytest.raises(
        TypeError, match=r"got 'function'; draw the program of a compiled function, as in draw\(f.program"
    ):
        viz.draw(jit(lambda x: x))
    with pytest.raises(TypeError, match=r"got 'list'; there is nothing in it"):
        viz.draw([])


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


def test_a_lesson_of_too_many_edges_is_drawn_at_the_next_level_and_says_so():
    drawing = viz.draw(viz_graphs.network([32, 16, 1]), detail="lesson")
    assert drawing.detail == "heat"
    assert drawing.notes[0] == "1,127 edges are too many for a lesson, which shows up to 450."
    assert max(drawing.scene.width, drawing.scene.height) < 2_000


def test_no_side_is_longer_than_20_000_pixels(monkeypatch):
    monkeypatch.setattr(sys.modules["viz.draw"], "SIDE", 1_000.0)
    drawing = viz.draw(viz_graphs.fan(40))
    assert drawing.detail == "heat"
    assert any("At the level lesson this would be about" in note for note in drawing.notes)


def test_what_would_take_long_is_folded_before_it_is_laid_out(monkeypatch):
    monkeypatch.setattr(sys.modules["viz.draw"], "SECONDS", 0.1)
    laid = []
    monkeypatch.setattr(sys.modules["viz.draw"], "best", lambda *given: laid.append(given[0]) or best(*given))
    drawing = viz.draw(viz_graphs.fan(40))
    assert drawing.detail == "heat"
    assert drawing.notes[0].startswith("At the level lesson this would take about ")
    assert len(laid) == 1  # the lesson never was


@pytest.mark.parametrize("count", [150, 500, 3000])
def test_a_sum_of_thousands_is_one_strip(count):
    drawing = viz.draw(logsumexp([Value(0.001 * i) for i in range(count)]), detail="lesson")
    assert max(drawing.scene.width, drawing.scene.height) < 20_000
    assert drawing.detail == ("lesson" if count == 150 else "heat")


def test_a_neuron_of_hundreds_of_inputs_is_drawn_at_once_with_cards():
    neuron = nn.Neuron(200, rng=1)([Value(0.1 * i) for i in range(200)])
    drawing = viz.draw(neuron, detail="lesson")
    assert drawing.detail == "cards"
    assert drawing.notes[0].startswith("At the level lesson this would be about 27,")
    assert drawing.scene.height < 20_000
