"""The adjoint of blocks against that of the flat program, once and twice."""

import numpy as np
import pytest

from autograd_mini.primitives import log, maximum, softmax, sqrt, where
from autograd_mini.program.blocks.adjoint import block_adjoint
from autograd_mini.program.blocks.flat import unroll
from autograd_mini.program.blocks.recover import recover
from autograd_mini.program.blocks.verify import verify_blocks
from autograd_mini.program.passes.adjoint import adjoint
from autograd_mini.program.passes.simplify import simplify
from autograd_mini.program.record.trace import trace
from autograd_mini.program.verify import verify
from tests.program.blocks.test_recover import run
from tests.support.block_programs import REGULAR, dense, irregular, numbers, weights

CASES = {**REGULAR, **{f"irregular {seed}": irregular(seed) for seed in range(20)}}


@pytest.mark.parametrize("loose", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_gradients(name, loose):
    """A loose adjoint is right where the gradient is finite; these are."""
    loss, at, _ = CASES[name]
    program = trace(loss, at)
    blocks = verify_blocks(block_adjoint(recover(program), simplify=simplify, loose=loose))
    found = run(verify(unroll(blocks)), at)
    wanted = run(adjoint(program), at)
    np.testing.assert_allclose(found, wanted, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("name", CASES)
def test_hessian_vector_products(name):
    """The gradient of gradient·v, by the adjoint of the adjoint."""
    loss, at, _ = CASES[name]
    program = trace(loss, at)
    first = block_adjoint(recover(program), simplify=simplify)
    seeds = [0.0, *numbers(len(first.outputs) - 1, 5)]
    found = run(verify(unroll(verify_blocks(block_adjoint(first, seeds=seeds, simplify=simplify)))), at)
    wanted = run(adjoint(adjoint(program), seeds=seeds), at)
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize(("loose", "applications"), [(True, {3}), (False, {1})])
def test_softmax_of_which_different_results_are_read(loose, applications):
    """As the classes of a document are: one kind of application where loose, one for each result where strict."""

    def loss(*x):
        rows = [softmax(list(x[4 * i : 4 * i + 4])) for i in range(3)]
        return sum(log(row[i]) for i, row in enumerate(rows))

    at = numbers(12, 3)
    program = trace(loss, at)
    before = recover(program)
    found = verify_blocks(block_adjoint(before, simplify=simplify, loose=loose))
    np.testing.assert_allclose(run(unroll(found), at), run(adjoint(program), at), rtol=1e-12)
    counts = {block.count for block in found.blocks[len(before) :] if block.primitive.name == "complement"}
    assert counts == applications


def test_the_adjoint_of_a_layer_is_products():
    w = weights(6, 4, 0)
    program = recover(trace(lambda *x: sum(h * h for h in dense(w, x)), numbers(4, 1)))
    blocks = block_adjoint(program, wrt=program.inputs, simplify=simplify).blocks[len(program.blocks) :]
    shapes = {(block.primitive.name, block.count, block.width) for block in blocks}
    assert ("affine", 4, 6) in shapes  # to the inputs: the transposed weights
    assert ("mul", 24, 1) in shapes  # to the weights: an outer product


def test_a_weight_in_two_layers_is_one_dot_of_two():
    loss, at, _ = REGULAR["tied"]
    program = recover(trace(loss, at))
    found = block_adjoint(program, wrt=range(3, 12), simplify=simplify)
    assert any(block.primitive.name == "affine" and (block.count, block.width) == (9, 2) for block in found.blocks)


def test_only_what_is_asked_for():
    program = recover(trace(lambda x, y: sqrt(x) * y, [4.0, 3.0]))
    assert run(unroll(block_adjoint(program, wrt=[1])), [4.0, 3.0]) == (6.0, 2.0)
    assert not any(block.primitive.name == "div" for block in block_adjoint(program, wrt=[1]).blocks)


@pytest.mark.parametrize("order", [1, 2])
def test_nothing_flows_to_the_branch_not_taken(order):
    """An infinite slope behind an untaken branch, in many applications at once."""

    def loss(*x):
        return sum(where(a > 0.0, sqrt(a), 0.0) * b for a, b in zip(x[:3], x[3:], strict=True))

    at = [0.0, 1.0, 0.0, 2.0, 3.0, 4.0]
    program = trace(loss, at)
    blocks, flat = recover(program), program
    for _ in range(order):
        seeds = [0.0] * (len(blocks.outputs) - 1) + [1.0]
        blocks, flat = block_adjoint(blocks, seeds=seeds, simplify=simplify), adjoint(flat, seeds=seeds)
    found = np.array(run(unroll(blocks), at))
    np.testing.assert_array_equal(found, run(flat, at))
    assert np.isfinite(found).all()


def test_ties_share():
    program = recover(
        trace(lambda *x: sum(maximum(a, b) for a, b in zip(x[:2], x[2:], strict=True)), [1.0, 2.0, 1.0, 0.0])
    )
    assert run(unroll(block_adjoint(program)), [1.0, 2.0, 1.0, 0.0]) == (3.0, 0.5, 1.0, 0.5, 0.0)


def test_refuses_seeds_that_do_not_fit():
    program = recover(trace(lambda x: [x, x * x], [1.0]))
    with pytest.raises(ValueError, match="has 2 outputs and got 0 seeds; give one each"):
        block_adjoint(program)


def test_a_table_read_by_number_has_a_matrix_product_of_ones_as_its_gradient():
    """Loosely: one dot for each number of the table; the comparisons are shared by its columns."""
    loss, at, _ = REGULAR["embedding"]
    blocks = block_adjoint(recover(trace(loss, at)), simplify=simplify, loose=True)
    compared = [block.count for block in blocks.blocks if block.primitive.name == "equal"]
    assert compared == [5, 4 * 4]  # the classes; words × rows
    assert any(block.primitive.name == "affine" and (block.count, block.width) == (12, 4) for block in blocks.blocks)
    assert not any(
        block.primitive.name == "logical_or" for block in blocks.blocks
    )  # of the classes: 0 flows to the others
