"""Checks: finite differences, gradients compared with them, and the operation that made the first nan."""

from autograd_mini.check.anomaly import AnomalyError, detect_anomaly
from autograd_mini.check.differences import difference, numerical_gradient
from autograd_mini.check.gradients import check_gradients
from autograd_mini.check.report import Derivative, GradientError, GradientReport

__all__ = [
    "AnomalyError", "Derivative", "GradientError", "GradientReport", "check_gradients", "detect_anomaly", "difference",
    "numerical_gradient",
]  # fmt: skip
