"""Every text that is said by ``tell``: in Python, in the pages' scripts, and in their templates."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import autograd_mini
import viz
from viz.graph.nodes import Role, State
from viz.web.document import NAMED, WORDS

CODE, PICTURES = Path(autograd_mini.__file__).parent, Path(viz.__file__).parent
SAYS = {"tell", "counted"}
IN_SCRIPTS = re.compile(r'\btell\(("(?:[^"\\]|\\.)*")')
DATASETS = re.compile(r'^  "?([A-Z][\w ]+)"?: \(', re.MULTILINE)


def spoken() -> dict[str, str]:
    """Return English text → where it is said."""
    found: dict[str, str] = {}
    for path in (*CODE.rglob("*.py"), *PICTURES.rglob("*.py")):
        for text in _in_python(ast.parse(path.read_text(encoding="utf-8"))):
            found[text] = str(path)
    for path in PICTURES.rglob("assets/*.js"):
        for literal in IN_SCRIPTS.findall(path.read_text(encoding="utf-8")):
            found[json.loads(literal)] = str(path)
    for path in PICTURES.rglob("assets/*.html"):
        page = path.read_text(encoding="utf-8")
        texts = [" ".join(words.split()) for words in WORDS.findall(page)] + [text for _, text in NAMED.findall(page)]
        found |= dict.fromkeys(texts, str(path))
    named = {text for text in (*get_args(Role), *get_args(State)) if text}  # tell(node.state): what a node may be
    sets = DATASETS.findall((PICTURES / "film/assets/datasets.js").read_text(encoding="utf-8"))
    return found | dict.fromkeys([*named, "function", "Recorded", "Own", *sets], "by the name of what is shown")


def _in_python(tree: ast.Module) -> Iterator[str]:
    """Yield the literals given to ``tell`` and ``counted``, and of a constant that is given by its name."""
    constants = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SAYS:
            given = node.args[:1] if node.func.id == "tell" else node.args[1:3]
            for each in given:
                if isinstance(each, ast.Name) and each.id in constants:
                    each = constants[each.id]
                yield from _texts(each)
        if isinstance(node, ast.Assign) and any(
            isinstance(t, ast.Name) and t.id.endswith("_TEXTS") for t in node.targets
        ):
            yield from _texts(node.value)


def _texts(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from (*_texts(node.body), *_texts(node.orelse))
    elif isinstance(node, ast.Dict):
        for value in node.values:
            yield from _texts(value)
    elif isinstance(node, (ast.Tuple, ast.List)):
        for value in node.elts:
            yield from _texts(value)
