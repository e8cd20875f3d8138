"""One comparison for all attributes of modules: it is renewed by every change, and asks no more than it must."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

from autograd_mini import jit, nn, parameter
from autograd_mini.program.watch.notes import Note
from autograd_mini.program.watch.stamp import STAMP, Parts, Stamped, parts
from autograd_mini.program.watch.surroundings import Surroundings


class Part(Stamped):
    def __init__(self) -> None:
        self.a = 1.0


CHANGES: dict[str, Any] = {
    "set": lambda xs: xs.__setitem__(0, 5),
    "delete": lambda xs: xs.__delitem__(0),
    "append": lambda xs: xs.append(1),
    "extend": lambda xs: xs.extend([1]),
    "insert": lambda xs: xs.insert(0, 1),
    "pop": lambda xs: xs.pop(),
    "remove": lambda xs: xs.remove(2),
    "clear": lambda xs: xs.clear(),
    "reverse": lambda xs: xs.reverse(),
    "sort": lambda xs: xs.sort(reverse=True),
    "+=": lambda xs: xs.__iadd__([1]),
    "*=": lambda xs: xs.__imul__(2),
}


@pytest.mark.parametrize("name", CHANGES)
def test_every_change_of_a_list_renews_the_stamp(name: str) -> None:
    plain, xs = [1, 2, 3], Parts([1, 2, 3])
    before = STAMP.now
    assert xs[0] + len(xs) + sum(xs) == 10
    assert STAMP.now is before
    CHANGES[name](plain)
    CHANGES[name](xs)
    assert xs == plain
    assert STAMP.now is not before


def test_every_change_of_an_object_renews_the_stamp() -> None:
    part = Part()
    for change in (lambda: setattr(part, "a", 2.0), lambda: setattr(part, "b", 1), lambda: delattr(part, "b")):
        before = STAMP.now
        change()
        assert STAMP.now is not before
    before = STAMP.now
    assert part.a == 2.0
    assert STAMP.now is before


def test_parts_are_lists() -> None:
    nested = parts([[1, [2]], 3])
    assert nested == [[1, [2]], 3]
    assert type(nested[0][1]) is Parts
    assert copy.deepcopy(nested) == nested
    assert pickle.loads(pickle.dumps(nested)) == nested


def test_another_change_is_looked_into_and_let_be() -> None:
    """The stamp is renewed by a change anywhere; what rests on something else is asked once, and still holds."""
    mine = [Part() for _ in range(6)]
    asked = Surroundings()
    asked.add({(i,): Note(f"part {i}", "attribute", part, "a", 1.0) for i, part in enumerate(mine)})
    assert asked.holds()
    Part().a = 7.0
    assert asked.holds()
    assert asked.changed() == ""
    mine[4].a = 2.0
    assert not asked.holds()
    assert asked.changed() == "part 4"
    mine[4].a = 1.0
    assert asked.holds()


@pytest.mark.parametrize("make", [lambda: nn.MLP(2, [3, 1], rng=0), lambda: nn.Sequential(nn.Affine(2, 1, rng=0))])
def test_weights_of_modules_are_seen(make: Any) -> None:
    net = make()
    f = jit(lambda x, y: net([x, y]))

    def agree() -> None:
        for _ in range(2):
            wanted = net([0.5, -1.0])
            found = f(0.5, -1.0)
            assert np.ravel(found).tolist() == [v.data for v in np.ravel(wanted)]

    agree()
    layer = net.layers[0].neurons[0] if isinstance(net, nn.MLP) else net.modules[0]
    weights = layer.w if isinstance(net, nn.MLP) else layer.w[0]
    weights[0] = parameter(weights[0].data)
    weights[0].data = 3.25
    agree()
    layer.b = parameter(-2.0) if isinstance(net, nn.MLP) else [parameter(-2.0)]
    agree()
