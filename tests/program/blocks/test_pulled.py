"""A large function that ends with a gradient is recorded without its reverse sweep; blocks bring their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_mini import grad, jit, maximum, parameter, relu, tanh, value_and_grad, vjp, where
from autograd_mini.program.passes.adjoint import pull_back, pulled
from autograd_mini.program.passes.simplify import simplify
from autograd_mini.program.plans import sums
from autograd_mini.program.record.trace import trace
from autograd_mini.program.verify import verify
from tests.support.interpret import interpret

pytest.importorskip("llvmlite", reason="single numbers run as loops only where llvmlite is")
W = [parameter(0.3 * i - 0.7, f"w{i}") for i in range(4)]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the smallest function count as large."""
    monkeypatch.setattr(sums, "SINGLE", 1)
    monkeypatch.setattr(sums, "SPARSE", 0)


def loss(*xs: Any) -> Any:
    return sum(tanh(w * x + 0.1) ** 2 for w, x in zip(W, xs, strict=True))


def branching(*xs: Any) -> Any:
    total = loss(*xs)
    return total * 2.0 if total > 0.5 else relu(total - 1.0) + total


def by_arguments(*xs: Any) -> Any:
    return grad(loss, argnums=(1, 3))(*xs)


def by_captured(*xs: Any) -> Any:
    return value_and_grad(loss, wrt=W)(*xs)


def with_more(*xs: Any) -> Any:
    value, slopes = value_and_grad(loss, wrt={"a": W[:2], "b": W[2]})(*xs)
    return {"value": value, "slopes": slopes, "other": W[1] * xs[0]}


def used_afterwards(*xs: Any) -> Any:
    slopes = grad(loss, wrt=W)(*xs)
    return [slope / maximum(1.0, sum(each * each for each in slopes) ** 0.5) for slope in slopes]


def branched_on(*xs: Any) -> Any:
    first, *others = grad(loss, wrt=W)(*xs)
    return others if first > 0.0 else [first, *others[1:]]


def second_order(*xs: Any) -> Any:
    return grad(lambda *ys: sum(grad(loss, argnums=(0, 1))(*ys)), argnums=2)(*xs)


def of_a_branch(*xs: Any) -> Any:
    return value_and_grad(branching, wrt=W)(*xs)


def with_aux(*xs: Any) -> Any:
    return value_and_grad(lambda *ys: (loss(*ys), {"sum": sum(ys)}), argnums=0, has_aux=True)(*xs)


def one_argument_twice(*xs: Any) -> Any:
    return grad(lambda a, b: a * a * b, argnums=(0, 1))(xs[0], xs[0])


def by_a_cotangent(*xs: Any) -> Any:
    _, back = vjp(lambda *ys: [loss(*ys), sum(ys)], *xs)
    return back([xs[1], 2.0])


def no_flow(*xs: Any) -> Any:
    return grad(lambda *ys: sum(where(y > 0.0, (y * y) ** 0.5, W[0] * y) for y in ys), argnums=(0, 1, 2, 3))(*xs)


def twice(*xs: Any) -> Any:
    return grad(loss, wrt=W)(*xs), grad(loss, wrt=W)(*xs)


def literals_like_variables(*xs: Any) -> Any:
    return value_and_grad(lambda *ys: sum(i * y + 1.0 for i, y in enumerate(ys)) * 4.0 + 5.0, argnums=(0, 1, 2, 3))(*xs)


def a_number_as_result(*xs: Any) -> Any:
    return 1.0, grad(loss, argnums=(0, 1))(*xs)


FUNCTIONS = [
    literals_like_variables, a_number_as_result,
    by_arguments, by_captured, with_more, used_afterwards, branched_on, second_order, of_a_branch, with_aux,
    one_argument_twice, by_a_cotangent, no_flow, twice,
]  # fmt: skip
POINTS = ([0.5, -1.5, 0.25, 2.0], [-0.5, 0.75, 3.0, -2.0], [0.0, -0.0, 1.0, 0.0])


def leaves(tree: Any) -> list[float]:
    if isinstance(tree, dict):
        return [x for each in tree.values() for x in leaves(each)]
    if isinstance(tree, list | tuple):
        return [x for each in tree for x in leaves(each)]
    return [float(getattr(tree, "data", tree))]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda each: each.__name__)
def test_the_results_are_those_of_the_function(function: Callable[..., Any]) -> None:
    compiled = jit(function)
    for xs in POINTS:
        expected, found = function(*xs), compiled(*xs)
        np.testing.assert_allclose(leaves(found), leaves(expected), rtol=1e-12, atol=1e-15)
    assert compiled(*map(parameter, POINTS[0])) is not None  # as nodes of a graph


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda each: each.__name__)
def test_written_out_it_is_the_program_that_is_recorded_at_once(function: Callable[..., Any]) -> None:
    def flat(*xs: Any) -> list[Any]:
        found: list[Any] = []

        def gather(tree: Any) -> None:
            if isinstance(tree, dict | list | tuple):
                for each in tree.values() if isinstance(tree, dict) else tree:
                    gather(each)
            else:
                found.append(tree)

        gather(function(*xs))
        return found

    at_once = trace(flat, POINTS[0], (), pull_back)
    late = verify(trace(flat, POINTS[0], (), pull_back, late=1))
    one, other = simplify(at_once), simplify(verify(pulled(late)))
    rows = [Counter(step.primitive for step in program.instructions) for program in (one, other)]
    assert rows[0] == rows[1]
    assert one.captured == other.captured
    for xs in POINTS:
        assert [*map(str, interpret(one, tuple(xs)))] == [*map(str, interpret(other, tuple(xs)))]


def test_the_sweep_is_left_out_where_it_is_only_returned() -> None:
    def kept(function: Callable[..., Any]) -> bool:
        flat = {"by_captured": lambda *xs: [*by_captured(*xs)[1]], "used_afterwards": used_afterwards}
        return trace(flat[function.__name__], POINTS[0], (), pull_back, late=1).pull is not None

    assert kept(by_captured)
    assert not kept(used_afterwards)


def test_a_program_is_printed_with_its_gradient() -> None:
    lines = str(jit(by_captured).program(*POINTS[0])).splitlines()
    assert len(lines) == len(str(jit(by_captured, engine="python").program(*POINTS[0])).splitlines())
    assert lines[-1].count("x") == 5
