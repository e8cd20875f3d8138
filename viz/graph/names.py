"""The names of the values of a graph: their labels, or letters."""

from __future__ import annotations

from dataclasses import replace

from viz.graph.model import Model
from viz.style.typeset import number, subscript

__all__ = ["named", "names"]

LETTERS = "abcdfghjkmnpqrstuvwxyz"  # without e, i, l, o, which read as numbers


def named(graph: Model) -> Model:
    """Return ``graph`` with the name of every value set as by ``names``; coarser views keep it."""
    called = names(graph)
    return graph.with_nodes({node.key: replace(node, name=called[node.key]) for node in graph.quantities})


def names(graph: Model) -> dict[str, str]:
    """Return a name for every value: its label, the number of a constant, else a letter; all different."""
    if all(node.name for node in graph.quantities):
        return {node.key: node.name for node in graph.quantities}
    taken = {node.label for node in graph.quantities if node.label}
    unnamed = [node for node in graph.quantities if not node.label and node.role != "constant"]
    many = len(unnamed) > len(LETTERS)
    letters = (f"v{subscript(str(i))}" for i in range(1, len(unnamed) + len(taken) + 2)) if many else iter(LETTERS)
    outputs = [node for node in graph.quantities if node.role == "output"]
    found: dict[str, str] = {}
    used: set[str] = set()
    for node in graph.quantities:
        if node.role == "constant":
            found[node.key] = node.label or number(node.data)
            continue
        name = node.label
        if not name and node.role == "output" and len(outputs) == 1 and "L" not in taken:
            name = "L"
        while not name or (not node.label and name in taken):
            name = next(letters, f"v{subscript(node.key[1:])}")
        stem, copy = name, 1
        while name in used:  # two values with one label: x, x′, x″…
            name, copy = stem + "′" * copy, copy + 1
        used.add(name)
        found[node.key] = name
    return found
