"""Code written for micrograd's and microgpt's classes runs."""

import math
import pickle

import pytest

from autograd_mini import Value, grad, gradients


def test_views_of_a_node():
    a, b = Value(2.0), Value(-3.0)
    c = a * b
    assert (c._prev, c._children, c._local_grads, c._op) == ({a, b}, (a, b), (-3.0, 2.0), "*")
    assert (a._prev, a._op) == (set(), "")
    made = [a + b, a - b, a / b, a**2, a**-0.5, (a * b).relu(), -a, a.tanh(), a.exp()]
    assert [node._op for node in made] == ["+", "-", "/", "**2", "**-0.5", "ReLU", "neg", "tanh", "exp"]
    assert (a**2)._local_grads == (4.0, 0.0)


def test_a_node_made_by_hand_with_its_own_backward():
    x = Value(0.5)
    doubled = x * 2.0
    out = Value(math.sin(doubled.data), (doubled,), "sin")

    def _backward():
        doubled.grad += math.cos(doubled.data) * out.grad

    out._backward = _backward
    y = out * 3.0
    for count in (1.0, 2.0):
        y.backward()
        assert x.grad == pytest.approx(count * 6.0 * math.cos(1.0))
    assert doubled.grad == pytest.approx(3.0 * math.cos(1.0))
    assert (out._op, out._prev, out.op.name) == ("sin", {doubled}, "sin")


def test_local_derivatives_given_as_microgpt_does():
    a, b = Value(2.0), Value(5.0)
    out = Value(a.data * b.data, (a, b), (b.data, a.data))
    (out + a).backward()
    assert (a.grad, b.grad, out.partials) == (6.0, 2.0, (5.0, 2.0))
    assert gradients(out, [a, b]) == [5.0, 2.0]


def test_children_by_name_and_none():
    a = Value(1.0)
    assert Value(2.0, _children=(a,), _op="f")._prev == {a}
    assert Value(2.0, (), "").is_leaf
    assert Value(2.0, "label").label == "label"


def test_what_is_wrong_is_refused_by_name():
    a = Value(1.0)
    with pytest.raises(TypeError, match=r"a child is a float; Values are needed: Value\(x, \(a, b\), 'op'\)"):
        Value(1.0, (2.0,), "+")
    with pytest.raises(ValueError, match="1 local derivatives for 2 children; give one for each"):
        Value(1.0, (a, a), (1.0,))
    with pytest.raises(AttributeError, match="the rules of other nodes are in the table of primitives"):
        (a * a)._backward = print
    made = Value(1.0, (a,), "f")
    with pytest.raises(TypeError, match=r"has a _backward of its own; only backward\(\) can follow it"):
        gradients(made, [a])
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(made)
    with pytest.raises(TypeError, match="has no rule: neither its value at other numbers"):
        grad(grad(lambda x: Value(x.data, (x,), (1.0,)) * x))(2.0)


def test_an_unassigned_backward_does_nothing():
    a = Value(1.0)
    made = Value(1.0, (a,), "f")
    made._backward()
    made.backward()
    assert (made.grad, a.has_grad) == (1.0, False)
