"""Perceptrons: four gates set by hand, then learned (rows B1 to B3).

perceptrons.png   top: AND, NAND and OR as one unit with its weights, its threshold and its line, XOR as
                  AND(NAND, OR) in two layers; bottom: the same gates learned by a small network. Blue is 1.
learning.png      the loss of each gate falls to 0; XOR takes longest
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from example_options import options

from autograd_mini import data, losses, nn, optim, step
from autograd_mini.training.trainer import Trainer
from viz import plots

WEIGHTS = {"and": (0.5, 0.5, -0.7), "nand": (-0.5, -0.5, 0.7), "or": (0.5, 0.5, -0.2)}


def unit(gate: str) -> nn.Neuron:
    neuron = nn.Neuron(2, activation=step)
    neuron.load_state_dict(dict(zip(("w.0", "w.1", "b"), WEIGHTS[gate], strict=True)))
    return neuron


def by_hand(gate: str) -> Callable[[list[float]], float]:
    if gate == "xor":
        nand, either, both = unit("nand"), unit("or"), unit("and")
        return lambda x: both([nand(x), either(x)]).data
    one = unit(gate)
    return lambda x: one(x).data


def rule_text(gate: str) -> str:
    """Return the rule of a gate as text: 0.5·x₁ + 0.5·x₂ > 0.7."""
    if gate == "xor":
        return "AND(NAND, OR), two layers"
    w1, w2, b = WEIGHTS[gate]
    return f"{w1:g}·x₁ {'+' if w2 > 0 else '−'} {abs(w2):g}·x₂ > {-b:g}".replace("-", "−")


def draw_line(ax: Any, w1: float, w2: float, b: float, palette: Any) -> None:
    """Draw where w₁x₁ + w₂x₂ + b = 0."""
    xs = np.array([-0.4, 1.4])
    ax.plot(xs, -(w1 * xs + b) / w2, color=palette.value_text, linestyle=(0, (4, 2)), linewidth=1.2)


def main(arguments: Sequence[str] | None = None) -> None:
    chosen = options(__doc__, arguments)
    side = np.linspace(-0.4, 1.4, 20 if chosen.fast else 88)
    plane = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    lines = {}
    with plots.dressed() as palette:
        chart, axes = plots.figure(2, 4, (11.0, 5.8))
        for column, gate in enumerate(data.GATES):
            X, y = data.gate(gate)
            rule = by_hand(gate)
            model = nn.network(2, "4:tanh,1:sigmoid", rng=1)
            trainer = Trainer(model, losses.binary_cross_entropy, optim.Adam(model.parameters(), lr=0.1))
            history = trainer.fit(X, y, epochs=60 if chosen.fast else 600)
            lines[gate] = history["epoch"], history["loss"]
            learned = trainer.predict(X)[:, 0]
            told = [round(float(p), 3) for p in learned]
            print(f"{gate:4}  by hand {[int(rule(x)) for x in X.tolist()]}  learned {told}")
            pictures = np.array([rule(x) for x in plane.tolist()]), trainer.predict(plane)[:, 0]
            for ax, values, how in zip(axes[:, column], pictures, ("by hand", "learned"), strict=True):
                plots.plane(ax, values.reshape(len(side), -1), (-0.4, 1.4), palette)
                plots.points(ax, X, y, palette, size=70)
                ax.set(title=f"{gate.upper()} {how}", xlabel="x₁", ylabel="x₂", xticks=(0, 1), yticks=(0, 1),
                       xlim=(-0.4, 1.4), ylim=(-0.4, 1.4))  # fmt: skip
            for name in ("nand", "or") if gate == "xor" else (gate,):
                draw_line(axes[0, column], *WEIGHTS[name], palette)
            for ax, text in zip(
                axes[:, column], (rule_text(gate), f"learned: {history['loss'][-1]:.0e} left"), strict=True
            ):
                ax.xaxis.set_visible(True)
                ax.yaxis.set_visible(True)
                ax.set_xlabel(f"x₁\n{text}")
    print("wrote", plots.save(chart, chosen.out / "perceptrons.png"))
    chart = plots.curves(lines, title="four gates learned", x="epoch", y="loss", log="xy")
    print("wrote", plots.save(chart, chosen.out / "learning.png"))


if __name__ == "__main__":
    main()
