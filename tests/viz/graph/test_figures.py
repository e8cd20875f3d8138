"""Functions that show themselves: what is drawn is what the numbers are."""

import math

import pytest

from autograd_mini import Value, exp, log, maximum, sigmoid, softmax, sqrt, tanh, where
from viz.graph.figures import Area, Bars, Curve, Switch
from viz.graph.make import model
from viz.graph.parts import Step
from viz.levels.flow import flow
from viz.scene.marks.figures import draw_figure, figure_size
from viz.scene.shapes import bounds


def figures(out):
    out.backward()
    return [step.figure for step in flow(model(out)).each(Step)]


@pytest.mark.parametrize("f", [tanh, exp, log, sqrt, sigmoid, lambda x: x**2, lambda x: 1.0 / x])
@pytest.mark.parametrize("x", [0.3, 1.7])
def test_the_tangent_touches_the_curve_and_has_its_slope(f, x):
    found = figures(f(Value(x, "x")) + Value(1.0, "y"))[0]
    if found is None:
        assert f(Value(x)).op.name == "div"  # straight functions and quotients show nothing
        return
    assert isinstance(found, Curve)
    (u0, v0), (u1, v1) = found.tangent
    u, v = found.point
    slope = (v1 - v0) / (u1 - u0)
    assert v0 + slope * (u - u0) == pytest.approx(v, abs=1e-9)
    spots = [spot for each in found.stretches for spot in each]
    near = sorted(spots, key=lambda spot: abs(spot[0] - u))[:3]
    left, right = min(near), max(near)
    assert (right[1] - left[1]) / (right[0] - left[0]) == pytest.approx(slope, rel=0.15, abs=0.05)
    assert all(-1e-9 <= c <= 1 + 1e-9 for spot in spots for c in spot)
    assert all(-1e-9 <= y <= 1 + 1e-9 for y in (v0, v1))


def test_a_switch_shows_the_branch_that_is_taken():
    x, y = Value(0.3, "x"), Value(-2.0, "y")
    assert figures(where(x > 0, x, y) + x)[0] == Switch(0, 2)
    assert figures(where(x < 0, x, y) + x)[0] == Switch(1, 2)
    assert figures(maximum(x, y) + x)[0] == Switch(0, 2)
    assert figures(maximum(y, x) + x)[0] == Switch(1, 2)


def test_bars_are_the_shares_and_sum_to_one():
    found = figures(-log(softmax([Value(x, f"z{x}") for x in (1.0, 2.0, -1.0)])[1]))[0]
    assert isinstance(found, Bars)
    assert found.chosen == 1
    assert math.fsum(found.shares) == pytest.approx(1.0)


def test_a_product_is_a_rectangle():
    assert figures(Value(3.0, "a") * Value(2.0, "b") + Value(1.0, "c"))[0] == Area(3.0, 2.0)


@pytest.mark.parametrize("data", [math.nan, math.inf, -1.0])
def test_what_is_not_finite_shows_nothing(data):
    assert figures(log(Value(data, "x")) + Value(1.0, "y"))[0] is None


@pytest.mark.parametrize("figure", [Switch(1, 2), Bars((0.2, 0.8), 1), Area(3.0, -2.0)])
def test_a_figure_keeps_to_its_size(figure):
    wide, high = figure_size(figure)
    left, top, right, bottom = bounds(draw_figure(figure, 0.0, 0.0))
    assert right - left <= wide + 5
    assert bottom - top <= high + 5
