"""Rolled programs: the numbers of the flat ones, and loops where a program repeats itself in time."""

import numpy as np
import pytest

from autograd_mini import jit, parameter
from autograd_mini.primitives import sin, sqrt, tanh, where
from autograd_mini.program.blocks.adjoint import block_adjoint
from autograd_mini.program.blocks.flat import flatten, unroll
from autograd_mini.program.blocks.recover import recover
from autograd_mini.program.blocks.roll import components, levels
from autograd_mini.program.blocks.stretches import Stretch, stretches
from autograd_mini.program.blocks.verify import verify_blocks
from autograd_mini.program.passes.adjoint import adjoint
from autograd_mini.program.passes.simplify import simplify
from autograd_mini.program.record.trace import trace
from autograd_mini.program.verify import verify
from tests.program.blocks.test_recover import run
from tests.support.block_programs import REGULAR, irregular, numbers
from tests.support.recurrences import RECURRENCES, lookalike, random_recurrence, rolled

CASES = {**RECURRENCES, **{f"random {seed}": random_recurrence(seed) for seed in range(12)}}


def same(found, wanted):
    np.testing.assert_allclose(found, wanted, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("name", CASES)
def test_values_gradients_and_hessian_vector_products(name):
    function, at, has_loops = CASES[name]
    program = trace(function, at)
    blocks = verify_blocks(rolled(program))
    assert has_loops is None or bool(blocks.loops) == has_loops
    same(run(verify(unroll(blocks)), at), run(program, at))
    seeds = [1.0, *[0.5] * (len(program.outputs) - 1)]
    first = verify_blocks(block_adjoint(blocks, seeds=seeds, simplify=simplify))
    wanted = adjoint(program, seeds=seeds)
    same(run(verify(unroll(first)), at), run(wanted, at))
    seeds = [0.0] * len(blocks.outputs) + numbers(len(first.outputs) - len(blocks.outputs), 5)
    second = verify_blocks(block_adjoint(first, seeds=seeds, simplify=simplify))
    np.testing.assert_allclose(
        run(verify(unroll(second)), at), run(adjoint(wanted, seeds=seeds), at), rtol=1e-9, atol=1e-11
    )


@pytest.mark.parametrize("name", REGULAR)
def test_regular_programs_without_time(name):
    loss, at, _ = REGULAR[name]
    program = trace(loss, at)
    same(run(verify(unroll(verify_blocks(rolled(program)))), at), run(program, at))


@pytest.mark.parametrize("seed", range(10))
def test_irregular_programs(seed):
    loss, at, _ = irregular(seed)
    program = trace(loss, at)
    same(run(verify(unroll(verify_blocks(rolled(program)))), at), run(program, at))


def test_values_and_gradients_of_loops_have_the_bits_of_the_flat_program():
    """Inside loops nothing is added in another order: the steps of a chaotic orbit are those of the flat program."""

    def orbit(x, a):
        for _ in range(200):
            x = a * x * (1.0 - x)
        return x

    program = trace(orbit, [0.3, 3.9])
    found = block_adjoint(rolled(program), [0], simplify=simplify)
    assert run(unroll(found), [0.3, 3.9]) == run(adjoint(program, [0]), [0.3, 3.9])


def test_what_does_not_depend_on_the_state_is_no_part_of_the_loop():
    def driven(x, w):
        for turn in range(20):
            x = x + 0.1 * sin(w * turn) * x
        return x

    blocks = rolled(trace(driven, [0.5, 2.0]))
    (loop,) = blocks.loops
    assert [blocks.blocks[i].primitive.name for i in loop] == ["mul", "add"]
    before = [(block.primitive.name, block.count) for block in blocks.blocks[: loop.start]]
    assert ("sin", blocks.blocks[loop.start].count) in before


def test_the_length_of_a_loop_does_not_change_the_number_of_blocks():
    def steps(turns):
        def function(x, v):
            for _ in range(turns):
                x, v = x + 0.01 * v, v - 0.01 * x * x * x
            return x

        return block_adjoint(rolled(trace(function, [1.0, 0.0])), simplify=simplify)

    assert len(steps(50)) == len(steps(500))


@pytest.mark.parametrize("at", [[0.0, 0.0], [-1.0, 2.0], [np.inf, 1.0], [np.nan, 1.0], [0.0, -0.0]])
def test_the_branch_not_taken_contributes_nothing(at):
    """At 0 the slope of sqrt is infinite; so is that of the last turn, whose result nobody reads."""

    def function(x, y):
        root = y
        for _ in range(12):
            y = where(x > 0.0, y + sqrt(x), y * 0.5)
            x = x * 0.5
            root = sqrt(x)
        return y + where(y > 1e300, root, 0.0)

    program = trace(function, at)
    found = block_adjoint(rolled(program), simplify=simplify)
    assert found.loops
    np.testing.assert_array_equal(run(unroll(found), at), run(adjoint(program), at))


def test_guards_and_names_stay():
    def function(x, y):
        for _ in range(20):
            x = x * y if x > 0.5 else x + y
        return x

    program = trace(function, [0.3, 0.4], "xy")
    blocks = verify_blocks(rolled(program))
    assert [outcome for _, outcome in blocks.guards] == [outcome for _, outcome in program.guards]
    back = verify(unroll(blocks))
    assert (back.names[back.inputs[0]], back.names[back.inputs[1]]) == ("x", "y")
    same(run(back.matching, [0.3, 0.4]), (1.0,))
    same(run(back.matching, [0.6, 0.4]), (0.0,))


def found_in(function, at):
    program = trace(function, at)
    return stretches(flatten(program), program.next_variable)


def test_stretches():
    held = parameter(0.5)

    def function(x):
        y = tanh(x)
        for _ in range(60):
            x = x * y + held
        return x

    assert found_in(function, [0.3]) == [Stretch(2, 2, 59)]  # the first product reads an input


def test_nested_loops_are_one_stretch_of_the_outer_period():
    def function(x):
        for _ in range(30):
            for _ in range(4):
                x = x + 0.1 * sin(x)
            x = x * 0.5
        return x

    (stretch,) = found_in(function, [0.3])
    assert stretch.period == 13


@pytest.mark.parametrize("seed", range(20))
def test_a_look_alike_is_no_stretch(seed):
    function, at, _ = lookalike(seed)
    assert not found_in(function, at)


def test_components():
    reads = {0: [3], 1: [0], 2: [1], 3: [1, 3], 4: [2], 5: []}
    assert list(components(reads)) == [[0, 1, 3], [2], [4], [5]]


def test_levels():
    program = trace(lambda *x: sin(x[0] * x[1] + x[2] * x[3] + x[4]) + x[5], numbers(6, 0))
    assert levels(program) == 3
    assert len(recover(program)) == 3


def test_print():
    @jit
    def function(x, v):
        for _ in range(100):
            x, v = x + 0.01 * v, v - 0.01 * sin(x)
        return x

    lines = str(function.program(1.0, 0.3)).splitlines()
    start = lines.index("  98 × loop of 5:")
    assert lines[start + 1] == "    x₆…x₁₀₃   = mul: 0.01; x₅, then x₃₉₈…x₄₉₄"
    assert lines[start + 2] == "    x₁₀₄…x₂₀₁ = add: x₂, then x₁₀₄…x₂₀₀; x₆…x₁₀₃"
