"""Activations, and what they compose to (rows A1 to A4).

activations.png   six activations on [-10, 10], each with its derivative: where the dashed line is
                  near 0 a unit learns nothing
relu_sums.png     sums of 1 to 10 shifted, scaled ReLUs: one kink more per unit
relu_sums.gif     the same as a film
Printed: that relu is not linear, the softmax of three scores, and that six linear layers are one.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from example_options import options

from autograd_mini import Value, identity, nn, relu, sigmoid, softmax, softplus, step, tanh
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
    offsets = [rng.uniform(-7.0, 7.0) for _ in range(UNITS)][:units]
    heights = [rng.uniform(-0.2, 0.5) for _ in range(UNITS)][:units]
    return nn.Sequential(
        nn.Affine.of([[1.0]] * units, [-o for o in offsets]), nn.ReLU(), nn.Affine.of([heights], [0.0])
    )


def main(arguments: Sequence[str] | None = None) -> None:
    chosen = options(__doc__, arguments)
    xs = np.linspace(-10.0, 10.0, 81 if chosen.fast else 401)
    with plots.dressed() as palette:
        chart, axes = plots.figure(2, 3, (11.0, 5.6), sharex=True)
        for ax, function in zip(axes.flat, (relu, sigmoid, tanh, step, identity, softplus), strict=True):
            values, slopes = value_and_slope(function, xs)
            ax.plot(xs, values, label="value")
            ax.plot(xs, slopes, linestyle=(0, (4, 2)), color=palette.gradient, label="derivative")
            ax.set_title(function.name)
        axes[0, 0].legend()
        print("wrote", plots.save(chart, chosen.out / "activations.png"))

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

    sizes = [2, 4, 4, 4, 4, 4, 2]
    deep = [nn.Affine(a, b, rng=i) for i, (a, b) in enumerate(pairwise(sizes))]
    W, B = np.eye(2), np.zeros(2)
    for layer in deep:
        w = np.array([[v.data for v in row] for row in layer.w])
        W, B = w @ W, w @ B + [b.data for b in layer.b]
    x = [0.7, -1.3]
    network = [y.data for y in nn.Sequential(*deep)(x)]
    print(f"six linear layers: {network}; one affine map: {(W @ x + B).tolist()}")


if __name__ == "__main__":
    main()
