"""Updates, mini-batches, and remedies for over-fitting (rows G7 to G9).

batches.png    ten classes of handwritten digits: angle and length of a mini-batch's gradient relative
               to the full gradient, by batch size, on an untrained and a trained network
remedies.png   over-fitting, and four remedies side by side: more data, regularisation, a smaller learning
               rate, early stopping
Printed: the wrong gradient when a weight is updated before the backward pass has used it,
and that the order of updates after it does not matter.
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


def midway(early: bool) -> tuple[float, float]:
    """Return ∂L/∂w₁ and ∂L/∂w₂ of L = (w₂·w₁·x − t)², by hand; ``early`` updates w₂ before w₁'s gradient is taken."""
    w1, w2, x, t, lr = 0.5, -1.0, 2.0, 1.0, 0.1
    h = w1 * x
    upstream = 2.0 * (w2 * h - t)
    second = upstream * h
    if early:
        w2 -= lr * second
    return upstream * w2 * x, second


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
    batches(chosen)
    remedies(chosen)


if __name__ == "__main__":
    main()
