"""Charts and films of training, by matplotlib, which is loaded only when one is drawn.

A chart is a matplotlib Figure: ``save`` writes it as PNG, SVG or PDF. ``TrainingFilm`` shows a
run of a two-class network on points of the plane: the decision boundary, the plane
as every layer maps it, and loss and accuracy, on one time axis. No window is opened.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from autograd_mini.engine.value import Value
from autograd_mini.language import tell
from autograd_mini.nn import Sequential
from autograd_mini.training.history import History
from viz.plots.layers import Layers, grid_lines, projection
from viz.style.fonts import complain, drawn, families, unseen
from viz.style.theme import Palette, ThemeName, mix, palettes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure

__all__ = [
    "TrainingFilm",
    "box",
    "curves",
    "dressed",
    "figure",
    "frame_epochs",
    "history_chart",
    "mix",
    "picture",
    "plain_numbers",
    "plane",
    "points",
    "save",
    "save_frames",
]

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]
FONTS = "Inter, Helvetica Neue, Helvetica, Arial, Liberation Sans, Noto Sans CJK JP"
MILLISECONDS, LAST = 90, 1800  # duration of a frame of a film, and of the last frame


# ---------------------------------------------------------------- figures


@contextmanager
def dressed(theme: ThemeName = "light") -> Iterator[Palette]:
    """Context in which matplotlib draws in the project's colours and type; yields the palette."""
    palette = palettes(theme)[0]
    import matplotlib
    from cycler import cycler  # matplotlib's own dependency

    settings = {
        "font.family": families(FONTS),
        "font.size": 10.0,
        "axes.titlesize": 11.0,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.unicode_minus": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.prop_cycle": cycler(color=line_colours(palette)),
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": palette.group_stroke,
        "grid.alpha": 0.5,
        "grid.linewidth": 0.6,
        "lines.linewidth": 1.8,
        "legend.frameon": False,
        "figure.facecolor": palette.background,
        "axes.facecolor": palette.background,
        "savefig.facecolor": palette.background,
        "text.color": palette.value_text,
        "axes.labelcolor": palette.muted,
        "axes.titlecolor": palette.value_text,
        "axes.edgecolor": palette.edge,
        "xtick.color": palette.muted,
        "ytick.color": palette.muted,
    }
    with matplotlib.rc_context(settings):
        yield palette


def line_colours(palette: Palette) -> list[str]:
    """Return the colours of a chart's lines, in order."""
    p = palette
    return [p.heat_high, p.heat_low, p.gradient, p.function_stroke, p.muted, p.warning_stroke]


def figure(
    rows: int = 1, columns: int = 1, size: tuple[float, float] = (7.0, 4.2), **options: Any
) -> tuple[Figure, Any]:
    """Return a figure and its axes, as ``matplotlib.pyplot.subplots`` does; to be called inside ``dressed``."""
    from matplotlib.figure import Figure

    made = Figure(figsize=size, dpi=110, layout="constrained")
    return made, made.subplots(rows, columns, **options)


def save(chart: Figure, path: str | Path) -> Path:
    """Write a figure as .png, .svg or .pdf, making the folder; return the path."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with _glyphs(chart):
        chart.savefig(path, facecolor=chart.get_facecolor())
    return path


@contextmanager
def _glyphs(chart: Figure) -> Iterator[None]:
    """Context for drawing a chart: fallback fonts, and one warning for characters that no font has."""
    from matplotlib.text import Text

    missing: list[str] = []
    for each in chart.findobj(Text):
        lacking = unseen(each.get_text(), drawn(tuple(each.get_fontfamily())))
        if lacking:
            found = families(",".join(each.get_fontfamily()), text=each.get_text())
            each.set_fontfamily(found)
            missing += unseen(lacking, drawn(tuple(found)))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph", UserWarning)  # one sentence names all characters
        yield
    complain(missing)


def plane(ax: Axes, values: Array, reach: tuple[float, float], palette: Palette, smooth: bool = True) -> Any:
    """Show values in [0, 1] over a square of the plane in the colours of class 0 and class 1; return the image."""
    shown = ax.imshow(
        values,
        extent=(*reach, *reach),
        origin="lower",
        cmap=_two_sided(palette),
        vmin=0.0,
        vmax=1.0,
        interpolation="bilinear" if smooth else "nearest",
    )
    box(ax, palette)
    return shown


def points(ax: Axes, X: Array, y: Array, palette: Palette, size: float = 16.0) -> Any:
    """Show points (N, 2) in the colours of their classes; return the marks."""
    classes = [(palette.heat_low, palette.heat_high)[int(c)] for c in y]
    xs, ys = np.asarray(X).T
    return ax.scatter(xs, ys, size, classes, linewidths=0.5, edgecolors=palette.background, zorder=3)


def box(ax: Axes, palette: Palette) -> None:
    """Frame a picture that has no scale: no ticks, no grid, four thin sides."""
    ax.set(xticks=[], yticks=[])
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_visible(False)  # drawing an axis without ticks still takes time in every frame
    for spine in ax.spines.values():
        spine.set(visible=True, color=palette.group_stroke)


def curves(
    lines: Mapping[str, tuple[Sequence[float] | Array, Sequence[float] | Array]],
    *,
    title: str = "",
    x: str = "",
    y: str = "",
    log: str = "",
    theme: ThemeName = "light",
) -> Figure:
    """Return a chart of named lines (xs, ys); ``log`` holds the axes that are logarithmic, as "xy"."""
    with dressed(theme):
        chart, ax = figure()
        for name, (xs, ys) in lines.items():
            ax.plot(xs, ys, label=name)
        scales = {f"{axis}scale": "log" if axis in log else "linear" for axis in "xy"}
        ax.set(title=title, xlabel=x, ylabel=y, **scales)
        plain_numbers(ax)
        if len(lines) > 1:
            ax.legend()
    return chart


def history_chart(history: History, *, title: str = "", theme: ThemeName = "light") -> Figure:
    """Return loss, accuracy and learning rate over the epochs, of training and validation."""
    pairs = (("loss", "validation_loss"), ("accuracy", "validation_accuracy"), ("learning_rate",))
    with dressed(theme):
        chart, axes = figure(1, 3, (12.0, 3.6))
        epochs = np.array(history["epoch"])
        for ax, columns in zip(axes, pairs, strict=True):
            for name in columns:
                values = np.array(history[name])
                told = np.isfinite(values)
                if told.any():
                    ax.plot(epochs[told], values[told], label="validation" if name.startswith("v") else "training")
            ax.set(title=columns[0].replace("_", " "), xlabel="epoch")
            if len(ax.lines) > 1:
                ax.legend()
        if min(history["loss"], default=0.0) > 0.0:
            axes[0].set_yscale("log")
            plain_numbers(axes[0])
        if title:
            chart.suptitle(title, x=0.01, ha="left", weight="bold")
    return chart


# ---------------------------------------------------------------- films


def frame_epochs(epochs: int, count: int) -> list[int]:
    """Return about ``count`` epochs from 0 to ``epochs``, dense at the start, where the network changes most."""
    spread = np.geomspace(1.0, epochs + 1.0, count) - 1.0
    return sorted({0, epochs, *np.round(spread).astype(int).tolist()})


def save_frames(images: Sequence[Array], path: str | Path, milliseconds: int = MILLISECONDS) -> Path:
    """Write pictures (H, W, 3) of bytes as a GIF that loops, with a pause on its last picture."""
    from PIL import Image

    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    shown = [Image.fromarray(image) for image in images]
    # one palette for all, from the first, middle and last picture, so that colours do not flicker
    sample = Image.fromarray(np.concatenate([images[0], images[len(images) // 2], images[-1]]))
    colours = sample.quantize(256, method=Image.Quantize.MEDIANCUT)
    flat = [image.quantize(palette=colours, dither=Image.Dither.NONE) for image in shown]
    flat[0].save(
        path,
        save_all=True,
        append_images=flat[1:],
        duration=[milliseconds] * (len(flat) - 1) + [LAST],
        loop=0,
        optimize=True,
    )
    return path


def picture(chart: Figure) -> Array:
    """Return a figure as bytes (H, W, 3)."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = FigureCanvasAgg(chart)
    with _glyphs(chart):
        canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


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

    def save(self, path: str | Path) -> Path:
        """Write the film as .gif, or its last picture as .png, .svg or .pdf."""
        path = Path(path)
        if path.suffix != ".gif":
            return save(self.draw(len(self.stages) - 1), path)
        with dressed(self.palette.name):
            return save_frames([picture(self.draw(i)) for i in range(len(self.stages))], path)


def plain_numbers(ax: Axes) -> None:
    """Write ticks as 0.01 and 1,000; matplotlib's powers of ten are typeset as formulas, which is slow."""
    from matplotlib.ticker import FuncFormatter, NullFormatter

    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}" if abs(x) >= 1.0 else f"{x:.3g}"))
        axis.set_minor_formatter(NullFormatter())


def _frame_around(ax: Axes, points: Array) -> None:
    low, high = points.min(axis=0), points.max(axis=0)
    centre, half = (low + high) / 2, 0.58 * max(float((high - low).max()), 1e-9)
    ax.set(xlim=(centre[0] - half, centre[0] + half), ylim=(centre[1] - half, centre[1] + half))


def _two_sided(p: Palette) -> Colormap:
    from matplotlib.colors import LinearSegmentedColormap

    ends = [mix(p.background, p.heat_low, 0.55), p.heat_middle, mix(p.background, p.heat_high, 0.55)]
    return LinearSegmentedColormap.from_list("two-sided", ends)
