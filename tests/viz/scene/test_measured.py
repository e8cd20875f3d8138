"""In a browser a text is as wide as it was measured, and the picture reads as well as it was computed to."""

from functools import partial

import pytest

import viz
from tests.support import viz_graphs
from viz.scene.shapes import Text

GRAPHS = {
    "weighted": viz_graphs.weighted,
    "tangle": partial(viz_graphs.tangle, 20, 1),
    "cards": partial(viz_graphs.network, [2, 3, 1]),
    "newton": partial(viz_graphs.newton, 6),
}
LENGTHS = "() => [...document.querySelectorAll('svg text')].map((text) => text.getComputedTextLength())"
STRUCK = """() => {
  const inside = (box, x, y) => x > box.left && x < box.right && y > box.top && y < box.bottom;
  const texts = [...document.querySelectorAll("g.label text")];
  const boxes = texts.map((text) => {
    const { left, right, top, bottom } = text.getBoundingClientRect(), high = bottom - top;
    return { left: left + 1, right: right - 1, top: top + high * 0.25, bottom: bottom - high * 0.25 };
  });
  const found = [];
  for (const edge of document.querySelectorAll("g.edge path")) {
    const matrix = edge.getScreenCTM(), length = edge.getTotalLength();
    for (let at = 0; at <= length; at += 3) {
      const { x, y } = edge.getPointAtLength(at).matrixTransform(matrix);
      boxes.forEach((box, place) => { if (inside(box, x, y)) found.push(texts[place].textContent); });
    }
  }
  return found;
}"""


@pytest.mark.parametrize("name", GRAPHS)
def test_texts_are_as_wide_as_measured(name, window):
    drawing = viz.draw(GRAPHS[name]())
    window.set_content(drawing.svg)
    texts = [shape for shape in drawing.scene.walk() if isinstance(shape, Text)]
    for text, wide in zip(texts, window.evaluate(LENGTHS), strict=True):
        words = "".join(span.text for span in text.spans)
        measured = sum(span.width for span in text.spans)
        spaces = 4 * (len(words) - len(words.rstrip()))  # a browser drops them at the end
        assert measured - spaces <= 1.2 * wide + 2, words
        assert wide <= 1.06 * measured + 2, words


@pytest.mark.parametrize("name", GRAPHS)
def test_no_edge_strikes_a_label(name, window):
    window.set_content(viz.draw(GRAPHS[name]()).svg)
    assert window.evaluate(STRUCK) == []
