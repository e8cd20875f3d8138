"""The page of evidence: it has a line for every claim, and a claim that fails is no line."""

import pytest

from tests import verify


def test_the_page_has_every_claim_and_nothing_else():
    assert list(verify.lines()) == [claim.command for claim in verify.CLAIMS]
    for claim, line in zip(verify.CLAIMS, verify.lines().values(), strict=True):
        assert line.startswith(f"| {claim.text} | ")


def test_a_figure_is_written_and_a_failure_is_not(tmp_path, monkeypatch, capsys):
    good = verify.Claim("good", "It adds", "python -c 'print(1 + 1, \"passed\")'", r"\d+ passed")
    bad = verify.Claim("bad", "It fails", "python -c 'import sys; print(\"3 passed\"); sys.exit(1)'", r"\d+ passed")
    monkeypatch.setattr(verify, "PAGE", tmp_path / "docs" / "page.md")
    monkeypatch.setattr(verify, "CLAIMS", (good, bad))
    assert verify.main(["good"]) == 0
    assert "| It adds | `" in verify.PAGE.read_text()
    assert "| 2 passed | " in verify.PAGE.read_text()
    assert "| It fails | `python -c 'import sys; print(\"3 passed\"); sys.exit(1)'` | not run yet | – |" in (
        verify.PAGE.read_text()
    )
    assert verify.main([]) == 1
    assert "bad does not hold" in capsys.readouterr().err
    assert verify.main(["nonsense"]) == 2


def test_readme_points_to_it():
    from pathlib import Path

    assert "docs/how-we-know.md" in (Path(verify.__file__).parents[1] / "README.md").read_text()


@pytest.mark.parametrize("claim", verify.CLAIMS, ids=lambda claim: claim.key)
def test_commands_are_those_of_this_repository(claim):
    assert claim.command.startswith("python -m ")
