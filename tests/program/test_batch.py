"""Batch: the loss over rows and its gradient, the same on every engine."""

import importlib.util
import itertools
import subprocess
import sys
import threading

import numpy as np
import pytest

from autograd_mini import Value, jit, parameter, primitive, relu, value_and_grad, where
from autograd_mini.primitives.table import affine, log_softmax, sqrt, tanh, total
from autograd_mini.program.batch import PATHS, Batch
from autograd_mini.program.record.recorder import TraceError

ENGINES = ("eager", "python", "numpy", "llvm")
engines = pytest.mark.parametrize("engine", ENGINES)


def network(sizes, activation, seed=0):
    """A network's row loss (cross-entropy against a distribution) and its parameters."""
    chance = np.random.default_rng(seed)
    layers = [
        (
            [[parameter(x) for x in row] for row in chance.standard_normal((b, a)) * 0.6],
            [parameter(x) for x in chance.standard_normal(b) * 0.1],
        )
        for a, b in itertools.pairwise(sizes)
    ]

    def loss(*row):
        signal, target = list(row[: sizes[0]]), row[sizes[0] :]
        for i, (weights, biases) in enumerate(layers):
            signal = [affine(w, signal, b) for w, b in zip(weights, biases, strict=True)]
            if i < len(layers) - 1:
                signal = [activation(x) for x in signal]
        return -total([t * s for t, s in zip(target, log_softmax(signal), strict=True)])

    return loss, [p for weights, biases in layers for p in (*(w for row in weights for w in row), *biases)]


def data(count, columns, seed=1):
    return np.random.default_rng(seed).standard_normal((count, columns))


def by_hand(loss, parameters, rows):
    """The mean loss and its gradient by eager backward passes."""
    for p in parameters:
        p.zero_grad()
    losses = [loss(*row) for row in rows.tolist()]
    for each in losses:
        each.backward()
    gradient = np.array([p.grad for p in parameters]) / len(rows)
    for p in parameters:
        p.zero_grad()
    return sum(each.data for each in losses) / len(rows), gradient


@engines
@pytest.mark.parametrize("activation", [tanh, relu], ids=["tanh", "relu"])
def test_a_network_on_every_engine(engine, activation):
    loss, parameters = network((3, 5, 4, 2), activation)
    batch = Batch(loss, parameters, 5, engine=engine)
    for count in (1, 7, 8, 9, 30):
        rows = data(count, 5)
        value, gradient = by_hand(loss, parameters, rows)
        found, slopes = batch.value_and_grad(rows)
        assert found == pytest.approx(value, rel=1e-13)
        np.testing.assert_allclose(slopes, gradient, rtol=1e-11, atol=1e-14)
        assert batch.value(rows) == pytest.approx(value, rel=1e-13)
        np.testing.assert_allclose(batch.loss_rows(rows), [loss(*row).data for row in rows.tolist()], rtol=1e-13)


@engines
def test_theta_stands_in_for_the_values_and_changes_none(engine):
    w, b = parameter(2.0), parameter(-1.0)
    batch = Batch(lambda x, y: (w * x + b - y) ** 2, [w, b], 2, engine=engine)
    w.grad = 5.0
    rows = np.array([[1.0, 1.0], [2.0, 5.0]])
    assert batch.value_and_grad(rows, np.array([3.0, 1.0]))[0] == pytest.approx((9.0 + 4.0) / 2)
    assert batch.value(rows, [3.0, 1.0]) == pytest.approx((9.0 + 4.0) / 2)
    assert (w.data, w.grad, b.data, b.has_grad) == (2.0, 5.0, -1.0, False)
    value, gradient = batch.value_and_grad(rows)
    assert value == 2.0
    assert gradient.tolist() == [-4.0, -2.0]
    w.data = 3.0
    assert batch.value(rows) == 0.5 * (1.0 + 0.0)


@engines
def test_the_order_is_that_of_the_parameters_and_an_unused_one_has_gradient_0(engine):
    a, b, c = parameter(1.0), parameter(2.0), parameter(3.0)
    batch = Batch(lambda x: c * x + a * a, [c, b, a], 1, engine=engine)
    value, gradient = batch.value_and_grad(np.array([[1.0], [3.0]]))
    assert value == 7.0
    assert gradient.tolist() == [2.0, 0.0, 2.0]


@engines
def test_another_value_is_read_at_each_call(engine):
    w, other = parameter(2.0), Value(10.0)
    batch = Batch(lambda x: w * x * other, [w], 1, engine=engine)
    rows = np.ones((3, 1))
    assert batch.value_and_grad(rows) == (20.0, [10.0])
    other.data = 1.0
    assert batch.value_and_grad(rows) == (2.0, [1.0])


@engines
def test_a_sum_in_place_of_the_mean(engine):
    w = parameter(2.0)
    batch = Batch(lambda x: w * x, [w], 1, engine=engine, reduction="sum")
    assert batch.value_and_grad(np.ones((4, 1))) == (8.0, [4.0])
    assert batch.value(np.ones((4, 1))) == 8.0


@engines
def test_a_penalty_is_a_batch_of_one_row_without_columns(engine):
    parameters = [parameter(1.0), parameter(-2.0)]
    batch = Batch(lambda: total([p * p for p in parameters]) * 0.5, parameters, 0, engine=engine)
    value, gradient = batch.value_and_grad(np.empty((1, 0)), np.array([3.0, 4.0]))
    assert value == 12.5
    assert gradient.tolist() == [3.0, 4.0]


@engines
def test_a_penalty_is_added_once_whatever_the_rows(engine):
    w, b, strength = parameter(2.0), parameter(1.0), Value(0.5)

    def loss(x):
        return w * x if x > 0.0 else -w * x

    batch = Batch(loss, [w, b], 1, engine=engine, penalty=lambda: strength * (w * w + b * b))
    for rows in (np.ones((4, 1)), np.array([[1.0], [-1.0], [1.0]])):
        assert batch.value(rows) == 2.0 + 2.5
        value, gradient = batch.value_and_grad(rows)
        assert value == 4.5
        assert gradient.tolist() == [3.0, 1.0]
        assert batch.loss_rows(rows).tolist() == [2.0] * len(rows)
    strength.data = 0.0
    assert batch.value_and_grad(np.ones((2, 1)), np.array([3.0, 1.0])) == (3.0, pytest.approx([1.0, 0.0]))


@engines
def test_a_penalty_that_calls_the_maths_library(engine):
    w = parameter(0.5)
    batch = Batch(lambda x: w.tanh() * x, [w], 1, engine=engine, penalty=lambda: w.tanh())
    value, gradient = batch.value_and_grad(np.ones((9, 1)))
    assert value == pytest.approx(2.0 * np.tanh(0.5), rel=1e-15)
    assert gradient == pytest.approx([2.0 / np.cosh(0.5) ** 2], rel=1e-14)


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_a_penalty_that_branches_is_refused(engine):
    w = parameter(2.0)
    batch = Batch(lambda x: w * x, [w], 1, engine=engine, penalty=lambda: w if w > 0.0 else -w)
    with pytest.raises(TraceError, match="the penalty branches with `if` on a parameter; choose with where"):
        batch.value(np.ones((1, 1)))


@engines
def test_a_loss_that_depends_on_no_parameter_or_no_row(engine):
    w = parameter(2.0)
    assert Batch(lambda x: x * 2.0, [w], 1, engine=engine).value_and_grad(np.ones((3, 1))) == (2.0, [0.0])
    assert Batch(lambda x: w * 1.0, [w], 1, engine=engine).value_and_grad(np.ones((3, 1))) == (2.0, [1.0])
    assert Batch(lambda x: 4.0, [w], 1, engine=engine).value_and_grad(np.ones((3, 1))) == (4.0, [0.0])
    assert Batch(lambda x: 4.0, [w], 1, engine=engine).loss_rows(np.ones((3, 1))).tolist() == [4.0] * 3


@engines
def test_any_layout_and_type_of_rows(engine):
    w = parameter(2.0)
    batch = Batch(lambda x, y: (w * x - y) ** 2, [w], 2, engine=engine)
    rows = np.array([[1.0, 1.0], [2.0, 5.0], [0.0, 1.0]])
    expected = batch.value(rows)
    wide = np.arange(24.0).reshape(3, 8)
    wide[:, ::5] = rows
    for each in (np.asfortranarray(rows), rows.tolist(), rows.astype(int), wide[:, ::5], rows[::-1][::-1]):
        assert batch.value(each) == expected
        assert batch.value_and_grad(each)[0] == expected


# ---------------------------------------------------------------- branches


@engines
def test_rows_are_routed_by_the_path_they_take(engine):
    w, c = parameter(1.5), Value(0.3)

    def loss(x, y):
        z = w * x + c
        if z > 0.0:
            z = z * 2.0
        if z < y:
            return (z - y) ** 2
        return abs(z - y)

    batch = Batch(loss, [w], 2, engine=engine)
    rows = data(40, 2)
    value, gradient = by_hand(loss, [w], rows)
    for _ in range(2):
        found, slopes = batch.value_and_grad(rows)
        assert found == pytest.approx(value, rel=1e-13)
        np.testing.assert_allclose(slopes, gradient, rtol=1e-12)
        np.testing.assert_allclose(batch.loss_rows(rows), [loss(*row).data for row in rows.tolist()], rtol=1e-13)
    moved = np.array([-2.0])
    w.data = -2.0
    value, gradient = by_hand(loss, [w], rows)
    w.data = 1.5
    found, slopes = batch.value_and_grad(rows, moved)
    assert found == pytest.approx(value, rel=1e-13)
    np.testing.assert_allclose(slopes, gradient, rtol=1e-12)


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_past_16_paths_plain_values_compute(engine):
    w = parameter(1.0)

    def loss(*row):
        out = w * 1.0
        for x in row:
            if x > 0.0:
                out = out + x
        return out

    batch = Batch(loss, [w], 8, engine=engine)
    rows = data(200, 8)
    with pytest.warns(RuntimeWarning, match=f"more than {PATHS} different paths .* where\\(condition, a, b\\), relu"):
        found, slopes = batch.value_and_grad(rows)
    wanted, gradient = by_hand(loss, [w], rows)
    assert found == pytest.approx(wanted, rel=1e-13)
    assert slopes == pytest.approx(gradient, rel=1e-13)
    assert batch.loss_rows(rows) == pytest.approx([loss(*row).data for row in rows.tolist()], rel=1e-13)
    assert batch.value(rows) == pytest.approx(wanted, rel=1e-13)
    first = np.abs(data(200, 8)[:1]) * np.sign(data(200, 8)[0])
    assert batch.value(first) == pytest.approx(1.0 + first[first > 0.0].sum())  # the paths that are known still serve
    eager = Batch(loss, [w], 8, engine="eager")
    assert eager.value_and_grad(np.ones((5, 8))) == (9.0, [1.0])


@engines
def test_the_branch_not_taken_contributes_nothing(engine):
    w = parameter(1.0)
    batch = Batch(
        lambda x: where(x > 0.0, w * x.sqrt() if isinstance(x, Value) else w * x**0.5, 0.0), [w], 1, engine=engine
    )
    rows = np.array([[4.0], [0.0], [-1.0]])
    if engine == "eager":
        rows = rows[:2]  # plain numbers are not Values: (-1.0) ** 0.5 is complex in Python
    value, gradient = batch.value_and_grad(rows)
    assert value == 2.0 / len(rows)
    assert gradient.tolist() == [2.0 / len(rows)]


# ---------------------------------------------------------------- robustness


@engines
def test_an_infinite_slope_behind_a_neuron_that_is_off(engine):
    """0 times it would be nan: the neuron passes nothing on, not 0."""
    w = [parameter(x) for x in (0.5, 2.0, -1.0, 0.0)]

    def loss(x, y):
        inner = affine(w[:3], [sqrt(w[3]), x, y], -10.0)
        return (relu(inner) - y) ** 2 + w[1] * x

    rows = np.array([[1.0, 2.0], [3.0, 1.0]])
    value, gradient = Batch(loss, w, 2, engine=engine).value_and_grad(rows)
    assert value == 6.5
    assert gradient.tolist() == [0.0, 2.0, 0.0, 0.0]
    w[3].data, w[1].data = 4.0, 30.0  # on, and the square root has a slope
    value, gradient = Batch(loss, w, 2, engine=engine).value_and_grad(rows)
    wanted = by_hand(loss, w, rows)
    np.testing.assert_allclose([value, *gradient], [wanted[0], *wanted[1]])


@engines
def test_numbers_that_overflow_reach_the_sums(engine):
    w = [parameter(1.0), parameter(1.0)]
    rows = np.array([[1e200], [2e200]] * 9)
    big = Batch(lambda x: w[0] * x + w[1], w, 1, engine=engine, reduction="sum").value_and_grad(rows)
    assert big[0] == pytest.approx(2.7e201)  # its square is no number
    assert big[1].tolist() == pytest.approx([2.7e201, 18.0])
    with np.errstate(over="ignore"):
        value, gradient = Batch(lambda x: w[0] * x * x, w, 1, engine=engine).value_and_grad(rows)
    assert value == np.inf
    assert gradient.tolist() == [np.inf, 0.0]
    value, gradient = Batch(lambda x: x * x + w[0], w, 1, engine=engine).value_and_grad(rows)
    assert value == np.inf
    assert gradient.tolist() == [1.0, 0.0]


def test_same_rows_same_bits():
    loss, parameters = network((4, 16, 3), tanh)
    rows = data(61, 7)
    results = []
    for _ in range(2):
        batch = Batch(loss, parameters, 7, engine="llvm")
        results += [batch.value_and_grad(rows)[1].tobytes() for _ in range(5)]
    assert len(set(results)) == 1


def test_nan_and_infinity_in_one_row_reach_the_result_and_no_other():
    w = parameter(1.0)
    batch = Batch(lambda x: w * x.log(), [w], 1, engine="llvm")
    rows = np.ones((11, 1))
    assert batch.value_and_grad(rows) == (0.0, [0.0])
    rows[10] = 0.0
    assert batch.value_and_grad(rows) == (-np.inf, [-np.inf])
    rows[3] = -1.0
    assert np.isnan(batch.value_and_grad(rows)[0])


@pytest.mark.parametrize("engine", ["auto", "eager"])
def test_threads_share_a_batch(engine):
    loss, parameters = network((3, 6, 2), tanh)
    batch = Batch(loss, parameters, 5, engine=engine)
    rows = data(50, 5)
    found = []
    threads = [
        threading.Thread(target=lambda: found.extend(batch.value_and_grad(rows)[1].tobytes() for _ in range(10)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 40
    assert len(set(found)) == 1


def test_an_error_in_the_loss_leaves_the_batch_usable():
    w = parameter(1.0)
    broken = [True]

    def loss(x):
        if broken:
            raise KeyboardInterrupt
        return w * x

    batch = Batch(loss, [w], 1)
    with pytest.raises(KeyboardInterrupt):
        batch.value_and_grad(np.ones((2, 1)), np.array([7.0]))
    assert w.data == 1.0
    broken.clear()
    assert batch.value_and_grad(np.ones((2, 1))) == (1.0, [1.0])


def test_wrong_arguments():
    w = parameter(1.0)
    batch = Batch(lambda x, y: w * x - y, [w], 2)
    with pytest.raises(ValueError, match=r"rows have the shape \(3, 1\); at least one row of 2 numbers is needed"):
        batch.value(np.ones((3, 1)))
    with pytest.raises(ValueError, match=r"rows have the shape \(0, 2\); at least one row"):
        batch.value(np.ones((0, 2)))
    with pytest.raises(ValueError, match=r"theta has the shape \(2,\); one number for each of the 1 parameters"):
        batch.value(np.ones((3, 2)), np.ones(2))
    with pytest.raises(ValueError, match="reduction is 'max'; 'mean' or 'sum' is needed"):
        Batch(lambda x: w, [w], 1, reduction="max")
    with pytest.raises(ValueError, match="engine is 'gpu'; 'auto', 'llvm', 'numpy', 'python', 'jax' are legal"):
        Batch(lambda x: w, [w], 1, engine="gpu")
    with pytest.raises(ValueError, match="a parameter is given twice"):
        Batch(lambda x: w, [w, w], 1)
    with pytest.raises(TypeError, match="parameters must be leaf Values, one of them is"):
        Batch(lambda x: w, [w * 2.0], 1)
    with pytest.raises(TypeError, match="the loss of a row is one number, this one returned 2"):
        Batch(lambda x: [w * x, x], [w], 1).value(np.ones((1, 1)))


def test_without_llvmlite_auto_is_numpy():
    code = """
import sys; sys.modules["llvmlite"] = None
import numpy as np
from autograd_mini import parameter
from autograd_mini.program.batch import Batch
w = parameter(2.0)
batch = Batch(lambda x: w * x, [w], 1)
assert batch.engine == "numpy"
assert batch.value_and_grad(np.ones((3, 1))) == (2.0, [1.0])
"""
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


@pytest.mark.usefixtures("table")
def test_auto_leaves_native_code_where_it_lacks_a_users_primitive() -> None:
    cube = primitive("own_cube", lambda x: x * x * x, lambda x, y: 3.0 * x * x)
    w = parameter(2.0)
    rows = np.array([[1.0], [3.0]])
    found, gradient = Batch(lambda x: cube(w * x), [w], 1).value_and_grad(rows)
    assert found == pytest.approx(8.0 * 14.0)
    assert gradient == pytest.approx([3.0 * 4.0 * 14.0])
    f = jit(value_and_grad(cube))
    assert [f(2.0) for _ in range(2_000)][-1] == (8.0, 12.0)
    assert jit(cube)(np.array([1.0, 2.0])).tolist() == [1.0, 8.0]
    if importlib.util.find_spec("llvmlite"):
        with pytest.raises(NotImplementedError, match="'own_cube' has no spelling for target 'llvm'"):
            Batch(lambda x: cube(w * x), [w], 1, engine="llvm").value_and_grad(rows)
