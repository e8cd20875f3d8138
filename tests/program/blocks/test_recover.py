"""Recovered programs: the same numbers as the flat ones, in as few blocks as the idea has."""

import numpy as np
import pytest

from autograd_mini import parameter
from autograd_mini.primitives import affine, relu, tanh, total
from autograd_mini.program.blocks.flat import unroll
from autograd_mini.program.blocks.recover import recover
from autograd_mini.program.blocks.verify import verify_blocks
from autograd_mini.program.ir import Program
from autograd_mini.program.passes.adjoint import adjoint
from autograd_mini.program.record.trace import trace
from autograd_mini.program.source import prepared
from autograd_mini.program.target import TARGETS
from autograd_mini.program.targets.python import compile_python
from autograd_mini.program.verify import verify
from tests.support.block_programs import REGULAR, dense, irregular, numbers, weights


def run(program: Program, at):
    return compile_python(prepared(program, TARGETS["python"]))(*at, *(value.data for value in program.captured))


def same(program: Program, at):
    blocks = verify_blocks(recover(program))
    flat = verify(unroll(blocks))
    assert flat.captured == program.captured
    np.testing.assert_allclose(run(flat, at), run(program, at), rtol=1e-12, atol=1e-14)
    return blocks


@pytest.mark.parametrize("name", REGULAR)
def test_regular_programs(name):
    loss, at, most = REGULAR[name]
    assert len(same(trace(loss, at), at)) <= most


@pytest.mark.parametrize("seed", range(25))
def test_irregular_programs(seed):
    loss, at, _ = irregular(seed)
    same(trace(loss, at), at)


def kinds(blocks):
    return [(block.primitive.name, block.count, block.width) for block in blocks.blocks]


def test_a_layer_spelled_as_sums_is_the_layer_of_affine():
    w, b = weights(5, 7, 0), weights(1, 5, 1)[0]
    at = numbers(7, 2)
    spelled = same(trace(lambda *x: [relu(h) for h in dense(w, x, b)], at), at)
    named = same(trace(lambda *x: [relu(affine(row, x, start)) for row, start in zip(w, b, strict=True)], at), at)
    assert kinds(spelled) == kinds(named) == [("affine", 5, 7), ("relu", 5, 1)]
    assert spelled.blocks[0].operands[1].strided is not None  # every row reads the same inputs


def test_a_dot_of_one_term_counts():
    w = weights(3, 1, 0)
    blocks = same(trace(lambda x: dense(w, [x]), [0.5]), [0.5])
    assert kinds(blocks) == [("affine", 3, 1)]


def test_sums_lean_either_way():
    at = numbers(8, 3)

    def right(*x):
        found = x[-1]
        for each in x[-2::-1]:
            found = each + found
        return found

    assert kinds(same(trace(right, at), at)) == [("total", 1, 8)]
    assert kinds(same(trace(lambda *x: ((x[0] + x[1]) + (x[2] + x[3])) + ((x[4] + x[5]) + (x[6] + x[7])), at), at)) == [
        ("total", 1, 8)
    ]


def test_the_zero_that_sum_begins_with_keeps_the_sign_of_zero():
    at = [-0.0, -0.0, -0.0]
    blocks = recover(trace(lambda *x: sum(x), at))
    assert [str(x) for x in run(unroll(blocks), at)] == ["0.0"]
    blocks = recover(trace(lambda *x: total(x), at))
    assert [str(x) for x in run(unroll(blocks), at)] == ["-0.0"]


@pytest.mark.parametrize("name", REGULAR)
def test_exact_blocks_have_the_bits_of_the_program(name):
    loss, at, _ = REGULAR[name]
    program = prepared(adjoint(trace(loss, at)), TARGETS["python"])
    blocks = verify_blocks(recover(program, exact=True))
    assert run(unroll(blocks), at) == run(program, at)


def test_an_exact_sum_keeps_its_order():
    def several(a, b, c, d, e, f):
        return a * b + c + d * e + f, c + (a * b + d * e), (a + b) + (c + d), a + (b + (c + (d + e)))

    program = trace(several, [0.1] * 6)
    blocks = recover(program, exact=True)
    assert kinds(blocks) == [
        ("mul", 2, 1), ("affine", 1, 2), ("add", 1, 1), ("total", 1, 5), ("total", 1, 4), ("add", 1, 1),
        ("total", 1, 3),
    ]  # fmt: skip
    at = [0.1, 3e15, -1e16, 0.7, 1e16, -0.3]
    assert run(unroll(blocks), at) == run(program, at)


def test_what_is_read_halfway_is_not_folded():
    loss, at, _ = REGULAR["lookalike"]
    blocks = same(trace(loss, at), at)
    assert ("affine", 1, 3) not in kinds(blocks)
    assert any(block.primitive.name == "mul" for block in blocks.blocks)


def test_a_guarded_sum_is_kept():
    def loss(x, y, z):
        partial = x * y + z
        return partial + x if partial > 0.0 else z

    at = [1.0, 2.0, 3.0]
    blocks = same(trace(loss, at), at)
    (variable, outcome), *rest = blocks.guards
    assert outcome is True
    assert not rest
    assert variable in range(blocks.next_variable)


def test_dead_instructions_are_left_out():
    def loss(x, y):
        tanh(x * 3.0)
        return x * y

    assert kinds(same(trace(loss, [1.0, 2.0]), [1.0, 2.0])) == [("mul", 1, 1)]


def test_literals_and_inputs_may_be_outputs():
    assert run(unroll(recover(trace(lambda x: [x, 2.0, x * 1.5], [3.0]))), [3.0]) == (3.0, 2.0, 4.5)


@pytest.mark.parametrize(("rows", "columns", "parts"), [(24, 12, 2), (4, 3, 1)])
def test_two_layers_of_one_size_are_two_products_where_that_is_worth_it(rows, columns, parts):
    first, second = weights(rows, columns, 1), weights(rows, columns, 2)
    at = numbers(2 * columns, 3)
    layers = trace(lambda *x: total([*dense(first, x[:columns]), *dense(second, x[columns:])]), at)
    blocks = same(layers, at)
    assert kinds(blocks) == [*[("affine", 2 * rows // parts, columns)] * parts, ("total", 1, 2 * rows)]


def test_windows_are_one_product_with_shared_weights():
    w = [parameter(x) for x in (0.5, -1.0, 2.0)]
    at = numbers(9, 4)
    blocks = same(
        trace(lambda *x: [sum(a * b for a, b in zip(w, x[i : i + 3], strict=True)) for i in range(7)], at), at
    )
    assert kinds(blocks) == [("affine", 7, 3)]
    a, b, _ = blocks.blocks[0].operands
    assert a.strided.strides == (0, 1)
    assert b.strided.strides == (1, 1)
