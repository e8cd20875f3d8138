"""Structures: trees of arguments taken apart and put together again."""

import numpy as np
import pytest

from autograd_mini import Value
from autograd_mini.transforms.structure import flatten


@pytest.mark.parametrize(
    "tree",
    [1.0, [1.0, 2.0], (1.0, [2.0, {"a": 3.0}]), {"x": (), "y": [4.0]}, [], [[1.0], [[2.0]]]],
)
def test_round_trip(tree):
    leaves, structure = flatten(tree, "tree")
    assert structure.unflatten(leaves) == tree


def test_a_large_tree_comes_back_as_it_went() -> None:
    many = [float(i) for i in range(40)]
    trees = [
        many, tuple(many), [1.0, many], (2.0, {"a": many, "b": [many, tuple(many)], "c": []}), [[x] for x in many],
        [many, np.arange(6.0).reshape(2, 3), 3.0],
    ]  # fmt: skip
    for tree in trees:
        leaves, structure = flatten(tree, "x")
        for _ in range(2):
            assert str(structure.unflatten(leaves)) == str(tree)
            assert structure.unflatten(tuple(leaves)) is not leaves


def test_arrays_keep_their_shape():
    array = np.arange(6.0).reshape(2, 3)
    leaves, structure = flatten([array, 7.0], "tree")
    assert leaves == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 7.0]
    back = structure.unflatten(leaves)
    assert back[0].dtype == float
    assert (back[0] == array).all()
    values = structure.unflatten([Value(x) for x in leaves])
    assert values[0].dtype == object
    assert values[0].shape == (2, 3)
    empty, shape = flatten(np.zeros((0, 2)), "tree")
    assert empty == []
    assert shape.unflatten([]).shape == (0, 2)


def test_integers_become_floats_and_strangers_are_named():
    leaves, _ = flatten(np.array([1, 2]), "tree")
    assert [type(leaf) for leaf in leaves] == [float, float]
    with pytest.raises(TypeError, match="argument 3: unsupported operand type 'NoneType'"):
        flatten([1.0, None], "argument 3")
