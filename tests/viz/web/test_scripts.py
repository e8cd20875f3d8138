"""The logic of the pages without a browser: Node runs the tests that stand beside these as *.test.js."""

import subprocess
from pathlib import Path

import pytest

from tests.support.node import needs_node

ROOT = Path(__file__).parents[3]
FILES = sorted(ROOT.glob("tests/**/*.test.js"))


def test_there_are_some():
    assert len(FILES) > 2


@needs_node
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_logic_of_the_scripts(path):
    done = subprocess.run(["node", "--test", path], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout[-4000:]
