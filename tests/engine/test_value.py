"""Value: arithmetic, the backward pass, NumPy, refusals, depth, copying."""

import copy
import gc
import math
import operator
import pickle
from dataclasses import asdict, dataclass
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_mini as am
from autograd_mini import Value, exp, parameter, sqrt, tanh, topological_order, where
from autograd_mini.engine import compiled
from autograd_mini.primitives.registry import PRIMITIVES

MODERATE = st.floats(-10, 10).filter(lambda x: abs(x) > 1e-3)


def micrograd_sanity(x):
    z = 2 * x + 2 + x
    q = z.relu() + z * x
    h = (z * z).relu()
    return h + q + q * x


def micrograd_more_ops(a, b):
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    return g


def test_micrograds_published_expressions_give_pytorchs_numbers():
    x = Value(-4.0)
    y = micrograd_sanity(x)
    y.backward()
    assert (y.data, x.grad) == (-20.0, 46.0)
    a, b = Value(-4.0), Value(2.0)
    g = micrograd_more_ops(a, b)
    g.backward()
    assert g.data == pytest.approx(24.70408163265306, rel=1e-15)
    assert a.grad == pytest.approx(138.8338192419825, rel=1e-15)
    assert b.grad == pytest.approx(645.5772594752186, rel=1e-15)


def test_a_node_records_parents_partials_and_op():
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    c = a * b
    assert c.data == -6.0
    assert c.parents == (a, b)
    assert c.parents[0] is a
    assert c.partials == (-3.0, 2.0)
    assert c.op is PRIMITIVES["mul"]
    assert a.op is None
    assert a.parents == a.partials == ()
    assert (a.label, c.label) == ("a", "")


def test_a_number_becomes_a_constant_leaf():
    a = Value(2.0)
    for made, constant in [(a + 1, 1.0), (1 + a, 1.0), (a**2, 2.0), (2**a, 2.0), (a / True, 1.0)]:
        leaves = [parent for parent in made.parents if parent is not a]
        assert [leaf.data for leaf in leaves] == [constant]
        assert leaves[0].is_constant
        assert leaves[0].is_leaf
    assert not a.is_constant


def test_parameters_are_marked():
    w = parameter(0.5, "w")
    assert w.is_parameter
    assert w.label == "w"
    assert not Value(0.5).is_parameter


@pytest.mark.parametrize(
    ("operation", "want"),
    [
        (operator.add, 5.0), (operator.sub, -1.0), (operator.mul, 6.0), (operator.truediv, 2 / 3), (operator.pow, 8.0),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", [float, int, np.float64, np.float32, np.int64, Fraction])
def test_arithmetic_with_every_kind_of_number_on_either_side(operation, want, kind):
    for left, right in [(Value(2.0), kind(3)), (kind(2), Value(3.0)), (Value(2.0), Value(3.0))]:
        made = operation(left, right)
        assert type(made) is Value
        assert made.data == want
        assert all(type(partial) is float for partial in made.partials if partial is not None)


def test_unary_operators():
    x = Value(-2.5)
    assert (-x).data == 2.5
    assert abs(x).data == 2.5
    assert +x is x
    assert round(x).data == -2.0
    assert math.floor(x).data == -3.0
    assert math.ceil(x).data == -2.0


def test_comparisons_are_numeric_and_hash_is_by_identity():
    a, b = Value(1.0), Value(1.0)
    assert a == b
    assert a == 1
    assert a != 2
    assert a <= b
    assert a < 2
    assert a > 0
    assert a >= 1.0
    assert (a == "x") is False
    assert (a != None) is True  # noqa: E711
    assert np.float64(2) > a
    assert len({a, b}) == 2
    assert {a: "a"}[a] == "a"
    with pytest.raises(TypeError, match="Value"):
        _ = a < "x"


def test_bool_is_that_of_the_number():
    assert Value(0.5)
    assert not Value(0.0)
    assert not Value(-0.0)


@pytest.mark.parametrize("stranger", ["s", None, 1j, [1.0], (1.0,), {}, b"b"])
@pytest.mark.parametrize("operation", [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow])
def test_strangers_are_refused_naming_operation_and_types(operation, stranger):
    for left, right in [(Value(1.0), stranger), (stranger, Value(1.0))]:
        with pytest.raises(TypeError) as error:
            operation(left, right)
        text = str(error.value)
        assert "'Value'" in text
        assert repr(type(stranger).__name__) in text
        assert any(word in text for word in ("add", "sub", "mul", "div", "pow"))


def test_functions_refuse_strangers_by_name():
    with pytest.raises(TypeError, match="exp: unsupported operand type 'str'"):
        exp("x")
    with pytest.raises(TypeError, match=r"atan2: unsupported operand types \('Value', 'str'\)"):
        am.atan2(Value(1.0), "x")
    with pytest.raises(TypeError, match="tanh takes 1 argument, got 2"):
        tanh(1.0, 2.0)
    with pytest.raises(TypeError, match="leaky_relu takes 1 to 2 arguments, got 3"):
        am.leaky_relu(1.0, 2.0, 3.0)
    with pytest.raises(TypeError, match="Value: unsupported operand type 'str'"):
        Value("2.0")
    with pytest.raises(TypeError, match="label is a int"):
        Value(2.0, 3)


def test_another_types_arithmetic_gets_its_turn():
    class Vector:
        def __rmul__(self, other):
            return ("scaled by", other)

    a = Value(2.0)
    assert a * Vector() == ("scaled by", a)


def test_float_refuses_rather_than_cut_the_gradient():
    for cut in (float, math.exp, lambda v: np.array([v], dtype=float)):
        with pytest.raises(TypeError, match=r"autograd_mini\.exp.*\.data"):
            cut(Value(1.0))


def test_huge_int_is_an_infinity():
    assert (Value(1.0) * 10**400).data == math.inf
    assert (Value(1.0) * -(10**400)).data == -math.inf


# ---------------------------------------------------------------- backward


def test_leaves_accumulate_and_intermediates_are_set_afresh():
    x = Value(3.0)
    y = x * x
    z = y + y
    z.backward()
    assert (x.grad, y.grad, z.grad) == (12.0, 2.0, 1.0)
    z.backward()
    assert (x.grad, y.grad, z.grad) == (24.0, 2.0, 1.0)
    x.zero_grad()
    z.backward(gradient=0.5)
    assert (x.grad, y.grad, z.grad) == (6.0, 1.0, 0.5)


def test_two_losses_over_a_shared_subgraph_sum():
    x = Value(2.0)
    shared = x * x
    first, second = shared * 3, shared * shared
    first.backward()
    second.backward()
    assert x.grad == 12.0 + 32.0
    x.zero_grad()
    (first + second).backward()
    assert x.grad == 44.0


def test_changing_data_later_does_not_corrupt_the_gradient():
    x = Value(3.0)
    y = x * x
    x.data = 100.0
    y.backward()
    assert x.grad == 6.0


def test_backward_on_a_leaf_and_gradient_types():
    x = Value(3.0)
    x.backward()
    x.backward(2)
    assert x.grad == 3.0
    with pytest.raises(TypeError, match="backward: unsupported operand type 'str'"):
        (x * x).backward("1")


def test_not_computed_reads_zero_and_can_be_told_apart():
    x, unused = Value(3.0), Value(1.0)
    y = x * 0.0
    assert (x.grad, x.has_grad) == (0.0, False)
    y.backward()
    assert (x.grad, x.has_grad) == (0.0, True)
    assert not unused.has_grad
    x.zero_grad()
    assert not x.has_grad
    x.grad = 0.0
    assert x.has_grad


def test_a_constant_exponent_gets_no_gradient():
    y = Value(-3.0) ** 2
    y.backward()
    assert y.parents[0].grad == -6.0
    assert not y.parents[1].has_grad


def test_an_untaken_branch_gets_no_gradient():
    x = Value(0.0)
    root = sqrt(x)
    y = where(x > 0, root, x * 3)
    y.backward()
    assert x.grad == 3.0
    assert not root.has_grad
    y.backward()
    assert x.grad == 6.0


def test_fan_out_of_one_node_into_one_operation():
    x = Value(3.0)
    y = x + x
    y.backward()
    assert x.grad == 2.0
    assert len(y.parents) == 2


@pytest.mark.long
def test_deep_chains_build_run_and_are_freed():
    x = Value(1.0)
    y = x
    for _ in range(1_000_000):
        y = y + x
    y.backward()
    assert x.grad == y.data == 1_000_001.0
    del y
    gc.collect()


def test_topological_order_puts_parents_first():
    x = Value(2.0)
    y = micrograd_more_ops(x, Value(3.0))
    order = topological_order(y)
    place = {node: i for i, node in enumerate(order)}
    assert order[-1] is y
    assert all(place[parent] < place[node] for node in order for parent in node.parents)
    assert len(order) == len(set(order))


@given(MODERATE, MODERATE)
def test_product_and_quotient_rule(x, y):
    a, b = Value(x), Value(y)
    (a * b).backward()
    assert (a.grad, b.grad) == (y, x)
    a, b = Value(x), Value(y)
    (a / b).backward()
    assert a.grad == 1 / y
    assert b.grad == pytest.approx(-x / y**2, rel=1e-14)


@given(MODERATE, MODERATE, MODERATE)
def test_the_gradient_is_linear(x, s, t):
    def slope(f):
        v = Value(x)
        f(v).backward()
        return v.grad

    both = slope(lambda v: s * tanh(v) + t * v.sin())
    assert both == pytest.approx(s * slope(tanh) + t * slope(am.sin), rel=1e-12, abs=1e-12)


@given(MODERATE)
def test_the_chain_rule(x):
    v = Value(x)
    inner = v.sin()
    exp(inner).backward()
    assert v.grad == pytest.approx(math.exp(math.sin(x)) * math.cos(x), rel=1e-14)
    assert inner.grad == pytest.approx(math.exp(math.sin(x)), rel=1e-15)


# ---------------------------------------------------------------- NumPy


def test_ufuncs_of_a_value_are_its_functions():
    x = Value(0.5)
    for ufunc, name in [
        (np.exp, "exp"),
        (np.arcsin, "asin"),
        (np.tanh, "tanh"),
        (np.absolute, "abs"),
        (np.rint, "round"),
    ]:
        made = ufunc(x)
        assert made.op is PRIMITIVES[name]
    assert np.maximum(x, 0.0).data == 0.5
    assert np.power(x, 2).data == 0.25
    assert np.square(x).data == 0.25
    assert np.float64(3.0) * x == 1.5
    assert np.hypot(3.0, Value(4.0)) == 5.0
    assert np.isfinite(x)
    assert not np.isnan(x)
    with pytest.raises(TypeError):
        np.gcd(x, x)


def test_object_arrays_of_values():
    values = [Value(1.0), Value(2.0), Value(3.0)]
    array = np.array(values, dtype=object)
    dot = np.dot(array, np.array([1.0, 10.0, 100.0]))
    dot.backward()
    assert dot.data == 321.0
    assert [v.grad for v in values] == [1.0, 10.0, 100.0]
    assert np.sum(array).data == 6.0
    assert [v.data for v in np.exp(array)] == [math.exp(i) for i in (1, 2, 3)]
    assert [v.data for v in np.array([1.0, 2.0]) * Value(3.0)] == [3.0, 6.0]
    assert [v.data for v in Value(3.0) - np.array([1.0, 2.0])] == [2.0, 1.0]
    assert [v.data for v in am.hypot(np.array([3.0, 6.0]), np.array([Value(4.0), Value(8.0)]))] == [5.0, 10.0]
    assert (array @ array).data == 14.0
    assert np.var(array).data == pytest.approx(2 / 3)
    array *= Value(2.0)
    assert [v.data for v in array] == [2.0, 4.0, 6.0]


def test_array_of_floats_through_a_function_stays_an_array():
    assert exp(np.array([0.0, 1.0])).tolist() == [1.0, math.e]
    assert type(exp(np.array(0.0))) is float


# ---------------------------------------------------------------- copying


def test_a_pickle_keeps_the_graph_at_any_depth():
    x = parameter(2.0, "x")
    y = x
    for _ in range(5_000):
        y = y * 1.0001
    y = where(x > 0, y, x.sqrt()) + am.softmax([x, 1.0])[0]
    y.backward()
    twin = pickle.loads(pickle.dumps(y))
    order = topological_order(twin)
    assert len(order) == len(topological_order(y))
    (leaf,) = [node for node in order if node.is_parameter]
    assert (leaf.label, leaf.grad, leaf is x) == ("x", x.grad, False)
    leaf.zero_grad()
    twin.backward()
    assert leaf.grad == x.grad


def test_a_copy_of_a_leaf_is_a_leaf_and_of_any_other_node_the_node_itself():
    """A new node would stand outside the graph, and the gradient of what is computed from it be cut."""
    x = parameter(2.0, "x")
    y = x * x
    y.backward()
    for twin in (copy.copy(x), copy.deepcopy(x)):
        assert (twin is x, twin.data, twin.grad, twin.label, twin.is_parameter) == (False, 2.0, 4.0, "x", True)
    assert copy.copy(y) is y
    assert copy.deepcopy([y, x])[0] is y
    first, second = copy.deepcopy((x, [x]))
    assert first is second[0]

    @dataclass
    class State:
        position: Value

    x.zero_grad()
    (asdict(State(y))["position"] * 3.0).backward()
    assert x.grad == 12.0


def test_pickled_graphs_share_their_leaves():
    w = Value(2.0)
    first, second = pickle.loads(pickle.dumps([w * 3, w * 5]))
    assert first.parents[0] is second.parents[0]
    assert not first.has_grad


def test_repr():
    assert repr(Value(2)) == "Value(data=2.0, grad=0.0)"
    assert f"{Value(2.0):.2f} {Value(2.0)}" == "2.00 Value(data=2.0, grad=0.0)"
    assert repr(Value(2.0, label="w")) == "Value(data=2.0, grad=0.0, label='w')"


def test_a_value_is_no_plain_number() -> None:
    """Where a plain number is asked, a Value would lose its graph: it is refused, and the message names .data."""
    a = Value(2.5)
    with pytest.raises(TypeError, match=r"cannot be converted to int.*math.floor\(v\)"):
        int(a)
    for refused in (lambda: Value(a), lambda: a.backward(a), lambda: setattr(a, "grad", a)):  # type: ignore[arg-type]
        with pytest.raises(TypeError, match=r"a Value is given, a plain number is needed; value\.data is its number"):
            refused()


@pytest.mark.skipif(not compiled, reason="the node in Python does not look at what is assigned to data, for speed")
def test_what_is_assigned_to_data_is_a_number() -> None:
    a = Value(2.5)
    for wrong in ("3", None, [1.0], 1j):
        with pytest.raises(TypeError, match=r"^data: unsupported operand type .*; a real number"):
            a.data = wrong  # type: ignore[assignment]
    with pytest.raises(TypeError, match="data: a Value is given"):
        a.data = a  # type: ignore[assignment]
    a.data = np.float32(3)
    assert (type(a.data), a.data) == (float, 3.0)
