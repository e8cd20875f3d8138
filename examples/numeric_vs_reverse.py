"""The cost of a gradient, and the accuracy of mini-batches (rows F4 to F6).

Printed: seconds for the gradient of a network of about 2,000 parameters, by central differences
(two forward passes per parameter) and by reverse mode (one forward, one backward), for plain Values
and compiled; the ratios, and the largest relative disagreement.
costs.png        the same as bars
minibatches.png  loss and gradient of random mini-batches of 100,000 samples, before and after training:
                 a thousand samples give the loss to a few per cent at a hundredth of the cost; less
                 accurately for a trained network, whose loss comes from few samples, and for the gradient
overfitting.png  few samples, many weights: training loss continues to fall while the test loss rises
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from example_options import options

from autograd_mini import data, losses, nn, optim
from autograd_mini.program.batch import Batch
from autograd_mini.training.evaluation import RowLoss
from autograd_mini.training.trainer import Trainer
from viz import plots


def seconds(run: Callable[[], Any], repeat: int) -> tuple[float, Any]:
    """Return the best time of ``repeat`` runs, and the result."""
    best, result = float("inf"), None
    for _ in range(repeat):
        started = time.perf_counter()
        result = run()
        best = min(best, time.perf_counter() - started)
    return best, result


def central(loss: Callable[[np.ndarray], float], theta: np.ndarray, count: int) -> np.ndarray:
    """Return the first ``count`` components of the gradient by central differences."""
    out = np.empty(count)
    for i in range(count):
        above, below = theta.copy(), theta.copy()
        above[i] += 1e-5
        below[i] -= 1e-5
        out[i] = (loss(above) - loss(below)) / 2e-5
    return out


def costs(chosen: Any) -> None:
    table = "16:tanh,2:linear" if chosen.fast else "40:tanh,40:tanh,2:linear"
    model = nn.network(2, table, rng=0)
    X, y = data.spiral(10 if chosen.fast else 100)
    rows = np.column_stack([X, y])
    parameters = model.parameters()
    theta = np.array([p.data for p in parameters])
    bars: dict[str, float] = {}
    print(f"gradient of {len(parameters)} parameters, {len(rows)} samples")
    for name, engine in (("plain Values", "eager"), ("compiled", "auto")):
        batch = Batch(RowLoss(model, losses.cross_entropy, 2, None), parameters, 3, engine=engine)
        batch.value_and_grad(rows[:1], theta)  # compiles
        batch.value(rows[:1], theta)
        reverse, (_, gradient) = seconds(
            lambda batch=batch: batch.value_and_grad(rows, theta), 1 if engine == "eager" else 20
        )
        forward, _ = seconds(lambda batch=batch: batch.value(rows, theta), 1 if engine == "eager" else 20)
        # Values would take minutes: some components are timed, the total is extrapolated
        count = min(len(theta), 8) if engine == "eager" else len(theta)
        spent, numeric = seconds(lambda batch=batch, n=count: central(lambda t: batch.value(rows, t), theta, n), 1)
        whole = spent * len(theta) / count
        error = np.max(abs(gradient[:count] - numeric) / (abs(numeric) + 1e-6))
        told = "" if count == len(theta) else f" (reckoned from {count} components)"
        print(
            f"  {name:13} numerical {whole:9.4g} s{told}, {2 * len(theta)} forward passes; reverse {reverse:9.3g} s, "
            f"{reverse / forward:.1f} forward passes; {whole / reverse:,.0f} times faster; they differ by {error:.0e}"
        )
        bars |= {f"numerical,\n{name}": whole, f"reverse,\n{name}": reverse}
    with plots.dressed() as palette:
        chart, ax = plots.figure(size=(7.5, 4.0))
        colours = [palette.heat_low, palette.heat_high] * 2
        drawn = ax.bar(list(bars), list(bars.values()), color=colours, width=0.6)
        ax.bar_label(drawn, [f"{t:.3g} s" for t in bars.values()], padding=2)
        spent = list(bars.values())
        for i in (0, 2):  # the ratio is what the figure is about
            ax.annotate(
                f"{spent[i] / spent[i + 1]:,.0f} ×\nfaster", (i + 1, spent[i + 1]), (0, 26), textcoords="offset points",
                ha="center", fontweight="bold", color=palette.gradient,
            )  # fmt: skip
        ax.set(title=f"one gradient, {len(theta)} parameters", ylabel="seconds", yscale="log")
        ax.set_ylim(min(bars.values()) / 3, max(bars.values()) * 5)
    print("wrote", plots.save(chart, chosen.out / "costs.png"))


def minibatches(chosen: Any) -> None:
    n = 5_000 if chosen.fast else 100_000
    X, y = data.spiral(n, 0.05)
    rows = np.column_stack([X, y])
    sizes = [size for size in (10, 30, 100, 300, 1000, 3000, 10_000, 30_000) if size < n]
    model = nn.network(2, "10:tanh,2:linear", rng=0)
    trainer = Trainer(model, losses.cross_entropy, optim.Adam(model.parameters(), lr=0.02))
    batch = Batch(RowLoss(model, losses.cross_entropy, 2, None), model.parameters(), 3)
    with plots.dressed() as palette:
        chart, axes = plots.figure(2, 3, (13.0, 7.0))
        for line, stage in zip(axes, ("untrained", "trained"), strict=True):
            if stage == "trained":
                trainer.fit(X[:2000], y[:2000], 30 if chosen.fast else 400, 200, measure_every=400)
            whole, (full, gradient) = seconds(lambda: batch.value_and_grad(rows), 3)
            rng = np.random.default_rng(0)
            found = {
                size: [batch.value_and_grad(rows[rng.choice(n, size, replace=False)]) for _ in range(30)]
                for size in sizes
            }
            thousand = rows[:1000].copy()
            part, _ = seconds(lambda thousand=thousand: batch.value_and_grad(thousand), 20)
            off = [abs(loss - full) / full for loss, _ in found[1000]]
            turned = [angle(each, gradient) for _, each in found[1000]]
            print(
                f"{stage}: loss of {n:,} samples {full:.5f}; of a random 1,000 off by {np.mean(off):.1%}, at worst "
                f"{max(off):.1%}, its gradient turned by {np.mean(turned):.0f}°, at 1/{whole / part:.0f} of the cost"
            )
            length = np.linalg.norm(gradient)
            shown = {
                "loss": [[loss for loss, _ in each] for each in found.values()],
                "angle to the whole gradient, °": [[angle(g, gradient) for _, g in each] for each in found.values()],
                "length, of the whole one's": [
                    [np.linalg.norm(g) / length for _, g in each] for each in found.values()
                ],
            }
            for ax, (name, values), level in zip(line, shown.items(), (full, 0.0, 1.0), strict=True):
                for size, each in zip(sizes, values, strict=True):
                    ax.plot([size] * len(each), each, "o", color=palette.heat_high, alpha=0.35, markersize=4)
                ax.axhline(level, color=palette.heat_low, label=f"all {n:,}")
                ax.set(title=f"{stage}: {name}", xlabel="samples in the batch", xscale="log")
                ax.xaxis.set_major_formatter("{x:,.0f}")
            line[0].set_yscale("log" if stage == "trained" else "linear")
            line[0].legend()
    print("wrote", plots.save(chart, chosen.out / "minibatches.png"))


def angle(a: np.ndarray, b: np.ndarray) -> float:
    """Return the angle between two gradients in degrees."""
    return float(np.degrees(np.arccos(np.clip(a @ b / np.linalg.norm(a) / np.linalg.norm(b), -1.0, 1.0))))


def overfitting(chosen: Any) -> None:
    held = data.moons(600, noise=0.35, seed=2)
    lines = {}
    for n in (40, 400):
        model = nn.network(2, "24:tanh,2:linear", rng=0)
        trainer = Trainer(model, losses.cross_entropy, optim.Adam(model.parameters(), lr=0.03))
        X, y = data.moons(n, noise=0.35, seed=1)
        history = trainer.fit(X, y, 30 if chosen.fast else 500, validation=held)
        lines[f"{n} samples, training"] = history["epoch"], history["loss"]
        lines[f"{n} samples, test"] = history["epoch"], history["validation_loss"]
        best = int(np.argmin(history["validation_loss"]))
        print(
            f"{n} samples: test loss is least, {history['validation_loss'][best]:.3f}, after {best + 1} epochs and "
            f"ends at {history['validation_loss'][-1]:.3f}; training loss ends at {history['loss'][-1]:.3f}"
        )
    with plots.dressed() as palette:
        chart, ax = plots.figure()
        for (name, (xs, ys)), colour in zip(
            lines.items(), [palette.heat_low] * 2 + [palette.heat_high] * 2, strict=True
        ):
            ax.plot(xs, ys, "--" if name.endswith("training") else "-", color=colour, label=name)
        ax.set(title="few data, many weights: the curves part", xlabel="epoch", ylabel="loss", yscale="log")
        plots.plain_numbers(ax)
        ax.legend()
    print("wrote", plots.save(chart, chosen.out / "overfitting.png"))


def main(arguments: Sequence[str] | None = None) -> None:
    chosen = options(__doc__, arguments)
    costs(chosen)
    minibatches(chosen)
    overfitting(chosen)


if __name__ == "__main__":
    main()
