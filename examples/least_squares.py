"""Least squares, and other choices of loss (rows C3 to C5).

least_squares.png   y = x³ − 3x² + 5x − 7 found again by gradient descent on the features x³, x², x, 1
                    (the coefficients are printed beside the closed form), and fitted by a network
                    of 16 tanh units without polynomial features
other_losses.png    the same Trainer with other losses: logistic regression separates two classes,
                    and minimising the KL divergence fits one distribution to another
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from example_options import options

from autograd_mini import data, losses, nn, optim, parameter, schedules, softmax
from autograd_mini.training.trainer import Trainer
from viz import plots


def polynomial(x: np.ndarray, y: np.ndarray, epochs: int) -> np.ndarray:
    """Return the coefficients of x³, x², x, 1 by gradient descent with momentum."""
    features = np.column_stack([x**3, x**2, x])
    (scaled,) = data.standardise(features)  # unscaled, x³ is a hundred times x, and descent would be slow
    model = nn.Affine(3, 1, rng=0)
    trainer = Trainer(model, losses.sum_squared_error, optim.SGD(model.parameters(), 0.1, momentum=0.8))
    trainer.fit(scaled, y[:, None], epochs)
    slopes = np.array([w.data for w in model.w[0]]) / features.std(axis=0)
    return np.array([*slopes, model.b[0].data - slopes @ features.mean(axis=0)])


def spread_units(count: int) -> nn.Sequential:
    """Return a network of one input whose tanh units have their centres spread over its range."""
    model = nn.network(1, f"{count}:tanh,1:linear", rng=0, init=lambda fan_in, fan_out, rng: rng.gauss(0.0, 2.0))
    parameters = dict(model.named_parameters())
    for i in range(count):
        parameters[f"0.b.{i}"].data = -parameters[f"0.w.{i}.0"].data * (-1.7 + 3.4 * i / (count - 1))
        parameters[f"2.w.0.{i}"].data *= 0.1
    return model


def main(arguments: Sequence[str] | None = None) -> None:
    chosen = options(__doc__, arguments)
    x = np.arange(-5.0, 5.0, 0.01)
    y = x**3 - 3 * x**2 + 5 * x - 7
    found = polynomial(x, y, 60 if chosen.fast else 600)
    closed, *_ = np.linalg.lstsq(np.column_stack([x**3, x**2, x, np.ones_like(x)]), y, rcond=None)
    print("coefficients by descent   ", [f"{c:.8f}" for c in found])
    print("coefficients, closed form ", [f"{c:.8f}" for c in closed])

    X_train, y_train, X_test, y_test = data.split(x[:, None], y, 0.25)
    mean, deviation = y_train.mean(), y_train.std()
    (train, test, every) = data.standardise(X_train, X_test, x[:, None])
    model = spread_units(16)
    trainer = Trainer(model, losses.sum_squared_error, optim.Adam(model.parameters(), lr=0.02))
    epochs = 100 if chosen.fast else 4000
    trainer.fit(train, (y_train - mean) / deviation, epochs, schedule=schedules.cosine(epochs))
    held = np.mean((trainer.predict(test)[:, 0] * deviation + mean - y_test) ** 2)
    print(
        f"network: mean squared error {held:.4f} on {len(y_test)} held-out points, whose variance is {y_test.var():.0f}"
    )

    with plots.dressed() as palette:
        chart, axes = plots.figure(1, 2, (11.0, 4.2))
        fits = {
            "polynomial features": np.polyval(found, x),
            "16 tanh units": trainer.predict(every)[:, 0] * deviation + mean,
        }
        for ax, (name, fit) in zip(axes, fits.items(), strict=True):
            ax.plot(
                X_test[:, 0], y_test, "o", color=palette.heat_low, markersize=5, markevery=5, label="held-out points"
            )
            ax.plot(x, fit, color=palette.heat_high, label="fit")
            error = float(np.mean((np.interp(X_test[:, 0], x, fit) - y_test) ** 2))
            ax.set(
                title=f"{name}: mean squared error {error:.1g} held out, largest {abs(fit - y).max():.2g}", xlabel="x"
            )
            ax.title.set_fontsize(10)
            ax.legend()
        print("wrote", plots.save(chart, chosen.out / "least_squares.png"))

        chart, axes = plots.figure(1, 2, (11.0, 4.6))
        X, c = data.linear(160, noise=0.05)
        logistic = nn.Affine(2, 1, rng=0)
        trainer = Trainer(logistic, losses.binary_cross_entropy_with_logits, optim.Adam(logistic.parameters(), lr=0.1))
        history = trainer.fit(X, c, 50 if chosen.fast else 400)
        side = np.linspace(-1.6, 1.6, 60)
        grid = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
        plots.plane(axes[0], 1.0 / (1.0 + np.exp(-trainer.predict(grid).reshape(60, 60))), (-1.6, 1.6), palette)
        plots.points(axes[0], X, c, palette)
        axes[0].set_title(f"logistic regression: {history['accuracy'][-1]:.1%} right")

        target = [0.1, 0.2, 0.4, 0.25, 0.05]
        scores = [parameter(0.0) for _ in target]
        matching = Trainer(lambda x: softmax(scores), losses.kl_divergence, optim.SGD(scores, 1.0, momentum=0.5))
        divergence = matching.fit([[0.0]], [target], 20 if chosen.fast else 200)["loss"]
        place = np.arange(len(target))
        axes[1].bar(place - 0.2, target, 0.4, color=palette.heat_low, label="target")
        axes[1].bar(place + 0.2, softmax([s.data for s in scores]), 0.4, color=palette.heat_high, label="learned")
        axes[1].set(title=f"matched distributions: KL from {divergence[0]:.2g} to {divergence[-1]:.1e}", xticks=place)
        axes[1].legend()
        print("wrote", plots.save(chart, chosen.out / "other_losses.png"))


if __name__ == "__main__":
    main()
