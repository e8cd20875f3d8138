"""Small matrix products over the rows of a batch: weights by columns of inputs, biases, and sums over the rows."""

import numpy as np
import pytest

from autograd_mini import parameter
from autograd_mini.primitives import affine, total
from autograd_mini.program.blocks.adjoint import block_adjoint
from autograd_mini.program.blocks.recover import recover
from autograd_mini.program.passes.simplify import simplify
from autograd_mini.program.plans.sums import plan_of
from autograd_mini.program.record.trace import trace

pytest.importorskip("llvmlite")
SHAPES = [(1, 1, 2), (3, 5, 2), (8, 16, 9), (17, 4, 3), (9, 130, 2), (2, 300, 2), (60, 40, 2), (17, 16, 1)]
"""Weights (p, width) by q columns, with tiles left over; the last three are not for tiles."""


@pytest.mark.parametrize("column_first", [False, True])
@pytest.mark.parametrize("biased", [False, True])
@pytest.mark.parametrize(("p", "width", "q"), SHAPES)
def test_products_and_the_gradients_of_their_weights(p, width, q, biased, column_first):
    chance = np.random.default_rng(p + width + q)
    weights, biases = chance.normal(size=(p, width)), chance.normal(size=(p, q))
    w = [[parameter(x) for x in row] for row in weights.tolist()]
    b = [[parameter(x) for x in row] for row in biases.tolist()]

    def loss(*x):
        columns = [x[j * width : (j + 1) * width] for j in range(q)]
        order = [(i, j) for j in range(q) for i in range(p)] if column_first else np.ndindex(p, q)
        outs = {(i, j): affine(w[i], columns[j], b[i][j] if biased else 0.0) for i, j in order}
        return total([outs[i, j] * outs[i, j] * (1.0 + i + j) for i, j in np.ndindex(p, q)])

    program = trace(loss, [0.5] * (q * width))
    held = np.array([value.data for value in program.captured])
    first = q * width
    plan = plan_of(
        block_adjoint(recover(program), range(first, first + len(held)), simplify=simplify), summed=True, native=True
    )
    outside = "np.matmul" in plan.source or "\n    multiply(" in plan.source
    assert outside == ((p, width, q) in SHAPES[-3:])
    factors = 1.0 + np.add.outer(np.arange(p), np.arange(q))
    places = {id(value): place for place, value in enumerate(program.captured)}
    for rows in (1, 8, 13):
        x = chance.normal(size=(rows, q, width))
        outs = np.einsum("iw,nqw->niq", weights, x) + (biases if biased else 0.0)
        slopes = 2.0 * outs * factors
        found = plan(x.reshape(rows, -1), held, 0.5)
        assert found[0] == pytest.approx(0.5 * (factors * outs**2).sum(), rel=1e-12)
        gradient = np.array([[found[1 + places[id(value)]] for value in row] for row in w])
        np.testing.assert_allclose(gradient, 0.5 * np.einsum("niq,nqw->iw", slopes, x), rtol=1e-10, atol=1e-10)
        if biased:
            gradient = np.array([[found[1 + places[id(value)]] for value in row] for row in b])
            np.testing.assert_allclose(gradient, 0.5 * slopes.sum(axis=0), rtol=1e-10, atol=1e-10)
