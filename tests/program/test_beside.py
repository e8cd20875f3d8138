"""Two arrays read as one table."""

import numpy as np
import pytest

from autograd_mini.program.beside import Beside

LEFT, RIGHT = np.arange(12.0).reshape(4, 3), 100.0 + np.arange(8.0).reshape(4, 2)
WHOLE = np.hstack([LEFT, RIGHT])


@pytest.mark.parametrize(
    "columns", [slice(0, 3), slice(1, 3, 2), slice(3, 5), slice(4, 5), slice(2, 4), slice(0, 5, 2)]
)
def test_columns_are_those_of_the_table(columns):
    table = Beside(LEFT, RIGHT)
    np.testing.assert_array_equal(table[:, columns], WHOLE[:, columns])
    np.testing.assert_array_equal(table[1:3][:, columns], WHOLE[1:3, columns])
    inside = columns.stop <= 3 or columns.start >= 3
    assert np.shares_memory(table[:, columns], LEFT) or np.shares_memory(table[:, columns], RIGHT) or not inside


def test_it_has_the_shape_of_the_table_and_becomes_one():
    table = Beside(LEFT, RIGHT)
    assert (len(table), table.shape, len(table[2:])) == (4, (4, 5), 2)
    np.testing.assert_array_equal(np.asarray(table), WHOLE)
    assert np.asarray(table, dtype=np.float64).dtype == np.float64
