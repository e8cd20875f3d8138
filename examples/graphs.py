"""Computational graphs (rows F1 to F3, G10, G11), drawn: values are blue circles, functions red squares.

f1_arithmetic.svg   (3 + 5) × 10, forward values above the edges, gradients below
f2_chain_rule.svg   a composite function: backward starts from 1 at the right, and every gradient
                    is written as upstream · local
f3_neuron.svg       one neuron and its loss, the affine function as one box and the loss as another
f3_network.svg      a network's loss: Affine, sigmoid, softmax and loss as boxes
g10_vectors.svg     the same network by its layers: circles hold vectors, squares map them
g11_neurons.svg     the same network as neurons and connections: wide where a weight is large, its sign by
                    colour, its gradient in the tooltip
Printed: the same two passes as text.
"""

from __future__ import annotations

from collections.abc import Sequence

from example_options import options

from autograd_mini import Value, losses, nn, sigmoid, sin
from viz import draw, narrate
from viz.draw import Detail


def network(numbers: Sequence[float]) -> Value:
    """Return the negative log-likelihood of a network 3-2-2 for these inputs."""
    inputs = [Value(number, f"x{i}") for i, number in zip("₁₂₃", numbers, strict=True)]
    loss = losses.nll(nn.network(3, "2:sigmoid,2:softmax", rng=1)(inputs), 0)
    loss.label = "loss"
    return loss


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
    pictures: dict[str, tuple[Value, Detail]] = {
        "f1_arithmetic": (arithmetic, "auto"),
        "f2_chain_rule": (composite, "auto"),
        "f3_neuron": (neuron, "auto"),
        "f3_network": (network([1.0, 0.5, -1.0]), "auto"),
        "g10_vectors": (network([1.0, 0.5, -1.0]), "vectors"),
        "g11_neurons": (network([1.0, 0.5, -1.0]), "neurons"),
    }
    for name, (value, detail) in pictures.items():
        value.backward()
        path = chosen.out / f"{name}.svg"
        draw(value, detail).save(path)
        print("wrote", path)
    print(narrate(composite))


if __name__ == "__main__":
    main()
