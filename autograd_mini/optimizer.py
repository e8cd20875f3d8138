"""What all optimisers share: parameters, rate, slots, clipping, steps, and the state that is saved."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import numpy as np

from autograd_mini.engine.value import Value
from autograd_mini.format import brief, described

__all__ = ["Array", "Optimizer", "clip_norm", "clip_value"]

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
