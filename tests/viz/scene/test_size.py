"""The expected size of a picture against the size that it has."""

import pytest

from tests.support import viz_graphs
from viz.graph.make import model
from viz.levels.ladder import view
from viz.scene.compact import compact
from viz.scene.picture import picture
from viz.scene.size import of_classical, of_compact

GRAPHS = {
    "chain": lambda: viz_graphs.chain(40),
    "fan": lambda: viz_graphs.fan(30),
    "neuron": viz_graphs.neuron,
    "network": lambda: viz_graphs.network([2, 4, 1]),
}


@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.parametrize("detail", ["lesson", "cards"])
def test_the_expectation_is_about_right(name, detail):
    shown = view(model(GRAPHS[name]()), detail)
    expected, found = of_classical(shown.model), picture(shown.model, "", "")
    assert 0.75 < found.width / expected.width < 2.0
    if expected.height > 300.0:  # of a long chain the notes are most of the height
        assert 0.5 < found.height / expected.height < 2.0
    expected, found = of_compact(shown.pieces), compact(shown.pieces, "", "")
    assert 0.6 < found.width / expected.width < 2.0
    assert 0.5 < found.height / expected.height < 3.0


def test_more_takes_longer():
    few, many = (of_compact(view(model(viz_graphs.chain(count)), "lesson").pieces) for count in (20, 100))
    assert few.seconds < many.seconds < 10.0
    assert few.height < many.height
