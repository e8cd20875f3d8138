"""Approved pictures: one small SVG for each kind of mark and each level, kept in tests/pictures.

``python -m tests.approve`` renews them. Look at what changed before you commit it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import viz
from autograd_mini.engine.value import Value
from tests.support import viz_graphs
from viz.formats.svg import svg
from viz.graph.networks import Map, Neuron, Vector
from viz.graph.nodes import Edge, Function, Node, Quantity
from viz.graph.parts import Block, Card, Given, Layer, Leaves, Pill, Port, Step
from viz.scene.marks.mark import MARKS, Spot, mark_of
from viz.scene.scales import Scales
from viz.scene.shapes import Scene

FOLDER = Path(__file__).parent / "pictures"
SCALE = Scales(2.0, 1.0)


def _card(closed: bool) -> Card:
    pills = (Pill("×", "w₁", 0.4, -3.085), Pill("×", "w₂", 0.6, 1.543), Pill("+", "b", 0.1, -1.543))
    return Card("kf4", "tanh" if closed else "", pills, "h₁", 0.197, -1.605, "", ("f4",), "v4", ("v0", "v1", "v2"),
                (), closed)  # fmt: skip


def _kernel() -> Card:
    pills = tuple(Pill("×", "w", 0.25 * i - 0.4, 0.1 * i) for i in range(4))
    keys = tuple(f"v{i}" for i in range(5))
    return Card("kf9", "tanh", (*pills, Pill("+", "b", 0.1, 0.5)), "h", 0.6, 0.2, "", ("f9",), "v9", keys, (), True)


NODES: dict[str, Node] = {
    "circle-input": Quantity("v0", "input", "x₁", 2.0, -0.617),
    "circle-parameter": Quantity("v0", "parameter", "重み", 0.4, 1.0),
    "circle-constant": Quantity("v0", "constant", "", 10.0, None),
    "circle-output": Quantity("v0", "output", "L", 0.644, 1.0),
    "circle-strange": Quantity("v0", "result", "y", float("nan"), float("inf")),
    "square": Function("f1", "mul", "×"),
    "square-dead": Function("f1", "relu", "relu", "dead"),
    "block-formula": Block("b1", "(y−t)²", ("−", "x²"), formula=True),
    "block": Block("g1", "step", ("×", "×", "tanh", "+"), times=3),
    "card": _card(closed=False),
    "card-network": _card(closed=True),
    "layer": Layer("layer0", 1, (_card(closed=True),) * 3, ((_card(closed=True),) * 3,)),
    "maps": Layer("layer0", 1, (_kernel(),) * 2, ((_kernel(),) * 2,) * 9, slides=True),
    "step": Step(
        "f2", Function("f2", "tanh", "tanh"), "tanh", Quantity("v2", "result", "", 0.197, -1.605), "c", "= 1·(−1.605)"
    ),
    "given": Given("v0", Quantity("v0", "parameter", "w₁", 0.4, -3.085), "w₁", "≈ (−1.543)·2"),
    "port": Port("pf3-0", "c", Edge("f3-0", "f2", "f3", 0.197, 0.36, 0.9, 0.4), alone=False),
    "leaves": Leaves("strip0", "inputs", (0.5, -1.0, 2.0, None), (0.1, None, -1.0, 0.0), ("v0", "v1", "v2", "v3")),
    "neuron": Neuron("kf4", _card(closed=True)),
    "vector": Vector("vector0", "h", "result", (0.3, -0.41, 2.0), (-0.478, None, 0.0), ("v3", "v4", "v5")),
    "vector-cells": Vector(
        "vector1",
        "x",
        "input",
        tuple(0.25 * i - 1.0 for i in range(9)),
        tuple(0.1 * i for i in range(9)),
        tuple(f"v{i}" for i in range(9)),
    ),
    "map": Map("map0", "tanh(W·x + b)", "W 3×2, b 3", ("f1", "f2", "f3", "f4", "f5", "f6")),
}
LEVELS: dict[str, Callable[[], viz.Drawing]] = {
    "level-lesson": lambda: viz.draw(viz_graphs.lesson(), engine="wasm"),
    "level-neuron": lambda: viz.draw(viz_graphs.neuron(), engine="wasm"),
    "level-cards": lambda: viz.draw(viz_graphs.network([2, 3, 1]), engine="wasm"),
    "level-figures": lambda: viz.draw(viz_graphs.branches(), engine="wasm"),
    "level-bars": lambda: viz.draw(viz_graphs.likelihood(), engine="wasm"),
    "level-rows": lambda: viz.draw(viz_graphs.mixed_chain(20), engine="wasm"),
    "level-heat": lambda: viz.draw(viz_graphs.network([2, 4, 1]), detail="heat", engine="wasm"),
    "level-loss": lambda: viz.draw(viz_graphs.classified(), engine="wasm"),
    "level-neurons": lambda: viz.draw(viz_graphs.classified(), detail="neurons", engine="wasm"),
    "level-vectors": lambda: viz.draw(viz_graphs.classified(), detail="vectors", engine="wasm"),
    "level-shared": lambda: viz.draw(_shared(), engine="wasm"),
}


def _shared() -> Value:
    x = Value(0.5, "x")
    return x * x + x


def pictures() -> dict[str, str]:
    """Return the SVG text of every picture, by its name."""
    found: dict[str, str] = {}
    for name, node in NODES.items():
        mark = mark_of(node)
        box = mark.box(node)
        wide, high = box.width + 40, box.height + 60
        group = mark.draw(node, Spot(wide / 2, high / 2, box, node.called or "a", SCALE))
        found[name] = svg(Scene(wide, high, (group,), name, f"the mark {type(mark).__name__}"), prefix=name)
    assert {mark_of(node) for node in NODES.values()} == set(MARKS), "a mark has no approved picture: give NODES one"
    found |= {name: svg(make().scene, prefix=name) for name, make in LEVELS.items()}
    return found


def main() -> None:
    """Write every picture, say which are new or changed, and drop those that nothing draws any more."""
    FOLDER.mkdir(exist_ok=True)
    found = pictures()
    for path in FOLDER.glob("*.svg"):
        if path.stem not in found:
            path.unlink()
            print(f"removed  {path.name}")
    for name, text in found.items():
        path = FOLDER / f"{name}.svg"
        if not path.exists() or path.read_text() != text:
            print(f"{'changed' if path.exists() else 'new    '}  {path.name}")
            path.write_text(text)


if __name__ == "__main__":
    main()
