from functools import cache, partial
from itertools import combinations

import pytest

import viz
from autograd_mini.engine.value import Value
from autograd_mini.primitives.table import tanh
from autograd_mini.program.record.trace import trace
from tests.support import viz_graphs
from viz.scene.shapes import Circle, Group, Path, Rect, Text, bounds


def texts(drawing):
    return [shape for shape in drawing.scene.walk() if isinstance(shape, Text)]


def overlap(a, b):
    return min(a[2], b[2]) - max(a[0], b[0]) > 0.5 and min(a[3], b[3]) - max(a[1], b[1]) > 0.5


def written(drawing):
    return ["".join(span.text for span in text.spans) for text in texts(drawing)]


SAMPLES = {
    "lesson": viz_graphs.lesson,
    "neuron": viz_graphs.neuron,
    "states": viz_graphs.states,
    "cards": partial(viz_graphs.network, [2, 4, 4, 1]),
    "layers": partial(viz_graphs.network, [2, 16, 16, 1]),
    "samples": partial(viz_graphs.network, [3, 6, 1], 20),
    "fold": partial(viz_graphs.tangle, 400, 4),
    "groups": viz_graphs.groups,
    **{f"{n} functions, {seed}": partial(viz_graphs.tangle, n, seed) for n in (8, 20, 40, 60) for seed in (1, 2, 3)},
}


@cache
def scene_of(name, engine="auto"):
    return viz.draw(SAMPLES[name](), engine=engine).scene


@pytest.mark.parametrize("engine", ["auto", "wasm"])
@pytest.mark.parametrize("name", SAMPLES)
def test_no_two_labels_overlap(name, engine):
    boxes = [shape.box for shape in scene_of(name, engine).walk() if isinstance(shape, Text)]
    clashes = [(a, b) for a, b in combinations(boxes, 2) if overlap(a, b)]
    assert not clashes


@pytest.mark.parametrize("name", SAMPLES)
def test_everything_stands_inside_the_picture(name):
    scene = scene_of(name)
    for shape in scene.walk():
        if isinstance(shape, Text):
            left, top, right, bottom = shape.box
            assert left >= 0 and top >= 0 and right <= scene.width and bottom <= scene.height  # noqa: PT018


def test_text_in_a_node_fits_its_shape():
    drawing = viz.draw(viz_graphs.states())
    for group in drawing.scene.walk():
        if isinstance(group, Group) and group.key.startswith("n-"):
            shape, *rest = group.shapes
            wide = 2 * shape.radius if isinstance(shape, Circle) else shape.width
            inside = [text for text in rest if isinstance(text, Text) and not text.halo]
            assert all(sum(span.width for span in text.spans) <= wide for text in inside)


def test_numbers_stand_above_and_below():
    drawing = viz.draw(viz_graphs.lesson())
    assert written(drawing)[8:20:2] == ["3", "5", "8", "8", "10", "80"]
    assert written(drawing)[9:20:2] == ["10 = 10·1", "10 = 10·1", "10", "10 = 1·10", "8 = 1·8", "1"]


def test_fan_out_shows_the_sum_of_its_terms():
    x = Value(3.0, "x")
    y = x * x + x
    y.backward()
    assert "∂ 7 = 3 + 3 + 1" in " ".join(written(viz.draw(y)))


def test_a_gradient_from_an_earlier_pass_is_named():
    x = Value(3.0, "x")
    (x * 5.0).backward()
    y = x * x
    y.backward()
    assert "∂ 11 = 3 + 3 + 5 before" in written(viz.draw(y))


def test_shared_intermediate_shows_the_sum_on_its_edge():
    x = Value(2.0, "x")
    z = x * 3.0
    y = z * z + z
    y.backward()
    assert "∂ 13 = 6 + 6 + 1" in " ".join(written(viz.draw(y)))


def test_not_computed_is_a_dash():
    found = written(viz.draw(Value(3.0, "x") + Value(4.0, "y")))
    assert found.count("–") == 4  # three edges and the legend
    assert "not computed yet" in found


def test_roles_look_different():
    drawing = viz.draw(viz_graphs.neuron(), detail="lesson")
    kinds = [group.kind for group in drawing.scene.walk() if isinstance(group, Group)]
    assert kinds.count("node-parameter") == 4
    assert kinds.count("node-output") == 1
    rings = [shape for shape in drawing.scene.walk() if isinstance(shape, Circle) and shape.role == "ring"]
    assert len(rings) == 5  # four parameters and the legend


def test_states_look_different_and_are_in_the_legend():
    drawing = viz.draw(viz_graphs.states())
    roles = {s.role for s in drawing.scene.walk() if isinstance(s, (Circle, Rect, Path))}
    assert {"asleep", "saturated", "warning", "untaken", "still"} <= roles
    found = written(drawing)
    for words in (
        "no gradient flows here",
        "gradient exactly 0",
        "saturated: slope below 0.01",
        "nan or infinite",
    ):
        assert words in found
    plain = written(viz.draw(viz_graphs.lesson()))
    assert "no gradient flows here" not in plain


def test_a_picture_that_is_too_wide_has_its_values_above_their_functions():
    small, large = viz.draw(viz_graphs.chain(2)), viz.draw(viz_graphs.chain(40))
    circles = [sum(isinstance(s, Group) and s.kind == "node-result" for s in d.scene.walk()) for d in (small, large)]
    assert circles == [1, 0]
    assert small.scene.width <= 900
    assert large.scene.width <= 900
    assert sum(words.startswith("v₄ = ") for words in written(large)) == 1


def test_groups_are_framed_inside_one_another():
    scene = viz.draw(viz_graphs.groups()).scene
    frames = [group for group in scene.walk() if isinstance(group, Group) and group.kind.startswith("frame")]
    assert [frame.title for frame in frames] == ["block", "block", "inner", "inner"]
    outer, inner = frames[0].shapes[0], frames[2].shapes[0]
    assert outer.x < inner.x
    assert outer.y < inner.y
    assert outer.x + outer.width > inner.x + inner.width
    assert outer.y + outer.height > inner.y + inner.height


def test_boxes_do_not_overlap():
    for name in ("cards", "layers", "samples", "fold", "groups"):
        scene = scene_of(name)
        groups = [shape for shape in scene.walk() if isinstance(shape, Group) and shape.key.startswith("n-")]
        boxes = [bounds(group.shapes[:1]) for group in groups]
        assert not [(a, b) for a, b in combinations(boxes, 2) if overlap(a, b)]


def test_a_program_shows_no_numbers():
    program = trace(lambda x, y: tanh(x * y) + x, [2.0, 3.0], ["x", "y"])
    found = written(viz.draw(program))
    assert "–" not in found
    assert "forward value (above)" not in found
    assert {"x", "y", "×", "tanh", "+"} <= set(found)


@pytest.mark.parametrize("name", SAMPLES)
def test_no_label_covers_a_node(name):
    scene = scene_of(name)
    groups = [shape for shape in scene.walk() if isinstance(shape, Group)]
    nodes = [bounds(group.shapes[:1]) for group in groups if group.key.startswith("n-")]
    labels = [text.box for group in groups if group.kind == "label" for text in group.shapes]
    assert not [(a, b) for a in labels for b in nodes if overlap((a[0], a[1] + 2, a[2], a[3] - 2), b)]


def test_operands_that_stand_in_another_order_are_numbered():
    x, y = Value(3.0, "x"), Value(5.0, "y")
    plain = written(viz.draw(x - y))
    assert "1st" not in plain
    late = (x * 2.0).tanh().exp()
    for graph in (y - late, late - y):
        drawing = viz.draw(graph)
        ends = {group.key: group.shapes[0].points for group in drawing.scene.walk()
                if isinstance(group, Group) and group.kind == "edge"}  # fmt: skip
        square = next(f.key for f in drawing.model.functions if f.name == "sub")
        heights = [ends[f"e-{edge.key}"][-2][1] for edge in drawing.model.edges if edge.head == square]
        assert (written(drawing).count("1st") == 1) == (heights[0] > heights[1])
        assert written(drawing).count("1st") == written(drawing).count("2nd")
