"""Training: the loop, its history, and what a run looks and sounds like."""

from autograd_mini.training.history import Frame, History
from autograd_mini.training.trainer import DivergenceError, Trainer

__all__ = ["DivergenceError", "Frame", "History", "Trainer"]
