"""A rule: the local derivatives of a primitive as they are given, by a function, constants or text."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from numbers import Real
from typing import Any, TypeAlias

__all__ = [
    "NO_FLOW",
    "REALS",
    "Constants",
    "Interval",
    "Rule",
    "check_count",
    "named",
    "read_partials",
    "read_value",
    "without_zeros",
]

Interval: TypeAlias = tuple[float, float]
Constants: TypeAlias = "tuple[float | None, ...]"
Rule: TypeAlias = Callable[..., Any]
REALS: Interval = (-math.inf, math.inf)

NO_FLOW: None = None
"""The partial of an argument to which no adjoint flows: a constant exponent, the branch
``where`` did not take, a step. It is None, not 0: engines skip the edge, so that an infinite
partial further down cannot make nan of 0·inf. A rule chooses it with
``where(condition, partial, NO_FLOW)``, alone and not inside further arithmetic."""


def read_value(value: Callable[..., Any] | str, infix: str) -> tuple[Callable[..., Any], str]:
    """Return a value and its text, "" where it has none."""
    if isinstance(value, str):
        function: Callable[..., Any] = eval(f"lambda x{', y' * ('y' in value)}: {value}")
        return function, value
    return value, f"x {infix} y" if infix else ""


def read_partials(partials: Rule | Constants | str | None) -> tuple[Rule | Constants | None, tuple[str, ...]]:
    """Return a rule and its text: of text the function, of constants their text, of a function no text."""
    if isinstance(partials, str):
        rule: Rule = eval(f"lambda x, {'y, ' * (',' in partials)}out: ({partials})")
        return rule, tuple(part.strip() for part in partials.split(","))
    if isinstance(partials, tuple):  # a constant 0 never flows
        partials = tuple(None if partial == 0.0 else partial for partial in partials)
        return partials, tuple(map(repr, partials))
    return partials, ()


def check_count(name: str, value: Callable[..., Any], partials: Rule | Constants, arity: int, domain: Any) -> None:
    """Raise TypeError where a rule gives another number of partials than there are arguments, as seen at one point."""
    found: Any = partials
    if callable(partials):
        ends = [(max(low, -1e3), min(high, 1e3)) for low, high in (domain or (REALS,) * arity)]
        point = [low + 0.625 * (high - low) for low, high in ends]
        try:
            found = partials(*point, value(*point))
        except Exception:  # the rule asks for more than numbers, or is not defined there: nothing was seen
            return
    count = len(found) if isinstance(found, tuple) else 1
    if count != arity:
        raise TypeError(
            f"primitive {name!r}: partials gives {count} of them for {arity} arguments; a tuple with one per argument "
            "is needed"
        )


class _Unknown:
    """An argument about which nothing is known: whatever is computed from it is unknown too."""

    def __apply__(self, primitive: object, args: tuple[Any, ...]) -> Any:
        return self

    def _answer(self, *others: Any) -> _Unknown:
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _answer
    __pow__ = __rpow__ = __neg__ = __pos__ = __abs__ = _answer
    __lt__ = __le__ = __gt__ = __ge__ = __eq__ = __ne__ = _answer  # type: ignore[assignment]

    def __bool__(self) -> bool:
        raise _NotConstantError

    __hash__ = object.__hash__


class _NotConstantError(Exception):
    """A rule asked whether an unknown holds: what it returns depends on the arguments."""


def without_zeros(rule: Rule, arity: int) -> Rule | Constants:
    """Return a rule that says NO_FLOW where ``rule`` says 0.0 whatever the arguments are, as for a constant argument.

    A rule that asks its arguments anything (by ``if``, or with a function that takes floats
    alone) is left as it is: what it computes, a 0 too, is a number.
    """
    unknown = _Unknown()
    try:
        found = rule(*[unknown] * arity, unknown)
    except Exception:  # whatever a rule raises on an argument that is no number says nothing of numbers
        return rule
    slots = found if isinstance(found, tuple) else (found,)
    still = [isinstance(each, Real) and each == 0.0 for each in slots]
    if not any(still):
        return rule
    if all(still):
        return (NO_FLOW,) * arity

    def partials(*args: Any) -> tuple[Any, ...]:
        return tuple(NO_FLOW if zero else each for each, zero in zip(rule(*args), still, strict=True))

    return partials


def named(*names: str) -> Callable[[Rule], Rule]:
    """Tell help and completion the names of the arguments of a function that takes them as ``*args``."""

    def decorate(function: Rule) -> Rule:
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        function.__signature__ = inspect.Signature([inspect.Parameter(name, kind) for name in names])  # type: ignore[attr-defined]
        return function

    return decorate
