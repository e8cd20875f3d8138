"""Recognise ``w·x + … + b``: a chain or a tree of + over products becomes one affine function."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace

from viz.graph.model import Model
from viz.graph.nodes import Edge, Function

__all__ = ["recognised"]


@dataclass(frozen=True)
class _Sum:
    """A recognised affine function: its last addition, its inner functions, and the edges of weights and inputs."""

    top: Function
    inside: tuple[str, ...]
    weights: tuple[Edge, ...]
    inputs: tuple[Edge, ...]
    bias: Edge


class _Finder:
    def __init__(self, model: Model) -> None:
        self.values = {node.key: node for node in model.quantities}
        self.functions = {node.key: node for node in model.functions}
        self.into: dict[str, list[Edge]] = defaultdict(list)
        self.uses: dict[str, list[Edge]] = defaultdict(list)
        for edge in model.edges:
            self.into[edge.head].append(edge)
            self.uses[edge.tail].append(edge)

    def maker(self, edge: Edge, name: str) -> Function | None:
        """The function named ``name`` whose unlabelled result only this edge uses."""
        value = self.values[edge.tail]
        plain = value.role == "result" and not value.label and len(self.uses[value.key]) == 1
        made = self.functions[self.into[value.key][0].tail] if plain else None
        return made if made is not None and made.name == name else None

    def sum_from(self, top: Function) -> _Sum | None:
        """The affine function whose last addition is ``top``, None where there is none."""
        inside = [top.key]
        weights: list[Edge] = []
        inputs: list[Edge] = []
        rest: list[Edge] = []
        zeros: list[Edge] = []
        waiting = list(self.into[top.key])
        while waiting and len(rest) < 2:  # from the last term to the first, which finds other sums at once
            edge = waiting.pop()
            inner = self.maker(edge, "add")
            if inner is not None and inner.group == top.group:
                inside.append(inner.key)
                waiting += self.into[inner.key]
                continue
            product = self.maker(edge, "mul")
            factors = self.into[product.key] if product is not None and product.group == top.group else []
            weight = next((each for each in factors if self.values[each.tail].role == "parameter"), None)
            if product is not None and weight is not None and len(factors) == 2:
                inside.append(product.key)
                weights.insert(0, weight)
                inputs.insert(0, factors[1 - factors.index(weight)])
            else:
                (zeros if self.zero(edge) else rest).append(edge)
        rest = rest or zeros[:1]
        if len(rest) != 1 or self.values[rest[0].tail].role not in ("parameter", "constant", "input"):
            return None
        if len(weights) < 2 and not (weights and self.values[rest[0].tail].role == "parameter"):
            return None
        return _Sum(top, tuple(inside), tuple(weights), tuple(inputs), rest[0])

    def zero(self, edge: Edge) -> bool:
        """Whether this is the 0 that ``sum`` starts from."""
        value = self.values[edge.tail]
        return value.role == "constant" and value.data == 0 and len(self.uses[value.key]) == 1


def recognised(model: Model) -> Model:
    """Return ``model`` with every sum of weighted inputs as one function ``affine``.

    A term is a product with a parameter. One term is none, the bias, which is a leaf: also the 0 that
    ``sum`` starts from. Two products, or one and a bias that is a parameter, make a sum affine.
    """
    find = _Finder(model)
    found: list[_Sum] = []
    taken: set[str] = set()
    for function in reversed(model.functions):
        if function.name == "add" and function.key not in taken:
            made = find.sum_from(function)
            if made is not None:
                found.append(made)
                taken |= set(made.inside)
    if not found:
        return model
    tops = {made.top.key: made for made in found}
    gone = {key for made in found for key in made.inside if key != made.top.key}
    biases = {made.bias.tail for made in found}
    dropped = {
        edge.tail for made in found for key in made.inside for edge in find.into[key]
        if find.zero(edge) and edge.tail not in biases
    }  # fmt: skip
    vanished = dropped | {edge.head for key in gone for edge in find.uses[key]}
    edges: list[Edge] = []
    for edge in model.edges:
        if edge.head in tops:
            edges += _edges(tops.pop(edge.head), find)
        elif not ({edge.head, edge.tail} & (gone | vanished) or edge.head in taken):
            edges.append(edge)
    changed = {made.top.key: replace(made.top, name="affine", label="affine", members=made.inside) for made in found}
    nodes = tuple(
        changed.get(node.key, node) for node in model.nodes if node.key not in gone and node.key not in vanished
    )
    kept = {node.key for node in nodes}
    frames = tuple(replace(frame, members=tuple(key for key in frame.members if key in kept)) for frame in model.frames)
    return replace(model, nodes=nodes, edges=tuple(edges), frames=frames)


def _edges(made: _Sum, find: _Finder) -> list[Edge]:
    """The edges of the affine function: weights, then inputs, then the bias, with what flows back along each."""
    result = find.values[find.uses[made.top.key][0].head]
    count = len(made.weights)
    found: list[Edge] = []
    for slot, (edge, factor) in enumerate(
        [*zip(made.weights, made.inputs, strict=True), *zip(made.inputs, made.weights, strict=True)]
    ):
        found.append(replace(edge, head=made.top.key, slot=slot, upstream=result.grad, local=factor.data))
    return [*found, replace(made.bias, head=made.top.key, slot=2 * count, upstream=result.grad, local=1.0)]
