"""Activations, and what they compose to (rows A1 to A4, G1, G12).

activations.png   activations on [-10, 10], each with its derivative: where the dashed line is near 0 a
                  unit hardly learns; the softmax of the scores x, 0 and 2; step and sigmoid in one plot
relu_sums.png     sums of 1 to 10 shifted, scaled ReLUs: one more kink per unit
relu_sums.gif     the same as a film
softmax_line.png  two softmax outputs lie on the line y₁ + y₂ = 1, and the boundary is its perpendicular
                  through (½, ½); training drives the points to its two ends
collapse.png      six linear layers turn, shear and shift the plane; one affine map does the same
Printed: that relu is not linear, the softmax of three scores, and that six linear layers are one.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from example_options import options

from autograd_mini import (
    Value,
    data,
    exp,
    identity,
    losses,
    nn,
    optim,
    relu,
    sigmoid,
    softmax,
    softplus,
    step,
    tanh,
)  # fmt: skip
from autograd_mini.training.trainer import Trainer
from viz import plots

UNITS = 10


def value_and_slope(function: Callable[[Value], Value], xs: np.ndarray) -> tuple[list[float], list[float]]:
    values, slopes = [], []
    for x in xs.tolist():
        at = Value(x)
        out = function(at)
        out.backward()
        values.append(out.data)
        slopes.append(at.grad)
    return values, slopes


def sum_of_relus(units: int) -> nn.Sequential:
    """Σ hᵢ·relu(x − oᵢ): offsets in [−7, 7], heights in [−0.2, 0.5]."""
    rng = random.Random(11)
    spread = [-7.0 + 14.0 * (i + rng.uniform(0.25, 0.75)) / UNITS for i in range(UNITS)]  # far apart
    offsets = rng.sample(spread, UNITS)[:units]
    heights = [rng.choice((-0.2, 0.5)) * rng.uniform(0.5, 1.0) for _ in range(UNITS)][:units]
    return nn.Sequential(
        nn.Affine.of([[1.0]] * units, [-o for o in offsets]), nn.ReLU(), nn.Affine.of([heights], [0.0])
    )


def main(arguments: Sequence[str] | None = None) -> None:
    chosen = options(__doc__, arguments)
    xs = np.linspace(-10.0, 10.0, 81 if chosen.fast else 401)
    with plots.dressed() as palette:
        chart, axes = plots.figure(2, 4, (14.0, 5.6), sharex=True)
        for ax, function in zip(axes.flat, (relu, sigmoid, tanh, step, identity, softplus), strict=False):
            values, slopes = value_and_slope(function, xs)
            ax.plot(xs, values, label="value")
            ax.plot(xs, slopes, linestyle=(0, (4, 2)), color=palette.gradient, label="derivative")
            ax.set_title(function.name)
        axes[0, 0].legend()
        shares = np.array([softmax([x, 0.0, 2.0]) for x in xs.tolist()])
        axes[1, 2].plot(xs, shares, label=("of x", "of 0", "of 2"))
        axes[1, 2].set_title("softmax(x, 0, 2)")
        axes[1, 2].legend()
        for function in (step, sigmoid):
            axes[1, 3].plot(xs, value_and_slope(function, xs)[0], label=function.name)
        axes[1, 3].set_title("step and sigmoid")
        axes[1, 3].legend()
        print("wrote", plots.save(chart, chosen.out / "activations.png"))

        softmax_line(chosen, palette)
        collapse(chosen, palette)
        fine = np.linspace(-10.0, 10.0, 201)
        sums = [[sum_of_relus(n)([x])[0].data for x in fine.tolist()] for n in range(1, UNITS + 1)]
        chart, axes = plots.figure(2, 5, (13.0, 5.0), sharex=True, sharey=True)
        for n, (ax, ys) in enumerate(zip(axes.flat, sums, strict=True), 1):
            ax.plot(fine, ys)
            kinks = [-b.data for b in sum_of_relus(n)[0].b]
            ax.plot(kinks, np.interp(kinks, fine, ys), "o", color=palette.heat_low, markersize=4)
            ax.set_title(f"{n} unit{'s' * (n > 1)}")
        print("wrote", plots.save(chart, chosen.out / "relu_sums.png"))

        chart, ax = plots.figure(size=(7.0, 4.4))
        ax.set(xlim=(-10, 10), ylim=(min(map(min, sums)) - 0.5, max(map(max, sums)) + 0.5))
        images = []
        for n, ys in enumerate(sums, 1):
            (line,) = ax.plot(fine, ys, color=palette.heat_high)
            for older in ax.lines[:-1]:
                older.set(color=plots.mix(palette.background, palette.heat_high, 0.25), linewidth=1.0)
            kinks = [-b.data for b in sum_of_relus(n)[0].b]
            (dots,) = ax.plot(kinks, np.interp(kinks, fine, ys), "o", color=palette.heat_low, markersize=5)
            ax.set_title(f"{n} ReLU{'s' * (n > 1)}: {n} kink{'s' * (n > 1)}")
            images.append(plots.picture(chart))
            dots.remove()
            line.set_zorder(2)
        print("wrote", plots.save_frames(images, chosen.out / "relu_sums.gif", milliseconds=500))

    print(f"relu(-1) + relu(3) = {relu(-1.0) + relu(3.0):g}, relu(-1 + 3) = {relu(-1.0 + 3.0):g}: not linear")
    print("softmax([0.3, 2.9, 4.0]) =", [round(p, 8) for p in softmax([0.3, 2.9, 4.0])])
    print("exp(1) =", f"{exp(1.0):.8f},", "exp(2) =", f"{exp(2.0):.7f}")


def softmax_line(chosen: Any, palette: Any) -> None:
    """Draw where the two outputs of a network lie before, during and after training."""
    X, y = data.linear(120, noise=0.08, seed=1)
    model = nn.network(2, "2:softmax", rng=3)
    trainer = Trainer(model, losses.nll, optim.Adam(model.parameters(), lr=0.1))
    chart, axes = plots.figure(1, 3, (11.0, 3.9), sharex=True, sharey=True)
    done = 0
    for ax, epochs in zip(axes, (0, 5, 20 if chosen.fast else 200), strict=True):
        if epochs > done:
            trainer.fit(X, y, epochs - done)
            done = epochs
        outputs = trainer.predict(X)
        ax.fill([0, 1, 1, 0], [0, 0, 1, 0], color=palette.heat_low, alpha=0.12, linewidth=0)
        ax.fill([0, 1, 0, 0], [0, 1, 1, 0], color=palette.heat_high, alpha=0.12, linewidth=0)
        ax.plot([0, 1], [1, 0], color=palette.muted, linewidth=1.0, zorder=1)
        ax.plot([0, 1], [0, 1], color=palette.value_text, linestyle=(0, (4, 2)), linewidth=1.0, zorder=1)
        plots.points(ax, outputs, y, palette)
        ax.plot([0.5], [0.5], "+", color=palette.value_text, markersize=10)
        right = trainer.accuracy(X, y)
        ax.set(title=f"epoch {epochs}: {right:.0%} right", xlabel="y₁", ylabel="y₂", aspect="equal",
               xlim=(-0.05, 1.05), ylim=(-0.05, 1.05))  # fmt: skip
    print("wrote", plots.save(chart, chosen.out / "softmax_line.png"))


def collapse(chosen: Any, palette: Any) -> None:
    """Draw a grid after each of six linear layers, and after the affine map that equals them."""
    deep = []
    for i in range(6):
        turn, shear = 0.5 * (-1) ** i + 0.1, 0.25 * (i % 3 - 1)
        weights = [[math.cos(turn), shear - math.sin(turn)], [math.sin(turn), math.cos(turn)]]
        deep.append(nn.Affine.of(weights, [0.3 * (-1) ** i, 0.15]))
    W, B = np.eye(2), np.zeros(2)
    side = np.linspace(-1.0, 1.0, 9)
    down = [np.column_stack([np.full(9, s), side]) for s in side]
    lines = [*down, *(line[:, ::-1] for line in down)]
    stages = [lines]
    for layer in deep:
        w = np.array([[v.data for v in row] for row in layer.w])
        b = np.array([v.data for v in layer.b])
        W, B = w @ W, w @ B + b
        stages.append([line @ w.T + b for line in stages[-1]])
    chart, axes = plots.figure(1, 4, (12.0, 3.3))
    once = [line @ W.T + B for line in lines]
    shown = {"the plane": lines, "after layer 1": stages[1], "after layer 6": stages[6], "W·x + B at once": once}
    for ax, (name, grid) in zip(axes, shown.items(), strict=True):
        for k, line in enumerate(grid):
            ax.plot(*line.T, color=palette.heat_high if k < 9 else palette.heat_low, linewidth=1.0)
        ax.set(title=name, aspect="equal")
    apart = max(np.abs(a - b).max() for a, b in zip(stages[6], once, strict=True))
    print(f"six linear layers and one affine map differ by {apart:.0e} at most")
    print("wrote", plots.save(chart, chosen.out / "collapse.png"))


if __name__ == "__main__":
    main()
