"""A film of training, by matplotlib: boundary, layers, loss and accuracy on one time axis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from autograd_mini.engine.value import Value
from autograd_mini.language import tell
from autograd_mini.nn import Sequential
from autograd_mini.training.history import History
from viz.plots.charts import box, dressed, figure, mix, picture, plain_numbers, plane, points, save
from viz.plots.frames import save_frames
from viz.plots.layers import Layers, grid_lines, projection
from viz.style.theme import ThemeName, palettes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["TrainingFilm"]

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]


class TrainingFilm:
    """A run of a network on two classes of points (N, 2): one picture per recorded frame.

    ``features`` maps points of the plane to the network's inputs (for example polar coordinates).
    Layers of more than two nodes are projected onto the first two principal directions of the last
    frame's points; the projection is the same in all frames.
    """

    def __init__(
        self,
        model: Sequential,
        parameters: Sequence[Value],
        history: History,
        X: Array,
        y: Array,
        *,
        title: str = "",
        features: Callable[[Array], Array] | None = None,
        theme: ThemeName = "light",
        cells: int = 90,
    ) -> None:
        if not history.frames:
            raise ValueError("the history has no frames; train with fit(..., frames=frame_epochs(epochs, 40))")
        self.palette = palettes(theme)[0]
        self.history, self.X, self.y = history, X, np.asarray(y)
        self.features = features or (lambda points: points)
        reach = 1.15 * float(np.abs(X).max())
        self.side, self.reach = np.linspace(-reach, reach, cells), reach
        self.plane, self.grid = np.stack(np.meshgrid(self.side, self.side), axis=-1), grid_lines(reach)
        self.layers = Layers(model)
        self.stages = [
            self.layers.stage(parameters, frame.parameters, self.plane, X, self.grid, self.features)
            for frame in history.frames
        ]
        with dressed(self.palette.name):
            self._build(title)

    def _build(self, title: str) -> None:
        from matplotlib.collections import LineCollection
        from matplotlib.figure import Figure

        p, count = self.palette, len(self.layers.titles)
        shown = count + (self.features(self.X[:1]).tolist() != self.X[:1].tolist())
        columns = shown if shown <= 3 else (shown + 1) // 2
        rows = -(-shown // columns)
        side = 4.4 if rows == 2 else 3.6
        width = side + columns * side / rows
        self.figure = Figure(figsize=(max(width, 8.6), side + 2.0), dpi=100, layout="constrained")
        top, bottom = self.figure.subfigures(2, 1, height_ratios=[side, 1.75], squeeze=False)[:, 0]
        left, right = top.subfigures(1, 2, width_ratios=[side, columns * side / rows], squeeze=False)[0]
        self.figure.suptitle(title, x=0.012, ha="left", weight="bold", size=13)
        self.epoch = self.figure.text(0.988, 0.985, "", ha="right", va="top", color=p.muted, size=12)

        self.plane_axes = left.subplots()
        self.image = plane(self.plane_axes, self.stages[0].chance, (-self.reach, self.reach), p)
        points(self.plane_axes, self.X, self.y, p)
        self.plane_axes.set_title(tell("decision boundary"))
        self.contour: Any = None

        axes = np.atleast_1d(right.subplots(rows, columns)).ravel()
        self.panels = []
        panels = axes[shown - count :]
        if shown > count:
            points(axes[0], self.features(self.X), self.y, p)
            axes[0].set_title(tell("what the network sees"), size=10)
            box(axes[0], p)
        for ax in axes[shown:]:
            ax.set_axis_off()
        for i, (ax, name) in enumerate(zip(panels, self.layers.titles, strict=False)):
            centre, directions = projection(self.stages[-1].points[i])
            places = [(stage.points[i] - centre) @ directions for stage in self.stages]
            grids = [((stage.grid[i] - centre) @ directions).reshape(*self.grid.shape[:2], 2) for stage in self.stages]
            flat = self.layers.bounded[i] and directions.shape[0] == 2
            lines = ax.add_collection(
                LineCollection(list(grids[0]), colors=p.edge, linewidths=0.7, alpha=0.55, zorder=1)
            )
            marks = points(ax, places[0], self.y, p)
            seen = "" if directions.shape[0] <= 2 else ", projected"
            ax.set_title(f"{i + 1}. {name}{seen}", size=10)
            ax.set_aspect("equal" if flat else "auto")
            if name.endswith("scores"):
                ax.axline((0.0, 0.0), slope=1.0, color=p.value_text, linewidth=1.2, linestyle=(0, (4, 3)), zorder=2)
            box(ax, p)
            self.panels.append((ax, lines, marks, places, grids, flat))
        self._time_axes(bottom)
        self.figure.draw_without_rendering()
        self.figure.set_layout_engine("none")  # fixed layout: the panels must not move between frames

    def _time_axes(self, place: Any) -> None:
        p = self.palette
        loss_axes, accuracy_axes = place.subplots(1, 2)
        epochs = np.array(self.history["epoch"])
        self.time = []
        for ax, name, colour in ((loss_axes, "loss", p.heat_high), (accuracy_axes, "accuracy", p.gradient)):
            values = np.array(self.history[name])
            told = np.isfinite(values)
            xs, ys = epochs[told], values[told]
            ax.plot(xs, ys, color=mix(p.background, colour, 0.3), linewidth=1.6)
            (line,) = ax.plot([], [], color=colour, linewidth=2.2)
            (dot,) = ax.plot([], [], "o", color=colour, markersize=6, markeredgecolor=p.background)
            ax.set_title(name, size=10)
            ax.set(xscale="log", xlim=(0.9, epochs[-1] * 1.15), xlabel="epoch")
            self.time.append((line, dot, xs, ys, ax))
        losses = self.time[0][3]
        if len(losses) and losses.min() > 0.0 and losses.max() > 20.0 * losses.min():
            loss_axes.set_yscale("log")
        accuracy_axes.set_ylim(0.35, 1.04)
        for ax in (loss_axes, accuracy_axes):
            plain_numbers(ax)
            ax.minorticks_off()

    def draw(self, index: int) -> Figure:
        """Return the figure with the frame of this index in it."""
        with dressed(self.palette.name):
            frame, odds = self.history.frames[index], self.stages[index].odds
            self.image.set_data(self.stages[index].chance)
            if self.contour is not None:
                self.contour.remove()
                self.contour = None
            if odds.min() < 0.0 < odds.max():  # of the log-odds: probabilities are too steep to interpolate
                style = {"colors": [self.palette.value_text], "linewidths": 1.6}
                self.contour = self.plane_axes.contour(self.side, self.side, odds, levels=[0.0], **style)
            for ax, lines, marks, places, grids, flat in self.panels:
                marks.set_offsets(places[index])
                lines.set_segments(list(grids[index]))
                if flat:
                    ax.set(xlim=(-1.12, 1.12), ylim=(-1.12, 1.12))
                else:
                    _frame_around(ax, places[index])
            for line, dot, xs, ys, _ in self.time:
                done = xs <= max(frame.epoch, 1)
                line.set_data(xs[done], ys[done])
                dot.set_data(xs[done][-1:], ys[done][-1:])
            self.epoch.set_text(f"epoch {frame.epoch:,}")
        return self.figure

    def storyboard(self, count: int = 5) -> Figure:
        """Return ``count`` moments of the run side by side: the boundary above, below it the plane in each layer.

        The moments are spread over the frames from the first to the last; the window of a layer is one for all.
        Raises ValueError for fewer than 2 of them.
        """
        if isinstance(count, bool) or not isinstance(count, int):
            raise TypeError(f"count is {count!r}; a whole number of moments, 2 or more, is needed")
        if count < 2:
            raise ValueError(f"a storyboard of {count} moments shows no change; give 2 or more, 4 to 6 fit a page")
        from matplotlib.collections import LineCollection

        chosen = sorted({round(i) for i in np.linspace(0, len(self.stages) - 1, count)})
        p, rows = self.palette, 1 + len(self.layers.titles)
        with dressed(p.name):
            chart, grid = figure(rows, len(chosen), (1.9 * len(chosen), 2.0 * rows), squeeze=False)
            for column, index in enumerate(chosen):
                stage, frame, ax = self.stages[index], self.history.frames[index], grid[0, column]
                plane(ax, stage.chance, (-self.reach, self.reach), p)
                if stage.odds.min() < 0.0 < stage.odds.max():
                    ax.contour(self.side, self.side, stage.odds, levels=[0.0], colors=[p.value_text], linewidths=1.2)
                points(ax, self.X, self.y, p, 6.0)
                ax.set_title(f"epoch {frame.epoch:,}", size=10)
                for row, (_, _, _, places, grids, flat) in enumerate(self.panels, 1):
                    ax = grid[row, column]
                    ax.add_collection(
                        LineCollection(list(grids[index]), colors=p.edge, linewidths=0.5, alpha=0.55, zorder=1)
                    )
                    points(ax, places[index], self.y, p, 6.0)
                    if flat:
                        ax.set(xlim=(-1.12, 1.12), ylim=(-1.12, 1.12))
                    else:
                        _frame_around(ax, np.concatenate([places[each] for each in chosen]))
                    box(ax, p)
                    if not column:
                        ax.set_title(f"{row}. {self.layers.titles[row - 1]}", size=9)
        return chart

    def save(self, path: str | Path) -> Path:
        """Write the film as .apng, in every colour, or .gif, or its last picture as .png, .svg or .pdf."""
        path = Path(path)
        if path.suffix not in (".gif", ".apng"):
            return save(self.draw(len(self.stages) - 1), path)
        with dressed(self.palette.name):
            return save_frames([picture(self.draw(i)) for i in range(len(self.stages))], path)


def _frame_around(ax: Axes, points: Array) -> None:
    low, high = points.min(axis=0), points.max(axis=0)
    centre, half = (low + high) / 2, 0.58 * max(float((high - low).max()), 1e-9)
    ax.set(xlim=(centre[0] - half, centre[0] + half), ylim=(centre[1] - half, centre[1] + half))
