"""Optimisers: from the gradient to a change of the parameters.

The same rule is used in two ways: ``update(theta, gradient)`` works on flat arrays (P,), as the
Trainer calls it, and ``step()`` works on the Values themselves, as in PyTorch. Every optimiser
raises TypeError or ValueError for parameters that are not leaf Values and for numbers out of range.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from autograd_mini.engine.value import Value
from autograd_mini.format import described, similar
from autograd_mini.optimizer import Array, Optimizer, clip_norm, clip_value

__all__ = [
    "AdaGrad",
    "Adam",
    "AdamW",
    "Optimizer",
    "OptimizerName",
    "RMSProp",
    "SGD",
    "clip_norm",
    "clip_value",
    "named",
]


class SGD(Optimizer):
    """Gradient descent: θ −= lr·g, with g += weight_decay·θ.

    With ``momentum`` μ: v = μv + g, θ −= lr·v; with ``nesterov``: θ −= lr·(g + μv)
    (Sutskever et al. 2013, in PyTorch's form).
    """

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: float = 0.01,
        *,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
        clip_norm: float | None = None,
        clip_value: float | None = None,
    ) -> None:
        super().__init__(parameters, lr, clip_norm=clip_norm, clip_value=clip_value)
        self._check_fraction(momentum=momentum)
        self._check_weight(weight_decay=weight_decay)
        if nesterov and not momentum:
            raise ValueError("SGD: nesterov needs a momentum above 0, as in momentum=0.9")
        self.momentum, self.nesterov, self.weight_decay = momentum, nesterov, weight_decay
        self.names = ("velocity",) if momentum else ()

    def change(self, theta: Array, gradient: Array, lr: float) -> Array:
        """Return lr·g, lr·v or lr·(g + μv)."""
        made, held = self.room(len(theta))
        if self.weight_decay:
            gradient = np.add(gradient, np.multiply(theta, self.weight_decay, held), held)
        if not self.momentum:
            return np.multiply(gradient, lr, made)
        velocity = self.slots["velocity"]
        velocity *= self.momentum
        velocity += gradient
        if not self.nesterov:
            return np.multiply(velocity, lr, made)
        return np.multiply(np.add(gradient, np.multiply(velocity, self.momentum, made), made), lr, made)


class AdaGrad(Optimizer):
    """θ −= lr·g/(√Σg² + ε), with the sum over all steps so far (Duchi et al. 2011)."""

    names = ("squares",)

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: float = 0.01,
        *,
        epsilon: float = 1e-10,
        clip_norm: float | None = None,
        clip_value: float | None = None,
    ) -> None:
        super().__init__(parameters, lr, clip_norm=clip_norm, clip_value=clip_value)
        self._check(epsilon=epsilon)
        self.epsilon = epsilon

    def change(self, theta: Array, gradient: Array, lr: float) -> Array:
        """Return lr·g/(√Σg² + ε)."""
        made, held = self.room(len(theta))
        squares = self.slots["squares"]
        squares += np.multiply(gradient, gradient, held)
        root = np.add(np.sqrt(squares, held), self.epsilon, held)
        return np.divide(np.multiply(gradient, lr, made), root, made)


class RMSProp(Optimizer):
    """v = ρv + (1 − ρ)g², θ −= lr·g/(√v + ε) (Tieleman and Hinton 2012)."""

    names = ("squares",)

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: float = 0.01,
        *,
        decay: float = 0.99,
        epsilon: float = 1e-8,
        clip_norm: float | None = None,
        clip_value: float | None = None,
    ) -> None:
        super().__init__(parameters, lr, clip_norm=clip_norm, clip_value=clip_value)
        self._check(epsilon=epsilon)
        self._check_fraction(decay=decay)
        self.decay, self.epsilon = decay, epsilon

    def change(self, theta: Array, gradient: Array, lr: float) -> Array:
        """Return lr·g/(√v + ε)."""
        made, held = self.room(len(theta))
        squares = self.slots["squares"]
        squares *= self.decay
        squares += np.multiply(np.multiply(gradient, 1.0 - self.decay, held), gradient, held)
        root = np.add(np.sqrt(squares, held), self.epsilon, held)
        return np.divide(np.multiply(gradient, lr, made), root, made)


class Adam(Optimizer):
    """m = β₁m + (1−β₁)g, v = β₂v + (1−β₂)g², θ −= lr·m̂/(√v̂ + ε) with m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ).

    ``betas`` are (β₁, β₂), ``epsilon`` is ε; ``weight_decay`` (default 0) adds weight_decay·θ to g.
    (Kingma and Ba 2015.)
    """

    names = ("mean", "squares")
    usual_decay, decoupled = 0.0, False

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: float = 0.001,
        *,
        betas: tuple[float, float] = (0.9, 0.999),
        epsilon: float = 1e-8,
        weight_decay: float | None = None,
        clip_norm: float | None = None,
        clip_value: float | None = None,
    ) -> None:
        super().__init__(parameters, lr, clip_norm=clip_norm, clip_value=clip_value)
        weight_decay = self.usual_decay if weight_decay is None else weight_decay
        self._check(epsilon=epsilon)
        if not isinstance(betas, (tuple, list)) or len(betas) != 2:
            raise TypeError(f"{type(self).__name__}: betas is {betas!r}; two numbers are needed, as in (0.9, 0.999)")
        self._check_fraction(beta1=betas[0], beta2=betas[1])
        self._check_weight(weight_decay=weight_decay)
        self.betas, self.epsilon, self.weight_decay = betas, epsilon, weight_decay

    def change(self, theta: Array, gradient: Array, lr: float) -> Array:
        """Return lr·m̂/(√v̂ + ε), plus lr·weight_decay·θ where the decay is decoupled."""
        beta1, beta2 = self.betas
        made, held = self.room(len(theta))
        if self.weight_decay and not self.decoupled:
            gradient = gradient + np.multiply(theta, self.weight_decay, held)
        mean, squares = self.slots["mean"], self.slots["squares"]
        mean *= beta1
        mean += np.multiply(gradient, 1.0 - beta1, held)
        squares *= beta2
        squares += np.multiply(np.multiply(gradient, 1.0 - beta2, held), gradient, held)
        root = np.divide(np.sqrt(squares, held), math.sqrt(1.0 - beta2**self.steps), held)
        root += self.epsilon
        np.divide(np.multiply(mean, lr / (1.0 - beta1**self.steps), made), root, made)
        if self.weight_decay and self.decoupled:
            made += np.multiply(theta, lr * self.weight_decay, held)
        return made


class AdamW(Adam):
    """Adam with decoupled weight decay (default 0.01): besides Adam's step, θ −= lr·weight_decay·θ.

    Other arguments as in ``Adam``. Source: Loshchilov and Hutter 2019.
    """

    usual_decay, decoupled = 0.01, True


OptimizerName: TypeAlias = Literal["sgd", "adagrad", "rmsprop", "adam", "adamw"]
"""The names that a Trainer takes."""
OPTIMIZERS: dict[str, type[Optimizer]] = {each.__name__.lower(): each for each in (SGD, AdaGrad, RMSProp, Adam, AdamW)}
USUAL = {"momentum": "SGD", "nesterov": "SGD", "nadam": "Adam", "gradientdescent": "SGD", "lbfgs": "Adam"}


def named(name: str) -> type[Optimizer]:
    """Return the optimiser of this name, in any case of letters; ValueError where there is none."""
    if not isinstance(name, str):
        raise TypeError(f"the name of an optimiser is {described(name)}; a text such as 'adam' is needed")
    found = OPTIMIZERS.get(name.lower())
    if found is None:
        known = [each.__name__ for each in OPTIMIZERS.values()]
        raise ValueError(f"there is no optimiser {name!r}{similar(name, known, USUAL)}; there are {', '.join(known)}")
    return found


if not TYPE_CHECKING:  # a type checker knows the names that are there

    def __getattr__(name: str) -> Any:
        raise AttributeError(f"optim has no {name!r}{similar(name, __all__, USUAL)}")
