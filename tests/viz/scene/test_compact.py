"""A picture fits a page, every number can be read, and none of them is false."""

import math
import re
from decimal import Decimal
from functools import partial
from itertools import combinations

import pytest

import viz
from tests.support import viz_graphs
from viz.graph.make import model
from viz.graph.parts import Card
from viz.levels.affine import recognised
from viz.scene.compact import compact
from viz.scene.legible import faults
from viz.scene.rows import Column, broken
from viz.scene.shapes import Group, Text
from viz.style.typeset import because, relation

SMALL = {
    "lesson": viz_graphs.lesson,
    "neuron": viz_graphs.neuron,
    "weighted": viz_graphs.weighted,
    "states": viz_graphs.states,
    "groups": viz_graphs.groups,
    "cards": partial(viz_graphs.network, [2, 4, 1]),
    "chain": partial(viz_graphs.mixed_chain, 20),
    "fan": partial(viz_graphs.fan, 8),
    "wide fan": partial(viz_graphs.fan, 14),
    "diamonds": partial(viz_graphs.diamonds, 5),
    "newton": partial(viz_graphs.newton, 8),
    "branches": viz_graphs.branches,
    "likelihood": viz_graphs.likelihood,
    **{f"tangle {n}, {seed}": partial(viz_graphs.tangle, n, seed) for n in (8, 20, 36) for seed in (1, 2, 3)},
}
LARGE = {f"tangle {n}": partial(viz_graphs.tangle, n, 1) for n in (60, 100, 146)} | {
    "long chain": partial(viz_graphs.mixed_chain, 120)
}


@pytest.mark.parametrize("name", [*SMALL, *LARGE])
def test_reads_well_on_a_page(name):
    found = faults(viz.draw({**SMALL, **LARGE}[name]()).scene)
    assert not found, found
    assert found.smallest >= 9


@pytest.mark.parametrize("name", SMALL)
def test_in_the_compact_form_no_two_texts_touch(name):
    scene = compact(model(SMALL[name]()), "", "")
    assert not faults(scene)
    boxes = [text.box for text in scene.walk() if isinstance(text, Text)]
    for a, b in combinations(boxes, 2):
        assert min(a[2], b[2]) - max(a[0], b[0]) < 0.5 or min(a[3], b[3]) - max(a[1], b[1]) < 0.5


@pytest.mark.parametrize("name", [*SMALL, *LARGE])
def test_drawn_contributions_add_up_to_the_gradient(name):
    graph = model({**SMALL, **LARGE}[name]())
    drawn = {
        group.key[2:] for group in compact(graph, "", "").walk() if isinstance(group, Group) and group.kind == "edge"
    }
    checked = 0
    for value in graph.quantities:
        edges = [edge for edge in graph.edges if edge.tail == value.key and edge.flow == "flows"]
        if value.grad is None or value.role in ("constant", "output") or not math.isfinite(value.grad):
            continue
        assert {edge.key for edge in edges} <= drawn
        size = max((abs(edge.grad) for edge in edges), default=0.0)
        assert math.fsum(edge.grad for edge in edges) == pytest.approx(value.grad, abs=1e-12 * size)
        checked += 1
    assert checked


def products(scene):
    """Every printed product that claims to be equal, with what it is equal to: "0.5 = 2·0.25"."""
    for group in scene.walk():
        words = [text_of(shape) for shape in getattr(group, "shapes", ()) if isinstance(shape, Text)]
        for before, word in zip(["", *words], words, strict=False):
            shown, _, said = word.partition(" = ") if " = " in word else (before, "", word.removeprefix("= "))
            match = re.fullmatch(r"\(?([−\d.e]+)\)?·\(?([−\d.e]+)\)?", said)
            if match and "≈" not in word:
                yield tuple(Decimal(each.removeprefix("∂ ").replace("−", "-")) for each in (shown, *match.groups()))


def text_of(text):
    return "".join(span.text for span in text.spans)


@pytest.mark.parametrize("name", [*SMALL, *LARGE])
def test_printed_products_hold(name):
    """Who multiplies the printed numbers finds the printed result, or is told that it is about that."""
    for shown, a, b in products(viz.draw({**SMALL, **LARGE}[name]()).scene):
        half = Decimal(5).scaleb(shown.as_tuple().exponent - 1)
        assert abs(a * b - shown) <= half * Decimal("1.0001"), f"{shown} = {a}·{b}"


def test_the_exam_sees_products():
    assert len(list(products(viz.draw(viz_graphs.mixed_chain(20)).scene))) > 10
    assert list(products(viz.draw(viz_graphs.lesson()).scene)) == [(10, 10, 1), (10, 10, 1), (10, 1, 10), (8, 1, 8)]


def test_each_number_is_printed_once():
    texts = [t for t in viz.draw(viz_graphs.mixed_chain(20)).scene.walk() if isinstance(t, Text) and t.shows]
    shown = [text.shows for text in texts if text.shows[1] in ("value", "gradient")]
    assert len(shown) == len(set(shown)) == 2 * 21  # the value and the gradient of x and of every result


def test_a_constant_stands_in_its_square():
    words = [
        "".join(s.text for s in t.spans)
        for t in viz.draw(viz_graphs.mixed_chain(20)).scene.walk()
        if isinstance(t, Text)
    ]
    assert words.count("×1.1") == 5
    assert words.count("+0.1") == 5


def test_a_value_used_many_times_has_a_port_at_each_use():
    scene = viz.draw(viz_graphs.fan(8)).scene
    ports = [group for group in scene.walk() if isinstance(group, Group) and group.kind == "node-port"]
    assert len(ports) == 8
    assert {port.title for port in ports} == {"x, used here"}


def test_an_untaken_branch_says_so():
    words = [
        "".join(s.text for s in t.spans) for t in viz.draw(viz_graphs.branches()).scene.walk() if isinstance(t, Text)
    ]
    assert "flows here" in words
    assert "not computed yet" not in words


# ---------------------------------------------------------------- sums of products


@pytest.mark.parametrize("written", ["sum", "chain", "right"])
def test_a_weighted_sum_is_a_card_however_it_was_written(written):
    from autograd_mini import Value, parameter

    w = [parameter(float(i + 1), f"w{i}") for i in range(3)]
    x = [Value(float(i - 2), f"x{i}") for i in range(3)]
    b = parameter(0.5, "b")
    out = {
        "sum": lambda: sum((a * c for a, c in zip(w, x, strict=True)), b),
        "chain": lambda: w[0] * x[0] + x[1] * w[1] + w[2] * x[2] + b,
        "right": lambda: w[0] * x[0] + (w[1] * x[1] + (w[2] * x[2] + b)),
    }[written]()
    out.backward()
    found = recognised(model(out))
    assert [function.name for function in found.functions] == ["affine"]
    by_key = {node.key: node.label for node in found.quantities}
    into = sorted((edge for edge in found.edges if edge.tail in by_key), key=lambda edge: edge.slot)
    assert [by_key[edge.tail] for edge in into] == ["w0", "w1", "w2", "x0", "x1", "x2", "b"]
    for edge in into:
        assert edge.grad == edge.upstream * edge.local
    cards = viz.draw(out).model.each(Card)
    assert [pill.name for pill in cards[0].pills] == ["w0", "w1", "w2", "b"]


def test_what_is_no_weighted_sum_stays_as_it_is():
    from autograd_mini import Value, parameter

    a, b, c = Value(1.0, "a"), Value(2.0, "b"), Value(3.0, "c")
    w = parameter(1.0, "w")
    shared = w * a
    for out in (a * b + c, a + b + c, shared + shared * b + c, w * a + b * c + a):
        assert not [function for function in recognised(model(out)).functions if function.name == "affine"]


# ---------------------------------------------------------------- rows and relations


def test_rows_are_as_few_as_fit_and_cut_where_little_crosses():
    found = [Column((str(i),), 100.0 * i, 100.0 * i + 80) for i in range(10)]
    assert broken(found, 2000, lambda at: 0) == [0] * 10
    rows = broken(found, 500, lambda at: 0 if at == 4 else 5)
    assert rows[3] != rows[4]
    assert max(rows) == 2
    assert broken(found, 10, lambda at: 0) == list(range(10))  # a column that is too wide stands alone


def test_because_says_what_holds():
    assert because(6.0, (2.0, 3.0), product=True) == "= 2·3"
    assert because(1.543, (1.6049, 0.9612), product=True) == "≈ 1.605·0.961"
    assert because(-6.0, (2.0, -3.0), product=True) == "= 2·(−3)"
    assert because(7.0, (3.0, 4.0)) == "= 3 + 4"
    assert because(7.0, (3.0,)) == "= 3 + 4 before"
    assert because(2.0**20, (2.0**19, 2.0**18, 2.0**18)) == "= sum of 3"
    assert relation(math.inf, (1.0, math.inf), product=True) == "="
