import pytest

import viz
from autograd_mini.engine.value import Value
from autograd_mini.primitives.table import affine, mul, softmax, where
from autograd_mini.program.ir import Instruction, Program
from tests.support import viz_graphs
from viz.graph.formulas import formula
from viz.graph.make import model


def test_lesson():
    assert viz.narrate(viz_graphs.lesson()).splitlines() == [
        "Forward",
        "  a = 3",
        "  b = 5",
        "  c = a + b = 3 + 5 = 8",
        "  d = 10",
        "  L = c × d = 8 × 10 = 80",
        "Backward",
        "  ∂L/∂L = 1",
        "  ∂L/∂d = ∂L/∂L · dL/dd = 1 · 8 = 8",
        "  ∂L/∂c = ∂L/∂L · dL/dc = 1 · 10 = 10",
        "  ∂L/∂b = ∂L/∂c · dc/db = 10 · 1 = 10",
        "  ∂L/∂a = ∂L/∂c · dc/da = 10 · 1 = 10",
    ]


def test_fan_out_is_a_sum():
    x = Value(3.0, "x")
    u = x * -2.0
    u.label = "u"
    y = u * x
    y.label = "y"
    y.backward()
    assert "  ∂y/∂x = ∂y/∂u · du/dx + ∂y/∂y · dy/dx = 3 · (−2) + 1 · (−6) = (−6) + (−6) = −12" in viz.narrate(y)


def test_before_a_backward_pass():
    text = viz.narrate(Value(2.0, "x") * 3.0)
    assert text.endswith("Backward\n  not computed yet: call L.backward()")


def test_accumulated_gradient_is_said():
    x = Value(2.0, "x")
    (x * 4.0).backward()
    y = x * 3.0
    y.backward()
    assert "∂L/∂x = ∂L/∂L · dL/dx = 1 · 3 = 7  (with 4 from elsewhere)" in viz.narrate(y)


def test_untaken_branch():
    x = Value(-1.0, "x")
    y = where(x > 0.0, x * x, Value(2.0, "k"))
    y.backward()
    text = viz.narrate(y)
    assert "where(false, a, k)" in text
    assert "∂L/∂a = –  (no gradient flows here)" in text


def test_states_are_named():
    text = viz.narrate(viz_graphs.states())
    assert "(dead)" in text
    assert "(saturated)" in text
    assert "(not finite)" in text


def test_two_values_with_one_label_keep_apart():
    text = viz.narrate(Value(1.0, "x") + Value(2.0, "x"))
    assert "L = x + x′ = 1 + 2 = 3" in text


def test_affine_and_softmax_read_as_formulas():
    out = affine([Value(2.0, "w")], [Value(3.0, "x")], Value(-1.0, "b"))
    assert "L = w·x + b = 2·3 + (−1) = 5" in viz.narrate(out)
    first, second = softmax([Value(1.0, "p"), Value(1.0, "q")])
    text = viz.narrate([first, second])
    assert "a = softmax(p, q)[0] = 0.5" in text
    assert "b = softmax(p, q)[1] = 0.5" in text


def test_programs_are_told_without_numbers():
    program = Program((0, 1), (Instruction(mul, (0, 1), (2,)),), (2,), names={0: "x", 1: "y"})
    assert viz.narrate(program).splitlines() == ["Forward", "  x  (input)", "  y  (input)", "  L = x × y"]


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda a, b: (a + b) * a, "(a+b)×a"),
        (lambda a, b: a - (b - a), "a−(b−a)"),
        (lambda a, b: (a - b) - a, "a−b−a"),
        (lambda a, b: a / (b * a), "a÷(b×a)"),
        (lambda a, b: (a + b) ** 2, "(a+b)²"),
        (lambda a, b: -(a + b), "−(a+b)"),
        (lambda a, b: (-a) ** 2, "(−a)²"),
        (lambda a, b: (a * b).tanh(), "tanh(a×b)"),
        (lambda a, b: 2.0 * a + -3.0, "2×a+(−3)"),
    ],
)
def test_formula(make, text):
    assert formula(model(make(Value(1.0, "a"), Value(2.0, "b")))) == text


def test_formula_gives_up_on_long_ones():
    assert formula(model(viz_graphs.chain(50))) == ""


def test_too_long_to_tell():
    with pytest.raises(ValueError, match=r"the graph has 2,001 functions; narrate tells up to 2,000"):
        viz.narrate(viz_graphs.chain(2001))
