"""Random functions against every other way to their derivatives.

``python -m tests.support.fuzz COUNT [SEED]`` (``make fuzz``) tries that many and prints the smallest counter-example.

* reverse mode against forward mode, within the rounding of all paths;
* some against 50 digits, within a running error bound, and against the complex step where the function is analytic;
* some Hessians, which must be symmetric, and third derivatives against differences of 50 digits;
* some of the functions that PyTorch and JAX compute to the last digits too, against theirs, where they are installed.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Sequence

from autograd_mini.engine.backward import topological_order
from autograd_mini.engine.value import Value
from autograd_mini.primitives.registry import PRIMITIVES
from autograd_mini.transforms.functions import grad, gradients, hessian, jvp
from tests.support.peers import PEERS, SOUND, installed
from tests.support.random_graphs import (
    ANALYTIC,
    COMPLEX,
    KINKED,
    SMOOTH,
    Graph,
    complex_step,
    draw,
    exact,
    exact_third,
    shrink,
)

__all__ = ["CHECKS", "by_peer", "graph_of", "run", "wrong"]

ROUNDING, NORMAL = 2.0**-52, 2.0**-1022
LARGEST = 200


def graph_of(seed: int) -> Graph:
    """Return the graph of a seed: 1 to 200 operations, mostly few; every seventh analytic, every ninth for peers."""
    chance = random.Random(seed)
    size = int(LARGEST ** chance.random())
    if seed % 7 == 0:
        return draw(chance, min(size, 40), {name: count for name, count in SMOOTH.items() if name in ANALYTIC})
    if seed % 9 == 0:
        return draw(chance, min(size, 40), {name: count for name, count in (SMOOTH | KINKED).items() if name in SOUND})
    return draw(chance, size, SMOOTH | KINKED)


def forward_and_reverse(graph: Graph) -> str:
    """Compare reverse mode with forward mode, one direction per input."""
    function = graph.function(PRIMITIVES)
    xs = [Value(x) for x in graph.inputs]
    out = _value(function(*xs))
    reverse = gradients(out, xs)
    (paths, largest), count = _paths(out, xs), len(graph.steps) + 2
    lost = count * NORMAL * largest  # what subnormal products may be off by, carried to the output
    for i in range(len(xs)):
        _, forward = jvp(function, graph.inputs, [float(i == k) for k in range(len(xs))])
        if not abs(forward - reverse[i]) <= 4 * ROUNDING * count * (paths[i] + lost):
            return f"to x{i}: reverse {reverse[i]!r}, forward {forward!r}; the sum of all paths is {paths[i]:.3g}"
    return ""


def _value(out: Value | float) -> Value:
    """A function may end in a branch that is a constant: a number without a graph."""
    return out if isinstance(out, Value) else Value(out)


def _paths(out: Value, xs: Sequence[Value]) -> tuple[list[float], float]:
    """Σ |products of partials| over all paths to each input, which rounding is relative to; the largest to any node.

    A product counts at least as the smallest normal number: below it rounding is absolute.
    """
    sizes: dict[Value, float] = {out: 1.0}
    for node in reversed(topological_order(out)):
        for parent, partial in zip(node.parents, node.partials, strict=True):
            if partial is not None and node in sizes:
                sizes[parent] = sizes.get(parent, 0.0) + max(abs(partial) * sizes[node], NORMAL)
    return [sizes.get(x, 0.0) for x in xs], max(sizes.values())


def fifty_digits(graph: Graph) -> str:
    """Compare value and gradient with 50 digits, within the running error bound."""
    truth = exact(graph)
    xs = [Value(x) for x in graph.inputs]
    out = _value(graph.function(PRIMITIVES)(*xs))
    value = out.data
    if not abs(value - truth.value) <= truth.doubt:
        return f"value {value!r}, exactly {float(truth.value)!r} ± {float(truth.doubt):.3g}"
    for i, slope in enumerate(gradients(out, xs)):
        if not abs(slope - truth.slopes[i]) <= truth.doubts[i]:
            return f"to x{i}: {slope!r}, exactly {float(truth.slopes[i])!r} ± {float(truth.doubts[i]):.3g}"
    return ""


def by_complex_step(graph: Graph) -> str:
    """Compare the gradient with the complex step; only of analytic functions."""
    if not all(step.name in COMPLEX for step in graph.steps):
        return ""
    truth = exact(graph)
    slopes = grad(graph.function(PRIMITIVES), tuple(range(len(graph.inputs))))(*graph.inputs)
    for i, slope in enumerate(slopes):
        other = complex_step(graph, i)
        if not abs(slope - other) <= 64 * truth.doubts[i]:  # cmath's own functions may be off by more than ours
            return f"to x{i}: {slope!r}, by the complex step {other!r} ± {float(truth.doubts[i]):.3g}"
    return ""


def by_peers(graph: Graph) -> str:
    """Compare the gradient with PyTorch's and JAX's, where they are installed and the function is one they do well."""
    return next(filter(None, (by_peer(graph, package) for package in PEERS if installed(package))), "")


def by_peer(graph: Graph, package: str) -> str:
    """Compare the gradient with that of a package."""
    if len(graph.steps) > 40 or any(step.name not in SOUND for step in graph.steps):
        return ""
    truth = exact(graph)
    xs = [Value(x) for x in graph.inputs]
    ours = gradients(_value(graph.function(PRIMITIVES)(*xs)), xs)
    for i, (slope, other) in enumerate(zip(ours, PEERS[package](graph), strict=True)):
        if not abs(slope - other) <= 64 * truth.doubts[i]:
            return f"to x{i}: {slope!r}, by {package} {other!r} ± {float(truth.doubts[i]):.3g}"
    return ""


def symmetric(graph: Graph) -> str:
    """The Hessian is symmetric: its two halves come by different orders of the chain rule."""
    if len(graph.steps) > 40:
        return ""
    second = hessian(graph.function(PRIMITIVES), tuple(range(len(graph.inputs))))(*graph.inputs)
    size = max(abs(each) for row in second for each in row)
    for i, row in enumerate(second):
        for j, each in enumerate(row):
            if not abs(each - second[j][i]) <= 1e-9 * (size + 1.0):
                return f"∂²/∂x{i}∂x{j} {each!r}, the other way round {second[j][i]!r}"
    return ""


def third(graph: Graph) -> str:
    """The third derivative to the first input against differences of 50 digits."""
    if len(graph.steps) > 12 or any(step.name in KINKED for step in graph.steps):
        return ""
    function = graph.function(PRIMITIVES)
    rest = graph.inputs[1:]
    found = grad(grad(grad(lambda x: function(x, *rest))))(graph.inputs[0])
    truth, size = exact_third(graph)
    if not abs(found - truth) <= 1e-8 * (abs(truth) + size):
        return f"∂³/∂x0³ {found!r}, exactly {float(truth)!r}"
    return ""


CHECKS = (
    (forward_and_reverse, 1),
    (fifty_digits, 25),
    (by_complex_step, 35),
    (symmetric, 25),
    (third, 40),
    (by_peers, 225),
)
"""Each check, and of how many seeds one is tried: those with 50 digits take longer."""


def wrong(graph: Graph, seed: int = 0) -> str:
    """Return what the checks of a seed find wrong, "" where all is well; seed 0 tries all."""
    for check, every in CHECKS:
        if seed % every == 0:
            found = check(graph)
            if found:
                return f"{check.__name__}: {found}"
    return ""


def run(seeds: Sequence[int]) -> str:
    """Try seeds; return the smallest counter-example of the first that fails, as text, or ""."""
    for seed in seeds:
        graph = graph_of(seed)
        if wrong(graph, seed):
            small = shrink(graph, lambda each, seed=seed: bool(wrong(each, seed)))  # type: ignore[misc]
            return f"seed {seed}: {wrong(small, seed)}\n{small}"
    return ""


if __name__ == "__main__":
    count, start = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
    began = time.monotonic()
    without = "".join(f", without {package}, which is not installed" for package in PEERS if not installed(package))
    for first in range(start, start + count, 10_000):
        failure = run(range(first, min(first + 10_000, start + count)))
        if failure:
            sys.exit(failure)
        print(
            f"seeds {start} to {min(first + 10_000, start + count) - 1}: {time.monotonic() - began:.0f} s", flush=True
        )
    print(f"{count} random functions, no counter-example{without}")
