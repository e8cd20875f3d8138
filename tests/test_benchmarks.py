"""What the benchmarks compare computes the same, and their figures mark the right crossings."""

import shutil

import numpy as np
import pytest

from autograd_mini import parameter, softmax
from benchmarks.figure import crossings, draw
from benchmarks.gpt import in_c
from benchmarks.gpt_model import NAMES, POSITIONS, by_hand, document, loss, padded, tokens_of, weights
from benchmarks.timing import race

WORD = tokens_of("ada")


def test_every_form_of_the_scalar_gpt_has_the_same_loss_and_gradient():
    model = weights(parameter)
    parameters = [w for matrix in model.values() for row in matrix for w in row]
    value, slopes = by_hand(WORD)(np.array([w.data for w in parameters]))
    row = [*WORD, *[0] * (POSITIONS + 1 - len(WORD)), len(WORD) - 1]
    for found in (loss(model, WORD, softmax), document(model, *WORD), padded(model, *row)):
        for w in parameters:
            w.zero_grad()
        found.backward()
        assert found.data == pytest.approx(value, rel=1e-13)
        np.testing.assert_allclose([w.grad for w in parameters], slopes, rtol=1e-10, atol=1e-15)


@pytest.mark.skipif(shutil.which("gcc") is None, reason="no gcc")
def test_the_gpt_in_c_has_the_same_loss_and_gradient():
    theta = np.array([w for matrix in weights(float).values() for row in matrix for w in row])
    for word in (WORD, tokens_of(max(NAMES, key=len))):
        value, slopes = by_hand(word)(theta)
        native = in_c(word, ["-O1"])
        for _ in range(2):
            found, gradient = native(theta)
            assert found == pytest.approx(value, rel=1e-13)
            np.testing.assert_allclose(gradient, slopes, rtol=1e-10, atol=1e-15)


def test_names_fit_the_gpt():
    assert len(NAMES) > 200
    assert all(len(tokens_of(name)) - 1 <= POSITIONS for name in NAMES)


def test_crossings_lie_on_both_lines():
    lines = {
        "autograd_mini": [(1, 1.0), (10, 10.0), (100, 100.0)],
        "level": [(1, 20.0), (10, 20.0), (100, 20.0)],
        "above": [(10, 11.0), (100, 110.0)],
        "short": [(1, 2.0)],
    }
    ((name, size, value),) = crossings(lines)
    assert name == "level"
    assert (size, value) == (pytest.approx(20.0), pytest.approx(20.0))


def test_a_figure_is_drawn_in_both_themes(tmp_path):
    pytest.importorskip("matplotlib")
    lines = {"autograd_mini": [(4, 1.0), (8, 3.0)], "JAX jit": [(4, 2.0), (8, 2.0)]}
    light, dark = draw(lines, tmp_path / "step.svg", "Steps", "width", "µs")
    assert (light.name, dark.name) == ("step.svg", "step-dark.svg")
    assert all("JAX jit" in each.read_text(encoding="utf-8") for each in (light, dark))
    assert light.read_bytes() != dark.read_bytes()


def test_a_race_times_each_runner():
    best = race({"sum": lambda: sum(range(100)), "nothing": lambda: None}, budget=0.01, block=0.001)
    assert 0.0 < best["nothing"] < best["sum"]
