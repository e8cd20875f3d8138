"""A convolution, pooling and a dense layer, for the benchmark of training steps: in this project and in PyTorch."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["Convolution", "ours", "torch_step"]

FILTERS, KERNEL, SIDE, CLASSES = 8, 3, 8, 10
POOLED = FILTERS * ((SIDE - KERNEL + 1) // 2) ** 2


class Convolution:
    """Images of 8×8 through 8 filters of 3×3, relu, the largest of each 2×2, and a dense layer with cross-entropy."""

    hinge = False

    def __init__(self, name: str, rows: int) -> None:
        self.name = name
        chance = np.random.default_rng(0)
        self.X = chance.standard_normal((rows, SIDE * SIDE))
        self.y = chance.integers(0, CLASSES, rows).astype(float)
        self.filters = chance.uniform(-1.0, 1.0, (FILTERS, 1, KERNEL, KERNEL)) / KERNEL
        self.dense = chance.uniform(-1.0, 1.0, (CLASSES, POOLED)) / math.sqrt(POOLED)


def ours(task: Convolution, rate: float) -> Callable[[], float]:
    """Trainer.step; the parameters stay in its flat array from step to step."""
    from autograd_mini import losses, nn, optim
    from autograd_mini.training.trainer import Trainer

    convolution, dense = nn.Conv2d(1, FILTERS, KERNEL, rng=0), nn.Affine(POOLED, CLASSES, rng=0)
    for weight, number in zip(convolution.parameters(), [*task.filters.ravel(), *[0.0] * FILTERS], strict=True):
        weight.data = float(number)
    for weights, numbers in zip(dense.w, task.dense.tolist(), strict=True):
        for weight, number in zip(weights, numbers, strict=True):
            weight.data = number
    model = nn.Sequential(nn.Reshape(1, SIDE, SIDE), convolution, nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), dense)
    trainer = Trainer(model, losses.cross_entropy, optim.SGD(model.parameters(), lr=rate))
    trainer.__enter__()  # for the rest of the process
    return lambda: trainer.step(task.X, task.y)


def torch_step(task: Convolution, rate: float, torch: Any) -> Callable[[], float]:
    """PyTorch's modules and its SGD."""
    torch.set_num_threads(1)
    convolution = torch.nn.Conv2d(1, FILTERS, KERNEL, dtype=torch.float64)
    dense = torch.nn.Linear(POOLED, CLASSES, dtype=torch.float64)
    with torch.no_grad():
        convolution.weight.copy_(torch.tensor(task.filters))
        convolution.bias.zero_()
        dense.weight.copy_(torch.tensor(task.dense))
        dense.bias.zero_()
    model = torch.nn.Sequential(convolution, torch.nn.ReLU(), torch.nn.MaxPool2d(2), torch.nn.Flatten(), dense)
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    X, y = torch.tensor(task.X.reshape(-1, 1, SIDE, SIDE)), torch.tensor(task.y.astype(int))

    def run() -> float:
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(X), y)
        loss.backward()
        optimizer.step()
        return float(loss.item())

    return run
