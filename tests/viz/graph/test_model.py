import pytest

from autograd_mini.engine.value import Value, parameter
from autograd_mini.primitives.table import add, mul, power, softmax, tanh
from autograd_mini.program.ir import Instruction, Program
from tests.support import viz_graphs
from viz.graph.make import model
from viz.graph.values import LIMIT, count_functions


def summary(graph):
    found = model(graph)
    nodes = [(n.key, getattr(n, "role", "function"), n.label) for n in found.nodes]
    edges = [(e.tail, e.head, e.data, e.grad, e.upstream, e.local, e.flow) for e in found.edges]
    return nodes, edges


def test_lesson():
    nodes, edges = summary(viz_graphs.lesson())
    assert nodes == [
        ("v0", "input", ""), ("v1", "input", ""), ("f2", "function", "+"), ("v2", "result", ""),
        ("v3", "input", ""), ("f4", "function", "×"), ("v4", "output", ""),
    ]  # fmt: skip
    assert edges == [
        ("v0", "f2", 3.0, 10.0, 10.0, 1.0, "flows"),
        ("v1", "f2", 5.0, 10.0, 10.0, 1.0, "flows"),
        ("f2", "v2", 8.0, 10.0, None, None, "flows"),
        ("v2", "f4", 8.0, 10.0, 1.0, 10.0, "flows"),
        ("v3", "f4", 10.0, 8.0, 1.0, 8.0, "flows"),
        ("f4", "v4", 80.0, 1.0, None, None, "flows"),
    ]


def test_x_plus_x_is_two_edges_and_their_sum():
    x = Value(3.0, "x")
    y = x + x
    y.backward()
    found = model(y)
    assert [edge.grad for edge in found.edges if edge.tail == "v0"] == [1.0, 1.0]
    assert found.quantities[0].terms == (1.0, 1.0)
    assert found.quantities[0].grad == 2.0


def test_not_computed_is_none_not_zero():
    found = model(Value(2.0) * 3.0)
    assert all(node.grad is None for node in found.quantities)
    assert all(edge.grad is None for edge in found.edges)


def test_roles_and_the_exponent_in_its_square():
    found = model((parameter(2.0, "w") * 3.0) ** 2)
    assert [node.role for node in found.quantities] == ["parameter", "constant", "result", "output"]
    assert [f.label for f in found.functions] == ["×", "x²"]
    assert model(Value(4.0) ** -1).functions[0].label == "x⁻¹"
    assert model(Value(4.0) ** 0.5).functions[0].label == "x^0.5"


def test_states():
    found = model(viz_graphs.states())
    states = {f.name: f.state for f in found.functions}
    assert states["relu"] == "dead"
    assert states["tanh"] == "saturated"
    assert states["log"] == "not finite"
    flows = [
        edge.flow for edge in found.edges if edge.head == next(f.key for f in found.functions if f.name == "where")
    ]
    assert flows == ["unwanted", "untaken", "flows"]
    assert next(node for node in found.quantities if node.label == "false").role == "constant"


def test_a_primitive_with_several_outputs_is_one_square():
    xs = [Value(0.3), Value(2.9), Value(4.0)]
    shares = softmax(xs)
    out = shares[0] * shares[1] + shares[2]
    out.backward()
    found = model(out)
    assert [f.name for f in found.functions].count("softmax") == 1
    square = next(f.key for f in found.functions if f.name == "softmax")
    into = [edge for edge in found.edges if edge.head == square]
    assert len(into) == 3
    assert sum(1 for edge in found.edges if edge.tail == square) == 3
    for edge, x in zip(into, xs, strict=True):
        assert edge.grad == pytest.approx(x.grad, rel=1e-12)


def test_plain_intermediates_become_edges():
    x = Value(0.5, "x")
    inner = x * 2.0
    named = inner + 1.0
    named.label = "z"
    out = tanh(named)
    found = model(out).without_plain_intermediates()
    assert [node.label for node in found.quantities if node.role != "constant"] == ["x", "z", ""]
    joined = next(edge for edge in found.edges if edge.tail.startswith("f") and edge.head.startswith("f"))
    assert joined.data == 1.0


def test_program_without_numbers():
    program = Program(
        (0, 1), (Instruction(mul, (0, 1), (2,)), Instruction(add, (2, 1.5), (3,)), Instruction(power, (3, 2.0), (4,))),
        (4,), names={0: "x", 1: "y"},
    )  # fmt: skip
    found = model(program)
    assert [f.label for f in found.functions] == ["×", "+", "x²"]
    assert [(q.role, q.label, q.data) for q in found.quantities] == [
        ("input", "x", None), ("input", "y", None), ("result", "", None),
        ("constant", "", 1.5), ("result", "", None), ("output", "", None),
    ]  # fmt: skip


def test_counting_stops_early():
    assert count_functions(viz_graphs.chain(10)) == (10, False)
    functions, more = count_functions(viz_graphs.chain(LIMIT))
    assert more
    assert functions < LIMIT


def test_a_million_deep_model_needs_no_recursion():
    found = model(viz_graphs.chain(20_000))
    assert len(found.functions) == 20_000
