"""jit: the same numbers as the function itself, whatever it is called with and however it branches."""

from __future__ import annotations

import functools
import gc
import importlib
import itertools
import linecache
import math
import random
import threading
import time
import weakref
from typing import Any, NamedTuple

import numpy as np
import pytest

from autograd_mini import (
    Value,
    detect_anomaly,
    exp,
    grad,
    gradients,
    hessian,
    hypot,
    jacobian,
    jit,
    jvp,
    log,
    maximum,
    nn,
    parameter,
    primitive,
    sin,
    softmax,
    sqrt,
    take,
    tanh,
    value_and_grad,
    where,
)
from autograd_mini.engine.groups import group
from autograd_mini.program.jit import entry as entries
from autograd_mini.program.jit import jitted as general
from autograd_mini.program.jit import paths
from autograd_mini.program.jit.entry import WARM
from autograd_mini.program.record.recorder import TraceError
from autograd_mini.program.target import TARGETS
from autograd_mini.program.verify import verify

NATIVE = not TARGETS["llvm"].missing()
module = importlib.import_module("autograd_mini.program.jit.jit")  # the package shows the function of that name

ENGINES = ["python", "numpy", *["llvm"] * NATIVE]


def formula(x: Any, y: Any) -> Any:
    return tanh(x * y + 1.0) * exp(-x) + y**3


# ---------------------------------------------------------------- numbers, arrays, Values


@pytest.mark.parametrize("engine", [*ENGINES, "auto"])
def test_numbers_in_numbers_out(engine: str) -> None:
    jitted = jit(formula, engine=engine)
    for _ in range(3):
        out = jitted(0.3, -1.2)
        assert out.__class__ is float
        assert out == formula(Value(0.3), Value(-1.2)).data
    assert jitted(1, np.float64(2.0)) == jitted(1.0, 2.0)
    assert jitted(y=2.0, x=1.0) == jitted(1.0, y=2.0) == jitted(1.0, 2.0)


def test_the_bits_are_those_of_python() -> None:
    jitted = jit(value_and_grad(formula, (0, 1)), engine="python")
    chance = random.Random(1)
    for _ in range(100):
        x, y = chance.uniform(-2, 2), chance.uniform(-2, 2)
        a, b = Value(x), Value(y)
        out = formula(a, b)
        out.backward()
        assert jitted(x, y) == (out.data, (a.grad, b.grad))


@pytest.mark.parametrize("engine", ENGINES)
def test_arrays_broadcast_as_with_a_ufunc(engine: str) -> None:
    jitted = jit(formula, engine=engine)
    x, y = np.linspace(-1, 1, 5), np.array([[0.5], [2.0], [3.0]])
    out = jitted(x, y)
    assert out.shape == (3, 5)
    for i, j in np.ndindex(3, 5):
        assert out[i, j] == pytest.approx(formula(Value(x[j]), Value(y[i, 0])).data, rel=1e-15)
    assert jitted(x, 2).shape == (5,)
    assert jitted(np.array(0.5), 2).__class__ is float  # no dimensions: a number
    assert jitted(np.array([1, 2]), 2.0).dtype == np.float64
    assert jitted(np.empty((0, 3)), 1.0).shape == (0, 3)
    assert jitted(x[::-1], x[::2].repeat(2)[:5]).shape == (5,)  # strides
    with pytest.raises(ValueError, match="shape"):
        jitted(np.ones(3), np.ones(4))
    with pytest.raises(TypeError, match="argument x of formula is an array of <U1; an array of numbers is needed"):
        jitted(np.array(["a"]), 1.0)


@pytest.mark.parametrize("engine", ENGINES)
def test_results_keep_their_structure(engine: str) -> None:
    @functools.partial(jit, engine=engine)
    def several(x: Any) -> Any:
        return {"double": x * 2, "both": [x, (x + 1, 7.0)]}

    assert several(3.0) == {"double": 6.0, "both": [3.0, (4.0, 7.0)]}
    found = several(np.array([1.0, 2.0]))
    assert found["double"].tolist() == [2.0, 4.0]
    assert found["both"][1][1].tolist() == [7.0, 7.0]


class Pair(NamedTuple):
    first: Any
    second: Any


def test_arguments_nest() -> None:
    @jit
    def inner(weights: Any, point: Any, scale: Any) -> Any:
        return sum(w * x for w, x in zip(weights["w"], point, strict=True)) * scale.second

    expected = (1.0 * 4 + 2.0 * 5) * 3.0
    for _ in range(2):  # recorded, then straight
        assert inner({"w": [1.0, 2.0]}, (4.0, 5.0), Pair(0.0, 3.0)) == expected
        assert inner({"w": [1.0, 2.0, 1.0]}, (4.0, 5.0, 1.0), Pair(0.0, 3.0)) == expected + 3.0
    columns = inner({"w": [1.0, np.array([2.0, 0.0])]}, (4.0, 5.0), Pair(0.0, 3.0))
    assert columns.tolist() == [expected, 12.0]
    with pytest.raises(TypeError, match="argument point of inner: unsupported operand type 'complex'"):
        inner({"w": [1.0]}, (1j,), Pair(0.0, 1.0))


def test_straight_calls_check_lists_and_dicts() -> None:
    @jit
    def norm(point: Any) -> Any:
        return sqrt(point["x"][0] * point["x"][0] + point["y"] * point["y"])

    assert norm({"x": [3.0], "y": 4.0}) == 5.0
    assert norm({"x": [3.0], "y": 4.0}) == 5.0
    assert norm({"x": [3], "y": 4.0}) == 5.0
    assert norm({"x": (3.0,), "y": 4.0}) == 5.0
    assert norm({"y": 4.0, "x": [3.0]}) == 5.0
    assert norm({"x": [3.0], "y": np.array([4.0, 0.0])}).tolist() == [5.0, 3.0]
    with pytest.raises(KeyError):
        norm({"x": [3.0]})


def test_arrays_in_results() -> None:
    jitted = jit(lambda x, y: np.array([[x * y, x], [y, 1.0]], dtype=object))
    assert jitted(2.0, 3.0).tolist() == [[6.0, 2.0], [3.0, 1.0]]
    stack = lambda x, y: np.array([x * y, x + y])  # noqa: E731
    x, y = np.array([1.0, 2.0, 5.0]), np.array([3.0, -1.0, 0.5])
    assert jit(stack)(x, y).tolist() == stack(x, y).tolist()
    assert jit(stack)(x[:2], y[:2]).shape == (2, 2)


def test_values_in_values_out() -> None:
    w = parameter(0.5, "w")
    plain = lambda x, y: formula(x, y) * w  # noqa: E731
    jitted = jit(plain)
    results = []
    for function in (plain, jitted):
        x, y = Value(0.3), Value(1.1)
        w.zero_grad()
        out = function(x, y)
        out.backward()
        results.append((out.data, x.grad, y.grad, w.grad))
        (first,) = gradients(out, [w], create_graph=True)
        results.append(gradients(first, [x, y, w]))
    assert results[0] == results[2]
    assert results[1] == pytest.approx(results[3], rel=1e-14)
    assert jitted(Value(1.0), 2.0).data == plain(Value(1.0), 2.0).data
    assert "w" not in repr(jitted(1.0, 2.0))
    with pytest.raises(TypeError, match="got Values and ndarrays of numbers together"):
        jitted(Value(1.0), np.ones(2))


@pytest.mark.parametrize("engine", ENGINES)
def test_composition_with_transforms(engine: str) -> None:
    make = functools.partial(jit, engine=engine)
    slope = grad(grad(formula))(0.4, 0.7)
    assert make(grad(grad(formula)))(0.4, 0.7) == pytest.approx(slope, rel=1e-13)
    assert grad(make(grad(formula)))(0.4, 0.7) == pytest.approx(slope, rel=1e-13)
    assert grad(grad(make(formula)))(0.4, 0.7) == pytest.approx(slope, rel=1e-13)
    assert make(grad(make(grad(formula))))(0.4, 0.7) == pytest.approx(slope, rel=1e-13)
    both = lambda v: formula(*v)  # noqa: E731
    wanted = hessian(both)([0.4, 0.7])
    for found in (make(hessian(both))([0.4, 0.7]), hessian(make(both))([0.4, 0.7])):
        assert np.array(found) == pytest.approx(np.array(wanted), rel=1e-13)
    assert make(jacobian(lambda x: [x * x, exp(x)]))(2.0) == [4.0, math.exp(2.0)]
    assert jvp(make(formula), (0.4, 0.7), (1.0, 0.5)) == pytest.approx(jvp(formula, (0.4, 0.7), (1.0, 0.5)))
    columns = make(value_and_grad(formula, (0, 1)))(np.array([0.4, 1.0]), 0.7)
    assert columns[1][0][0] == pytest.approx(grad(formula)(0.4, 0.7), rel=1e-14)
    assert value_and_grad(make(both))(np.array([0.4, 0.7]))[1].shape == (2,)


def test_an_inner_derivative_keeps_its_own_input() -> None:
    # d/dx of (x · d/dy of (x·y² at y = 2)) = d/dx 4x², also where y is a number
    function = lambda x: x * grad(lambda y: x * y * y)(2.0)  # noqa: E731
    assert jit(grad(function))(3.0) == grad(function)(3.0) == 24.0
    assert jit(lambda x: grad(lambda y: y * y)(5.0) + x)(1.0) == 11.0
    assert jit(lambda x: value_and_grad(lambda y: 3.0)(5.0)[0] + x)(1.0) == 4.0


# ---------------------------------------------------------------- captured Values


@pytest.mark.parametrize("engine", ENGINES)
def test_captured_values_are_read_at_each_call(engine: str) -> None:
    w = parameter(2.0, "w")
    inner = w * 3.0  # no leaf: its number is what it holds
    jitted = jit(lambda x: w * x + inner, engine=engine)
    assert jitted(1.0) == 8.0
    w.data = 5.0
    assert jitted(1.0) == 11.0
    assert jitted(np.array([1.0, 2.0])).tolist() == [11.0, 16.0]
    w.data = np.float64(7.0)
    assert jitted(1.0) == 13.0
    assert jitted(1.0).__class__ is float
    program = jitted.program(1.0)
    assert program.captured == (w, inner)
    assert "given w" in str(program)


def test_values_made_inside_are_literals() -> None:
    jitted = jit(lambda x: sum((x * k for k in (1.0, 2.0)), start=Value(0.5)))
    assert jitted(2.0) == 6.5
    assert jitted.program(2.0).captured == ()


# ---------------------------------------------------------------- branches


def newton(x: Any) -> Any:
    guess = x
    steps = 0
    while abs(guess * guess - x) > 1e-9:
        guess = (guess + x / guess) / 2.0
        steps += 1
    return guess


@pytest.mark.parametrize("engine", [*ENGINES, "auto"])
def test_branches_are_followed(engine: str) -> None:
    def piecewise(x: Any, y: Any) -> Any:
        if x > 1.0 and y > 0:
            return x * y
        if not x:
            return y + 100.0
        return sorted([x, y])[0] if x != y else -x

    jitted = jit(piecewise, engine=engine)
    points = [(2.0, 1.0), (0.0, 3.0), (0.5, 0.5), (0.5, -1.0), (2.0, -1.0), (-1.0, 4.0), (math.nan, 1.0), (-0.0, 1.0)]
    for _ in range(2):
        for x, y in points:
            expected = piecewise(x, y)
            assert jitted(x, y) == expected or expected != expected
    columns = jit(piecewise, engine=engine)(*np.array(points).T)
    assert np.array_equal(columns, [piecewise(*point) for point in points], equal_nan=True)
    slopes = jit(grad(piecewise, (0, 1)), engine=engine)
    assert slopes(2.0, 3.0) == (3.0, 2.0)
    assert slopes(0.5, 0.5) == (-1.0, 0.0)
    assert grad(jitted)(2.0, 3.0) == 3.0


@pytest.mark.parametrize("engine", ENGINES)
def test_loops_stop_where_each_row_stops(engine: str) -> None:
    jitted = jit(newton, engine=engine)
    xs = np.array([2.0, 9.0, 0.01, 100.0, 1.0])
    assert jitted(xs) == pytest.approx(np.sqrt(xs), abs=1e-8)
    assert [jitted(x) for x in xs.tolist()] == [newton(x) for x in xs.tolist()]
    assert jit(grad(newton), engine=engine)(4.0) == pytest.approx(0.25, rel=1e-9)


def steps(x: Any) -> Any:
    n = 0
    while x > n:
        n += 1
    return x + n


def test_past_64_paths_the_function_itself_answers() -> None:
    jitted = jit(steps, engine="numpy")
    message = r"steps takes more than 64 different paths through its `if`s \(or loops\): the function itself runs"
    with pytest.warns(RuntimeWarning, match=message):
        assert jitted(np.arange(100.0)).tolist() == [steps(float(x)) for x in range(100)]
    assert jitted(3.5) == 7.5  # and the paths there are still serve
    assert jitted(90.0) == 180.0  # warned once
    assert jitted(90) == 180.0
    assert jitted(Value(90.0)).data == 180.0


def test_rows_must_agree_on_the_structure() -> None:
    jitted = jit(lambda x: (x, x) if x > 0 else x)
    assert jitted(1.0) == (1.0, 1.0)
    assert jitted(-1.0) == -1.0
    with pytest.raises(TypeError, match="returns different structures for different rows"):
        jitted(np.array([1.0, -1.0]))


@pytest.mark.parametrize("engine", ENGINES)
def test_where_computes_both_and_lets_nothing_through_the_other(engine: str) -> None:
    safe = lambda x: where(x > 0, sqrt(x) * log(x), 0.0) + where(x > 0, sqrt(x), 0.0)  # noqa: E731
    for function in (safe, grad(safe), grad(grad(safe))):
        jitted = jit(function, engine=engine)
        assert jitted(0.0) == 0.0
        assert jitted(np.array([0.0, -1.0])).tolist() == [0.0, 0.0]
        assert not jitted.program(0.0).guards


def test_truth_counts_as_one_or_zero() -> None:
    jitted = jit(lambda x, y: (x > y) * x + ((x > 0) & (y > 0)) * 10.0 + where((x > 0) | (y > 0), 100.0, 0.0))
    for x, y in ((1.0, 2.0), (2.0, 1.0), (2.0, -1.0), (-1.0, -2.0), (-1.0, 1.0)):
        assert jitted(x, y) == (x > y) * x + ((x > 0) and (y > 0)) * 10.0 + 100.0 * (x > 0 or y > 0)
    assert jit(lambda x: x > 1.0)(2.0) == 1.0
    assert jit(lambda x, y: where(x, y, -y))(0.0, 3.0) == -3.0


# ---------------------------------------------------------------- honesty


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (
            lambda x: x * x.data,
            r"read \(.data, .grad or its graph\) while the function is traced: the program would keep",
        ),
        (lambda x: x.grad, "is read"),
        (
            lambda x: (x * x).backward(),
            r"backward\(\) writes gradients into Values.*use grad\(f\) or value_and_grad\(f\)",
        ),
        (lambda x: None, "returned None; a jitted function returns the numbers it computes"),
        (lambda x: "text", "unsupported operand type 'str'.*; a jitted function returns Values or numbers"),
        (lambda x: x * random.random(), "draws random numbers .*pass the draw as an argument"),
        (lambda x: x * next(COUNTER), "COUNTER is an iterator or a file .*make it a list, or pass its contents"),
    ],
)
def test_what_a_program_cannot_repeat_is_an_error(function: Any, message: str) -> None:
    with pytest.raises(TraceError, match=message):
        jit(function)(2.0)


def test_python_types_of_a_traced_number() -> None:
    with pytest.raises(TypeError, match=r"cannot be an index, a length or an int: .*functools\.partial"):
        jit(lambda x: [1, 2][x])(1.0)
    with pytest.raises(TypeError, match="a traced number has no elements; pass a list or an array"):
        jit(lambda x: x[0] + x[1])(1.0)
    assert jit(lambda x: x[0] + x[1])(np.array([1.0, 2.0])) == 3.0
    with pytest.raises(TypeError, match="a traced number is unhashable: a set or a dict would look it up by identity"):
        jit(lambda x: {1.0: 2.0}[x])(1.0)
    with pytest.raises(TypeError, match="a Value cannot be converted to float"):
        jit(lambda x: math.exp(x))(1.0)
    shown: list[str] = []
    jit(lambda x: (shown.append(repr(x)), x)[1])(1.0)
    assert shown[0] == "Value(traced, label='x')"


def test_a_list_that_grows_is_an_error() -> None:
    history: list[Any] = []

    def remembering(x: Any) -> Any:
        history.append(x)
        return sum(history)

    with pytest.raises(TraceError, match="remembering keeps a number of the traced call in a list, where the compiled"):
        jit(remembering)(1.5)
    assert history == [1.5]  # as the function itself would have left it, and nothing traced


@pytest.mark.parametrize(
    ("function", "does"),
    [
        (lambda w, x: x * w.data, "reads .data of"),
        (lambda w, x: x * w.grad, "reads .grad of"),
        (lambda w, x: (setattr(w, "data", 2.0), x)[1], "assigns to .data of"),
    ],
)
def test_the_number_of_a_captured_value_is_hidden(function: Any, does: str) -> None:
    w = parameter(1.0, "w")
    with pytest.raises(TraceError, match=f"the traced function {does} w: the compiled program would keep this"):
        jit(lambda x: function(w, x))(1.0)
    assert (w.data, w.grad) == (1.0, 0.0)
    w.data = 3.0
    assert Value.__dict__["data"].__class__.__name__ in ("member_descriptor", "getset_descriptor")
    shown: list[str] = []
    assert jit(lambda x: (shown.append(repr(w)), x * w)[1])(2.0) == 6.0
    assert shown[0] == "Value(captured, label='w')"  # its number is read at each call
    assert repr(w) == "Value(data=3.0, grad=0.0, label='w')"
    with pytest.raises(TraceError, match="the traced function formats w: the compiled program would keep this"):
        jit(lambda x: x * float(f"{w:.3f}"))(2.0)


def test_groups_within_a_traced_function() -> None:
    w = parameter(2.0, "w")

    def grouped(x: Any) -> Any:
        with group("product"):
            y = x * w
        return y if y > 0 else -y

    assert jit(value_and_grad(grouped))(-3.0) == (6.0, -2.0)

    def reading(x: Any) -> Any:
        with group("product"):
            return x * w.data

    with pytest.raises(TraceError, match=r"reads \.data of w"):
        jit(reading)(1.0)


def test_other_threads_see_through() -> None:
    """While one thread records, another reads the numbers of the same Values."""
    w, seen, inside = parameter(1.0, "w"), set(), threading.Event()
    over = threading.Event()

    def elsewhere() -> None:
        while not over.is_set():
            seen.add((w * 2.0 + w.data).data)
            inside.set()

    def slow(x: Any) -> Any:
        time.sleep(0.02)
        return x * w

    thread = threading.Thread(target=elsewhere)
    thread.start()
    try:
        assert inside.wait(20)
        assert jit(slow)(2.0) == 2.0
    finally:
        over.set()
        thread.join()
    assert seen == {3.0}


SCALE = 2.0
COUNTER = itertools.count()


def test_what_the_function_names_may_change() -> None:
    table, array, offset = [1.0, 2.0], np.array([1.0, 2.0]), 0.0

    def reading(x: Any) -> Any:
        return x * SCALE + sum(table) + float(array[0]) + offset

    global SCALE
    jitted = jit(reading)
    for change in range(6):
        if change == 1:
            SCALE = 3.0
        elif change == 2:
            table.append(5.0)
        elif change == 3:
            table[0] = -1.0
        elif change == 4:
            array[0] = 9.0
        elif change == 5:
            offset = 4.0
        for _ in range(2):
            assert jitted(1.5) == reading(1.5)
            assert grad(jitted)(1.5) == SCALE
    SCALE = 2.0


class Line:
    def __init__(self) -> None:
        self.w, self.scale, self.parts = parameter(2.0), 1.0, [parameter(1.0)]

    def __call__(self, x: Any) -> Any:
        return self.w * x * self.scale + sum(self.parts)


def test_attributes_may_change() -> None:
    line = Line()
    calls = [jit(lambda x: line(x)), jit(line.__call__), jit(value_and_grad(lambda x: line(x)))]
    changes = [
        lambda: None,
        lambda: setattr(line, "w", parameter(5.0)),
        lambda: setattr(line, "scale", 3.0),
        lambda: line.parts.append(parameter(10.0)),
        lambda: setattr(line.parts[0], "data", 4.0),
        lambda: line.parts.reverse(),
    ]
    for change in changes:
        change()
        for _ in range(2):
            expected = line(2.0).data
            assert [calls[0](2.0), calls[1](2.0), calls[2](2.0)[0]] == [expected] * 3


def test_layers_of_a_network_may_change() -> None:
    network = nn.MLP(2, [3, 1])
    jitted = jit(lambda x, y: network([x, y]))
    assert jitted(1.0, 2.0) == network([1.0, 2.0]).data
    network.layers[0].neurons[1].b = parameter(-1.5)
    network.layers[0].neurons[0].w[0].data = 7.0
    assert jitted(1.0, 2.0) == network([1.0, 2.0]).data


def test_a_captured_value_bound_anew_is_seen() -> None:
    w = parameter(2.0)
    jitted = jit(value_and_grad(lambda x: w * x))
    assert jitted(3.0) == (6.0, 2.0)
    w = parameter(5.0)
    assert jitted(3.0) == (15.0, 5.0)


def test_weights_in_a_growing_list_are_seen() -> None:
    ws = [parameter(1.0), parameter(2.0)]
    jitted = jit(lambda x: sum(w * x for w in ws))
    assert jitted(1.0) == 3.0
    ws.append(parameter(4.0))
    assert jitted(1.0) == 7.0


def test_inside_an_anomaly_check_the_function_is_itself() -> None:
    jitted = jit(lambda x: log(x) * 2.0)
    assert jitted(0.0) == -math.inf
    with detect_anomaly(), pytest.raises(ArithmeticError, match="log"):
        jitted(Value(0.0))


def test_numbers_never_raise() -> None:
    jitted = jit(value_and_grad(lambda x, y: x / y + exp(x) + log(y) + y**-2.0, (0, 1)), engine="python")
    assert jitted(1000.0, 0.0) == (math.inf, (math.inf, -math.inf)) or math.isnan(jitted(1000.0, 0.0)[0])
    eager = value_and_grad(lambda x, y: x / y + exp(x) + log(y) + y**-2.0, (0, 1))
    for point in ((1000.0, 0.0), (0.0, 0.0), (math.inf, -1.0), (math.nan, 1.0), (1.0, -0.0)):
        assert repr(jitted(*point)) == repr(eager(*point))


# ---------------------------------------------------------------- primitives of the user's


def test_a_users_primitive(table: None) -> None:
    cube = primitive("cube", lambda x: x * x * x, lambda x, out: 3.0 * x * x)
    for engine in ("python", "numpy"):
        jitted = jit(value_and_grad(lambda x: cube(x) * 2.0), engine=engine)
        assert jitted(2.0) == (16.0, 24.0)
        assert jitted(np.array([1.0, 2.0]))[0].tolist() == [2.0, 16.0]
    program = jit(cube).program(1.0)
    message = "primitive 'cube' has no spelling for target 'javascript'; define it with javascript=... or with expand="
    with pytest.raises(NotImplementedError, match=message):
        program.source("javascript")
    assert "# _cube is the value function of the primitive 'cube'; define it before use" in program.source("python")
    if NATIVE:
        with pytest.raises(NotImplementedError, match="primitive 'cube' has no spelling for target 'llvm'"):
            jit(cube, engine="llvm")(2.0)


def test_a_users_primitive_that_branches(table: None) -> None:
    hinge = primitive("hinge", lambda x: x if x > 0 else 0.0, lambda x, out: 1.0 if x > 0 else 0.0)
    jitted = jit(value_and_grad(hinge), engine="python")
    assert [jitted(x) for x in (2.0, -2.0, 3.0)] == [(2.0, 1.0), (0.0, 0.0), (3.0, 1.0)]


# ---------------------------------------------------------------- engines and the straight way


def test_engines_are_named() -> None:
    with pytest.raises(ValueError, match="jit: engine is 'cuda'; 'auto', 'llvm', 'numpy', 'python', 'jax' are legal"):
        jit(formula, engine="cuda")
    with pytest.raises(TypeError, match="jit takes a function, got 'float'"):
        jit(3.0)  # type: ignore[call-overload]


def test_without_llvmlite_the_others_serve(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograd_mini.program.targets.llvm.find_spec", lambda name: None)
    jitted = jit(formula)
    assert jitted(np.array([0.3]), 1.0)[0] == pytest.approx(jitted(0.3, 1.0))
    for _ in range(WARM + 10):
        jitted(0.3, 1.0)
    with pytest.raises(ImportError, match=r"the llvm engine needs llvmlite; install it with: pip install"):
        jit(formula, engine="llvm")


def test_a_function_called_often_changes_to_native_code_unseen() -> None:
    jitted = jit(value_and_grad(lambda x, y: formula(x, y) if x > 0 else x * y, (0, 1)), check=False)
    chance = random.Random(0)
    reference = jit(value_and_grad(lambda x, y: formula(x, y) if x > 0 else x * y, (0, 1)), engine="python")
    codes = set()
    for _ in range(3 * WARM):
        x, y = chance.uniform(-1, 1), chance.uniform(-1, 1)
        assert jitted(x, y) == reference(x, y)
        codes.add(jitted.__code__)
    assert any("_native" in name for name in jitted.__globals__) == NATIVE
    exact = jit(lambda x, y: hypot(x, y))  # Python's own hypot rounds otherwise than C's: no change
    for _ in range(2 * WARM):
        exact(1.0, 2.0)
    assert not any("_native" in name for name in exact.__globals__)


def test_the_jitted_function_is_a_function() -> None:
    assert jit(formula).__name__ == "formula"

    class Model:
        def __init__(self) -> None:
            self.w = parameter(2.0, "w")
            self.forward = jit(lambda x: self.w * x)

    model = Model()
    assert model.forward(3.0) == 6.0
    model.w.data = 4.0
    assert model.forward(3.0) == 12.0
    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        jit(formula)(1.0)
    jitted = jit(formula)
    jitted(1.0, 2.0)
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'y'"):
        jitted(1.0)
    variadic = jit(lambda *xs, scale=1.0: sum(xs) * scale)
    assert variadic(1.0, 2.0) == 3.0
    assert variadic(1.0, 2.0, 3.0) == 6.0
    assert variadic(1.0, 2.0, scale=2.0) == 6.0
    assert jit(lambda x, y=3.0: x * y)(2.0) == 6.0
    assert jit(lambda: 3.0)() == 3.0
    assert jit(lambda x: 7)(1.0) == 7.0
    assert jit(lambda x: 7)(np.ones(2)).tolist() == [7.0, 7.0]


def test_names_of_arguments_may_be_anything() -> None:
    def odd(math: Any, exp: Any, v1: Any, _args: Any, inf: Any) -> Any:
        return math + 2 * exp + 3 * v1 + 4 * _args + 5 * inf + log(exp)

    jitted = jit(odd)
    for _ in range(2):
        assert jitted(1.0, 1.0, 1.0, 1.0, 1.0) == 15.0
        assert jitted(1.0, exp=1.0, v1=1.0, _args=1.0, inf=2.0) == 20.0


def test_programs_are_shown() -> None:
    program = jit(lambda x: softmax([x, 2.0 * x])[0] + maximum(x, 0.0)).program(1.0)
    assert verify(program) is program
    assert str(program).startswith("program(x)\n")
    assert "softmax(x, " in str(program)


# ---------------------------------------------------------------- robustness


def test_two_threads_call_one_function() -> None:
    jitted = jit(value_and_grad(lambda x: newton(x) * 2.0))
    wrong: list[Any] = []
    gate = threading.Barrier(4)

    def work(seed: int) -> None:
        chance = random.Random(seed)
        gate.wait()
        for _ in range(300):
            x = chance.uniform(0.1, 50.0)
            value, slope = jitted(x)
            if abs(value - 2.0 * math.sqrt(x)) > 1e-6 or abs(slope - 1.0 / math.sqrt(x)) > 1e-6:
                wrong.append((x, value, slope))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError, ZeroDivisionError])
@pytest.mark.parametrize(
    ("where_from", "place"), [(general, "record"), (general, "entry"), (paths, "simplify"), (entries, "prepared")]
)
def test_an_exception_while_compiling_leaves_the_function_usable(
    monkeypatch: pytest.MonkeyPatch, error: type[BaseException], where_from: Any, place: str
) -> None:
    jitted = jit(lambda x: exp(x) * 2.0 if x > 0 else x, check=False)
    original = getattr(where_from, place)
    failures = iter([True])

    def failing(*args: Any, **kwargs: Any) -> Any:
        if next(failures, False):
            raise error
        return original(*args, **kwargs)

    monkeypatch.setattr(where_from, place, failing)
    with pytest.raises(error):
        jitted(1.0)
    assert jitted(1.0) == math.exp(1.0) * 2.0
    assert jitted(-1.0) == -1.0
    assert jitted(np.array([1.0, -1.0])) == pytest.approx([math.exp(1.0) * 2.0, -1.0], rel=1e-15)


def test_graphs_and_arrays_are_freed_at_once() -> None:
    jitted = jit(lambda x: x * 2.0)
    gc.collect()
    gc.disable()
    try:
        jitted(np.ones(3))
        out = jitted(np.ones(3))
        noted = weakref.ref(out)
        del out
        assert noted() is None
    finally:
        gc.enable()


def chain(length: int) -> Any:
    def long(x: Any) -> Any:
        out = x
        for _ in range(length):
            out = out * 0.999 + x
        return out

    return long


def test_long_programs() -> None:
    program = jit(grad(chain(2_000)), engine="numpy")
    assert program(1.0) == pytest.approx((1 - 0.999**2001) / 0.001, rel=1e-10)


@pytest.mark.slow
def test_programs_of_two_hundred_thousand_instructions() -> None:
    expected = (1 - 0.999**100_001) / 0.001
    assert jit(chain(100_000), engine="python")(1.0) == pytest.approx(expected)
    if NATIVE:
        assert jit(chain(100_000))(1.0) == pytest.approx(expected)
    with pytest.raises(ValueError, match="the program has 400,000 instructions, the python target takes 300,000"):
        jit(chain(200_000), engine="python")(1.0)


@pytest.mark.parametrize("engine", ENGINES)
def test_long_columns(engine: str) -> None:
    x = np.random.default_rng(0).normal(size=20_011)
    assert np.allclose(jit(sin, engine=engine)(x), np.sin(x), rtol=1e-14, atol=0.0)


def test_what_changes_at_every_call_is_forgotten() -> None:
    table = [0.0]
    jitted = jit(lambda x: x + table[0])
    for i in range(40):
        table[0] = float(i)
        assert jitted(1.0) == jitted(1.0) == 1.0 + i
    assert len(jitted.__globals__) < 150


def test_a_jitted_function_is_freed() -> None:
    """With its programs, its code and the lines of its text."""

    def make(engine: str) -> Any:
        k = [2.0]
        f = jit(lambda x: x * k[0] if x > 0.0 else x, engine=engine)
        assert [f(1.0), f(-1.0)] == [2.0, -1.0]
        k[0] = 3.0
        assert f(1.0) == 3.0
        return f

    make("python")
    gc.collect()
    lines = len(linecache.cache)
    for engine in ("python", "auto", *["llvm"] * NATIVE):
        gone = weakref.ref(make(engine))
        gc.collect()
        assert gone() is None
    assert len(linecache.cache) == lines


def test_an_index_that_is_none_is_nan_also_at_the_first_call() -> None:
    chosen = jit(lambda i, x, y: take([x, y], i))
    assert math.isnan(chosen(5.0, 1.0, 2.0))
    assert chosen(1.0, 1.0, 2.0) == 2.0
    with pytest.raises(IndexError, match="index 5 is not one of 2 values"):
        jit(lambda x, y: take([x, y], 5))(1.0, 2.0)
