"""Batches that run as plans: when they do, and that they say what plain Values say."""

import numpy as np
import pytest

import autograd_mini as am
from autograd_mini import losses, nn
from autograd_mini.program.batch import Batch
from autograd_mini.program.blocks.recover import recover
from autograd_mini.program.plans import sums
from autograd_mini.program.plans.sums import is_due, plan_columns, plan_sums
from autograd_mini.program.record.trace import trace
from tests.support.block_programs import dense, irregular, numbers, weights


def classifier(sizes, rows, **options):
    model = nn.MLP(sizes[0], sizes[1:], rng=0)
    chance = np.random.default_rng(0)
    table = np.hstack([chance.normal(size=(rows, sizes[0])), chance.integers(0, sizes[-1], (rows, 1))])
    batch = Batch(
        lambda *row: losses.cross_entropy(model(row[:-1]), row[-1]), model.parameters(), sizes[0] + 1, **options
    )
    return model, batch, table


def plans_made(monkeypatch):
    made = []
    monkeypatch.setattr(sums, "Plan", lambda *args, _plan=sums.Plan, **kw: made.append(1) or _plan(*args, **kw))
    return made


@pytest.mark.parametrize("penalised", [False, True])
def test_a_large_network_runs_as_a_plan_and_gives_what_values_give(monkeypatch, penalised):
    made = plans_made(monkeypatch)
    sizes = (90, 60, 3)
    options = {"penalty": lambda: losses.l2(model.parameters(), 0.1)} if penalised else {}
    model, batch, table = classifier(sizes, 6, **options)
    for parameter in model.parameters():
        parameter.data *= 0.2
    value, gradient = batch.value_and_grad(table)
    assert len(made) == 1 + penalised
    eager = Batch(batch.loss, batch.parameters, batch.columns, engine="eager", penalty=batch.penalty)
    wanted, slopes = eager.value_and_grad(table)
    assert value == pytest.approx(wanted, rel=1e-12)
    np.testing.assert_allclose(gradient, slopes, rtol=1e-11, atol=1e-14)
    np.testing.assert_allclose(batch.loss_rows(table), eager.loss_rows(table), rtol=1e-12)
    assert batch.value(table) == pytest.approx(wanted, rel=1e-12)


def test_exact_keeps_the_order_of_sums(monkeypatch):
    made = plans_made(monkeypatch)
    _, batch, table = classifier((20, 8, 3), 1, engine="numpy", exact=True)
    eager = Batch(batch.loss, batch.parameters, batch.columns, engine="eager")
    value, gradient = batch.value_and_grad(table)
    wanted, slopes = eager.value_and_grad(table)
    assert not made
    assert value == pytest.approx(wanted, rel=1e-15)
    np.testing.assert_allclose(gradient, slopes, rtol=1e-14)


def test_branches_are_routed_among_plans(monkeypatch):
    made = plans_made(monkeypatch)
    w = weights(12, 12, 0)

    def loss(*x):
        found = sum(h * h for h in dense(w, x))
        return found * 2.0 if x[0] > 0.0 else found

    parameters = [each for row in w for each in row]
    table = np.random.default_rng(0).normal(size=(7, 12))
    found = Batch(loss, parameters, 12, engine="numpy").value_and_grad(table)
    wanted = Batch(loss, parameters, 12, engine="eager").value_and_grad(table)
    assert len(made) >= 2
    assert found[0] == pytest.approx(wanted[0], rel=1e-12)
    np.testing.assert_allclose(found[1], wanted[1], rtol=1e-12)


def test_irregular_programs_stay_flat():
    loss, at, _ = irregular(3)
    program = trace(loss, at)
    assert not is_due(recover(program), "auto")
    assert plan_columns(program, "auto") is None


@pytest.mark.parametrize("engine", ["python", "llvm"])
def test_engines_asked_for_by_name_are_used(engine):
    program = trace(lambda *x: sum(x), [1.0] * 5000)
    assert plan_sums(program, 0, engine) is None


def test_a_row_that_numpy_lacks_leaves_the_program_flat():
    from autograd_mini.primitives import erf

    program = trace(lambda *x: sum(erf(each) for each in x), numbers(50, 0))
    assert plan_columns(program, "numpy") is None


def test_a_few_rows_run_as_loops_and_only_what_is_needed_is_compiled(monkeypatch):
    pytest.importorskip("llvmlite")
    made = plans_made(monkeypatch)
    looped = []
    monkeypatch.setattr(sums, "Loops", lambda *args, _of=sums.Loops, **kw: looped.append(1) or _of(*args, **kw))
    _, batch, table = classifier((90, 60, 3), 8)
    eager = Batch(batch.loss, batch.parameters, batch.columns, engine="eager")
    for rows, wanted in ((1, (1, 0)), (3, (1, 0)), (8, (1, 1)), (2, (1, 1))):
        value, gradient = batch.value_and_grad(table[:rows])
        other, slopes = eager.value_and_grad(table[:rows])
        assert value == pytest.approx(other, rel=1e-12)
        np.testing.assert_allclose(gradient, slopes, rtol=1e-10, atol=1e-14)
        assert (len(looped), len(made)) == wanted
    again = batch.value_and_grad(table[:2])
    assert again[0] == value
    np.testing.assert_array_equal(again[1], gradient)


@pytest.mark.parametrize("rows", [2, 40])
def test_a_row_that_only_numpy_has_runs_as_a_plan_of_numpy_s_calls(rows, table, monkeypatch):
    """Native code has no word for a user's row: few rows and many are NumPy's then, and loops are tried once."""
    square = am.primitive("square_of_test", lambda x: x * x, partials=lambda x, y: 2.0 * x, numpy="np.square({0})")
    w = [[am.parameter(0.01 * (i + j)) for j in range(90)] for i in range(60)]
    parameters = [value for row in w for value in row]

    def loss(*x):
        return am.total([square(am.affine(row, list(x), 0.0)) for row in w])

    tried = []
    monkeypatch.setattr(sums, "Loops", lambda *args, _made=sums.Loops, **kw: tried.append(1) or _made(*args, **kw))
    points = np.linspace(-1.0, 1.0, rows * 90).reshape(rows, 90)
    batch, plain = (Batch(loss, parameters, 90, engine=engine) for engine in ("auto", "eager"))
    wanted, slopes = plain.value_and_grad(points)
    for _ in range(3):
        value, gradient = batch.value_and_grad(points)
        assert value == pytest.approx(wanted, rel=1e-12)
        np.testing.assert_allclose(gradient, slopes, rtol=1e-11)
    assert len(tried) == (rows == 2 and sums.loops_from() is not None)
