import pytest

from autograd_mini.check.anomaly import AnomalyError, detect_anomaly
from autograd_mini.engine.groups import group
from autograd_mini.engine.origin import origin
from autograd_mini.engine.value import Value
from autograd_mini.primitives.table import log, softmax


def path(node):
    return [name for name, _ in origin(node).groups]


def test_operations_inside_are_tagged_and_nothing_else_changes():
    x = Value(2.0)
    before = x * 3.0
    with group("outer"):
        a = before + 1.0
        with group("inner"):
            b = a * a
        c = b - a
    after = c * 2.0
    assert [path(node) for node in (before, a, b, c, after)] == [[], ["outer"], ["outer", "inner"], ["outer"], []]
    after.backward()
    assert (after.data, x.grad) == (84.0, 78.0)


def test_every_entry_is_a_group_of_its_own():
    made = []
    for _ in range(2):
        with group("block"):
            made.append(Value(1.0) + 1.0)
    assert made[0].tag != made[1].tag


def test_leaves_keep_their_roles():
    with group("g"):
        x = Value(1.0)
        y = x * 2.0
    assert y.parents[1].is_constant
    assert getattr(x, "tag", None) is None


def test_comparisons_truth_and_several_outputs():
    with group("g"):
        x = Value(1.0)
        assert x < 2.0
        assert x
        assert not Value(0.0)
        shares = softmax([x, Value(3.0)])
        shares[0].backward()
    assert [path(share) for share in shares] == [["g"], ["g"]]


def test_an_outer_observer_still_watches():
    with detect_anomaly(), group("g"), pytest.raises(AnomalyError, match="log"):
        log(Value(-1.0, "x"))
    with detect_anomaly(), group("g"):
        y = Value(2.0) * 3.0
        y.backward()
        assert y > 5.0
    assert path(y) == ["g"]


def test_leaving_by_an_exception_leaves_the_group():
    with pytest.raises(ZeroDivisionError), group("g"):
        raise ZeroDivisionError
    assert path(Value(1.0) + 1.0) == []


def test_a_group_needs_a_name():
    with pytest.raises(TypeError, match=r"group: name is ''; a string that is not empty is needed"):
        group("")
