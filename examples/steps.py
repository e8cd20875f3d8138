"""Updates, mini-batches, and remedies for over-fitting (rows G7 to G9).

updates.png    L = (w₂·w₁·x − t)²: the gradient of w₁, and the path downhill, with both weights updated after
               the backward pass, and with w₂ updated in the middle of it
batches.png    ten classes of handwritten digits: angle and length of a mini-batch's gradient relative
               to the full gradient, by batch size, on an untrained and a trained network
remedies.png   over-fitting, and four remedies side by side: more data, regularisation, a smaller learning
               rate, early stopping
Printed: that the order of updates after the backward pass does not matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from example_options import options

from autograd_mini import data, losses, nn, optim
from autograd_mini.program.batch import Batch
from autograd_mini.training.evaluation import RowLoss
from autograd_mini.training.trainer import Trainer
from viz import plots


def midway(early: bool, w1: float = 0.5, w2: float = -1.0) -> tuple[float, float]:
    """Return ∂L/∂w₁ and ∂L/∂w₂ of L = (w₂·w₁·x − t)², by hand; ``early`` updates w₂ before w₁'s gradient is taken."""
    x, t, lr = 2.0, 1.0, 0.1
    h = w1 * x
    upstream = 2.0 * (w2 * h - t)
    second = upstream * h
    if early:
        w2 -= lr * second
    return upstream * w2 * x, second


def path(early: bool, steps: int) -> np.ndarray:
    """Return the weights (steps + 1, 2) of descent on L, with the update of w₂ in its place or too early."""
    w1, w2, found = 0.5, -1.0, [(0.5, -1.0)]
    for _ in range(steps):
        first, second = midway(early, w1, w2)
        w1, w2 = w1 - 0.1 * first, w2 - 0.1 * second
        found.append((w1, w2))
    return np.array(found)


def updates(chosen: Any) -> None:
    ways = {"after the backward pass": False, "w₂ in the middle of it": True}
    with plots.dressed() as palette:
        colours = palette.heat_high, palette.heat_low
        chart, axes = plots.figure(1, 2, (10.5, 4.0), gridspec_kw={"width_ratios": (1, 1.5)})
        slopes = [midway(early)[0] for early in ways.values()]
        axes[0].bar_label(axes[0].bar(["after", "in the middle"], slopes, 0.5, color=colours), fmt="%g")
        axes[0].set(title="∂L/∂w₁ at w = (0.5, −1)", ylim=(0, 9.5))
        a, b = np.meshgrid(np.linspace(-1.2, 0.8, 81), np.linspace(-1.4, 0.4, 81))
        levels = np.array([0.01, 0.05, 0.2, 0.5, 1.0, 2.0, 4.0])
        axes[1].contour(a, b, (b * a * 2.0 - 1.0) ** 2, levels, colors=palette.muted, linewidths=0.8)
        for (name, early), colour in zip(ways.items(), colours, strict=True):
            axes[1].plot(*path(early, 4 if chosen.fast else 12).T, "o-", color=colour, markersize=4, label=name)
        axes[1].set(title="from there downhill, lines of equal loss", xlabel="w₁", ylabel="w₂")
        axes[1].legend()
        print("wrote", plots.save(chart, chosen.out / "updates.png"))


def phases() -> None:
    right, wrong = midway(False)[0], midway(True)[0]
    print(f"∂L/∂w₁ is {right:g}; with w₂ updated in the middle of the backward pass it comes out as {wrong:g}")
    moved = []
    for order in (1, -1):
        model = nn.network(2, "3:tanh,2:linear", rng=0)
        losses.cross_entropy(model([0.5, -1.0]), 1).backward()
        for p in model.parameters()[::order]:
            p.data -= 0.1 * p.grad
        moved.append(model.state_dict())
    print(f"updates first to last and last to first give the same weights: {moved[0] == moved[1]}")


def angle_and_length(batch: Batch, rows: np.ndarray, sizes: Sequence[int], draws: int) -> dict[int, np.ndarray]:
    """Return for each size the angles in degrees and the lengths, of the whole gradient's (draws, 2)."""
    _, whole = batch.value_and_grad(rows)
    rng, found = np.random.default_rng(0), {}
    for size in sizes:
        each = [batch.value_and_grad(rows[rng.choice(len(rows), size, replace=False)])[1] for _ in range(draws)]
        cosines = [g @ whole / np.linalg.norm(g) / np.linalg.norm(whole) for g in each]
        lengths = [np.linalg.norm(g) / np.linalg.norm(whole) for g in each]
        found[size] = np.column_stack([np.degrees(np.arccos(np.clip(cosines, -1.0, 1.0))), lengths])
    return found


def batches(chosen: Any) -> None:
    from sklearn.datasets import load_digits

    digits = load_digits()
    X, y = digits.data / 16.0, digits.target
    rows = np.column_stack([X, y])
    model = nn.network(64, "16:tanh,10:linear", rng=0)
    batch = Batch(RowLoss(model, losses.cross_entropy, 64, None), model.parameters(), 65)
    sizes = [1, 3, 10, 30, 100, 300, 1000]
    with plots.dressed() as palette:
        chart, axes = plots.figure(1, 2, (10.5, 4.0))
        for stage, colour in (("untrained", palette.heat_low), ("trained", palette.heat_high)):
            if stage == "trained":
                trainer = Trainer(model, losses.cross_entropy, optim.Adam(model.parameters(), lr=0.01))
                trainer.fit(X, y, 2 if chosen.fast else 20, 64, measure_every=100)
            found = angle_and_length(batch, rows, sizes, 5 if chosen.fast else 20)
            for ax, column in zip(axes, (0, 1), strict=True):
                means = [each[:, column].mean() for each in found.values()]
                ax.plot(sizes, means, "o-", color=colour, label=stage)
                low, high = zip(*(np.percentile(each[:, column], (10, 90)) for each in found.values()), strict=True)
                ax.fill_between(sizes, low, high, color=colour, alpha=0.15, linewidth=0)
            print(f"{stage}: gradient of 30 digits turned by {found[30][:, 0].mean():.0f}°, of 1,000 by "
                  f"{found[1000][:, 0].mean():.0f}°; lengths {found[30][:, 1].mean():.2f} and "
                  f"{found[1000][:, 1].mean():.2f} of the whole one's")  # fmt: skip
        for ax, name in zip(axes, ("angle to the whole gradient, °", "length, of the whole one's"), strict=True):
            ax.set(title=name, xlabel="digits in the batch", xscale="log", ylim=(0, None))
            ax.legend()
        axes[1].axhline(1.0, color=palette.muted, linewidth=1.0)
        print("wrote", plots.save(chart, chosen.out / "batches.png"))


def overfit(samples: int = 40, epochs: int = 600, lr: float = 0.05, strength: float = 0.0, **options: Any) -> Any:
    """Train a network with more weights than samples; return its history, with test data measured."""
    X, y = data.moons(samples, noise=0.35, seed=1)
    held = data.moons(400, noise=0.35, seed=2)
    model = nn.network(2, "24:tanh,2:softmax", rng=0)
    penalty = (lambda ps: losses.l2(ps, strength)) if strength else None
    trainer = Trainer(model, losses.nll, optim.Adam(model.parameters(), lr=lr), penalty=penalty)
    history = trainer.fit(X, y, epochs, validation=held, **options)
    return history, trainer.evaluate(X, y)[0], trainer.evaluate(*held)[0]


def remedies(chosen: Any) -> None:
    epochs = 40 if chosen.fast else 600
    runs = {
        "40 samples": overfit(epochs=epochs),
        "400 samples": overfit(400, epochs),
        "L2, 0.01·Σw²": overfit(epochs=epochs, strength=0.01),
        "learning rate / 20": overfit(epochs=epochs, lr=0.0025),
        "early stopping": overfit(epochs=epochs, patience=20),
    }
    with plots.dressed() as palette:
        chart, axes = plots.figure(1, 5, (15.0, 3.6), sharey=True)
        for ax, (name, (history, train, test)) in zip(axes, runs.items(), strict=True):
            ax.plot(history["epoch"], history["loss"], "--", color=palette.heat_low, label="training")
            ax.plot(history["epoch"], history["validation_loss"], color=palette.heat_high, label="test")
            ax.set(title=f"{name}\nends at {test:.2f}", xlabel="epoch", yscale="log")
            ax.set_xlim(0, epochs)
            why = f", {history.stopped}" if history.stopped else ""
            print(f"{name:20} training loss {train:.3f}, test loss {test:.3f}{why}")
        plots.plain_numbers(axes[0])
        axes[0].legend()
        print("wrote", plots.save(chart, chosen.out / "remedies.png"))


def main(arguments: Sequence[str] | None = None) -> None:
    chosen = options(__doc__, arguments)
    phases()
    updates(chosen)
    batches(chosen)
    remedies(chosen)


if __name__ == "__main__":
    main()
