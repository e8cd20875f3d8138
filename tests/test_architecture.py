"""The house: imports point downwards, the core stays light, and a file holds one noun."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import autograd_mini
import viz

ROOT = Path(autograd_mini.__file__).parent
VIZ = Path(viz.__file__).parent

# Every room of the house, folder by folder, from the ground floor upwards: what stands in a list may import
# what stands before it, wherever in these rooms the two files lie. A package's face imports what is inside.
HOUSE: dict[str, list[str]] = {
    "": ["autograd_mini", "viz"],
    "autograd_mini": [
        "format", "files", "launch", "language", "primitives", "engine", "transforms", "check", "expression", "program",
        "export", "nn", "losses", "optimizer", "optim",
        "schedules", "data", "checkpoint", "predictor", "training", "testing", "__init__", "cli",
        "__main__",
    ],
    "autograd_mini/language": ["speech"],
    "autograd_mini/primitives": ["ieee", "floats", "rule", "row", "registry", "bind", "table"],
    "autograd_mini/engine": [
        "rules", "own", "_node", "built", "observer", "value", "node", "hidden", "edges", "backward", "arrays",
        "value_array", "record", "methods", "operators", "copying", "micrograd", "origin", "groups",
    ],
    "autograd_mini/transforms": ["structure", "sweep", "call", "signatures", "gradient", "functions"],
    "autograd_mini/check": ["differences", "suspect", "report", "gradients", "anomaly"],
    "autograd_mini/testing": ["gradients", "changes", "strategies"],
    "autograd_mini/expression": ["callables", "scan", "postfix", "expression"],
    "autograd_mini/program": [
        "ir", "text", "target", "record", "verify", "passes", "blocks", "printing", "source", "arrays", "nests",
        "targets", "threads", "chunks", "run", "loops", "plans", "watch", "routes", "beside", "devices", "path",
        "plain", "recorded", "batch", "jit", "pure",
    ],
    "autograd_mini/program/watch": [
        "checked", "stamp", "generators", "outside", "witness", "atoms", "_identical", "identical", "notes",
        "contents", "numbers", "code", "foreign", "members", "functions", "libraries", "reach",
        "surroundings", "recording",
    ],
    "autograd_mini/program/record": [
        "pause", "traced", "choice", "late", "operators", "recorder", "replay", "left", "trace",
    ],
    "autograd_mini/program/passes": ["adjoint", "simplify", "lower", "tanh"],
    "autograd_mini/program/blocks": [
        "access", "ir", "loop", "text", "choice", "verify", "build", "flat", "chains", "grid", "recover", "stretches",
        "roll", "lanes", "lower", "between", "flows", "backward", "adjoint", "pulled",
    ],
    "autograd_mini/program/arrays": ["reading", "evaluate", "rows", "function"],
    "autograd_mini/program/targets": ["python", "numpy", "javascript", "c", "jax", "llvm"],
    "autograd_mini/program/nests": ["index", "arrays", "group", "nest", "lane", "build", "writer"],
    "autograd_mini/program/targets/python": ["words", "maths", "body", "loops"],
    "autograd_mini/program/targets/llvm": [
        "words", "text", "vector_math", "lanes", "steps", "registers", "kernel", "driver", "call", "store", "compile",
        "builtin", "rows",
    ],
    "autograd_mini/program/loops": [
        "writer", "memory", "elementwise", "dots", "reductions", "multiply", "columns", "tiles", "turns", "program",
        "run",
    ],
    "autograd_mini/program/plans": ["memory", "choices", "products", "words", "neighbours", "stages", "plan", "sums"],
    "autograd_mini/program/jit": [
        "signatures", "parameters", "arguments", "compare", "compiled", "paths", "direct", "entry", "columns",
        "recordings", "versions", "jitted", "jit",
    ],
    "autograd_mini/export": ["interface", "programs", "exchange", "python", "javascript", "c", "endings"],
    "autograd_mini/nn": [
        "module", "init", "neuron", "affine", "activation", "shape", "conv", "pool", "normalize", "softmax", "dropout",
        "sizes",
    ],
    "autograd_mini/data": [
        "error", "sets", "samples", "idx", "cells", "table", "columns", "features", "target", "csv", "csv_blocks",
    ],
    "autograd_mini/training": [
        "history", "targets", "checks", "evaluation", "progress", "run", "divergence", "share", "stream", "descent",
        "saved", "trainer",
    ],
    "autograd_mini/cli": [
        "terminal", "numbers", "samples", "report", "figures", "rows", "demo", "draw", "grad", "train", "predict",
    ],
    "viz": [
        "style", "graph", "levels", "scene", "formats", "web", "page", "plots", "film", "drawing", "draw", "difference",
        "notebook",
    ],
    "viz/style": ["theme", "typeset", "fonts"],
    "viz/graph": [
        "nodes", "figures", "parts", "networks", "model", "names", "formulas", "values", "programs", "owners", "make",
        "words", "replay",
    ],
    "viz/levels": [
        "quotient", "contract", "fold", "affine", "flow", "network", "level", "lesson", "cards", "neurons", "maps",
        "vectors", "heat", "ladder",
    ],
    "viz/scene": [
        "graphviz", "shapes", "scales", "labels", "legible", "marks", "rows", "routes", "order", "bands", "frames",
        "sheet", "closer", "size", "picture", "plan", "row", "compact", "forms",
    ],
    "viz/scene/marks": [
        "mark", "circles", "squares", "blocks", "cards", "heat", "maps", "leaves", "neurons", "vectors", "captions",
        "figures", "steps", "givens", "ports", "edges", "legend",
    ],
    "viz/formats": ["svg", "pdf", "png", "dot"],
    "viz/web": ["bundle", "document", "packed", "notebook"],
    "viz/page": ["bare", "bindings", "curves", "insets", "live", "page"],
    "viz/film": ["loops", "kit", "layers", "network", "samples", "graphs", "data", "penalty", "film"],
    "viz/plots": ["layers", "frames", "charts", "training_film"],
}  # fmt: skip
PASSES = HOUSE["autograd_mini/program/passes"]

SOURCE = ROOT.parent
FILES = sorted((*ROOT.rglob("*.py"), *VIZ.rglob("*.py")))


def place(path: Path) -> str:
    """Return a file's place in the house: "autograd_mini/engine/value"; of a face, its folder and "__init__"."""
    return str(path.relative_to(SOURCE).with_suffix(""))


def imports(path: Path) -> set[str]:
    """Return the places of the house that a file imports anywhere in it, by statement or by a name in a string."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path.name} imports relatively; write the whole name"
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and is_name(node.value):
            found.add(node.value)  # import_module("autograd_mini.…")
    return {where for name in found if (where := module_of(name))}


def is_name(text: str) -> bool:
    return text.startswith(("autograd_mini.", "viz.")) and all(part.isidentifier() for part in text.split("."))


def module_of(name: str) -> str:
    """Return the place of the deepest module in a dotted name, "" where it is none of the house's."""
    parts = name.split(".")
    if parts[0] not in HOUSE[""]:
        return ""
    for count in range(len(parts), 0, -1):
        path = SOURCE.joinpath(*parts[:count])
        if path.with_suffix(".py").exists() or path.with_suffix(".c").exists():
            return "/".join(parts[:count])
        if path.is_dir():
            return "/".join((*parts[:count], "__init__"))
    return ""


def floors(place: str) -> list[int]:
    """Return the floor of each room on the way to a file; the face of a package stands above what is in it."""
    parts = place.split("/")
    found = []
    for depth, part in enumerate(parts):
        folder = "/".join(parts[:depth])
        rooms = HOUSE.get(folder)
        assert rooms is not None, f"the folder {folder} has no floor: give it a list in HOUSE"
        if part == "__init__" and part not in rooms:
            found.append(len(rooms))
        else:
            assert part in rooms, f"{place} has no floor: add it to HOUSE[{folder!r}]"
            found.append(rooms.index(part))
    return found


def points_down(here: str, there: str) -> bool:
    """Tell whether a file may import another: at the first room where their ways part, from a higher floor."""
    theirs = there.split("/")
    folder = "/".join(theirs[:-1])
    if theirs[-1] == "__init__" and "__init__" not in HOUSE[folder] and here.startswith(f"{folder}/"):
        return False  # its own package's face, which imports it
    if here.startswith("autograd_mini/cli/") and theirs[0] == "viz":
        return True  # the command line draws; nothing else of the package knows pictures
    return floors(there) < floors(here)


@pytest.mark.parametrize("path", FILES, ids=place)
def test_imports_point_downwards(path):
    here = place(path)
    floors(here)
    for there in imports(path):
        if there != here:
            assert points_down(here, there), f"{here} imports {there}, which does not stand below it"


def test_every_room_exists():
    """A room that is listed and gone would let a newcomer look for it in vain."""
    for folder, rooms in HOUSE.items():
        for room in rooms:
            path = SOURCE / folder / room
            assert path.is_dir() or any(path.with_suffix(end).exists() for end in (".py", ".c")), (
                f"{path} is in HOUSE and does not exist"
            )


@pytest.mark.parametrize(("here", "there", "allowed"), [
    ("autograd_mini/engine/value", "autograd_mini/primitives/row", True),
    ("autograd_mini/engine/value", "autograd_mini/engine/operators", False),
    ("autograd_mini/engine/value", "autograd_mini/engine/__init__", False),
    ("autograd_mini/program/ir", "autograd_mini/program/target", False),
    ("autograd_mini/nn/conv", "viz/draw", False),
    ("autograd_mini/cli/draw", "autograd_mini/cli/terminal", True),
    ("viz/draw", "autograd_mini/program/ir", True),
])  # fmt: skip
def test_the_rule_tells_up_from_down(here, there, allowed):
    assert points_down(here, there) is allowed


def test_a_name_in_a_string_is_an_import(tmp_path):
    (tmp_path / "x.py").write_text('importlib.import_module("autograd_mini.program.text")\n')
    assert imports(tmp_path / "x.py") == {"autograd_mini/program/text"}


def test_a_pass_imports_no_sibling_pass():
    folder = "autograd_mini/program/passes"
    for name in PASSES:
        siblings = {there for there in imports(SOURCE / folder / f"{name}.py") if there.startswith(folder)}
        assert siblings <= {f"{folder}/{name}"}, f"{name} imports a sibling pass"


def test_heavy_libraries_have_one_door():
    def importers(library):
        return {
            path.name
            for path in FILES
            for node in ast.walk(ast.parse(path.read_text()))
            if (isinstance(node, ast.Import) and any(alias.name.split(".")[0] == library for alias in node.names))
            or (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == library)
        }

    assert importers("llvmlite") <= {"compile.py"}
    assert importers("jax") <= {"jax.py"}  # inside a function: ``library``
    assert importers("matplotlib") <= {"charts.py", "training_film.py", "fonts.py", "pdf.py"}  # inside functions


def test_the_core_loads_nothing_heavy():
    code = (
        "import sys, autograd_mini as am; am.nn, am.optim, am.data; "
        "heavy = {'llvmlite', 'jax', 'matplotlib', 'graphviz', 'wasmtime', 'tqdm', 'scipy', 'sklearn', 'viz'}; "
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    light = code.replace("'viz'", "'IPython'").replace("import sys,", "import sys, viz,").replace("'graphviz', ", "")
    subprocess.run([sys.executable, "-c", light.replace("'wasmtime', ", "")], check=True)


def test_no_rule_stands_outside_the_table():
    """A second rule table would mention derivatives of table functions: only the table defines rows."""
    definers = {
        path.name
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "primitive"
        and isinstance(node.args[0], ast.Constant)
    }
    assert definers == {"table.py"}


def test_public_names_exist_and_star_import_leaves_builtins_alone():
    for name in autograd_mini.__all__:
        assert hasattr(autograd_mini, name)
    assert not {"abs", "pow", "round", "sum", "max", "min"} & set(autograd_mini.__all__)
    assert {"abs", "jit"} <= set(dir(autograd_mini))
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        _ = autograd_mini.nonsense


FUNCTIONS = {  # a public function stands where users look for it, under the name of the file that holds it
    "viz.draw": "viz.draw(value)",
    "viz.film": "viz.film(history); the files of its folder are reached by `from viz.film.data import …`",
    "autograd_mini.program.jit.jit": "the package's face, autograd_mini.program.jit, gives the function jit",
}


@pytest.mark.parametrize("name", [place(path).replace("/", ".").removesuffix(".__init__") for path in FILES])
def test_importing_a_module_gives_the_module(name):
    """``import a.b as m`` takes the attribute b of a, which a name of the same spelling would hide."""
    if name == "autograd_mini.__main__" or name.startswith("viz.film."):
        return
    names: dict[str, object] = {}
    exec(f"import {name} as m", names)
    assert (names["m"] is importlib.import_module(name)) is (name not in FUNCTIONS)
