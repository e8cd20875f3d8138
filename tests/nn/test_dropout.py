"""Dropout: two modes, masks as data, the same in every engine, and resumed to the bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_mini import Value, jit, losses, nn, optim
from autograd_mini.nn.dropout import draw
from autograd_mini.program.record.traced import TraceError
from autograd_mini.training import Trainer

ENGINES = ["eager", "python", "numpy", "llvm"]


def model(rate: float = 0.5) -> nn.Sequential:
    return nn.Sequential(nn.Affine(2, 6, rng=0), nn.Tanh(), nn.Dropout(rate), nn.Affine(6, 1, rng=1))


def samples(n: int = 12) -> tuple[Any, Any]:
    chance = np.random.default_rng(3)
    return chance.standard_normal((n, 2)), chance.standard_normal(n)


def squared(out: Any, y: Any) -> Any:
    return (out[0] - y) ** 2


def test_modes() -> None:
    dropout = nn.Dropout(0.25, seed=1)
    xs = [float(i) for i in range(1, 2001)]
    assert dropout(xs) is xs
    assert dropout.train() is dropout
    out = dropout(xs)
    assert {round(y / x, 12) for x, y in zip(xs, out, strict=True)} == {0.0, round(1 / 0.75, 12)}
    assert sum(y == 0.0 for y in out) == pytest.approx(500, abs=80)
    assert dropout([[1.0, 2.0], [3.0, 4.0]], mask=[[1, 0], [0, 1]]) == [[1 / 0.75, 0.0], [0.0, 4.0 / 0.75]]
    assert dropout(Value(3.0), mask=0).data == 0.0
    assert dropout.eval()(xs) is xs
    whole = model()
    assert [part.training for _, part in whole.train().children() if isinstance(part, nn.Dropout)] == [True]
    assert [part.training for _, part in whole.eval().children() if isinstance(part, nn.Dropout)] == [False]


def test_wrong_arguments() -> None:
    for rate in (1.0, -0.1, True, "half"):
        with pytest.raises(ValueError, match=r"Dropout: rate is .*; a probability of at least 0 and below 1 is needed"):
            nn.Dropout(rate)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="the mask does not fit: a mask of 2 numbers is needed"):
        nn.Dropout(0.5)([1.0, 2.0], mask=[1])


def test_the_mask_is_data_in_a_jitted_function() -> None:
    dropout = nn.Dropout(0.5)
    f = jit(lambda xs, mask: sum(dropout(xs, mask)))
    for mask in ([1.0, 0.0], [0.0, 1.0], [1.0, 1.0]):
        assert f([1.0, 2.0], mask) == 2.0 * (mask[0] + 2.0 * mask[1])
    dropout.train()
    with pytest.raises(TraceError, match=r"draws random numbers .*: draw outside and pass the draw as an argument"):
        jit(lambda xs: sum(dropout(xs)))([1.0, 2.0])
    modes = jit(lambda xs: sum(nn.Dropout(0.5)(xs)))
    assert modes([1.0, 2.0]) == 3.0


def test_a_mode_that_changes_is_noticed() -> None:
    dropout = nn.Dropout(0.5)
    f = jit(lambda x: dropout(x) * 2.0)
    assert f(1.0) == 2.0
    dropout.train()
    with pytest.raises(TraceError, match=r"draws random numbers"):
        f(1.0)
    dropout.eval()
    assert f(1.0) == 2.0


@pytest.mark.parametrize("engine", ENGINES)
def test_training_draws_a_mask_for_each_sample(engine: str) -> None:
    X, y = samples()
    net = model()
    trainer = Trainer(net, squared, optim.SGD(net.parameters(), lr=0.05), engine=engine, seed=7)
    for step in range(1, 4):
        masks = draw([0.5] * 6, len(X), (7, 1, step))
        first, _, _, last = (part for _, part in net.children())
        wanted = 0.0
        for row, target, mask in zip(X.tolist(), y, masks, strict=True):
            hidden = [v.tanh() * m for v, m in zip(first(row), mask.tolist(), strict=True)]
            wanted += (last(hidden)[0] - target).data ** 2 / len(X)
        assert trainer.step(X, y) == pytest.approx(wanted, rel=1e-12)
    out = trainer.predict(X)[:, 0]
    assert out == pytest.approx([net(row)[0].data for row in X.tolist()], rel=1e-12)  # nothing dropped
    loss, _ = trainer.evaluate(X, y)
    assert loss == pytest.approx(np.mean((out - y) ** 2), rel=1e-12)


def test_engines_agree_and_modes_of_the_model_do_not_matter() -> None:
    X, y = samples()
    found = []
    for engine in ENGINES:
        net = model(0.3).train(engine == "numpy")
        trainer = Trainer(net, squared, optim.Adam(net.parameters(), lr=0.01), engine=engine, seed=2)
        trainer.fit(X, y, epochs=4, batch_size=5, progress=False)
        found.append([p.data for p in net.parameters()])
    for each in found[1:]:
        assert each == pytest.approx(found[0], rel=1e-9)


@pytest.mark.parametrize("engine", ["eager", "llvm"])
def test_a_run_resumes_to_the_bit(engine: str, tmp_path: Any) -> None:
    X, y = samples()

    def fresh() -> Trainer:
        net = model()
        return Trainer(net, squared, optim.Adam(net.parameters(), lr=0.01), engine=engine, seed=4)

    whole = fresh()
    whole.fit(X, y, epochs=6, batch_size=5, progress=False)
    half = fresh()
    half.fit(X, y, epochs=6, batch_size=5, progress=False, callbacks=[lambda t: t.run.epoch == 3])
    half.save(tmp_path / "run.json")
    resumed = fresh()
    resumed.resume(tmp_path / "run.json")
    resumed.history.stopped = ""
    resumed.fit(X, y, epochs=6, batch_size=5, progress=False)
    assert [p.data for p in resumed.parameters] == [p.data for p in whole.parameters]


def test_a_dropout_behind_a_branch_is_refused() -> None:
    dropout = nn.Dropout(0.5)
    w = nn.Affine(1, 1, rng=0)

    def net(xs: Any) -> Any:
        return w(dropout(dropout(xs)) if xs[0] > 0 else dropout(xs))

    trainer = Trainer(net, squared, optim.SGD(w.parameters(), lr=0.1), engine="eager")
    with pytest.raises(TraceError, match="the model drops more numbers for this sample than for the first one"):
        trainer.step(np.array([[-1.0], [1.0]]), np.zeros(2))


def test_classes() -> None:
    X = np.random.default_rng(0).standard_normal((40, 2))
    y = (X[:, 0] > 0).astype(int)
    net = nn.Sequential(nn.Affine(2, 8, rng=0), nn.Tanh(), nn.Dropout(0.2), nn.Affine(8, 2, rng=1))
    trainer = Trainer(net, losses.cross_entropy, optim.Adam(net.parameters(), lr=0.05))
    history = trainer.fit(X, y, epochs=40, progress=False)
    assert history["accuracy"][-1] > 0.9
