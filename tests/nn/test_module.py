from __future__ import annotations

import numpy as np
import pytest

from autograd_mini.engine.value import Value, parameter
from autograd_mini.nn import Affine, Module, Sequential, Tanh


class Parts(Module):
    def __init__(self) -> None:
        self.one = parameter(1.0)
        self.more = [parameter(2.0), {"x": parameter(3.0)}]
        self.grid = np.array([parameter(4.0), parameter(5.0)], dtype=object)
        self.inner = Affine.of([[6.0]], [7.0])
        self.shared = self.one
        self.notes = ["text", 3, None, Value(0.0) + 1.0]

    def forward(self, x: float) -> Value:
        return self.inner([x * self.one])[0]


def test_parameters_are_found_in_order_in_every_container_and_once() -> None:
    names = {name: value.data for name, value in Parts().named_parameters()}
    assert names == {
        "one": 1.0, "more.0": 2.0, "more.1.x": 3.0, "grid.0": 4.0, "grid.1": 5.0, "inner.w.0.0": 6.0, "inner.b.0": 7.0,
    }  # fmt: skip
    assert [p.data for p in Parts().parameters()] == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]


def test_a_leaf_value_is_a_parameter_but_a_computed_one_is_not() -> None:
    class Old(Module):
        def __init__(self) -> None:
            self.w = Value(1.0)
            self.c = self.w * 2.0

    assert [name for name, _ in Old().named_parameters()] == ["w"]


def test_call_runs_forward_and_a_module_without_forward_says_so() -> None:
    assert Parts()(2.0).data == 19.0
    with pytest.raises(NotImplementedError, match="Module has no forward; define forward"):
        Module()(1.0)


def test_zero_grad_forgets() -> None:
    parts = Parts()
    parts(2.0).backward()
    assert parts.inner.b[0].grad == 1.0
    parts.zero_grad()
    assert not any(p.has_grad for p in parts.parameters())


def test_state_goes_round_and_a_wrong_one_changes_nothing() -> None:
    parts, other = Parts(), Parts()
    for p in parts.parameters():
        p.data += 0.1
    state = parts.state_dict()
    other.load_state_dict(state)
    assert other.state_dict() == state
    with pytest.raises(KeyError, match="does not fit this Parts of 7 parameters: missing one; unknown two"):
        other.load_state_dict({**{k: 0.0 for k in state if k != "one"}, "two": 1.0})
    with pytest.raises(TypeError, match="str"):
        other.load_state_dict({**state, "grid.1": "x"})  # type: ignore[dict-item]
    assert other.state_dict() == state


def test_sequential_names_runs_and_indexes_its_parts() -> None:
    first, last = Affine.of([[1.0], [2.0]], [0.0, 0.0]), Affine.of([[1.0, 1.0]], [0.5])
    net = Sequential(first, Tanh(), last)
    assert [n for n, _ in net.named_parameters()] == [
        "0.w.0.0",
        "0.w.1.0",
        "0.b.0",
        "0.b.1",
        "2.w.0.0",
        "2.w.0.1",
        "2.b.0",
    ]
    assert next(n for n, _ in Sequential(net).named_parameters()) == "0.0.w.0.0"
    assert net([0.0])[0].data == 0.5
    assert [len(out) for out in net.each([0.0])] == [2, 2, 1]
    assert len(net) == 3
    assert net[0] is first
    assert list(net)[2] is last
    assert repr(net) == "Sequential(Affine(1, 2), Tanh(), Affine(2, 1))"
    with pytest.raises(TypeError, match="part 1 is a int, which cannot be called"):
        Sequential(Tanh(), 3)  # type: ignore[arg-type]


def test_parameters_bear_the_name_of_the_attribute_that_holds_their_module():
    class Net(Module):
        def __init__(self):
            self.encoder = Affine(2, 1, rng=0)
            self.decoder = Sequential(Affine(1, 1, rng=0), Tanh())

    net = Net()
    assert [p.label for p in net.encoder.parameters()] == ["encoder.w₁", "encoder.w₂", "encoder.b"]
    assert [p.label for p in net.decoder.parameters()] == ["decoder.layer1.w₁", "decoder.layer1.b"]
    net.encoder = net.encoder
    assert net.encoder.b[0].label == "encoder.b"
