"""Random functions by seed: every derivative by at least two ways that share no code but the rules."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from autograd_mini.primitives.registry import PRIMITIVES
from tests.support import fuzz
from tests.support.faults import faulty
from tests.support.peers import PEERS, SOUND
from tests.support.random_graphs import Graph, Step, exact

COUNT, PARTS, PEERS_COUNT = 10_000, 8, 60
REGRESSIONS = (35738,)
"""Seeds that were counter-examples: a subnormal derivative, for which the bound of rounding was too small."""


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
def test_random_functions(part: int) -> None:
    failure = fuzz.run(range(1 + part, COUNT + 1, PARTS))
    assert not failure, failure


@pytest.mark.parametrize("seed", REGRESSIONS)
def test_what_was_a_counter_example_once(seed: int) -> None:
    graph = fuzz.graph_of(seed)
    assert not fuzz.wrong(graph, seed), fuzz.wrong(graph, seed)


@pytest.mark.long
@pytest.mark.parametrize("package", PEERS)
def test_peers_agree_where_they_are_sound(package: str) -> None:
    pytest.importorskip(package, reason=f"{package} is not installed: its gradients are not compared")
    tried = 0
    for seed in range(9, 9 * PEERS_COUNT, 9):
        graph = fuzz.graph_of(seed)
        assert not fuzz.by_peer(graph, package), (seed, fuzz.by_peer(graph, package))
        tried += all(step.name in SOUND for step in graph.steps)
    assert tried > 0.8 * PEERS_COUNT


def test_a_wrong_rule_is_found_and_the_example_made_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """The checks themselves: a factor in one row of a long function, cut down to that row."""
    graphs = (graph for graph in map(fuzz.graph_of, range(1, 900)) if 10 < len(graph.steps) < 30)
    long = next(graph for graph in graphs if exact(graph).slopes[0] > 0.1)
    last = len(long.inputs) + len(long.constants) + len(long.steps) - 1
    spoiled = replace(long, steps=(*long.steps, Step("tanh", (last,)), Step("sin", (last + 1,))))
    rows = {**PRIMITIVES, "tanh": faulty(PRIMITIVES["tanh"], "sign", random.Random(1))}
    monkeypatch.setattr(fuzz, "PRIMITIVES", rows)
    assert "exactly" in fuzz.fifty_digits(spoiled)
    small = fuzz.shrink(spoiled, lambda each: bool(fuzz.fifty_digits(each)))
    assert [step.name for step in small.steps] == ["tanh"]


def test_a_graph_prints_itself() -> None:
    graph = Graph((0.5,), (2.0,), (Step("mul", (0, 1)), Step("softmax", (0, 1, 2), 2)))
    assert str(graph) == "x0 = 0.5\nt0 = mul(x0, 2.0)\nt1 = softmax[2](x0, 2.0, t0)"
