"""Arrays mean what they mean: jit(f)(x) is f(x), and jit(grad(f))(x) is grad(f)(x)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_mini import Value, exp, grad, hessian, jit, maximum, sin, tanh, value_and_grad, where
from autograd_mini.engine.value_array import ValueArray
from autograd_mini.program.jit.arguments import LIMIT
from autograd_mini.program.record.traced import TraceError

A = np.array([[1.0, 2.0, -1.0], [0.5, -3.0, 2.0], [2.0, 0.25, 1.0]])
X = np.array([0.5, -1.25, 2.0])

WHOLE: dict[str, Any] = {
    "dot": lambda x: np.dot(A, x)[0] + np.dot(x, x),
    "method dot": lambda x: A.dot(x)[1],
    "mean of squares": lambda x: np.mean((np.dot(A, x) - 1) ** 2),
    "matmul": lambda x: (A @ x) @ x,
    "matmul from the left": lambda x: x @ A @ x,
    "norm": lambda x: np.linalg.norm(x),
    "sum": lambda x: np.sum(x * x),
    "method sum": lambda x: (x * x).sum(),
    "method mean": lambda x: x.mean() * 3.0,
    "python's sum": lambda x: sum(x),
    "product": lambda x: np.prod(x),
    "index": lambda x: x[0] * x[2],
    "negative index": lambda x: x[-1] ** 2,
    "slice": lambda x: np.sum(x[1:] * x[:-1]),
    "length": lambda x: x[0] * len(x),
    "shape": lambda x: x[0] * x.shape[0],
    "size": lambda x: x[1] * x.size,
    "ndim": lambda x: x[1] * np.ndim(x),
    "iteration": lambda x: sum(each * each for each in x),
    "unpacking": lambda x: (lambda a, b, c: a * b + c)(*x),
    "enumerate": lambda x: sum(i * each for i, each in enumerate(x)),
    "reshape": lambda x: np.sum(x.reshape(3, 1) * A),
    "transpose": lambda x: np.sum(np.outer(x, x).T * A),
    "concatenate": lambda x: np.sum(np.concatenate([x, x * x])),
    "stack": lambda x: np.sum(np.stack([x, x])[1]),
    "asarray": lambda x: np.asarray(x).sum(),
    "array of it": lambda x: np.array([x[0], x[1] * 2.0]).sum(),
    "isinstance": lambda x: x[0] if isinstance(x, np.ndarray) else x * 100.0,
    "reduce": lambda x: np.add.reduce(x * x),
    "cumsum": lambda x: np.cumsum(x)[-1] * x[0],
    "max": lambda x: np.max(x) * 2.0,
    "min": lambda x: x.min() * 2.0,
    "clip": lambda x: np.sum(np.clip(x, -1.0, 1.0) * x),
    "where": lambda x: np.sum(np.where(x > 0, x * x, -x)),
    "maximum": lambda x: np.sum(np.maximum(x, 0.25) * x),
    "sign": lambda x: np.sum(np.sign(x) * x),
    "abs": lambda x: np.sum(np.abs(x)),
    "mask": lambda x: np.sum(x[x > 0.0] ** 2),
    "exp": lambda x: np.sum(np.exp(x) * np.tanh(x)),
    "std": lambda x: np.std(x),
    "a loop": lambda x: sum(x[i] * x[i - 1] for i in range(len(x))),
    "mixed with a primitive": lambda x: tanh(x[0]) * exp(x[1]) + maximum(x[2], 0.0),
    "with a constant array": lambda x: np.sum(x * np.array([1.0, 2.0, 3.0])),
    "in place on its own array": lambda x: np.sum(_doubled(x)),
}


def _doubled(x: Any) -> Any:
    y = x * 1.0
    y *= 2.0
    y[0] = y[1]
    return y


@pytest.mark.parametrize("name", WHOLE)
def test_functions_of_a_whole_array(name: str) -> None:
    f = WHOLE[name]
    jitted, slope = jit(f), jit(grad(f))
    for x in (X, -X, X[::-1].copy()):
        for _ in range(2):
            assert jitted(x) == pytest.approx(f(x), rel=1e-13)
            found = slope(x)
            assert found == pytest.approx(np.asarray(grad(f)(x), dtype=float), rel=1e-12, abs=1e-15)
            assert found.shape == x.shape


ELEMENTWISE: dict[str, Any] = {
    "polynomial": lambda x: x**3 - 2.0 * x + 1.0,
    "ufuncs": lambda x: np.exp(x) + np.tanh(x) * np.abs(x),
    "np.where": lambda x: np.where(x > 0, x * 3.0, -x),
    "np.clip": lambda x: np.clip(x, -1.0, 1.0),
    "np.maximum": lambda x: np.maximum(x, 0.5),
    "np.sign": lambda x: np.sign(x) * x,
    "where": lambda x: where(x > 0, sin(x), x),
    "np.square and reciprocal": lambda x: np.square(x) + np.reciprocal(x),
    "round": lambda x: np.round(x) + np.floor(x),
}


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_elementwise_functions_run_over_columns(name: str) -> None:
    f = ELEMENTWISE[name]
    x = np.linspace(-2.0, 2.0, 2 * LIMIT + 1)[1::2]
    jitted = jit(f)
    assert jitted(x) == pytest.approx(np.asarray(f(x), dtype=float), rel=1e-13)
    long = np.linspace(-2.0, 2.0, 5 * LIMIT)  # too long to be recorded number by number
    assert jitted(long).shape == long.shape


def test_results_that_are_arrays() -> None:
    for f in (
        lambda x: np.dot(A, x),
        lambda x: A @ x + x,
        lambda x: np.outer(x, x),
        lambda x: np.array([x[0], x[1]]),
        lambda x: {"a": A @ x, "b": [x[0], x]},
        lambda x: x[1:],
        lambda x: x - np.mean(x),
    ):
        found, wanted = jit(f)(X), f(X)
        for a, b in [(found, wanted)] if not isinstance(wanted, dict) else [(found["a"], wanted["a"])]:
            assert np.asarray(a).shape == np.asarray(b).shape
            assert np.asarray(a) == pytest.approx(b, rel=1e-14)


def test_several_arrays_of_different_shapes() -> None:
    def loss(w: Any, b: Any, x: Any) -> Any:
        return np.sum((w @ x + b) ** 2)

    w, b = A[:2], np.array([0.5, -0.5])
    slopes, wanted = jit(grad(loss, (0, 1)))(w, b, X), grad(loss, (0, 1))(w, b, X)
    assert jit(loss)(w, b, X) == pytest.approx(loss(w, b, X))
    for found, each in zip(slopes, wanted, strict=True):
        assert found == pytest.approx(each, rel=1e-13)
    params = {"w": w, "b": [b]}
    tree = jit(value_and_grad(lambda p: np.sum(p["w"] @ X + p["b"][0])))(params)
    assert tree[1]["w"].shape == w.shape
    assert tree[1]["b"][0].tolist() == [1.0, 1.0]


def test_each_shape_is_recorded_by_itself() -> None:
    jitted = jit(lambda x: np.mean(x) * len(x))
    for n in (1, 2, 5, 3, 2):
        x = np.arange(1.0, n + 1.0)
        assert jitted(x) == pytest.approx(x.sum())
    assert jitted(np.ones((2, 3))) == 2.0
    assert jit(lambda x: np.sum(x) + 1.0)(np.empty(0)) == 1.0


def test_a_branch_on_a_whole_array() -> None:
    f = lambda x: np.sum(x) if x[0] > 0 else np.prod(x)  # noqa: E731
    jitted, slope = jit(f), jit(grad(f))
    for x in (X, -X, X, -X):
        assert jitted(x) == pytest.approx(f(x))
        assert slope(x) == pytest.approx(np.asarray(grad(f)(x), dtype=float))


def test_a_whole_array_past_the_limit_is_refused() -> None:
    jitted = jit(lambda x: np.mean(x))
    with pytest.raises(
        TraceError, match=r"uses its argument x as a whole .* each of its 10,001 numbers .* up to 10,000"
    ):
        jitted(np.ones(LIMIT + 1))
    assert jitted(np.ones(3)) == 1.0


def test_changing_an_array_in_place_is_refused() -> None:
    def doubling(x: Any) -> Any:
        x *= 2.0
        return np.sum(x)

    def writing(x: Any) -> Any:
        x[0] = 3.0
        return np.sum(x)

    for f in (doubling, writing):
        with pytest.raises(TraceError, match="changes an argument in place"):
            jit(f)(X.copy())
    lists = jit(lambda xs: (xs.append(1.0), sum(xs))[1])
    with pytest.raises(TraceError, match="changes an argument in place"):
        lists([1.0, 2.0])
    with pytest.raises(TraceError, match="changes an argument in place"):
        jit(lambda d: (d.pop("a"), d["b"])[1])({"a": 1.0, "b": 2.0})


def test_scipy_minimises_a_jitted_function() -> None:
    minimize = pytest.importorskip("scipy.optimize").minimize

    def rosenbrock(x: Any) -> Any:
        return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2

    found = minimize(jit(value_and_grad(rosenbrock)), np.array([-1.0, 2.0]), jac=True)
    assert found.x == pytest.approx([1.0, 1.0], abs=1e-4)
    assert jit(hessian(rosenbrock))(np.ones(2)) == pytest.approx(hessian(rosenbrock)(np.ones(2)))


def test_arrays_of_values_mean_the_primitives() -> None:
    tie = np.array([0.0, 1.0])
    assert grad(lambda x: np.sum(np.maximum(x, 0.0)))(tie).tolist() == [0.5, 1.0]
    assert grad(lambda x: np.max(x - np.array([0.0, 1.0])))(tie).tolist() == [0.5, 0.5]
    assert grad(lambda x: np.sum(np.clip(x, 0.0, 1.0)))(tie).tolist() == [0.0, 0.0]
    seen: list[Any] = []
    grad(lambda x: (seen.append(type(x)), np.sum(x))[1])(tie)
    assert seen == [ValueArray]
    assert value_and_grad(lambda x: np.sum(np.sign(x) * x))(tie)[1].tolist() == [0.0, 1.0]


def test_numbers_and_columns_of_one_function_are_told_apart() -> None:
    jitted = jit(lambda x: np.mean(x) + np.size(x))
    assert jitted(3.0) == 4.0
    assert jitted(np.array([1.0, 2.0, 6.0])) == 6.0
    assert jitted(3.0) == 4.0


def test_a_row_may_branch_and_still_run_over_columns() -> None:
    jitted = jit(lambda x: tanh(x) if x > 0 else x)
    assert jitted(np.array([2.0, -2.0])).tolist() == [np.tanh(2.0), -2.0]


def test_values_and_arrays() -> None:
    with pytest.raises(TypeError, match="got Values and ndarrays of numbers together"):
        jit(lambda x, y: x * y)(Value(1.0), np.ones(2))
