"""What Tab and help show of a Value and of the functions."""

from __future__ import annotations

import inspect
import subprocess
import sys

from autograd_mini import Value, leaky_relu, where
from autograd_mini.primitives.row import PRIMITIVES


def test_tab_on_a_value_shows_what_users_use() -> None:
    """In an interpreter of its own: other tests define rows, whose methods are shown too."""
    code = "from autograd_mini import Value; print(*[n for n in dir(Value(1.0)) if not n.startswith('_')])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout.decode().split()
    assert 50 <= len(shown) <= 80, "the public rows, and what a graph is read by"
    assert {"data", "grad", "label", "backward", "zero_grad", "tanh", "relu", "detach", "parents"} <= set(shown)
    assert not {"dtanh", "bell", "over_square", "arcsin", "to_left", "tag"} & set(shown)
    assert Value(0.5).arcsin().data == Value(0.5).asin().data, "NumPy's spelling works where it is not shown"
    assert all(hasattr(Value(0.5), name) for name in shown)


def test_functions_name_their_arguments() -> None:
    assert str(inspect.signature(where)) == "(condition, a, b)"
    assert str(inspect.signature(leaky_relu)) == "(x, slope=0.01)"
    for row in PRIMITIVES.values():
        parameters = inspect.signature(row).parameters.values()
        variadic = any(each.kind is inspect.Parameter.VAR_POSITIONAL for each in parameters)
        assert variadic or row.arity is None or len(parameters) == row.arity, row
