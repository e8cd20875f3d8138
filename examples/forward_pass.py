"""A forward pass by numbers, and the losses at its end (rows C1, C2).

forward_pass.svg  a network of three layers with sigmoids, 2-3-2-2, at x = (1.0, 0.5), drawn with
                  its numbers; the output is (0.31682708, 0.69627909)
losses.png        every loss as a function of the output, and its slope, which starts the backward pass:
                  that of the squared error is small near the target, that of cross-entropy is large for
                  certain wrong answers, that of hinge is 0 beyond the margin
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from example_options import options

from autograd_mini import Value, losses, nn
from viz import draw, plots

LAYERS = [  # each: weights with a row per input, biases
    ([[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]], [0.1, 0.2, 0.3]),
    ([[0.1, 0.4], [0.2, 0.5], [0.3, 0.6]], [0.1, 0.2]),
    ([[0.1, 0.3], [0.2, 0.4]], [0.1, 0.2]),
]
CURVES: dict[str, tuple[Callable[[Value], Value], tuple[float, float]]] = {
    "squared error, target 1": (lambda y: losses.sum_squared_error(y, 1.0), (-1.0, 3.0)),
    "hinge, target +1": (lambda y: losses.hinge(y, 1.0), (-1.0, 3.0)),
    "binary cross-entropy, target 1": (lambda p: losses.binary_cross_entropy(p, 1.0), (0.02, 0.98)),
    "the same from a logit": (lambda s: losses.binary_cross_entropy_with_logits(s, 1.0), (-5.0, 5.0)),
    "cross-entropy of scores (s, 0, 0), class 0": (lambda s: losses.cross_entropy([s, 0.0, 0.0], 0), (-5.0, 5.0)),
    "KL of (0.3, 0.7) from (p, 1−p)": (lambda p: losses.kl_divergence([p, 1.0 - p], [0.3, 0.7]), (0.02, 0.98)),
}


def main(arguments: Sequence[str] | None = None) -> None:
    chosen = options(__doc__, arguments)
    first, second, third = (nn.Affine.of(np.array(W).T.tolist(), b) for W, b in LAYERS)
    network = nn.Sequential(first, nn.Sigmoid(), second, nn.Sigmoid(), third)
    x = [Value(1.0, "x₁"), Value(0.5, "x₂")]
    for name, out in zip(("layer 1", "σ", "layer 2", "σ", "layer 3"), network.each(x), strict=True):
        print(f"{name:8} {[round(v.data, 8) for v in out]}")
    y = network(x)
    loss = losses.sum_squared_error(y, [0.0, 1.0])
    loss.label = "loss"
    loss.backward()
    chosen.out.mkdir(parents=True, exist_ok=True)
    draw(loss, title="three layers").save(chosen.out / "forward_pass.svg")
    print("wrote", chosen.out / "forward_pass.svg")

    with plots.dressed() as palette:
        chart, axes = plots.figure(2, 3, (12.0, 6.0))
        for ax, (name, (function, (low, high))) in zip(axes.flat, CURVES.items(), strict=True):
            values, slopes = [], []
            xs = np.linspace(low, high, 41 if chosen.fast else 161)
            for at in xs.tolist():
                leaf = Value(at)
                out = function(leaf)
                out.backward()
                values.append(out.data)
                slopes.append(leaf.grad)
            ax.plot(xs, values, label="loss")
            ax.plot(xs, slopes, linestyle=(0, (4, 2)), color=palette.gradient, label="slope")
            ax.set_title(name, fontsize=10)
            ax.set_ylim(max(min(slopes), -6.0) - 0.3, min(max(*values, *slopes), 5.0) + 0.3)
        axes[0, 0].legend()
    print("wrote", plots.save(chart, chosen.out / "losses.png"))


if __name__ == "__main__":
    main()
