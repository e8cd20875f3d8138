"""Neuron, Layer, MLP: micrograd's classes, each neuron one affine node and one activation."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

from autograd_mini.engine.value import Value, parameter
from autograd_mini.nn.init import Initialiser, source, uniform
from autograd_mini.nn.module import Module, Vector
from autograd_mini.primitives.table import affine, relu

__all__ = ["MLP", "Layer", "Neuron"]


def subscript(*numbers: int) -> str:
    """Return numbers as subscripts: ``₁₂`` for (1, 2), ``₁₀,₂`` where a digit is not enough."""
    joint = "" if all(number < 10 for number in numbers) else ","
    return joint.join(str(number) for number in numbers).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def positive(owner: str, **counts: int) -> None:
    """Raise unless every count is an int of at least 1."""
    for name, count in counts.items():
        if isinstance(count, bool) or not isinstance(count, int) or count < 1:
            raise ValueError(f"{owner}: {name} is {count!r}; a whole number of at least 1 is needed")


class Neuron(Module):
    """activation(b + w₁x₁ + … + wₙxₙ); ``nonlin=False`` leaves the activation out.

    Weights are drawn uniformly from [−1, 1], the bias is 0, as in micrograd. Called with n
    numbers or Values, it returns one Value.
    """

    def __init__(
        self,
        nin: int,
        nonlin: bool = True,
        *,
        activation: Callable[[Value], Value] = relu,
        init: Initialiser | None = None,
        fan_out: int = 1,
        rng: random.Random | int | None = None,
    ) -> None:
        positive("Neuron", nin=nin)
        draw, chance = init or uniform(), source(rng)
        self.w = [parameter(draw(nin, fan_out, chance), f"w{subscript(i + 1)}") for i in range(nin)]
        self.b = parameter(0.0, "b")
        self.nonlin = nonlin
        self.activation = activation

    def forward(self, x: Vector) -> Value:
        """Return the neuron's output for inputs ``x`` (n,)."""
        out: Value = affine(self.w, x, self.b)
        return self.activation(out) if self.nonlin else out

    @property
    def width(self) -> int | None:
        """How many inputs there are."""
        return len(self.w)

    def __repr__(self) -> str:
        name = getattr(self.activation, "name", getattr(self.activation, "__name__", "activation"))
        kind = {"relu": "ReLU"}.get(name, name.capitalize()) if self.nonlin else "Linear"
        return f"{kind}Neuron({len(self.w)})"


class Layer(Module):
    """``nout`` neurons over the same inputs: (nin,) → list of nout Values, one Value where nout is 1."""

    def __init__(self, nin: int, nout: int, **kwargs: Any) -> None:
        positive("Layer", nin=nin, nout=nout)
        if isinstance(kwargs.get("rng"), int):
            kwargs["rng"] = random.Random(kwargs["rng"])  # one stream for the layer, not one each
        self.neurons = [Neuron(nin, **{"fan_out": nout, **kwargs}) for _ in range(nout)]

    def forward(self, x: Vector) -> Value | list[Value]:
        """Return every neuron's output; the one Value itself where there is one neuron."""
        out = [neuron(x) for neuron in self.neurons]
        return out[0] if len(out) == 1 else out

    def __repr__(self) -> str:
        return f"Layer of [{', '.join(map(repr, self.neurons))}]"


class MLP(Module):
    """Layers of relu neurons, the last one linear: ``MLP(2, [16, 16, 1])``."""

    def __init__(self, nin: int, nouts: Sequence[int], **kwargs: Any) -> None:
        sizes = [nin, *nouts]
        if len(sizes) < 2:
            raise ValueError("MLP: nouts is empty; give the size of each layer, as in MLP(2, [16, 16, 1])")
        if isinstance(kwargs.get("rng"), int):
            kwargs["rng"] = random.Random(kwargs["rng"])
        last = len(nouts) - 1
        self.layers = [Layer(sizes[i], sizes[i + 1], nonlin=i != last, **kwargs) for i in range(len(nouts))]

    def forward(self, x: Vector) -> Value | list[Value]:
        """Return the last layer's output for inputs ``x`` (nin,)."""
        signal: Any = x
        for i, layer in enumerate(self.layers):
            signal = layer(signal if i == 0 or isinstance(signal, list) else [signal])
        return signal  # type: ignore[no-any-return]

    def __repr__(self) -> str:
        return f"MLP of [{', '.join(map(repr, self.layers))}]"
