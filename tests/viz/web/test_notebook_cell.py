"""A drawing in a notebook: its width, its theme and its alternative text, in a real browser."""

from __future__ import annotations

from typing import Any

import pytest

import viz
from tests.support import viz_graphs

CIRCLE = "getComputedStyle(document.querySelector('svg .value')).fill"


@pytest.mark.parametrize(("attributes", "fill"), [
    ("", "rgb(220, 235, 250)"),
    ('data-jp-theme-light="true"', "rgb(220, 235, 250)"),
    ('data-jp-theme-light="false"', "rgb(18, 49, 77)"),
    ('class="vscode-dark"', "rgb(18, 49, 77)"),
])  # fmt: skip
@pytest.mark.parametrize("system", ["light", "dark"])
def test_the_theme_is_the_notebook_s(browser: Any, attributes: str, fill: str, system: str) -> None:
    page = browser.new_page(color_scheme=system)
    html = viz.draw(viz_graphs.lesson(), theme="auto")._repr_mimebundle_()["text/html"]
    page.set_content(f"<body {attributes}>{html}</body>")
    assert page.evaluate(CIRCLE) == fill
    page.close()


def test_it_is_no_wider_than_its_cell_and_says_what_it_shows(browser: Any) -> None:
    page = browser.new_page(viewport={"width": 500, "height": 400})
    html = viz.draw(viz_graphs.neuron())._repr_mimebundle_()["text/html"]
    page.set_content(f'<div style="width:300px">{html}</div>')
    box = page.locator("svg").bounding_box()
    assert box["width"] <= 300
    shape = page.evaluate("(({height, width}) => height / width)(document.querySelector('svg').viewBox.baseVal)")
    assert box["height"] == pytest.approx(box["width"] * shape, rel=0.02)
    title, told = page.locator("svg > title").text_content(), page.locator("svg > desc").text_content()
    ids = page.locator("svg").get_attribute("aria-labelledby").split()
    assert ids == [page.locator(f"svg > {tag}").get_attribute("id") for tag in ("title", "desc")]
    assert title.startswith("L = ")
    assert "Backward" in told
    page.close()


def test_two_drawings_in_one_notebook_do_not_meet() -> None:
    graphs = viz_graphs.lesson(), viz_graphs.neuron()
    first, second = (viz.draw(graph)._repr_mimebundle_()["text/html"] for graph in graphs)
    assert first.split("{")[0] != second.split("{")[0]
