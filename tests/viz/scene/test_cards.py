import viz
from autograd_mini.engine.backward import topological_order
from tests.support import viz_graphs
from viz.graph.parts import Card
from viz.scene.marks.cards import card_box, row_height
from viz.scene.shapes import Group, Text


def drawing():
    return viz.draw(viz_graphs.network([2, 4, 4, 1]))


def groups(scene, kind):
    return [shape for shape in scene.walk() if isinstance(shape, Group) and shape.kind == kind]


def test_numbers_in_a_card_do_not_touch():
    for graph in (viz_graphs.neuron(), viz_graphs.network([3, 5, 1])):
        for card in groups(viz.draw(graph).scene, "node-card"):
            texts = [shape.box for shape in card.shapes if isinstance(shape, Text)]
            frame = card.shapes[0]
            for i, a in enumerate(texts):
                assert a[0] >= frame.x
                assert a[2] <= frame.x + frame.width
                assert all(min(a[2], b[2]) <= max(a[0], b[0]) or min(a[3], b[3]) - 3 <= max(a[1], b[1])
                           for b in texts[i + 1 :])  # fmt: skip


def test_edges_land_on_their_row():
    picture = drawing()
    cards = {f"n-{node.key}": node for node in picture.model.nodes if isinstance(node, Card)}
    frames = {group.key: group.shapes[0] for group in groups(picture.scene, "node-card")}
    ends = {group.key: group.shapes[0] for group in groups(picture.scene, "edge")}
    checked = 0
    for edge in picture.model.edges:
        card = cards.get(f"n-{edge.head}")
        if card is not None:
            frame, path = frames[f"n-{edge.head}"], ends[f"e-{edge.key}"]
            x, y = path.points[-1]
            assert abs(x - frame.x) < 0.01
            assert abs(y - (frame.y + row_height(card, edge.slot))) < 0.01
            checked += 1
    assert checked == 8 + 16 + 4


def test_width_is_the_gradient_and_colour_its_sign():
    picture = drawing()
    paths = {group.key: group.shapes[0] for group in groups(picture.scene, "edge")}
    inner = [edge for edge in picture.model.edges if paths[f"e-{edge.key}"].role in ("positive", "negative")]
    assert len(inner) == 28
    for edge in inner:
        assert (paths[f"e-{edge.key}"].role == "positive") == (edge.grad > 0)
    widths = [(abs(edge.grad), paths[f"e-{edge.key}"].thickness) for edge in inner]
    assert [w for _, w in sorted(widths)] == sorted(w for _, w in widths)


def test_cards_of_a_layer_stand_in_order_and_in_their_frame():
    picture = drawing()
    order = [node.key for node in picture.model.nodes if isinstance(node, Card)]
    tops = {group.key[2:]: group.shapes[0] for group in groups(picture.scene, "node-card")}
    assert [tops[key].y for key in order[:4]] == sorted(tops[key].y for key in order[:4])
    assert len({frame.width for frame in tops.values()}) == 1
    framed = [group.shapes[0] for group in groups(picture.scene, "frame depth-0")]
    assert len(framed) == 2
    for key in order[:4]:
        assert framed[0].x < tops[key].x
        assert framed[0].y < tops[key].y


def test_a_card_before_a_backward_pass():
    loss = viz_graphs.network([2, 3, 1])
    for value in topological_order(loss):
        value.zero_grad()
    picture = viz.draw(loss)
    assert "∂ –" in ["".join(span.text for span in s.spans) for s in picture.scene.walk() if isinstance(s, Text)]
    roles = {group.shapes[0].role for group in groups(picture.scene, "edge")}
    assert roles == {"edge"}


def test_size_grows_with_the_rows():
    cards = [node for node in drawing().model.nodes if isinstance(node, Card)]
    assert card_box(cards[4]).height - card_box(cards[0]).height == 2 * 17
