"""Activations as modules; as functions they are the primitives of the same names.

Each is applied to every element of its input, at any depth of nesting: a number, a list, an
image. The output has the nesting of the input, as lists. Derivatives and accuracy are those of
the primitives, for example ``help(autograd_mini.gelu)``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from autograd_mini.nn.module import Module
from autograd_mini.nn.neuron import as_activation
from autograd_mini.primitives import table as table
from autograd_mini.primitives.floats import as_number
from autograd_mini.primitives.table import elu, gelu, identity, leaky_relu, relu, sigmoid, silu, softplus, step, tanh

__all__ = [
    "ELU", "Activation", "GELU", "Identity", "LeakyReLU", "ReLU", "Sigmoid", "SiLU", "Softplus", "Step", "Tanh",
    "elu", "gelu", "identity", "leaky_relu", "relu", "sigmoid", "silu", "softplus", "step", "tanh",
]  # fmt: skip

S = TypeVar("S")


def each(function: Callable[[Any], Any], signal: Any) -> Any:
    """Return ``function`` of every number or Value in nested lists, tuples or arrays, as nested lists."""
    if isinstance(signal, (list, tuple)) or (isinstance(signal, np.ndarray) and signal.ndim):
        return [each(function, item) for item in signal]
    return function(signal)


class Activation(Module):
    """A function of one number, applied to every element: any shape → the same shape.

    Raises TypeError where ``function`` cannot be called.
    """

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self.function = as_activation(function)

    if TYPE_CHECKING:

        def __call__(self, signal: S) -> S: ...  # type: ignore[override]  # noqa: D102

    def forward(self, signal: S) -> S:
        """Return the function of every element, in the nesting of ``signal``; of an array as nested lists."""
        return each(self.function, signal)  # type: ignore[no-any-return]

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class Identity(Activation):
    """x itself: the activation of a linear layer."""

    def __init__(self) -> None:
        super().__init__(identity)


class Step(Activation):
    """1 where x > 0, else 0. The derivative is 0 everywhere, so layers before it do not learn."""

    def __init__(self) -> None:
        super().__init__(step)


class ReLU(Activation):
    """max(x, 0); derivative 1 where x > 0, else 0 (at the kink x = 0 too)."""

    def __init__(self) -> None:
        super().__init__(relu)


class Sigmoid(Activation):
    """σ(x) = 1/(1 + e⁻ˣ); derivative σ(x) σ(−x)."""

    def __init__(self) -> None:
        super().__init__(sigmoid)


class Tanh(Activation):
    """tanh x; derivative 1 − tanh² x."""

    def __init__(self) -> None:
        super().__init__(tanh)


class Softplus(Activation):
    """ln(1 + eˣ), without overflow; derivative σ(x)."""

    def __init__(self) -> None:
        super().__init__(softplus)


class SiLU(Activation):
    """x σ(x), also called swish (Elfwing, Uchibe and Doya 2018)."""

    def __init__(self) -> None:
        super().__init__(silu)


class GELU(Activation):
    """x Φ(x) with the normal distribution function Φ, exact, no tanh formula (Hendrycks and Gimpel 2016)."""

    def __init__(self) -> None:
        super().__init__(gelu)


class LeakyReLU(Activation):
    """x where x > 0, slope·x elsewhere; at the kink x = 0 the derivative is the smaller of slope and 1, at least 0.

    Source: Maas, Hannun and Ng 2013.
    """

    def __init__(self, slope: float = 0.01) -> None:
        self.slope = as_number(slope, "LeakyReLU")
        super().__init__(lambda x: table.leaky_relu(x, self.slope))

    def __repr__(self) -> str:
        return f"LeakyReLU({self.slope:g})"


class ELU(Activation):
    """x where x > 0, α(eˣ − 1) elsewhere; at x = 0 the derivative is the smaller of α and 1, at least 0.

    Source: Clevert, Unterthiner and Hochreiter 2016.
    """

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = as_number(alpha, "ELU")
        super().__init__(lambda x: table.elu(x, self.alpha))

    def __repr__(self) -> str:
        return f"ELU({self.alpha:g})"
