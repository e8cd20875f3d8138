"""A training run in a checkpoint: everything besides the parameters that resuming needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from autograd_mini.checkpoint import Checkpoint, CheckpointError, Reader
from autograd_mini.engine.value import Value
from autograd_mini.optim import Optimizer
from autograd_mini.training.history import History
from autograd_mini.training.run import Run

__all__ = ["pack", "unpack"]


def pack(run: Run, history: History, optimizer: Optimizer, seed: int, classes: Sequence[str]) -> dict[str, Any]:
    """Return the state of training as plain numbers and lists, without the note that it was interrupted."""
    return {
        "run": run.state_dict(),
        "optimizer": optimizer.state_dict(),
        "history": history.state_dict(),
        "seed": seed,
        **({"classes": list(classes)} if classes else {}),
        "stopped": "" if history.stopped == "interrupted" else history.stopped,
    }


def unpack(
    found: Checkpoint, path: str | Path, named: Mapping[str, Value], optimizer: Optimizer
) -> tuple[Run, History, int, tuple[str, ...]]:
    """Return run, history, seed and names of classes; set the optimiser and the parameters ``named``.

    Raises CheckpointError, and changes nothing, where the checkpoint does not fit.
    """
    if set(found.parameters) != set(named):
        odd = sorted(set(found.parameters) ^ set(named))
        raise CheckpointError(
            f"{path}: parameters: {len(found.parameters)} for the {len(named)} here; only one side has "
            f"{', '.join(odd[:3])}{', …' * (len(odd) > 3)}"
        )
    trained = optimizer.parameters
    state = Reader(found.training, f"{path}: training")
    run, history = Run.read(state.inside("run"), len(trained)), History.read(state.inside("history"), len(trained))
    seed, history.stopped = state.whole("seed"), str(state.get("stopped"))
    classes = found.training.get("classes", [])
    if not isinstance(classes, list) or not all(isinstance(name, str) for name in classes):
        raise CheckpointError(f"{state.where}.classes: a list of names is needed")
    try:
        optimizer.load_state_dict(state.inside("optimizer").content)
    except (ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"{path}: training.optimizer: {error}") from None
    for name, p in named.items():
        p.data = found.parameters[name]
    if run.last_theta is not None:  # training ended with the best parameters; it resumes from the last ones
        for p, number in zip(trained, run.last_theta.tolist(), strict=True):
            p.data = number
    return run, history, seed, tuple(classes)
