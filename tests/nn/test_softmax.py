from __future__ import annotations

import math

import pytest

from autograd_mini import nn
from autograd_mini.engine.value import Value
from autograd_mini.primitives.table import log
from tests.support.finite_differences import assert_gradients


def test_softmax_and_its_logarithm() -> None:
    p = nn.Softmax()([0.3, 2.9, 4.0])
    assert p == pytest.approx([0.01821127, 0.24519181, 0.73659691], abs=5e-9)
    assert nn.LogSoftmax()([0.3, 2.9, 4.0]) == pytest.approx([math.log(x) for x in p], rel=1e-13)
    xs = [Value(0.3), Value(2.9), Value(-1.0)]
    assert_gradients(lambda: nn.Softmax()(xs)[1] + nn.LogSoftmax()(xs)[0], xs)


@pytest.mark.parametrize("classes", [2, 3, 4, 7, 10])
def test_leaves_sum_to_one_and_agree_with_their_paths(classes: int) -> None:
    tree = nn.HierarchicalSoftmax(3, classes, rng=classes)
    x = [0.5, -2.0, 30.0]
    leaves = [p.data for p in tree(x)]
    assert len(leaves) == classes
    assert math.fsum(leaves) == pytest.approx(1.0, abs=1e-14)
    for leaf in range(classes):
        assert tree.log_probability(x, leaf).data == pytest.approx(math.log(leaves[leaf]), rel=1e-12, abs=1e-15)
        assert len(tree.path(leaf)) in (math.floor(math.log2(classes)), math.ceil(math.log2(classes)))


def test_far_scores_neither_overflow_nor_lose_the_logarithm() -> None:
    tree = nn.HierarchicalSoftmax(1, 2)
    tree.load_state_dict({"units.w.0.0": 1.0, "units.b.0": 0.0})
    assert [p.data for p in tree([1e4])] == [1.0, 0.0]
    assert tree.log_probability([1e4], 1).data == -1e4


def test_nll_gradient_against_finite_differences() -> None:
    tree = nn.HierarchicalSoftmax(2, 5, rng=1)
    x = [Value(0.4), Value(-1.3)]
    for leaf in range(5):
        on_path = {unit for unit, _ in tree.path(leaf)}
        touched = [p for unit in on_path for p in (*tree.units.w[unit], tree.units.b[unit])]
        assert_gradients(lambda leaf=leaf: -tree.log_probability(x, leaf), [*touched, *x])
        assert_gradients(lambda leaf=leaf: -log(tree(x)[leaf]), [*touched, *x])


def test_errors_and_repr() -> None:
    tree = nn.HierarchicalSoftmax(2, 5)
    with pytest.raises(ValueError, match="leaf 5 of a tree of 5 classes; give 0 to 4"):
        tree.path(5)
    with pytest.raises(ValueError, match="classes is 1; at least 2 are needed"):
        nn.HierarchicalSoftmax(2, 1)
    assert repr(tree) == "HierarchicalSoftmax(2, 5)"
