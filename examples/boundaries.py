"""Classifiers: the geometry of their boundaries, and the numerics of likelihoods (rows G2 to G6).

lifted.png      2 → 3 → 2: the hidden layer maps the plane into space, where one plane separates what no line
                can; doughnut and spiral
lifted.gif      the same, rotating
radius.png      the doughnut by its radius only, beside radius and angle: one suitable feature is enough
staircase.png   loss and accuracy as functions of one weight: the accuracy is a staircase, whose derivative
                is 0 almost everywhere and gives no direction; the loss is smooth
one_path.png    ascent on the likelihood and descent on its negative logarithm take the same path
likelihood.png  a product of 1,000 probabilities underflows, and its gradient with it; the sum of their
                logarithms does not
Printed: the same in numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from example_options import options

from autograd_mini import Value, data, log, losses, nn, optim, parameter, sigmoid, total
from autograd_mini.training.trainer import Trainer
from viz import plots


def lifted(points: str, epochs: int) -> tuple[Any, ...]:
    """Train 2 → 3 tanh → 2 softmax; return the lifted points (N, 3), their classes, the plane, the accuracy."""
    X, y = data.SETS[points](200, 0.02)
    deviation, seed = (1.5, 3) if points == "doughnut" else (2.0, 7)
    model = nn.network(2, "3:tanh,2:softmax", rng=seed, init=lambda a, b, rng: rng.gauss(0.0, deviation))
    trainer = Trainer(model, losses.nll, optim.Adam(model.parameters(), lr=0.02))
    history = trainer.fit(X, y, epochs, measure_every=epochs)
    hidden = np.array([[h.data for h in model[1](model[0](x))] for x in X.tolist()])
    last = model[2]
    assert isinstance(last, nn.Affine)
    normal = np.array([w.data for w in last.w[1]]) - np.array([w.data for w in last.w[0]])
    return hidden, y, (normal, last.b[1].data - last.b[0].data), history["accuracy"][-1]


def draw_lifted(chosen: Any) -> None:
    runs = {name: lifted(name, 60 if chosen.fast else 2000) for name in ("doughnut", "spiral")}
    with plots.dressed() as palette:
        chart, axes = plots.figure(1, 2, (10.0, 5.0), subplot_kw={"projection": "3d"})
        for ax, (name, (hidden, y, (normal, offset), right)) in zip(axes, runs.items(), strict=True):
            for k, colour in ((0, palette.heat_low), (1, palette.heat_high)):
                ax.scatter(*hidden[y == k].T, color=colour, s=14, depthshade=False)
            a, b = np.meshgrid(np.linspace(-1.0, 1.0, 9), np.linspace(-1.0, 1.0, 9))
            axis = int(np.abs(normal).argmax())  # the plane as a function of the other two
            others = [i for i in range(3) if i != axis]
            height = -(normal[others[0]] * a + normal[others[1]] * b + offset) / normal[axis]
            height[np.abs(height) > 1.0] = np.nan
            shown: list[Any] = [None] * 3
            shown[others[0]], shown[others[1]], shown[axis] = a, b, height
            ax.plot_surface(*shown, color=palette.muted, alpha=0.25, linewidth=0)
            ax.set(title=f"{name}: {right:.1%} right", xlabel="h₁", ylabel="h₂", zlabel="h₃")
            print(f"2 → 3 → 2 on the {name}: {right:.1%} right; the plane {np.round(normal, 2)}·h + {offset:.2f} = 0")
        print("wrote", plots.save(chart, chosen.out / "lifted.png"))
        images = []
        for turn in range(0, 360, 120 if chosen.fast else 15):
            for ax in axes:
                ax.view_init(20, turn)
            images.append(plots.picture(chart))
        print("wrote", plots.save_frames(images, chosen.out / "lifted.gif", milliseconds=130))


def radius(chosen: Any) -> None:
    X, y = data.doughnut(200, 0.02)
    polar = data.polar(X)
    with plots.dressed() as palette:
        chart, axes = plots.figure(1, 2, (9.0, 3.6), sharey=True)
        for ax, (name, seen) in zip(axes, {"r alone": polar[:, :1], "r and θ": polar}.items(), strict=True):
            model = nn.network(seen.shape[1], "2:softmax", rng=0)
            trainer = Trainer(model, losses.nll, optim.Adam(model.parameters(), lr=0.1))
            right = trainer.fit(seen, y, 40 if chosen.fast else 300)["accuracy"][-1]
            place = seen[:, 1] if seen.shape[1] > 1 else np.random.default_rng(0).uniform(-0.2, 0.2, len(seen))
            plots.points(ax, np.column_stack([place, seen[:, 0]]), y, palette)
            parameters = [p.data for p in model.parameters()]
            k = seen.shape[1]
            w, b = np.subtract(parameters[k : 2 * k], parameters[:k]), parameters[2 * k + 1] - parameters[2 * k]
            ends = np.array([place.min(), place.max()])
            tilt = w[1] if k > 1 else 0.0
            ax.plot(ends, -(b + tilt * ends) / w[0], color=palette.value_text, linestyle="--")
            ax.set(title=f"{name}: {right:.0%} right", xlabel="θ" if k > 1 else "(spread, to be seen)", ylabel="r")
            print(f"doughnut by {name}: {right:.1%} right")
        print("wrote", plots.save(chart, chosen.out / "radius.png"))


def staircase(chosen: Any) -> None:
    X, y = data.moons(40, noise=0.3, seed=3)
    model = nn.network(2, "2:linear", rng=1)
    Trainer(model, losses.cross_entropy, optim.Adam(model.parameters(), lr=0.1)).fit(X, y, 60)
    trainer = Trainer(model, losses.cross_entropy, optim.SGD(model.parameters(), lr=0.1))
    weight = model.parameters()[0]
    start = weight.data
    at = start + np.linspace(-4.0, 4.0, 101 if chosen.fast else 801)
    loss, accuracy = [], []
    for number in at.tolist():
        weight.data = number
        measured = trainer.evaluate(X, y)
        loss.append(measured[0])
        accuracy.append(measured[1])
    weight.data = start
    steps = int(np.count_nonzero(np.diff(accuracy)))
    print(f"accuracy along one weight: {steps} steps and flat between them; the loss changes at every point")
    with plots.dressed() as palette:
        chart, ax = plots.figure(size=(7.5, 4.2))
        ax.plot(at, loss, color=palette.heat_high, label="loss")
        ax.plot(at, accuracy, color=palette.heat_low, drawstyle="steps-mid", label="accuracy")
        ax.set(title="accuracy gives no direction, the loss does", xlabel="one weight, the others held")
        ax.legend()
        print("wrote", plots.save(chart, chosen.out / "staircase.png"))


def likelihood(chosen: Any) -> None:
    counts, products, logarithms, slopes = np.arange(50, 1001, 50), [], [], []
    for n in counts.tolist():
        p = Value(0.4)
        product = Value(1.0)
        for _ in range(n):
            product = product * p
        product.backward()
        products.append(product.data)
        slopes.append(p.grad)
        logarithms.append(n * math.log(0.4))
    p = Value(0.4)
    whole = total([log(p)] * 1000)
    whole.backward()
    print(f"1,000 probabilities of 0.4: product {products[-1]:g} with slope {slopes[-1]:g};", end=" ")
    print(f"sum of logarithms {whole.data:.2f} with slope {p.grad:.0f}")
    with plots.dressed() as palette:
        chart, axes = plots.figure(1, 2, (10.0, 3.8))
        alive = [(n, x) for n, x in zip(counts.tolist(), products, strict=True) if x > 0.0]
        axes[0].plot(*zip(*alive, strict=True), "o-", color=palette.heat_high, label="product")
        axes[0].axvline(813, color=palette.heat_low, linestyle="--", label="0 from here on")
        axes[0].set(title="likelihood: a product", xlabel="probabilities of 0.4", yscale="log")
        axes[0].legend()
        axes[1].plot(counts, logarithms, "o-", color=palette.gradient)
        axes[1].set(title="its logarithm: a sum", xlabel="probabilities of 0.4")
        print("wrote", plots.save(chart, chosen.out / "likelihood.png"))


def same_path(steps: int = 100) -> tuple[list[float], list[float]]:
    """Return the weights of ascent on a likelihood, steps measured by it, and of descent on −ln of it."""
    xs, ys = [0.5, -1.0, 2.0, 1.5, -0.5], [1, 0, 1, 0, 0]
    up, down = parameter(0.0), parameter(0.0)
    paths: tuple[list[float], list[float]] = [], []

    def shares(w: Value) -> list[Value]:
        return [sigmoid(w * x) if y else sigmoid(-w * x) for x, y in zip(xs, ys, strict=True)]

    for _ in range(steps):
        product = math.prod(shares(up), start=Value(1.0))
        up.zero_grad()
        product.backward()
        up.data += 0.1 * up.grad / product.data  # ∇L / L is ∇ ln L
        negative = -total([log(share) for share in shares(down)])
        down.zero_grad()
        negative.backward()
        down.data -= 0.1 * down.grad
        paths[0].append(up.data)
        paths[1].append(down.data)
    return paths


def one_path(chosen: Any) -> None:
    up, down = same_path()
    apart = np.abs(np.subtract(up, down))
    print(f"ascent and descent: the weight goes to {up[-1]:.6f} and {down[-1]:.6f}, at most {apart.max():.0e} apart")
    steps = np.arange(len(up))
    with plots.dressed() as palette:
        chart, axes = plots.figure(1, 2, (9.5, 3.6))
        axes[0].plot(steps, up, color=palette.heat_low, linewidth=5.0, alpha=0.5, label="ascent on the likelihood")
        axes[0].plot(steps, down, "--", color=palette.heat_high, label="descent on −log of it")
        axes[0].set(title="the weight: one path", xlabel="step", ylabel="w")
        axes[0].legend()
        axes[1].plot(steps, np.maximum(apart, 1e-18), ".", color=palette.heat_high)
        axes[1].set(title="how far apart", xlabel="step", yscale="log", ylim=(1e-18, 1e-10))
        axes[1].axhline(1e-12, color=palette.muted, linestyle=":")
        print("wrote", plots.save(chart, chosen.out / "one_path.png"))


def main(arguments: Sequence[str] | None = None) -> None:
    chosen = options(__doc__, arguments)
    draw_lifted(chosen)
    radius(chosen)
    staircase(chosen)
    likelihood(chosen)
    one_path(chosen)


if __name__ == "__main__":
    main()
