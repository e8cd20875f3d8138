"""Figures of the benchmarks: one line for each package, both axes logarithmic, and where two lines cross."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

from viz.plots.charts import dressed, figure, plain_numbers, save
from viz.style.theme import ThemeName

__all__ = ["OURS", "Lines", "crossings", "draw"]

Lines: TypeAlias = Mapping[str, Sequence[tuple[float, float]]]
"""Package → points, the smallest size first."""
OURS = "autograd_mini"
STYLES = {
    OURS: ("o", "value_stroke"), "JAX jit": ("s", "function_stroke"), "PyTorch": ("D", "gradient"),
    "NumPy by hand": ("^", "muted"),
}  # fmt: skip
"""Mark and colour of a package, the same in every figure."""
ANOTHER = ("v", "warning_stroke")
BESIDE = 8  # points between the end of a line and its name
LINE = 0.055  # of the height of the figure: a line of text


def crossings(lines: Lines) -> list[tuple[str, float, float]]:
    """Return where a line crosses this project's: (name, size, value), on straight lines between the points.

    The scales are logarithmic; lines are compared at the sizes that both have.
    """
    ours = dict(lines[OURS])
    found = []
    for name, points in lines.items():
        shared = [(size, ours[size], value) for size, value in points if size in ours]
        for (a, mine, other), (b, mine_after, other_after) in pairwise(shared) if name != OURS else ():
            before, after = math.log(mine / other), math.log(mine_after / other_after)
            if before * after < 0.0:
                part = before / (before - after)
                size = math.exp(math.log(a) + part * math.log(b / a))
                found.append((name, size, math.exp(math.log(mine) + part * math.log(mine_after / mine))))
    return found


def draw(lines: Lines, path: str | Path, title: str, x: str, y: str) -> list[Path]:
    """Write the figure in the light theme to ``path`` and in the dark one beside it, as name-dark; return the paths."""
    path = Path(path)
    return [
        _draw(lines, path, title, x, y, "light"),
        _draw(lines, path.with_stem(f"{path.stem}-dark"), title, x, y, "dark"),
    ]


def _draw(lines: Lines, path: Path, title: str, x: str, y: str, theme: ThemeName) -> Path:
    import matplotlib

    with dressed(theme) as palette, matplotlib.rc_context({"svg.hashsalt": path.stem, "svg.fonttype": "none"}):
        chart, ax = figure(size=(7.6, 4.2))
        colours = {name: getattr(palette, STYLES.get(name, ANOTHER)[1]) for name in lines}
        for name, points in lines.items():
            mark, _ = STYLES.get(name, ANOTHER)
            xs, ys = zip(*points, strict=True)
            wide = 2.4 if name == OURS else 1.5
            ax.loglog(xs, ys, marker=mark, markersize=4.5, linewidth=wide, color=colours[name])
        values = [value for points in lines.values() for _, value in points]
        least = (max(values) / min(values)) ** LINE
        heights = _apart([points[-1][1] for points in lines.values()], least)
        for (name, points), height in zip(lines.items(), heights, strict=True):
            ax.annotate(
                name,
                (points[-1][0], height),
                (BESIDE, 0),
                textcoords="offset points",
                color=colours[name],
                va="center",
                annotation_clip=False,
                fontsize=9,
                fontweight="bold" if name == OURS else "normal",
            )
        for name, size, value in crossings(lines):
            ax.plot([size], [value], marker="o", markersize=11, markerfacecolor="none", color=colours[name])
            ax.annotate(
                f"{size:,.0f}", (size, value), (0, -19), textcoords="offset points", fontsize=8, color=colours[name],
                ha="center", bbox={"facecolor": palette.background, "edgecolor": "none", "pad": 0.5},
            )  # fmt: skip
        ax.set(title=title, xlabel=x, ylabel=y)
        sizes = sorted({size for points in lines.values() for size, _ in points})
        ax.set_xticks(sizes, [f"{size:,.0f}" for size in sizes])
        ticks = _ticks(min(values), max(values))
        ax.set_yticks(ticks, [f"{each:,g}" for each in ticks])
        ax.minorticks_off()
        ax.margins(x=0.03)
        plain_numbers(ax)
        return save(chart, path)


def _ticks(low: float, high: float) -> list[float]:
    """Return 1, 2 and 5 times powers of ten between two values; of a long scale only the powers."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    factors = (1.0, 2.0, 5.0) if high / low < 3e3 else (1.0,)
    return [tick for power in powers for f in factors if low * 0.9 <= (tick := f * 10.0**power) <= high * 1.1]


def _apart(heights: Sequence[float], least: float) -> list[float]:
    """Return heights on a logarithmic scale moved up where one is not ``least`` times the one below."""
    found = list(heights)
    order = sorted(range(len(found)), key=lambda i: found[i])
    for below, above in pairwise(order):
        found[above] = max(found[above], found[below] * least)
    return found
