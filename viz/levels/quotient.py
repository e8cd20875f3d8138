"""quotient: the graph that remains when functions move into boxes; all coarser pictures use it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from heapq import heapify, heappop, heappush

from viz.graph.model import Model
from viz.graph.nodes import Edge, Node, Quantity
from viz.graph.parts import Block, Frame, Leaves

__all__ = ["bundle", "quotient", "sorted_nodes", "strips"]

CROWD = 24
"""Leaves of one function up to which each is drawn."""


def quotient(model: Model, home: Mapping[str, str], boxes: Iterable[Node], hidden: Iterable[str] = ()) -> Model:
    """Return ``model`` with each function that ``home`` names moved into one of ``boxes``.

    Values inside a box vanish; those in ``hidden`` become edges (or vanish, where they are leaves).
    """
    values = {node.key: node for node in model.quantities}
    new = {box.key: box for box in boxes}
    unseen = set(hidden)
    into: dict[str, Edge] = {}
    leaving: dict[str, list[Edge]] = defaultdict(list)
    for edge in model.edges:
        if edge.head in values:
            into[edge.head] = edge
        if edge.tail in values:
            leaving[edge.tail].append(edge)

    def box_of(key: str) -> str:
        return home.get(key, key)

    for key, value in values.items():  # values used inside one box only
        if value.role == "result" and key in into:
            source = box_of(into[key].tail)
            if source in new and all(box_of(edge.head) == source for edge in leaving[key]):
                unseen.add(key)
    edges: list[Edge] = []
    for edge in model.edges:
        tail, head, name = edge.tail, edge.head, edge.name
        if head in unseen or (tail in unseen and tail not in into):
            continue
        if tail in unseen:
            name = name or values[tail].label
            tail = into[tail].tail
        tail, head = box_of(tail), box_of(head)
        if tail != head:
            same = tail == edge.tail and head == edge.head and name == edge.name
            edges.append(edge if same else replace(edge, tail=tail, head=head, name=name))
    found: dict[str, Node] = {}
    for node in model.nodes:
        box = box_of(node.key)
        if box in new:
            found.setdefault(box, new[box])
        elif node.key not in unseen:
            found[node.key] = node
    linked = {key for edge in edges for key in (edge.tail, edge.head)}
    kept = [
        node for key, node in found.items()
        if key in linked or key not in values or values[key].role == "output" or len(found) == 1
    ]  # fmt: skip
    present = {node.key for node in kept}
    folds: dict[str, set[str]] = {box.key: set() for box in new.values() if isinstance(box, Block)}
    for key, box in home.items():
        if box in folds:
            folds[box].add(key)
    frames: list[Frame] = []
    for frame in model.frames:
        members = tuple(dict.fromkeys(box for key in frame.members if (box := box_of(key)) in present))
        if all(folds[key] <= set(frame.members) for key in members if key in folds):  # else the box holds more than it
            frames.append(replace(frame, members=members))
    return replace(model, nodes=tuple(sorted_nodes(kept, edges)), edges=tuple(edges), frames=tuple(frames))


def sorted_nodes(nodes: list[Node], edges: Iterable[Edge]) -> list[Node]:
    """Return the nodes in topological order, otherwise as given; nodes of a cycle come last."""
    place = {node.key: i for i, node in enumerate(nodes)}
    waiting = Counter(head for _, head in {(edge.tail, edge.head) for edge in edges})
    after: dict[str, set[str]] = defaultdict(set)
    for edge in edges:
        after[edge.tail].add(edge.head)
    ready = [place[node.key] for node in nodes if not waiting[node.key]]
    heapify(ready)
    order: list[Node] = []
    while ready:
        node = nodes[heappop(ready)]
        order.append(node)
        for head in after[node.key]:
            waiting[head] -= 1
            if not waiting[head]:
                heappush(ready, place[head])
    done = {node.key for node in order}
    return order + [node for node in nodes if node.key not in done]


def strips(model: Model, most: int) -> Model:
    """Return ``model`` with more than ``most`` leaves that go to the same boxes as one strip.

    The operands of a function stay apart, up to ``CROWD`` of them.
    """
    heads: dict[str, set[str]] = defaultdict(set)
    for edge in model.edges:
        heads[edge.tail].add(edge.head)
    functions = {node.key for node in model.functions}
    leaves: dict[tuple[str, frozenset[str]], list[Quantity]] = defaultdict(list)
    for node in model.quantities:
        if node.role not in ("result", "output"):
            leaves[node.role, frozenset(heads[node.key])].append(node)
    home: dict[str, str] = {}
    made: dict[str, Node] = {}
    for (role, into), together in leaves.items():
        if len(together) > (CROWD if into & functions else most):
            key = f"strip{len(made)}"
            kind = "parameters" if role == "parameter" else "inputs"
            data = tuple(node.data for node in together)
            grads = tuple(node.grad for node in together)
            made[key] = Leaves(key, kind, data, grads, tuple(node.key for node in together))
            home |= {node.key: key for node in together}
    nodes: dict[str, Node] = {}
    for each in model.nodes:
        key = home.get(each.key, each.key)
        nodes.setdefault(key, made.get(key, each))
    edges = tuple(replace(edge, tail=home.get(edge.tail, edge.tail)) for edge in model.edges)
    return replace(model, nodes=tuple(nodes.values()), edges=edges)


def bundle(model: Model) -> Model:
    """Join edges between the same two boxes into bands."""
    kinds = {node.key: node for node in model.nodes}
    values = {node.key for node in model.quantities}
    found: dict[tuple[str, str], list[Edge]] = {}
    for edge in model.edges:
        found.setdefault((edge.tail, edge.head), []).append(edge)
    edges: list[Edge] = []
    for together in found.values():
        head, tail = kinds[together[0].head], kinds[together[0].tail]
        if len(together) <= (1 if isinstance(tail, Leaves) else head.lanes):
            edges += together
        else:
            grads = [edge.grad for edge in together if edge.grad is not None]
            if together[0].tail in values:  # one value, used several times
                parts = tuple(key for edge in together for key in (edge.parts or (edge.key,)))
                whole = sum(grads) if grads else None
                edges.append(replace(together[0], grad=whole, upstream=None, local=None, parts=parts))
                continue
            edges.append(
                replace(together[0], data=None, grad=sum(grads) if grads else None, upstream=None, local=None,
                        name="", band=sum(edge.band for edge in together))
            )  # fmt: skip
    return replace(model, edges=tuple(edges))
