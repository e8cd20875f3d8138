"""Matrix products in native code: every remainder of a tile and every layout, and nothing written beside them."""

import itertools

import numpy as np
import pytest

from autograd_mini.program.loops.multiply import multiply, panel
from autograd_mini.program.target import TARGETS

pytestmark = pytest.mark.skipif(bool(TARGETS["llvm"].missing()), reason=TARGETS["llvm"].missing())
LAYOUTS = {
    "rows": lambda x: np.ascontiguousarray(x),
    "columns": lambda x: np.asfortranarray(x),
    "rows with gaps": lambda x: np.pad(x, ((0, 0), (0, 3)))[:, : x.shape[1]],
    "columns with gaps": lambda x: np.pad(x.T, ((0, 0), (2, 0)))[:, 2:].T,
    "no neighbours": lambda x: np.repeat(np.repeat(x, 2, axis=0), 3, axis=1)[::2, ::3],
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_products_of_every_size(layout):
    rng = np.random.default_rng(0)
    for m, n, k in itertools.product((1, 3, 8, 15), (1, 7, 8, 23, 24, 25, 50), (1, 8, 13)):
        a, b = rng.normal(size=(m, k)), rng.normal(size=(k, n))
        around = np.full((m + 2, n + 3), 7.0)
        multiply()(LAYOUTS[layout](a), LAYOUTS[layout](b), around[1:-1, 2:-1], panel(k))
        np.testing.assert_allclose(around[1:-1, 2:-1], a @ b, rtol=1e-12, atol=1e-13)
        around[1:-1, 2:-1] = 7.0
        assert (around == 7.0).all()


def test_numbers_that_are_not_finite_reach_their_own_sums_alone():
    a, b, c = np.ones((3, 5)), np.ones((5, 9)), np.empty((3, 9))
    a[1, 2], b[4, 8] = np.inf, np.nan
    multiply()(a, b, c, panel(5))
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(c, a @ b)


def test_what_is_no_array_is_refused():
    with pytest.raises(TypeError):
        multiply()([[1.0]], np.ones((1, 1)), np.ones((1, 1)), panel(1))
