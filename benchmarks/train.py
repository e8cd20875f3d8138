"""One training step of small networks: forward, backward, update, in double precision on one core.

This project steps through ``Trainer.step``, as a user does. Every contestant starts from the same
weights; the losses of the first steps are asserted equal before anything is timed.
"""

from __future__ import annotations

import itertools
import json
import math
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from benchmarks import convolution
from benchmarks.convolution import Convolution
from benchmarks.timing import Row, chosen, on_one_core, peer, race, report, version_of

Step = Callable[[], float]
"""A function that takes one step and returns the loss before it."""

RATE, DECAY, STEPS = 1e-4, 1e-4, 5  # a rate so small that the parameters hardly change during the timing


class Task:
    """A network and the data it learns: relu with hinge loss and L2 penalty, or cross-entropy."""

    def __init__(self, name: str, sizes: Sequence[int], activation: str, rows: int, hinge: bool = False) -> None:
        self.name, self.sizes, self.activation, self.hinge = name, sizes, activation, hinge
        chance = np.random.default_rng(0)
        self.X = chance.standard_normal((rows, sizes[0]))
        classes = chance.integers(0, 2 if hinge else sizes[-1], rows)
        self.y = 2.0 * classes - 1.0 if hinge else classes.astype(float)
        self.layers = [
            (chance.uniform(-1.0, 1.0, (m, n)) / math.sqrt(n), np.zeros(m)) for n, m in itertools.pairwise(sizes)
        ]


TASKS = {
    "demo": ("2-16-16-1 relu, hinge + L2, 100 rows", (2, 16, 16, 1), "relu", 100, True),
    "tanh": ("2-16-16-2 tanh, cross-entropy, 104 rows", (2, 16, 16, 2), "tanh", 104),
    "digits": ("64-32-10 relu, cross-entropy, 104 rows", (64, 32, 10), "relu", 104),
    "wide": ("784-16-10 relu, cross-entropy, 104 rows", (784, 16, 10), "relu", 104),
    "mnist": ("784-50-10 relu, cross-entropy, 104 rows", (784, 50, 10), "relu", 104),
}


CONVOLUTION = "8 filters of 3×3 on 8×8, relu, pooling, dense to 10, 104 rows"


def ours(task: Task) -> Step:
    """Trainer.step; the parameters stay in its flat array from step to step."""
    from autograd_mini import losses, nn, optim, primitives
    from autograd_mini.training.trainer import Trainer

    model = nn.MLP(task.sizes[0], task.sizes[1:], activation=getattr(primitives, task.activation), rng=0)
    for layer, (weights, biases) in zip(model.layers, task.layers, strict=True):
        for neuron, row, bias in zip(layer.neurons, weights.tolist(), biases.tolist(), strict=True):
            neuron.b.data = bias
            for weight, number in zip(neuron.w, row, strict=True):
                weight.data = number
    loss = losses.hinge if task.hinge else losses.cross_entropy
    penalty = (lambda parameters: losses.l2(parameters, DECAY)) if task.hinge else None
    trainer = Trainer(model, loss, optim.SGD(model.parameters(), lr=RATE), penalty=penalty)
    trainer.__enter__()  # for the rest of the process
    return lambda: trainer.step(task.X, task.y)


def jax_step(task: Task, jax: Any) -> Step:
    """A jitted step on arrays that stay on the device."""
    jax.config.update("jax_enable_x64", True)
    jnp = jax.numpy
    activation = {"relu": jax.nn.relu, "tanh": jnp.tanh}[task.activation]

    def loss(layers: Any, X: Any, y: Any) -> Any:
        for i, (weights, biases) in enumerate(layers):
            X = X @ weights.T + biases
            if i < len(layers) - 1:
                X = activation(X)
        if task.hinge:
            extra = DECAY * sum((p * p).sum() for layer in layers for p in layer)
            return jnp.mean(jax.nn.relu(1.0 - y * X[:, 0])) + extra
        return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(X), y[:, None], axis=1))

    @jax.jit
    def step(layers: Any, X: Any, y: Any) -> Any:
        found, slopes = jax.value_and_grad(loss)(layers, X, y)
        return found, jax.tree.map(lambda p, slope: p - RATE * slope, layers, slopes)

    X, y = jnp.array(task.X), jnp.array(task.y if task.hinge else task.y.astype(int))
    layers = [(jnp.array(weights), jnp.array(biases)) for weights, biases in task.layers]

    def run() -> float:
        nonlocal layers
        found, layers = step(layers, X, y)
        return float(found)

    return run


def torch_step(task: Task, torch: Any) -> Step:
    """PyTorch's modules and its SGD."""
    torch.set_num_threads(1)
    activation = {"relu": torch.nn.ReLU, "tanh": torch.nn.Tanh}[task.activation]
    parts = []
    for weights, biases in task.layers:
        linear = torch.nn.Linear(weights.shape[1], weights.shape[0], dtype=torch.float64)
        with torch.no_grad():
            linear.weight.copy_(torch.tensor(weights))
            linear.bias.copy_(torch.tensor(biases))
        parts += [linear, activation()]
    model = torch.nn.Sequential(*parts[:-1])
    parameters = list(model.parameters())
    optimizer = torch.optim.SGD(parameters, lr=RATE)
    X, y = torch.tensor(task.X), torch.tensor(task.y if task.hinge else task.y.astype(int))

    def run() -> float:
        optimizer.zero_grad()
        out = model(X)
        if task.hinge:
            loss = torch.relu(1.0 - y * out[:, 0]).mean() + DECAY * sum((p * p).sum() for p in parameters)
        else:
            loss = torch.nn.functional.cross_entropy(out, y)
        loss.backward()
        optimizer.step()
        return float(loss.item())

    return run


def micrograd_step(task: Task, engine: Any) -> Step:
    """The step of micrograd's demo."""
    from micrograd.nn import MLP

    model = MLP(task.sizes[0], list(task.sizes[1:]))
    for layer, (weights, biases) in zip(model.layers, task.layers, strict=True):
        for neuron, row, bias in zip(layer.neurons, weights.tolist(), biases.tolist(), strict=True):
            neuron.b.data = bias
            for weight, number in zip(neuron.w, row, strict=True):
                weight.data = number
    inputs = [list(map(engine.Value, row)) for row in task.X.tolist()]
    targets = task.y.tolist()

    def run() -> float:
        scores = list(map(model, inputs))
        losses = [(1 + -t * score).relu() for t, score in zip(targets, scores, strict=True)]
        loss = sum(losses) * (1.0 / len(losses)) + DECAY * sum(p * p for p in model.parameters())
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= RATE * p.grad
        return float(loss.data)

    return run


def made(name: str) -> Task | Convolution:
    """Return the task of this name."""
    return Convolution(CONVOLUTION, 104) if name == "conv" else Task(*TASKS[name])


def contestants(task: Task | Convolution) -> dict[str, tuple[str, Step]]:
    """Return name → (version, step) for this project and the peers that are installed."""
    if isinstance(task, Convolution):
        found = {"autograd_mini": (version_of("autograd_mini"), convolution.ours(task, RATE))}
        if torch := peer("torch"):
            found["PyTorch"] = version_of("torch"), convolution.torch_step(task, RATE, torch)
        return found
    found = {"autograd_mini": (version_of("autograd_mini"), ours(task))}
    if jax := peer("jax"):
        found["JAX jit"] = version_of("jax"), jax_step(task, jax)
    if torch := peer("torch"):
        found["PyTorch"] = version_of("torch"), torch_step(task, torch)
    if task.hinge and (engine := peer("micrograd.engine")):
        found["micrograd"] = version_of("micrograd"), micrograd_step(task, engine)
    return found


def main(argv: list[str]) -> int:
    """Print one table per network; return the exit status."""
    names, budget, as_json = chosen(argv, "train", __doc__, "network", (*TASKS, "conv"), 2.0)
    on_one_core()
    for name in names:
        task = made(name)
        runners = contestants(task)
        first: dict[str, float] = {}
        curves = {}
        for who, (_, step) in runners.items():
            start = time.perf_counter()
            curve = [step()]
            first[who] = time.perf_counter() - start
            curves[who] = [*curve, *(step() for _ in range(STEPS - 1))]
        for who, curve in curves.items():
            np.testing.assert_allclose(curve, curves["autograd_mini"], rtol=1e-9, err_msg=f"{name}: {who}")
        best = race({who: step for who, (_, step) in runners.items()}, budget)
        rows = [Row(who, version, best[who] * 1e6) for who, (version, _) in runners.items()]
        notes = [
            f"losses of the first {STEPS} steps equal: {json.dumps([round(x, 6) for x in curves['autograd_mini']])}",
            "first step, with compiling: " + ", ".join(f"{who} {taken:.2f} s" for who, taken in first.items()),
        ]
        report(f"One training step: {task.name} (µs)", rows, notes, as_json)
    return 0


if __name__ == "__main__":
    import sys

    raise SystemExit(main(sys.argv[1:]))
