import re
from xml.etree import ElementTree

import pytest

import viz
from autograd_mini.engine.value import Value
from tests.support import viz_graphs
from viz.formats.svg import escape

SVG = "{http://www.w3.org/2000/svg}"
NASTY = [
    "</script><script>alert(1)</script>",
    "]]>",
    "a & b",
    "\"quoted'",
    "<!--",
    "重み",
    "אבג",
    "\x00\x1b\ud800",
    "&amp;",
]


@pytest.mark.parametrize("theme", ["light", "dark", "auto"])
def test_is_xml_with_title_and_description(theme):
    drawing = viz.draw(viz_graphs.lesson(), theme=theme)
    root = ElementTree.fromstring(drawing.svg)
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title.text == "(3+5)×10 = 80"
    assert "∂L/∂a = ∂L/∂c · dc/da = 10 · 1 = 10" in desc.text
    assert root.get("aria-labelledby").split() == [title.get("id"), desc.get("id")]
    assert ("prefers-color-scheme:dark" in drawing.svg) == (theme == "auto")


@pytest.mark.parametrize("label", NASTY)
def test_labels_are_shown_and_never_interpreted(label):
    value = Value(1.0, label) * 2.0
    drawing = viz.draw(value)
    root = ElementTree.fromstring(drawing.svg)
    assert not list(root.iter(f"{SVG}script"))
    shown = "".join(root.itertext())
    clean = re.sub("[\x00-\x1f\ud800-\udfff]", "\N{REPLACEMENT CHARACTER}", label)
    assert clean in shown
    drawing.svg.encode()


def test_escape():
    assert escape('<a & "b"\'>') == "&lt;a &amp; &quot;b&quot;&#39;&gt;"


def test_same_graph_same_bytes_and_ids_of_its_own():
    first, second = viz.draw(viz_graphs.states()).svg, viz.draw(viz_graphs.states()).svg
    assert first == second
    assert not re.search(r"0x[0-9a-f]{6,}", first)
    other = viz.draw(viz_graphs.neuron()).svg
    dark = viz.draw(viz_graphs.states(), theme="dark").svg
    ids = [set(re.findall(r'id="([^"]+)"', text)) for text in (first, other, dark)]
    assert not ids[0] & ids[1]
    assert not ids[0] & ids[2]
    for text in (first, other):
        found = re.findall(r'id="([^"]+)"', text)
        assert len(found) == len(set(found))


def test_reading_order_is_topological():
    root = ElementTree.fromstring(viz.draw(viz_graphs.neuron()).svg)
    keys = [g.get("id").split("-n-")[1] for g in root.iter(f"{SVG}g") if "-n-" in (g.get("id") or "")]
    model = viz.draw(viz_graphs.neuron()).model
    assert keys == [node.key for node in model.nodes]


def test_nothing_runs_and_nothing_is_fetched():
    text = viz.draw(viz_graphs.states()).svg
    assert not re.search(r"\bon\w+=|href=|@import|javascript:", text)
