"""Numbers of the pages are written as those of the drawings: the one rule stands in two languages."""

import json
import math
import subprocess

from tests.support.node import needs_node
from viz.style.typeset import number
from viz.web.document import bundled

NUMBERS = [
    0.0, -0.0, 1.0, -3.0, 0.5, 0.125, 2.5, 0.0625, 123456.0, 999999.0, 1e6, 1234567.0, 0.001, 0.0001234, 0.00012345,
    1e-7, -0.61702, 99999.5, 12345.678, 1.00005, 9.9995, 9.99949, 0.99949, 0.9995, 0.99951, 1e300, 5e-324, 1 / 3, 1e15,
    2.00049999, 1.0005, 1000.5, 100.25, 1000.25, 0.1005, 31.25, math.inf, -math.inf, math.nan, math.pi * 1e4,
]  # fmt: skip


@needs_node
def test_numbers_are_written_as_in_the_drawings():
    script = bundled("web/assets/numbers.js") + (
        "\nconst xs = JSON.parse(process.argv[1]).map(Number);console.log(JSON.stringify(xs.map(number)));"
    )
    given = json.dumps([repr(x).replace("inf", "Infinity").replace("nan", "NaN") for x in NUMBERS])
    done = subprocess.run(["node", "-e", script, given], check=True, capture_output=True, text=True)
    assert json.loads(done.stdout) == [number(x) for x in NUMBERS]
