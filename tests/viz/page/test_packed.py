"""Packed pages: as small as asked, the same page inside, and the same page in a browser."""

from __future__ import annotations

import re

import pytest

import viz
from autograd_mini import nn, parameter
from tests.support import viz_graphs
from tests.support.browser import until
from tests.viz.page.test_page import rebuilt
from viz.formats.svg import escape
from viz.graph.make import model
from viz.page.page import page as page_of
from viz.web.document import digest, digests
from viz.web.packed import packed, unpacked


def network(*sizes: int):
    """The output of a network of relu neurons; of several outputs, their sum."""
    x = [parameter(0.3 * (i % 5) - 0.4, f"x{i + 1}") for i in range(sizes[0])]
    out = nn.MLP(sizes[0], sizes[1:], rng=1)(x)
    return sum(out) if isinstance(out, list) else out


@pytest.fixture(scope="module")
def page() -> str:
    found: str = viz.draw(network(2, 16, 16, 1)).page()
    return found


def test_a_network_is_below_300_kilobytes(page):
    assert len(page.encode()) < 300_000 < len(unpacked(page).encode()) / 5
    assert page.count("<script") == 2
    assert "default-src 'none'" in page


def test_a_packed_page_holds_the_page(page):
    inside = unpacked(page)
    assert 'id="packed"' not in inside
    assert packed(inside) == page
    script = inside.rpartition("<script>")[2].partition("</script>")[0]
    assert digests(inside) == [digest(script)]
    assert set(digests(page)) == {digest(script), digest(page.rpartition("<script>")[2].partition("</script>")[0])}
    assert not re.search("[<>&]", re.search(r'data-length="\d+">(.*?)</script>', page)[1])


def test_a_small_page_stays_readable():
    page = viz.draw(viz_graphs.neuron()).page()
    assert unpacked(page) == page
    assert '<div class="view" data-level="lesson"' in page


def test_it_unpacks_itself_and_computes(show):
    out = network(2, 16, 16, 1)
    page = show(viz.draw(out))
    page.evaluate("livePage.set('x1', 0.75)")
    again = rebuilt(out, "x1", 0.75)
    again.backward()
    found = page.evaluate("livePage.keys.map((key) => livePage.value(key))")
    wanted = [node.data for node in model(again).quantities]
    assert found == pytest.approx(wanted, rel=1e-12, abs=1e-14)


def test_a_message_that_comes_early_is_kept(browser, page):
    """A film tells a page its numbers as soon as its frame has loaded, before it is unpacked."""
    key = next(node.key for node in model(network(2, 16, 16, 1)).quantities if node.label == "x1")
    window = browser.new_page()
    window.set_content(
        f'<iframe id="held" srcdoc="{escape(page)}"></iframe><script>held.addEventListener("load", () => '
        f'held.contentWindow.postMessage({{ leaves: {{ "{key}": 0.75 }} }}, "*"));</script>'
    )
    until(window, "held.contentWindow.livePage !== undefined")
    until(window, f"held.contentWindow.livePage.value('{key}') === 0.75")
    window.close()


def test_a_page_for_a_film_is_not_packed():
    made = page_of(network(2, 16, 16, 1), "loss", full=False)
    assert unpacked(made) == made


def test_a_network_of_thousands_of_scalars_opens_at_its_layers(show):
    out = network(64, 32, 10)
    drawing = viz.draw(out)
    page = show(drawing)
    assert page.evaluate("JSON.parse(document.getElementById('data').textContent).views.map((each) => each.level)") == [
        "heat"
    ]
    page.evaluate("livePage.set('x1', 0.75)")
    again = rebuilt(out, "x1", 0.75)
    again.backward()
    found = page.evaluate("livePage.keys.map((key) => livePage.value(key))")
    assert found == pytest.approx([node.data for node in model(again).quantities], rel=1e-12, abs=1e-14)
