"""origin: the line of code that made a node, remembered on request."""

import inspect
import pickle

from autograd_mini import Value, detect_anomaly, gradients, tanh
from autograd_mini.engine.groups import group
from autograd_mini.engine.origin import Origin, origin, source_lines


def test_lines_are_remembered_inside_and_only_there():
    x = Value(2.0)
    before = x * 3.0
    with source_lines():
        line = inspect.currentframe().f_lineno + 1
        y = tanh(before + 1.0)
    after = y * 2.0
    assert origin(y).line == f"test_origin.py:{line}"
    assert origin(y.parents[0]).line == f"test_origin.py:{line}"
    assert (origin(before).line, origin(after).line) == ("", "")
    assert origin(y.parents[0].parents[1]) == Origin()
    after.backward()
    assert x.grad == gradients(after, [x])[0]


def test_lines_and_groups_nest_either_way():
    x = Value(2.0)
    with source_lines(), group("g"):
        y = x * x
    with group("g"), source_lines(), detect_anomaly():
        pass
    with group("h"), source_lines():
        z = x * x
    assert [name for name, _ in origin(y).groups] == ["g"]
    assert [name for name, _ in origin(z).groups] == ["h"]
    assert origin(y).line
    assert origin(z).line
    assert origin(pickle.loads(pickle.dumps(y))) == origin(y)
