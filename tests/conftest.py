"""What several test files share."""

import os
from collections.abc import Iterator

import pytest

from autograd_mini import Value
from autograd_mini.engine.arrays import UFUNCS
from autograd_mini.primitives.registry import _table
from tests.support.browser import browser, saved, show, window  # noqa: F401  (fixtures)

os.environ["AUTOGRAD_MINI_CACHE"] = "0"  # what is tested is compiled here and now


@pytest.fixture
def table() -> Iterator[None]:
    """Take back what a test adds: the row, Value's method, NumPy's dispatch."""
    rows, methods, ufuncs = dict(_table), set(vars(Value)), dict(UFUNCS)
    yield
    _table.clear()
    _table.update(rows)
    UFUNCS.clear()
    UFUNCS.update(ufuncs)
    for name in set(vars(Value)) - methods:
        delattr(Value, name)
