"""The result of a gradient check: each derivative by both methods, the report, and the error that contains it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from autograd_mini.check.differences import UNKNOWN, Difference, Estimate
from autograd_mini.check.suspect import Suspect
from autograd_mini.format import columns, number

__all__ = [
    "SAFETY",
    "Derivative",
    "GradientError",
    "GradientReport",
    "Outcome",
    "Reason",
    "Verdict",
    "numeric_cells",
    "to_error",
]

Verdict: TypeAlias = Literal["agrees", "kink", "vertical", "edge", "jump", "unclear", "WRONG"]
Outcome: TypeAlias = Literal["pass", "fail", "inconclusive"]
Reason: TypeAlias = Literal["", "kink", "cancellation", "nan"]
PROMISE = 1e-3, 1e-6
"""The accuracy of "pass": each derivative is right to a thousandth, or to a millionth of the function's size."""
SAFETY = 50.0  # times the estimated error, because an estimate may be too small by chance
SHOWN = 40  # rows of a table; of more derivatives, those that do not agree are shown first


class GradientError(AssertionError):
    """Reverse mode and finite differences disagree; ``report`` says where."""

    def __init__(self, report: GradientReport) -> None:
        super().__init__(f"a gradient is wrong\n{report}")
        self.report = report

    def __reduce__(self) -> tuple[Any, ...]:
        return GradientError, (self.report,)


@dataclass(frozen=True, slots=True)
class Derivative:
    """One number of the gradient, by reverse mode and by finite differences.

    ``name``     the argument, such as w or x[0, 1]; ``at`` is its value
    ``reverse``  the derivative by reverse mode
    ``numeric``  the finite differences
    ``verdict``  "agrees"; "kink", "vertical" (a tangent), "edge" (of a domain) or "jump" where there is no
                 derivative and the number of reverse mode is allowed; "unclear" where finite differences
                 cannot decide; "WRONG"
    ``note``     the reason in words, for every verdict except "agrees"
    """

    name: str
    at: float
    reverse: float
    numeric: Difference
    verdict: Verdict
    note: str = ""

    @property
    def analytic(self) -> float:
        """The derivative by reverse mode, the same as ``reverse``."""
        return self.reverse

    @property
    def estimate(self) -> Estimate:
        """The derivative by finite differences with its error; at a kink, the one-sided one closer to ``reverse``."""
        best = self.numeric.best
        if best.is_known or self.verdict != "kink":
            return best
        sides = [side for side in (self.numeric.left, self.numeric.right) if side.is_known]
        return min(sides, key=lambda side: abs(side.value - self.reverse), default=UNKNOWN)

    @property
    def gap(self) -> float:
        """|analytic − numeric| relative to the larger; inf where they cannot be compared."""
        size = max(abs(self.reverse), abs(self.estimate.value))
        gap = abs(self.reverse - self.estimate.value) / size if size else 0.0
        return gap if math.isfinite(gap) else math.inf


@dataclass(frozen=True, slots=True)
class GradientReport:
    """The result of ``check_gradients``; ``print`` shows it as a table.

    ``slope`` is the order at which the Taylor remainder shrinks: 2 for a right gradient (more where
    the second derivative is 0), 1 for a wrong one, None where the remainder is rounding only.
    ``suspect`` is the primitive whose local derivative is wrong, where such a primitive was found.
    """

    value: float
    derivatives: tuple[Derivative, ...]
    slope: float | None
    suspect: Suspect | None = None

    @property
    def ok(self) -> bool:
        """True where no derivative is wrong."""
        return all(each.verdict != "WRONG" for each in self.derivatives)

    @property
    def verdict(self) -> Outcome:
        """Return "pass" where every derivative was confirmed, "fail" where one is wrong, else "inconclusive".

        "pass" means that each is right to a thousandth, or to a millionth of the function's size.
        """
        if not self.ok:
            return "fail"
        return "inconclusive" if self.reason else "pass"

    @property
    def reason(self) -> Reason:
        """Why differences cannot decide: "kink" (or jump, edge, vertical tangent), "cancellation", "nan"; else ""."""
        reasons = [self._doubt(each) for each in self.derivatives]
        return next((reason for reason in ("nan", "kink", "cancellation") if reason in reasons), "")

    def _doubt(self, derivative: Derivative) -> Reason:
        if not math.isfinite(self.value):
            return "nan"
        if derivative.verdict in ("kink", "vertical", "edge", "jump"):
            return "kink"
        if not math.isfinite(derivative.reverse):
            return "nan"
        relative, absolute = PROMISE
        fine = relative * abs(derivative.reverse) + absolute * max(1.0, abs(self.value))
        return "" if derivative.verdict == "agrees" and SAFETY * derivative.estimate.error <= fine else "cancellation"

    @property
    def worst(self) -> Derivative | None:
        """The derivative with the largest deviation, a wrong one first; None for a function without arguments."""
        return max(self.derivatives, key=lambda each: (each.verdict == "WRONG", each.gap), default=None)

    def __str__(self) -> str:
        shown = sorted(self.derivatives, key=lambda each: each.verdict == "agrees")[:SHOWN]
        shown = [each for each in self.derivatives if each in shown] if len(self.derivatives) <= SHOWN else shown
        rows = [["argument", "at", "reverse mode", "differences", "±", "verdict"]]
        rows += [
            [each.name, number(each.at), number(each.reverse), *numeric_cells(each.numeric), each.verdict]
            for each in shown
        ]
        lines = columns(rows, "<...<<")
        if len(shown) < len(self.derivatives):
            lines.append(f"… and {len(self.derivatives) - len(shown)} more")
        lines += [f"{each.verdict} at {each.name} = {number(each.at)}: {each.note}" for each in shown if each.note]
        if self.suspect is not None:
            lines.append(f"suspected: {self.suspect}")
        if self.slope is None:
            lines.append("Taylor remainder: rounding only")
        else:
            lines.append(f"Taylor remainder: slope {self.slope:.2f} (2 for a right gradient, 1 for a wrong one)")
        return "\n".join(lines)


def numeric_cells(found: Difference) -> list[str]:
    """Return the estimate, with as many digits as its error allows, and its error, as text; "–" where there is none."""
    best = found.best
    return [to_error(best), number(best.error, 1)] if math.isfinite(best.error) else ["–", ""]


def to_error(estimate: Estimate) -> str:
    """Return the estimate as text, with as many digits as its error allows."""
    value, error = estimate
    digits = 6 if not value else math.floor(math.log10(abs(value))) - math.floor(math.log10(max(error, 5e-324))) + 1
    return number(value, min(digits, 6)) if digits > 0 else "0"
