"""What a block program must be, and the sentence for each way of not being it."""

from dataclasses import replace

import numpy as np
import pytest

from autograd_mini.primitives import table as rows
from autograd_mini.program.blocks.access import Access, as_codes
from autograd_mini.program.blocks.build import Builder
from autograd_mini.program.blocks.ir import Block
from autograd_mini.program.blocks.verify import verify_blocks
from autograd_mini.program.verify import VerificationError


def build(row, *tables, count=4, outputs=(0,)):
    builder = Builder(count)
    builder.literal(1.0)
    builder.literal(0.5)
    builder.append(row, *(as_codes(table) for table in tables))
    return builder.program(as_codes(outputs))


@pytest.mark.parametrize(("program", "message"), [
    (build(rows.add, [0, 1]), r"block 0 \(add\): 2 operands are needed, got 1"),
    (build(rows.add, [0, 1], [1]), r"operand 1 has the shape \(1,\), \(2,\) is needed"),
    (build(rows.affine, [[0, 1]], [[2, 3]], [[0]]), r"operand 2 has the shape \(1, 1\), \(1,\) is needed"),
    (build(rows.add, [0, 4], [1, 2]), "variable 4 is used before it is assigned"),
    (build(rows.add, [0, -3], [1, 2]), "code -3 means literal 2, there is none"),
    (build(rows.logical_not, [0, 1]), "variable 0 is a number, a truth value is needed"),
    (build(rows.logical_not, [-1, -2]), "literal 0.5 is used where a truth value"),
    (build(rows.power, [0, 1], [-1, -2]), "operand 1 must be one literal in all applications"),
    (build(rows.power, [0, 1], [2, 2]), "operand 1 must be one literal in all applications"),
    (build(rows.add, np.zeros(0), np.zeros(0)), "a block has at least one application"),
    (build(rows.less, [0, 1], [1, 2], outputs=[4]), "the outputs: variable 4 is a truth value, a number is needed"),
    (build(rows.add, [0], [1], outputs=[5]), "the outputs: variable 5 is used before it is assigned"),
])  # fmt: skip
def test_refuses(program, message):
    with pytest.raises(VerificationError, match=message):
        verify_blocks(program)


def test_results_follow_each_other():
    program = build(rows.neg, [0, 1])
    moved = replace(program, blocks=(Block(rows.neg, program.blocks[0].operands, 7),))
    with pytest.raises(VerificationError, match="the first result is variable 7, 4 is the next free"):
        verify_blocks(moved)
    guarded = replace(program, guards=((0, True),))
    with pytest.raises(VerificationError, match="the guards: variable 0 is a number, a truth value is needed"):
        verify_blocks(guarded)


@pytest.mark.parametrize(("table", "base", "strides"), [
    ([3, 3, 3], 3, (0,)),
    ([2, 4, 6], 2, (2,)),
    ([9, 7, 5], 9, (-2,)),
    ([[0, 1, 2], [5, 6, 7]], 0, (5, 1)),
    ([[4], [6]], 4, (2, 0)),
    ([-2, -2], -2, (0,)),
])  # fmt: skip
def test_regular_tables_are_seen(table, base, strides):
    rule = Access(as_codes(table)).strided
    assert (rule.base, rule.strides) == (base, strides)
    np.testing.assert_array_equal(rule.codes(), table)


@pytest.mark.parametrize("table", [[0, 1, 3], [-1, -2], [[0, 1], [1, 3]], [0, -1]])
def test_others_are_tables(table):
    assert Access(as_codes(table)).strided is None


def loop(*steps, count=1):
    """A loop of four turns; what a block makes in it are the variables 1 … 4, the next block's 5 … 8."""
    builder = Builder(count)
    builder.literal(1.0)
    builder.loop([(row, tuple(as_codes(table) for table in tables)) for row, *tables in steps])
    return builder.program(as_codes([0]))


def test_a_loop_reads_earlier_turns_and_earlier_blocks():
    verify_blocks(loop((rows.add, [0, 5, 6, 7], [-1] * 4), (rows.mul, [1, 2, 3, 4], [0, -1, 1, 2])))


@pytest.mark.parametrize(("program", "message"), [
    (loop((rows.neg, [1, 2, 3, 4])), r"block 0 \(neg\): of its loop argument 0 must read one block"),
    (loop((rows.neg, [0, 1, 2, 2])), "always as many turns back"),
    (loop((rows.neg, [0, 1, 0, 3])), "always as many turns back"),
    (loop((rows.neg, [2, 1, 2, 3])), "always as many turns back"),
    (loop((rows.neg, [5, 6, 7, 8]), (rows.neg, [0] * 4)), "argument 0 must read one block"),
    (loop((rows.neg, [9, 1, 2, 3])), "variable 9 is used before it is assigned"),
    (loop((rows.neg, [0] * 4), (rows.neg, [0] * 3)), "in a loop of 4 turns each block has .* this one has 3"),
    (loop((rows.softmax, [[0, 0]] * 4)), "in a loop of 4 turns each block has .* this one has 8"),
])  # fmt: skip
def test_refuses_a_loop(program, message):
    with pytest.raises(VerificationError, match=message):
        verify_blocks(program)
