"""Networks described by the sizes and activations of their layers: ``"10:tanh, 2:softmax"``."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from autograd_mini.format import described, similar
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
"""The activations by their names in a description."""


def parse_layers(text: str) -> list[tuple[int, str]]:
    """Return [(nodes, activation), …] for ``"10:tanh,2:softmax"``; ``2:tanhx5`` means five such layers.

    Raises TypeError where ``text`` is not a string, ValueError, which names the wrong part and what
    is legal.
    """
    if not isinstance(text, str):
        raise TypeError(f"layers is {described(text)}; a text such as '10:tanh, 2:softmax' is needed")
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
                f"with 1 to 10000 nodes and one of {', '.join(ACTIVATIONS)}{similar(name, ACTIVATIONS)}"
            )
        layers += [(int(nodes), name)] * int(times)
    return layers


def _checked(layers: Sequence[tuple[int, str]]) -> Sequence[tuple[int, str]]:
    """Return layers given as a list; raise TypeError or ValueError where they are not (nodes, activation)."""
    told_how = "a table is '10:tanh, 2:softmax' or [(10, 'tanh'), (2, 'softmax')]"
    if not isinstance(layers, Sequence):
        raise TypeError(f"network: layers is {described(layers)}; {told_how}")
    if not layers:
        raise ValueError(f"network: no layers; {told_how}")
    for item in layers:
        if not isinstance(item, tuple | list) or len(item) != 2 or not isinstance(item[1], str):
            raise TypeError(f"network: a layer is {described(item)}; {told_how}")
        positive("network", nodes=item[0])
        if item[1] not in ACTIVATIONS:
            raise ValueError(
                f"network: there is no activation {item[1]!r}{similar(item[1], ACTIVATIONS)}; "
                f"there are {', '.join(ACTIVATIONS)}"
            )
    return layers


def network(
    nin: int,
    layers: str | Sequence[tuple[int, str]],
    *,
    init: Initialiser | None = None,
    rng: random.Random | int | None = None,
) -> Sequential:
    """Return a Sequential of an Affine and an activation module per layer; "linear" adds no activation module.

    ``nin``     how many numbers a sample has
    ``layers``  a string such as "10:tanh, 2:softmax", or [(10, "tanh"), (2, "softmax")]
    ``init``    draws the weights; by default He before a relu, Xavier before other activations
    ``rng``     a ``random.Random``, or a seed

    Raises TypeError or ValueError, which say how layers are written.

    >>> network(2, "10:tanh, 2:softmax")
    Sequential(Affine(2, 10), Tanh(), Affine(10, 2), Softmax())
    """
    positive("network", nin=nin)
    chance = random.Random(rng) if isinstance(rng, int) else rng
    modules: list[Module] = []
    for nodes, name in parse_layers(layers) if isinstance(layers, str) else _checked(layers):
        modules.append(
            Affine(nin, nodes, init=(he() if name == "relu" else xavier()) if init is None else init, rng=chance)
        )
        if name != "linear":
            modules.append(ACTIVATIONS[name]())
        nin = nodes
    return Sequential(*modules)
