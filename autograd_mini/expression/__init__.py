"""Formulas as text: "tanh(w*x + b)" becomes a function of Values; no text is executed."""

from autograd_mini.expression.expression import Expression, ExpressionError, parse

__all__ = ["Expression", "ExpressionError", "parse"]
