import pytest

import viz
from autograd_mini.engine.value import Value, parameter
from autograd_mini.primitives.table import softmax, where
from autograd_mini.program.record.trace import trace
from viz.graph.replay import replay


def test_a_traced_program_draws_without_numbers_and_with():
    program = trace(lambda x, y: (x * y + 1.5) ** 2, [2.0, 3.0], ["x", "y"])
    plain = viz.draw(program)
    assert plain.title == "(x×y+1.5)²"
    assert all(node.data is None for node in plain.model.quantities if node.role != "constant")
    drawn = viz.draw(program, values=[2.0, 3.0])
    assert drawn.title == "(x×y+1.5)² = 56.25"
    assert [node.grad for node in drawn.model.quantities if node.role == "input"] == [45.0, 30.0]


def test_captured_values_are_copied():
    w = parameter(3.0, "w")
    program = trace(lambda x: x * w, [2.0], ["x"])
    (out,) = replay(program, [5.0])
    assert out.data == 15.0
    assert [parent.is_parameter for parent in out.parents].count(True) == 1
    assert not w.has_grad


def test_several_outputs_choices_and_large_programs():
    def function(a, b):
        first, second = softmax([a, b])
        return first, where(a < b, second * 2.0, a)

    program = trace(function, [1.0, 2.0])
    outputs = replay(program, [1.0, 2.0])
    assert outputs[0].data + outputs[1].data / 2 == pytest.approx(1.0)
    assert viz.draw(program, values=[1.0, 2.0]).detail == "lesson"

    def long(x):
        for _ in range(200):
            x = (x * 1.1).sin()
        return x

    drawing = viz.draw(trace(long, [0.5]))
    assert drawing.detail == "heat"
    assert drawing.model.size == 400


def test_wrong_values():
    program = trace(lambda x: x * 2.0, [2.0])
    with pytest.raises(ValueError, match="values has 2 numbers; the program takes 1, one for each argument"):
        viz.draw(program, values=[1.0, 2.0])
    with pytest.raises(TypeError, match="values are the arguments of a Program; a Value has its own"):
        viz.draw(Value(1.0), values=[1.0])
