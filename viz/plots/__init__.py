"""Charts and films of training, by matplotlib."""

from viz.plots.charts import (
    box,
    curves,
    dressed,
    figure,
    history_chart,
    mix,
    picture,
    plain_numbers,
    plane,
    points,
    save,
)
from viz.plots.frames import frame_epochs, save_frames
from viz.plots.training_film import TrainingFilm

__all__ = [
    "TrainingFilm", "box", "curves", "dressed", "figure", "frame_epochs", "history_chart", "mix", "picture",
    "plain_numbers", "plane", "points", "save", "save_frames",
]  # fmt: skip
