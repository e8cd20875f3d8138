"""Adding something touches the files that CONTRIBUTING names and no others: done here in a copy, and used there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]


class Addition(NamedTuple):
    """What is added, and its use.

    ``edits`` gives for each file pairs of a place that is there ("" in a new file) and the text that goes there.
    """

    kind: str
    edits: dict[str, tuple[str, ...]]
    use: str


PRIMITIVE = Addition(
    "primitive",
    {
        "autograd_mini/primitives/table.py": (
            "\nbind_floats(globals())",
            '\nhaversine = primitive("haversine", None, lambda x, y: 0.5 * sin(x), '
            'expand=lambda x: 0.5 * (1.0 - cos(x)), doc="(1 − cos x)/2; derivative ½ sin x.")\n'
            '__all__ += ["haversine"]\n',
        ),
        "tests/support/reference.py": (
            '    "cos": chain(',
            '    "haversine": chain(lambda x: (1 - mp.cos(x)) / 2, lambda x: mp.sin(x) / 2, '
            "lambda x: mp.cos(x) / 2),\n",
        ),
    },
    """
import numpy as np
from autograd_mini import PRIMITIVES, Value, grad, jit
from autograd_mini.testing import assert_gradients
from tests.support.reference import REFERENCES
row = PRIMITIVES["haversine"]
assert_gradients(row, 0.7, strict=True)
assert abs(float(REFERENCES["haversine"](0.7)[0]) - row(0.7)) < 1e-16
for engine in ("python", "numpy"):
    assert abs(jit(grad(row), engine=engine)(0.7) - 0.5 * np.sin(0.7)) < 1e-15
assert "Math.cos" in jit(row).program(0.7).source("javascript")
assert Value(0.7).haversine().data == row(0.7)
from autograd_mini import haversine
""",
)
TARGET = Addition(
    "target",
    {
        "autograd_mini/program/targets/shout.py": (
            "",
            '"""Python, loudly."""\n\nfrom dataclasses import replace\n\n'
            "from autograd_mini.program.target import add_target\n"
            "from autograd_mini.program.targets.python import TARGET as PYTHON\n\n"
            'TARGET = add_target(replace(PYTHON, name="shout", speed=0))\n',
        )
    },
    """
from autograd_mini import jit, tanh
from autograd_mini.program.target import TARGETS
import autograd_mini.program.targets
assert "shout" in TARGETS
f = jit(lambda x: tanh(x * 2.0), engine="shout")
assert f(0.3) == tanh(0.6)
""",
)
OPTIMISER = Addition(
    "optimiser",
    {
        "autograd_mini/optim.py": (
            "\nOPTIMIZERS: dict[str, type[Optimizer]] = ",
            '\nclass SignSGD(Optimizer):\n    """θ −= lr·sign(g)."""\n\n'
            "    def change(self, theta: Array, gradient: Array, lr: float) -> Array:\n"
            '        """Return lr·sign(g)."""\n        return lr * np.sign(gradient)\n\n\n',
        )
    },
    """
from autograd_mini import Value
from autograd_mini.optim import SignSGD
w = Value(3.0)
optimiser = SignSGD([w], lr=0.5)
for _ in range(6):
    optimiser.zero_grad()
    (w * w).backward()
    optimiser.step()
assert w.data == 0.0, w
""",
)
LAYER = Addition(
    "layer with its card",
    {
        "autograd_mini/nn/dial.py": (
            "",
            '"""Dial: each input has a weight and a bias of its own."""\n\n'
            "from autograd_mini import affine\n"
            "from autograd_mini.engine.value import Value, parameter\n"
            "from autograd_mini.nn.module import Module, Vector\n\n\n"
            'class Dial(Module):\n    """yᵢ = wᵢ xᵢ + bᵢ."""\n\n'
            "    def __init__(self, nin: int) -> None:\n"
            '        self.w = [parameter(1.5, f"w{i}") for i in range(nin)]\n'
            '        self.b = [parameter(0.0, f"b{i}") for i in range(nin)]\n\n'
            "    def forward(self, x: Vector) -> list[Value]:\n"
            '        """Return the scaled inputs."""\n'
            "        return [affine([w], [each], b) for w, each, b in zip(self.w, x, self.b, strict=True)]\n",
        ),
        "viz/scene/marks/dial.py": (
            "",
            '"""A unit with one input, as a dial."""\n\n'
            "from viz.graph.nodes import Node\n"
            "from viz.graph.parts import Card\n"
            "from viz.scene.graphviz import Box\n"
            "from viz.scene.marks.cards import CardMark\n"
            "from viz.scene.marks.mark import Spot, marked\n"
            "from viz.scene.shapes import Circle, Group, text\n\n\n"
            '@marked\nclass DialMark(CardMark):\n    """A circle with the weight in it."""\n\n    rank = 5\n\n'
            "    def matches(self, node: Node) -> bool:\n"
            '        """Return whether there is one weight, and a bias."""\n'
            "        return isinstance(node, Card) and len(node.pills) == 2\n\n"
            "    def box(self, node: Card) -> Box:\n"
            '        """Return the size of a dial."""\n'
            "        return Box(node.key, 70.0, 70.0)\n\n"
            "    def draw(self, node: Card, spot: Spot) -> Group:\n"
            '        """Return the dial."""\n'
            '        word = text(spot.x, spot.y, "dial", "function-text", 12)\n'
            '        shapes = Circle(spot.x, spot.y, 34.0, "function"), word\n'
            '        return Group(shapes, f"n-{node.key}", node.called, "node-dial")\n',
        ),
    },
    """
import viz
from autograd_mini import nn
from autograd_mini.nn.dial import Dial
model = nn.Sequential(Dial(2), nn.Affine.of([[1.0, 1.0]], [0.0]))
assert len(model.parameters()) == 7
(out,) = model([1.0, 2.0])
assert out.data == 4.5
assert viz.draw(out, detail="cards", engine="wasm").svg.count("node-dial") == 2
""",
)
LEVEL = Addition(
    "picture level",
    {
        "viz/levels/tiles.py": (
            "",
            '"""Tiles: every function in one box."""\n\n'
            "from viz.levels.contract import contract\n"
            "from viz.levels.level import Asked, View\n\n\n"
            "def tiles(asked: Asked) -> View | None:\n"
            '    """Show a graph whole, where it was asked for."""\n'
            '    if asked.detail != "tiles":\n        return None\n'
            "    small = contract(asked.scalars, asked.scalars.size)\n"
            '    return View(asked.said(small), "tiles", None)\n',
        ),
        "viz/levels/ladder.py": (
            "LEVELS: Mapping[str, Level] = {\n",
            '    "tiles": tiles,\n',
            "\n__all__",
            "from viz.levels.tiles import tiles\n",
        ),
    },
    """
import viz
from autograd_mini import Value
x = Value(2.0)
drawing = viz.draw((x + 1.0) * (x + 2.0), detail="tiles", engine="wasm")
assert drawing.detail == "tiles"
assert viz.draw(x * x, engine="wasm").detail == "lesson"
try:
    viz.draw(x * x, detail="tile")
except ValueError as error:
    assert "'tiles'" in str(error)
else:
    raise AssertionError
""",
)
COMMAND = Addition(
    "command",
    {
        "autograd_mini/cli/greet.py": (
            "",
            '"""``autograd-mini greet``."""\n\nimport argparse\n\n\n'
            "def configure(parser: argparse.ArgumentParser) -> None:\n"
            '    """Add the arguments."""\n    parser.add_argument("name")\n\n\n'
            'def run(options: argparse.Namespace) -> None:\n    """Greet."""\n    print(f"hello {options.name}")\n',
        ),
        "autograd_mini/cli/__init__.py": ("COMMAND_TEXTS = {\n", '    "greet": "say hello",\n'),
    },
    """
from autograd_mini.cli import main
assert main(["greet", "world"]) == 0
""",
)
ADDITIONS = [PRIMITIVE, TARGET, OPTIMISER, LAYER, LEVEL, COMMAND]


@pytest.mark.parametrize("addition", ADDITIONS, ids=lambda each: each.kind)
def test_adding_one_touches_what_is_named_and_works(addition: Addition, tmp_path: Path) -> None:
    ignored = shutil.ignore_patterns("__pycache__", "data", "assets", "*.svg")
    for name in ("autograd_mini", "viz", "tests/support"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    shutil.copytree(ROOT / "autograd_mini" / "data", tmp_path / "autograd_mini" / "data", dirs_exist_ok=True)
    for name, edits in addition.edits.items():
        path = tmp_path / name
        for place, text in zip(edits[::2], edits[1::2], strict=True):
            old = path.read_text() if place else ""
            assert place or not path.exists()
            assert not place or old.count(place) == 1, f"{name} has {place!r} {old.count(place)} times"
            inside = place.endswith("{\n")  # a line of a table stands inside it, anything else before the place
            path.write_text(old.replace(place, place + text if inside else text + place) if place else text)
    surroundings = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", addition.use], cwd=tmp_path, env=surroundings, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()[-2000:]


def test_the_table_of_contributing_counts_the_same() -> None:
    table = dict(re.findall(r"^\| an? ([\w ]+) \| (.+) \|$", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE))
    assert list(table) == [addition.kind for addition in ADDITIONS]
    for addition in ADDITIONS:
        line = table[addition.kind]
        for name in addition.edits:
            short = name.removeprefix("autograd_mini/")
            folder = str(Path(short).parent)
            assert Path(short).name in line or f"{folder}/x.py" in line or "one line" in line, (addition.kind, name)
