"""Names of parameters of several layers: layer1.w₁ and layer2.w₁ where both layers have a w₁.

Modules in a Sequential, or in an attribute of another module, label their parameters themselves. Layers that stand
alone cannot know of each other: their parameters are told apart here, by the functions that use them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace

from viz.graph.model import Model
from viz.graph.nodes import Edge

__all__ = ["told_apart"]


def told_apart(model: Model) -> Model:
    """Return ``model`` with "layer2." before the labels of a layer's parameters, where another has one of the same.

    Functions with a parameter in common, as the places of a convolution, or of the same inputs, as the units of a
    layer, are one layer; layers are numbered in the order of computation.
    """
    parameters = {node.key: node for node in model.quantities if node.role == "parameter" and node.label}
    twice = {label for label, count in Counter(node.label for node in parameters.values()).items() if count > 1}
    if not twice:
        return model
    owner = _layers(model, set(parameters))
    places = {root: f"layer{place}." for place, root in enumerate(dict.fromkeys(owner.values()), 1)}
    mixed = {owner[key] for key, node in parameters.items() if node.label in twice and key in owner}
    called = {
        key: f"{places[owner[key]]}{node.label}" if owner.get(key) in mixed else node.label
        for key, node in parameters.items()
    }
    if max(Counter(called.values()).values()) > 1:
        return model  # they belong to one layer, or to none: their owner is no help
    return model.with_nodes({key: replace(parameters[key], label=label) for key, label in called.items()})


def _layers(model: Model, parameters: set[str]) -> dict[str, str]:
    """The layer of each parameter, as the key of its first function."""
    affine = {function.key for function in model.functions if function.name == "affine"}
    into: dict[str, list[Edge]] = defaultdict(list)
    for edge in model.edges:
        if edge.head in affine:
            into[edge.head].append(edge)
    root: dict[object, object] = {}

    def find(x: object) -> object:
        root.setdefault(x, x)
        while root[x] != x:
            root[x] = root[root[x]]
            x = root[x]
        return x

    for head, edges in into.items():
        edges.sort(key=lambda edge: edge.slot)
        count = len(edges) // 2
        inputs = tuple(edge.tail for edge in edges[count:-1])
        for other in (("inputs", *inputs), *(edge.tail for edge in (*edges[:count], edges[-1]))):
            root[find(other)] = find(head)
    found: dict[str, str] = {}
    first: dict[object, str] = {}
    for head, edges in into.items():  # in the order of computation
        layer = first.setdefault(find(head), head)
        found |= {edge.tail: layer for edge in edges if edge.tail in parameters}
    return found
