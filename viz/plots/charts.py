"""Charts of training, by matplotlib, which is loaded only when one is drawn.

A chart is a matplotlib Figure: ``save`` writes it as PNG, SVG or PDF. No window is opened.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from autograd_mini.training.history import History
from viz.style.fonts import complain, drawn, families, unseen
from viz.style.theme import Palette, ThemeName, mix, palettes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure

__all__ = [
    "box",
    "curves",
    "dressed",
    "figure",
    "history_chart",
    "mix",
    "picture",
    "plain_numbers",
    "plane",
    "points",
    "save",
]

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]
FONTS = "Inter, Helvetica Neue, Helvetica, Arial, Liberation Sans, Noto Sans CJK JP"


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


def picture(chart: Figure) -> Array:
    """Return a figure as bytes (H, W, 3)."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = FigureCanvasAgg(chart)
    with _glyphs(chart):
        canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def plain_numbers(ax: Axes) -> None:
    """Write ticks as 0.01 and 1,000; matplotlib's powers of ten are typeset as formulas, which is slow."""
    from matplotlib.ticker import FuncFormatter, NullFormatter

    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}" if abs(x) >= 1.0 else f"{x:.3g}"))
        axis.set_minor_formatter(NullFormatter())


def _two_sided(p: Palette) -> Colormap:
    from matplotlib.colors import LinearSegmentedColormap

    ends = [mix(p.background, p.heat_low, 0.55), p.heat_middle, mix(p.background, p.heat_high, 0.55)]
    return LinearSegmentedColormap.from_list("two-sided", ends)
