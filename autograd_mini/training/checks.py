"""Checks of a Trainer before it runs: wrong arguments, and models, losses and targets that do not fit together."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from autograd_mini import losses, optim, schedules
from autograd_mini.engine.value import Value
from autograd_mini.format import described
from autograd_mini.nn.module import Module, Sequential
from autograd_mini.nn.softmax import HierarchicalSoftmax, LogSoftmax, Softmax
from autograd_mini.program.run import engines, pick

__all__ = [
    "as_loss", "as_optimizer", "as_seed", "callback_list", "check_engine", "check_folder", "check_model",
    "check_outputs", "check_pairing", "check_schedule", "check_targets", "counts", "factor_of", "frame_choice",
]  # fmt: skip

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]
Loss: TypeAlias = Callable[[Any, Any], Value]


def counts(owner: str, **numbers: object) -> None:
    """Raise ValueError unless every number is an int of at least 1."""
    for name, count in numbers.items():
        if isinstance(count, bool) or not isinstance(count, (int, np.integer)) or count < 1:
            raise ValueError(f"{owner}: {name} is {count!r}; a whole number of at least 1 is needed")


# ---------------------------------------------------------------- of a Trainer


def check_model(model: object) -> None:
    """Raise TypeError where the model is not a function of a sample."""
    if inspect.isclass(model) or not callable(model):
        raise TypeError(
            f"Trainer: model is {described(model)}; a module or a function of a list of numbers is needed, such as "
            "nn.network(2, '10:tanh, 2:softmax')"
        )


def as_loss(loss: Loss | str) -> Loss:
    """Return the loss, given itself or by its name."""
    if isinstance(loss, str):
        return losses.named(loss)
    if inspect.isclass(loss) or not callable(loss) or isinstance(loss, Module):
        raise TypeError(
            f"Trainer: loss is {described(loss)}; one of losses is needed, as losses.nll or 'nll', or a function"
        )
    return loss


def as_optimizer(optimizer: optim.Optimizer | str, model: object) -> optim.Optimizer:
    """Return the optimiser; one given by its name gets the model's parameters. Raise where it trains another model."""
    if isinstance(optimizer, str):
        if not isinstance(model, Module):
            raise TypeError(
                f"Trainer: the optimiser {optimizer!r} by name needs a module, whose parameters it takes; "
                "give optim.Adam([…]) for a function"
            )
        return optim.named(optimizer)(model.parameters(), lr=0.01)
    if not isinstance(optimizer, optim.Optimizer):
        raise TypeError(
            f"Trainer: optimizer is {described(optimizer)}; an optimiser made with the parameters is needed, as "
            "optim.Adam(model.parameters()), or a name, as 'adam'"
        )
    if isinstance(model, Module):
        own = {id(p) for p in model.parameters()}
        if own and not any(id(p) in own for p in optimizer.parameters):
            raise ValueError(
                "Trainer: the optimiser holds the parameters of another model, so this one would never learn; make it "
                f"with this model's: optim.{type(optimizer).__name__}(model.parameters())"
            )
    return optimizer


def as_seed(seed: int) -> int:
    """Return the seed; ValueError where it is not a whole number of at least 0."""
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise ValueError(f"Trainer: seed is {seed!r}; a whole number of at least 0 is needed")
    return int(seed)


def check_engine(engine: str) -> None:
    """Raise ValueError for an engine that does not exist."""
    if not isinstance(engine, str) or engine != "eager":
        try:
            pick(engine)
        except (ValueError, TypeError):
            raise ValueError(
                f"Trainer: engine is {engine!r}; {', '.join(map(repr, engines()))} and 'eager' are legal"
            ) from None


def check_pairing(model: object, loss: Loss) -> None:
    """Raise ValueError where the last layer does not suit the loss, which would train badly without an error."""
    last = model
    while isinstance(last, Sequential) and len(last):
        last = last[-1]
    if loss is losses.cross_entropy and isinstance(last, (Softmax, LogSoftmax, HierarchicalSoftmax)):
        raise ValueError(
            f"the model ends in {type(last).__name__}, and cross_entropy takes scores; use the loss nll, or leave the "
            "softmax out"
        )
    if loss is losses.nll and isinstance(last, LogSoftmax):
        raise ValueError("the model ends in LogSoftmax, and nll takes probabilities; end it in Softmax")


# ---------------------------------------------------------------- of data


PROBABILITIES: dict[Loss, str] = {
    losses.nll: "end it in Softmax, or use cross_entropy, which takes scores",
    losses.kl_divergence: "end it in Softmax",
    losses.binary_cross_entropy: "end it in Sigmoid, or use binary_cross_entropy_with_logits, which takes scores",
}
"""The losses of probabilities, and what to do where the outputs of a model are not probabilities."""


def check_outputs(loss: Loss, outputs: Sequence[float]) -> None:
    """Raise ValueError where the loss takes probabilities and the outputs are not probabilities."""
    hint = PROBABILITIES.get(loss)
    if hint is None:
        return
    name = loss.__name__
    for y in outputs:
        if not -1e-12 <= y <= 1.0 + 1e-12:
            raise ValueError(f"{name} takes probabilities, and the model gives {y:.4g}; {hint}")
    whole = sum(outputs)
    if loss is not losses.binary_cross_entropy and abs(whole - 1.0) > 1e-6:
        raise ValueError(f"{name} takes probabilities, and the model's outputs sum to {whole:.6g}, not 1; {hint}")


def check_targets(loss: Loss, y: Array) -> None:
    """Raise ValueError for targets outside the domain of the loss, which compiled code would not check."""
    if loss is losses.hinge and np.count_nonzero(np.abs(y) == 1.0) < y.size:
        odd = y[np.abs(y) != 1.0].flat[0]
        raise ValueError(f"hinge: target {odd:g}; -1 and 1 are legal: 2*y - 1 turns 0 and 1 into them")
    binary = loss in (losses.binary_cross_entropy, losses.binary_cross_entropy_with_logits)
    shares = y.ndim > 1 and loss in (losses.cross_entropy, losses.nll, losses.kl_divergence)
    if not (binary or shares) or not y.size:
        return
    low, high = float(y.min()), float(y.max())
    if low < 0.0 or (high > 1.0 and (binary or loss is losses.kl_divergence)):
        raise ValueError(f"{loss.__name__}: target {low if low < 0.0 else high:g}; numbers from 0 to 1 are legal")


# ---------------------------------------------------------------- of fit


def check_schedule(schedule: object) -> None:
    """Raise TypeError where the schedule is not a function of the epoch, as ``schedules.cosine`` itself."""
    makers = [getattr(schedules, name) for name in schedules.__all__ if name != "Schedule"]
    if any(schedule is maker for maker in makers):
        name = schedule.__name__  # type: ignore[attr-defined]
        raise TypeError(f"fit: schedule is schedules.{name} itself; call it, as in schedules.{name}(100)")
    if schedule is not None and not callable(schedule):
        raise TypeError(
            f"fit: schedule is {described(schedule)}; a function epoch → factor is needed, as schedules.cosine(100)"
        )


def factor_of(schedule: Callable[[int], float] | None, epoch: int) -> float:
    """Return the factor on the learning rate; TypeError or ValueError where it is not a finite number of at least 0."""
    if schedule is None:
        return 1.0
    factor = schedule(epoch)
    if isinstance(factor, bool) or not isinstance(factor, (int, float, np.floating, np.integer)):
        raise TypeError(f"fit: the schedule gave {described(factor)} for epoch {epoch}; a number is needed")
    if not 0.0 <= factor < float("inf"):
        raise ValueError(f"fit: the schedule gave {factor} for epoch {epoch}; a finite number of at least 0 is needed")
    return float(factor)


def callback_list(callbacks: Iterable[Any] | Callable[[Any], object]) -> tuple[Callable[[Any], object], ...]:
    """Return the callbacks, given as one or several; TypeError where one cannot be called."""
    if callable(callbacks):
        return (callbacks,)
    found = tuple(callbacks) if isinstance(callbacks, Iterable) else (callbacks,)
    for each in found:
        if not callable(each):
            raise TypeError(f"fit: a callback is {described(each)}; a function of the trainer is needed")
    return found


def check_folder(path: str | Path) -> None:
    """Raise before training starts where the folder of the checkpoint does not exist."""
    if not isinstance(path, (str, Path)):
        raise TypeError(f"fit: checkpoint is {described(path)}; the path of a file is needed")
    if not Path(path).parent.is_dir():
        raise FileNotFoundError(
            f"fit: checkpoint: the folder {str(Path(path).parent)!r} does not exist; create it first"
        )


def frame_choice(frames: int | Iterable[int]) -> int | frozenset[int]:
    """Return ``frames`` as a number (every so many epochs) or a set of epochs."""
    if isinstance(frames, (int, np.integer)):
        counts("fit", frames=frames)
        return int(frames)
    if not isinstance(frames, Iterable) or isinstance(frames, (str, bytes)):
        raise TypeError(f"fit: frames is {described(frames)}; a number of epochs, or a list of epochs, is needed")
    chosen = list(frames)
    for epoch in chosen:
        if isinstance(epoch, bool) or not isinstance(epoch, (int, np.integer)) or epoch < 0:
            raise ValueError(f"fit: frames holds {epoch!r}; epochs are whole numbers from 0")
    return frozenset(map(int, chosen))
