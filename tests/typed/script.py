"""What a user writes, typed. Every ``reveal_type`` is followed by the type that both checkers must tell."""

from __future__ import annotations

from typing import assert_type

import numpy as np

import viz
from autograd_mini import (
    Value,
    affine,
    data,
    grad,
    gradients,
    hessian,
    jit,
    losses,
    nn,
    optim,
    parameter,
    primitive,
    softmax,
    tanh,
    total,
    value_and_grad,
    where,
)
from autograd_mini.training import Trainer

Column = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

# ------------------------------------------------------------ functions of Values, numbers and arrays


def neuron(x: Value, w: Value) -> Value:
    return tanh(w * x)


@jit
def fast(x: Value, w: Value) -> Value:
    return tanh(w * x)


def cube(x: float) -> float:
    return x**3


def energy(x: Column) -> Value:
    terms: list[Value] = [parameter(0.5) * each for each in x]
    return total(terms)


a, b = Value(2.0, label="a"), Value(-3.0)
c = (a * b + 7.0).tanh() ** 2 / 3.0 - abs(b) % 2.0
assert_type(c, Value)
assert_type(1.0 - c, Value)
assert_type(c > 0.5, bool)
assert_type(tanh(0.5), float)
assert_type(tanh(a), Value)
assert_type(where(a > 0.0, a, 0.0), Value)
assert_type(total([a, b]), Value)
total([a, 1.0]).backward()
assert_type(softmax([a, b]), list[Value])
assert_type(softmax([1.0, 2.0]), tuple[float, ...])
assert_type(affine([a, b], [1.0, 2.0], 0.5), Value)
c.backward()
assert_type(a.grad, float)
assert_type(gradients(c, [a, b]), list[float])
assert_type(gradients(c, [a, b], create_graph=True), list[Value])
gauss = primitive("gauss", partials=lambda x, y: -2.0 * x * y, expand=lambda x: tanh(-x * x))
assert_type(gauss(a), Value)

assert_type(neuron(a, b), Value)
assert_type(fast(a, w=b), Value)
assert_type(fast(0.5, 2.0), float)
fast(np.linspace(0.0, 1.0, 5), 2.0).round(3)
print(fast.program(0.5, 2.0).source("c"))

assert_type(grad(neuron)(0.5, 2.0), float)
assert_type(grad(neuron)(a, b), Value)
assert_type(grad(neuron, (0, 1))(0.5, 2.0), tuple[float, ...])
assert_type(value_and_grad(neuron)(0.5, 2.0), tuple[float, float])
assert_type(grad(grad(cube))(2.0), float)
assert_type(grad(energy)(np.ones(3)), Column)
assert_type(jit(grad(neuron))(0.5, 2.0), float)
assert_type(grad(fast)(0.5, 2.0), float)
value, slopes = jit(value_and_grad(energy))(np.ones(3))
assert_type(slopes, Column)
print(hessian(energy)(np.ones(3)).shape)
weights = [a, b]
assert_type(value_and_grad(lambda: a * b, wrt=weights)(), tuple[float, list[float]])
grad(lambda x: x[0] * x[1])(np.ones(2))


class Spring:
    stiffness: Value

    def __init__(self) -> None:
        self.stiffness = parameter(3.0)

    @jit
    def energy(self, x: Value) -> Value:
        return self.stiffness * x * x / 2.0


assert_type(Spring().energy(0.5), float)
assert_type(Spring().energy(a), Value)

# ------------------------------------------------------------ networks


class Rotation(nn.Module):
    def __init__(self) -> None:
        self.angle = parameter(0.2)

    def forward(self, x: list[Value]) -> list[Value]:
        cosine, sine = self.angle.cos(), self.angle.sin()
        return [cosine * x[0] - sine * x[1], sine * x[0] + cosine * x[1]]


assert_type(Rotation()([a, b]), list[Value])
assert_type(nn.Affine(2, 3)([1.0, 2.0]), list[Value])
assert_type(nn.Neuron(2)([1.0, 2.0]), Value)
assert_type(nn.Conv2d(1, 2, 3)([[[1.0, 2.0, 3.0]] * 3]), list[list[list[Value]]])
assert_type(nn.Tanh()([a, b]), list[Value])
net = nn.network(2, "10:tanh, 2:softmax", rng=1)
assert_type(net([1.0, 2.0]), list[Value])
assert_type(net[0], nn.Module)

X, y = data.spiral(20)
history = Trainer(net, "nll", "adam", engine="numpy").fit(X, y, epochs=2, frames=1)
Trainer(net, losses.nll, optim.Adam(net.parameters(), lr=0.02), engine="eager")
viz.draw(c, "lesson", "dark").save("c.svg")
viz.film(history, theme="auto").save("run.html")
net.export("model.c", classes=["left", "right"])
