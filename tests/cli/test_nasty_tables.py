"""Tables as people have them: each trains, or is refused with status 2 and one line that names what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograd_mini.cli import main
from tests.support.nasty_tables import TABLES


def test_there_are_many() -> None:
    assert len(TABLES) > 90
    assert sum(said.startswith("error: ") for _, _, said in TABLES.values()) > 40


@pytest.mark.long
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", TABLES)
def test_a_table_trains_or_is_refused_in_a_line(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    text, options, said = TABLES[name]
    Path("t.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    status = main(["train", "t.csv", "--epochs", "2", "--no-figures", "--out", "run", *options.split()])
    told = capsys.readouterr()
    if said.startswith("error: "):
        assert (status, told.err.count("\n"), told.out) == (2, 1, "")
        assert told.err.startswith("autograd-mini train: error: ")
        assert said.removeprefix("error: ") in told.err
        assert not Path("run").exists()
    else:
        assert (status, told.err) == (0, "")
        assert said in told.out
        assert "held out" in told.out
