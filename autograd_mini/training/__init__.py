"""Training: the training loop, its history, evaluation, early stopping and the progress bar."""

from autograd_mini.training.history import Frame, History
from autograd_mini.training.trainer import DivergenceError, Trainer

__all__ = ["DivergenceError", "Frame", "History", "Trainer"]
