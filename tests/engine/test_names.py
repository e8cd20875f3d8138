"""What Tab and help show of a Value and of the functions."""

from __future__ import annotations

import inspect
import pydoc
import subprocess
import sys

import pytest

from autograd_mini import Value, affine, leaky_relu, where
from autograd_mini.primitives import table
from autograd_mini.primitives.registry import PRIMITIVES
from autograd_mini.primitives.row import Primitive


def test_tab_on_a_value_shows_what_users_use() -> None:
    """In an interpreter of its own: other tests define rows, whose methods are shown too."""
    code = "from autograd_mini import Value; print(*[n for n in dir(Value(1.0)) if not n.startswith('_')])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout.decode().split()
    assert 50 <= len(shown) <= 80, "the public rows, and what a graph is read by"
    assert {"data", "grad", "label", "backward", "zero_grad", "tanh", "relu", "detach", "parents"} <= set(shown)
    assert not {"dtanh", "bell", "over_square", "arcsin", "to_left", "tag", "add"} & set(shown)
    assert Value(0.5).arcsin().data == Value(0.5).asin().data, "NumPy's spelling works where it is not shown"
    assert all(hasattr(Value(0.5), name) for name in shown)


def test_rows_that_only_rules_use_are_in_the_table_and_not_on_a_value() -> None:
    inner = {row.name for row in PRIMITIVES.values() if row.arity and not row.boolean} - set(table.__all__)
    assert {"dtanh", "bell", "over_square", "nonnegative"} <= inner
    arithmetic = {"add", "sub", "mul", "div", "neg", "power"}
    found = {name for name in inner if name in vars(table) and hasattr(Value, name)}
    assert found <= arithmetic, "a user's own row is a method, and these are the operators"


@pytest.mark.parametrize("row", PRIMITIVES.values(), ids=lambda row: row.name)
def test_help_shows_arguments_and_what_a_row_is(row: Primitive) -> None:
    parameters = inspect.signature(row).parameters.values()
    assert not any(each.kind is inspect.Parameter.VAR_POSITIONAL for each in parameters), "names, not *args"
    assert row.arity is None or len(parameters) == row.arity
    text = pydoc.render_doc(row, renderer=pydoc.plaintext)
    assert f"{row.name}{inspect.signature(row)}" in text
    assert row.doc, "a sentence on what it is"
    assert row.doc in " ".join(text.split())


def test_functions_name_their_arguments() -> None:
    assert str(inspect.signature(where)) == "(condition, a, b)"
    assert str(inspect.signature(leaky_relu)) == "(x, slope=0.01)"
    assert str(inspect.signature(affine)) == "(weights, inputs, bias)"
