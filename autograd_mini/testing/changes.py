"""State that changes between calls: functions that read it from a list, a closure…, and a way to set it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import FunctionType, SimpleNamespace
from typing import Any, TypeAlias

import numpy as np

from autograd_mini.engine.value import Value, parameter
from autograd_mini.primitives.table import tanh

__all__ = ["PLACES", "Changing", "keep"]

Number: TypeAlias = Value | float
Formula: TypeAlias = Callable[[Value, Number], Value]

FORMULAS: tuple[Formula, ...] = (
    lambda x, state: x * state + 1.0,
    lambda x, state: tanh(x + state) * x,
    lambda x, state: x * x if state > 0.0 else x - state,
)


@dataclass(frozen=True)
class Changing:
    """A function of one number whose result also depends on a state outside of it.

    ``place``     where the state is stored: "value", "attribute", "list", "length", "dict", "closure" or "array"
    ``function``  the function; its result depends on the current state
    ``change``    sets the state to a number
    ``calls``     pairs (x, state): set the state, then call with x
    """

    place: str
    function: Callable[[Value], Value]
    change: Callable[[float], None]
    calls: tuple[tuple[float, float], ...]


def _value(formula: Formula) -> tuple[Callable[[Value], Value], Callable[[float], None]]:
    weight = parameter(0.5, "w")

    def change(to: float) -> None:
        weight.data = to

    return lambda x: formula(x, weight), change


def _attribute(formula: Formula) -> tuple[Callable[[Value], Value], Callable[[float], None]]:
    settings = SimpleNamespace(rate=0.5)

    def change(to: float) -> None:
        settings.rate = to

    return lambda x: formula(x, settings.rate), change


def _list(formula: Formula) -> tuple[Callable[[Value], Value], Callable[[float], None]]:
    numbers = [0.5]

    def change(to: float) -> None:
        numbers[0] = to

    return lambda x: formula(x, numbers[0]), change


def _length(formula: Formula) -> tuple[Callable[[Value], Value], Callable[[float], None]]:
    numbers = [0.5]

    def change(to: float) -> None:
        numbers[:] = [to] * (1 + int(abs(to)) % 3)

    def function(x: Value) -> Value:
        for number in numbers:
            x = formula(x, number)
        return x

    return function, change


def _dict(formula: Formula) -> tuple[Callable[[Value], Value], Callable[[float], None]]:
    numbers = {"rate": 0.5}

    def change(to: float) -> None:
        numbers["rate"] = to

    return lambda x: formula(x, numbers["rate"]), change


def _closure(formula: Formula) -> tuple[Callable[[Value], Value], Callable[[float], None]]:
    state = 0.5

    def change(to: float) -> None:
        nonlocal state
        state = to

    return lambda x: formula(x, state), change


def _array(formula: Formula) -> tuple[Callable[[Value], Value], Callable[[float], None]]:
    numbers = np.array([0.5, 1.0])

    def change(to: float) -> None:
        numbers[0] = to

    return lambda x: formula(x, float(numbers[0])), change


PLACES: dict[str, Callable[[Formula], tuple[Callable[[Value], Value], Callable[[float], None]]]] = {
    "value": _value, "attribute": _attribute, "list": _list, "length": _length, "dict": _dict, "closure": _closure,
    "array": _array,
}  # fmt: skip


def keep(place: str, formula: int, calls: tuple[tuple[float, float], ...]) -> Changing:
    """Return a new function whose state is stored in ``place``."""
    function, change = PLACES[place](_as_a_users(FORMULAS[formula]))
    return Changing(place, _as_a_users(function), change, calls)


def _as_a_users(function: Callable[..., Value]) -> Any:
    """Make a function count as the user's code: functions in files of this package are assumed to have no state."""
    assert isinstance(function, FunctionType)
    code = function.__code__.replace(co_filename="<changing>")
    return FunctionType(code, function.__globals__, function.__name__, function.__defaults__, function.__closure__)
