"""Large graphs in a few dozen boxes: groups, then trees, then stretches of the computation.

The boxes keep the graph acyclic, so that it still reads from left to right.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from autograd_mini.language import tell
from viz.graph.model import Model
from viz.graph.nodes import Edge, Function, Node
from viz.graph.parts import Block, Port
from viz.levels.contract import block, contract
from viz.levels.quotient import bundle, quotient, strips

__all__ = ["overview", "shrink"]

MOST_TO_A_FORMULA = 11
"""Functions in the longest formula that a box shows."""
MANY, STRETCHES, FEW = 30, 12, 3
"""With more boxes stretches are made; the number of stretches; with more leaves per box they become a strip."""


def shrink(model: Model) -> Model:
    """Return ``model`` in a few dozen boxes at most: groups, then trees, then stretches of the computation."""
    small = _trees(_grouped(model), MANY)
    blocks = {node.key for node in small.each(Block)}
    used = {edge.tail for edge in small.edges if edge.head in blocks}
    hidden = {
        node.key
        for node in small.quantities
        if (node.role == "result" and not node.label) or (node.role == "constant" and node.key in used)
    }
    small = quotient(small, {}, (), hidden)
    if _boxes(small) > MANY:
        small = _stretches(small)
    return _ported(bundle(strips(small, FEW)))


def _trees(model: Model, most: int) -> Model:
    """Trees of functions as boxes: by their formulas where that gives no more than ``most``, else by their number."""
    if model.size <= MOST_TO_A_FORMULA * most:  # else formulas alone cannot be few enough
        small = contract(model)
        if _boxes(small) <= most:
            return small
    return contract(model, cap=max(4, model.size // STRETCHES))


def overview(model: Model) -> Model:
    """Return ``model`` in a few dozen boxes that still name every value between them, for the compact form."""
    small = _trees(_grouped(model), 2 * MANY)
    return bundle(_stretches(small) if _boxes(small) > 2 * MANY else small)


def _boxes(model: Model) -> int:
    return sum(node.size > 0 for node in model.nodes)


def _grouped(model: Model) -> Model:
    """Each outermost group, and each loss, as a box; those of one name with the same functions as one box ×N."""
    entries: dict[tuple[str, int], list[Function]] = defaultdict(list)
    for function in model.functions:
        entry = function.group[0] if function.group else function.whole
        if entry is not None:
            entries[entry].append(function)
    alike: dict[tuple[object, ...], list[tuple[str, int]]] = defaultdict(list)
    for entry, inside in entries.items():
        alike[entry[0], tuple(function.label for function in inside)].append(entry)
    folded = _boxed(model, entries, alike.values())
    if _cyclic(folded):
        folded = _boxed(model, entries, [[entry] for entry in entries])
    return folded


def _boxed(
    model: Model, entries: Mapping[tuple[str, int], list[Function]], sets: Iterable[list[tuple[str, int]]]
) -> Model:
    boxes: list[Node] = []
    home: dict[str, str] = {}
    for number_, alike in enumerate(sets):
        inside = [function for entry in alike for function in entries[entry]]
        key = f"g{number_}"
        boxes.append(block(key, inside, name=alike[0][0], times=len(alike)))
        home |= {function.key: key for function in inside}
    return quotient(model, home, boxes)


def _cyclic(model: Model) -> bool:
    seen: set[str] = set()
    before: dict[str, set[str]] = defaultdict(set)
    for edge in model.edges:
        before[edge.head].add(edge.tail)
    for node in model.nodes:
        if not before[node.key] <= seen:
            return True
        seen.add(node.key)
    return False


def _places(model: Model) -> tuple[list[Block], dict[str, str]]:
    """Consecutive stretches of the order of computation, of about equal size, and which function is in which."""
    loose: dict[str, Function | Block] = {function.key: function for function in model.functions}
    loose |= {box.key: box for box in model.each(Block)}
    chosen = [loose[node.key] for node in model.nodes if node.key in loose]
    share = sum(node.size for node in chosen) / STRETCHES
    place: dict[str, int] = {}
    inside: dict[int, list[Function | Block]] = defaultdict(list)
    done = 0
    for node in chosen:
        place[node.key] = int(done / share)
        done += node.size
        inside[place[node.key]].append(node)
    boxes: list[Block] = []
    step = 1
    for at, members in inside.items():
        size = sum(node.size for node in members)
        boxes.append(block(f"s{at}", members, name=tell("operations {first}–{last}", first=step, last=step + size - 1)))
        step += size
    return boxes, {key: f"s{at}" for key, at in place.items()}


def _stretches(model: Model) -> Model:
    """The stretches as a chain, each with edges for the values needed later; this is possible for every graph."""
    boxes, home = _places(model)
    hidden = {
        node.key for node in model.quantities if node.role == "result" or (node.role == "constant" and not node.label)
    }
    folded = quotient(model, home, boxes, hidden)
    order = {box.key: at for at, box in enumerate(boxes)}
    kept = [edge for edge in folded.edges if not (edge.tail in order and edge.head in order)]
    handed: list[dict[str, Edge]] = [{} for _ in boxes]
    makers = {edge.key: edge.tail for edge in model.edges}
    for edge in folded.edges:
        if edge.tail in order and edge.head in order:
            for at in range(order[edge.tail], order[edge.head]):
                handed[at].setdefault(makers[edge.key], edge)
    for at, values in enumerate(handed[:-1]):
        tail, head = boxes[at].key, boxes[at + 1].key
        kept += (replace(edge, key=f"{edge.key}-{at}", tail=tail, head=head) for edge in values.values())
    return replace(folded, edges=tuple(kept))


def _ported(model: Model, most: int = 4) -> Model:
    """A leaf that goes to many boxes, as a port before each of them, with what it contributes there."""
    uses = Counter(edge.tail for edge in model.edges)
    busy = {
        node.key: node.called for node in model.quantities
        if node.role not in ("result", "output") and uses[node.key] > most and node.called
    }  # fmt: skip
    ports = {edge.key: Port(f"p{edge.key}", busy[edge.tail], edge, False) for edge in model.edges if edge.tail in busy}
    edges = tuple(
        replace(edge, tail=ports[edge.key].key, data=None, flow="unwanted") if edge.key in ports else edge
        for edge in model.edges
    )
    return replace(model, nodes=(*ports.values(), *model.nodes), edges=edges)
