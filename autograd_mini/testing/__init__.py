"""Help for users' own tests: gradient checks, and random functions to check.

``check_gradients`` returns a report with a verdict, "pass", "fail" or "inconclusive"; ``assert_gradients`` is for
tests. ``expressions``, ``programs``, ``networks`` and ``changing`` are hypothesis strategies, to test a property on
many functions; only these need the package hypothesis.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from autograd_mini.check import Derivative, GradientError, GradientReport, difference, numerical_gradient
from autograd_mini.check.suspect import Suspect
from autograd_mini.testing.gradients import InconclusiveError, assert_gradients, check_gradients

if TYPE_CHECKING:  # loaded on first use: hypothesis is an optional library
    from autograd_mini.testing.changes import Changing as Changing
    from autograd_mini.testing.strategies import changing as changing
    from autograd_mini.testing.strategies import expressions as expressions
    from autograd_mini.testing.strategies import networks as networks
    from autograd_mini.testing.strategies import programs as programs

__all__ = [
    "Derivative", "GradientError", "GradientReport", "InconclusiveError", "Suspect", "assert_gradients",
    "check_gradients", "difference", "numerical_gradient",
]  # fmt: skip

_STRATEGIES = {"expressions", "programs", "networks", "changing"}


def __getattr__(name: str) -> Any:
    """Import the strategies on first use; raise ImportError where hypothesis is not installed."""
    if name == "Changing":
        return import_module("autograd_mini.testing.changes").Changing
    if name in _STRATEGIES:
        return getattr(import_module("autograd_mini.testing.strategies"), name)
    raise AttributeError(f"module 'autograd_mini.testing' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_STRATEGIES, "Changing"})
