import graphviz

import viz
from autograd_mini.engine.value import Value
from tests.support import viz_graphs
from viz.scene.graphviz import _plain

GOLDEN = """\
\tv0 [label=3 color="#1F6FB2" fillcolor="#DCEBFA" fontcolor="#0B2E4F" penwidth=1.4 shape=circle style=filled]
\tv1 [label=5 color="#1F6FB2" fillcolor="#DCEBFA" fontcolor="#0B2E4F" penwidth=1.4 shape=circle style=filled]
\tf2 [label="+" color="#C0392B" fillcolor="#FBDEDA" fontcolor="#6E1B12" shape=box style="rounded,filled"]
\tv2 [label=8 color="#1F6FB2" fillcolor="#DCEBFA" fontcolor="#0B2E4F" penwidth=1.4 shape=circle style=filled]
\tv3 [label=10 color="#1F6FB2" fillcolor="#DCEBFA" fontcolor="#0B2E4F" penwidth=1.4 shape=circle style=filled]
\tf4 [label="×" color="#C0392B" fillcolor="#FBDEDA" fontcolor="#6E1B12" shape=box style="rounded,filled"]
\tv4 [label=80 color="#1F6FB2" fillcolor="#DCEBFA" fontcolor="#0B2E4F" penwidth=3 shape=circle style=filled]
\tv0 -> f2 [label="3
∂ 10 = 10·1"]
\tv1 -> f2 [label="5
∂ 10 = 10·1"]
\tf2 -> v2 [label="8
∂ 10"]
\tv2 -> f4 [label="8
∂ 10 = 1·10"]
\tv3 -> f4 [label="10
∂ 8 = 1·8"]
\tf4 -> v4 [label="80
∂ 1"]
}
"""


def test_golden():
    assert viz.draw(viz_graphs.lesson()).dot.source.split("fontsize=11]\n")[1] == GOLDEN


def test_users_can_edit_it():
    made = viz.draw(viz_graphs.lesson()).dot
    assert isinstance(made, graphviz.Digraph)
    made.node("mine", "my own")
    assert "mine" in made.source


def test_labels_are_text_for_graphviz_too():
    labels = ["<b>bold</b>", 'say "hi"', "back\\slash\\n", "a & b", "重み"]
    total = Value(0.0, "<html>")
    for label in labels:
        total = total + Value(1.0, label)
    source = viz.draw(total).dot.source
    plain = _plain(source, "wasm")
    assert plain.count("\nnode ") == source.count("shape=")
    assert "<b>bold</b>" in plain
