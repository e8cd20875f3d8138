"""Plans against the Python target, row by row: values, columns and sums with gradients."""

import math
from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest

from autograd_mini import parameter, primitives
from autograd_mini.primitives import (
    affine,
    exp,
    log_softmax,
    logsumexp,
    maximum,
    minimum,
    sigmoid,
    softmax,
    sqrt,
    tanh,
    where,
)
from autograd_mini.program.blocks.adjoint import block_adjoint
from autograd_mini.program.blocks.recover import recover
from autograd_mini.program.passes.adjoint import adjoint
from autograd_mini.program.passes.simplify import simplify
from autograd_mini.program.plans.sums import plan_of
from autograd_mini.program.record.trace import trace
from autograd_mini.program.run import PLAIN
from autograd_mini.program.source import prepared
from autograd_mini.program.targets.python import compile_python
from tests.support.block_programs import REGULAR, dense, irregular, numbers, weights

CASES = {**REGULAR, **{f"irregular {seed}": irregular(seed) for seed in range(24)}}
NAMES = [name if i < len(REGULAR) + 4 else pytest.param(name, marks=pytest.mark.slow) for i, name in enumerate(CASES)]
ROWS = (1, 5, 19)  # fewer than a vector has lanes, and some vectors with rows left over
NATIVE = [False, pytest.param(True, marks=pytest.mark.skipif(find_spec("llvmlite") is None, reason="no llvmlite"))]


def table(at, rows):
    """Rows around a point, the first the point itself."""
    chance = np.random.default_rng(len(at))
    return np.array(at) + np.concatenate([np.zeros((1, len(at))), chance.normal(0.0, 0.1, (rows - 1, len(at)))])


def by_python(program, rows):
    held = [value.data for value in program.captured]
    run = compile_python(prepared(replace(program, guards=()), PLAIN))
    return np.array([run(*row, *held) for row in rows.tolist()]).T


def theta(program):
    return np.array([value.data for value in program.captured])


@pytest.mark.parametrize("native", NATIVE)
@pytest.mark.parametrize("name", NAMES)
def test_columns_and_sums(name, native):
    loss, at, _ = CASES[name]
    program = trace(loss, at)
    blocks = block_adjoint(recover(replace(program, guards=())), simplify=simplify)
    held = theta(program)
    columns = plan_of(blocks, summed=False, native=native)
    sums = plan_of(blocks, summed=True, native=native)
    for rows in ROWS:
        points = table(at, rows)
        wanted = by_python(adjoint(program), points)
        for _ in range(2):  # what is left in memory from the first call means nothing to the second
            np.testing.assert_allclose(columns(points, held), wanted, rtol=1e-11, atol=1e-13)
            np.testing.assert_allclose(sums(points, held), wanted.sum(axis=1), rtol=1e-11, atol=1e-12)
            points, held = points[::-1].copy(), held.copy()  # other arrays, elsewhere
            wanted = wanted[:, ::-1]


@pytest.mark.parametrize("native", NATIVE)
@pytest.mark.parametrize("name", ["spelled network", "convolution", "choices", "attention"])
def test_hessian_vector_products(name, native):
    loss, at, _ = CASES[name]
    program, points = trace(loss, at), table(at, 3)
    first = block_adjoint(recover(program), simplify=simplify)
    seeds = [0.0, *numbers(len(first.outputs) - 1, 5)]
    twice = block_adjoint(first, seeds=seeds, simplify=simplify)
    found = plan_of(twice, summed=True, native=native)(points, theta(program))
    wanted = by_python(adjoint(adjoint(program), seeds=seeds), points).sum(axis=1)
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-10)


SPECIAL = [0.0, -0.0, 1.0, -1.5, math.inf, -math.inf, math.nan, 1e300, -800.0]
EDGES = {
    "maximum of zeros": lambda a, b: [maximum(a, b), maximum(b, 0.0), maximum(a, -0.0), minimum(a, b), minimum(a, 0.0)],
    "square": lambda a, b: [a**2, b**-1.0, a**0.5, a**3],
    "where": lambda a, b: [where(a < b, a, b), where(a == a, 1.0, b), where(b > 0.0, sqrt(b), -0.0)],
    "nary": lambda a, b: [logsumexp([a, b, 0.0]), *softmax([a, b, a]), *log_softmax([a, b])],
    "rows": lambda a, b: [
        tanh(a),
        sigmoid(b),
        exp(a) - b,
        abs(a),
        primitives.sign(b),
        primitives.floor(a),
        primitives.step(a),
    ],
}


@pytest.mark.parametrize("native", NATIVE)
@pytest.mark.parametrize("name", EDGES)
def test_special_numbers(name, native):
    """Infinities, nan and the sign of zero come out as the flat program has them."""
    points = np.array([(a, b) for a in SPECIAL for b in SPECIAL])
    program = trace(EDGES[name], [1.0, 2.0])
    with np.errstate(all="ignore"):
        wanted = by_python(program, points)
    found = plan_of(recover(program), summed=False, native=native)(points, theta(program))
    np.testing.assert_allclose(found, wanted, rtol=1e-12)
    zero = wanted == 0.0
    np.testing.assert_array_equal(np.signbit(found)[zero], np.signbit(wanted)[zero])


@pytest.mark.parametrize("native", NATIVE)
def test_an_infinite_slope_behind_an_untaken_branch(native):
    def loss(*x):
        return sum(where(a > 0.0, sqrt(a), 0.0) * a for a in x)

    points = np.array([[0.0, 1.0, 0.0], [4.0, 0.0, 0.0]])
    blocks = block_adjoint(recover(trace(loss, [1.0, 1.0, 1.0])), simplify=simplify)
    found = plan_of(blocks, summed=False, native=native)(points, np.empty(0))
    np.testing.assert_array_equal(found[1:].T, [[0.0, 1.5, 0.0], [3.0, 0.0, 0.0]])


@pytest.mark.parametrize("native", NATIVE)
def test_choice_by_number(native):
    w = weights(3, 2, 0)

    def pick(scores, t):
        found = math.nan
        for i, score in reversed(list(enumerate(scores))):
            found = where(t == float(i), score, found)
        return found

    program = trace(lambda x, y, t: pick(dense(w, (x, y)), t), [0.5, 1.0, 2.0])
    blocks = recover(program)
    assert [block.primitive.name for block in blocks.blocks] == ["affine", "choice"]
    points = np.array([[0.5, 1.0, t] for t in (0.0, 1.0, 2.0, 3.0, -1.0, 1.5, math.nan, math.inf)])
    both = block_adjoint(blocks, simplify=simplify)
    wanted = by_python(adjoint(program), points)
    found = plan_of(both, summed=False, native=native)(points, theta(program))
    np.testing.assert_allclose(found, wanted, rtol=1e-13)


def test_layers_are_matrix_products():
    w, b = weights(5, 4, 0), weights(1, 5, 1)[0]
    program = trace(lambda *x: sum(tanh(affine(row, x, start)) for row, start in zip(w, b, strict=True)), numbers(4, 2))
    source = plan_of(block_adjoint(recover(program), range(4, 29), simplify=simplify), summed=True).source
    assert source.count("np.matmul") == 2  # forward, and the gradient of the weights summed over the rows
    assert "einsum" not in source
    assert "take" not in source


@pytest.mark.parametrize("name", ["spelled network", "convolution", "attention"])
def test_sums_are_scaled_on_the_way(name):
    loss, at, _ = CASES[name]
    program, points = trace(loss, at), table(at, 4)
    plan = plan_of(block_adjoint(recover(program), simplify=simplify), summed=True)
    whole = plan(points, theta(program))
    np.testing.assert_allclose(plan(points, theta(program), 0.25), 0.25 * whole, rtol=1e-13, atol=1e-15)


def test_long_batches_go_in_chunks():
    w = weights(3, 2, 0)
    program = trace(lambda *x: sum(tanh(h) for h in dense(w, x)), [0.1, 0.2])
    points = table([0.1, 0.2], 50)
    for summed in (False, True):
        plan = plan_of(recover(program), summed=summed)
        whole = plan(points, theta(program))
        plan.chunk = 7
        np.testing.assert_allclose(plan(points, theta(program)), whole, rtol=1e-14)


def test_rows_need_not_lie_in_order():
    program = trace(lambda x, y: x * y + x, [1.0, 2.0])
    points = np.asfortranarray(table([1.0, 2.0], 6))[::2]
    np.testing.assert_array_equal(
        plan_of(recover(program), summed=False)(points, np.empty(0)), by_python(program, points)
    )


def test_between_products_there_is_one_stage():
    pytest.importorskip("llvmlite")
    *calls, last = calls_of(columns=1)
    assert [line.startswith("multiply") for line in calls] == [True, False, True, False, True, False, True, True]
    assert all(line.startswith(("multiply", "s")) for line in calls)
    assert last.startswith("s")  # the sums of the biases' gradients over the rows
    assert "result" in last


def test_small_products_of_several_columns_are_part_of_a_stage():
    pytest.importorskip("llvmlite")
    calls = calls_of(columns=3)
    assert len(calls) == 2  # everything, then the sums over the rows
    assert all(line.startswith("s") for line in calls)


def calls_of(columns):
    """Return the lines of a network's plan that compute, without views and scaling; it is used for several columns."""
    w, b, v = weights(40, 8, 0), weights(1, 40, 1)[0], weights(8, 40, 2)

    def network(x):
        h = [tanh(affine(row, x, start)) for row, start in zip(w, b, strict=True)]
        return logsumexp([affine(row, h, 0.0) for row in v]) - h[0]

    def loss(*x):
        found = network(x[:8])
        for k in range(1, columns):
            found = found + network(x[8 * k : 8 * k + 8])
        return found

    program = trace(loss, numbers(8 * columns, 2))
    parameters = range(8 * columns, 8 * columns + 680)
    source = plan_of(block_adjoint(recover(program), parameters, simplify=simplify), summed=True, native=True).source
    lines = [line.strip() for line in source.partition("def run")[2].splitlines()[1:]]
    return [line for line in lines if not line.startswith(("p", "work", "bind", "if ", "np.multiply"))]


def test_calls_at_once_have_memory_of_their_own():
    from concurrent.futures import ThreadPoolExecutor

    w = weights(20, 20, 0)
    program = trace(lambda *x: sum(tanh(h) for h in dense(w, x)), numbers(20, 1))
    plan, held = plan_of(recover(program), summed=True), theta(program)
    batches = [table(numbers(20, seed), 64) for seed in range(16)]
    wanted = [plan(batch, held) for batch in batches]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda batch: plan(batch, held), batches * 8))
    np.testing.assert_array_equal(found, wanted * 8)


def test_a_row_without_a_word_is_named():
    program = trace(lambda x: primitives.erf(x) * parameter(2.0), [1.0])
    with pytest.raises(NotImplementedError, match="'erf' is no function of NumPy"):
        plan_of(recover(program), summed=False)
