"""tanh from the exponential of its derivative: the same to two ulp, and one call of the library less."""

import math
import random

import numpy as np

from autograd_mini.primitives.table import abs, exp, tanh
from autograd_mini.program.passes.adjoint import adjoint
from autograd_mini.program.passes.lower import lower
from autograd_mini.program.passes.simplify import simplify
from autograd_mini.program.passes.tanh import tanh_from_exp
from autograd_mini.program.record.trace import trace
from autograd_mini.program.run import column_function
from autograd_mini.program.target import TARGETS
from autograd_mini.program.verify import verify
from tests.support.reference import mp, ulp_error


def slope_of_tanh():
    return simplify(lower(adjoint(trace(lambda x: tanh(3.0 * x), [0.3])), TARGETS["llvm"]))


def rows_of(program):
    return [step.primitive for step in program.instructions]


def test_tanh_beside_its_derivative_is_rewritten():
    before = slope_of_tanh()
    after = simplify(verify(tanh_from_exp(before)))
    assert (rows_of(before).count(tanh), rows_of(before).count(exp)) == (1, 1)
    assert (rows_of(after).count(tanh), rows_of(after).count(exp)) == (0, 1)


def test_tanh_alone_is_left_to_the_library():
    for function in (tanh, lambda x: tanh(x) + exp(-2.0 * x), lambda x: tanh(x) + exp(-2.0 * abs(x + 1.0))):
        program = simplify(lower(trace(function, [0.3]), TARGETS["llvm"]))
        assert tanh in rows_of(tanh_from_exp(program))


def test_value_within_two_ulp_everywhere():
    chance = random.Random(0)
    xs = [math.exp(chance.uniform(-700.0, 6.5)) for _ in range(400)]
    xs += [chance.uniform(0.0, 1.0) for _ in range(800)] + [chance.uniform(0.6, 0.7) for _ in range(400)]
    xs += [0.625, math.nextafter(0.625, 0.0), 5e-324, 1e-310, 1e-160, 19.1, 350.0, 400.0, 1e308]
    xs += [-x for x in xs]
    program = adjoint(trace(tanh, [0.3]))
    (values, _) = column_function(program, "llvm")(np.array(xs)[:, None], np.empty(0))
    assert max(ulp_error(y, mp.tanh(mp.mpf(x))) for x, y in zip(xs, values.tolist(), strict=True)) <= 2.0


def test_edges():
    xs = np.array([0.0, -0.0, math.inf, -math.inf, math.nan])
    values, slopes = column_function(adjoint(trace(tanh, [0.3])), "llvm")(xs[:, None], np.empty(0))
    assert repr(values.tolist()) == "[0.0, -0.0, 1.0, -1.0, nan]"
    assert repr(slopes.tolist()) == "[1.0, 1.0, 0.0, 0.0, nan]"
