from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from autograd_mini import data, losses, nn, optim
from autograd_mini.training.trainer import Trainer

pytest.importorskip("matplotlib", reason="matplotlib is in the plots extra")

from PIL import Image

from viz import plots
from viz.plots import frames

X, Y = data.doughnut(40)


def trained(layers: str, X: np.ndarray = X, epochs: int = 12) -> Trainer:
    model = nn.network(2, layers, rng=0)
    trainer = Trainer(model, losses.nll, optim.Adam(model.parameters(), lr=0.1))
    trainer.fit(X, Y, epochs, frames=plots.frame_epochs(epochs, 4))
    return trainer


def film(trainer: Trainer, **options: object) -> plots.TrainingFilm:
    parameters = trainer.optimizer.parameters
    return plots.TrainingFilm(trainer.model, parameters, trainer.history, X, Y, cells=20, **options)  # type: ignore[arg-type]


def test_nothing_loads_matplotlib_before_a_chart_is_drawn() -> None:
    late = "('matplotlib', 'tqdm', 'PIL')"
    code = f"import sys, viz.plots, autograd_mini.training; sys.exit(any(m in sys.modules for m in {late}))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_frame_epochs_start_dense_and_reach_both_ends() -> None:
    epochs = plots.frame_epochs(1000, 20)
    assert (epochs[0], epochs[-1]) == (0, 1000)
    assert epochs == sorted(set(epochs))
    assert len([e for e in epochs if e < 100]) > len(epochs) // 2


def test_a_film_is_a_gif_with_a_picture_per_frame(tmp_path: Path) -> None:
    trainer = trained("2:tanhx2,2:softmax")
    before = trainer.model.state_dict()  # type: ignore[attr-defined]
    made = film(trainer, title="a film")
    path = made.save(tmp_path / "sub" / "film.gif")
    with Image.open(path) as gif:
        assert gif.n_frames == len(trainer.history.frames)  # type: ignore[attr-defined]
        assert gif.info["loop"] == 0
        first = np.array(gif.convert("RGB"))
        gif.seek(gif.n_frames - 1)  # type: ignore[attr-defined]
        assert gif.info["duration"] == frames.LAST
        assert (np.array(gif.convert("RGB")) != first).any()
    for ending in ("png", "svg", "pdf"):
        assert made.save(tmp_path / f"film.{ending}").stat().st_size > 1000
    assert trainer.model.state_dict() == before, "the model is given back its weights"  # type: ignore[attr-defined]


def test_what_a_film_shows_is_what_the_network_computes() -> None:
    trainer = trained("3:tanh,2:softmax")
    made = film(trainer)
    stage = made.stages[-1]
    odds, points, grid = stage.odds, stage.points, stage.grid
    expected = [trainer.model.each([float(a) for a in x]) for x in X]  # type: ignore[attr-defined]
    assert points[0] == pytest.approx(np.array([[v.data for v in outs[1]] for outs in expected]), rel=1e-12)
    assert points[1] == pytest.approx(np.array([[v.data for v in outs[2]] for outs in expected]), rel=1e-12)
    corner = trainer.model(made.plane[0, 0].tolist())  # type: ignore[operator]
    assert odds[0, 0] == pytest.approx(np.log(corner[1].data / corner[0].data), rel=1e-9)
    assert grid[0].shape == (26 * 49, 3)
    assert made.layers.titles == ["3 tanh", "2 softmax, scores"]


@pytest.mark.parametrize("layers", ["2:linear,2:softmax", "1:tanh,2:softmax", "5:relu,1:sigmoid", "4:tanh,2:linear"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_kind_of_network_is_drawn(layers: str, theme: str) -> None:
    model = nn.network(2, layers, rng=0)
    by_ending = {"softmax": losses.nll, "sigmoid": losses.binary_cross_entropy, "linear": losses.cross_entropy}
    loss = by_ending[layers.rpartition(":")[2]]  # cross_entropy takes scores: a Trainer refuses it after a softmax
    trainer = Trainer(model, loss, optim.Adam(model.parameters(), lr=0.1))
    trainer.fit(X, Y, 2, frames=1)
    made = film(trainer, theme=theme)
    assert plots.picture(made.draw(1)).std() > 5.0
    guess = trainer.predict(X)
    assert np.array_equal(made.layers(X)[1] > 0, guess[:, 0] > 0.5 if guess.shape[1] == 1 else guess.argmax(axis=1))


def test_features_have_a_panel_of_their_own() -> None:
    trainer = trained("2:linear,2:softmax", data.polar(X))
    made = film(trainer, features=data.polar)
    assert plots.picture(made.draw(0)).shape[2] == 3
    assert [ax.get_title(loc="left") for ax, *_ in made.panels] == ["1. 2 linear", "2. 2 softmax, scores"]


def test_a_film_in_true_colour(tmp_path: Path) -> None:
    made = film(trained("2:tanh,2:softmax"))
    with Image.open(made.save(tmp_path / "film.apng")) as found:
        assert (found.format, found.mode, found.n_frames) == ("PNG", "RGB", len(made.stages))  # type: ignore[attr-defined]
        found.seek(0)
        np.testing.assert_array_equal(np.array(found.convert("RGB")), plots.picture(made.draw(0)))
    with pytest.raises(ValueError, match=r"cannot save frames as '\.mp4'; use \.gif or \.apng"):
        plots.save_frames([np.zeros((2, 2, 3), np.uint8)], tmp_path / "film.mp4")


def test_a_storyboard_shows_moments_side_by_side(tmp_path: Path) -> None:
    made = film(trained("3:tanh,2:softmax"))
    chart = made.storyboard(3)
    titles = [ax.get_title(loc="left") for ax in chart.axes if not ax.get_title(loc="left").startswith(("1.", "2."))]
    frames_ = made.history.frames
    shown = [frames_[0], frames_[round((len(frames_) - 1) / 2)], frames_[-1]]
    assert [title for title in titles if title] == [f"epoch {frame.epoch:,}" for frame in shown]
    layers = [chart.axes[i].get_xlim() for i in (3, 4, 5)]
    assert layers[0] == layers[1] == layers[2]  # one window for all moments
    with pytest.raises(ValueError, match="a storyboard of 1 moments shows no change; give 2 or more"):
        made.storyboard(1)


def test_a_run_without_frames_is_refused() -> None:
    model = nn.network(2, "2:softmax", rng=0)
    trainer = Trainer(model, losses.nll, optim.SGD(model.parameters(), lr=0.1))
    trainer.fit(X, Y, 2)
    with pytest.raises(ValueError, match="the history has no frames; train with fit"):
        film(trainer)


def test_charts(tmp_path: Path) -> None:
    trainer = trained("2:tanh,2:softmax")
    chart = plots.history_chart(trainer.history, title="a run", theme="dark")
    assert [ax.get_title() or ax.get_title(loc="left") for ax in chart.axes] == ["loss", "accuracy", "learning rate"]
    plots.save(chart, tmp_path / "history.png")
    lines = plots.curves({"a": ([1, 2], [3.0, 4.0]), "b": ([1, 2], [4.0, 3.0])}, title="two", log="y")
    assert lines.axes[0].get_yscale() == "log"
    assert [t.get_text() for t in lines.axes[0].get_legend().get_texts()] == ["a", "b"]
    with Image.open(plots.save(lines, tmp_path / "lines.png")) as image:
        assert image.size == (770, 462)
