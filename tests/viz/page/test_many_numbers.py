"""Thousands of changed inputs: what the page computes, run by Node without a browser, against the eager engine."""

import json
import math
import random
import re
from functools import partial
from pathlib import Path

import pytest

import viz
from tests.support import viz_graphs
from tests.support.node import needs_node, run_node
from tests.viz.page.test_page import everything, rebuilt, ulps
from viz.graph.make import model
from viz.page.live import live_graph
from viz.web.packed import unpacked

ASSETS = (Path(viz.__file__).parent / "page" / "assets").as_posix()
SCRIPT = """
import {{ gradientOf, makeGraph, run, valueOf }} from "{assets}/graph.js";
const compiled = (() => {{ {program} return program; }})();
const graph = makeGraph({data}), plain = (x) => x === undefined ? null : Number.isFinite(x) ? x : String(x);
console.log(JSON.stringify({changes}.map(([key, x]) => {{
  graph.inputs = graph.recorded.slice();
  graph.inputs[graph.leafOf.get(graph.nodes.findIndex((node) => node.key === key))] = x;
  run(graph, compiled, []);
  return graph.quantities.map((node) => [plain(valueOf(graph, node)), plain(gradientOf(graph, node))]);
}})));
"""
GRAPHS = {
    "tangle": partial(viz_graphs.tangle, 24, 3), "wider": partial(viz_graphs.tangle, 40, 4),
    "branches": viz_graphs.branches, "weighted": viz_graphs.weighted, "newton": partial(viz_graphs.newton, 3),
    "likelihood": viz_graphs.likelihood, "everything": lambda: everything()[0],
}  # fmt: skip
CHANGES = [80, pytest.param(1100, marks=pytest.mark.slow)]
"""Changes of one input of each graph: together 560, and 7,700."""


@needs_node
@pytest.mark.parametrize("count", CHANGES)
@pytest.mark.parametrize("name", GRAPHS)
def test_every_change_gives_python_s_numbers(name, count):
    out = GRAPHS[name]()
    scalars = model(out)
    leaves = [node for node in scalars.quantities if node.role in ("input", "parameter") and node.label]
    rng = random.Random(name)
    changes = [(rng.choice(leaves), round(rng.gauss(0.0, 1.5), 3)) for _ in range(count)]
    page = unpacked(viz.draw(out).page())
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    script = SCRIPT.format(
        assets=ASSETS, program=live_graph(scalars).program.source("javascript"), data=data[1],
        changes=json.dumps([(leaf.key, x) for leaf, x in changes]),
    )  # fmt: skip
    wrong = 0
    for (leaf, x), found in zip(changes, json.loads(run_node(script)), strict=True):
        again = rebuilt(out, leaf.label, x)
        again.backward()
        for node, (value, grad) in zip(model(again).quantities, found, strict=True):
            wrong += not same(value, node.data)
            if node.role != "constant":
                wrong += not same(grad, node.grad)
    assert wrong == 0


def same(found, wanted):
    """Whether two numbers are within a few units in the last place; None is only None."""
    if found is None or wanted is None:
        return found is wanted
    number = float(found)  # what JSON lacks came as text
    return math.isclose(number, wanted, rel_tol=1e-11, abs_tol=1e-13) or ulps(number, wanted) <= 4
