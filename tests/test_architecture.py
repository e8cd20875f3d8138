"""The house: imports point downwards, the core stays light, and a file holds one noun."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import autograd_mini
import viz

ROOT = Path(autograd_mini.__file__).parent
VIZ = Path(viz.__file__).parent

# From the top of the house to the bottom: a module imports only what stands above it.
ORDER = [
    "ieee", "format", "primitive", "primitives", "value", "engine", "methods", "pickling", "origin", "group",
    "structure", "transforms", "differences", "check", "anomaly", "formula", "postfix", "expression",
    "program", "nn", "losses", "optim", "schedules", "data", "checkpoint", "evaluation", "history", "progress",
    "run", "training",
]  # fmt: skip
FREE = {"__init__", "__main__"}  # the front door re-exports; the command line opens everything
PASSES = {"adjoint", "simplify", "lower", "verify", "emit_python", "emit_numpy", "emit_javascript", "emit_llvm"}


def imports(path: Path) -> set[str]:
    """Return the dotted names of the package's own modules that a file imports anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            found.update(name if is_module(name) else node.module for name in inner)
    return {name for name in found if name.split(".")[0] in ("autograd_mini", "viz")}


def is_module(name: str) -> bool:
    path = ROOT.parent / Path(*name.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def room(name: str) -> str:
    parts = name.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


MODULES = sorted(ROOT.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_downwards(path):
    here = path.relative_to(ROOT).parts[0].removesuffix(".py")
    if here in FREE or here.startswith("cli"):
        return
    assert here in ORDER, f"{here} has no place in the house yet: add it to ORDER"
    for name in imports(path):
        assert not name.startswith("viz"), f"{path.name} imports {name}: nothing in the package reads viz"
        there = room(name)
        if there == "__init__":
            continue
        assert not there.startswith("cli"), f"{path.name} imports the command line"
        assert ORDER.index(there) <= ORDER.index(here), f"{path.name} imports {name}, which stands below it"


def test_a_pass_imports_no_sibling_pass():
    for path in (ROOT / "program").glob("*.py"):
        if path.stem in PASSES:
            siblings = {name.split(".")[2] for name in imports(path) if name.startswith("autograd_mini.program.")}
            assert not siblings & (PASSES - {path.stem}), f"{path.name} imports a sibling pass"


def test_heavy_libraries_have_one_door():
    def importers(library):
        return {
            path.name
            for path in (*MODULES, *VIZ.rglob("*.py"))
            for node in ast.walk(ast.parse(path.read_text()))
            if (isinstance(node, ast.Import) and any(alias.name.split(".")[0] == library for alias in node.names))
            or (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == library)
        }

    assert importers("llvmlite") <= {"emit_llvm.py"}
    assert importers("matplotlib") <= {"plots.py", "pdf.py", "raster.py"}  # each inside functions, see below


def test_the_core_loads_nothing_heavy():
    code = (
        "import sys, autograd_mini as am; am.nn, am.optim, am.data; "
        "heavy = {'llvmlite', 'matplotlib', 'graphviz', 'wasmtime', 'tqdm', 'scipy', 'sklearn', 'viz'}; "
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    light = code.replace("'viz'", "'IPython'").replace("import sys,", "import sys, viz,").replace("'graphviz', ", "")
    subprocess.run([sys.executable, "-c", light.replace("'wasmtime', ", "")], check=True)


def test_no_rule_stands_outside_the_table():
    """A second rule table would mention derivatives of table functions: only primitives.py defines rows."""
    definers = {
        path.name
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "primitive"
        and isinstance(node.args[0], ast.Constant)
    }
    assert definers == {"primitives.py"}


def test_public_names_exist_and_star_import_leaves_builtins_alone():
    for name in autograd_mini.__all__:
        assert getattr(autograd_mini, name) is not None
    assert not {"abs", "pow", "round", "sum", "max", "min"} & set(autograd_mini.__all__)
    assert {"abs", "jit"} <= set(dir(autograd_mini))
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        _ = autograd_mini.nonsense
