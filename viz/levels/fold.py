"""Coarser graphs from finer ones: boxes of functions in place of functions.

Everything rests on ``quotient``: given which box each function moves into, it works out what
remains visible between the boxes. ``contract`` and ``shrink`` choose such boxes for graphs that
have no network in them; they keep the graph acyclic, so that it still reads from left to right.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from heapq import heapify, heappop, heappush

from viz.graph.model import Edge, Function, Model, Node, Quantity
from viz.graph.parts import Block, Card, Layer, Leaves
from viz.graph.words import ATOM, apply, signed
from viz.style.typeset import number

__all__ = ["block", "bundle", "contract", "quotient", "shrink", "strips"]

MANY, STRETCHES, FEW, WIDE = 30, 12, 3, 4
"""Boxes above which stretches are made, how many of those, leaves of one box above which they are a strip, and
operands above which a function is a long sum."""
FORMULA = 22
"""The longest formula a box shows; above, it says what it holds."""


def quotient(model: Model, home: Mapping[str, str], boxes: Iterable[Node], hidden: Iterable[str] = ()) -> Model:
    """Return ``model`` with each function that ``home`` names moved into one of ``boxes``.

    Values inside a box vanish; those in ``hidden`` become edges (or vanish, where they are leaves).
    """
    kinds = {node.key: node for node in model.nodes}
    new = {box.key: box for box in boxes}
    unseen = set(hidden)
    into: dict[str, Edge] = {}
    leaving: dict[str, list[Edge]] = defaultdict(list)
    for edge in model.edges:
        if isinstance(kinds[edge.head], Quantity):
            into[edge.head] = edge
        if isinstance(kinds[edge.tail], Quantity):
            leaving[edge.tail].append(edge)

    def box_of(key: str) -> str:
        return home.get(key, key)

    for key, node in kinds.items():  # what happens inside one box only
        if isinstance(node, Quantity) and node.role == "result" and key in into:
            source = box_of(into[key].tail)
            if source in new and all(box_of(edge.head) == source for edge in leaving[key]):
                unseen.add(key)
    edges: list[Edge] = []
    for edge in model.edges:
        tail, head, name = edge.tail, edge.head, edge.name
        if head in unseen or (tail in unseen and tail not in into):
            continue
        if tail in unseen:
            name = name or getattr(kinds[tail], "label", "")
            tail = into[tail].tail
        tail, head = box_of(tail), box_of(head)
        if tail != head:
            same = tail == edge.tail and head == edge.head and name == edge.name
            edges.append(edge if same else replace(edge, tail=tail, head=head, name=name))
    found: dict[str, Node] = {}
    for key, node in kinds.items():
        box = box_of(key)
        if box in new:
            found.setdefault(box, new[box])
        elif key not in unseen:
            found[key] = node
    linked = {key for edge in edges for key in (edge.tail, edge.head)}
    kept = [
        node for key, node in found.items()
        if key in linked or not isinstance(node, Quantity) or node.role == "output" or len(found) == 1
    ]  # fmt: skip
    present = {node.key for node in kept}
    frames = tuple(
        replace(frame, members=tuple(dict.fromkeys(box for key in frame.members if (box := box_of(key)) in present)))
        for frame in model.frames
    )
    return replace(model, nodes=tuple(_sorted(kept, edges)), edges=tuple(edges), frames=frames)


def _sorted(nodes: list[Node], edges: Iterable[Edge]) -> list[Node]:
    """Topological order, otherwise as given; what a cycle holds back comes last."""
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


# ---------------------------------------------------------------- trees of functions


def contract(model: Model, room: int = FORMULA, cap: int = 0) -> Model:
    """Return ``model`` with functions moved into the one function that uses their unnamed result.

    They move where the joint formula fits in ``room`` characters, and, formula or not, up to ``cap``
    functions to a box.
    """
    kinds = {node.key: node for node in model.nodes}
    operands: dict[str, list[Edge]] = defaultdict(list)
    source: dict[str, str] = {}
    uses: Counter[str] = Counter(edge.tail for edge in model.edges)
    results: Counter[str] = Counter()
    for edge in model.edges:
        if isinstance(kinds[edge.head], Quantity):
            source[edge.head] = edge.tail
            results[edge.tail] += 1
        else:
            operands[edge.head].append(edge)

    def inner(edge: Edge) -> str:
        """The function whose unnamed result only this edge uses, "" where there is none."""
        value = kinds[edge.tail]
        if not isinstance(value, Quantity) or value.role != "result" or value.label or uses[value.key] != 1:
            return ""
        maker = source.get(value.key, "")
        return maker if results[maker] == 1 and isinstance(kinds.get(maker), Function) else ""

    cells: dict[str, list[Function]] = {}
    written: dict[str, tuple[str, int] | None] = {}
    for node in model.nodes:
        if not isinstance(node, Function):
            continue
        movable = [(edge, inner(edge)) for edge in operands[node.key]]
        text = _written(node, [written[key] if key else _operand(kinds[edge.tail]) for edge, key in movable])
        cells[node.key] = [node]
        moving = [key for _, key in movable if key and kinds[key].group == node.group]  # type: ignore[union-attr]
        if text is None or len(text[0]) > room or len(moving) < sum(bool(key) for _, key in movable):
            text = _written(node, [None if key else _operand(kinds[edge.tail]) for edge, key in movable])
            if len(moving) <= WIDE or not cap:  # the terms of a long sum move together, whatever their number
                left = cap - 1
                fitting: list[str] = []
                for key in sorted(moving, key=lambda key: len(cells[key])):
                    left -= len(cells[key])
                    if left >= 0:
                        fitting.append(key)
                moving = fitting
        for key in moving:
            cells[node.key] = cells.pop(key) + cells[node.key]
        written[node.key] = text
    boxes: list[Node] = []
    home: dict[str, str] = {}
    hidden: set[str] = set()
    for key, inside in cells.items():
        if len(inside) > 1:
            text = written[key]
            boxes.append(block(f"b{key}", inside, text[0] if text is not None else ""))
            home |= {each.key: f"b{key}" for each in inside}
            for edge in (edge for each in inside for edge in operands[each.key]):
                value = kinds[edge.tail]
                if isinstance(value, Quantity) and value.role == "constant" and uses[value.key] == 1:
                    hidden.add(value.key)
    return quotient(model, home, boxes, hidden)


def block(key: str, inside: Iterable[Function | Block], formula: str = "", name: str = "", times: int = 1) -> Block:
    """Return the box of several functions or boxes, labelled by its name or formula, else by their number."""
    members = list(inside)
    labels = [label for each in members for label in (each.inside if isinstance(each, Block) else (each.label,))]
    worst = "not finite" if any(each.state == "not finite" for each in members) else ""
    label = name or formula or f"{len(labels)} operations"
    return Block(key, label, tuple(labels), bool(formula and not name), times, worst)


def _operand(node: Node) -> tuple[str, int] | None:
    if isinstance(node, Layer) and len(node.cards) == len(node.copies) == 1:
        node = node.cards[0]
    if isinstance(node, Card):
        return (node.name, ATOM) if node.name else None
    if not isinstance(node, Quantity):
        return None
    if node.label:
        return node.label, ATOM
    return signed(node.data) if node.role == "constant" else None


def _written(function: Function, parts: list[tuple[str, int] | None]) -> tuple[str, int] | None:
    known = [part for part in parts if part is not None]
    if len(known) < len(parts) or len(parts) > 4:
        return None
    text = apply(function, known)
    return text if len(text[0]) <= 2 * FORMULA else None


# ---------------------------------------------------------------- large graphs


def shrink(model: Model) -> Model:
    """Return ``model`` in a few dozen boxes at most: groups, then trees, then stretches of the computation."""
    model = _grouped(model)
    functions = model.size
    small = contract(model)
    if _boxes(small) > MANY:
        small = contract(model, cap=max(4, functions // STRETCHES))
    kinds = _nodes(small)
    used = {edge.tail for edge in small.edges if isinstance(kinds[edge.head], Block)}
    hidden = {
        node.key
        for node in small.quantities
        if (node.role == "result" and not node.label) or (node.role == "constant" and node.key in used)
    }
    small = quotient(small, {}, (), hidden)
    if _boxes(small) > MANY:
        small = _stretches(small)
    return bundle(_first_uses(strips(small, FEW)))


def _nodes(model: Model) -> dict[str, Node]:
    return {node.key: node for node in model.nodes}


def _boxes(model: Model) -> int:
    return sum(not isinstance(node, (Quantity, Leaves)) for node in model.nodes)


def _grouped(model: Model) -> Model:
    """Each outermost group as a box; entries of one name and the same functions as one box, ×N, if none is between."""
    entries: dict[tuple[str, int], list[Function]] = defaultdict(list)
    for function in model.functions:
        if function.group:
            entries[function.group[0]].append(function)
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


def _stretches(model: Model) -> Model:
    """Consecutive stretches of the order of computation, of about equal size, each handing on what is still needed.

    This always folds, and reads as a chain whatever the sharing.
    """
    chosen = [node for node in model.nodes if isinstance(node, (Function, Block))]
    share = sum(getattr(node, "size", 1) for node in chosen) / STRETCHES
    place: dict[str, int] = {}
    inside: dict[int, list[Function | Block]] = defaultdict(list)
    done = 0
    for node in chosen:
        place[node.key] = int(done / share)
        done += getattr(node, "size", 1)
        inside[place[node.key]].append(node)
    boxes: list[Node] = []
    step = 1
    for at, members in inside.items():
        size = sum(getattr(node, "size", 1) for node in members)
        boxes.append(block(f"s{at}", members, name=f"operations {step}–{step + size - 1}"))
        step += size
    home = {key: f"s{at}" for key, at in place.items()}
    folded = quotient(model, home, boxes, {node.key for node in model.quantities if node.role == "result"})
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


def _first_uses(model: Model, most: int = 4) -> Model:
    """Keep only the first edge of a leaf that goes to many boxes, and say so."""
    uses = Counter(edge.tail for edge in model.edges)
    busy = [node for node in model.quantities if node.role not in ("result", "output") and uses[node.key] > most]
    if not busy:
        return model
    names = {node.key for node in busy}
    seen: set[str] = set()
    kept: list[Edge] = []
    for edge in model.edges:
        if edge.tail in names:
            if edge.tail in seen:
                continue
            seen.add(edge.tail)
        kept.append(edge)
    said = ", ".join(f"{node.label or number(node.data)} ({uses[node.key]} uses)" for node in busy[:6])
    more = f" and {len(busy) - 6} more" if len(busy) > 6 else ""
    return replace(model, edges=tuple(kept), notes=(*model.notes, f"Drawn at their first use only: {said}{more}."))


def strips(model: Model, most: int) -> Model:
    """Return ``model`` with more than ``most`` leaves that go to the same boxes as one strip."""
    heads: dict[str, set[str]] = defaultdict(set)
    for edge in model.edges:
        heads[edge.tail].add(edge.head)
    kinds = _nodes(model)
    leaves: dict[tuple[str, frozenset[str]], list[Quantity]] = defaultdict(list)
    for node in model.quantities:
        if node.role not in ("result", "output") and not any(isinstance(kinds[h], Function) for h in heads[node.key]):
            leaves[node.role, frozenset(heads[node.key])].append(node)
    home: dict[str, str] = {}
    made: dict[str, Node] = {}
    for (role, _), together in leaves.items():
        if len(together) > most:
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
    found: dict[tuple[str, str], list[Edge]] = {}
    for edge in model.edges:
        found.setdefault((edge.tail, edge.head), []).append(edge)
    edges: list[Edge] = []
    for together in found.values():
        head = kinds[together[0].head]
        few = len(together) == 1 or (len(together) == 2 and isinstance(head, Function))
        if few or isinstance(head, (Quantity, Card)):
            edges += together
        else:
            grads = [edge.grad for edge in together if edge.grad is not None]
            if isinstance(kinds[together[0].tail], Quantity):  # one value, used several times
                edges.append(replace(together[0], grad=sum(grads) if grads else None, upstream=None, local=None))
                continue
            edges.append(
                replace(together[0], data=None, grad=sum(grads) if grads else None, upstream=None, local=None,
                        name="", band=sum(edge.band for edge in together))
            )  # fmt: skip
    return replace(model, edges=tuple(edges))
