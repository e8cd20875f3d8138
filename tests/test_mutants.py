"""The mutants themselves: each is a wrong table that Python reads, and the known ones still find their line."""

import ast

import pytest

from autograd_mini.primitives.registry import PRIMITIVES
from tests.mutants import __main__ as command
from tests.mutants.alter import Mutant, mutants
from tests.mutants.equivalent import EQUIVALENT
from tests.mutants.known import KNOWN, ROOT


@pytest.fixture(scope="module")
def altered() -> list[Mutant]:
    return list(mutants())


def test_every_row_is_altered_and_every_mutant_is_another_table(altered):
    assert {row for mutant in altered for row in mutant.rows} == set(PRIMITIVES)
    assert len({mutant.source for mutant in altered}) == len(altered) > 1000
    for mutant in altered[::40]:
        ast.parse(mutant.source)
    assert set(EQUIVALENT) <= {mutant.name for mutant in altered}


def test_the_kinds_of_wrong(altered):
    named = {mutant.name for mutant in altered}
    assert {
        "sin: partials: −(cos(x))",
        "mul: partials: first two partials swapped",
        "exp: value: 2·ieee.exp",
        "hypot: partials: direction(x, y) → direction(y, x)",
        "relu: value: x <= 0.0 → x < 0.0",
        "acosh: partials: x - 1.0 → x + 1.0",
    } <= named


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known.wrong)
def test_a_known_mutant_finds_its_line_and_its_test(known):
    assert (ROOT / known.file).read_text().count(known.right) == 1
    file, _, name = known.test.partition("::")
    assert (ROOT / file).exists()
    assert not name or f"def {name}(" in (ROOT / file).read_text()


def test_a_known_mutant_is_caught(capsys, monkeypatch):
    monkeypatch.setattr(command, "KNOWN", KNOWN[:1])
    assert command.main(["known"]) == 0
    assert capsys.readouterr().out == "1 known mutants, 1 caught\n"
