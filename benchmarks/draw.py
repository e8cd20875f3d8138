"""Drawing a graph: by this project (layout, own SVG), micrograd and torchviz (DOT, SVG by Graphviz)."""

from __future__ import annotations

import argparse
import itertools
import random
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

import graphviz

import viz
from autograd_mini import Value, nn, relu, tanh
from benchmarks.timing import Row, peer, report, seconds, version_of


def dot_of(root: Any) -> graphviz.Digraph:
    """Return micrograd's drawing of its graph: a record per value, an ellipse per operation."""
    dot = graphviz.Digraph(format="svg", graph_attr={"rankdir": "LR"})
    seen, stack = {root}, [root]
    while stack:
        node = stack.pop()
        name = str(id(node))
        dot.node(name, f"{{ data {node.data:.4f} | grad {node.grad:.4f} }}", shape="record")
        if node._op:
            dot.node(name + node._op, node._op)
            dot.edge(name + node._op, name)
        for parent in node._prev:
            dot.edge(str(id(parent)), name + node._op)
            if parent not in seen:
                seen.add(parent)
                stack.append(parent)
    return dot


def chain(x: Any, y: Any, operations: int, bend: Callable[[Any], Any]) -> Any:
    """Return an expression of about ``operations`` operations over two inputs."""
    random.seed(7)
    values = [x, y]
    for i in range(operations):
        a, b = random.choice(values[-6:]), random.choice(values[-3:])
        values.append(bend(a) if i % 4 == 3 else a * b if i % 2 else a + b * 0.5)
    return values[-1]


def network(inputs: list[Any], weights: list[list[list[Any]]], bend: Callable[[Any], Any]) -> Any:
    """Return the squared error of a network on one sample, one operation at a time."""
    for k, layer in enumerate(weights):
        sums = [sum((w * x for w, x in zip(neuron[1:], inputs, strict=True)), neuron[0]) for neuron in layer]
        inputs = sums if k == len(weights) - 1 else [bend(s) for s in sums]
    return (inputs[0] - 1.0) ** 2


def table(title: str, ours: Callable[[], Any], build: Callable[[Any, Any], Any], budget: float, as_json: bool) -> None:
    """Print one table: ``build(kind, bend)`` makes the same graph with a package's numbers."""
    rows = [Row("autograd_mini", version_of("autograd_mini"), seconds(ours, budget, 3) * 1e6)]
    if engine := peer("micrograd.engine"):
        root = build(engine.Value, engine.Value.relu)
        root.backward()
        rows.append(
            Row("micrograd draw_dot", version_of("micrograd"), seconds(lambda: dot_of(root).pipe(), budget, 3) * 1e6)
        )
    if (torch := peer("torch")) and (torchviz := peer("torchviz")):
        leaf = build(lambda x: torch.tensor(x, dtype=torch.float64, requires_grad=True), torch.relu)
        drawn = seconds(lambda: torchviz.make_dot(leaf).pipe(format="svg"), budget, 3)
        rows.append(Row("torchviz", version_of("torchviz"), drawn * 1e6))
    report(title, rows, ["the same expression built in each; warm, best of three"], as_json)


def every_node(build: Callable[[Any, Any], Any], patience: float) -> Iterator[tuple[str, str]]:
    """Yield the time of Graphviz for all nodes of each package's graph, or that it was stopped."""
    ways: dict[str, Callable[[], str]] = {}
    if engine := peer("micrograd.engine"):
        ways["micrograd draw_dot"] = lambda: dot_of(build(engine.Value, engine.Value.relu)).source
    if (torch := peer("torch")) and (torchviz := peer("torchviz")):
        leaf = build(lambda x: torch.tensor(x, dtype=torch.float64, requires_grad=True), torch.relu)
        ways["torchviz"] = lambda: torchviz.make_dot(leaf).source
    for name, write in ways.items():
        start = time.perf_counter()
        try:
            subprocess.run(["dot", "-Tsvg"], input=write().encode(), capture_output=True, timeout=patience, check=True)
            yield name, f"{time.perf_counter() - start:.1f} s"
        except subprocess.TimeoutExpired:
            yield name, f"not finished after {patience:.0f} s, stopped"
        except RecursionError:
            yield name, "ends in a RecursionError"


def main(argv: list[str]) -> int:
    """Print the tables; return the exit status."""
    parser = argparse.ArgumentParser(prog="benchmarks draw", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object per table")
    parser.add_argument("--budget", type=float, default=2.0, help="seconds per contestant (2)")
    parser.add_argument("--largest", type=int, default=5_000, help="operations of the folded expression (5000)")
    parser.add_argument("--patience", type=float, default=60.0, help="seconds a peer may take over it (60)")
    options = parser.parse_args(argv)

    def svg(root: Value, detail: str) -> Callable[[], Any]:
        root.backward()
        return lambda: viz.draw(root, detail=detail).svg

    def small(kind: Any, bend: Any) -> Any:
        return chain(kind(0.7), kind(0.3), 20, bend)

    table("Lesson of about 30 nodes (µs)", svg(small(Value, relu), "lesson"), small, options.budget, options.json)

    random.seed(1)
    shape = [2, 16, 16, 1]
    numbers = [
        [[random.uniform(-1, 1) for _ in range(before + 1)] for _ in range(after)]
        for before, after in itertools.pairwise(shape)
    ]

    def net(kind: Any, bend: Any) -> Any:
        weights = [[[kind(w) for w in neuron] for neuron in layer] for layer in numbers]
        return network([kind(0.8), kind(-0.4)], weights, bend)

    model = nn.MLP(2, shape[1:])
    for target, source in zip(
        model.parameters(), [w for layer in numbers for neuron in layer for w in (*neuron[1:], neuron[0])], strict=True
    ):
        target.data = source
    loss = (model([Value(0.8), Value(-0.4)]) - 1.0) ** 2
    assert abs(loss.data - net(Value, relu).data) < 1e-12
    table("Network 2-16-16-1 at heat level (µs)", svg(loss, "heat"), net, options.budget, options.json)

    def large(kind: Any, bend: Any) -> Any:
        return chain(kind(0.7), kind(0.3), options.largest, bend)

    folded = chain(Value(0.7), Value(0.3), options.largest, tanh)
    drawn = seconds(svg(folded, "auto"), options.budget, 3)
    rows = [Row(f"autograd_mini, {options.largest} operations", version_of("autograd_mini"), drawn * 1e6)]
    notes = [f"{name}: {told}" for name, told in every_node(large, options.patience)]
    report("A large expression, folded (µs)", rows, notes, options.json)
    return 0
