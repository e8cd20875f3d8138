import sys
from types import SimpleNamespace

from autograd_mini.engine.value import Value
from autograd_mini.program.record.trace import trace
from tests.support import viz_graphs
from viz.notebook import bundle, register


class Formatter(dict):
    def for_type(self, kind, function):
        self[kind.__name__] = function


def test_registers_with_a_running_notebook(monkeypatch):
    formatter = Formatter()
    shell = SimpleNamespace(display_formatter=SimpleNamespace(mimebundle_formatter=formatter))
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    assert register()
    assert formatter.keys() == {"Value", "Program"}
    shown = formatter["Value"](viz_graphs.lesson())
    assert shown["image/svg+xml"].startswith("<svg ")
    assert "prefers-color-scheme:dark" in shown["image/svg+xml"]
    assert shown["text/plain"] == "Value(data=80.0, grad=1.0)"


def test_nothing_without_one(monkeypatch):
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    assert not register()
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: None))
    assert not register()


def test_a_program():
    shown = bundle(trace(lambda x: x * 2.0, [1.0], ["x"]))
    assert shown["text/plain"] == "<Program of 1 instructions>"
    assert "<svg" in shown["image/svg+xml"]


def test_a_graph_too_large_says_why():
    shown = bundle(viz_graphs.chain(40_000))
    assert shown.keys() == {"text/plain"}
    assert "not drawn: the graph has 40,000 functions; a picture folds up to 30,000" in shown["text/plain"]


def test_two_drawings_on_one_page_do_not_meet():
    first, second = (bundle(value)["image/svg+xml"] for value in (Value(1.0) * 2.0, Value(1.0) * 3.0))
    assert first.split('class="')[1][:11] != second.split('class="')[1][:11]
