"""check_gradients: compare a gradient with two methods that use no derivative rule.

One is finite differences with an error estimate (``differences``), for one number at a time. The
other is Taylor's theorem along a random direction d: f(x + h·d) − f(x) − h·g·d shrinks as h² for
the right gradient g, and as h for a wrong one.
"""

from __future__ import annotations

import inspect
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median
from typing import Any

from autograd_mini.check.differences import ROUNDING, Difference, Scalars
from autograd_mini.check.report import SAFETY, Derivative, GradientError, GradientReport, Verdict, to_error
from autograd_mini.check.suspect import Suspect, suspect
from autograd_mini.engine.value import Value
from autograd_mini.format import number
from autograd_mini.transforms.functions import value_and_grad
from autograd_mini.transforms.structure import flatten

__all__ = ["check_gradients", "judge"]

TOLERANCE = 1e-6  # relative


def check_gradients(function: Callable[..., Any], *args: Any, raise_on_failure: bool = True) -> GradientReport:
    """Compare the gradient of ``function`` at ``args`` with finite differences, and return a report.

    ``function`` takes numbers, nested lists, tuples, dicts or arrays, and returns one scalar; every
    number in ``args`` is checked. It is called about 20 times per number.

    Raises GradientError (an AssertionError), which shows the table, where a derivative is wrong,
    unless ``raise_on_failure`` is False. A kink is not an error as long as reverse mode returned a
    number between the derivatives from both sides.

    >>> print(check_gradients(lambda x: abs(x) + x, 0.0))
    argument   at   reverse mode   differences   ±   verdict
    x          0    1              –                 kink
    kink at x = 0: left 0, right 2; reverse mode returned 1, a subgradient between
    Taylor remainder: rounding only
    """
    scalars = Scalars(function, args, _names(function, len(args)))
    numbers = scalars.arguments(scalars.numbers)
    places = tuple(range(len(args)))
    value, gradient = value_and_grad(function, places)(*numbers) if args else (function(), ())
    reverse, value = _floats(gradient), _floats(value)[0]
    derivatives = tuple(
        Derivative(name, at, derivative, found, *judge(derivative, found, value))
        for name, at, derivative, found in zip(
            scalars.names, scalars.numbers, reverse, scalars.differences(), strict=True
        )
    )
    report = GradientReport(value, derivatives, _taylor_slope(scalars, value, derivatives))
    if not report.ok:
        report = replace(report, suspect=_suspect(scalars))
    if raise_on_failure and not report.ok:
        raise GradientError(report)
    return report


def _suspect(scalars: Scalars) -> Suspect | None:
    result = scalars.function(*scalars.arguments([Value(number) for number in scalars.numbers]))
    (output,), _ = flatten(result, "the result of the function")
    if not isinstance(output, Value):
        return None
    return suspect(output, lambda partial, found, value: judge(partial, found, value)[0] == "WRONG")


def _names(function: Callable[..., Any], count: int) -> list[str]:
    """The parameters of ``function``, or args[0], args[1], …"""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):  # a callable without a signature
        parameters = []
    positional = [each.name for each in parameters if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)]
    return [positional[i] if i < len(positional) else f"args[{i}]" for i in range(count)]


def _floats(tree: Any) -> list[float]:
    """Return the numbers of a tree, in which Values may occur where the function captures some."""
    return [leaf.data if isinstance(leaf, Value) else leaf for leaf in flatten(tree, "a result")[0]]


def judge(reverse: float, found: Difference, value: float) -> tuple[Verdict, str]:
    """Return the verdict on one derivative, and the reason, "" where it agrees."""
    natures = (found.left_is, found.right_is)
    if not math.isfinite(value):
        return "unclear", f"the function is {number(value)} here, so finite differences say nothing"
    if found.is_kink:
        return _judge_kink(reverse, found.left.value, found.right.value, found.left.error + found.right.error)
    best = found.best
    if "smooth" not in natures and reverse in (math.inf, -math.inf):
        sides = zip(natures, (found.left.value, found.right.value), strict=True)
        slopes = [slope for nature, slope in sides if nature == "vertical"]
        if slopes and all(slope * reverse > 0.0 for slope in slopes):
            return "vertical", f"the tangent is vertical; reverse mode returned the limit {number(reverse)}"
    if not best.is_known:
        return _judge_unknown(reverse, natures)
    doubt = SAFETY * best.error + TOLERANCE * max(abs(best.value), abs(reverse))
    agrees = abs(reverse - best.value) <= doubt and math.isfinite(reverse)
    if natures.count("smooth") != 1:
        note = f"reverse mode returned {number(reverse)}, differences give {to_error(best)} ± {number(best.error, 1)}"
        return ("agrees", "") if agrees else ("WRONG", note)
    side, other = ("left", natures[1]) if natures[0] == "smooth" else ("right", natures[0])
    away = {"outside": "is outside the domain", "jump": "jumps", "vertical": "is vertical"}.get(other, "is unclear")
    note = f"{side} derivative {to_error(best)}, the other side {away}; reverse mode returned {number(reverse)}"
    if agrees:
        return ("jump" if other == "jump" else "edge" if other == "outside" else "kink"), note
    if other == "jump":  # a step, or rounding inside the function that looks like one: there is nothing to compare with
        return "unclear", note
    return ("unclear" if other != "outside" and not math.isfinite(reverse) else "WRONG"), note


def _judge_kink(reverse: float, left: float, right: float, error: float) -> tuple[Verdict, str]:
    low, high = sorted((left, right))
    doubt = SAFETY * error + TOLERANCE * max(abs(low), abs(high))
    note = f"left {number(left)}, right {number(right)}; reverse mode returned "
    if not low - doubt <= reverse <= high + doubt:
        return "WRONG", f"{note}{number(reverse)}, which is not between"
    least = min(max(0.0, low), high)
    for what, candidate in (
        ("the least-norm subgradient ", least),
        ("the left derivative ", left),
        ("the right derivative ", right),
    ):
        if abs(reverse - candidate) <= doubt:
            return "kink", f"{note}{what}{number(reverse)}"
    return "kink", f"{note}{number(reverse)}, a subgradient between"


def _judge_unknown(reverse: float, natures: Sequence[str]) -> tuple[Verdict, str]:
    if "jump" in natures:
        flat = " (steps are flat)" if reverse == 0.0 else ""
        return "jump", f"the function jumps here; reverse mode returned {number(reverse)}{flat}"
    if "vertical" in natures:
        return "unclear", f"the tangent is vertical; reverse mode returned {number(reverse)}"
    return "unclear", f"differences do not converge; reverse mode returned {number(reverse)}"


def _taylor_slope(scalars: Scalars, value: float, derivatives: Sequence[Derivative]) -> float | None:
    """Return the order p in f(x + h·d) − f(x) − h·g·d ~ hᵖ for a random direction d; None where it is rounding only.

    Numbers at a kink, a jump or an edge are not moved.
    """
    dice = random.Random(0)
    direction = [
        dice.choice((-1.0, 1.0)) * dice.uniform(0.5, 1.0) * max(abs(each.at), 1.0)
        if each.verdict in ("agrees", "WRONG") and math.isfinite(each.reverse)
        else 0.0
        for each in derivatives
    ]
    moving = [(each.reverse, each.at, d) for each, d in zip(derivatives, direction, strict=True) if d]
    rise = math.fsum(slope * d for slope, _, d in moving)
    inputs = max((abs(slope * x) for slope, x, _ in moving), default=0.0)  # the error by rounding of the inputs
    clear: list[float] = []
    for level in range(3, 30):
        step = 2.0**-level
        there = scalars.at([x + step * d for x, d in zip(scalars.numbers, direction, strict=True)])
        remainder = abs(there - value - step * rise)
        rounding = ROUNDING * max(abs(there), abs(value), abs(step * rise), inputs)
        if not math.isfinite(remainder):
            clear.clear()
        elif remainder > 100.0 * rounding:
            clear.append(remainder)
        elif clear:
            break
    tail = clear[-4:]
    if len(tail) < 3:
        return None
    return median(math.log2(a / b) for a, b in pairwise(tail))
