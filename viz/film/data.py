"""The data of a film's page as JSON: parameters, points, layers and curves."""

from __future__ import annotations

import base64
import gzip
import math
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from autograd_mini import optim
from autograd_mini.language import tell
from autograd_mini.program.ir import Operand
from autograd_mini.training.history import History
from viz.film.layers import FilmLayer
from viz.film.network import Network
from viz.film.samples import Samples
from viz.web.document import numbers

__all__ = ["film_data", "optimizer_data", "packed", "packed_text"]

Array: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]
MOST_EPOCHS = 2000
"""The largest number of points of a curve; longer curves are thinned."""


def film_data(network: Network, history: History, samples: Samples) -> dict[str, Any]:
    """Return the data that draws ``network`` at every frame of ``history`` with ``samples``."""
    points = samples.points
    frames, decision = history.frames, network.decision
    final = network.evaluate(points, frames[-1].parameters)
    at = len(network.seen)
    seen = _picture(tell("what the network sees"), "", 0, final[:, :at]) if at else None
    layers = []
    for layer in network.layers:
        layers.append(_layer(network, layer, at, final[:, at : at + len(layer.outputs)]))
        at += len(layer.outputs)
    return {
        "epochs": [frame.epoch for frame in frames],
        "theta": packed(np.concatenate([frame.parameters for frame in frames])),
        "parameters": len(network.parameters),
        "points": packed(points),
        "extents": _extents(samples),
        "middle": np.median(points, axis=0).tolist(),
        "axes": [0, min(1, points.shape[1] - 1)],
        "columns": final.shape[1],
        "seen": seen,
        "layers": layers,
        "decision": {
            "kind": decision.kind,
            "at": at,
            "count": len(decision.scores),
            "middle": decision.middle,
            "half": decision.half,
        },
        "history": _curves(history),
        "still": network.why_still,
        "dense": network.dense,
    }


SETTINGS = ("momentum", "nesterov", "weight_decay", "epsilon", "decay", "betas", "clip_norm", "clip_value")
CLASSES = (optim.SGD, optim.AdaGrad, optim.RMSProp, optim.Adam, optim.AdamW)


def optimizer_data(optimizer: optim.Optimizer) -> dict[str, Any]:
    """Return the class of an optimiser, its learning rate and its settings; a user's class by its name."""
    name = type(optimizer).__name__
    known = type(optimizer) in CLASSES
    return {
        "kind": name if known else tell("{name}, a class of its own", name=name),
        "lr": optimizer.lr,
        "options": {each: getattr(optimizer, each) for each in SETTINGS if known and hasattr(optimizer, each)},
    }


def _layer(network: Network, layer: FilmLayer, at: int, final: Array) -> dict[str, Any]:
    def table(rows: Sequence[Sequence[Operand]]) -> list[list[int]]:
        return [[network.index(x) for x in row] for row in rows]

    return _picture(layer.title, layer.activation, at, final) | {
        "inputs": len(layer.inputs),
        "weights": table(layer.weights),
        "biases": table([layer.biases])[0],
        "bounded": layer.activation in ("tanh", "sigmoid"),
    }


def _picture(title: str, activation: str, at: int, final: Array) -> dict[str, Any]:
    """Return the data that draws a layer: its columns among the outputs, and their projection."""
    centre, directions = _projection(final)
    return {
        "title": title,
        "activation": activation,
        "at": at,
        "units": final.shape[1],
        "bounded": False,
        "stretched": not activation or final.shape[1] > 2,
        "centre": centre.tolist(),
        "directions": directions.tolist(),
    }


def _projection(final: Array) -> tuple[Array, Array]:
    """Return the centre (d,) and the two directions (2, d) onto which a layer is projected.

    For more than two units these are the directions in which the last frame's points spread most.
    """
    width = final.shape[1]
    if width <= 2 or not np.isfinite(final).all():
        return np.zeros(width), np.eye(2, width)
    centre = final.mean(axis=0)
    _, _, directions = np.linalg.svd(final - centre, full_matrices=False)
    found = np.zeros((2, width))
    found[: min(2, len(directions))] = directions[:2]
    found *= np.where(found[np.arange(2), np.abs(found).argmax(axis=1)] < 0.0, -1.0, 1.0)[:, None]  # a fixed sign
    return centre, found


def _extents(samples: Samples) -> list[list[float]]:
    """Return the shown range [low, high] of each input; for two inputs of similar range, a square.

    For one input there is a second range, of the target, which is drawn on the vertical axis.
    """
    seen = np.concatenate([samples.points, samples.held])
    if seen.shape[1] == 1:
        asked = [*samples.values, *samples.held_values] or [0.0, 1.0]
        seen = np.column_stack([seen[:, 0], np.resize(np.array(asked, dtype=np.float64), len(seen))])
    low, high = seen.min(axis=0), seen.max(axis=0)
    centre, half = (low + high) / 2.0, 0.575 * np.maximum(high - low, 1e-9)
    if len(half) == 2 and samples.points.shape[1] == 2 and half.max() < 3.0 * half.min():
        half = np.full(2, half.max())
    return [[float(a), float(b)] for a, b in zip(centre - half, centre + half, strict=True)]


def _curves(history: History) -> dict[str, list[Any]]:
    """Return the curves that are drawn, thinned where there are thousands of epochs."""
    count = len(history["epoch"])
    chosen = np.unique(np.linspace(0, count - 1, min(count, MOST_EPOCHS)).round().astype(int))
    kept = {*chosen.tolist(), *(frame.epoch - 1 for frame in history.frames)}
    order = sorted(i for i in kept if 0 <= i < count)
    names = ("epoch", "loss", "accuracy", "validation_loss", "validation_accuracy")
    return {name: numbers([_short(history[name][i]) for i in order]) for name in names}


def _short(x: float) -> float:
    return float(f"{x:.7g}") if math.isfinite(x) else x


def packed(values: Array) -> str:
    """Doubles as base64, little-endian: exact, eleven characters per number."""
    return base64.b64encode(np.ascontiguousarray(values, dtype="<f8").tobytes()).decode()


def packed_text(text: str) -> str:
    """Text as base64 of gzip, for parts that are opened on demand; the same text gives the same bytes."""
    return base64.b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode()
