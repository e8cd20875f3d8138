"""A network written as a table of its layers: ``"10:tanh, 2:softmax"``."""

from __future__ import annotations

import random
from collections.abc import Callable

from autograd_mini.nn.activation import ELU, GELU, Identity, LeakyReLU, ReLU, Sigmoid, SiLU, Softplus, Step, Tanh
from autograd_mini.nn.affine import Affine
from autograd_mini.nn.init import Initialiser, he, xavier
from autograd_mini.nn.module import Module, Sequential
from autograd_mini.nn.neuron import positive
from autograd_mini.nn.softmax import Softmax

__all__ = ["ACTIVATIONS", "network", "parse_layers"]

ACTIVATIONS: dict[str, Callable[[], Module]] = {
    "linear": Identity, "tanh": Tanh, "sigmoid": Sigmoid, "relu": ReLU, "softmax": Softmax, "leaky_relu": LeakyReLU,
    "elu": ELU, "gelu": GELU, "silu": SiLU, "softplus": Softplus, "step": Step,
}  # fmt: skip
"""Activation by its name in a table."""


def parse_layers(text: str) -> list[tuple[int, str]]:
    """Return [(nodes, activation)] of ``"10:tanh,2:softmax"``; ``2:tanhx5`` stands for five such layers.

    Raises ValueError that names the part and what is legal.
    """
    layers: list[tuple[int, str]] = []
    for part in text.split(","):
        nodes, colon, name = (piece.strip() for piece in part.partition(":"))
        times = "1"
        if name not in ACTIVATIONS and "x" in name:
            name, _, times = name.rpartition("x")
        legal = (
            colon
            and name in ACTIVATIONS
            and all(n.isascii() and n.isdigit() and 1 <= int(n) <= 10_000 for n in (nodes, times))
        )
        if not legal:
            raise ValueError(
                f"layer {part.strip()!r} is not NODES:ACTIVATION, as in 10:tanh,2:softmax (2:tanhx5 is five of them), "
                f"with 1 to 10000 nodes and one of {', '.join(ACTIVATIONS)}"
            )
        layers += [(int(nodes), name)] * int(times)
    return layers


def network(
    nin: int,
    layers: str | list[tuple[int, str]],
    *,
    init: Initialiser | None = None,
    rng: random.Random | int | None = None,
) -> Sequential:
    """Return Affine and activation modules for a table of layers; linear layers have no activation module.

    Weights are drawn by He's rule before a relu, by Xavier's before anything else, unless
    ``init`` is given.

    >>> network(2, "10:tanh, 2:softmax")
    Sequential(Affine(2, 10), Tanh(), Affine(10, 2), Softmax())
    """
    positive("network", nin=nin)
    chance = random.Random(rng) if isinstance(rng, int) else rng
    modules: list[Module] = []
    for nodes, name in parse_layers(layers) if isinstance(layers, str) else layers:
        modules.append(Affine(nin, nodes, init=init or (he() if name == "relu" else xavier()), rng=chance))
        if name != "linear":
            modules.append(ACTIVATIONS[name]())
        nin = nodes
    return Sequential(*modules)
