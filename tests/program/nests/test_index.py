"""Addresses as formulas of counters: regular in one axis or several, sums of two tables, or a table."""

import itertools

import numpy as np
import pytest

from autograd_mini.program.nests.index import Index, common_shape, index_of

SEQUENCES = {
    "constant": ([5] * 6, (6,)),
    "steps": ([3, 5, 7, 9, 11, 13], (6,)),
    "backward": ([9, 8, 7, 6, 5, 4], (6,)),
    "rows": ([0, 1, 2, 10, 11, 12], (2, 3)),
    "each twice": ([0, 0, 7, 7, 14, 14], (3, 2)),
    "windows": ([0, 1, 5, 6, 1, 2, 6, 7], (2, 2, 2)),
    "irregular": ([0, 1, 3, 4, 9, 2], (6,)),
    "too deep": ([sum(bits) for bits in itertools.product((0, 1), (0, 5), (0, 25), (0, 300))], (16,)),
}


@pytest.mark.parametrize("name", SEQUENCES)
def test_a_sequence(name: str) -> None:
    sequence, shape = SEQUENCES[name]
    codes = np.array(sequence)
    assert common_shape([codes], len(codes)) == shape
    tables: list[list[int]] = []
    index = index_of("m", codes, shape, (), lambda entries: tables.append(entries.tolist()) or len(tables) - 1)
    assert bool(tables) == (name in ("irregular", "too deep"))
    assert [at(index, counters, tables) for counters in np.ndindex(shape)] == sequence


@pytest.mark.parametrize("name", ["windows", "irregular", "rows"])
@pytest.mark.parametrize("across", ["steps", "irregular", "backward"])
@pytest.mark.parametrize("torn", [False, True])
def test_a_table_of_two_axes(name: str, across: str, torn: bool) -> None:
    rows, columns = np.array(SEQUENCES[name][0]), np.array(SEQUENCES[across][0])
    full = rows[:, None] + columns
    if torn:  # the sum of none
        full[1, 2] += 1
    outer, inner = common_shape([rows], len(rows)), common_shape([columns], len(columns))
    tables: list[list[int]] = []
    index = index_of("m", full, outer, inner, lambda entries: tables.append(entries.tolist()) or len(tables) - 1)
    assert [at(index, counters, tables) for counters in np.ndindex(*outer, *inner)] == full.ravel().tolist()
    assert all(min(table) >= 0 for table in tables)
    assert (sum(map(len, tables)) >= full.size) == torn


def test_the_rows_of_a_sequence_may_be_regular() -> None:
    rows = np.array([[0, 2, 4, 6], [90, 92, 94, 96], [30, 32, 34, 36]])
    tables: list[list[int]] = []
    shape = common_shape([rows.ravel()], rows.size)
    index = index_of("m", rows.ravel(), shape, (), lambda entries: tables.append(entries.tolist()) or len(tables) - 1)
    assert (shape, index.strides, tables) == ((3, 4), (0, 2), [[0, 90, 30]])
    assert [at(index, counters, tables) for counters in np.ndindex(shape)] == rows.ravel().tolist()


def at(index: Index, counters: tuple[int, ...], tables: list[list[int]]) -> int:
    found = index.base + sum(a * b for a, b in zip(index.strides, counters, strict=True))
    return found + sum(tables[t][sum(a * b for a, b in zip(steps, counters, strict=True))] for t, steps in index.tables)


def test_the_first_sequences_decide_the_shape() -> None:
    twos, threes = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1, 2, 0, 1, 2])
    assert common_shape([twos, threes], 6) == (3, 2)
    assert common_shape([threes, twos], 6) == (2, 3)
    assert common_shape([np.repeat(np.arange(3), 4), np.tile([0, 9], 6)], 12) == (3, 2, 2)
    assert common_shape([], 1) == (1,)
