"""The strategies, used as a user would: to try a property on many functions."""

import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import autograd_mini.testing
from autograd_mini import Value, grad, jit
from autograd_mini.program.verify import verify
from autograd_mini.testing import assert_gradients, changing, expressions, networks, programs
from autograd_mini.testing.changes import PLACES, keep

quick = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@quick
@given(expressions(smooth=True), st.floats(-1.5, 1.5), st.floats(-1.5, 1.5))
def test_expressions_have_right_gradients(formula, x, y):
    numbers = {"x": x, "y": y}
    assert_gradients(formula, *(numbers[name] for name in formula.names))


@quick
@given(programs())
def test_programs_are_well_formed(program):
    verify(program)
    assert len(program.outputs) in (1, 2)


@quick
@given(networks(inputs=3, outputs=2))
def test_networks_have_right_gradients(model):
    outputs = model([0.5, -1.0, 0.25])
    assert len(outputs) == 2
    assert_gradients(lambda xs: model(xs)[0], [0.5, -1.0, 0.25])


@quick
@given(changing())
def test_a_compiled_function_follows_its_state(case):
    compiled = jit(case.function)
    for x, state in case.calls:
        case.change(state)
        assert compiled(x) == case.function(Value(x)).data


@pytest.mark.parametrize("place", PLACES)
def test_a_compiled_function_follows_every_state(place):
    case = keep(place, 0, ((0.0, 0.0), (1.0, 1.0)))
    compiled = jit(case.function)
    for x, state in case.calls:
        case.change(state)
        assert compiled(x) == case.function(Value(x)).data


@pytest.mark.parametrize("place", PLACES)
def test_every_place_changes_the_answer(place):
    case = keep(place, 0, ())
    case.change(2.0)
    before = case.function(Value(3.0)).data
    case.change(-1.0)
    assert case.function(Value(3.0)).data != before
    assert grad(case.function)(3.0) == pytest.approx((-1.0) ** (2 if place == "length" else 1))


def test_without_hypothesis_the_error_says_what_to_install():
    code = (
        "import sys; sys.modules['hypothesis'] = None; sys.modules['hypothesis.strategies'] = None\n"
        "from autograd_mini.testing import assert_gradients\n"
        "try:\n    from autograd_mini.testing import expressions\n"
        "except ImportError as error:\n    print(error)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "the strategies of autograd_mini.testing need hypothesis; run `pip install hypothesis`\n"


def test_names():
    assert {"expressions", "Changing", "assert_gradients"} <= set(dir(autograd_mini.testing))
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        _ = autograd_mini.testing.nonsense
