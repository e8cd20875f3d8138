"""Every system of the articles, row by row, with its numbers. The letters are those of examples/README.md."""

from __future__ import annotations

import importlib
import math
import random
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.ndimage import label

import viz
from autograd_mini import data, losses, nn, optim, schedules
from autograd_mini.engine.value import Value, parameter
from autograd_mini.primitives.table import exp, identity, log, relu, sigmoid, softmax, step, tanh, total
from autograd_mini.program.batch import Batch
from autograd_mini.training.evaluation import RowLoss
from autograd_mini.training.history import History
from autograd_mini.training.trainer import Trainer
from tests.support.finite_differences import assert_gradients
from viz.graph.networks import Map, Neuron, Vector
from viz.scene.marks.mark import mark_of
from viz.scene.shapes import Group

SPIRAL, DOUGHNUT, LINEAR = data.spiral(200, 0.02), data.doughnut(200, 0.02), data.linear(200)


# ---------------------------------------------------------------- A. activations


def test_a1_activations() -> None:
    assert sigmoid(1.0) == pytest.approx(0.73105857863, abs=5e-12)
    assert sigmoid(2.0) == pytest.approx(0.88079707798, abs=5e-12)
    assert (relu(-2.0), relu(3.0), step(-1.0), step(2.0), identity(-4.0)) == (0.0, 3.0, 0.0, 1.0, -4.0)
    assert tanh(0.5) == pytest.approx(math.tanh(0.5), rel=1e-15)
    assert relu(-1.0) + relu(3.0) == 3.0
    assert relu(-1.0 + 3.0) == 2.0


@pytest.mark.parametrize("units", range(1, 11))
def test_a2_sums_of_relus_grow_a_kink_per_unit(units: int) -> None:
    rng = random.Random(units)
    offsets = sorted(rng.uniform(-7, 7) for _ in range(units))
    heights = [rng.uniform(-0.2, 0.5) for _ in range(units)]
    curve = nn.Sequential(
        nn.Affine.of([[1.0]] * units, [-o for o in offsets]), nn.ReLU(), nn.Affine.of([heights], [0.0])
    )

    def slope(at: float) -> float:
        x = Value(at)
        curve([x])[0].backward()
        return x.grad

    edges = [-10.0, *offsets, 10.0]
    slopes = [slope((a + b) / 2) for a, b in pairwise(edges)]
    assert slopes == pytest.approx([math.fsum(heights[:k]) for k in range(units + 1)], abs=1e-12)
    for offset in offsets:
        assert curve([offset + 1e-9])[0].data == pytest.approx(curve([offset - 1e-9])[0].data, abs=1e-8)


def test_a3_softmax() -> None:
    scores = [0.3, 2.9, 4.0]
    assert softmax(scores) == pytest.approx([0.01821127, 0.24519181, 0.73659691], abs=5e-9)
    assert math.fsum(softmax(scores)) == pytest.approx(1.0, abs=1e-15)
    assert softmax([s + 100.0 for s in scores]) == pytest.approx(softmax(scores), rel=1e-12)
    assert list(softmax([1e4, -1e4, 1e4])) == [0.5, 0.0, 0.5]


def test_a4_a_linear_network_collapses_to_one_affine_map() -> None:
    sizes = [3, 5, 4, 6, 2, 4, 2]
    net = nn.Sequential(*(nn.Affine(a, b, rng=i) for i, (a, b) in enumerate(pairwise(sizes))))
    for i, p in enumerate(net.parameters()):
        p.data += 0.01 * i
    W, B = np.eye(3), np.zeros(3)
    for layer in net:
        assert isinstance(layer, nn.Affine)
        w = np.array([[v.data for v in row] for row in layer.w])
        W, B = w @ W, w @ B + [b.data for b in layer.b]
    for x in np.random.default_rng(0).normal(size=(20, 3)):
        assert [y.data for y in net(x.tolist())] == pytest.approx(W @ x + B, rel=1e-11)


# ---------------------------------------------------------------- B. perceptrons

POINTS = [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)]
WEIGHTS = {"and": (0.5, 0.5, -0.7), "nand": (-0.5, -0.5, 0.7), "or": (0.5, 0.5, -0.2)}


def perceptron(gate: str) -> nn.Neuron:
    neuron = nn.Neuron(2, activation=step)
    neuron.load_state_dict(dict(zip(("w.0", "w.1", "b"), WEIGHTS[gate], strict=True)))
    return neuron


@pytest.mark.parametrize("gate", WEIGHTS)
def test_b1_gates(gate: str) -> None:
    assert [perceptron(gate)(x).data for x in POINTS] == list(data.GATES[gate])


def test_b2_xor_is_and_of_nand_and_or() -> None:
    first, second, last = perceptron("nand"), perceptron("or"), perceptron("and")
    assert [last([first(x), second(x)]).data for x in POINTS] == list(data.GATES["xor"])


@pytest.mark.parametrize("gate", data.GATES)
def test_b3_gates_are_learned(gate: str) -> None:
    X, y = data.gate(gate)
    model = nn.network(2, "4:tanh,1:sigmoid", rng=1)
    trainer = Trainer(model, losses.binary_cross_entropy, optim.Adam(model.parameters(), lr=0.1), engine="numpy")
    history = trainer.fit(X, y, epochs=600, measure_every=600)
    assert history["loss"][-1] < 2e-3
    assert trainer.predict(X)[:, 0].round().tolist() == y.tolist()


# ---------------------------------------------------------------- C. forward passes, losses, least squares


def test_c1_forward_pass_of_three_layers() -> None:
    layers = [
        ([[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]], [0.1, 0.2, 0.3]),
        ([[0.1, 0.4], [0.2, 0.5], [0.3, 0.6]], [0.1, 0.2]),
        ([[0.1, 0.3], [0.2, 0.4]], [0.1, 0.2]),
    ]
    first, second, third = (nn.Affine.of(np.array(W).T.tolist(), b) for W, b in layers)
    net = nn.Sequential(first, nn.Sigmoid(), second, nn.Sigmoid(), third, nn.Identity())
    assert [y.data for y in net([1.0, 0.5])] == pytest.approx([0.31682708, 0.69627909], abs=5e-9)


def test_c2_every_loss_trains() -> None:
    """Closed forms and gradients are in test_losses.py; here each one falls."""
    X, y = data.moons(60, 0.1)
    two, signs, shares = np.eye(2)[y], 2.0 * y - 1.0, 0.1 + 0.8 * np.eye(2)[y]
    cases: list[tuple[Any, str, Any]] = [
        (losses.sum_squared_error, "2:linear", two),
        (losses.mean_squared_error, "2:linear", two),
        (losses.binary_cross_entropy, "1:sigmoid", y),
        (losses.binary_cross_entropy_with_logits, "1:linear", y),
        (losses.cross_entropy, "2:linear", y),
        (losses.nll, "2:softmax", two),
        (losses.hinge, "1:linear", signs),
        (losses.kl_divergence, "2:softmax", shares),
        (lambda outputs, target: (outputs[0] - target).abs() ** 1.5, "1:linear", signs),
    ]
    for loss, last, target in cases:
        model = nn.network(2, f"6:tanh,{last}", rng=0)
        trainer = Trainer(model, loss, optim.Adam(model.parameters(), lr=0.05), engine="numpy")
        history = trainer.fit(X, target, epochs=60, measure_every=60)
        assert history["loss"][-1] < 0.4 * history["loss"][0], loss


def cubic() -> tuple[np.ndarray, np.ndarray]:
    x = np.arange(-5.0, 5.0, 0.01)
    return x, x**3 - 3 * x**2 + 5 * x - 7


def test_c3_least_squares_by_gradient_training() -> None:
    x, y = cubic()
    features = np.column_stack([x**3, x**2, x])
    (scaled,) = data.standardise(features)
    model = nn.Affine(3, 1, rng=0)
    trainer = Trainer(model, losses.sum_squared_error, optim.SGD(model.parameters(), 0.1, momentum=0.8))
    history = trainer.fit(scaled, y[:, None], epochs=600)
    slopes = np.array([w.data for w in model.w[0]]) / features.std(axis=0)
    found = [*slopes, model.b[0].data - slopes @ features.mean(axis=0)]
    closed, *_ = np.linalg.lstsq(np.column_stack([features, np.ones_like(x)]), y, rcond=None)
    assert found == pytest.approx([1, -3, 5, -7], abs=1e-6)
    assert found == pytest.approx(closed, abs=1e-6)
    assert history["loss"][-1] < 1e-12


def test_c4_the_same_curve_by_a_network() -> None:
    x, y = cubic()
    X_train, y_train, X_test, y_test = data.split(x[:, None], y, 0.25)
    mean, deviation = y_train.mean(), y_train.std()
    X_train, X_test, ends = data.standardise(X_train, X_test, np.array([[x[0]], [x[-1]]]))
    model = example("least_squares").spread_units(16)
    trainer = Trainer(model, losses.sum_squared_error, optim.Adam(model.parameters(), lr=0.02))
    trainer.fit(X_train, (y_train - mean) / deviation, epochs=4000, schedule=schedules.cosine(4000), measure_every=4000)
    held = float(np.mean((trainer.predict(X_test)[:, 0] * deviation + mean - y_test) ** 2))
    assert held < 0.1
    assert trainer.predict(ends)[:, 0] * deviation + mean == pytest.approx([y[0], y[-1]], abs=3.0), "to both ends"
    assert held < 5e-4 * y_test.var()


def test_c5_logistic_regression_and_matching_distributions() -> None:
    X, y = LINEAR
    model = nn.Affine(2, 1, rng=0)
    trainer = Trainer(model, losses.binary_cross_entropy_with_logits, optim.Adam(model.parameters(), lr=0.1))
    history = trainer.fit(X, y, epochs=600)
    assert history["accuracy"][-1] == 1.0
    assert history["loss"][-1] < 0.02
    target = [0.1, 0.2, 0.4, 0.25, 0.05]
    scores = [parameter(0.0) for _ in target]
    matching = Trainer(lambda x: softmax(scores), losses.kl_divergence, optim.SGD(scores, 1.0, momentum=0.5))
    assert matching.fit([[0.0]], [target], epochs=300)["loss"][-1] < 1e-6
    assert softmax([s.data for s in scores]) == pytest.approx(target, abs=1e-3)


# ---------------------------------------------------------------- D. watching a network learn


def watched(
    points: tuple[np.ndarray, np.ndarray],
    layers: str,
    epochs: int,
    *,
    seed: int = 0,
    deviation: float = 0.0,
    lr: float = 0.02,
    **options: Any,
) -> tuple[Trainer, History]:
    """Train a network; ``deviation`` is that of normal weights, Xavier's where it is 0."""
    wide = (lambda fan_in, fan_out, rng: rng.gauss(0.0, deviation)) if deviation else None
    model = nn.network(2, layers, rng=seed, init=wide)
    trainer = Trainer(model, losses.nll, optim.Adam(model.parameters(), lr=lr))
    return trainer, trainer.fit(*points, epochs, **{"measure_every": epochs // 20, **options})


def decided(trainer: Trainer, cells: int = 80) -> np.ndarray:
    """Return the class of every point of a grid over [−1.2, 1.2]²."""
    side = np.linspace(-1.2, 1.2, cells)
    plane = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    return trainer.predict(plane).argmax(axis=1).reshape(cells, cells)


def straight(regions: np.ndarray) -> bool:
    """Tell whether one line parts the grid: logistic regression on its cells makes no mistake to speak of."""
    side = np.linspace(-1.2, 1.2, len(regions))
    plane = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    design = np.column_stack([plane, np.ones(len(plane))])
    line, *_ = np.linalg.lstsq(design, 2.0 * regions.ravel() - 1.0, rcond=None)
    return bool(np.mean((design @ line > 0) == regions.ravel()) > 0.93)


def best_linear_loss(X: np.ndarray, y: np.ndarray) -> float:
    """The least loss of any linear classifier, by Newton's method."""
    design, w = np.column_stack([X, np.ones(len(X))]), np.zeros(3)
    for _ in range(50):
        p = 1.0 / (1.0 + np.exp(-design @ w))
        w -= np.linalg.solve((design * (p * (1 - p))[:, None]).T @ design, design.T @ (p - y))
    p = 1.0 / (1.0 + np.exp(-design @ w))
    return float(-np.mean(np.where(y == 1, np.log(p), np.log(1 - p))))


def test_d1_linear_data_linear_network() -> None:
    trainer, history = watched(LINEAR, "2:linear,2:softmax", 300)
    assert history["accuracy"][-1] == 1.0
    assert straight(decided(trainer))


def test_d2_spiral_linear_network_stays_at_the_best_line() -> None:
    trainer, history = watched(SPIRAL, "2:linear,2:softmax", 1500)
    assert history["loss"][-1] == pytest.approx(best_linear_loss(*SPIRAL), rel=1e-4)
    assert history["accuracy"][-1] < 0.85
    assert straight(decided(trainer))


def test_d3_spiral_two_tanh_is_slow_and_strained() -> None:
    """It gets to 99 % in the end, five times as late as D4, with large weights and points within the boundary."""
    trainer, history = watched(SPIRAL, "2:tanh,2:softmax", 3000, seed=8, lr=0.005, measure_every=20)
    reached = {share: history["epoch"][_first(history, share)] for share in (0.95, 0.985)}
    assert reached[0.95] > 500
    assert reached[0.985] > 800
    assert 0.985 <= history["accuracy"][-1] < 1.0
    quick, done = watched(SPIRAL, "2:tanhx5,2:softmax", 600, measure_every=10)
    assert done["epoch"][_first(done, 0.95)] < reached[0.95] / 5

    def largest(trained: Trainer) -> float:
        return max(abs(p.data) for p in trained.parameters)

    assert largest(trainer) > 2.5 * largest(quick)
    sure = trainer.predict(SPIRAL[0]).max(axis=1)
    assert (sure < 0.9).mean() > 0.02, "points lie within the boundary"
    assert (quick.predict(SPIRAL[0]).max(axis=1) < 0.9).mean() < 0.01


def _first(history: History, share: float) -> int:
    """Return the place of the first epoch with so many right answers."""
    return next(i for i, accuracy in enumerate(history["accuracy"]) if accuracy >= share)


def test_d4_spiral_six_narrow_layers_separate() -> None:
    assert watched(SPIRAL, "2:tanhx5,2:softmax", 1500)[1]["accuracy"][-1] == 1.0


def islands(regions: np.ndarray) -> int:
    """Return how many regions of either class lie inside the square, cut off from its border."""
    found = 0
    for kind in (0, 1):
        parts, count = label(regions == kind)
        for k in range(1, count + 1):
            part = parts == k
            border = part[0].any() or part[-1].any() or part[:, 0].any() or part[:, -1].any()
            found += part.sum() >= 4 and not border
    return found


def test_d5_spiral_ten_tanh_separate_with_islands_on_the_way() -> None:
    seen: list[tuple[int, int, float]] = []

    def look(trainer: Trainer) -> None:
        if trainer.run.epoch % 20 == 0:
            seen.append((trainer.run.epoch, islands(decided(trainer)), trainer.accuracy(*SPIRAL)))

    _, history = watched(
        SPIRAL, "10:tanh,2:softmax", 1000, seed=9, deviation=3.0, lr=0.01, callbacks=[look], measure_every=1000
    )
    early = [epoch for epoch, count, accuracy in seen if count and accuracy < 0.95]
    assert len(early) >= 4, "islands before 95 % are right"
    assert max(epoch for epoch, count, _ in seen if count) < 500, "and none later"
    assert history["accuracy"][-1] == 1.0


def test_d6_doughnut_two_tanh_cannot_make_the_island() -> None:
    trainer, history = watched(DOUGHNUT, "2:tanh,2:softmax", 1500)
    assert history["accuracy"][-1] < 0.93
    inside = decided(trainer) == 0
    touches = inside[0].any() or inside[-1].any() or inside[:, 0].any() or inside[:, -1].any()
    assert touches, "the inner class reaches the border: it is a strip, not an island"


def test_d7_doughnut_ten_tanh_make_the_island() -> None:
    trainer, history = watched(DOUGHNUT, "10:tanh,2:softmax", 600)
    assert history["accuracy"][-1] == 1.0
    assert not (decided(trainer) == 0)[0].any()


def test_d8_doughnut_in_polar_coordinates_separates_at_once() -> None:
    X, y = DOUGHNUT
    _, history = watched((data.polar(X), y), "2:linear,2:softmax", 300)
    assert history["accuracy"][-1] == 1.0


# ---------------------------------------------------------------- E. layer by layer


def layers_of_every_kind() -> dict[str, tuple[nn.Module, tuple[int, ...]]]:
    rng = random.Random(3)
    return {
        "neuron": (nn.Neuron(3, activation=tanh, rng=rng), (3,)),
        "layer": (nn.Layer(3, 2, activation=sigmoid, rng=rng), (3,)),
        "mlp": (nn.MLP(3, [4, 2], activation=tanh, rng=rng), (3,)),
        "affine": (nn.Affine(3, 2, rng=rng), (3,)),
        "sigmoid": (nn.Sigmoid(), (3,)),
        "tanh": (nn.Tanh(), (3,)),
        "relu": (nn.ReLU(), (3,)),
        "softmax": (nn.Softmax(), (3,)),
        "log-softmax": (nn.LogSoftmax(), (3,)),
        "hierarchical": (nn.HierarchicalSoftmax(3, 5, rng=rng), (3,)),
        "conv": (nn.Conv2d(2, 2, 3, padding=1, rng=rng), (2, 3, 3)),
        "max pool": (nn.MaxPool2d(2), (2, 4, 4)),
        "mean pool": (nn.AvgPool2d(2), (2, 4, 4)),
        "contrast": (nn.LocalContrastNorm(3), (1, 3, 3)),
    }


@pytest.mark.parametrize("kind", layers_of_every_kind())
def test_e1_the_gradient_of_every_layer(kind: str) -> None:
    layer, shape = layers_of_every_kind()[kind]
    size = math.prod(shape)
    numbers = (np.random.default_rng(1).permutation(size) - size / 2 + 0.3) / 7.0
    inputs = np.array([Value(x) for x in numbers], dtype=object)
    signal = inputs.reshape(shape).tolist()

    def loss() -> Value:
        out = layer(signal)
        return sum(y.tanh() * (i + 1) for i, y in enumerate(nn.Flatten()([out])))  # type: ignore[return-value, union-attr]

    loss().backward()
    live = [v for v in (*layer.parameters(), *inputs) if v.grad]
    assert len(live) >= size // 4
    assert_gradients(loss, live, rel=1e-5)


def test_e1_a_layer_of_ones_own() -> None:
    class Rotation(nn.Module):
        """Turn the plane by an angle that is learned."""

        def __init__(self) -> None:
            self.angle = parameter(0.2, "φ")

        def forward(self, x: Any) -> list[Value]:
            c, s = self.angle.cos(), self.angle.sin()
            return [c * x[0] - s * x[1], s * x[0] + c * x[1]]

    layer = Rotation()
    assert_gradients(lambda: layer([1.0, 2.0])[0] * layer([1.0, 2.0])[1], [layer.angle])
    X = np.random.default_rng(0).normal(size=(20, 2))
    turned = X @ np.array([[np.cos(1.0), np.sin(1.0)], [-np.sin(1.0), np.cos(1.0)]])
    Trainer(layer, losses.sum_squared_error, optim.SGD(layer.parameters(), 0.1)).fit(X, turned, epochs=100)
    assert layer.angle.data == pytest.approx(1.0, abs=1e-9)


def test_e2_a_stack_of_modules_is_the_fused_layer_to_the_last_bit() -> None:
    """More stacks are in test_nn_affine.py; this one ends in softmax and loss."""
    fused = nn.Layer(3, 4, nonlin=False, rng=0)
    apart = nn.Sequential(nn.Affine.of([[w.data for w in n.w] for n in fused.neurons], [0.0] * 4), nn.Softmax())
    x = [0.3, -1.0, 2.0]
    whole, parts = losses.nll(softmax(fused(x)), 2), losses.nll(apart(x), 2)
    whole.backward()
    parts.backward()
    assert whole.data == parts.data
    assert sorted(p.grad for p in fused.parameters()) == sorted(p.grad for p in apart.parameters())


@pytest.fixture(scope="module")
def digits() -> tuple[np.ndarray, np.ndarray]:
    datasets = pytest.importorskip("sklearn.datasets", reason="scikit-learn is in the examples extra")
    found = datasets.load_digits()
    return found.data / 16.0, found.target


def test_e4_a_convolutional_network_learns_digits(digits: tuple[np.ndarray, np.ndarray]) -> None:
    X, y = digits
    rng = random.Random(0)
    model = nn.Sequential(
        nn.Reshape(1, 8, 8), nn.Conv2d(1, 3, 3, stride=2, padding=1, rng=rng), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Affine(12, 10, rng=rng),
    )  # fmt: skip
    trainer = Trainer(model, losses.cross_entropy, optim.Adam(model.parameters(), lr=0.02))
    history = trainer.fit(X[:1000], y[:1000], 20, 32, validation=(X[1000:], y[1000:]), measure_every=20)
    assert history["loss"][-1] < 0.25 * history["loss"][0]
    assert history["validation_accuracy"][-1] > 0.8


def test_e6_hierarchical_softmax_learns() -> None:
    X, y = data.moons(80, 0.1)
    four = y * 2 + (X[:, 0] > 0.5)
    model = nn.Sequential(nn.Affine(2, 8, rng=0), nn.Tanh(), nn.HierarchicalSoftmax(8, 4, rng=1))
    trainer = Trainer(model, losses.nll, optim.Adam(model.parameters(), lr=0.05))
    assert trainer.fit(X, four, epochs=300, measure_every=300)["accuracy"][-1] > 0.95
    assert trainer.predict(X).sum(axis=1) == pytest.approx(np.ones(80))


def test_e8_digits_at_97_percent_in_under_a_minute(digits: tuple[np.ndarray, np.ndarray]) -> None:
    X_train, y_train, X_test, y_test = data.split(*digits, 0.25, seed=1)
    model = nn.network(64, "64:relu,10:linear", rng=1)
    trainer = Trainer(model, losses.cross_entropy, optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.05))
    moved = data.shifted(X_train, y_train, 8, 8)
    started = time.perf_counter()
    history = trainer.fit(
        *moved, 20, 64, validation=(X_test, y_test), schedule=schedules.cosine(20), measure_every=20
    )  # fmt: skip
    assert history["validation_accuracy"][-1] >= 0.97
    print(f"{history['validation_accuracy'][-1]:.1%} after {time.perf_counter() - started:.1f} s")


# ---------------------------------------------------------------- F. graphs and speed


def test_f1_f2_the_graph_and_its_chain_rule() -> None:
    three, five, ten = Value(3.0), Value(5.0), Value(10.0)
    total = three + five
    product = total * ten
    product.backward()
    assert (product.data, product.grad) == (80.0, 1.0)
    assert [v.grad for v in (three, five, ten, total)] == [10.0, 10.0, 8.0, 10.0]
    for node in (product, total):
        for parent, partial in zip(node.parents, node.partials, strict=True):
            assert parent.grad == node.grad * partial, "gradient = upstream · local"


def test_f3_a_networks_loss_graph_is_made_of_whole_functions() -> None:
    loss = losses.nll(nn.network(3, "2:sigmoid,2:softmax", rng=0)([1.0, 2.0, 3.0]), 0)
    kinds: list[str] = []
    stack, seen = [loss], set()
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            stack += node.parents
            if node.op is not None:
                kinds.append(node.op.name)
    assert sorted(kinds) == ["affine"] * 4 + ["log", "neg", "sigmoid", "sigmoid", "softmax"]
    loss.backward()
    drawn = [mark_of(node).lines(node)[0] for node in viz.draw(loss, "cards", engine="wasm").model.nodes]
    assert [line for line in drawn if line in ("Affine → σ", "Affine", "softmax", "nll")] == [
        "Affine → σ", "Affine → σ", "Affine", "Affine", "softmax", "nll",
    ], "the loss is one box"  # fmt: skip


def test_f4_the_loss_of_a_random_thousand_is_close_to_that_of_a_hundred_thousand() -> None:
    """Untrained within a per cent; trained, where few samples make the loss, within some ten per cent."""
    X, y = data.spiral(100_000, 0.05)
    model = nn.network(2, "10:tanh,2:softmax", rng=0)
    trainer = Trainer(model, losses.nll, optim.Adam(model.parameters(), lr=0.02))
    rng = np.random.default_rng(0)
    some = [rng.choice(len(X), 1000, replace=False) for _ in range(20)]
    off = {}
    for stage in ("untrained", "trained"):
        if stage == "trained":
            trainer.fit(X[:2000], y[:2000], 400, 200, measure_every=400)
        full = trainer.evaluate(X, y)[0]
        off[stage] = np.array([abs(trainer.evaluate(X[part], y[part])[0] - full) / full for part in some])
    assert off["untrained"].max() < 0.02
    assert 0.05 < off["trained"].mean() < 0.5
    assert off["trained"].max() > 3.0 * off["untrained"].max()


def test_f5_over_fitting_parts_the_curves() -> None:
    X, y = data.moons(40, noise=0.35, seed=1)
    held = data.moons(400, noise=0.35, seed=2)
    model = nn.network(2, "24:tanh,2:softmax", rng=0)
    trainer = Trainer(model, losses.nll, optim.Adam(model.parameters(), lr=0.05))
    history = trainer.fit(X, y, 600, validation=held, measure_every=10)
    there = [loss for loss in history["validation_loss"] if not math.isnan(loss)]
    assert history["loss"][-1] < 0.1
    assert there[-1] > 2.0 * min(there)
    assert there[-1] > 5.0 * history["loss"][-1]


def test_f6_reverse_mode_equals_numerical_differentiation_at_a_fraction_of_the_passes() -> None:
    model = nn.network(2, "6:tanh,2:softmax", rng=0)
    X, y = data.spiral(10)
    trainer = Trainer(model, losses.nll, optim.SGD(model.parameters(), 0.1))
    parameters = model.parameters()
    sum((losses.nll(model(x), c) for x, c in zip(X.tolist(), y.tolist(), strict=True)), Value(0.0)).backward()
    reverse = [p.grad / len(X) for p in parameters]
    numeric, passes = [], 0
    for p in parameters:
        at = p.data
        sides = []
        for h in (1e-5, -1e-5):
            p.data = at + h
            sides.append(trainer.evaluate(X, y)[0])
            passes += 1
        p.data = at
        numeric.append((sides[0] - sides[1]) / 2e-5)
    assert reverse == pytest.approx(numeric, rel=1e-6, abs=1e-9)
    assert passes == 2 * len(parameters) == 64


# ---------------------------------------------------------------- G. what stands beside the systems


def example(name: str) -> Any:
    """Return an example's functions: what its figure shows is what is tested."""
    folder = str(Path(__file__).parent.parent / "examples")
    sys.path.insert(0, folder)
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(folder)


def test_g1_two_softmax_outputs_lie_on_a_line_and_go_to_its_ends() -> None:
    X, y = data.linear(120, noise=0.05, seed=1)
    model = nn.network(2, "2:softmax", rng=3)
    trainer = Trainer(model, losses.nll, optim.Adam(model.parameters(), lr=0.1))
    before = trainer.predict(X)
    trainer.fit(X, y, 300, measure_every=300)
    after = trainer.predict(X)
    for outputs in (before, after):
        assert outputs.sum(axis=1) == pytest.approx(np.ones(120), abs=1e-15)
        assert ((outputs[:, 0] > 0.5) == (outputs[:, 0] > outputs[:, 1])).all(), "the perpendicular through (½, ½)"
    assert np.abs(before - 0.5).max() < 0.3
    assert np.median(np.abs(after[:, 0] - 0.5)) > 0.45
    assert (after.argmax(axis=1) == y).mean() == 1.0


@pytest.mark.parametrize(("points", "least"), [("doughnut", 1.0), ("spiral", 0.98)])
def test_g2_three_hidden_units_lift_the_plane_until_a_plane_parts_it(points: str, least: float) -> None:
    hidden, y, (normal, offset), right = example("boundaries").lifted(points, 2000)
    assert hidden.shape == (200, 3)
    assert right >= least
    assert ((hidden @ normal + offset > 0) == (y == 1)).mean() == pytest.approx(right), "one plane in space does it"


def test_g3_the_doughnut_by_its_radius_alone() -> None:
    X, y = DOUGHNUT
    _, history = watched((data.polar(X), y), "2:softmax", 300, lr=0.1)
    model = nn.network(1, "2:softmax", rng=0)
    alone = Trainer(model, losses.nll, optim.Adam(model.parameters(), lr=0.1))
    assert alone.fit(data.polar(X)[:, :1], y, 300)["accuracy"][-1] == history["accuracy"][-1] == 1.0


def test_g4_accuracy_is_a_staircase_and_the_loss_is_not() -> None:
    X, y = data.moons(40, noise=0.3, seed=3)
    model = nn.network(2, "2:linear", rng=1)
    trainer = Trainer(model, losses.cross_entropy, optim.SGD(model.parameters(), lr=0.1))
    weight = model.parameters()[0]
    measured = []
    for number in np.linspace(-3.0, 3.0, 301).tolist():
        weight.data = number
        measured.append(trainer.evaluate(X, y))
    loss, accuracy = np.array(measured).T
    flat = np.diff(accuracy) == 0.0
    assert 3 <= np.count_nonzero(~flat) <= 40
    assert flat.mean() > 0.85
    assert (np.diff(loss) != 0.0).all()


def test_g5_a_product_of_likelihoods_underflows_and_the_sum_of_logarithms_does_not() -> None:
    p = parameter(0.4)
    product = math.prod([p * 1.0] * 1000, start=Value(1.0))
    product.backward()
    assert (product.data, p.grad) == (0.0, 0.0)
    p.zero_grad()
    whole = total([log(p)] * 1000)
    whole.backward()
    assert whole.data == pytest.approx(1000 * math.log(0.4), rel=1e-12)
    assert p.grad == pytest.approx(2500.0, rel=1e-12)


def test_g6_ascent_on_the_likelihood_is_descent_on_its_negative_logarithm() -> None:
    up, down = example("boundaries").same_path(200)
    assert len(set(up)) == 200
    assert up == pytest.approx(down, abs=1e-12)


def test_g7_updates_in_the_middle_of_the_backward_pass() -> None:
    midway = example("steps").midway
    right, second = midway(False)
    w1, w2 = parameter(0.5), parameter(-1.0)
    ((w2 * (w1 * 2.0) - 1.0) ** 2).backward()
    assert (right, second) == (w1.grad, w2.grad) == (8.0, -4.0)
    assert midway(True)[0] == pytest.approx(4.8), "with w₂ moved before w₁ had its gradient"
    moved = []
    for order in (1, -1):
        model = nn.network(2, "3:tanh,2:linear", rng=0)
        losses.cross_entropy(model([0.5, -1.0]), 1).backward()
        for p in model.parameters()[::order]:
            p.data -= 0.1 * p.grad
        moved.append(model.state_dict())
    assert moved[0] == moved[1]
    a, b = parameter(0.5), parameter(-1.0)
    loss = (b * (a * 2.0) - 1.0) ** 2
    b.data = 7.0
    loss.backward()
    assert a.grad == 8.0, "a recorded graph keeps the numbers it was made with"


def test_g8_the_gradient_of_a_mini_batch(digits: tuple[np.ndarray, np.ndarray]) -> None:
    X, y = digits
    rows = np.column_stack([X, y])
    model = nn.network(64, "8:tanh,10:linear", rng=0)
    batch = Batch(RowLoss(model, losses.cross_entropy, 64, None), model.parameters(), 65)
    steps = example("steps")
    before = steps.angle_and_length(batch, rows, [10, 100, 1000], 10)
    Trainer(model, losses.cross_entropy, optim.Adam(model.parameters(), lr=0.01)).fit(X, y, 15, 64, measure_every=100)
    after = steps.angle_and_length(batch, rows, [10, 100, 1000], 10)
    for found in (before, after):
        angles = [found[size][:, 0].mean() for size in (10, 100, 1000)]
        assert angles[0] > angles[1] > angles[2]
        assert found[1000][:, 1].mean() == pytest.approx(1.0, abs=0.2)
        assert found[10][:, 1].mean() > found[1000][:, 1].mean(), "what differs between samples makes it longer"
    assert after[100][:, 0].mean() > before[100][:, 0].mean(), "near the minimum the samples pull apart"


def test_g9_remedies_for_over_fitting() -> None:
    overfit = example("steps").overfit
    _, train, test = overfit()
    assert test > 3.0 * train
    for remedy in ({"samples": 400}, {"strength": 0.01}, {"lr": 0.0025}, {"patience": 20}):
        _, _, better = overfit(**remedy)
        assert better < 0.5 * test, remedy


def network_loss() -> Value:
    inputs = [Value(number, f"x{i}") for i, number in zip("₁₂₃", (1.0, 0.5, -1.0), strict=True)]
    loss = losses.nll(nn.network(3, "2:sigmoid,2:softmax", rng=1)(inputs), 0)
    loss.backward()
    return loss


def test_g10_circles_hold_vectors_and_squares_map_them() -> None:
    loss = network_loss()
    drawn = viz.draw(loss, "vectors", engine="wasm").model
    x, hidden, y = drawn.each(Vector)
    assert [square.label for square in drawn.each(Map)] == ["σ(W·x + b)", "softmax(W·h + b)", "nll"]
    assert x.data == (1.0, 0.5, -1.0)
    w1, b1 = np.array([[-0.801, 0.761, 0.578], [-0.537, -0.01, -0.111]]), np.zeros(2)
    assert hidden.data == pytest.approx(1.0 / (1.0 + np.exp(-(w1 @ x.data + b1))), abs=1e-3)
    assert [round(g or 0.0, 3) for g in hidden.grads] == [-0.341, -0.465]
    assert math.exp(-loss.data) == pytest.approx(y.data[0])


def test_g11_a_line_is_as_wide_as_its_weight_and_coloured_by_its_sign() -> None:
    drawing = viz.draw(network_loss(), "neurons", engine="wasm")
    lines = {edge.key: edge for edge in drawing.model.edges if edge.weight}
    assert len(lines) == 3 * 2 + 2 * 2
    assert len(drawing.model.each(Neuron)) == 4
    largest = max(abs(edge.data or 0.0) for edge in lines.values())
    for group in drawing.scene.shapes:
        edge = lines.get(group.key.removeprefix("e-")) if isinstance(group, Group) else None
        if edge is not None and edge.data is not None:
            (line,) = group.shapes
            assert line.thickness == pytest.approx(0.6 + 4.4 * abs(edge.data) / largest)
            assert line.role == ("positive" if edge.data > 0 else "negative")
            assert group.title == f"weight {edge.data!r}, gradient {edge.grad!r}"
            del lines[edge.key]
    assert not lines, "every weight has a line, its gradient in the tooltip"


def test_g12_step_and_sigmoid_and_exp() -> None:
    assert exp(1.0) == pytest.approx(2.71828183, abs=5e-9)
    assert exp(2.0) == pytest.approx(7.3890561, abs=5e-8)
    for x in (-8.0, 8.0):
        assert sigmoid(x) == pytest.approx(step(x), abs=4e-4), "far from 0 the two agree"
    assert sigmoid(0.0) == 0.5
