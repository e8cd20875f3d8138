"""What both checkers must refuse: each line that ends in an error mark."""

from __future__ import annotations

import viz
from autograd_mini import Value, grad, jit, nn, tanh
from autograd_mini.training import Trainer


@jit
def neuron(x: Value, w: Value) -> Value:
    return tanh(w * x)


def plain(x: Value, w: Value) -> Value:
    return tanh(w * x)


net = nn.network(2, "2:softmax")
tanh("x")  # error
neuron(Value(1.0))  # error
neuron("x", 2.0)  # error
grad(plain)("x", 2.0)  # error
grad(plain)(Value(1.0))  # error
jit(plain, engine="llvn")  # error
viz.draw(Value(1.0), theme="drak")  # error
viz.draw(Value(1.0), detail="card")  # error
Trainer(net, "nlll", "adam")  # error
Trainer(net, "nll", "adma")  # error
Trainer(net, "nll", "adam", engine="gpu")  # error
nn.Affine(2, 3)("x y")[0].backwards()  # error
Value(1.0) + "x"  # error
Value(1.0).tahn()  # error
