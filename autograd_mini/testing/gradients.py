"""Gradient checks for tests: a report, or an assertion."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_mini.check import gradients
from autograd_mini.check.report import GradientError, GradientReport

__all__ = ["InconclusiveError", "assert_gradients", "check_gradients"]


class InconclusiveError(AssertionError):
    """Differences could neither confirm nor refute a gradient; ``report`` says why."""

    def __init__(self, report: GradientReport) -> None:
        super().__init__(f"the check is inconclusive ({report.reason}); choose another point\n{report}")
        self.report = report

    def __reduce__(self) -> tuple[Any, ...]:
        return InconclusiveError, (self.report,)


def check_gradients(function: Callable[..., Any], *args: Any) -> GradientReport:
    """Compare the gradient of ``function`` at ``args`` with finite differences; return a report, also of a failure.

    ``report.verdict`` is "pass", "fail" or "inconclusive", and ``report.reason`` explains "inconclusive": "kink" (or
    a jump, the edge of a domain, a vertical tangent), "cancellation" (rounding hides the derivative) or "nan".
    ``report.worst`` is the derivative with the largest deviation: ``name``, ``at``, ``analytic``, ``estimate.value``,
    ``estimate.error``. ``report.suspect`` names the primitive whose own derivative is wrong, where one is.

    >>> from autograd_mini import tanh
    >>> check_gradients(lambda x: tanh(3.0 * x), 0.4).verdict
    'pass'
    """
    return gradients.check_gradients(function, *args, raise_on_failure=False)


def assert_gradients(function: Callable[..., Any], *args: Any, strict: bool = False) -> GradientReport:
    """Assert that the gradient of ``function`` at ``args`` is right, and return the report.

    Raises GradientError where a derivative is wrong; with ``strict`` also InconclusiveError where
    finite differences cannot decide (without ``strict`` a kink with a valid subgradient passes).
    Both are AssertionErrors; they have the attribute ``report`` and show it.
    """
    report = check_gradients(function, *args)
    if report.verdict == "fail":
        raise GradientError(report)
    if strict and report.verdict == "inconclusive":
        raise InconclusiveError(report)
    return report
