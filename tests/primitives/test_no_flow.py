"""Nothing flows is None: users' rows, and the point that asked for it, through every door of the package."""

import math

import numpy as np
import pytest

import autograd_mini as am
from autograd_mini import NO_FLOW, Value, grad, hessian, jit, jvp, primitive, vjp, where
from autograd_mini.program.batch import Batch
from autograd_mini.program.blocks.adjoint import block_adjoint
from autograd_mini.program.blocks.recover import recover
from autograd_mini.program.loops.run import Loops
from autograd_mini.program.passes.adjoint import adjoint
from autograd_mini.program.passes.simplify import simplify
from autograd_mini.program.plans.sums import plan_of
from autograd_mini.program.record.recorder import TraceError
from autograd_mini.program.record.trace import trace
from tests.support.program_targets import RUN, WAYS

ENGINES = ["python", "numpy", "llvm"]


def radius(x, y):
    return am.maximum(am.sqrt(x * x + y * y), 1e-10)


def test_it_is_none_and_public():
    assert NO_FLOW is None
    assert am.primitives.NO_FLOW is None
    assert "NO_FLOW" in primitive.__doc__


def test_at_the_origin_through_every_transform():
    assert grad(radius, (0, 1))(0.0, 0.0) == (0.0, 0.0)
    assert jvp(radius, (0.0, 0.0), (1.0, 1.0)) == (1e-10, 0.0)
    assert vjp(radius, 0.0, 0.0)[1](1.0) == (0.0, 0.0)
    assert hessian(lambda v: radius(v[0], v[1]))([0.0, 0.0]) == [[0.0, 0.0], [0.0, 0.0]]


@pytest.mark.parametrize("engine", ENGINES)
def test_at_the_origin_compiled(engine):
    assert jit(grad(radius, (0, 1)), engine=engine)(0.0, 0.0) == (0.0, 0.0)
    second = jit(lambda x, y: hessian(lambda v: radius(v[0], v[1]))([x, y]), engine=engine)
    assert second(0.0, 0.0) == [[0.0, 0.0], [0.0, 0.0]]
    columns = jit(grad(radius, (0, 1)), engine=engine)(np.array([0.0, 3.0]), np.array([0.0, 4.0]))
    assert np.array(columns) == pytest.approx(np.array([[0.0, 0.6], [0.0, 0.8]]), rel=1e-15)
    assert jit(lambda x, y: jvp(radius, (x, y), (1.0, 1.0))[1], engine=engine)(0.0, 0.0) == 0.0


@pytest.mark.parametrize("engine", [*ENGINES, "eager"])
def test_at_the_origin_over_a_batch(engine):
    w = am.parameter(0.0)
    _, slope = Batch(lambda x: radius(w, x), [w], 1, engine=engine).value_and_grad(np.array([[0.0], [0.0]]))
    assert slope.tolist() == [0.0]


def stopped_layers(width, spelled):
    """Two units of relu, one of them far below 0 by an infinite weight or input; all numbers are arguments."""

    def loss(*numbers):
        rows, x, last = [numbers[:width], numbers[width : 2 * width]], numbers[2 * width : 3 * width], numbers[-2:]
        sums = [sum(w * a for w, a in zip(row, x, strict=True)) if spelled else am.affine(row, x, 0.0) for row in rows]
        return sum(v * am.relu(h) for v, h in zip(last, sums, strict=True))

    weights = [math.inf, *[1.0] * (width - 1), *[0.5] * width]
    inputs = [-1.0, *[2.0] * (width - 1)]
    infinite_input = [*[1.0] * width, *[-0.5] * width, math.inf, *[2.0] * (width - 1), 1.0, math.inf]
    return loss, [[*weights, *inputs, math.inf, 3.0], infinite_input, [*[0.5] * 3 * width, 1.0, 1.0]]


@pytest.mark.long
@pytest.mark.parametrize("spelled", [False, True])
@pytest.mark.parametrize("width", [1, 2, 5, 40])
def test_an_infinite_factor_where_nothing_flows_in_every_target(width, spelled):
    loss, points = stopped_layers(width, spelled)
    wanted = [grad(loss, tuple(range(len(at))))(*at) for at in points]
    assert wanted[0][0] == wanted[1][width] == 0.0
    program = adjoint(trace(loss, points[2]))
    for way in WAYS:
        if not way.marks[0].args[0]:
            (found,) = RUN[way.values[0]]([program], [points])
            np.testing.assert_allclose([outputs[1:] for outputs in found], wanted, rtol=1e-13, err_msg=way.values[0])
    blocks = block_adjoint(recover(trace(loss, points[2])), simplify=simplify)
    rows = np.array(points)
    np.testing.assert_allclose(plan_of(blocks, summed=False)(rows, np.empty(0))[1:].T, wanted, rtol=1e-13)
    np.testing.assert_allclose(Loops(blocks, summed=False)(rows, np.empty(0))[1:].T, wanted, rtol=1e-13)
    np.testing.assert_allclose(jit(grad(loss, tuple(range(len(points[0])))))(*points[0]), wanted[0], rtol=1e-13)


@pytest.mark.parametrize("engine", [*ENGINES, "auto", "eager"])
@pytest.mark.parametrize("width", [5, 40])
def test_an_infinite_factor_where_nothing_flows_over_a_batch(width, engine):
    loss, points = stopped_layers(width, False)
    weights = [am.parameter(w) for w in points[0][: 2 * width]]
    tail = np.array(points)[:2, 2 * width :]
    batch = Batch(lambda *row: loss(*weights, *row), weights, width + 2, engine=engine)
    slopes = batch.value_and_grad(tail)[1]
    wanted = grad(lambda ws: sum(loss(*ws, *row) for row in tail.tolist()) / 2.0)(points[0][: 2 * width])
    np.testing.assert_allclose(slopes, wanted, rtol=1e-13)
    slopes = batch.value_and_grad(tail, theta=np.array(points[2][: 2 * width]))[1]  # and where everything flows
    wanted = grad(lambda ws: sum(loss(*ws, *row) for row in tail.tolist()) / 2.0)(points[2][: 2 * width])
    np.testing.assert_allclose(slopes, wanted, rtol=1e-13)


def test_a_compiled_function_called_on_values_remembers_the_branch_not_taken():
    f = jit(lambda r, c: where(c > 0.5, r * r, 1.0))
    f(1.0, 1.0)
    for order in (grad(lambda x: f(am.sqrt(x), 0.0)), grad(grad(lambda x: f(am.sqrt(x), 0.0)))):
        assert order(0.0) == 0.0
    assert jvp(lambda x: f(am.sqrt(x), 0.0), (0.0,), (1.0,)) == (1.0, 0.0)
    x = Value(0.0)
    made = f(am.sqrt(x), 0.0)
    assert made.partials[0] is NO_FLOW
    unused = jit(lambda a, b: 2.0 * a)(Value(1.0), am.sqrt(x))
    assert unused.partials == (2.0, NO_FLOW)


@pytest.mark.usefixtures("table")
def test_a_users_plain_zero_that_is_always_zero_does_not_flow():
    constant = primitive("still_constant", lambda x: 1.0, (0.0,))
    rule = primitive("still_rule", lambda x: 1.0, lambda x, y: 0.0, expand=lambda x: where(x > 0.0, 1.0, 1.0))
    second = primitive("still_second", lambda x, k: k * x, lambda x, k, y: (k, 0.0), arity=2, static=(1,))
    for row, partials in ((constant, (NO_FLOW,)), (rule, (NO_FLOW,))):
        x = Value(0.0)
        y = row(am.sqrt(x))
        assert y.partials == partials
        y.backward()
        assert (x.grad, grad(lambda x, row=row: row(am.sqrt(x)))(0.0)) == (0.0, 0.0)
    assert second(Value(2.0), 3.0).partials == (3.0, NO_FLOW)
    assert jit(grad(lambda x: rule(am.sqrt(x))))(0.0) == 0.0


@pytest.mark.usefixtures("table")
def test_a_users_rule_chooses_it_with_where_in_every_engine():
    ramp = primitive(
        "ramp", lambda x: x if x > 1.0 else 1.0, lambda x, y: where(x > 1.0, 1.0, NO_FLOW),
        expand=lambda x: where(x > 1.0, x, 1.0),
    )  # fmt: skip
    f = lambda x: ramp(am.sqrt(x))  # noqa: E731
    for engine in (lambda f: f, *(lambda f, e=e: jit(f, engine=e) for e in ENGINES)):
        assert [engine(grad(f))(x) for x in (0.0, 4.0)] == [0.0, 0.25]
        assert [engine(grad(grad(f)))(x) for x in (0.0, 4.0)] == [0.0, -1 / 32]


@pytest.mark.usefixtures("table")
def test_a_computed_zero_times_infinity_stays_nan():
    scaled = primitive("scaled_by_itself", lambda x: x * x, lambda x, y: x + x)
    assert math.isnan(grad(lambda x: scaled(am.sqrt(x)))(0.0))
    assert math.isnan(grad(lambda x: 0.0 * am.sqrt(x))(0.0))
    assert math.isnan(jit(grad(lambda x: scaled(am.sqrt(x))))(0.0)) if scaled.expand else True


@pytest.mark.usefixtures("table")
def test_arithmetic_on_a_conditional_partial_is_refused_by_name():
    wrong = primitive(
        "wrong_ramp", lambda x: x, lambda x, y: am.relu(where(x > 1.0, 1.0, NO_FLOW)), expand=lambda x: x + 0.0
    )
    with pytest.raises(TraceError, match=r"relu of a partial that flows only under a condition; a rule returns"):
        jit(grad(lambda x: wrong(x)))(2.0)


def test_stop_gradient_is_the_number_without_its_history():
    x = Value(3.0, "x")
    y = x * am.stop_gradient(x) + x.detach()
    y.backward()
    assert (y.data, x.grad) == (12.0, 3.0)
    f = lambda x: x * am.stop_gradient(x * x)  # noqa: E731
    for engine in (lambda f: f, *(lambda f, e=e: jit(f, engine=e) for e in ENGINES)):
        assert (engine(f)(3.0), engine(grad(f))(3.0), engine(grad(grad(f)))(3.0)) == (27.0, 9.0, 0.0)
    assert am.stop_gradient(2.0) == 2.0
