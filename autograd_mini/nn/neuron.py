"""Neuron, Layer, MLP: micrograd's classes, each neuron one affine node and one activation."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

from autograd_mini.engine.value import Value, parameter
from autograd_mini.format import described
from autograd_mini.nn.init import Initialiser, initialiser, source, uniform
from autograd_mini.nn.module import Module, Vector, count
from autograd_mini.primitives.registry import PRIMITIVES
from autograd_mini.primitives.table import affine, relu
from autograd_mini.program.watch.stamp import Parts

__all__ = ["MLP", "Layer", "Neuron"]


def subscript(*numbers: int) -> str:
    """Return numbers as subscripts: ``₁₂`` for (1, 2), ``₁₀,₂`` where a digit is not enough."""
    joint = "" if all(number < 10 for number in numbers) else ","
    return joint.join(str(number) for number in numbers).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


LARGEST = 10_000_000


def positive(owner: str, **counts: int) -> None:
    """Raise ValueError unless every count is an int of at least 1 that memory can hold."""
    for name, number in counts.items():
        if isinstance(number, bool) or not isinstance(number, int) or number < 1:
            raise ValueError(f"{owner}: {name} is {number!r}; a whole number of at least 1 is needed")
        if number > LARGEST:
            raise ValueError(f"{owner}: {name} is larger than {LARGEST:,}, which is the most that is supported")


def as_activation(activation: object) -> Callable[[Any], Any]:
    """Return the activation, a function of one number; TypeError for a class, a name or anything else."""
    if isinstance(activation, type):
        raise TypeError(
            f"activation is {described(activation)}; give an instance, as {activation.__name__}(), or tanh, relu, …"
        )
    if not callable(activation):
        hint = f": autograd_mini.{activation}, without quotes" if str(activation) in PRIMITIVES else ""
        raise TypeError(
            f"activation is {described(activation)}; a function of one number is needed, as tanh or relu{hint}"
        )
    return activation


class Neuron(Module):
    """activation(b + w₁x₁ + … + wₙxₙ); ``nonlin=False`` leaves the activation out.

    Takes nin numbers or Values and returns one Value. As in micrograd, weights are drawn uniformly
    from [−1, 1] unless ``init`` is given (``fan_out`` is passed to it), and the bias starts at 0.
    Raises ValueError where nin is not an int of at least 1.
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
        draw, chance = initialiser(init, uniform()), source(rng)
        self.w = Parts(parameter(draw(nin, fan_out, chance), f"w{subscript(i + 1)}") for i in range(nin))
        self.b = parameter(0.0, "b")
        self.nonlin = nonlin
        self.activation = as_activation(activation)

    def forward(self, x: Vector) -> Value:
        """Return the neuron's output for inputs ``x`` (n,)."""
        count(x, self)
        out: Value = affine(self.w, x, self.b)
        return self.activation(out) if self.nonlin else out

    @property
    def width(self) -> int | None:
        """The number of inputs."""
        return len(self.w)

    def __repr__(self) -> str:
        name = getattr(self.activation, "name", getattr(self.activation, "__name__", "activation"))
        kind = {"relu": "ReLU"}.get(name, name.capitalize()) if self.nonlin else "Linear"
        return f"{kind}Neuron({len(self.w)})"


def _prefixed(word: str, parts: Sequence[Module]) -> None:
    """Prefix the labels of each part's parameters with its number, as in "layer1.unit2.w₁"."""
    for place, part in enumerate(parts, 1):
        for each in part.parameters():
            each.label = f"{word}{place}.{each.label}"


class Layer(Module):
    """``nout`` neurons over the same inputs: (nin,) → list of nout Values, one Value where nout is 1.

    Parameters are labelled by their unit: ``unit2.w₁``. Arguments as in ``Neuron``.
    """

    def __init__(
        self,
        nin: int,
        nout: int,
        nonlin: bool = True,
        *,
        activation: Callable[[Value], Value] = relu,
        init: Initialiser | None = None,
        rng: random.Random | int | None = None,
    ) -> None:
        positive("Layer", nin=nin, nout=nout)
        chance = random.Random(rng) if isinstance(rng, int) else rng  # one stream of random numbers for the whole layer
        self.neurons = Parts(
            [Neuron(nin, nonlin, activation=activation, init=init, fan_out=nout, rng=chance) for _ in range(nout)]
        )
        if nout > 1:
            _prefixed("unit", self.neurons)

    @property
    def width(self) -> int | None:
        """The number of inputs."""
        return self.neurons[0].width

    def forward(self, x: Vector) -> Value | list[Value]:
        """Return the list of the neurons' outputs; a single Value where there is one neuron."""
        out = [neuron(x) for neuron in self.neurons]
        return out[0] if len(out) == 1 else out

    def __repr__(self) -> str:
        return f"Layer of [{', '.join(map(repr, self.neurons))}]"


class MLP(Module):
    """A multilayer perceptron: layers of relu neurons, the last one linear: ``MLP(2, [16, 16, 1])``.

    (nin,) → list of nouts[-1] Values, one Value where that is 1. Parameters are labelled by layer
    and unit: ``layer1.unit2.w₁``. Raises TypeError or ValueError where nouts is not a list of sizes.
    """

    def __init__(
        self,
        nin: int,
        nouts: Sequence[int],
        *,
        activation: Callable[[Value], Value] = relu,
        init: Initialiser | None = None,
        rng: random.Random | int | None = None,
    ) -> None:
        if not isinstance(nouts, Sequence) or isinstance(nouts, (str, bytes)):
            raise TypeError(
                f"MLP: nouts is {described(nouts)}; the size of each layer is needed in a list, as in "
                "MLP(2, [16, 16, 1])"
            )
        sizes = [nin, *nouts]
        if len(sizes) < 2:
            raise ValueError("MLP: nouts is empty; give the size of each layer, as in MLP(2, [16, 16, 1])")
        chance = random.Random(rng) if isinstance(rng, int) else rng
        last = len(nouts) - 1
        self.layers = Parts(
            [
                Layer(sizes[i], sizes[i + 1], i != last, activation=activation, init=init, rng=chance)
                for i in range(len(nouts))
            ]
        )
        _prefixed("layer", self.layers)

    def forward(self, x: Vector) -> Value | list[Value]:
        """Return the last layer's output for inputs ``x`` (nin,)."""
        signal: Any = x
        for i, layer in enumerate(self.layers):
            signal = layer(signal if i == 0 or isinstance(signal, list) else [signal])
        return signal  # type: ignore[no-any-return]

    def __repr__(self) -> str:
        return f"MLP of [{', '.join(map(repr, self.layers))}]"
