"""The film of a run: what it reads off a network, its page in a real browser, its numbers against Python's."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import numpy as np
import pytest

from autograd_mini import data, losses, nn, optim, tanh
from autograd_mini.training.evaluation import Outputs
from autograd_mini.training.history import History
from autograd_mini.training.trainer import Trainer
from viz import Film, film
from viz.film.layers import find_layers
from viz.film.network import Network

ARMS = data.spiral(60, noise=0.02, seed=1)


def run(layers: Any = "10:tanh, 2:softmax", loss: Any = losses.nll, y: Any = None, **options: Any) -> History:
    """A short run on the spiral's arms."""
    X, classes = ARMS
    model = nn.network(2, layers, rng=3) if isinstance(layers, str) else layers
    trainer = Trainer(model, loss, optim.SGD(model.parameters(), lr=0.3), engine="numpy")
    settings = {"epochs": 12, "batch_size": 20, "frames": 3, "progress": False} | options
    return trainer.fit(X, classes if y is None else y, **settings)


@pytest.fixture(scope="module")
def arms() -> Film:
    return film(run(), title="Two arms")


def json_of(page: str) -> Any:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def unpacked(text: str) -> Any:
    return np.frombuffer(base64.b64decode(text), dtype="<f8")


# ---------------------------------------------------------------- reading a network


def network_of(model: Any, loss: Any = losses.nll, target: float = 1.0) -> Network:
    return Network(model, loss, model.parameters(), [0.3, -0.2], [target], scalar_target=True, levels=(0.0, 1.0))


@pytest.mark.parametrize(
    ("model", "titles", "kind"),
    [
        (nn.network(2, "3:tanh, 2:softmax", rng=0), ["3 tanh", "2 softmax"], "classes"),
        (nn.network(2, "4:leaky_relu, 3:linear, 1:sigmoid", rng=0), ["4 leaky relu", "3 linear", "1 sigmoid"], "one"),
        (nn.MLP(2, [4, 1], rng=0), ["4 relu", "1 linear"], "one"),
        (
            nn.Sequential(nn.Affine(2, 3, rng=0), nn.Identity(), nn.Affine(3, 2, rng=0)),
            ["3 linear", "2 softmax"],
            "classes",
        ),
    ],
    ids=["table", "sigmoid", "mlp", "modules"],
)
def test_layers_are_read_off_the_trace(model: Any, titles: list[str], kind: str) -> None:
    loss = losses.binary_cross_entropy if kind == "one" else losses.cross_entropy
    network = network_of(model, loss)
    assert [layer.title for layer in network.layers] == titles
    assert network.decision.kind == kind
    first = network.layers[0]
    names = [network.parameters[network.index(x)] for x in (*first.weights[0], first.biases[0])]
    state = dict(model.named_parameters())
    expected = (
        ["0.w.0.0", "0.w.0.1", "0.b.0"]
        if "0.b.0" in state
        else [f"layers.0.neurons.0.{x}" for x in ("w.0", "w.1", "b")]
    )
    assert names == [state[name] for name in expected]


def test_a_function_without_affine_has_no_layers() -> None:
    class Bent(nn.Module):
        def __init__(self) -> None:
            self.w = nn.Neuron(2, rng=0).w

        def forward(self, x: Any) -> Any:
            return tanh(self.w[0] * x[0]) + self.w[1] * x[1]

    assert find_layers(network_of(Bent(), losses.hinge).program) == []


@pytest.mark.parametrize(
    ("loss", "middle", "half"),
    [
        (losses.hinge, 0.0, 1.0),
        (losses.mean_squared_error, 0.5, 0.5),
        (losses.binary_cross_entropy_with_logits, 0.0, 0.0),
    ],
    ids=lambda x: getattr(x, "__name__", ""),
)
def test_one_output_decides_as_its_loss_means_it(loss: Any, middle: float, half: float) -> None:
    decision = network_of(nn.network(2, "1:linear", rng=0), loss).decision
    assert (decision.kind, decision.middle, decision.half) == ("one", middle, half)


def test_evaluate_gives_every_unit_and_the_scores() -> None:
    history = run("3:tanh, 2:softmax")
    made = film(history)
    found = made.network.evaluate(made.samples.points, history.frames[-1].parameters)
    assert found.shape == (60, 3 + 2 + 2)
    scores = found[:, -2:] - found[:, -2:].max(axis=1, keepdims=True)
    shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(shares, Outputs(history.setup.model, "numpy")(made.samples.points), rtol=1e-12)  # type: ignore[union-attr]


# ---------------------------------------------------------------- what is refused


def test_a_run_without_frames_is_refused() -> None:
    with pytest.raises(ValueError, match=r"the history has no frames to show; train with fit\(\.\.\., frames=10\)"):
        film(run(frames=()))
    with pytest.raises(ValueError, match="the history has no frames"):
        film(History())


def test_samples_that_cannot_be_shown_are_refused() -> None:
    with pytest.raises(ValueError, match=r"X has the shape \(60, 2, 1\) for 60 samples; a film shows rows of 1 to 64"):
        film(run(), X=ARMS[0][:, :, None])
    with pytest.raises(ValueError, match=r"features\(X\) are not the samples"):
        film(run(), X=ARMS[0] + 1.0)
    with pytest.raises(ValueError, match=r"y has the shape \(60, 2\) and its rows are not one-hot"):
        film(run("2:linear", losses.mean_squared_error, ARMS[0]))
    with pytest.raises(ValueError, match="up to 10 classes, got 11"):
        film(run("11:softmax"))
    with pytest.raises(ValueError, match="classes: 1 names for 2 classes"):
        film(run(), classes=["alone"])
    with pytest.raises(ValueError, match="inputs: 1 names for 2 columns of X"):
        film(run(), inputs=["alone"])
    with pytest.raises(ValueError, match="theme is 'blue'"):
        film(run(), theme="blue")


def test_a_model_that_branches_is_refused() -> None:
    class Branching(nn.Module):
        def __init__(self) -> None:
            self.layer = nn.Affine(2, 2, rng=0)

        def forward(self, x: Any) -> Any:
            a, b = self.layer(x)
            return [a, b] if a > 0.0 else [b, a]

    with pytest.raises(ValueError, match=r"the model branches with `if` on a number.*where\(condition, a, b\)"):
        film(run(Branching(), losses.cross_entropy))


def test_saving_by_the_ending(arms: Film, tmp_path: Any) -> None:
    with pytest.raises(ValueError, match=r"cannot save a film as '\.mp4'; use one of \.html, \.gif, \.png"):
        arms.save(tmp_path / "film.mp4")
    with pytest.raises(ValueError, match=r"\.gif shows a Sequential network .* save this film as \.html"):
        film(run(nn.MLP(2, [4, 1], rng=0), losses.hinge, 2.0 * ARMS[1] - 1.0)).save(tmp_path / "film.gif")
    pytest.importorskip("matplotlib", reason="the extra plots is not installed")
    assert film(run(epochs=1, frames=1)).save(tmp_path / "film.png").read_bytes().startswith(b"\x89PNG")
    assert film(run(epochs=1, frames=1)).save(tmp_path / "film.gif").read_bytes().startswith(b"GIF8")
    story = film(run(epochs=2, frames=1)).storyboard(tmp_path / "story.png", 3)
    assert story.read_bytes().startswith(b"\x89PNG")


# ---------------------------------------------------------------- the page as text


def test_the_page_is_one_small_file_without_a_reference() -> None:
    page = film(run(epochs=49, frames=1)).page()
    assert len(json_of(page)["epochs"]) == 50
    assert len(page.encode()) < 410_000
    attribute = r"""<[^>]*\s(?:src|srcset|href|action)\s*=\s*["']?+(?!\#)"""
    call = r"url\((?!\#)|@import|\bimport\(|fetch\(|https?://(?!www\.w3\.org/)"
    assert re.findall(f"{attribute}|{call}", page) == []
    assert "default-src 'none'" in page


def test_the_page_holds_the_exact_parameters(arms: Film) -> None:
    held = unpacked(json_of(arms.page())["theta"]).reshape(len(arms.history.frames), -1)
    assert (held == np.array([frame.parameters for frame in arms.history.frames])).all()
    assert (unpacked(json_of(arms.page())["points"]).reshape(-1, 2) == ARMS[0]).all()


def test_a_notebook_gets_a_frame_of_its_own(arms: Film) -> None:
    bundle = arms._repr_mimebundle_()
    assert bundle["text/plain"] == "<Film of 2 → 10 tanh → 2 softmax, 5 frames, epochs 0 to 12>"
    assert bundle["text/html"].startswith('<iframe srcdoc="&lt;!DOCTYPE html&gt;')
    assert "<script" not in bundle["text/html"]


# ---------------------------------------------------------------- the page in a browser


def state(page: Any) -> Any:
    return page.evaluate("filmPage.state()")


def until(page: Any, what: str, expression: str) -> None:
    """Wait for an expression of the page; Playwright's own waiting would need eval, which the policy forbids."""
    for _ in range(2400):  # generous: a busy machine with coverage is ten times slower, and no test is about speed
        if page.evaluate(expression):
            return
        page.wait_for_timeout(25)
    pytest.fail(f"a minute without {what}")


def pixels(page: Any, id: str = "plane") -> bytes:
    page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    text: str = page.evaluate(f"document.getElementById('{id}').toDataURL()")
    return text.encode()


def test_numbers_of_the_page_are_those_of_python(arms: Film, show: Any) -> None:
    page = show(arms)
    points = [[0.3, -0.7], [-1.1, 0.2], [0.0, 0.0], [25.0, -40.0]]
    for i, frame in enumerate(arms.history.frames):
        found = np.array(page.evaluate("([points, i]) => filmPage.outputs(points, i)", [points, i])).reshape(-1, 4).T
        np.testing.assert_allclose(found, arms.network.evaluate(np.array(points), frame.parameters), rtol=1e-12)
    page.evaluate("filmPage.go(2)")
    assert state(page)["loss"] == pytest.approx(arms.history["loss"][5], rel=1e-6)
    assert state(page)["accuracy"] == pytest.approx(arms.history["accuracy"][5])
    page.evaluate("filmPage.go(0)")
    trainer = Trainer(arms.setup.model, losses.nll, arms.setup.optimizer, engine="numpy")
    with trainer:
        trainer.theta = arms.history.frames[0].parameters.copy()
        loss, accuracy = trainer.evaluate(*ARMS)
    assert (state(page)["loss"], state(page)["accuracy"]) == pytest.approx((loss, accuracy), rel=1e-12)


def test_scrubbing_and_playing(arms: Film, show: Any) -> None:
    page = show(arms)
    assert page.inner_text("#at") == "epoch 12"
    assert page.inner_text("#facts") == page.get_attribute("#epochs", "aria-valuetext").split(", ", 1)[1]
    last = pixels(page)
    page.keyboard.press("Home")
    assert (page.inner_text("#at"), state(page)["frame"]) == ("epoch 0", 0)
    assert pixels(page) != last
    page.keyboard.press("ArrowRight")
    page.click("#forth")
    assert page.inner_text("#at") == "epoch 6"
    page.click("#back")
    page.focus("#epochs")
    page.keyboard.press("End")
    assert pixels(page) == last
    page.fill("#epochs", "1")
    assert page.inner_text("#at") == "epoch 3"
    page.select_option("#speed", "0.25")
    page.focus("body")
    page.keyboard.press("Space")
    assert page.get_attribute("#play", "aria-label") == "Pause"
    page.select_option("#speed", "8")
    until(page, "the end", "!filmPage.state().playing")
    assert state(page)["frame"] == 4
    assert page.inner_text("#said") == page.get_attribute("#epochs", "aria-valuetext")
    box = page.locator("#curves svg").first.bounding_box()
    page.mouse.click(box["x"] + 48, box["y"] + 60)
    assert state(page)["frame"] == 0


def test_two_epochs_side_by_side(arms: Film, show: Any) -> None:
    page = show(arms)
    page.evaluate("filmPage.go(1)")
    early = pixels(page)
    page.select_option("#compare", "split")
    assert (state(page)["pinned"], page.inner_text("#tag-left"), page.inner_text("#tag-right")) == (
        3,
        "epoch 3",
        "epoch 3",
    )
    page.evaluate("filmPage.go(4)")
    assert page.inner_text("#tag-right") == "epoch 12"
    half = pixels(page)
    page.fill("#divider", "1")
    assert pixels(page) not in (half, early)
    box = page.locator("#plane").bounding_box()
    page.mouse.move(box["x"] + box["width"] - 2, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + 50)
    page.mouse.up()
    assert float(page.input_value("#divider")) == pytest.approx(0.25, abs=0.02)
    page.focus("body")
    page.select_option("#compare", "ghost")
    assert page.inner_text("#tag-left").startswith("dotted: epoch 3, loss ")
    page.click("#pin")
    assert state(page)["pinned"] == 12
    page.select_option("#compare", "")
    assert page.is_hidden("#tag-left")
    assert page.is_hidden("#pin")


def test_a_unit_is_shown_large(arms: Film, show: Any) -> None:
    page = show(arms)
    plain = pixels(page)
    tile = page.get_by_role("button", name="Layer 1, unit 3: show it on the plane")
    tile.click()
    assert tile.get_attribute("aria-pressed") == "true"
    assert page.inner_text("#plane-name") == "Layer 1, unit 3"
    assert pixels(page) != plain
    tile.click()
    page.mouse.move(5, 5)
    page.locator("h1").click()
    page.evaluate("document.activeElement.blur()")
    assert page.inner_text("#plane-name") == "Decision boundary"
    assert pixels(page) == plain
    cells = page.locator("canvas.cells").first
    cells.scroll_into_view_if_needed()
    cells.hover(position={"x": 6, "y": 6})
    weight = arms.history.frames[-1].parameters[0]
    assert page.inner_text("#cell").startswith("layer 1, weight from x₁ to unit 1: ")
    assert f"{abs(weight):.3g}" in page.inner_text("#cell")


def test_a_single_step_is_that_of_python(show: Any) -> None:
    history = run(batch_size=None)
    assert history.setup is not None
    page = show(film(history))
    page.click("#mode")
    page.evaluate("filmPage.go(1)")
    page.click("#single")
    model, parameters = history.setup.model, history.setup.optimizer.parameters
    trainer = Trainer(model, losses.nll, optim.SGD(parameters, lr=0.3), engine="numpy")
    with trainer:
        trainer.theta = history.frames[1].parameters.copy()
        trainer.step(*ARMS)
        np.testing.assert_allclose(page.evaluate("filmPage.theta()"), trainer.theta, rtol=1e-12)
    page.click("#rewind")
    assert page.evaluate("filmPage.theta()") == history.frames[1].parameters.tolist()

    page.locator("#optimizers").get_by_text("Adam", exact=True).click()
    page.locator("#penalty").fill("31")
    assert page.inner_text("#penalty-shown") == "0.013"
    for _ in range(2):
        page.keyboard.press("s")
    adam = optim.Adam(trainer.parameters, lr=0.3)
    trainer = Trainer(model, losses.nll, adam, penalty=lambda ps: losses.l2(ps, 0.013), engine="numpy")
    with trainer:
        trainer.theta = history.frames[1].parameters.copy()
        trainer.step(*ARMS)
        trainer.step(*ARMS)
        np.testing.assert_allclose(page.evaluate("filmPage.theta()"), trainer.theta, rtol=1e-9)


# ---------------------------------------------------------------- other data


def recorded(layers: str, loss: Any, X: Any, y: Any, **options: Any) -> History:
    model = nn.network(np.shape(X)[1], layers, rng=3)
    trainer = Trainer(model, loss, optim.SGD(model.parameters(), lr=0.1), engine="numpy")
    return trainer.fit(X, y, epochs=6, frames=2, progress=False, **options)


def test_more_than_two_inputs_are_shown_two_at_a_time(show: Any) -> None:
    X = np.random.default_rng(0).normal(size=(50, 4)) * [1.0, 20.0, 3.0, 0.1]
    y = np.arange(50) % 3
    history = recorded("4:tanh, 3:softmax", losses.nll, X / X.std(axis=0), y, validation=0.2)
    page = show(film(history, inputs=["mass", "length", "age", "<b>"], classes=["ape", "bee", "cat"]))
    assert page.locator("#across option").all_inner_texts() == ["mass", "length", "age", "<b>"]
    assert (state(page)["points"], state(page)["held"]) == (40, 10)
    assert "held out: loss" in page.inner_text("#apart")
    before = pixels(page)
    page.select_option("#up", label="age")
    assert pixels(page) != before
    assert page.inner_text("#axis-names").startswith("→ mass, ")
    assert "↑ age, " in page.inner_text("#axis-names")
    page.select_option("#across", label="age")  # the two change places
    assert page.input_value("#up") == "0"
    parameters = history.frames[-1].parameters
    theirs = film(history).network.evaluate(np.asarray(history.setup.X)[:5], parameters)  # type: ignore[union-attr]
    ours = page.evaluate("([points, i]) => filmPage.outputs(points, i)", [np.asarray(history.setup.X)[:5].tolist(), 3])  # type: ignore[union-attr]
    np.testing.assert_allclose(np.array(ours).reshape(-1, 5).T, theirs, rtol=1e-12)


@pytest.mark.parametrize("width", [1, 2])
def test_a_regression_is_a_curve_or_a_surface(show: Any, width: int) -> None:
    X = np.random.default_rng(1).uniform(-1.0, 1.0, size=(40, width))
    history = recorded("5:tanh, 1:linear", losses.mean_squared_error, X, np.sin(3.0 * X[:, 0]))
    page = show(film(history))
    assert page.inner_text("#plane-name") == "What it answers"
    assert state(page)["loss"] == pytest.approx(history["loss"][-1], rel=1e-6)
    assert page.locator(".chart").count() == 1
    first = pixels(page)
    page.keyboard.press("Home")
    assert pixels(page) != first
    page.click("#mode")
    page.click("#single")
    trainer = Trainer(history.setup.model, losses.mean_squared_error, history.setup.optimizer, engine="numpy")  # type: ignore[union-attr]
    with trainer:
        trainer.theta = history.frames[0].parameters.copy()
        trainer.step(history.setup.X, history.setup.y)  # type: ignore[union-attr]
        np.testing.assert_allclose(page.evaluate("filmPage.theta()"), trainer.theta, rtol=1e-12)


def test_windows_stay_fixed_over_the_run(arms: Film, show: Any) -> None:
    page = show(arms)
    last = page.evaluate("filmPage.windows()")
    page.keyboard.press("Home")
    pixels(page)
    assert page.evaluate("filmPage.windows()") == last
    assert len(last) == 3  # two layers, and the shares on their line


def test_the_scale_of_gradients_is_that_of_the_epoch(arms: Film, show: Any) -> None:
    page = show(arms)
    for key in ("Home", "End"):
        page.keyboard.press(key)
        pixels(page)
        largest = max(map(abs, page.evaluate("filmPage.gradient()")))
        shown = page.inner_text(".glow-words").replace("−", "-").split("… ")[1].split(" now")[0]
        assert float(shown) == pytest.approx(largest, rel=1e-2)


def test_loss_and_accuracy_follow_the_points_at_a_recorded_epoch(arms: Film, show: Any) -> None:
    page = show(arms)
    before = state(page)
    page.click("#mode")
    page.click("#clear")
    page.get_by_label("class 1").check(force=True)
    page.locator("#plane").click(position={"x": 20, "y": 20})
    after = state(page)
    assert after["frame"] == before["frame"]
    assert after["accuracy"] in (0.0, 1.0)
    assert after["loss"] != before["loss"]
    page.click("#restore")
    assert state(page)["accuracy"] == pytest.approx(before["accuracy"])


# ---------------------------------------------------------------- networks and data of the page's own


def test_layers_features_and_data_can_be_changed(arms: Film, show: Any) -> None:
    page = show(arms)
    page.click("#mode")
    page.select_option("#dataset", "Three clouds")
    assert (state(page)["points"], state(page)["held"], state(page)["parameters"]) == (210, 90, 2 * 10 + 10 + 33)
    page.click("#add-layer")
    assert state(page)["parameters"] == 30 + 11 * 4 + 5 * 3
    page.get_by_label("Layer 2: one unit more").click()
    page.get_by_label("sin x₁").check()
    assert state(page)["parameters"] == 40 + 11 * 5 + 6 * 3
    page.select_option("#activation", "relu")
    page.click("#remove-layer")
    assert state(page)["parameters"] == 40 + 33
    before = state(page)["loss"]
    page.click("#train")
    until(page, "20 epochs", "filmPage.state().epoch > 20")
    page.click("#train")
    until(page, "the worker's last word", "!filmPage.state().playing")
    assert state(page)["threaded"]
    assert state(page)["loss"] < before
    page.fill("#share", "0.5")
    assert (state(page)["points"], state(page)["held"]) == (150, 150)
    page.select_option("#dataset", "Hills")
    assert np.isnan(state(page)["accuracy"])
    page.select_option("#dataset", "Own")
    page.fill("#own-text", "0, 0, a\n1, 1, b\n2, x, a")
    page.click("#own-take")
    assert 'Row 3 is "2, x, a"' in page.inner_text("#own-status")
    page.fill("#own-text", "\n".join(f"{i}, {i * i % 7}, {'ab'[i % 2]}" for i in range(20)))
    page.click("#own-take")
    assert state(page)["points"] + state(page)["held"] == 20
    assert page.locator("#legend bdi").all_inner_texts() == ["a", "b"]
    page.select_option("#dataset", "Recorded")
    assert (state(page)["points"], state(page)["parameters"]) == (60, 52)


def test_the_page_s_own_network_has_python_s_gradients(arms: Film, show: Any) -> None:
    page = show(arms)
    page.click("#mode")
    page.select_option("#dataset", "Checkers")
    page.click("#add-layer")
    page.fill("#share", "1")
    theta = page.evaluate("filmPage.theta()")
    page.click("#clear")
    points = []
    for x, y in ((40, 50), (90, 140), (200, 60)):
        page.locator("#plane").click(position={"x": x, "y": y})
        size = page.locator("#plane").bounding_box()["width"]
        points.append([-1.15 + 2.3 * x / size, 1.15 - 2.3 * y / size])
    model = nn.network(2, "10:tanh, 4:tanh, 2:linear", rng=0)
    layers = [layer for layer in model if isinstance(layer, nn.Affine)]
    order = [p for layer in layers for w, b in zip(layer.w, layer.b, strict=True) for p in (*w, b)]
    for parameter, number in zip(order, theta, strict=True):
        parameter.data = number
        parameter.zero_grad()
    sum(losses.cross_entropy(model(point), 0) for point in points).backward(1.0 / 3.0)
    np.testing.assert_allclose(page.evaluate("filmPage.gradient()"), [p.grad for p in order], rtol=1e-6, atol=1e-9)


def test_a_large_network_trains_beside_the_page(show: Any) -> None:
    X = np.random.default_rng(0).normal(size=(1000, 2))
    history = recorded("45:tanh, 45:tanh, 6:softmax", losses.nll, X, np.arange(1000) % 6)
    assert len(history.frames[0].parameters) > 2_400
    page = show(film(history))
    page.click("#mode")
    page.click("#train")
    until(page, "an epoch", "filmPage.state().live > 3")
    page.evaluate(
        "window.framesDrawn = 0; (function count() { window.framesDrawn++; requestAnimationFrame(count); })()"
    )
    until(page, "frames while it trains", "window.framesDrawn > 4 && filmPage.state().playing")  # it is not held up
    page.click("#train")


# ---------------------------------------------------------------- a sample's graph


def test_a_point_opens_its_graph_with_the_weights_of_the_epoch(arms: Film, show: Any) -> None:
    page = show(arms)
    page.evaluate("filmPage.go(1)")
    box = page.locator("#plane").bounding_box()
    (left, right), (bottom, top) = json_of(arms.page())["extents"]
    x, y = arms.samples.points[7]
    page.mouse.click(
        box["x"] + (x - left) / (right - left) * box["width"], box["y"] + (top - y) / (top - bottom) * box["height"]
    )
    page.wait_for_selector("#sample-frame iframe")
    frame = page.frames[-1]
    frame.wait_for_selector("html[data-ready]")
    assert "at epoch 3" in page.inner_text("#sample-title")
    model = arms.setup.model
    parameters = arms.parameters
    for parameter, number in zip(parameters, arms.history.frames[1].parameters, strict=True):
        parameter.data = number
    label = arms.samples.labels[7]
    wanted = losses.nll(model([float(x), float(y)]), label).data
    for _ in range(100):
        found = frame.evaluate("livePage.value(livePage.keys.at(-1))")
        if abs(found - wanted) < 1e-9:
            break
        page.wait_for_timeout(30)
    assert found == pytest.approx(wanted, rel=1e-12)
    page.click("#sample-close")
    assert page.locator("#sample").is_hidden()


def _optimizers(parameters: Any) -> dict[str, tuple[str, optim.Optimizer]]:
    """Every optimiser with settings that are not its own by default, and the button it is called by."""
    return {
        "plain": ("SGD", optim.SGD(parameters, lr=0.3, weight_decay=0.02)),
        "momentum": ("Momentum", optim.SGD(parameters, lr=0.1, momentum=0.7)),
        "nesterov": ("Nesterov", optim.SGD(parameters, lr=0.1, momentum=0.8, nesterov=True, clip_norm=0.05)),
        "adagrad": ("AdaGrad", optim.AdaGrad(parameters, lr=0.2, epsilon=1e-3)),
        "rmsprop": ("RMSProp", optim.RMSProp(parameters, lr=0.02, decay=0.8, clip_value=0.01)),
        "adam": ("Adam", optim.Adam(parameters, lr=0.05, betas=(0.7, 0.8), weight_decay=0.03)),
        "adamw": ("AdamW", optim.AdamW(parameters, lr=0.05, weight_decay=0.2)),
    }


@pytest.mark.parametrize("name", ["plain", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw"])
def test_the_page_trains_on_as_the_run_did(name: str, show: Any) -> None:
    model = nn.network(2, "3:tanh, 2:softmax", rng=3)
    button, optimizer = _optimizers(model.parameters())[name]
    trainer = Trainer(model, losses.nll, optimizer, engine="numpy")
    history = trainer.fit(*ARMS, epochs=2, frames=1, progress=False)
    page = show(film(history))
    page.click("#mode")
    assert page.evaluate("document.querySelector('[name=optimizer]:checked').value") == button
    assert page.inner_text("#rate-shown") == str(optimizer.lr)
    for _ in range(3):
        page.keyboard.press("s")
    fresh = _optimizers(model.parameters())[name][1]
    trainer = Trainer(model, losses.nll, fresh, engine="numpy")
    with trainer:
        trainer.theta = history.frames[-1].parameters.copy()
        for _ in range(3):
            trainer.step(*ARMS)
        np.testing.assert_allclose(page.evaluate("filmPage.theta()"), trainer.theta, rtol=1e-9)


def test_an_optimiser_the_page_does_not_have_is_said(show: Any) -> None:
    class Signs(optim.Optimizer):
        def change(self, theta: Any, gradient: Any, lr: float) -> Any:
            return lr * np.sign(gradient)

    model = nn.network(2, "3:tanh, 2:softmax", rng=3)
    trainer = Trainer(model, losses.nll, Signs(model.parameters(), lr=0.01), engine="numpy")
    page = show(film(trainer.fit(*ARMS, epochs=1, frames=1, progress=False)))
    assert "trained by Signs, a class of its own" in page.inner_text("#notes")
    page.click("#mode")
    assert page.evaluate("document.querySelector('[name=optimizer]:checked').value") == "SGD"


def test_training_in_the_page(arms: Film, show: Any) -> None:
    page = show(arms)
    page.click("#mode")
    assert page.inner_text("#playground-from") == "trains on from epoch 12"
    assert (page.inner_text("#rate-shown"), page.inner_text("#batch-shown")) == ("0.3", "20")
    page.evaluate("filmPage.go(0)")
    before = state(page)["loss"]
    page.click("#train")
    until(page, "30 epochs", "filmPage.state().epoch > 30")
    page.click("#train")
    after = state(page)
    assert after["loss"] < 0.8 * before
    assert after["live"] > 1
    assert not after["playing"]
    assert page.locator(".chart .live").first.get_attribute("d").startswith("M")
    page.keyboard.press("Home")
    assert (state(page)["epoch"], state(page)["live"]) == (0, 0)
    page.locator("#rate").fill("1")
    page.locator("#penalty").fill("41")
    page.click("#train")
    until(page, "divergence", "document.getElementById('warning').textContent.includes('not finite')")
    assert not state(page)["playing"]
    page.click("#mode")
    assert page.is_hidden("#playground")


def test_points_are_drawn_by_pointer_and_by_keys(arms: Film, show: Any) -> None:
    page = show(arms)
    plane = page.locator("#plane")
    plane.click(position={"x": 30, "y": 30})
    assert state(page)["points"] == 60
    page.click("#mode")
    plane.click(position={"x": 30, "y": 30})
    assert state(page)["points"] == 61
    page.click("#undo")
    page.locator("#noise").fill("0.3")
    assert state(page)["accuracy"] < 1.0
    page.click("#clear")
    assert state(page)["points"] == 0
    page.click("#single")
    assert "There are no points" in page.inner_text("#warning")
    page.get_by_label("class 1").check(force=True)
    plane.focus()
    for key in ("ArrowLeft", "Shift+ArrowUp", "Enter"):
        page.keyboard.press(key)
    assert (state(page)["points"], state(page)["frame"]) == (1, 4)
    page.click("#single")
    assert page.inner_text("#warning") == ""
    assert np.isfinite(page.evaluate("filmPage.theta()")).all()
    page.click("#restore")
    assert state(page)["points"] == 60


def test_the_theme_reaches_page_and_canvas(arms: Film, show: Any) -> None:
    page = show(arms, color_scheme="dark")
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    assert page.evaluate(ground) == "rgb(15, 23, 32)"
    dark = pixels(page)
    page.get_by_text("Light", exact=True).click()
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    assert pixels(page) != dark
    page.get_by_text("Dark", exact=True).click()
    assert pixels(page) == dark


def test_everything_has_a_name_and_fits_a_phone(arms: Film, show: Any) -> None:
    page = show(arms, width=400, height=800)
    page.click("#mode")
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    nameless = page.evaluate(
        "[...document.querySelectorAll('button, input, select, [role=img]')].filter((each) => !(each.ariaLabel || "
        "each.textContent.trim() || (each.labels || []).length || each.getAttribute('aria-labelledby')))"
        ".map((each) => each.outerHTML)"
    )
    assert nameless == []
    assert page.locator("#table tbody tr").count() == 5
    duplicates = page.evaluate("[...document.querySelectorAll('[id]')].map((each) => each.id)")
    assert len(duplicates) == len(set(duplicates))


NASTY = '</script><img src=x onerror=alert(1)> & "重み" \'\u202eabc'


def test_names_are_shown_and_never_run(show: Any) -> None:
    y = np.arange(60) % 3
    page = show(film(run("4:relu, 3:linear", losses.cross_entropy, y), title=NASTY, classes=[NASTY, "]]>", "<b>b"]))
    assert page.title() == page.inner_text("h1") == NASTY
    assert page.locator("#legend bdi").all_inner_texts() == [NASTY, "]]>", "<b>b"]


@pytest.mark.parametrize(
    ("layers", "loss", "y"),
    [
        ("4:relu, 3:linear", losses.cross_entropy, np.arange(60) % 3),
        ("3:tanh, 3:softmax", losses.nll, np.eye(3)[np.arange(60) % 3]),
        ("3:tanh, 1:sigmoid", losses.binary_cross_entropy, ARMS[1]),
        ("3:gelu, 1:linear", losses.hinge, 2.0 * ARMS[1] - 1.0),
    ],
    ids=["scores", "one-hot", "sigmoid", "hinge"],
)
def test_other_classes_and_losses(layers: str, loss: Any, y: Any, show: Any) -> None:
    history = run(layers, loss, y, epochs=6)
    page = show(film(history))
    assert state(page)["accuracy"] == pytest.approx(history["accuracy"][-1])
    page.click("#mode")
    page.click("#single")
    assert page.inner_text("#warning") == ""
    drawn = page.evaluate("[...document.querySelectorAll('canvas')].every((each) => each.width > 0)")
    assert drawn


def test_polar_coordinates_are_seen_and_the_plane_is_shown(show: Any) -> None:
    X, y = data.doughnut(40, seed=1)
    model = nn.network(2, "2:linear, 2:softmax", rng=3)
    trainer = Trainer(model, losses.nll, optim.SGD(model.parameters(), lr=0.3), engine="numpy")
    history = trainer.fit(data.polar(X), y, epochs=6, frames=3, progress=False)
    made = film(history, X=X, features=data.polar)
    assert made.network.evaluate(X, history.frames[-1].parameters)[:, :2] == pytest.approx(data.polar(X), rel=1e-14)
    page = show(made)
    assert page.locator("figcaption b").all_inner_texts() == [
        "what the network sees",
        "1 · 2 linear",
        "2 · 2 softmax",
        "output",
    ]
    assert state(page)["accuracy"] == pytest.approx(history["accuracy"][-1])


def test_a_long_network_runs_in_parts(show: Any) -> None:
    history = run("24:tanh, 20:tanh, 2:softmax", epochs=2, frames=1)
    made = film(history)
    assert "function part1(" in made.network.forward_source()
    page = show(made)
    points = [[0.1 * i - 3.0, 0.05 * i] for i in range(70)]
    found = np.array(page.evaluate("(points) => filmPage.outputs(points, 2)", points)).reshape(-1, 70).T
    wanted = made.network.evaluate(np.array(points), history.frames[2].parameters)
    np.testing.assert_allclose(found, wanted, rtol=1e-12)
    page.click("#mode")
    page.locator("#batch").fill("9")
    page.click("#single")
    assert history.setup is not None
    trainer = Trainer(history.setup.model, losses.nll, optim.SGD(made.parameters, lr=0.3), engine="numpy")
    with trainer:
        trainer.theta = history.frames[2].parameters.copy()
        trainer.step(*ARMS)
        np.testing.assert_allclose(page.evaluate("filmPage.theta()"), trainer.theta, rtol=1e-12)


def test_what_a_page_cannot_train_it_still_shows(show: Any) -> None:
    def branching(outputs: Any, target: Any) -> Any:
        return losses.nll(outputs, 1 if target > 0.5 else 0)

    page = show(film(run("3:tanh, 2:softmax", branching)))
    assert page.is_hidden("#mode")
    assert "cannot train this network: its loss branches with an if" in page.inner_text("#notes")
    assert page.inner_text("#at") == "epoch 12"
    assert page.locator("canvas.cells:visible").count() == 2
    page.keyboard.press("Home")
    assert "loss" not in page.inner_text("#facts")
