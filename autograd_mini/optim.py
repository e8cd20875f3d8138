"""Optimisers: from the gradient to a change of the parameters.

The same rule is used in two ways: ``update(theta, gradient)`` works on flat arrays (P,), as the
Trainer calls it, and ``step()`` works on the Values themselves, as in PyTorch. Every optimiser
raises TypeError or ValueError for parameters that are not leaf Values and for numbers out of range.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from autograd_mini.engine.value import Value
from autograd_mini.format import brief, described, similar

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

Array: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]


def _bound(limit: float, name: str) -> None:
    if isinstance(limit, bool) or not isinstance(limit, (int, float)) or not limit > 0.0:
        raise ValueError(f"{name}: limit is {described(limit)}; a number above 0 is needed")


def clip_norm(gradient: Array, limit: float) -> Array:
    """Return the gradient g (P,), scaled down to norm ``limit`` where its norm is larger: g·min(1, limit/‖g‖).

    Raises ValueError where ``limit`` is not a number above 0.
    """
    _bound(limit, "clip_norm")
    norm = float(np.sqrt(np.dot(gradient, gradient)))
    return np.multiply(gradient, limit / norm) if norm > limit else np.asarray(gradient)


def clip_value(gradient: Array, limit: float) -> Array:
    """Return the gradient (P,) with every component clipped to [−limit, limit].

    Raises ValueError where ``limit`` is not a number above 0.
    """
    _bound(limit, "clip_value")
    if not isinstance(gradient, np.ndarray) or gradient.dtype.kind not in "fiu":
        raise TypeError(f"clip_value: gradient is {described(gradient)}; an array of numbers is needed")
    return np.clip(gradient, -limit, limit)


class Optimizer:
    """Base class of the optimisers: a subclass defines ``change``, what one gradient subtracts from θ.

    ``lr``          learning rate
    ``clip_norm``   largest norm of a gradient; a larger gradient is scaled down to it
    ``clip_value``  largest absolute value of a component of the gradient
    ``factor``      the schedule's factor on the learning rate

    State (momentum and the like) is a dict of flat arrays, ``slots``, created at the first step.
    """

    names: tuple[str, ...] = ()
    """The slots a subclass uses; each starts at 0."""

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: float,
        *,
        clip_norm: float | None = None,
        clip_value: float | None = None,
    ) -> None:
        self.parameters = self._values(parameters)
        self._check(lr=lr)
        for name, limit in (("clip_norm", clip_norm), ("clip_value", clip_value)):
            if limit is not None:
                self._check(**{name: limit})
        self.lr, self.clip_norm, self.clip_value = lr, clip_norm, clip_value
        self.factor = 1.0
        self.steps = 0
        self.slots: dict[str, Array] = {}
        self._room = (np.empty(0), np.empty(0))

    def _values(self, parameters: Iterable[Value]) -> list[Value]:
        """Return the parameters as a list; raise where one is not a leaf or is given twice."""
        name = type(self).__name__
        if callable(parameters) or not isinstance(parameters, Iterable) or hasattr(parameters, "encode"):
            raise TypeError(
                f"{name}: parameters must be Values, at least one; this is a {type(parameters).__name__}: "
                "give model.parameters(), with its brackets"
            )
        found = list(parameters)
        strange = [each for each in found if not isinstance(each, Value)]
        if not found or strange:
            told = f"; one of them is a {type(strange[0]).__name__}" if strange else ""
            raise TypeError(f"{name}: parameters must be Values, at least one{told}; give model.parameters()")
        for each in found:
            if not each.is_leaf:
                raise ValueError(
                    f"{name}: {each!r} is computed from others; parameters are leaves, such as parameter(0.5)"
                )
        if len({id(each) for each in found}) < len(found):
            raise ValueError(f"{name}: a parameter is given twice; give each once")
        return found

    def _real(self, name: str, number: object) -> float:
        if isinstance(number, bool) or not isinstance(number, (int, float, np.floating, np.integer)):
            raise TypeError(
                f"{type(self).__name__}: {name} is {brief(repr(number))}, a {type(number).__name__}; a number is needed"
            )
        return float(number)

    def _check(self, **numbers: float) -> None:
        for name, number in numbers.items():
            if not 0.0 < self._real(name, number) < math.inf:
                raise ValueError(f"{type(self).__name__}: {name} is {number!r}; a finite number above 0 is needed")

    def _check_fraction(self, **numbers: float) -> None:
        for name, number in numbers.items():
            if not 0.0 <= self._real(name, number) < 1.0:
                raise ValueError(f"{type(self).__name__}: {name} is {number!r}; a number in [0, 1) is needed")

    def _check_weight(self, **numbers: float) -> None:
        for name, number in numbers.items():
            if not 0.0 <= self._real(name, number) < math.inf:
                raise ValueError(
                    f"{type(self).__name__}: {name} is {number!r}; a finite number of at least 0 is needed"
                )

    def room(self, size: int) -> tuple[Array, Array]:
        """Return two arrays (size,) for intermediate results; the same two at every step, so that none is allocated."""
        if len(self._room[0]) != size:
            self._room = np.empty(size), np.empty(size)
        return self._room

    def change(self, theta: Array, gradient: Array, lr: float) -> Array:
        """Return what is subtracted from ``theta`` (P,) for this gradient (P,); the array may be one of ``room``."""
        raise NotImplementedError(f"{type(self).__name__} has no change; define change(self, theta, gradient, lr)")

    def update(self, theta: Array, gradient: Array) -> None:
        """Change ``theta`` in place by one step for ``gradient``, both arrays (P,)."""
        if gradient.__class__ is not np.ndarray or theta.__class__ is not np.ndarray or theta.shape != gradient.shape:
            raise ValueError(
                f"{type(self).__name__}: theta and gradient must be arrays of one shape, got "
                f"{getattr(theta, 'shape', described(theta))} and {getattr(gradient, 'shape', described(gradient))}"
            )
        if not self.slots and self.names:
            self.slots = {name: np.zeros_like(theta) for name in self.names}
        if self.clip_value is not None:
            gradient = clip_value(gradient, self.clip_value)
        if self.clip_norm is not None:
            gradient = clip_norm(gradient, self.clip_norm)
        self.steps += 1
        theta -= self.change(theta, gradient, self.lr * self.factor)

    def step(self) -> None:
        """Change the parameters by one step for their ``grad``."""
        theta = np.array([p.data for p in self.parameters])
        self.update(theta, np.array([p.grad for p in self.parameters], dtype=float))
        for p, number in zip(self.parameters, theta.tolist(), strict=True):
            p.data = number

    def zero_grad(self) -> None:
        """Reset the gradient of every parameter to 0."""
        for p in self.parameters:
            p.zero_grad()

    def state_dict(self) -> dict[str, Any]:
        """Return the state that a later run needs to continue, as plain numbers and lists."""
        return {
            "kind": type(self).__name__,
            "lr": self.lr,
            "factor": self.factor,
            "steps": self.steps,
            "slots": {name: slot.tolist() for name, slot in self.slots.items()},
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue from ``state``; ValueError where it belongs to another optimiser or has another size."""
        name, count = type(self).__name__, len(self.parameters)
        needed = ("kind", "lr", "factor", "steps", "slots")
        missing = ", ".join(repr(key) for key in needed if not isinstance(state, Mapping) or key not in state)
        if missing:
            raise ValueError(f"{name}: the state lacks {missing}; give what state_dict() returned")
        if state["kind"] != name:
            raise ValueError(
                f"the state is that of {state['kind']}, this optimiser is {name}; use the one that was saved"
            )
        slots = {key: np.array(slot, dtype=np.float64) for key, slot in state["slots"].items()}
        if slots and (set(slots) != set(self.names) or any(slot.shape != (count,) for slot in slots.values())):
            raise ValueError(
                f"the state has {', '.join(f'{k} of {v.size}' for k, v in slots.items())}; "
                f"{name} of {count} parameters needs {' and '.join(self.names) or 'none'} of {count}"
            )
        self.slots, self.steps = slots, int(state["steps"])
        self.lr, self.factor = float(state["lr"]), float(state["factor"])


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
