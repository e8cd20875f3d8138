"""Generated methods: their own text in tracebacks and inspect, gone when they are; NumPy's functions on Values."""

import gc
import inspect
import linecache
import traceback

import numpy as np
import pytest

from autograd_mini import Value, primitive
from autograd_mini.engine import compiled
from autograd_mini.engine.arrays import UFUNCS
from autograd_mini.primitives.registry import PRIMITIVES, _table


def generated():
    return {name for name in linecache.cache if name.startswith("<autograd_mini ")}


@pytest.mark.skipif(compiled, reason="the operators are in C")
@pytest.mark.parametrize(("method", "row", "line"), [
    ("__mul__", "mul", "made.data = out = x * y"),
    ("__add__", "add", "made.to_left = 1.0"),
    ("__truediv__", "div", "made.to_right = -out / y"),
    ("__rsub__", "sub", "made.left, made.right = (other, self)"),
    ("__neg__", "neg", "made.data = out = -x"),
    ("tanh", "tanh", "made.to_left = partials(x, out)"),
    ("clip", "clip", "return primitive(*args)"),
])  # fmt: skip
def test_source_and_names_are_the_rows(method, row, line):
    made = getattr(Value, method)
    assert (made.__name__, made.__code__.co_name) == (row, row)
    assert made.__code__.co_filename.startswith(f"<autograd_mini {row}")
    assert line in inspect.getsource(made)
    assert made.__doc__ == PRIMITIVES[row].doc


@pytest.mark.usefixtures("table")
def test_a_traceback_shows_the_generated_line():
    def value(x):
        raise LookupError("no such number")

    primitive("looked_up", value, (1.0,))
    with pytest.raises(LookupError) as caught:
        Value(1.0).looked_up()
    text = "".join(traceback.format_exception(caught.value))
    assert f'"<autograd_mini looked_up>", line {2 if compiled else 7}, in looked_up' in text
    assert ("return apply_general(primitive, (self,))" if compiled else "made.data = out = value(x)") in text


def test_a_primitive_that_is_gone_leaves_nothing(request):
    gc.collect()
    before = generated()
    request.getfixturevalue("table")
    for _ in range(3):
        primitive("passing", lambda x: x, (1.0,))
        assert Value(2.0).passing().data == 2.0
        assert generated() - before == {"<autograd_mini passing>"}
        delattr(Value, "passing")
        del _table["passing"], UFUNCS["passing"]
        gc.collect()
        assert generated() - before == set()


def test_numpys_functions_mean_the_primitives():
    x = Value(2.0, "x")
    made = np.clip(x, 0.0, 1.0)
    assert type(made) is Value
    assert (made.data, made.op.name) == (1.0, "clip")
    assert np.clip(x, None, 1.0).op.name == "minimum"
    assert np.clip(x, a_min=3.0, a_max=None).op.name == "maximum"
    assert np.clip(1.0, x, 3.0).data == 2.0
    assert np.where(x > 1.0, x, 0.0).op.name == "where"
    assert np.where(False, x, 5.0).data == 5.0
    assert [v.data for v in np.where(np.array([True, False]), x, 7.0)] == [2.0, 7.0]
    assert (np.maximum(x, 3.0).op.name, np.minimum(1.0, x).op.name, np.sign(x).op.name) == (
        "maximum",
        "minimum",
        "sign",
    )
    assert [v.data for v in np.clip(x, np.array([0.0, 3.0]), 4.0)] == [2.0, 3.0]
    made.backward()
    assert (x.grad, x.has_grad) == (0.0, False)


def test_numpys_other_functions_take_a_value_as_an_array_of_one():
    x = Value(2.0)
    assert np.sum(x) is x
    assert np.shape(x) == ()
    assert np.ndim(x) == 0
    assert np.dot(np.array([1.0, 2.0]), x).tolist() == [2.0, 4.0]
    assert np.broadcast_to(x, (2,)).tolist() == [x, x]


@pytest.mark.parametrize("number", [2, 2**53, 2**53 + 1, -(2**60), 10**400, True])
def test_ints_are_the_floats_they_round_to(number):
    try:
        want = float(number)
    except OverflowError:
        want = float("inf")
    assert (Value(0.0) + number).data == (number + Value(0.0)).data == want
