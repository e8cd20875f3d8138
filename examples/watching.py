"""Watching a network learn (rows D1 to D8): for each run a film, <row>.gif, and its last picture.

Left, the decision boundary over the data; right, the image of the plane and its grid under every
layer: the layers move, rotate and stretch the data until a straight line (dashed) separates them;
below, loss and accuracy on the same time axis.

D1  two separable classes, 2 linear → 2 softmax: a straight boundary, all right
D2  spiral, 2 linear → 2 softmax: no straight line can; it stays at the best one
D3  spiral, 2 tanh → 2 softmax: it takes thousands of epochs, and the boundary stays strained
D4  spiral, 2 tanh ×5 → 2 softmax: folded flat layer by layer, and separated
D5  spiral, 10 tanh → 2 softmax, from wide weights: islands early on, cut out of the plane because it
    is projected back from ten dimensions, and gone at the end
D6  doughnut, 2 tanh → 2 softmax: cannot close a ring around the island
D7  doughnut, 10 tanh → 2 softmax: can
D8  doughnut in polar coordinates, 2 linear → 2 softmax: the right features make it easy
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from example_options import parser, say_what_would_be_faster

from autograd_mini import data, losses, nn, optim
from autograd_mini.training.trainer import Trainer
from viz import plots


class Row(NamedTuple):
    """One row: data set, layers, epochs, features; seed and deviation (0: Xavier's) of the weights; learning rate."""

    name: str
    points: str
    layers: str
    epochs: int
    features: Any = None
    seed: int = 0
    deviation: float = 0.0
    lr: float = 0.02


ROWS = [
    Row("D1", "linear", "2:linear,2:softmax", 300),
    Row("D2", "spiral", "2:linear,2:softmax", 600),
    Row("D3", "spiral", "2:tanh,2:softmax", 3000, seed=8, lr=0.005),
    Row("D4", "spiral", "2:tanhx5,2:softmax", 1500),
    Row("D5", "spiral", "10:tanh,2:softmax", 1000, seed=9, deviation=3.0, lr=0.01),
    Row("D6", "doughnut", "2:tanh,2:softmax", 1500),
    Row("D7", "doughnut", "10:tanh,2:softmax", 500),
    Row("D8", "doughnut", "2:linear,2:softmax", 300, data.polar),
]


def title(row: Row) -> str:
    told = row.layers.replace(":", " ").replace("tanhx5", "tanh ×5").replace(",", " → ")
    return f"{row.name}  {row.points}{' in polar coordinates' * (row.features is not None)} · {told}"


def main(arguments: Sequence[str] | None = None) -> None:
    options = parser(__doc__)
    options.add_argument("--only", nargs="+", choices=[row.name for row in ROWS], help="these rows")
    options.add_argument("--theme", choices=("light", "dark"), default="light")
    options.add_argument("--frames", type=int, default=20, help="pictures in a film (20)")
    say_what_would_be_faster()
    chosen = options.parse_args(arguments)
    for row in ROWS:
        if row.name not in (chosen.only or [each.name for each in ROWS]):
            continue
        epochs = row.epochs // 10 if chosen.fast else row.epochs
        X, y = data.SETS[row.points](200, noise=0.0 if row.name == "D1" else 0.02)
        seen = X if row.features is None else row.features(X)
        wide = (lambda fan_in, fan_out, rng, row=row: rng.gauss(0.0, row.deviation)) if row.deviation else None
        model = nn.network(2, row.layers, rng=row.seed, init=wide)
        trainer = Trainer(model, losses.nll, optim.Adam(model.parameters(), lr=row.lr))
        frames = plots.frame_epochs(epochs, 3 if chosen.fast else chosen.frames)
        history = trainer.fit(seen, y, epochs, frames=frames)
        film = plots.TrainingFilm(
            model, model.parameters(), history, X, y, title=title(row), features=row.features, theme=chosen.theme
        )
        film.save(chosen.out / f"{row.name}.png")
        path = film.save(chosen.out / f"{row.name}.gif")
        print(f"{title(row)}: {history['accuracy'][-1]:.1%}, loss {history['loss'][-1]:.2g}; wrote {path}")


if __name__ == "__main__":
    main()
