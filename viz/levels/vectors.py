"""Vectors: circles that hold a whole layer each, squares that map vectors."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace

from autograd_mini.language import tell
from viz.graph.model import Model
from viz.graph.networks import Map, Vector
from viz.graph.nodes import Edge, Node, Quantity
from viz.levels.level import Asked, View
from viz.levels.maps import Maps
from viz.levels.quotient import sorted_nodes
from viz.style.typeset import subscript

__all__ = ["vectors"]

MOST = 60
"""Vectors and maps up to which they are drawn."""
_INDEX = re.compile(r"[\d₀-₉]+$")


def vectors(asked: Asked) -> View | None:
    """Show a graph by its layers, where that was asked for and there are some."""
    if asked.detail != "vectors":
        return None
    small = _by_layers(Maps(asked.named))
    if any(len(each.data) > 1 for each in small.each(Vector)) and len(small.nodes) <= MOST:
        return View(asked.said(small), "vectors", None)
    asked.notes.append(tell("There are no layers to draw as vectors, or too many; drawn as heat maps."))
    return None


def _by_layers(found: Maps) -> Model:
    """Return the model of vectors and maps."""
    groups: dict[object, list[Quantity]] = defaultdict(list)
    for value in found.graph.quantities:
        if _shown(found, value):
            made = found.maker.get(value.key)
            groups[(value.role, found.places(value.key)) if made is None else found.home[made]].append(value)
    home: dict[str, str] = {}
    circles: list[Quantity | Vector] = []
    for group in groups.values():
        alone = len(group) == 1 and group[0].role in ("output", "constant")
        key = group[0].key if alone else f"vector{len(circles)}"
        home |= dict.fromkeys((value.key for value in group), key)
        data, grads = tuple(value.data for value in group), tuple(value.grad for value in group)
        stem = _INDEX.sub("", group[0].label)
        name = group[0].label if len(group) == 1 else stem
        name = name if all(_INDEX.sub("", value.label) == stem for value in group) else ""
        whole = Vector(key, name, group[0].role, data, grads, tuple(value.key for value in group))
        circles.append(group[0] if alone else whole)
    circles = _named(found, circles)
    called = {circle.key: circle.called for circle in circles}
    names = {key: called[at] for key, at in home.items() if called[at]}
    nodes: list[Node] = [*circles, *(_map(found, place, names) for place in range(len(found.maps)))]
    edges = _edges(found, home)
    return replace(found.graph, nodes=tuple(sorted_nodes(nodes, edges)), edges=edges, frames=())


def _shown(found: Maps, value: Quantity) -> bool:
    """Whether a value is in a circle: no weight, no number inside a map, no constant in a formula."""
    if value.role == "output":
        return True
    uses = [found.functions[key] for key in found.uses[value.key]]
    places = found.places(value.key)
    made = found.maker.get(value.key)
    if made is not None:
        return places != {found.home[made]}
    weighs = all(each.name == "affine" and value.key not in found.inputs(each) for each in uses)
    plain = value.role == "constant" and not value.label and len(places) == 1
    return not weighs and not (plain and all(each.name != "affine" for each in uses))


def _named(found: Maps, circles: list[Quantity | Vector]) -> list[Quantity | Vector]:
    """Name vectors without a label: x for inputs, h₁, h₂… for layers, y for the last one."""
    taken = {circle.called for circle in circles}
    unnamed = [each for each in circles if isinstance(each, Vector) and not each.name]
    layers = [each for each in unnamed if each.members[0] in found.maker]
    inputs = [each for each in unnamed if each not in layers]
    letters = {
        each.key: f"h{subscript(str(place + 1)) if len(layers) > 2 else ''}" for place, each in enumerate(layers)
    }
    if layers:
        letters[layers[-1].key] = "y"
    letters |= {
        each.key: f"x{subscript(str(place + 1)) if len(inputs) > 1 else ''}" for place, each in enumerate(inputs)
    }
    return [replace(each, name=letters[each.key]) if isinstance(each, Vector) and letters.get(each.key, "") not in taken
            else each for each in circles]  # fmt: skip


def _map(found: Maps, place: int, names: dict[str, str]) -> Map:
    """Return the square of a map: "σ(W·x + b)" with the sizes of W and b, the name of a loss, or the function."""
    inside = found.maps[place]
    affine = [each for each in inside if each.name == "affine"]
    after = list(dict.fromkeys(each.label for each in inside if each.name != "affine"))
    members = tuple(key for each in inside for key in (each.members or (each.key,)))
    state = "not finite" if any(each.state == "not finite" for each in inside) else ""
    if not affine:
        label = inside[0].whole[0] if inside[0].whole is not None else ", ".join(after)
        return Map(f"map{place}", label, "", members, state)
    inputs = list(dict.fromkeys(key for each in affine for key in found.inputs(each)))
    given = ", ".join(dict.fromkeys(names.get(key) or "·" for key in inputs))
    biased = any(found.values[found.weights(each)[-1]].role == "parameter" for each in affine)
    given = f"({given})" if "," in given else given
    inner = f"W·{given}{' + b' * biased}"
    parameters = len({key for each in affine for key in found.weights(each) if found.values[key].role == "parameter"})
    detail = tell("{count:,} parameters", count=parameters)
    if all(found.inputs(each) == inputs for each in affine):
        detail = f"W {len(affine)}×{len(inputs)}" + f", b {len(affine)}" * biased
    return Map(f"map{place}", f"{', '.join(after)}({inner})" if after else inner, detail, members, state)


def _edges(found: Maps, home: dict[str, str]) -> tuple[Edge, ...]:
    """Return an edge for every vector and map that belong together; the numbers are in the circles."""
    edges: dict[tuple[str, str], Edge] = {}
    for edge in found.graph.edges:
        tail, head = (
            home.get(key) or (f"map{found.home[key]}" if key in found.home else "") for key in (edge.tail, edge.head)
        )
        if tail and head and (tail, head) not in edges:
            edges[tail, head] = replace(
                edge, tail=tail, head=head, slot=0, data=None, grad=None, upstream=None, local=None
            )
    return tuple(edges.values())
