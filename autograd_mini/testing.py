"""What a user's own tests need: gradient checks and numerical derivatives; the same as ``check``."""

from autograd_mini.check import (
    Derivative,
    GradientError,
    GradientReport,
    check_gradients,
    difference,
    numerical_gradient,
)

__all__ = ["Derivative", "GradientError", "GradientReport", "check_gradients", "difference", "numerical_gradient"]
