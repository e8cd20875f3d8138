"""The live page, driven in a real browser: what it shows, and that its numbers are Python's."""

import html
import inspect
import math
import re
import struct
from functools import partial

import pytest

import viz
from autograd_mini import nn
from autograd_mini.engine.backward import topological_order
from autograd_mini.engine.origin import source_lines
from autograd_mini.engine.value import Value, parameter
from autograd_mini.primitives.registry import PRIMITIVES, primitive
from autograd_mini.primitives.table import (
    affine,
    exp,
    gelu,
    log,
    logsumexp,
    maximum,
    relu,
    sigmoid,
    silu,
    softmax,
    sqrt,
    tanh,
    where,
)  # fmt: skip
from autograd_mini.program.record.trace import trace
from tests.support import viz_graphs
from tests.support.browser import until
from viz.graph.make import model
from viz.page.live import evaluate, live_graph
from viz.style.typeset import number


def text(page, selector):
    return re.sub(r"\s+", " ", page.text_content(selector)).strip()


def labels(page, key):
    """What stands beside an edge, above and below."""
    return page.locator(f"[id$='l-{key}'] text").all_text_contents()


def ulps(a, b):
    """Representable numbers between a and b; nan equals nan."""
    if math.isnan(a) or math.isnan(b):
        return 0 if math.isnan(a) and math.isnan(b) else math.inf

    def place(x):
        bits = struct.unpack("<q", struct.pack("<d", x))[0]
        return bits if bits >= 0 else -(bits & 0x7FFF_FFFF_FFFF_FFFF)

    return abs(place(a) - place(b))


def lesson():
    """((a + b) · k, with names)."""
    a, b, k = Value(3.0, "a"), Value(5.0, "b"), Value(10.0, "k")
    c = a + b
    c.label = "c"
    out = c * k
    out.label = "L"
    return out


def fan_out():
    x = Value(3.0, "x")
    out = x * x + x
    out.label = "y"
    return out


# ---------------------------------------------------------------- the file


def test_one_file_that_asks_for_nothing():
    page = viz.draw(lesson()).page()
    assert "http:" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "https:" not in page
    assert "default-src 'none'" in page
    assert not re.search(r"<(link|img|iframe)|src=|@import|url\((?!#)", page)


def test_the_same_graph_gives_the_same_bytes():
    assert viz.draw(viz_graphs.states()).page() == viz.draw(viz_graphs.states()).page()


def test_a_page_of_five_hundred_nodes_is_below_a_megabyte():
    drawing = viz.draw(viz_graphs.tangle(260, 1))
    assert len(model(drawing.graph).nodes) > 300
    assert len(drawing.page().encode()) < 1_000_000


def test_a_program_has_no_page():
    program = trace(lambda x: x * 2.0, [1.0])
    with pytest.raises(ValueError, match="a Program has no numbers to step through"):
        viz.draw(program).page()


def test_a_program_with_numbers_has_one(show):
    page = show(viz.draw(trace(lambda x: x * 2.0, [1.0], names=["x"]), values=[4.0]))
    page.evaluate("livePage.set('x', 5)")
    assert page.evaluate("livePage.value(livePage.keys.at(-1))") == 10


def test_the_door_of_a_page_says_which_name_it_does_not_know(show):
    page = show(viz.draw(lesson()))
    with pytest.raises(Exception, match="the page has no node zz"):
        page.evaluate("livePage.value('zz')")
    with pytest.raises(Exception, match="c is computed: only a leaf can be set"):
        page.evaluate("livePage.set('c', 1)")


def test_a_graph_too_large_for_a_page_is_refused():
    with pytest.raises(ValueError, match="2,000 functions; a live page shows up to 1,500"):
        viz.draw(viz_graphs.chain(2000)).page()


# ---------------------------------------------------------------- steps


def test_stepping_tells_the_formula_with_its_numbers(show):
    page = show(viz.draw(lesson()))
    page.keyboard.press("Home")
    assert text(page, "#step-title") == "Start"
    assert page.locator("#count").text_content() == "0 / 6"
    page.keyboard.press("ArrowRight")
    assert text(page, "#step") == "c = a + b = 3 + 5 = 8"
    page.click("#forth")
    assert text(page, "#step") == "L = c × k = 8 × 10 = 80"
    page.click("#forth")
    assert text(page, "#step").startswith("∂L/∂L = 1")
    page.click("#forth")
    assert "∂L/∂c += ∂L/∂L · dL/dc = 1 · 10 = 10" in text(page, "#step")
    assert "∂L/∂k += ∂L/∂L · dL/dk = 1 · 8 = 8" in text(page, "#step")
    page.click("#forth")
    assert "∂L/∂a += ∂L/∂c · dc/da = 10 · 1 = 10" in text(page, "#step")
    page.keyboard.press("ArrowRight")
    assert text(page, "#step") == "L = 80∂L/∂a = 10∂L/∂b = 10∂L/∂k = 8"
    assert page.locator("#forth").is_disabled()
    page.keyboard.press("ArrowLeft")
    assert text(page, "#step-title") == "Backward 2 of 2 · add"


def test_what_is_not_reached_yet_is_a_dash(show):
    page = show(viz.draw(lesson()))
    assert labels(page, "v2-in") == ["8", "10"]
    page.keyboard.press("Home")
    assert labels(page, "v2-in") == ["–", "–"]
    assert labels(page, "f2-0") == ["3", "–"]
    assert page.locator("[id$='n-v2'] text").all_text_contents() == ["c", "–"]
    page.keyboard.press("ArrowRight")
    assert labels(page, "v2-in") == ["8", "–"]
    page.keyboard.press("End")
    assert labels(page, "f2-0") == ["3", "10 = 10·1"]


def test_the_sum_grows_at_a_fan_out(show):
    page = show(viz.draw(fan_out()))
    total = page.locator("[id$='t-v0'] text")
    seen = []
    page.keyboard.press("Home")
    for _ in range(int(page.locator("#steps").get_attribute("max")) + 1):
        seen.append(" ".join(total.all_text_contents()).strip())
        page.keyboard.press("ArrowRight")
    assert list(dict.fromkeys(seen)) == ["∂ –", "∂ 1 = 1 + …", "∂ 7 = 3 + 3 + 1"]
    page.evaluate("livePage.go(4)")
    assert "∂y/∂x = 1 so far, more to come" in text(page, "#step")
    page.evaluate("livePage.go(5)")
    assert "∂y/∂x = 1 + 3 + 3 = 7" in text(page, "#step")


def test_play_and_pause(show):
    page = show(viz.draw(lesson()))
    page.click("#play")
    assert page.locator("#play").get_attribute("aria-label") == "Pause"
    until(page, "document.querySelector('#steps').value >= 1")
    page.click("#play")
    assert page.locator("#play").get_attribute("aria-label") == "Play"


def test_a_click_on_a_node_goes_there(show):
    page = show(viz.draw(lesson()))
    page.click("[id$='n-f4']")
    assert text(page, "#step-title") == "Backward 1 of 2 · mul"
    page.click("#first")
    page.click("[id$='n-v2']")
    assert text(page, "#step-title") == "Forward 1 of 2 · add"


def test_the_slider_of_steps(show):
    page = show(viz.draw(lesson()))
    page.locator("#steps").fill("1")
    assert text(page, "#step-title") == "Forward 1 of 2 · add"
    page.focus("#steps")
    page.keyboard.press("ArrowRight")
    assert text(page, "#step-title") == "Forward 2 of 2 · mul"


# ---------------------------------------------------------------- numbers


def everything():
    """Most kinds of rows, well conditioned."""
    x, y, w = Value(0.7, "x"), Value(-1.3, "y"), parameter(0.4, "w")
    shares = softmax([x, y, w * x])
    parts = [
        tanh(x * w + 0.5), sigmoid(y), exp(x - y), log(x + 3.0), sqrt(x * x + 1.0), relu(y) + relu(x), gelu(x),
        silu(y), maximum(x, y), logsumexp([x, y, w]), affine([w, w], [x, y], 0.1), shares[0] * 2.0 + shares[2],
        x**3 / (y**2), where(x > 0.0, x * w, sqrt(y)), where(w, x, y), 2.0**x, abs(y),
    ]  # fmt: skip
    out = parts[0]
    for part in parts[1:]:
        out = out + part
    out.label = "out"
    return out, [x, y, w]


def compare(page, drawn, most=4):
    """Every value and gradient on the page against the eager engine."""
    quantities = model(drawn).quantities
    found = page.evaluate(
        "keys => keys.map(key => [livePage.value(key), livePage.gradient(key) ?? null])",
        [node.key for node in quantities],
    )
    for node, (value, grad) in zip(quantities, found, strict=True):
        assert ulps(value, node.data) <= most
        if node.role != "constant":
            assert (grad is None) == (node.grad is None)
            assert grad is None or ulps(grad, node.grad) <= most


def test_every_number_is_python_s(show):
    out, _ = everything()
    out.backward()
    compare(show(viz.draw(out)), out)


@pytest.mark.parametrize(("key", "index", "x"), [("x", 0, 1.25), ("y", 1, -0.35), ("w", 2, 0.0), ("w", 2, -2.5)])
def test_a_changed_input_changes_every_number_as_in_python(show, key, index, x):
    out, _ = everything()
    page = show(viz.draw(out))
    page.evaluate("([key, x]) => livePage.set(key, x)", [key, x])
    again = rebuilt(out, key, x)
    again.backward()
    compare(page, again)


def rebuilt(out, label, x):
    """The same recorded operations on another number: what was chosen stays chosen."""
    made = {}
    family = {}
    for node in topological_order(out):
        if node.is_leaf:
            copy = parameter(node.data, node.label) if node.is_parameter else Value(node.data, node.label)
            if node.label == label:
                copy.data = x
            elif node.is_constant:
                copy.tag = node.tag
        else:
            parents = tuple(made[parent] for parent in node.parents)
            if node.op.index is None:
                args = tuple(p.data if i in node.op.static and p.is_constant else p for i, p in enumerate(parents))
                copy = node.op(*args) if node.op.arity is not None else Value.__apply__(node.op, parents)
            else:
                key = (node.op.name, parents)
                family.setdefault(key, Value.__apply__(PRIMITIVES[node.op.name], parents))
                copy = family[key][node.op.index]
            copy.label = node.label
        made[node] = copy
    return made[out]


def told(svg):
    """What every text of a drawing says, by what it shows; what stands over a line as if it stood below it."""
    found = {}
    for key, what, inside in re.findall(r'data-shows="(\S+) (\w+)"[^>]*>(.*?)</text>', svg):
        words = html.unescape(re.sub("<[^>]*>", "", inside))
        if what == "over":
            what, words = "why", re.sub(r"^(\S+) ([=≈])$", r"\2 \1", words)
        if words:
            found[key, what] = words
    return found


FOLLOWED = {
    "neuron": (viz_graphs.neuron, "x₁", -0.4), "weighted": (viz_graphs.weighted, "w1", 2.5),
    "branches": (viz_graphs.branches, "x", 0.7), "chain": (partial(viz_graphs.mixed_chain, 20), "x", -1.75),
    "fan": (partial(viz_graphs.fan, 8), "x", 1.3), "tangle": (partial(viz_graphs.tangle, 20, 1), "x0", 1.11),
    "softmax": (viz_graphs.likelihood, "z2", 3.25), "states": (viz_graphs.states, "x", 1.5),
    "cards": (partial(viz_graphs.network, [2, 3, 1]), "x0", -2.0), "newton": (partial(viz_graphs.newton, 4), "a", 5.0),
    "layers": (partial(viz_graphs.network, [2, 12, 12, 1]), "x0", 0.25),
    "folds": (partial(viz_graphs.tangle, 190, 2), "x1", -0.2),
}  # fmt: skip


@pytest.mark.parametrize("name", FOLLOWED)
def test_every_text_follows_as_a_fresh_drawing_would_write_it(show, name):
    make, label, x = FOLLOWED[name]
    out = make()
    page = show(viz.draw(out))
    again = rebuilt(out, label, x)
    again.backward()
    page.evaluate("([label, x]) => livePage.set(label, x)", [label, x])
    now = told(page.locator(".view:not([hidden]) svg").evaluate("svg => svg.outerHTML"))
    fresh = told(viz.draw(again).svg)
    both = now.keys() & fresh.keys()
    assert len(both) >= 5
    assert len(both) > 0.9 * len(fresh)
    assert {key: now[key] for key in both} == {key: fresh[key] for key in both}


def test_extremes_are_python_s(show):
    page = show(viz.draw(viz_graphs.states()))
    fresh = viz_graphs.states()
    compare(page, fresh)
    assert "重み" in page.content()


def test_the_python_side_agrees_too():
    graph = viz_graphs.tangle(60, 3)
    scalars = model(graph)
    found = evaluate(scalars, live_graph(scalars))
    assert [node.data for node in scalars.quantities] == list(found[: len(scalars.quantities)])


def test_a_branch_that_a_value_chooses_follows_it(show):
    c, x, y = Value(1.0, "c"), Value(3.0, "x"), Value(4.0, "y")
    out = where(c, x * 2.0, y * 5.0)
    page = show(viz.draw(out))
    assert page.evaluate(
        "[livePage.value(livePage.keys.at(-1)), livePage.gradient('x'), livePage.gradient('y') ?? null]"
    ) == [6, 2, None]
    page.evaluate("livePage.set('c', 0)")
    assert page.evaluate(
        "[livePage.value(livePage.keys.at(-1)), livePage.gradient('x') ?? null, livePage.gradient('y')]"
    ) == [20, None, 5]


def test_a_choice_made_in_python_is_said(show):
    x = Value(2.0, "x")
    page = show(viz.draw(where(x > 0.0, x * 3.0, x)))
    assert "A comparison chose between branches" in text(page, "#notes")
    page.evaluate("livePage.set('x', -1)")
    assert page.evaluate("livePage.value(livePage.keys.at(-1))") == -3
    assert "Python if chose" in text(page, ".help")
    assert not text(show(viz.draw(lesson())), "#notes")


def test_earlier_passes_do_not_show(show):
    x = Value(3.0, "x")
    (x * 5.0).backward()
    out = x * x
    out.backward()
    assert show(viz.draw(out)).evaluate("livePage.gradient('x')") == 6


def test_a_primitive_without_javascript_shows_the_recorded_numbers(show, table):
    cube = primitive("cube", lambda x: x * x * x, lambda x, out: 3.0 * x * x)
    out = cube(Value(2.0, "x"))
    page = show(viz.draw(out))
    assert page.evaluate("[livePage.value('v1'), livePage.gradient('x')]") == [8, 12]
    assert "'cube' has no spelling for target 'javascript'" in text(page, "#notes")
    assert page.locator("#leaves input").is_disabled()


def test_several_outputs_are_differentiated_one_at_a_time(show):
    x = Value(2.0, "x")
    a, b = x * 3.0, x * x
    a.label, b.label = "a", "b"
    page = show(viz.draw([a, b]))
    assert page.evaluate("livePage.gradient('x')") == 3
    page.select_option("#output", label="b")
    assert page.evaluate("livePage.gradient('x')") == 4
    assert page.evaluate("livePage.gradient('a') ?? null") is None


# ---------------------------------------------------------------- changing inputs


def test_typing_a_number(show):
    page = show(viz.draw(lesson()))
    page.click("#leaves input >> nth=0")
    page.fill("#leaves input >> nth=0", "7")
    assert labels(page, "v2-in") == ["12", "10"]
    assert page.locator("[id$='n-v0'] text").all_text_contents() == ["a", "7"]
    assert labels(page, "f4-1") == ["10", "12 = 1·12"]
    page.fill("#leaves input >> nth=0", "−1,5e1")
    assert page.evaluate("livePage.value('a')") == -15
    page.fill("#leaves input >> nth=0", "seven")
    assert page.locator("#leaves input >> nth=0").get_attribute("aria-invalid") == "true"
    assert page.evaluate("livePage.value('a')") == -15
    page.click("#reset-all")
    assert labels(page, "v2-in") == ["8", "10"]


def test_dragging_a_circle(show):
    page = show(viz.draw(lesson()))
    box = page.locator("[id$='n-v0']").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 30, y, steps=4)
    page.mouse.move(x + 60, y, steps=4)
    page.mouse.up()
    until(page, "livePage.value('a') > 3")
    a = page.evaluate("livePage.value('a')")
    assert page.evaluate("livePage.gradient('k')") == a + 5
    assert labels(page, "v2-in")[0] == number(a + 5)
    assert text(page, "#step-title") == "Complete"


def test_the_scrubber_under_a_selected_input(show):
    page = show(viz.draw(lesson()))
    assert not page.locator("#scrubber").is_visible()
    page.click("[id$='n-v1']")
    assert page.locator("#scrubber").is_visible()
    assert text(page, "#scrubber .entry") == "b ="
    page.locator("#scrubber-range").fill("-5")
    until(page, "livePage.value('b') === -5")
    assert page.input_value("#scrubber-number") == "−5"
    page.fill("#scrubber-number", "2")
    assert labels(page, "v2-in")[0] == "5"
    page.click("#scrubber-reset")
    until(page, "livePage.value('b') === 5")
    page.keyboard.press("Escape")
    assert not page.locator("#scrubber").is_visible()


def test_constants_can_be_changed_too(show):
    page = show(viz.draw(Value(3.0, "x") * 2.0))
    page.fill("#leaves .constant input", "4")
    assert page.evaluate("livePage.gradient('x')") == 4


# ---------------------------------------------------------------- pointing


def test_hovering_highlights_the_paths_and_ranks_them(show):
    page = show(viz.draw(fan_out()))
    page.hover("[id$='n-v0']")
    assert "tracing" in page.locator(".view:not([hidden]) svg").get_attribute("class")
    assert text(page, "#node-title") == "input x"
    assert page.locator(".paths li").count() == 3
    products = page.locator(".paths .gradient").all_text_contents()
    assert products == ["3", "3", "1"]
    assert "Local derivatives" in text(page, "#node")
    page.hover("#first")
    assert "tracing" not in page.locator(".view:not([hidden]) svg").get_attribute("class")


def test_a_node_says_which_line_made_it(show):
    x = Value(2.0, "x")
    with source_lines():
        line = inspect.currentframe().f_lineno + 1
        y = x * x
    (y + 1.0).backward()
    page = show(viz.draw(y + 1.0))
    page.hover("[id$='n-f1']")
    assert text(page, ".source") == f"made at test_page.py:{line}"
    page.hover("[id$='n-v1']")
    assert text(page, ".source") == f"made at test_page.py:{line}"
    page.hover("[id$='n-v0']")
    assert page.locator(".source").count() == 0


def test_only_nodes_on_a_path_stay_bright(show):
    page = show(viz.draw(lesson()))
    page.hover("[id$='n-v3']")
    bright = page.locator("#drawing g.node.on").evaluate_all("all => all.map(g => g.id.split('-').pop())")
    assert sorted(bright) == ["f4", "v3", "v4"]


def test_a_function_shows_its_local_derivatives(show):
    page = show(viz.draw(lesson()))
    page.hover("[id$='n-f4']")
    assert text(page, "#node-title") == "mul"
    assert "dL/dc = 10 at c = 8" in text(page, "#node")
    assert "partials b, a" in text(page, "#node")


def test_a_tap_selects(show):
    page = show(viz.draw(lesson()), width=360, height=740, has_touch=True)
    page.tap("[id$='n-v0']")
    assert page.locator("#scrubber").is_visible()
    assert text(page, "#node-title") == "input a"


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_sticks_out_sideways(show, width):
    page = show(viz.draw(viz_graphs.neuron()), width=width)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


# ---------------------------------------------------------------- reading and keys


def test_nodes_are_named_and_reached_in_the_order_of_computation(show):
    page = show(viz.draw(lesson()))
    page.wait_for_selector("g.node[aria-label]")
    page.focus(".skip")
    for _ in range(4):  # copy, theme
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('g.node')"):
            break
    seen = []
    for _ in range(7):
        seen.append(page.evaluate("document.activeElement.getAttribute('aria-label')"))
        page.keyboard.press("Tab")
    assert seen == [
        "input a, value 3, gradient 10", "input b, value 5, gradient 10", "add of a, b",
        "result c, value 8, gradient 10",
        "input k, value 10, gradient 8", "mul of c, k", "output L, value 80, gradient 1",
    ]  # fmt: skip


def test_keys_on_a_node(show):
    page = show(viz.draw(lesson()))
    page.focus("[id$='n-v0']")
    page.keyboard.press("ArrowUp")
    until(page, "livePage.value('a') > 3")
    page.keyboard.press("Enter")
    assert page.locator("#scrubber").is_visible()
    page.focus("[id$='n-f2']")
    page.keyboard.press("Enter")
    assert text(page, "#step-title") == "Backward 2 of 2 · add"


def test_the_step_is_announced(show):
    page = show(viz.draw(lesson()))
    assert page.locator("#step").get_attribute("aria-live") == "polite"
    assert page.locator("#steps").get_attribute("aria-valuetext") == "Complete"
    unnamed = page.locator("button").evaluate_all(
        "all => all.filter(b => !(b.getAttribute('aria-label') || b.textContent.trim())).length"
    )
    assert unnamed == 0


def test_less_motion_for_those_who_want_less(show):
    page = show(viz.draw(lesson()), reduced_motion="reduce")
    assert page.evaluate("getComputedStyle(document.querySelector('.cursor')).transitionDuration") == "0s"


# ---------------------------------------------------------------- theme, copy, escaping


def background(page):
    return page.evaluate("getComputedStyle(document.documentElement).backgroundColor")


def circle(page):
    return page.evaluate("getComputedStyle(document.querySelector('#drawing .value')).fill")


def test_themes(show):
    page = show(viz.draw(lesson(), theme="auto"), color_scheme="dark")
    assert (background(page), circle(page)) == ("rgb(15, 23, 32)", "rgb(18, 49, 77)")
    page.emulate_media(color_scheme="light")
    assert background(page) == "rgb(255, 255, 255)"
    until(page, "getComputedStyle(document.querySelector('#drawing .value')).fill === 'rgb(220, 235, 250)'")
    page.check("#themes [value=dark]", force=True)
    assert (background(page), circle(page)) == ("rgb(15, 23, 32)", "rgb(18, 49, 77)")
    assert circle(show(viz.draw(lesson(), theme="dark"))) == "rgb(18, 49, 77)"


def test_copying_the_picture(show, browser):
    page = show(viz.draw(lesson()), permissions=["clipboard-read", "clipboard-write"])
    page.fill("#leaves input >> nth=0", "7")
    page.hover("[id$='n-v0']")
    page.click("#copy")
    until(page, "document.querySelector('#copy').textContent === 'Copied'")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("<svg ")
    assert ">12</text>" in copied
    assert not re.search("cursor|tabindex|waiting|tracing|aria-hidden", copied)
    plain = browser.new_page()
    plain.set_content(copied)
    assert plain.locator("svg").bounding_box()["width"] > 500
    plain.close()


LABELS = [
    "</script><script>alert(1)</script>", "]]>", "\"'`", "重み", "مرحبا", "<img src=x onerror=alert(1)>", "a\u2028b",
    "<!--", "{{title}}", "\\u003c", "&lt;", "${x}", "__proto__", "constructor",
]  # fmt: skip


@pytest.mark.parametrize("start", range(0, len(LABELS), 5))
def test_labels_are_shown_and_never_run(show, start):
    some = LABELS[start : start + 5]
    leaves = [Value(2.0 + i, label) for i, label in enumerate(some)]
    out = leaves[0] * 1.0
    for leaf in leaves[1:]:
        out = out * leaf
        out.label = leaf.label + "*"
    page = show(viz.draw(out))
    assert page.locator("#leaves .input .name").all_text_contents() == [" ".join(label.split()) for label in some]
    for i, label in enumerate(some):
        page.hover(f".leaf.node-input >> nth={i}")
        assert text(page, "#node-title") == f"input {' '.join(label.split())}"
    assert page.locator("script").count() == 2
    assert page.evaluate("livePage.value(livePage.keys.at(-1))") == math.prod(leaf.data for leaf in leaves)
    until(page, "document.querySelector('g.node').getAttribute('aria-label') !== null")
    assert (
        page.locator("g.node-input").first.get_attribute("aria-label").startswith(f"input {' '.join(some[0].split())}")
    )


@pytest.mark.parametrize("width", [390, 900])
@pytest.mark.parametrize("graph", [lesson, viz_graphs.neuron, lambda: viz_graphs.tangle(60, 1)])
def test_the_whole_graph_is_in_view_at_first(show, width, graph):
    page = show(viz.draw(graph()), width=width, height=800)
    stage = page.locator("#drawing").bounding_box()
    for box in page.locator(".view:not([hidden]) g.node").evaluate_all(
        "all => all.map((each) => each.getBoundingClientRect()).map(({ x, y, width, height }) => [x, y, width, height])"
    ):
        assert stage["x"] - 1 <= box[0]
        assert box[0] + box[2] <= stage["x"] + stage["width"] + 1
        assert stage["y"] - 1 <= box[1]
        assert box[1] + box[3] <= stage["y"] + stage["height"] + 1


def test_a_crowd_has_a_map_and_a_search(show):
    page = show(viz.draw(viz_graphs.tangle(60, 1)))
    page.check("#levels [value=lesson]", force=True)
    assert page.locator("#map").is_hidden()  # everything is in sight
    page.fill("#find", "x1")
    page.keyboard.press("Enter")
    assert text(page, "#node-title") == "input x1"
    until(page, "!document.getElementById('map').hidden")
    view = page.locator(".view:not([hidden]) svg").get_attribute("viewBox")
    box = page.locator("#map").bounding_box()
    page.mouse.click(box["x"] + box["width"] - 3, box["y"] + box["height"] / 2)
    assert page.locator(".view:not([hidden]) svg").get_attribute("viewBox") != view
    page.fill("#find", "nobody")
    page.locator("#find").blur()
    assert page.get_attribute("#find", "aria-invalid") == "true"
    assert show(viz.draw(lesson())).locator("#search").is_hidden()


def test_undo_and_redo(show):
    page = show(viz.draw(lesson()))
    page.fill("#leaves input >> nth=0", "7")
    page.fill("#leaves input >> nth=1", "1")
    assert page.evaluate("livePage.value('L')") == 80
    page.click("#undo")
    assert page.evaluate("[livePage.value('a'), livePage.value('b')]") == [7, 5]
    page.locator("h1").click()
    page.keyboard.press("Control+z")
    assert page.evaluate("livePage.value('a')") == 3
    assert page.locator("#undo").is_disabled()
    page.keyboard.press("Control+Shift+z")
    page.click("#redo")
    assert page.evaluate("[livePage.value('a'), livePage.value('b')]") == [7, 1]
    assert labels(page, "v2-in")[0] == "8"


def test_the_title_follows_unless_it_was_given(show):
    page = show(viz.draw(Value(3.0) * Value(5.0) + 1.0))
    assert page.title() == text(page, "h1") == "3×5+1 = 16"
    page.fill("#leaves input >> nth=0", "-4")
    assert page.title() == text(page, "h1") == "−4×5+1 = −19"
    until(page, "document.querySelector('.view:not([hidden]) svg desc').textContent.startsWith('At changed inputs: ')")
    page = show(viz.draw(lesson(), title="A lesson"))
    page.fill("#leaves input >> nth=0", "7")
    assert text(page, "h1") == "A lesson"


def test_paper_is_light_whatever_the_theme(show):
    page = show(viz.draw(lesson(), theme="dark"), color_scheme="dark")
    page.emulate_media(media="print")
    assert (background(page), circle(page)) == ("rgb(255, 255, 255)", "rgb(220, 235, 250)")
    assert page.locator("#controls").is_hidden()


def test_what_is_said_aloud_has_four_digits(show):
    page = show(viz.draw(exp(Value(1.0, "x"))))
    page.wait_for_selector("g.node[aria-label]")
    said = page.locator("g.node").evaluate_all("all => all.map((each) => each.getAttribute('aria-label'))")
    assert said[0] == "input x, value 1, gradient 2.718"


# ---------------------------------------------------------------- functions that show themselves, and pushes


def test_a_function_of_one_operand_shows_its_curve_and_tangent(show):
    x = Value(0.5, "x")
    page = show(viz.draw(tanh(x) * x**3))
    for key, slope in (("f1", 1.0 - math.tanh(0.5) ** 2), ("f2", 3 * 0.25)):
        page.hover(f"[id$='n-{key}']")
        assert float(page.get_attribute(".tangent", "data-slope")) == pytest.approx(slope)
        assert f"the local derivative, {number(slope)}" in text(page, ".shape figcaption")
    page.hover("[id$='n-f1']")
    before = page.get_attribute(".tangent", "x2")
    page.evaluate("livePage.set('x', 2)")
    assert page.get_attribute(".tangent", "x2") != before
    assert float(page.get_attribute(".tangent", "data-slope")) == pytest.approx(1.0 - math.tanh(2.0) ** 2)


def test_products_choices_and_shares_show_themselves(show):
    x, y = Value(2.0, "x"), Value(-3.0, "y")
    page = show(viz.draw(maximum(x, y) * softmax([x, y])[0]))
    keys = {node.name: node.key for node in model(maximum(x, y) * softmax([x, y])[0]).functions}
    page.hover(f"[id$='n-{keys['maximum']}']")
    assert page.locator(".shape .closed-switch").count() == 1
    assert text(page, ".shape figcaption").startswith("x passes")
    page.evaluate("livePage.set('y', 5)")
    assert text(page, ".shape figcaption").startswith("y passes")
    page.hover(f"[id$='n-{keys['mul']}']")
    assert page.locator(".shape .strip").count() == 2
    page.hover(f"[id$='n-{keys['softmax']}']")
    assert page.locator(".shape .bar-of-share").count() == 2  # the share that is used, and the others'


def test_a_push_shows_what_happened_beside_what_the_derivative_predicts(show):
    x = Value(3.0, "x")
    out = x * x * x
    out.label = "y"
    page = show(viz.draw(out))
    page.click("#nudge")
    page.select_option("#epsilon", "0.1")
    told = page.locator(f"[data-shows^='{model(out).quantities[0].key} ']").all_text_contents()
    assert told == ["+0.1", "+0.1", ""]
    told = page.locator(f"[data-shows^='{model(out).quantities[-1].key} ']").all_text_contents()
    assert told == [f"+{number(3.1**3 - 27)}", "+2.7"]
    assert "predicts +2.7" in text(page, "#nudged")
    assert f"The gap, +{number(3.1**3 - 27 - 2.7)}" in text(page, "#nudged")
    page.evaluate("livePage.set('x', 1)")
    assert "predicts +0.3" in text(page, "#nudged")
    page.click("#nudge")
    assert page.locator("#nudged").is_hidden()
    assert page.locator(f"[data-shows^='{model(out).quantities[-1].key} ']").all_text_contents() == ["1", "∂ 1"]


def test_zoom_and_fit(show):
    page = show(viz.draw(viz_graphs.tangle(60, 1)))
    start = page.locator(".view:not([hidden]) svg").get_attribute("viewBox")
    page.click("#zoom-in")
    assert page.locator(".view:not([hidden]) svg").get_attribute("viewBox") != start
    page.click("#zoom-fit")
    page.wait_for_timeout(400)
    wide = float(page.locator(".view:not([hidden]) svg").get_attribute("viewBox").split()[2])
    assert wide >= page.evaluate("Number(document.querySelector('.view:not([hidden]) svg').getAttribute('width')) - 1")


def test_a_large_graph_follows_the_step(show):
    graph = viz_graphs.tangle(130, 1)
    page = show(viz.draw(graph))
    page.check("#levels [value=lesson]", force=True)
    page.evaluate("livePage.go(60)")
    page.wait_for_timeout(400)
    box, stage = page.locator(".view:not([hidden]) .cursor").bounding_box(), page.locator("#drawing").bounding_box()
    assert stage["x"] <= box["x"] <= stage["x"] + stage["width"]
    assert stage["y"] <= box["y"] <= stage["y"] + stage["height"]


# ---------------------------------------------------------------- levels of detail


def network(*sizes):
    """A small network on two numbers, and its squared error."""
    model_ = nn.network(sizes[0], ", ".join(f"{size}:tanh" for size in sizes[1:]), rng=0)
    out = model_([Value(0.8, "x₁"), Value(-0.4, "x₂")])
    loss = ((out[0] if isinstance(out, list) else out) - 1.0) ** 2
    loss.label = "L"
    return loss


def shown(page):
    return page.locator(".view:not([hidden])").get_attribute("data-level")


def test_levels_of_detail(show):
    page = show(viz.draw(network(2, 3, 1)))
    assert shown(page) == "cards"
    assert page.locator("#levels label").all_text_contents() == ["Scalars", "Cards", "Heat"]
    page.check("#levels [value=heat]", force=True)
    assert shown(page) == "heat"
    page.check("#levels [value=lesson]", force=True)
    assert shown(page) == "lesson"
    assert page.locator(".view:not([hidden]) g.node").count() > 20
    assert show(viz.draw(lesson())).locator("#levels").is_hidden()


def test_numbers_in_cards_follow(show):
    loss = network(2, 3, 1)
    page = show(viz.draw(loss))
    key = next(node.key for node in model(loss).quantities if node.role == "parameter")
    fresh = rebuilt(loss, next(node.label for node in model(loss).quantities if node.role == "parameter"), 1.5)
    fresh.backward()
    page.evaluate("([key, x]) => livePage.set(key, x)", [key, 1.5])
    cards = model(fresh)
    values = {number(node.data) for node in cards.quantities if node.role == "parameter"}
    grads = {f"∂ {number(node.grad)}" for node in cards.quantities if node.role == "parameter"}
    texts = set(page.locator(".view:not([hidden]) .node-card text").all_text_contents())
    assert values | grads <= texts


def test_a_card_opens_to_its_scalars(show):
    page = show(viz.draw(network(2, 3, 1)))
    page.locator(".view:not([hidden]) [data-box] >> nth=0").locator(".function-text >> nth=0").click()
    assert text(page, "#node-title").startswith("Affine → tanh")
    assert page.locator(".scalars tr").count() == 4  # two weights, a bias and the result
    page.click("#open")
    assert shown(page) == "cards"
    inset = page.locator(".view:not([hidden]) g.inset")
    assert inset.locator("g.node-parameter").count() == 3
    assert inset.locator("g.node-function").count() == 2
    box, stage = inset.locator(".inset-ground").bounding_box(), page.locator("#drawing").bounding_box()
    assert stage["x"] - 1 <= box["x"]
    assert box["x"] + box["width"] <= stage["x"] + stage["width"] + 1
    inset.locator("g.node-parameter >> nth=0").click()
    assert text(page, "#node-title").startswith("parameter")
    page.fill("#scrubber-number", "0.125")
    assert "0.125" in inset.locator("g.node-parameter >> nth=0").text_content()
    page.keyboard.press("Escape")
    inset.locator(".inset-close").click()
    assert inset.count() == 0


def test_a_heat_cell_is_its_scalar(show):
    loss = network(2, 4, 1)
    page = show(viz.draw(loss, detail="heat"))
    cell = page.locator(".view:not([hidden]) rect[data-node] >> nth=0")
    before = cell.get_attribute("class")
    cell.click()
    assert text(page, "#node-title").startswith("parameter")
    assert page.locator("#scrubber").is_visible()
    page.fill("#scrubber-number", "-9")
    assert cell.get_attribute("class").split()[0] == "heat-24" != before.split()[0]


def test_a_heat_cell_opens_to_its_card_and_on_to_its_scalars(show):
    page = show(viz.draw(network(2, 4, 1), detail="heat"))
    before = page.locator(".view:not([hidden]) > svg > g").count()
    page.locator(".view:not([hidden]) rect[data-node] >> nth=0").dblclick()
    card = page.locator("g.inset g.node-card")
    assert card.count() == 1
    assert shown(page) == "heat"
    assert page.locator(".view:not([hidden]) > svg > g").count() == before + 1
    key = page.locator(".view:not([hidden]) rect[data-node] >> nth=0").get_attribute("data-shows").split()[0]
    page.evaluate("([key, x]) => livePage.set(key, x)", [key, 0.625])
    assert "0.625" in card.text_content()
    card.locator(".function-text >> nth=0").dblclick()
    assert page.locator("g.inset").count() == 2
    assert page.locator("g.inset g.node-parameter").count() == 3


def test_a_folded_expression_says_what_it_is(show):
    page = show(viz.draw(viz_graphs.tangle(60, 1), detail="heat"))
    page.locator(".view:not([hidden]) [data-box] >> nth=0").focus()
    page.keyboard.press("Enter")
    assert "the level Scalars shows what is inside" in text(page, "#node")


def test_lines_of_weights_and_numbers_of_vectors_follow(show):
    graph = viz_graphs.classified()
    page = show(viz.draw(graph, "neurons", engine="wasm"))
    names = page.locator("#levels span").all_text_contents()
    assert (names, page.locator("#levels input:checked").get_attribute("value")) == (
        ["Scalars", "Cards", "Neurons", "Heat"], "neurons",
    )  # fmt: skip
    edges = [edge for edge in viz.draw(graph, "neurons", engine="wasm").model.edges if edge.weight]
    edge, largest = edges[0], max(abs(each.data) for each in edges)
    line = f".view[data-level=neurons] [id$='-e-{edge.key}'] path"
    page.evaluate("([key, x]) => livePage.set(key, x)", [edge.weight, -0.5 * largest])
    assert float(page.eval_on_selector(line, "path => path.style.strokeWidth")) == pytest.approx(0.6 + 2.2)
    assert page.get_attribute(line, "class") == "negative"
    page = show(viz.draw(graph, "vectors", engine="wasm"))
    page.evaluate("livePage.set('x₁', 3)")
    shown = page.locator(".view[data-level=vectors] [id$='-n-vector0'] text[data-shows]").all_text_contents()
    assert shown[0] == "3"
    assert shown[1] == f"∂ {number(page.evaluate('livePage.gradient(`x₁`)'))}"


def test_constants_in_the_formula_of_a_box_follow(show):
    drawing = viz.draw(viz_graphs.fan(8), "cards")
    page = show(drawing)
    three = next(node.key for node in drawing.scalars.quantities if node.data == 3.0 and node.role == "constant")

    def written():
        return [text for text in page.locator(".view:not([hidden]) svg text").all_text_contents() if "sin" in text]

    assert "sin(x × 3)" in written()
    page.evaluate("key => livePage.set(key, -2.5)", three)
    assert {"sin(x × (−2.5))", "sin(x × 5)"} < set(written())
    assert "sin(x × 3)" not in written()
    name = "[...document.querySelectorAll('.view:not([hidden]) [data-box]')].map((box) => box.ariaLabel).join()"
    until(page, f"{name}.includes('sin(x × (−2.5)), folded')")
    assert "sin(x × 3)" not in page.evaluate(name)
    page.evaluate("key => livePage.set(key, 3)", three)
    assert "sin(x × 3)" in written()
