"""Shared by the commands: formulas and values from the command line, files, and plain or coloured text."""

from __future__ import annotations

import argparse
import codecs
import difflib
import os
import sys
import unicodedata
from collections.abc import Sequence
from importlib.util import find_spec
from io import TextIOWrapper
from types import ModuleType
from typing import TYPE_CHECKING, TextIO

from autograd_mini.engine.value import Value
from autograd_mini.expression.callables import CONSTANTS
from autograd_mini.expression.expression import Expression, ExpressionError, parse
from autograd_mini.format import brief
from autograd_mini.language import tell
from autograd_mini.primitives.registry import PRIMITIVES

if TYPE_CHECKING:
    from viz import Drawing

__all__ = [
    "PICTURES",
    "Refused",
    "add_formula",
    "draw",
    "formula_and_values",
    "narrate",
    "paint",
    "pictures",
    "save",
    "speak_plainly",
]

ASCII = {
    "−": "-",
    "×": "x",
    "÷": "/",
    "·": "*",
    "∂": "d",
    "±": "+/-",
    "–": "-",
    "…": "...",
    "√": "sqrt",
    "≤": "<=",
    "′": "'",
}
STYLES = {"bold": "1", "dim": "2", "value": "34", "gradient": "32", "wrong": "31"}


class Refused(Exception):  # noqa: N818  (a message to the user, not a fault of the program)
    """Bad input: the command ends with this one line and exit status 2."""


# ---------------------------------------------------------------- in


PICTURES = ".svg, .html, .png, .pdf, .dot or .txt"
"""The endings of files that a drawing can be saved as."""


def add_formula(parser: argparse.ArgumentParser) -> None:
    """Add the formula and the values of its variables."""
    parser.add_argument("formula", metavar="EXPR", help=tell('a formula such as "tanh(w*x + b)"'))
    parser.add_argument(
        "values",
        metavar="name=value",
        nargs="*",
        default=[],
        help=tell("a number for each variable: x=2, y=-1e-3, t=pi/2"),
    )


def formula_and_values(options: argparse.Namespace, partly: bool = False) -> tuple[Expression, dict[str, float]]:
    """Return the formula and a number for each of its variables, in order; raise Refused where one is missing or wrong.

    ``partly``  whether values may be missing
    """
    try:
        formula = parse(options.formula.strip())
    except ExpressionError as error:
        raise Refused(str(error)) from None
    given: dict[str, float] = {}
    for binding in options.values:
        name, equals, text = binding.partition("=")
        name = unicodedata.normalize("NFKC", name.strip())
        if not equals or not name:
            raise Refused(tell("{text} is not name=value; write, for example, x=0.5", text=repr(brief(binding))))
        if name in given:
            raise Refused(tell("{name} is given twice; give one value", name=brief(name)))
        if name not in formula.names:
            raise Refused(_unknown(name, formula.names))
        given[name] = _given_number(name, text)
    missing = [name for name in formula.names if name not in given]
    if missing and not partly:
        shown = brief(", ".join(missing))
        also = [name for name in missing if name in PRIMITIVES]
        hint = tell(" ({name} is a function too: {name}(…))", name=also[0]) if also else ""
        needed = brief(" ".join(f"{name}=…" for name in missing))
        raise Refused(tell("no value for {names}; add {needed}", names=shown, needed=needed) + hint)
    return formula, {name: given[name] for name in formula.names if name in given}


def _given_number(name: str, text: str) -> float:
    try:
        number = parse(text)
        return float(number())
    except (ExpressionError, TypeError):  # no formula, or one with variables
        raise Refused(
            tell(
                "{name}={text}: {shown} is not a number; write {name}=0.5, {name}=1e-3 or {name}=pi/2",
                name=name,
                text=brief(text),
                shown=repr(brief(text)),
            )
        ) from None


def _unknown(name: str, names: Sequence[str]) -> str:
    if name in CONSTANTS:
        return tell("{name} is a constant of formulas; use another name for a variable", name=name)
    if not names:
        return tell("{name} is no variable of the formula, which has none", name=repr(brief(name)))
    near = difflib.get_close_matches(name, names, n=1)
    hint = tell("; did you mean {name}?", name=repr(near[0])) if near else ""
    shown, known = repr(brief(name)), brief(", ".join(names))
    return tell("{name} is no variable of the formula; its variables are {names}", name=shown, names=known) + hint


# ---------------------------------------------------------------- out


def pictures() -> ModuleType:
    """Return this project's package ``viz``; raise Refused, with its path, where another module has that name."""
    try:
        import viz
    except Exception as error:  # another project's module may raise anything when it is imported
        found = find_spec("viz")
        where = brief(str(found.origin if found else "nowhere"), 200)
        raise Refused(
            tell("the package viz cannot be imported from {where}: {error}", where=where, error=error)
        ) from None
    if not hasattr(viz, "Drawing") or not hasattr(viz, "narrate"):
        where = brief(str(getattr(viz, "__file__", None) or next(iter(viz.__path__))), 200)
        raise Refused(
            tell(
                "another module named viz is found first, {where}; rename it, uninstall it, or run from another folder",
                where=where,
            )
        )
    return viz


def draw(graph: Value, theme: str, detail: str = "auto", title: str = "") -> Drawing:
    """Return the picture of a graph."""
    try:
        drawing: Drawing = pictures().draw(graph, detail=detail, theme=theme, title=title)
        return drawing
    except (ValueError, RuntimeError) as error:  # too large, or Graphviz is missing
        raise Refused(str(error)) from None


def narrate(graph: Value) -> str:
    """Return the explanation of both passes, step by step."""
    try:
        return str(pictures().narrate(graph))
    except ValueError as error:
        raise Refused(str(error)) from None


def save(drawing: Drawing, path: str) -> None:
    """Write a picture; raise Refused where the file cannot be written or its ending is unknown."""
    try:
        drawing.save(path)
    except OSError as error:
        raise Refused(tell("cannot write {path}: {why}", path=brief(path), why=error.strerror or error)) from None
    except (ValueError, ImportError, RuntimeError) as error:  # an unknown ending, or a library that is missing
        raise Refused(str(error)) from None


def paint(text: str, style: str) -> str:
    """Return ``text`` in a style where the output is a terminal with colours, else unchanged."""
    plain = not sys.stdout.isatty() or "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb"
    return text if plain or not text else f"\x1b[{STYLES[style]}m{text}\x1b[0m"


def speak_plainly(*streams: TextIO) -> None:
    """Make streams whose encoding lacks − or ∂ write - and d in place of failing."""
    codecs.register_error("autograd_mini.plain", _plain)
    for stream in streams:
        if isinstance(stream, TextIOWrapper) and stream.errors != "autograd_mini.plain":
            stream.reconfigure(errors="autograd_mini.plain")


def _plain(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    lost = error.object[error.start : error.end]
    spelled = (ASCII.get(char) or unicodedata.normalize("NFKD", char) for char in lost)
    return "".join("".join(filter(str.isascii, text)) or "?" for text in spelled), error.end
