import math

import pytest

import viz
from autograd_mini.engine.groups import group
from autograd_mini.engine.value import Value, parameter
from autograd_mini.primitives.table import exp, sin, tanh
from tests.support import viz_graphs
from viz.graph.make import model
from viz.graph.nodes import Quantity
from viz.graph.parts import Block, Leaves, Port
from viz.levels.contract import contract
from viz.levels.fold import shrink
from viz.levels.quotient import quotient


def blocks_of(graph):
    return [node for node in graph.nodes if isinstance(node, Block)]


def boxes(graph):
    return [node for node in graph.nodes if not isinstance(node, (Quantity, Leaves))]


def is_acyclic(graph):
    seen = set()
    for node in graph.nodes:
        if not {edge.tail for edge in graph.edges if edge.head == node.key} <= seen:
            return False
        seen.add(node.key)
    return True


def test_a_short_formula_is_one_box():
    y, t = Value(2.0, "y"), Value(1.0, "t")
    found = contract(model((y - t) ** 2))
    (box,) = blocks_of(found)
    assert (box.label, box.size, box.formula, box.detail) == ("(y − t)²", 2, True, "")
    assert [edge.head for edge in found.edges] == [box.key, box.key, "v3"]


def test_named_and_shared_values_stay():
    x = Value(0.5, "x")
    z = x * 2.0
    z.label = "z"
    shared = sin(z)
    shared.label = "s"
    found = contract(model(shared * shared + exp(z)))
    assert [node.label for node in found.quantities] == ["x", "", "z", "s", ""]
    assert [box.label for box in blocks_of(found)] == ["s × s + exp(z)"]


def test_constants_stand_in_the_formula():
    found = contract(model(tanh(Value(0.5, "x") * 3.0 + 1.0)))
    assert [box.label for box in blocks_of(found)] == ["tanh(x × 3 + 1)"]
    assert all(node.role != "constant" for node in found.quantities)


def test_large_graphs_shrink_to_a_few_boxes_in_order():
    for graph in (viz_graphs.chain(400), viz_graphs.tangle(400, 1), viz_graphs.tangle(3000, 2)):
        scalars = model(graph)
        found = shrink(scalars)
        assert 1 < len(boxes(found)) <= 30
        assert found.size == scalars.size
        assert is_acyclic(found)


def test_what_stretches_hand_on_is_what_is_needed_later():
    x = Value(0.5, "x")
    kept = [sin(x * (i + 1.0)) for i in range(60)]
    out = kept[0]
    for a, b in zip(kept, reversed(kept), strict=True):
        out = out + a * b
    found = shrink(model(out))
    stretches = blocks_of(found)
    chain = [(edge.tail, edge.head) for edge in found.edges if edge.tail.startswith("s") and edge.head.startswith("s")]
    assert chain == list(zip([b.key for b in stretches], [b.key for b in stretches[1:]], strict=False))
    assert sum(box.size for box in stretches) == len(model(out).functions)


def residual(times, between=False):
    x = Value(0.5, "x")
    y = x
    for _ in range(times):
        with group("residual"):
            z = y
            for _ in range(4):
                z = tanh(z * parameter(0.5, "w")) + 0.1
            y = y + z
        if between:
            y = sin(y)
    with group("head"):
        y = exp(y * 2.0)
    y.backward()
    return y


def test_groups_fold_to_boxes_and_repeats_to_times():
    found = shrink(model(residual(10)))
    assert [(box.label, box.times) for box in blocks_of(found)] == [("residual", 10), ("head", 1)]


def test_repeats_with_something_between_stay_apart():
    found = shrink(model(residual(3, between=True)))
    assert [box.label for box in blocks_of(found) if box.label == "residual"] == ["residual"] * 3
    assert is_acyclic(found)


def test_many_leaves_of_one_box_are_a_strip():
    out = Value(0.0, "s")
    for i in range(60):
        out = out + Value(float(i), f"c{i}") * Value(1.0, f"d{i}")
    found = shrink(model(out))
    strips = [node for node in found.nodes if isinstance(node, Leaves)]
    assert sum(len(strip.data) for strip in strips) > 100


def test_a_leaf_of_many_boxes_has_a_port_at_each_with_what_it_contributes():
    x = Value(0.7, "x")
    out = x
    for i in range(60):
        out = sin(out * 1.1) + x * float(i)
        out = out * x
    out.backward()
    found = shrink(model(out))
    assert not [edge for edge in found.edges if edge.tail == "v0"]
    ports = found.each(Port)
    assert {port.name for port in ports} == {"x"}
    heads = [edge.head for edge in found.edges if edge.tail in {port.key for port in ports}]
    assert len(heads) == len(set(heads)) > 4  # one for each box
    assert math.fsum(port.edge.grad for port in ports) == pytest.approx(x.grad, rel=1e-12)


def test_quotient_keeps_what_crosses():
    scalars = model(viz_graphs.lesson())
    box = Block("b", "all", ("+", "×"))
    found = quotient(scalars, {"f2": "b", "f4": "b"}, [box])
    assert [node.key for node in found.nodes] == ["v0", "v1", "v3", "b", "v4"]
    assert [(edge.tail, edge.head) for edge in found.edges] == [("v0", "b"), ("v1", "b"), ("v3", "b"), ("b", "v4")]


def test_a_box_of_several_groups_does_not_have_the_name_of_one():
    a, x = Value(2.0, "a"), Value(1.0, "x₀")
    for step in range(300):
        with group(f"step {step}"):
            x = x - (x * x - a) / (2.0 * x)
        x.label = f"x_{step}"
    drawing = viz.draw(x)
    assert drawing.detail == "heat"
    assert drawing.model.frames == ()
    assert drawing.scene.width <= 900
    assert drawing.scene.height < 3_000
