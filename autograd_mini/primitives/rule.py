"""A rule: the local derivatives of a primitive, given as a function, as constants or as text."""

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
partial behind it cannot give 0·inf = nan. A rule chooses it with
``where(condition, partial, NO_FLOW)``, alone and not inside further arithmetic."""


def read_value(value: Callable[..., Any] | str, infix: str) -> tuple[Callable[..., Any], str]:
    """Return the function of a value and its text, "" where it was not given as text."""
    if isinstance(value, str):
        function: Callable[..., Any] = eval(f"lambda x{', y' * ('y' in value)}: {value}")
        return function, value
    return value, f"x {infix} y" if infix else ""


def read_partials(partials: Rule | Constants | str | None) -> tuple[Rule | Constants | None, tuple[str, ...]]:
    """Return the function of a rule and its text; a rule given as a function has no text."""
    if isinstance(partials, str):
        rule: Rule = eval(f"lambda x, {'y, ' * (',' in partials)}out: ({partials})")
        return rule, tuple(part.strip() for part in partials.split(","))
    if isinstance(partials, tuple):  # a constant 0 is NO_FLOW
        partials = tuple(None if partial == 0.0 else partial for partial in partials)
        return partials, tuple(map(repr, partials))
    return partials, ()


def check_count(name: str, value: Callable[..., Any], partials: Rule | Constants, arity: int, domain: Any) -> None:
    """Raise TypeError where a rule, tried at one point, does not return one partial per argument."""
    found: Any = partials
    if callable(partials):
        ends = [(max(low, -1e3), min(high, 1e3)) for low, high in (domain or (REALS,) * arity)]
        point = [low + 0.625 * (high - low) for low, high in ends]
        try:
            found = partials(*point, value(*point))
        except Exception:  # the rule needs more than numbers, or is not defined there: no conclusion
            return
    count = len(found) if isinstance(found, tuple) else 1
    if count != arity:
        raise TypeError(
            f"primitive {name!r}: partials gives {count} of them for {arity} arguments; a tuple with one per argument "
            "is needed"
        )


class _Unknown:
    """An unknown argument: every result computed from it is unknown too."""

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
    """A rule called ``bool`` on an unknown: its result depends on the arguments."""


def without_zeros(rule: Rule, arity: int) -> Rule | Constants:
    """Return a rule that gives NO_FLOW where ``rule`` gives 0.0 for all arguments.

    A rule that depends on its arguments by ``if``, or calls a function that takes only floats, is
    returned unchanged: a 0 that it computes remains a number.
    """
    unknown = _Unknown()
    try:
        found = rule(*[unknown] * arity, unknown)
    except Exception:  # what a rule raises for an unknown says nothing about numbers
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
