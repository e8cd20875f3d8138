"""A kind of node is a mark: one file says how it looks, and nothing else has to be touched."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree

import pytest

import viz
from viz.graph.model import Model
from viz.graph.nodes import Function, Node, Quantity
from viz.graph.parts import Block, Card, Layer, Leaves
from viz.scene.marks.mark import MARKS, Mark, mark_of
from viz.scene.picture import picture

ROOT = Path(viz.__file__).parent
NEW = '''"""A gate as a rectangle with its name: a kind of node that the house did not know."""

from dataclasses import dataclass

from viz.graph.nodes import Node
from viz.scene.graphviz import Box
from viz.scene.marks.mark import Mark, Spot, marked
from viz.scene.shapes import Group, Rect, text


@dataclass(frozen=True, slots=True)
class Gate(Node):
    """A gate."""

    key: str


@marked
class GateMark(Mark[Gate]):
    """A gate as a rectangle."""

    kind = Gate

    def box(self, node):
        return Box(node.key, 60, 30)

    def draw(self, node, spot):
        left, top = spot.x - 30, spot.y - 15
        return Group((Rect(left, top, 60, 30, "function"), text(spot.x, spot.y, "gate", "function-text", 12)),
                     f"n-{node.key}", "gate", "node-gate")
'''


USE = """
from viz.graph.model import Model
from viz.graph.nodes import Edge, Quantity
from viz.scene.marks.gates import Gate
from viz.scene.picture import picture

x, y = Quantity("v0", "input", "x", 1.0, 1.0), Quantity("v1", "output", "y", 2.0, 1.0)
edges = (Edge("f1-0", "v0", "f1", 1.0, 1.0, 1.0, 1.0), Edge("v1-in", "f1", "v1", 2.0, 1.0))
kinds = [getattr(shape, "kind", "") for shape in picture(Model((x, Gate("f1"), y), edges), "title", "words").shapes]
assert kinds.count("node-gate") == 1, kinds
assert kinds.count("edge") == 2, kinds
"""


@pytest.mark.parametrize("kind", [Quantity, Function, Card, Layer, Block, Leaves])
def test_every_kind_of_node_has_a_mark(kind):
    assert any(mark.kind is kind for mark in MARKS)


def test_a_new_mark_touches_one_file(tmp_path):
    copytree(ROOT, tmp_path / "viz")
    (tmp_path / "viz/scene/marks/gates.py").write_text(NEW)
    (tmp_path / "main.py").write_text(USE)
    paths = {"PYTHONPATH": f"{tmp_path}:{ROOT.parent}"}
    done = subprocess.run([sys.executable, "main.py"], env=paths, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


def test_the_mark_of_the_highest_rank_that_matches_draws(monkeypatch):
    class Sine(Mark[Function]):
        kind = Function
        rank = 5

        def matches(self, node: Node) -> bool:
            return super().matches(node) and node.name == "sin"

    sine = Sine()
    monkeypatch.setattr("viz.scene.marks.mark.MARKS", [sine, *MARKS])
    assert mark_of(Function("f1", "sin", "sin")) is sine
    assert mark_of(Function("f1", "cos", "cos")) is not sine


def test_a_node_without_a_mark_is_refused():
    @dataclass(frozen=True)
    class Unknown(Node):
        key: str

    with pytest.raises(LookupError, match="no mark draws a Unknown; add one in viz/scene/marks"):
        picture(Model((Unknown("u"),), ()), "", "")


def test_a_mark_says_its_size_and_its_shapes():
    bare = Mark()
    with pytest.raises(NotImplementedError, match="Mark has no size"):
        bare.box(Function("f1", "sin", "sin"))
    with pytest.raises(NotImplementedError, match="Mark has no shapes"):
        bare.draw(Function("f1", "sin", "sin"), None)
