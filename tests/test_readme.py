"""Every Python snippet of the README runs, in order, and prints what it says it prints."""

import doctest
import re
from pathlib import Path

import pytest

README = (Path(__file__).parent.parent / "README.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)


def test_the_readme_opens_with_the_two_commands_and_a_picture():
    top = README[: README.index("```python")]
    assert top.index("make demo") < top.index("make test") < top.index("![")


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_snippet(number, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    block = BLOCKS[number]
    if ">>>" not in block:
        exec(compile(block, f"README block {number}", "exec"), {})
        return
    test = doctest.DocTestParser().get_doctest(block, {}, f"README block {number}", "README.md", 0)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    said: list[str] = []
    runner.run(test, out=said.append)
    assert runner.failures == 0, "".join(said)
