"""Layers: the backward pass of every layer, and kinds of steps (rows E1 to E3, E5 to E7).

Printed: for every kind of layer, the largest disagreement between reverse mode and finite
differences; that a stack of separate modules equals the fused layer to the last bit; that
weights change only in the update; that the leaves of a hierarchical softmax
sum to 1.
gradients.png  those disagreements
stack.png      the outputs of a fused layer and of a stack of modules, and their difference: exactly 0
phases.png     how far weights and gradients have moved after each of the three phases
tree.png       the probabilities that a tree of logistic units gives to its leaves, summing to 1 at every level
contrast.png   a digit before and after local contrast normalisation: subtractive removes the
               local mean, divisive also equalises the contrast
descent.png    the same network trained on all samples, in mini-batches and sample by sample; with
               momentum and a falling learning rate; with L1 and L2 penalties (which pull weights to 0)
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Any

import numpy as np
from example_options import options

from autograd_mini import data, losses, nn, optim, schedules, softmax, tanh
from autograd_mini.check.gradients import check_gradients
from autograd_mini.training.trainer import Trainer
from viz import plots


def kinds() -> dict[str, tuple[nn.Module, tuple[int, ...]]]:
    """Return every kind of layer with the shape of its input."""
    rng = random.Random(3)
    return {
        "Neuron": (nn.Neuron(3, activation=tanh, rng=rng), (3,)),
        "Affine": (nn.Affine(3, 2, rng=rng), (3,)),
        "Sigmoid": (nn.Sigmoid(), (3,)),
        "Tanh": (nn.Tanh(), (3,)),
        "ReLU": (nn.ReLU(), (3,)),
        "Softmax": (nn.Softmax(), (3,)),
        "HierarchicalSoftmax": (nn.HierarchicalSoftmax(3, 5, rng=rng), (3,)),
        "Conv2d": (nn.Conv2d(1, 2, 3, padding=1, rng=rng), (1, 3, 3)),
        "MaxPool2d": (nn.MaxPool2d(2), (1, 4, 4)),
        "AvgPool2d": (nn.AvgPool2d(2), (1, 4, 4)),
        "LocalContrastNorm": (nn.LocalContrastNorm(3), (1, 3, 3)),
    }


def largest_error(layer: nn.Module, shape: tuple[int, ...]) -> float:
    """Check ∂Σ k·tanh(yₖ)/∂input by ``check_gradients``; return the largest difference it saw."""
    size = math.prod(shape)
    start = (np.random.default_rng(1).permutation(size) - size / 2 + 0.3) / 7.0

    def scalar(x: Any) -> Any:
        outputs = nn.Flatten()([layer(np.array(list(x), dtype=object).reshape(shape).tolist())])
        return sum(tanh(y) * (k + 1) for k, y in enumerate(outputs))

    report = check_gradients(scalar, start.tolist())
    return max(abs(each.reverse - each.numeric.best.value) for each in report.derivatives)


def fused_and_stack() -> tuple[nn.Module, nn.Module]:
    """Return a layer with its activation, and the same as two modules."""
    fused = nn.Layer(3, 4, activation=tanh, rng=2)
    return fused, nn.Sequential(nn.Affine.of([[w.data for w in n.w] for n in fused.neurons], [0.0] * 4), nn.Tanh())


def three_phases() -> None:
    fused, apart = fused_and_stack()
    x = [0.3, -1.2, 0.7]
    same = [y.data for y in fused(x)] == [y.data for y in apart(x)]
    print(f"separate modules equal the fused layer to the last bit: {same}")
    before = apart.state_dict()
    optimizer = optim.SGD(apart.parameters(), 0.1)
    loss = losses.cross_entropy(apart(x), 0)
    print(f"weights changed by the forward pass: {apart.state_dict() != before}", end=", ")
    loss.backward()
    print(f"by the backward pass: {apart.state_dict() != before}", end=", ")
    optimizer.step()
    print(f"by the update: {apart.state_dict() != before}")
    tree = nn.HierarchicalSoftmax(3, 6, rng=0)
    print(f"leaves of a hierarchical softmax: {sum(p.data for p in tree(x)):.15f} in all")


def phases(chosen: Any, errors: dict[str, float]) -> None:
    model = nn.network(3, "4:tanh,3:linear", rng=2)
    parameters = model.parameters()
    optimizer = optim.SGD(parameters, 0.1)
    start = np.array([p.data for p in parameters])
    moved, sloped = [], []
    loss = losses.cross_entropy(model([0.3, -1.2, 0.7]), 0)
    for phase in (lambda: None, loss.backward, optimizer.step):
        phase()
        moved.append(float(np.abs(np.array([p.data for p in parameters]) - start).max()))
        sloped.append(float(np.abs(np.array([p.grad for p in parameters])).max()))
    tree = nn.HierarchicalSoftmax(3, 8, rng=4)
    leaves = np.array([p.data for p in tree([1.0, -2.0, 0.5])])
    with plots.dressed() as palette:
        chart, ax = plots.figure(size=(7.0, 4.2))
        ax.barh(list(errors), [max(each, 1e-17) for each in errors.values()], color=palette.heat_high)
        ax.set(title="reverse mode against finite differences", xlabel="largest disagreement", xscale="log")
        ax.invert_yaxis()
        print("wrote", plots.save(chart, chosen.out / "gradients.png"))

        chart, ax = plots.figure(size=(6.4, 4.2))
        place = np.arange(3)
        ax.bar(place - 0.2, sloped, 0.4, color=palette.gradient, label="largest |gradient|")
        ax.bar(place + 0.2, moved, 0.4, color=palette.heat_low, label="largest change of a weight")
        ax.set(title="three phases", xticks=place, xticklabels=("forward", "backward", "update"))
        ax.set_ylim(0.0, 1.35 * max(sloped))
        ax.legend(loc="upper left")
        print("wrote", plots.save(chart, chosen.out / "phases.png"))

        chart, ax = plots.figure(size=(7.0, 3.6))
        for level in range(4):
            shares = leaves.reshape(2**level, -1).sum(axis=1)
            lefts = np.concatenate([[0.0], np.cumsum(shares)[:-1]])
            colours = [palette.heat_low, palette.heat_high] * (len(shares) // 2) or [palette.muted]
            ax.barh(level, shares, 0.7, lefts, edgecolor=palette.background, color=colours)
        ax.set(title="a tree of logistic units: each level sums to 1", xlabel="probability", yticks=range(4),
               yticklabels=("root", "2", "4", "8 leaves"))  # fmt: skip
        ax.invert_yaxis()
        print("wrote", plots.save(chart, chosen.out / "tree.png"))


def stacked(chosen: Any) -> None:
    """Draw the outputs of a fused layer and of a stack of separate modules, and their difference."""
    fused, apart = fused_and_stack()
    at = np.linspace(-3.0, 3.0, 41 if chosen.fast else 161)
    one, other = (np.array([[y.data for y in layer([x, -1.2, 0.7])] for x in at.tolist()]) for layer in (fused, apart))
    with plots.dressed() as palette:
        chart, axes = plots.figure(1, 2, (10.0, 3.6))
        axes[0].plot(at, one, color=palette.heat_low, linewidth=5.0, alpha=0.5)
        axes[0].plot(at, other, "--", color=palette.heat_high)
        axes[0].plot([], [], color=palette.heat_low, linewidth=5.0, alpha=0.5, label="one layer, 3 → 4 tanh")
        axes[0].plot([], [], "--", color=palette.heat_high, label="Affine, then Tanh")
        axes[0].set(title="four outputs", xlabel="first input")
        axes[0].legend()
        axes[1].plot(at, one - other, color=palette.heat_high)
        axes[1].set(title=f"difference: {abs(one - other).max():g} everywhere", xlabel="first input", ylim=(-1, 1))
        print("wrote", plots.save(chart, chosen.out / "stack.png"))


def contrast(chosen: Any) -> None:
    ramp = np.linspace(0.2, 1.0, 16)[None, :]
    rows, columns = np.mgrid[0:16, 0:16]
    ring = (abs(np.hypot(rows - 7.5, columns - 7.5) - 4.5) < 1.3).astype(float)
    image = [(ramp * (0.4 + ring)).tolist()]
    shown = {
        "a ring, badly lit": image,
        "subtractive": nn.LocalContrastNorm(7, divisive=False)(image),
        "subtractive and divisive": nn.LocalContrastNorm(7)(image),
    }
    with plots.dressed() as palette:
        chart, axes = plots.figure(1, 3, (9.0, 3.3))
        for ax, (name, picture) in zip(axes, shown.items(), strict=True):
            ax.imshow(np.array(picture)[0], cmap="gray")
            ax.set_title(name)
            plots.box(ax, palette)
    print("wrote", plots.save(chart, chosen.out / "contrast.png"))


def descent(chosen: Any) -> None:
    X, y = data.moons(120, noise=0.2, seed=1)
    epochs = 10 if chosen.fast else 80

    def run(size: int | None = None, lr: float = 0.1, schedule: Any = None, penalty: Any = None, **sgd: Any) -> Any:
        model = nn.network(2, "8:tanh,2:linear", rng=0)
        trainer = Trainer(model, losses.cross_entropy, optim.SGD(model.parameters(), lr, **sgd), penalty=penalty)
        history = trainer.fit(X, y, epochs, size, schedule=schedule)
        weights = [abs(p.data) for p in model.parameters()]
        return history["epoch"], history["loss"], weights

    sizes = {"all 120 samples": run(), "mini-batches of 16": run(16), "sample by sample": run(1)}
    steps = {
        "plain": run(16),
        "momentum 0.9": run(16, momentum=0.9),
        "Nesterov 0.9": run(16, momentum=0.9, nesterov=True),
        "1/t decay": run(16, schedule=schedules.inverse_time(0.1)),
        "cosine decay": run(16, schedule=schedules.cosine(epochs)),
    }
    penalties = {
        "none": run(16, momentum=0.9),
        "L2, 0.01·Σw²": run(16, momentum=0.9, penalty=lambda ps: losses.l2(ps, 0.01)),
        "L1, 0.01·Σ|w|": run(16, momentum=0.9, penalty=lambda ps: losses.l1(ps, 0.01)),
    }
    with plots.dressed():
        chart, axes = plots.figure(1, 3, (14.0, 4.2))
        for ax, (name, runs) in zip(axes, {"size of a batch": sizes, "way of stepping": steps}.items(), strict=False):
            for label, (at, loss, _) in runs.items():
                ax.plot(at, loss, label=label)
            ax.set(title=name, xlabel="epoch", ylabel="loss", yscale="log")
            plots.plain_numbers(ax)
            ax.legend()
        for label, (_, _, weights) in penalties.items():
            axes[2].plot(sorted(weights, reverse=True), "o-", markersize=3.5, label=label)
        axes[2].set(title="penalty: sizes of the weights", xlabel="weight, largest first", ylabel="|w|")
        axes[2].legend()
    print("wrote", plots.save(chart, chosen.out / "descent.png"))


def main(arguments: Sequence[str] | None = None) -> None:
    chosen = options(__doc__, arguments)
    errors = {name: largest_error(layer, shape) for name, (layer, shape) in kinds().items()}
    for name, error in errors.items():
        print(f"{name:20} reverse mode and finite differences differ by {error:.1e} at most")
    three_phases()
    phases(chosen, errors)
    stacked(chosen)
    print(f"softmax sums to {sum(softmax([0.3, 2.9, 4.0])):.15f}")
    contrast(chosen)
    descent(chosen)


if __name__ == "__main__":
    main()
