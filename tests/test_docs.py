"""The site's pages: their files are there, their figures are drawn by an example, their Python runs."""

from __future__ import annotations

import doctest
import importlib.util
import re
from pathlib import Path

import pytest

from autograd_mini.primitives import table
from tests.test_examples import FIGURES

ROOT = Path(__file__).parent.parent
PAGES = sorted((ROOT / "docs").rglob("*.md"))
DRAWN = {figure for figures in FIGURES.values() for figure in figures} | {
    f"D{i}{ending}" for i in range(1, 9) for ending in (".gif", ".png")
}
DRAWN |= {"scaling.png"}  # by benchmarks/scaling.py, which needs minutes


def of(page: Path) -> str:
    return str(page.relative_to(ROOT / "docs"))


@pytest.mark.parametrize("page", PAGES, ids=of)
def test_every_figure_is_drawn_by_an_example(page: Path) -> None:
    assert set(re.findall(r"figures/([\w.]+)\)", page.read_text(encoding="utf-8"))) <= DRAWN


def test_every_page_is_in_the_menu() -> None:
    menu = set(re.findall(r"[\w/-]+\.md", (ROOT / "mkdocs.yml").read_text(encoding="utf-8")))
    assert menu == {of(page) for page in PAGES}


def test_every_live_page_that_is_embedded_is_made_when_the_site_is_built() -> None:
    spec = importlib.util.spec_from_file_location("hooks", ROOT / "docs/hooks.py")
    assert spec is not None
    assert spec.loader is not None
    hooks = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hooks)
    embedded = {name for page in PAGES for name in re.findall(r"live/(\w+)(?:\.ja)?\.html", page.read_text("utf-8"))}
    assert embedded == {*hooks.graphs(), *hooks.runs()}
    page = hooks.on_page_markdown((ROOT / "docs/functions.md").read_text(encoding="utf-8"))
    assert "| `where(condition, a, b)` | " in page
    assert page.count("| `") == len(table.__all__)


ROWS = re.findall(r"^\| ([A-G]\d+) \|", (ROOT / "examples/README.md").read_text(encoding="utf-8"), re.MULTILINE)
LONG = {"b3", "c4", "d3", "d4", "d5", "d6", "g3"}  # pages whose program trains for seconds


@pytest.mark.parametrize("row", ROWS)
def test_every_system_has_a_page_in_both_languages(row: str) -> None:
    english, japanese = (
        (ROOT / f"docs/{folder}/{row.lower()}.md").read_text(encoding="utf-8") for folder in ("systems", "ja/systems")
    )
    table = (ROOT / "examples/README.md").read_text(encoding="utf-8")
    script, figures = re.findall(rf"^\| {row} \|.*\]\((\w+)\.py\) \| (.*) \|$", table, re.MULTILINE)[0]
    for page in (english, japanese):
        assert page.startswith(f"# {row}. ")
        assert f"examples/{script}.py" in page
        shown = re.findall(r"figures/([\w.]+)\)", page)
        assert shown
        assert set(shown) <= {each.strip() for each in figures.split(",")}, "the figures that the script draws for it"
    for fence in (r"```python\n(.*?)```", r"figures/([\w.]+)\)", r'live/(\w+)[.\w]*html"'):
        assert re.findall(fence, english, re.DOTALL) == re.findall(fence, japanese, re.DOTALL), "the same in both"
    assert not re.search(r"[ぁ-ん]", english)
    assert len(re.findall(r"[ぁ-ん]", japanese)) > 30


def test_the_systems_that_move_are_embedded() -> None:
    for row in ("A2", "D1", "D2", "D3", "D4", "D5", "D6", "D7", "D8", "F1", "F2", "F3", "G2", "G10", "G11"):
        page = (ROOT / f"docs/systems/{row.lower()}.md").read_text(encoding="utf-8")
        assert f'src="../../live/{row}.html"' in page or ".gif)" in page


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(
    "row", [pytest.param(row, marks=pytest.mark.slow) if row.lower() in LONG else row for row in ROWS]
)
def test_the_program_of_a_system_prints_what_its_page_says(row: str) -> None:
    text = (ROOT / f"docs/systems/{row.lower()}.md").read_text(encoding="utf-8")
    for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        test = doctest.DocTestParser().get_doctest(block, {}, row, f"{row.lower()}.md", 0)
        runner = doctest.DocTestRunner(verbose=False)
        runner.run(test)
        assert runner.summarize(verbose=False).failed == 0


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("name", ["docs/index.md", "docs/ja/index.md", "README.ja.md"])
def test_the_programs_of_a_page_run(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = (ROOT / name).read_text(encoding="utf-8")
    blocks = [block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if ">>>" not in block]
    assert blocks
    names: dict[str, object] = {}
    for block in blocks:
        exec(block, names)
    assert (tmp_path / "model.py").exists()


@pytest.mark.usefixtures("table")
def test_the_first_programs_of_the_how_to_run() -> None:
    pytest.importorskip("scipy", reason="scipy is in the examples extra")
    names: dict[str, object] = {}
    for block in re.findall(r"```python\n(.*?)```", (ROOT / "docs/howto.md").read_text(encoding="utf-8"), re.DOTALL):
        if "export" not in block:
            exec(block, names)
    assert names["fast"](0.0, 0.0)[0] == 1.0  # type: ignore[operator]
