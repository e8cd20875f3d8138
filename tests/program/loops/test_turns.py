"""Loops in time as native code, against the Python target; and through ``jit``."""

import numpy as np
import pytest

from autograd_mini import grad, jit, parameter, value_and_grad
from autograd_mini.primitives import sin, tanh
from autograd_mini.program.blocks.adjoint import block_adjoint
from autograd_mini.program.loops.run import Loops
from autograd_mini.program.passes.adjoint import adjoint
from autograd_mini.program.passes.simplify import simplify
from autograd_mini.program.plans.sums import loop_numbers
from autograd_mini.program.record.trace import trace
from tests.program.blocks.test_recover import run
from tests.program.plans.test_plans import by_python, table, theta
from tests.support.recurrences import RECURRENCES, random_recurrence, rolled

pytest.importorskip("llvmlite")
CASES = {**RECURRENCES, **{f"random {seed}": random_recurrence(seed) for seed in range(12, 18)}}


@pytest.mark.parametrize("name", CASES)
def test_values_and_gradients(name):
    function, at, _ = CASES[name]
    program = trace(function, at)
    seeds = [1.0, *[0.5] * (len(program.outputs) - 1)]
    blocks = block_adjoint(rolled(program), seeds=seeds, simplify=simplify)
    points, held = table(at, 2), theta(program)
    wanted = by_python(adjoint(program, seeds=seeds), points)
    loops = Loops(blocks, summed=False)
    for _ in range(2):  # what is left in memory from the first call means nothing to the second
        np.testing.assert_allclose(loops(points, held), wanted, rtol=1e-11, atol=1e-13)
        points, wanted = points[::-1], wanted[:, ::-1]


def test_a_row_of_the_users_and_a_delay_longer_than_registers():
    w = parameter(0.3)

    def function(x, y):
        made = [x, y, x * y, x + y, x - y, y, x]
        for _ in range(40):
            made.append(tanh(w * made[-6]) + 0.5 * sin(made[-1]))
        return made[-1]

    program = trace(function, [0.3, 0.4])
    blocks = rolled(program)
    assert blocks.loops
    found = Loops(block_adjoint(blocks, simplify=simplify), summed=False)
    wanted = run(adjoint(program), [0.3, 0.4])
    np.testing.assert_allclose(found(np.array([[0.3, 0.4]]), theta(program)).ravel(), wanted, rtol=1e-12)


def long(a, x=1.0, turns=1000):
    for _ in range(turns):
        x = x + 0.001 * (a * x - x * x)
    return x


def test_jit_runs_a_long_integration_as_a_loop():
    program = jit(long).program(0.7)
    run = loop_numbers(program)
    assert run is not None
    assert len(run.loops.text) < 60_000
    assert run(0.7) == (long(0.7),)
    assert jit(long)(0.7) == long(0.7)
    value, slope = jit(value_and_grad(long))(0.7)
    np.testing.assert_allclose((value, slope), value_and_grad(long)(0.7), rtol=1e-13)
    np.testing.assert_allclose(jit(grad(grad(long)))(0.7), grad(grad(long))(0.7), rtol=1e-11)


def test_jit_takes_the_other_path_of_a_guard_in_a_loop():
    @jit
    def function(x):
        for _ in range(400):
            x = x * 0.99 + 0.001 * (1.0 if x < 0.3 else x)
        return x

    for at in (0.9, 0.1, 0.2, 0.9):
        assert function(at) == function.__wrapped__(at)
