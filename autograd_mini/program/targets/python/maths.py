"""The functions of ``ieee.py`` as text, and what ``math`` has for them."""

from __future__ import annotations

import ast
import functools
import inspect
import math

from autograd_mini.primitives import ieee

__all__ = ["fast", "helpers_text", "ieee_statements"]


@functools.cache
def ieee_statements() -> tuple[dict[str, ast.stmt], dict[str, str]]:
    """Return name → the statement of ieee.py that defines it, and name → the plain text of it."""
    text = inspect.getsource(ieee)
    found: dict[str, ast.stmt] = {}
    for statement in ast.parse(text).body:
        if isinstance(statement, ast.FunctionDef):
            found[statement.name] = statement
        elif isinstance(statement, ast.Assign):
            for node in ast.walk(statement.targets[0]):
                if isinstance(node, ast.Name):
                    found[node.id] = statement
    return found, {name: ast.get_source_segment(text, statement) or "" for name, statement in found.items()}


def helpers_text(needed: set[str]) -> str:
    """Return the part of ieee.py that defines ``needed``, in its order."""
    statements, texts = ieee_statements()
    wanted: set[str] = set()
    stack = [name for name in needed if name in statements]
    while stack:
        name = stack.pop()
        if name not in wanted:
            wanted.add(name)
            inner = (node.id for node in ast.walk(statements[name]) if isinstance(node, ast.Name))
            stack.extend(each for each in inner if each in statements)
    parts: list[str] = []
    for text in dict.fromkeys(texts[name] for name in statements if name in wanted):
        far = text.startswith("def ") or (parts and parts[-1].startswith("def "))
        parts += [*[""] * (2 * bool(far)), text]
    return "\n".join(parts)


@functools.cache
def fast(name: str) -> str:
    """Return the function of ``math`` that ``ieee.name`` calls first, or "" where there is none."""
    if name == "power":
        return "math.pow"
    statement = ieee_statements()[0].get(name)
    if not isinstance(statement, ast.Assign):
        return ""
    value = statement.value
    if isinstance(value, ast.Call):
        called, *first = (value.func, *value.args[:1])
        direct = isinstance(called, ast.Name) and called.id == "total" and isinstance(first[0], ast.Attribute)
        return f"math.{name}" if direct else ""
    return f"math.{name}" if hasattr(math, name) and getattr(ieee, name) is getattr(math, name) else ""
