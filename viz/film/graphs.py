"""One sample's graph as a live page, for each class: the film opens it where a point is clicked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_mini.engine import topological_order
from autograd_mini.engine.value import Value
from autograd_mini.language import tell
from autograd_mini.training.evaluation import flat
from viz.film.network import Network
from viz.film.samples import Samples
from viz.graph.make import model
from viz.graph.values import count_functions
from viz.page.live import live_graph
from viz.page.page import page

__all__ = ["sample_graphs"]

MOST_FUNCTIONS = 160
"""Up to so many functions of one sample's loss, a film includes its graph."""
MOST_LINES = 700
"""The same for the lines of that graph: a dense layer has few functions and many lines, which take time to draw."""
MOST_GRAPHS = 3
"""The largest number of graphs of a film: one for each class, whose losses have different graphs."""


def sample_graphs(network: Network, loss: Callable[[Any, Any], Any], samples: Samples) -> list[dict[str, Any]]:
    """Return for each class (of a regression: once) the live page of a sample's loss, and the meaning of its leaves.

    A leaf is [key, "x" | "target" | "theta", index]. Empty where the graph is too large, or there are too many.
    """
    targets: Sequence[Any] = [None] if samples.regression else samples.targets.tolist()
    if len(targets) > MOST_GRAPHS:
        return []
    found = []
    for label, target in enumerate(targets):
        first = samples.labels.index(label) if label in samples.labels else 0
        xs = [Value(x, name) for x, name in zip(samples.points[first].tolist(), samples.inputs, strict=True)]
        asked = [Value(samples.values[first], "target")] if target is None else target
        outputs = network.seen_model(xs)
        out = loss(outputs, asked[0] if network.scalar_target else np.array(asked))
        out = flat(out)[0] if not isinstance(out, Value) else out
        out.label = "loss"
        lines = sum(len(node.parents) for node in topological_order(out))
        if count_functions(out)[0] > MOST_FUNCTIONS or lines > MOST_LINES:
            return []
        found.append(
            {
                "page": page(out, tell("The loss of one sample"), "auto", "cards", full=False),
                "leaves": _leaves(out, xs, asked, network),
            }
        )
    return found


def _leaves(out: Value, xs: Sequence[Value], asked: Sequence[Any], network: Network) -> list[tuple[str, str, int]]:
    holds: dict[int, tuple[str, int]] = {id(x): ("x", j) for j, x in enumerate(xs)}
    holds |= {id(each): ("target", j) for j, each in enumerate(asked) if isinstance(each, Value)}
    holds |= {id(p): ("theta", j) for j, p in enumerate(network.parameters)}
    scalars = model(out)
    sources = {node.key: node.source for node in scalars.quantities}
    return [(key, *holds[id(sources[key])]) for key in live_graph(scalars).leaves if id(sources[key]) in holds]
