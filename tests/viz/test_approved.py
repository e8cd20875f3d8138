"""Every kind of mark and every level looks as it was approved; a difference is shown line by line."""

from difflib import unified_diff

import pytest

from tests.approve import FOLDER, LEVELS, NODES, main, pictures


@pytest.fixture(scope="module")
def drawn():
    return pictures()


@pytest.mark.parametrize("name", [*NODES, *LEVELS])
def test_looks_as_approved(name, drawn):
    path = FOLDER / f"{name}.svg"
    assert path.exists(), f"no approved picture {path.name}: look at it, then run python -m tests.approve"
    diff = "\n".join(
        unified_diff(path.read_text().split("\n"), drawn[name].split("\n"), "approved", "drawn", "", "", 1)
    )
    assert not diff, f"{path.name} has changed; if it is meant, run python -m tests.approve\n{diff}"


def test_nothing_else_is_approved(drawn):
    assert {path.stem for path in FOLDER.glob("*.svg")} == set(drawn)


def test_approving_writes_what_changed(tmp_path, monkeypatch, capsys, drawn):
    monkeypatch.setattr("tests.approve.FOLDER", tmp_path)
    (tmp_path / "gone.svg").write_text("")
    (tmp_path / "square.svg").write_text("another")
    main()
    said = capsys.readouterr().out
    assert "removed  gone.svg" in said
    assert "changed  square.svg" in said
    assert "new      card.svg" in said
    assert (tmp_path / "square.svg").read_text() == drawn["square"]
    main()
    assert capsys.readouterr().out == ""
