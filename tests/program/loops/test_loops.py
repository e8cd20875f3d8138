"""Native loops against the Python target, row by row: values, columns and sums with gradients."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest

from autograd_mini import grad, jit, parameter, value_and_grad
from autograd_mini.primitives import (
    exp,
    log_softmax,
    logsumexp,
    maximum,
    minimum,
    softmax,
    sqrt,
    tanh,
    total,
    where,
)
from autograd_mini.primitives.row import Primitive
from autograd_mini.program.batch import Batch
from autograd_mini.program.blocks.adjoint import block_adjoint
from autograd_mini.program.blocks.recover import recover
from autograd_mini.program.loops.elementwise import readers_of, runs
from autograd_mini.program.loops.run import Loops
from autograd_mini.program.passes.adjoint import adjoint
from autograd_mini.program.passes.simplify import simplify
from autograd_mini.program.plans import sums
from autograd_mini.program.record.trace import trace
from tests.program.plans.test_plans import CASES, EDGES, SPECIAL, by_python, table, theta
from tests.support.block_programs import dense, numbers, weights

pytest.importorskip("llvmlite")


@pytest.mark.parametrize("name", CASES)
def test_columns_and_sums(name):
    loss, at, _ = CASES[name]
    program = trace(loss, at)
    points = table(at, 3)
    blocks = block_adjoint(recover(replace(program, guards=())), simplify=simplify)
    wanted = by_python(adjoint(program), points)
    held = theta(program)
    columns, summed = Loops(blocks, summed=False), Loops(blocks, summed=True)
    for _ in range(2):  # what is left in memory from the first call means nothing to the second
        np.testing.assert_allclose(columns(points, held), wanted, rtol=1e-11, atol=1e-13)
        np.testing.assert_allclose(summed(points, held), wanted.sum(axis=1), rtol=1e-11, atol=1e-12)
        points, wanted = points[::-1], wanted[:, ::-1]


@pytest.mark.parametrize("name", EDGES)
def test_special_numbers(name):
    """Infinities, nan and the sign of zero come out as the flat program has them."""
    points = np.array([(a, b) for a in SPECIAL for b in SPECIAL])
    program = trace(EDGES[name], [1.0, 2.0])
    with np.errstate(all="ignore"):
        wanted = by_python(program, points)
    found = Loops(recover(program), summed=False)(points, theta(program))
    np.testing.assert_allclose(found, wanted, rtol=1e-12)
    zero = wanted == 0.0
    np.testing.assert_array_equal(np.signbit(found)[zero], np.signbit(wanted)[zero])


@pytest.mark.parametrize("width", [1, 2, 7, 8, 9, 16, 17, 40])
@pytest.mark.parametrize("row", [logsumexp, softmax, log_softmax])
def test_rows_of_any_length(row, width):
    """Vectors and what is left over; a row of −inf alone; a tie."""
    program = trace(lambda *x: row(list(x)), numbers(width, 1))
    points = np.vstack([table(numbers(width, 1), 3), np.full((1, width), -math.inf), np.zeros((1, width))])
    found = Loops(recover(program), summed=False)(points, np.empty(0))
    np.testing.assert_allclose(found, by_python(program, points), rtol=1e-13)


@pytest.mark.parametrize(("outputs", "inputs", "rows"), [(1, 1, 1), (5, 3, 2), (8, 16, 9), (17, 19, 5), (40, 7, 3)])
def test_products_of_any_size(outputs, inputs, rows):
    w = weights(outputs, inputs, 0)

    def loss(*x):
        groups = [x[inputs * r : inputs * (r + 1)] for r in range(rows)]
        return total([tanh(h) for group in groups for h in dense(w, group)])

    at = numbers(inputs * rows, 1)
    program = trace(loss, at)
    blocks = block_adjoint(recover(program), simplify=simplify)
    wanted = by_python(adjoint(program), np.array([at]))[:, 0]
    np.testing.assert_allclose(Loops(blocks, summed=True)(np.array([at]), theta(program)), wanted, rtol=1e-11)


def test_long_sums_run_along_their_row():
    at = numbers(100, 3)
    program = trace(lambda *x: [sum(x), sum(a * b for a, b in zip(x[:50], x[50:], strict=True))], at)
    found = Loops(recover(program), summed=False)(np.array([at]), np.empty(0))
    np.testing.assert_allclose(found[:, 0], by_python(program, np.array([at]))[:, 0], rtol=1e-13)


def test_blocks_share_a_loop_where_they_read_each_other_in_step():
    program = recover(trace(lambda *x: [tanh(a * 2.0) + a for a in x], numbers(10, 0)))
    assert [len(run.blocks) for run in runs(program.blocks)] == [3]
    program = recover(trace(lambda *x: [tanh(a * 2.0) + b for a, b in itertools.pairwise(x)], numbers(10, 0)))
    assert [len(run.blocks) for run in runs(program.blocks)] == [3]  # of what was there before, any application

    def folded(*x):
        y = [tanh(a) for a in x]
        return [a - b for a, b in zip(y, y[::-1], strict=True)]

    program = recover(trace(folded, numbers(10, 0)))
    assert [len(run.blocks) for run in runs(program.blocks)] == [1, 1]  # of its own, the other end is not there yet


def test_constants_are_data_not_text():
    """As many as there are samples in a least-squares loss: the text stays as long as the idea."""
    lengths = []
    for count in (40, 400):
        held = numbers(count, 7)
        program = trace(lambda *x, held=held: sum(a * b for a, b in zip(held, x, strict=True)), held)
        loops = Loops(recover(program), summed=True)
        np.testing.assert_allclose(loops(np.array([held]), np.empty(0)), [sum(a * a for a in held)], rtol=1e-13)
        lengths.append(loops.text.count("\n"))
    assert lengths[0] == lengths[1]


def test_an_infinite_slope_behind_an_untaken_branch():
    points = np.array([[0.0, 1.0, 0.0], [4.0, 0.0, 0.0]])
    program = trace(lambda *x: sum(where(a > 0.0, sqrt(a), 0.0) * a for a in x), [1.0, 1.0, 1.0])
    found = Loops(block_adjoint(recover(program), simplify=simplify), summed=False)(points, np.empty(0))
    np.testing.assert_array_equal(found[1:].T, [[0.0, 1.5, 0.0], [3.0, 0.0, 0.0]])


# ---------------------------------------------------------------- through the doors for users


def used(monkeypatch):
    made = []
    monkeypatch.setattr(sums, "Loops", lambda *args, **kw: made.append(1) or Loops(*args, **kw))
    return made


def test_a_large_function_under_jit(monkeypatch):
    made = used(monkeypatch)
    at = numbers(1200, 4)

    def f(*x):
        return logsumexp(x) + sum(a * a for a in x)

    compiled = jit(value_and_grad(f, argnums=tuple(range(1200))))
    found, slopes = compiled(*at)
    wanted, plain = value_and_grad(f, argnums=tuple(range(1200)))(*at)
    assert made
    assert found == pytest.approx(wanted, rel=1e-12)
    np.testing.assert_allclose(slopes, plain, rtol=1e-12)
    np.testing.assert_allclose(grad(jit(f), argnums=0)(*at), plain[0], rtol=1e-12)


def test_a_named_engine_keeps_the_order_of_sums(monkeypatch):
    made = used(monkeypatch)
    at = numbers(1500, 4)
    assert jit(lambda *x: sum(a * b for a, b in zip(x, x[::-1], strict=True)), engine="llvm")(*at) == sum(
        a * b for a, b in zip(at, at[::-1], strict=True)
    )
    assert not made


def test_a_loss_without_columns_is_a_batch_of_one_row(monkeypatch):
    made = used(monkeypatch)
    w, x = weights(40, 40, 0), numbers(40, 1)
    parameters = [each for row in w for each in row]
    rows = np.empty((1, 0))

    def loss():
        return total([maximum(h, 0.0) * minimum(h, 0.5) for h in dense(w, x)])

    found = Batch(loss, parameters, 0).value_and_grad(rows)
    wanted = Batch(loss, parameters, 0, engine="eager").value_and_grad(rows)
    assert made
    assert found[0] == pytest.approx(wanted[0], rel=1e-12)
    np.testing.assert_allclose(found[1], wanted[1], rtol=1e-12, atol=1e-15)


def test_a_row_without_a_word_leaves_the_program_to_others():
    twice = Primitive("twice", lambda x: 2.0 * x, (2.0,), arity=1, label="2x", domain=((-math.inf, math.inf),))
    p = parameter(1.0)
    program = trace(lambda *x: sum(twice(a) * p for a in x), numbers(1200, 0))
    assert sums.loop_numbers(program) is None


def test_outputs_come_from_wherever_they_are():
    """Long stretches side by side, one number again and again, literals, backwards, and a few between them."""
    w = weights(1, 60, 0)[0]

    def several(x, y):
        doubled = [x * v for v in w]
        return [
            *w,
            y,
            *doubled[3:50],
            *[y] * 40,
            *[0.0] * 33,
            *reversed(doubled),
            x,
            y,
            *doubled[::2],
            *w[:31],
            *w[:32],
        ]

    program = trace(several, [2.0, 3.0])
    points = table([2.0, 3.0], 5)
    wanted = by_python(program, points)
    for summed in (False, True):
        found = Loops(recover(program), summed=summed)(points, theta(program))
        np.testing.assert_allclose(found, wanted.sum(axis=1) if summed else wanted, rtol=1e-13)


@pytest.mark.parametrize(("rows", "width"), [(8, 8), (19, 21), (7, 30), (40, 5)])
def test_weights_are_turned_for_products(rows, width):
    w = weights(rows, width, 0)
    program = trace(lambda *x: [out for k in range(3) for out in dense(w, x[k::3])], numbers(3 * width, 1))
    points = table(numbers(3 * width, 1), 2)
    run = Loops(recover(program), summed=False)
    assert "call void @transpose" in run.text
    np.testing.assert_allclose(run(points, theta(program)), by_python(program, points), rtol=1e-12, atol=1e-14)


def test_of_a_loop_only_what_others_read_is_stored():
    program = trace(lambda *x: sum(tanh(exp(v) * v) for v in x), numbers(40, 1))
    blocks = recover(program)
    run = runs(blocks.blocks)[0]
    assert [block.primitive.name for block in run.blocks] == ["exp", "mul", "tanh"]
    assert run.kept(readers_of(blocks)) == [False, False, True]
