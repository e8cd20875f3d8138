"""What axe-core finds on the pages: nothing, in each theme and state."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import viz
from autograd_mini import data, losses, nn, optim
from autograd_mini.engine.value import Value
from autograd_mini.training.trainer import Trainer
from tests.support import viz_graphs
from tests.support.axe import faults


def network() -> Value:
    """The squared error of a small network."""
    out = nn.network(2, "3:tanh, 2:tanh, 1:linear", rng=0)([Value(0.8, "x₁"), Value(-0.4, "x₂")])
    loss = (out[0] - 1.0) ** 2 if isinstance(out, list) else (out - 1.0) ** 2
    loss.label = "L"
    return loss


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("detail", ["lesson", "cards", "heat"])
def test_the_live_page(show: Any, theme: str, detail: str) -> None:
    page = show(viz.draw(network(), detail=detail, theme=theme))
    assert faults(page) == []
    page.click("#nudge")
    page.locator(".view:not([hidden]) g.node").first.focus()
    page.keyboard.press("Enter")
    assert faults(page) == []


def test_a_crowd_at_the_start(show: Any) -> None:
    page = show(viz.draw(viz_graphs.tangle(60, 1)), width=390)
    page.keyboard.press("Home")
    assert faults(page) == []


@pytest.fixture(scope="module")
def run() -> viz.Film:
    X, y = data.moons(60, seed=1)
    model = nn.network(2, "4:tanh, 2:softmax", rng=3)
    trainer = Trainer(model, losses.nll, optim.SGD(model.parameters(), lr=0.3), engine="numpy")
    return viz.film(trainer.fit(X, y, epochs=4, frames=1, validation=0.3, progress=False))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_film_and_its_playground(show: Any, run: viz.Film, scheme: str) -> None:
    page = show(run, color_scheme=scheme)
    assert faults(page) == []
    page.select_option("#compare", "split")
    page.click("#mode")
    page.select_option("#dataset", "Own")
    assert faults(page) == []


def test_the_film_of_a_regression(show: Any) -> None:
    X = np.linspace(-1.0, 1.0, 40)[:, None]
    model = nn.network(1, "4:tanh, 1:linear", rng=3)
    trainer = Trainer(model, losses.mean_squared_error, optim.SGD(model.parameters(), lr=0.1), engine="numpy")
    page = show(viz.film(trainer.fit(X, X[:, 0] ** 2, epochs=4, frames=1, progress=False)), width=390)
    page.click("#mode")
    assert faults(page) == []
