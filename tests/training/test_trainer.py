from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_mini import checkpoint, data, losses, nn, optim, schedules
from autograd_mini.checkpoint import CheckpointError
from autograd_mini.engine.value import Value, parameter
from autograd_mini.primitives.table import log
from autograd_mini.training.evaluation import Outputs
from autograd_mini.training.trainer import DivergenceError, Trainer

X, Y = data.moons(24, noise=0.1, seed=2)
ENGINES = ["eager", "numpy", "auto"]


def make(engine: str = "auto", optimizer: Callable[..., optim.Optimizer] = optim.Adam, **options: Any) -> Trainer:
    model = nn.network(2, "5:tanh,2:linear", rng=4)
    return Trainer(model, losses.cross_entropy, optimizer(model.parameters(), lr=0.05), engine=engine, **options)


def line(engine: str = "eager", lr: float = 0.1, **options: Any) -> tuple[Trainer, Value, Value]:
    """y = w·x + b from (2, −1), on squared error."""
    w, b = parameter(2.0), parameter(-1.0)
    trainer = Trainer(lambda x: w * x[0] + b, losses.sum_squared_error, optim.SGD([w, b], lr, **options), engine=engine)
    return trainer, w, b


# ---------------------------------------------------------------- steps by hand


@pytest.mark.parametrize("engine", ENGINES)
def test_full_batch_mini_batch_and_single_samples_by_hand(engine: str) -> None:
    xs, ys = [1.0, 2.0, -1.0], [0.0, 5.0, 1.0]

    def step(w: float, b: float, chosen: list[int]) -> tuple[float, float]:
        residuals = [(w * xs[i] + b - ys[i], xs[i]) for i in chosen]
        n = len(chosen)
        return w - 0.1 * sum(2 * r * x for r, x in residuals) / n, b - 0.1 * sum(2 * r for r, _ in residuals) / n

    for size in (None, 2, 1):
        trainer, w, b = line(engine)
        trainer.fit(xs, ys, epochs=2, batch_size=size)
        expected = (2.0, -1.0)
        for epoch in range(2):
            for chosen in data.batches(3, size, 0, epoch):
                expected = step(*expected, chosen.tolist())
        assert (w.data, b.data) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("shape", [(24, 2), (24, 400)])
def test_step_notices_numbers_that_changed_in_place(shape: tuple[int, int]) -> None:
    chance = np.random.default_rng(5)
    inputs, targets = chance.standard_normal(shape), np.sign(chance.standard_normal(24))

    def fresh() -> Trainer:
        model = nn.network(shape[1], "3:tanh,1:linear", rng=1)
        return Trainer(model, losses.hinge, optim.SGD(model.parameters(), lr=1e-300))

    trainer = fresh()
    assert trainer.step(inputs, targets) == trainer.step(inputs, targets)
    for array, place, number in ((inputs, (3, 1), 40.0), (targets, (0,), -targets[0])):
        array[place] = number
        assert trainer.step(inputs, targets) == fresh().step(inputs, targets)
    targets[2] = 0.0
    with pytest.raises(ValueError, match="hinge: target 0; -1 and 1 are legal"):
        trainer.step(inputs, targets)
    targets[2], inputs[1, 1] = 1.0, np.nan
    with pytest.raises(ValueError, match="sample 1 has nan in column 1"):
        trainer.step(inputs, targets)


def test_step_returns_the_loss_before_and_is_the_same_inside_the_context() -> None:
    trainer, w, _ = line()
    assert trainer.step([1.0], [0.0]) == 1.0
    assert w.data == pytest.approx(1.8)
    other, v, _ = line()
    with other:
        other.step([1.0], [0.0])
        assert v.data == 2.0, "inside, the numbers live in theta"
        other.step([1.0], [0.0])
    trainer.step([1.0], [0.0])
    assert v.data == w.data


@pytest.mark.parametrize("engine", ENGINES)
def test_penalty_momentum_and_decay_of_the_learning_rate_by_hand(engine: str) -> None:
    w = parameter(2.0)
    trainer = Trainer(
        lambda x: w * x[0], losses.sum_squared_error, optim.SGD([w], 0.1, momentum=0.5),
        penalty=lambda ps: losses.l2(ps, 0.3) + losses.l1(ps, 0.2), engine=engine,
    )  # fmt: skip
    history = trainer.fit([1.0], [1.0], epochs=2, schedule=schedules.inverse_time(1.0))
    first = 2 * (2 - 1) + 0.6 * 2 + 0.2
    at = 2 - 0.1 * first
    second = 2 * (at - 1) + 0.6 * at + 0.2
    assert w.data == pytest.approx(at - 0.05 * (0.5 * first + second), rel=1e-12)
    assert history["loss"] == pytest.approx([1 + 1.2 + 0.4, (at - 1) ** 2 + 0.3 * at * at + 0.2 * at])
    assert history["gradient_norm"] == pytest.approx([first, second])
    assert history["learning_rate"] == [0.1, 0.05]
    assert trainer.evaluate([1.0], [1.0])[0] == pytest.approx((w.data - 1) ** 2), "the loss alone, without the penalty"


def test_no_weight_changes_before_the_update() -> None:
    """Forward, backward and update are three phases."""
    model = nn.network(2, "3:tanh,2:linear", rng=0)
    before = model.state_dict()
    loss = losses.cross_entropy(model([0.5, -1.0]), 1)
    assert model.state_dict() == before
    optimizer = optim.SGD(model.parameters(), 0.1)
    loss.backward()
    assert model.state_dict() == before
    gradients = [p.grad for p in model.parameters()]
    optimizer.step()
    assert [p.grad for p in model.parameters()] == gradients
    moved = [a - 0.1 * g for a, g in zip(before.values(), gradients, strict=True)]
    assert list(model.state_dict().values()) == pytest.approx(moved)


# ---------------------------------------------------------------- engines


def test_eager_and_compiled_give_the_same_history() -> None:
    runs = {engine: make(engine, seed=3).fit(X, Y, epochs=50, batch_size=7, validation=(X, Y)) for engine in ENGINES}
    for engine in ENGINES[1:]:
        for column in runs["eager"]:
            if column != "seconds":
                assert runs[engine][column] == pytest.approx(runs["eager"][column], rel=1e-9), (engine, column)


@pytest.mark.parametrize("engine", ENGINES)
def test_same_seed_same_bits(engine: str) -> None:
    a, b, c = make(engine, seed=1), make(engine, seed=1), make(engine, seed=2)
    losses = [trainer.fit(X, Y, epochs=5, batch_size=5)["loss"] for trainer in (a, b, c)]
    assert losses[0] == losses[1] != losses[2]
    assert a.model.state_dict() == b.model.state_dict()  # type: ignore[attr-defined]


# ---------------------------------------------------------------- history, validation, callbacks


def test_history_and_its_csv(tmp_path: Path) -> None:
    trainer = make()
    history = trainer.fit(X, Y, epochs=4, validation=(X[:5], Y[:5]), measure_every=2)
    assert history["epoch"] == [1, 2, 3, 4]
    assert [math.isnan(a) for a in history["accuracy"]] == [True, False, True, False]
    assert [math.isnan(a) for a in history["validation_loss"]] == [True, False, True, False]
    assert history["accuracy"][-1] == trainer.accuracy(X, Y) == (trainer.predict(X).argmax(axis=1) == Y).mean()
    assert history["validation_loss"][-1] == trainer.evaluate(X[:5], Y[:5])[0]
    assert history["seconds"] == sorted(history["seconds"])
    history.save(tmp_path / "history.csv")
    lines = (tmp_path / "history.csv").read_text().splitlines()
    assert lines[0].split(",") == list(history)
    assert len(lines) == 5
    assert lines[1].startswith(f"1,{history['loss'][0]!r},,,,0.05,")
    assert repr(history).startswith("History(4 epochs, loss 0.")
    trainer.fit(X, Y, epochs=2)
    assert history["epoch"] == [1, 2, 3, 4, 5, 6]


def test_accuracy_under_each_loss() -> None:
    cases: list[tuple[Any, list[Any], Any, float]] = [
        (losses.hinge, [0.5, -2.0, 1.0], [1, -1, -1], 2 / 3),
        (losses.binary_cross_entropy, [0.6, 0.4, 0.1], [1, 1, 0], 2 / 3),
        (losses.binary_cross_entropy_with_logits, [0.6, -0.4, 0.1], [1, 1, 0], 1 / 3),
        (losses.cross_entropy, [[1, 2], [3, 0], [0, 1]], [1, 0, 0], 2 / 3),
        (losses.nll, [[0.1, 0.9], [0.8, 0.2], [0.3, 0.7]], [[0, 1], [0, 1], [1, 0]], 1 / 3),
    ]
    for loss, outputs, targets, expected in cases:
        trainer = Trainer(
            lambda x, outputs=outputs: outputs[int(x[0])], loss, optim.SGD([parameter(0.0)], 0.1), engine="eager"
        )
        assert trainer.accuracy([[0.0], [1.0], [2.0]], targets) == pytest.approx(expected), loss
    trainer, _, _ = line()
    assert math.isnan(trainer.accuracy([1.0], [1.0]))
    near = Trainer(lambda x: x, losses.sum_squared_error, optim.SGD([parameter(0.0)], 0.1), engine="eager",
                   correct=lambda outputs, y: abs(outputs[:, 0] - y) < 0.5)  # fmt: skip
    assert near.accuracy([1.0, 2.0], [1.1, 4.0]) == 0.5


def test_callbacks_see_written_back_values_and_may_stop() -> None:
    trainer = make()
    seen: list[dict[str, float]] = []

    def look(trainer: Trainer) -> bool:
        seen.append(trainer.model.state_dict())  # type: ignore[attr-defined]
        return len(seen) == 3

    history = trainer.fit(X, Y, epochs=10, callbacks=[look])
    assert len(history["epoch"]) == 3
    assert history.stopped == "by a callback"
    assert len({tuple(state.values()) for state in seen}) == 3
    trainer.fit(X, Y, epochs=2)
    assert (len(history["epoch"]), history.stopped) == (5, "")


def test_early_stopping_goes_back_to_the_best() -> None:
    trainer, w, b = line(lr=0.3)
    held = ([1.0], [0.0])
    history = trainer.fit([1.0, 2.0], [3.0, 9.0], epochs=200, validation=held, patience=4)
    best = min(history["validation_loss"])
    assert len(history["epoch"]) == history["validation_loss"].index(best) + 1 + 4
    assert trainer.evaluate(*held)[0] == best == (w.data + b.data) ** 2
    assert history.stopped == f"no loss below {best:.4g} for 4 epochs"


def test_frames() -> None:
    trainer = make()
    start = list(trainer.model.state_dict().values())  # type: ignore[attr-defined]
    history = trainer.fit(X, Y, epochs=6, frames=2)
    assert [frame.epoch for frame in history.frames] == [0, 2, 4, 6]
    assert history.frames[0].parameters.tolist() == start
    assert history.frames[-1].parameters.tolist() == list(trainer.model.state_dict().values())  # type: ignore[attr-defined]
    assert [f.epoch for f in make().fit(X, Y, epochs=6, frames=[0, 1, 5]).frames] == [0, 1, 5]


def test_quiet_without_a_terminal_and_a_bar_when_asked(capfd: pytest.CaptureFixture[str]) -> None:
    make().fit(X, Y, epochs=2)
    assert capfd.readouterr() == ("", "")
    make().fit(X, Y, epochs=2, progress=True)
    out, err = capfd.readouterr()
    assert out == ""
    assert "2/2" in err
    assert "loss=" in err


# ---------------------------------------------------------------- stopping and going on


def run_to_the_end(**options: Any) -> tuple[dict[str, float], dict[str, list[float]]]:
    trainer = make("auto", seed=5)
    history = trainer.fit(X, Y, 12, 7, schedule=schedules.cosine(12), frames=3, **options)
    return trainer.model.state_dict(), {k: v for k, v in history.items() if k != "seconds"}  # type: ignore[attr-defined]


@pytest.mark.parametrize("after", [1, 4, 5, 10, 46])
def test_ctrl_c_and_resume_give_the_same_bits(tmp_path: Path, after: int) -> None:
    """Stopped in the middle of an epoch, at its end, and at the end of the first and the last."""
    path = tmp_path / "run.json"
    options: dict[str, Any] = {"validation": (X, Y), "patience": 50}
    whole, history = run_to_the_end(**options)
    first = make("auto", seed=5)
    update, steps = first.optimizer.update, iter(range(1, 10**6))

    def interrupted(theta: np.ndarray, gradient: np.ndarray) -> None:
        update(theta, gradient)
        if next(steps) == after:
            os.kill(os.getpid(), signal.SIGINT)

    first.optimizer.update = interrupted  # type: ignore[method-assign]
    stopped = first.fit(X, Y, 12, 7, schedule=schedules.cosine(12), frames=3, checkpoint=path, **options)
    assert stopped.stopped == "interrupted"
    assert len(stopped["epoch"]) == after // 4
    second = make("auto", seed=99)
    second.resume(path)
    found = second.fit(X, Y, 12, 7, schedule=schedules.cosine(12), frames=3, checkpoint=path, **options)
    assert second.model.state_dict() == whole  # type: ignore[attr-defined]
    assert {k: v for k, v in found.items() if k != "seconds"} == history
    assert [frame.epoch for frame in found.frames] == [0, 3, 6, 9, 12]
    again = make("auto", seed=99)
    again.resume(path)
    assert again.fit(X, Y, 12, 7, **options)["epoch"] == history["epoch"], "a finished run does not go on"
    assert again.model.state_dict() == whole  # type: ignore[attr-defined]


def test_longer_after_the_end_is_as_if_never_ended(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    make(seed=1).fit(X, Y, 4, 7, patience=50, checkpoint=path)
    longer = make()
    longer.resume(path)
    longer.fit(X, Y, 9, 7, patience=50)
    whole = make(seed=1)
    whole.fit(X, Y, 9, 7, patience=50)
    assert longer.model.state_dict() == whole.model.state_dict()  # type: ignore[attr-defined]


def test_a_second_ctrl_c_interrupts_and_the_handler_is_given_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    trainer = make()

    def twice(trainer: Trainer) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        trainer.fit(X, Y, epochs=3, callbacks=[twice])
    assert signal.getsignal(signal.SIGINT) is before


def test_training_in_a_thread() -> None:
    trainer = make()
    thread = threading.Thread(target=trainer.fit, args=(X, Y, 2))
    thread.start()
    thread.join()
    assert trainer.history["epoch"] == [1, 2]


SCRIPT = """
import sys
from autograd_mini import data, losses, nn, optim
from autograd_mini.training.trainer import Trainer
X, y = data.moons(24, noise=0.1, seed=2)
model = nn.network(2, "5:tanh,2:linear", rng=4)
trainer = Trainer(model, losses.cross_entropy, optim.Adam(model.parameters(), lr=0.05), seed=5)
if len(sys.argv) > 2:
    trainer.resume(sys.argv[1])
print("ready", flush=True)
trainer.fit(X, y, 3000, 7, checkpoint=sys.argv[1], checkpoint_every=1, measure_every=1000)
print("done", flush=True)
"""


def test_killed_and_resumed_gives_the_same_bits(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    process = subprocess.Popen([sys.executable, "-c", SCRIPT, str(path)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    while not path.exists():
        time.sleep(0.01)
    time.sleep(0.1)
    process.kill()
    process.wait()
    process.stdout.close()
    epoch = checkpoint.read(path).training["run"]["epoch"]
    assert epoch < 3000
    resumed, whole = make(), make(seed=5)
    resumed.resume(path)
    resumed.fit(X, Y, epoch + 3, 7, measure_every=1000)
    whole.fit(X, Y, epoch + 3, 7, measure_every=1000)
    assert resumed.model.state_dict() == whole.model.state_dict()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda c: c["training"].pop("run"), "training: run is missing"),
        (lambda c: c["training"]["run"].update(epoch=-1), r"training\.run\.epoch: -1 is not a whole number"),
        (lambda c: c["training"]["run"].update(loss="x"), r"training\.run\.loss: 'x' is not a number"),
        (
            lambda c: c["training"]["run"].update(best_theta=[1.0]),
            r"run\.best_theta: a list of 27 numbers is needed, got 1",
        ),
        (lambda c: c["training"].update(history=[]), r"training\.history: an object is needed"),
        (
            lambda c: c["training"]["history"]["columns"]["loss"].append(1.0),
            r"columns: columns of different lengths \[2, 3\]",
        ),
        (
            lambda c: c["training"]["history"]["columns"]["loss"].__setitem__(0, None),
            r"columns\.loss\.0: None is not a number",
        ),
        (lambda c: c["training"]["history"].update(frames=[{"epoch": 1}]), r"frames\.0: parameters is missing"),
        (lambda c: c["training"]["history"].update(frames=3), r"history\.frames: a list is needed"),
        (lambda c: c["training"]["optimizer"].update(kind="SGD"), r"training\.optimizer: the state is that of SGD"),
        (lambda c: c["training"]["optimizer"].pop("slots"), r"training\.optimizer: Adam: the state lacks 'slots'"),
        (lambda c: c["training"].pop("seed"), "training: seed is missing"),
        (lambda c: c["parameters"].pop("0.b.0"), r"parameters: 26 for the 27 here; only one side has 0\.b\.0"),
        (lambda c: c.pop("training"), "training: run is missing"),
    ],
)
def test_a_checkpoint_that_does_not_fit_changes_nothing(
    tmp_path: Path, change: Callable[[Any], Any], told: str
) -> None:
    path = tmp_path / "run.json"
    make().fit(X, Y, epochs=2, checkpoint=path)
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))
    trainer = make()
    before = trainer.model.state_dict()  # type: ignore[attr-defined]
    with pytest.raises(CheckpointError, match=rf"run\.json: .*{told}"):
        trainer.resume(path)
    assert trainer.model.state_dict() == before  # type: ignore[attr-defined]
    assert trainer.run.epoch == 0


# ---------------------------------------------------------------- the guard, and errors


@pytest.mark.parametrize("engine", ENGINES)
def test_a_loss_that_is_not_finite_names_the_sample_and_the_operation(tmp_path: Path, engine: str) -> None:
    w, path = parameter(1.0, "w"), tmp_path / "good.json"
    trainer = Trainer(lambda x: log(w * x[0]), losses.sum_squared_error, optim.SGD([w], 0.1), engine=engine)
    trainer.fit([1.0, 2.0], [0.0, 0.0], epochs=2, checkpoint=path)
    good, file = w.data, path.read_bytes()
    with pytest.raises(DivergenceError) as caught:
        trainer.fit([1.0, 2.0, -3.0], [0.0] * 3, epochs=2, checkpoint=path)
    message = str(caught.value)
    assert message.startswith("epoch 3, sample 2: log(")
    assert "gave nan" in message
    assert "test_trainer.py" in message
    assert message.endswith("the parameters are those before this step")
    assert w.data == good
    assert path.read_bytes() == file
    assert not w.has_grad
    with pytest.raises(DivergenceError, match=r"^sample 0: log"):
        trainer.step([-1.0], [0.0])


def test_a_gradient_that_is_not_finite_is_caught_too() -> None:
    w = parameter(0.0, "w")
    trainer = Trainer(lambda x: (w * x[0]).sqrt(), lambda y, t: y, optim.SGD([w], 0.1))
    with pytest.raises(DivergenceError, match=r"epoch 1, sample 0: backward through .*local derivative inf"):
        trainer.fit([1.0], [0.0], epochs=1)


def test_an_overflow_of_the_sum_and_a_penalty() -> None:
    w = parameter(1.0, "w")
    trainer = Trainer(lambda x: w * x[0], lambda y, t: y, optim.SGD([w], 0.1))
    with pytest.raises(DivergenceError, match="epoch 1, the loss or its gradient overflows in the sum"):
        trainer.fit([1.7e308, 1.7e308], [0.0, 0.0], epochs=1)
    bad = Trainer(lambda x: w * x[0], lambda y, t: y, optim.SGD([w], 0.1), penalty=lambda ps: log(ps[0] - 1.0))
    with pytest.raises(DivergenceError, match=r"epoch 1, log\(.* gave -inf"):
        bad.fit([1.0], [0.0], epochs=1)


def test_a_class_there_is_not() -> None:
    for engine in ENGINES:
        with pytest.raises(ValueError, match=r"cross_entropy: class 2\.0 of 2"):
            make(engine).fit(X[:3], [0, 1, 2], epochs=1)


def test_data_that_do_not_fit() -> None:
    trainer = make()
    with pytest.raises(ValueError, match=r"X has the shape \(3, 2\) and y \(2,\); samples"):
        trainer.fit(X[:3], Y[:2], epochs=1)
    with pytest.raises(ValueError, match=r"X has the shape \(0, 2\)"):
        trainer.step(X[:0], Y[:0])
    with pytest.raises(ValueError, match=r"sample 1 has nan in column 0; finite numbers are needed"):
        trainer.fit([[0.0, 1.0], [math.nan, 1.0]], [0, 1], epochs=1)
    with pytest.raises(ValueError, match=r"Affine\(2, 5\) takes 2 inputs, got 3"):
        trainer.fit(np.ones((4, 3)), [0, 1, 0, 1], epochs=1)
    with pytest.raises(ValueError, match="fit: epochs is 0; a whole number of at least 1 is needed"):
        trainer.fit(X, Y, epochs=0)
    with pytest.raises(ValueError, match=r"fit: patience is 0\.5"):
        trainer.fit(X, Y, epochs=1, patience=0.5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="batch size is 0"):
        trainer.fit(X, Y, epochs=1, batch_size=0)


def test_only_the_optimisers_parameters_move() -> None:
    model = nn.network(2, "3:tanh,2:linear", rng=0)
    first = model.state_dict()
    last = optim.SGD(model[2].parameters(), 0.5)
    Trainer(model, losses.cross_entropy, last).fit(X, Y, epochs=3)
    moved = {name for name, number in model.state_dict().items() if number != first[name]}
    assert moved
    assert all(name.startswith("2.") for name in moved)


@pytest.mark.parametrize("engine", ENGINES)
def test_outputs_of_many_samples_follow_the_parameters(engine: str) -> None:
    model = nn.network(2, "3:tanh,2:softmax", rng=1)
    outputs = Outputs(model, engine)
    for _ in range(2):
        expected = [[p.data for p in model(row)] for row in X.tolist()]
        assert outputs(X) == pytest.approx(np.array(expected), rel=1e-13)
        model.load_state_dict({name: number + 0.5 for name, number in model.state_dict().items()})
    branching = Outputs(lambda x: [x[0] * 2.0 if x[0] > 0.0 else x[1], 3.0], engine)
    assert branching([[1.0, 5.0], [-1.0, 5.0]]).tolist() == [[2.0, 3.0], [5.0, 3.0]]
    assert Outputs(lambda x: x[0], engine)([4.0, 5.0]).tolist() == [[4.0], [5.0]]


def test_a_loss_that_stays_the_same_has_not_fallen() -> None:
    """Patience counts from the first epoch of the lowest loss, not from the last one that was as low."""
    w = parameter(1.0)
    still = Trainer(lambda xs: [xs[0] + 0.0 * w], lambda out, y: (out[0] - y) ** 2, optim.SGD([w], lr=0.1))
    history = still.fit([[1.0], [2.0]], [0.0, 0.0], epochs=20, patience=3, progress=False)
    assert history["epoch"] == [1, 2, 3, 4]
    assert history.stopped == "no loss below 2.5 for 3 epochs"
