"""Perceptrons: four gates set by hand, then learned (rows B1 to B3).

perceptrons.png   top: AND, NAND and OR as one unit, XOR as AND(NAND, OR) in two layers, weights
                  set by hand; bottom: the same gates learned by a small network. Blue is 1.
learning.png      the loss of each gate falls to 0; XOR takes longest
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

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
                ax.set_title(f"{gate.upper()} {how}")
    print("wrote", plots.save(chart, chosen.out / "perceptrons.png"))
    chart = plots.curves(lines, title="four gates learned", x="epoch", y="loss", log="xy")
    print("wrote", plots.save(chart, chosen.out / "learning.png"))


if __name__ == "__main__":
    main()
