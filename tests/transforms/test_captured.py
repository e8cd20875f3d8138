"""Derivatives by what a function captures, and gradients that nothing cuts in silence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from autograd_mini import (
    Value,
    grad,
    gradients,
    hessian,
    hvp,
    jacobian,
    jit,
    jvp,
    nn,
    optim,
    parameter,
    stop_gradient,
    tanh,
    value_and_grad,
    vjp,
)  # fmt: skip
from autograd_mini.program.batch import Batch
from autograd_mini.program.record.traced import TraceError

ENGINES = ["eager", "python", "numpy", "llvm"]


def test_gradient_by_captured_values() -> None:
    w, b = parameter(2.0), parameter(-1.0)
    loss = lambda x, y: (w * x + b - y) ** 2  # noqa: E731
    assert value_and_grad(loss, wrt=[w, b])(3.0, 1.0) == (16.0, [24.0, 8.0])
    assert grad(loss, wrt={"w": w, "b": (b,)})(3.0, 1.0) == {"w": 24.0, "b": (8.0,)}
    assert grad(loss, wrt=w)(3.0, 1.0) == 24.0
    assert (w.has_grad, b.has_grad) == (False, False)
    assert hessian(loss, wrt=[w, b])(3.0, 1.0) == [[18.0, 6.0], [6.0, 2.0]]
    assert jacobian(lambda x: [w * x, w * b], wrt=[w, b])(3.0) == [[3.0, 0.0], [-1.0, 2.0]]
    assert hvp(loss, (3.0, 1.0), [1.0, 0.0], wrt=[w, b]) == [18.0, 6.0]
    assert jvp(loss, (3.0, 1.0), [1.0, 1.0], wrt=[w, b]) == (16.0, 32.0)
    value, pullback = vjp(loss, 3.0, 1.0, wrt=[w, b])
    assert (value, pullback(1.0)) == (16.0, ([24.0, 8.0],))
    with pytest.raises(TypeError, match=r"wrt: 1.0 is a number; Values that the function captures are needed"):
        grad(loss, wrt=[w, 1.0])(3.0, 1.0)


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_a_training_loop_without_a_trainer(engine: str) -> None:
    model = nn.MLP(2, [3, 1], rng=0)
    ps = model.parameters()
    loss = lambda x, t: (model(x) - t) ** 2  # noqa: E731
    plain = value_and_grad(loss, wrt=ps)
    step = jit(plain, engine=engine)
    descent = optim.SGD(ps, lr=0.1)
    data = [([0.5, -1.0], 0.3), ([1.5, 2.0], -0.7)]
    first = sum(plain(x, t)[0] for x, t in data)
    for _ in range(30):
        for x, t in data:
            value, slopes = step(x, t)
            wanted, gradient = plain(x, t)
            assert value == pytest.approx(wanted, rel=1e-12)
            assert slopes == pytest.approx(gradient, rel=1e-10, abs=1e-14)
            for p, slope in zip(ps, slopes, strict=True):
                p.grad = slope
            descent.step()
    assert sum(step(x, t)[0] for x, t in data) < 0.1 * first


def test_has_aux() -> None:
    def f(x: Any) -> Any:
        y = x * x
        return y + x, {"square": y, "name": [2.0, y]}

    assert value_and_grad(f, has_aux=True)(3.0) == ((12.0, {"square": 9.0, "name": [2.0, 9.0]}), 7.0)
    assert grad(f, has_aux=True)(3.0) == (7.0, {"square": 9.0, "name": [2.0, 9.0]})
    assert jit(value_and_grad(f, has_aux=True))(3.0) == ((12.0, {"square": 9.0, "name": [2.0, 9.0]}), 7.0)
    assert grad(lambda x: (x * 2.0, "text"), has_aux=True)(1.0) == (2.0, "text")
    with pytest.raises(TypeError, match=r"has_aux: .* returns a pair \(value, aux\)"):
        grad(lambda x: x, has_aux=True)(1.0)


@dataclass
class Point:
    x: Any
    y: Any


def test_dataclasses_are_arguments_and_results() -> None:
    f = lambda p: p.x * p.y + tanh(p.x)  # noqa: E731
    found = grad(f)(Point(0.0, 3.0))
    assert found == Point(4.0, 0.0)
    assert jit(grad(f))(Point(0.0, 3.0)) == found
    assert jit(lambda p: Point(p.y, p.x))(Point(1.0, 2.0)) == Point(2.0, 1.0)
    assert jit(f)(Point(np.zeros(2), 3.0)).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("engine", ENGINES)
def test_an_inner_gradient_keeps_the_graph_to_what_it_captures(engine: str) -> None:
    """loss = u′(x)·w with u = w·x²: by w it is 4·w·x, not 2·w·x."""
    w = parameter(1.5)
    u = lambda x: w * x * x  # noqa: E731
    batch = Batch(lambda x, y: (grad(u)(x) * w - y) ** 2, [w], 2, engine=engine)
    rows = np.array([[3.0, 1.0], [0.5, -1.0]])
    each = 2.0 * (2.0 * 1.5**2 * rows[:, 0] - rows[:, 1]) * 4.0 * 1.5 * rows[:, 0]
    assert batch.value_and_grad(rows)[1] == pytest.approx([each.mean()], rel=1e-13)


def test_an_eager_inner_gradient_keeps_the_graph() -> None:
    w = Value(2.0)
    loss = grad(lambda x: w * x * x)(3.0) * w
    loss.backward()
    assert (loss.data, w.grad) == (24.0, 24.0)
    (slope,) = gradients(value_and_grad(lambda x: w * x)(3.0)[0], [w])
    assert slope == 3.0
    assert grad(lambda x: x * x)(3.0).__class__ is float  # nothing captured: a number
    assert grad(lambda x: x * 2.0)(3.0).__class__ is float


@pytest.mark.parametrize(
    "function", [lambda x: x.data**2, lambda x: x * x.data, lambda x: (x * 2.0).data, lambda x: _read(x * 3.0)]
)
def test_reading_the_number_of_an_argument_is_refused(function: Any) -> None:
    message = r"reads .data of a Value that depends on its argument, which would cut the gradient in silence"
    with pytest.raises(TraceError, match=message):
        grad(function)(3.0)
    assert Value.__dict__["data"].__class__ is not property


def _read(x: Any) -> Any:
    return x.data * 2.0


def test_what_does_not_depend_on_the_argument_may_be_read() -> None:
    w = Value(2.0)
    assert grad(lambda x: x * w.data)(3.0) == 2.0
    assert grad(lambda x: x * stop_gradient(x))(3.0) == 3.0
    assert jit(grad(lambda x: x * stop_gradient(x)))(3.0) == 3.0
    w.grad = 5.0
    assert grad(lambda x: x * w.grad)(3.0) == 5.0
