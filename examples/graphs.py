"""Computational graphs (rows F1 to F3), drawn: values are blue circles, functions red squares.

f1_arithmetic.svg   (3 + 5) × 10, forward values above the edges, gradients below
f2_chain_rule.svg   a composite function: backward starts from 1 at the right, and every gradient
                    is written as upstream · local
f3_neuron.svg       one neuron and its loss, the affine function as one box
f3_network.svg      a network's loss: Affine, sigmoid, softmax and loss as boxes
Printed: the same two passes as text.
"""

from __future__ import annotations

from collections.abc import Sequence

from example_options import options

from autograd_mini import Value, losses, nn, sigmoid, sin
from viz import draw, narrate


def main(arguments: Sequence[str] | None = None) -> None:
    chosen = options(__doc__, arguments)
    chosen.out.mkdir(parents=True, exist_ok=True)

    arithmetic = (Value(3.0) + Value(5.0)) * Value(10.0)
    x = Value(0.5, "x")
    composite = sin(x * x) * (x + 2.0)
    composite.label = "y"
    inputs = [Value(v, f"x{i}") for i, v in zip("₁₂₃", (1.0, 0.5, -1.0), strict=True)]
    neuron = losses.binary_cross_entropy(nn.Neuron(3, activation=sigmoid, rng=1)(inputs), 1.0)
    neuron.label = "loss"
    network = losses.nll(nn.network(3, "2:sigmoid,2:softmax", rng=1)(inputs), 0)
    network.label = "loss"

    pictures = {
        "f1_arithmetic": arithmetic,
        "f2_chain_rule": composite,
        "f3_neuron": neuron,
        "f3_network": network,
    }
    for name, value in pictures.items():
        value.backward()
        path = chosen.out / f"{name}.svg"
        draw(value).save(path)
        print("wrote", path)
    print(narrate(composite))


if __name__ == "__main__":
    main()
