"""Charts and films of training, by matplotlib."""

from viz.plots.charts import (
    TrainingFilm,
    box,
    curves,
    dressed,
    figure,
    frame_epochs,
    history_chart,
    mix,
    picture,
    plain_numbers,
    plane,
    points,
    save,
    save_frames,
)

__all__ = [
    "TrainingFilm", "box", "curves", "dressed", "figure", "frame_epochs", "history_chart", "mix", "picture",
    "plain_numbers", "plane", "points", "save", "save_frames",
]  # fmt: skip
