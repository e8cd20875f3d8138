"""Large networks of dense layers: the loops of the page over typed arrays, run by Node, against Python's gradient."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import viz
from autograd_mini import losses, nn, optim
from autograd_mini.training.trainer import Trainer
from tests.support.node import needs_node, run_node
from viz.film.data import film_data
from viz.film.kit import kit_source
from viz.film.penalty import penalty_data

ASSETS = Path(viz.__file__).parent / "film" / "assets"
SCRIPT = """
import {{ makeNetwork, measure, outputsOf }} from "{assets}/network.js";
import {{ makeSet }} from "{assets}/points.js";
import {{ unpacked }} from "{assets}/plane.js";
{kit}
const data = {data};
const network = makeNetwork(data, null, null, kit), theta = network.frames[network.frames.length - 1];
const set = makeSet(unpacked(data.points), data.labels, data.values, network.inputs);
const found = measure(network, set, theta), one = set.points.slice(0, network.inputs);
console.log(JSON.stringify({{
  loss: found.loss, gradient: [...found.gradient], outputs: [...outputsOf(network, one, theta)],
}}));
"""
X = np.random.default_rng(1).normal(size=(150, 3))
TASKS = {
    "classes": ("30:tanh, 20:relu, 3:softmax", losses.nll, np.arange(150) % 3),
    "scores": ("30:sigmoid, 20:tanh, 3:linear", losses.cross_entropy, np.arange(150) % 3),
    "two": ("30:tanh, 20:tanh, 1:linear", losses.binary_cross_entropy_with_logits, np.arange(150) % 2),
    "shares": ("30:tanh, 20:tanh, 1:sigmoid", losses.binary_cross_entropy, np.arange(150) % 2),
    "value": ("30:tanh, 20:tanh, 1:linear", losses.mean_squared_error, np.sin(X[:, 0])),
}


@needs_node
@pytest.mark.parametrize("name", TASKS)
def test_the_loops_of_a_large_network_are_python_s(name: str) -> None:
    layers, loss, y = TASKS[name]
    model = nn.network(3, layers, rng=2)
    trainer = Trainer(model, loss, optim.SGD(model.parameters(), lr=0.1), engine="numpy")
    shown = viz.film(trainer.fit(X, y, epochs=3, frames=3, progress=False))
    assert shown.network.dense is not None
    assert "const forward = null, gradient = null;" in shown.page()  # no text of its own for each parameter
    data = shown._data([])
    script = SCRIPT.format(assets=ASSETS.as_posix(), kit=kit_source(), data=json.dumps(data))
    found = json.loads(run_node(script))
    assert data["dense"] == film_data(shown.network, shown.history, shown.samples)["dense"]
    value, gradient = python_s(trainer, model, loss, y)
    assert found["loss"] == pytest.approx(value, rel=1e-12)
    np.testing.assert_allclose(found["gradient"], gradient, rtol=1e-9, atol=1e-13)
    outputs = shown.network.evaluate(X[:1], shown.history.frames[-1].parameters)[0]
    np.testing.assert_allclose(found["outputs"], outputs, rtol=1e-12, atol=1e-15)


def python_s(trainer: Any, model: Any, loss: Any, y: Any) -> tuple[float, list[float]]:
    """The mean loss and its gradient from the eager engine, at the last frame."""
    for parameter, number in zip(trainer.parameters, trainer.history.frames[-1].parameters, strict=True):
        parameter.data = float(number)
        parameter.zero_grad()
    total = 0.0
    for row, target in zip(X, y, strict=True):
        each = loss(model(row.tolist()), target.item())
        each.backward(1.0 / len(X))
        total += each.data / len(X)
    return total, [parameter.grad for parameter in trainer.parameters]


def test_a_small_network_and_an_odd_one_keep_their_own_text() -> None:
    for layers, loss in (("4:tanh, 2:softmax", losses.nll), ("40:tanh, 40:gelu, 2:softmax", losses.nll)):
        model = nn.network(3, layers, rng=2)
        trainer = Trainer(model, loss, optim.SGD(model.parameters(), lr=0.1), engine="numpy")
        shown = viz.film(trainer.fit(X[:20], np.arange(20) % 2, epochs=1, frames=1, progress=False))
        assert shown.network.dense is None
        assert "const forward = null" not in shown.page()


@pytest.mark.parametrize(("l1", "l2"), [(0.0, 0.003), (0.02, 0.0), (0.001, 0.01)])
def test_the_penalty_of_a_run_is_read_off(l1: float, l2: float) -> None:
    def penalty(parameters: Any) -> Any:
        return losses.l1(parameters, l1) + losses.l2(parameters, l2)

    assert penalty_data(penalty, 11) == {"l1": pytest.approx(l1), "l2": pytest.approx(l2), "penalty": False}


def test_a_penalty_of_another_kind_is_told() -> None:
    assert penalty_data(None, 4) == {"l1": 0.0, "l2": 0.0, "penalty": False}
    assert penalty_data(lambda ps: losses.l2(ps[:2], 0.1), 4)["penalty"] is True
    assert penalty_data(lambda ps: sum(p**4 for p in ps), 4)["penalty"] is True
