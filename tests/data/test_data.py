from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from autograd_mini import data
from autograd_mini.data import DataError


@pytest.mark.parametrize("name", data.SETS)
def test_made_sets(name: str) -> None:
    X, y = data.SETS[name](101, noise=0.1, seed=3)
    assert X.shape == (101, 2)
    assert X.dtype == np.float64
    assert np.bincount(y).tolist() == [51, 50]
    again, labels = data.SETS[name](101, noise=0.1, seed=3)
    assert np.array_equal(X, again)
    assert np.array_equal(y, labels)
    assert not np.array_equal(X, data.SETS[name](101, noise=0.1, seed=4)[0])
    assert y[:10].sum() not in (0, 10), "the classes are mixed"


def test_each_set_has_its_shape() -> None:
    X, y = data.linear(400)
    assert np.array_equal((X.sum(axis=1) > 0) * 0 + (X[:, 1] > X[:, 0]), y), "separable by the diagonal"
    X, y = data.doughnut(400)
    assert np.array_equal(np.hypot(*X.T) > 0.55, y)
    X, y = data.xor(400)
    assert np.array_equal(X[:, 0] * X[:, 1] < 0, y)
    X, y = data.spiral(400)
    radius, angle = data.polar(X).T
    turned = np.mod(angle - 2 * np.pi * radius + 1e-9, 2 * np.pi)
    assert np.array_equal(turned > np.pi / 2, y), "the arms are 180° apart"
    X, y = data.moons(400)
    upper = X[y == 0]
    assert np.hypot(*upper.T) == pytest.approx(1.0)
    assert np.hypot(*(X[y == 1] - [1.0, 0.5]).T) == pytest.approx(1.0)


def test_noise_moves_points_by_its_deviation() -> None:
    clean, noisy = data.moons(4000, 0.0, 1)[0], data.moons(4000, 0.2, 1)[0]
    assert np.std(clean - noisy) == pytest.approx(0.2, rel=0.05)


def test_gates() -> None:
    assert {name: data.gate(name)[1].tolist() for name in data.GATES} == {
        "and": [0, 0, 0, 1], "or": [0, 1, 1, 1], "nand": [1, 1, 1, 0], "xor": [0, 1, 1, 0],
    }  # fmt: skip
    assert data.gate("xor")[0].tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    with pytest.raises(ValueError, match="gate 'nor' is unknown; and, or, nand, xor are known"):
        data.gate("nor")


def test_polar_features() -> None:
    assert data.polar(np.array([[0.0, 2.0], [-1.0, 0.0]])).tolist() == [[2.0, np.pi / 2], [1.0, np.pi]]


def test_split_has_each_sample_once() -> None:
    X, y = np.arange(20.0).reshape(10, 2), np.arange(10)
    a, b, c, d = data.split(X, y, 0.3, seed=1)
    assert sorted([*b, *d]) == list(range(10))
    assert len(d) == 3
    assert np.array_equal(a[:, 0], 2.0 * b)
    assert np.array_equal(c[:, 0], 2.0 * d)
    with pytest.raises(ValueError, match="X has 10 samples and y 9"):
        data.split(X, y[:9])
    with pytest.raises(ValueError, match=r"test=0\.01 of 10 samples leaves a part empty"):
        data.split(X, y, 0.01)


def test_standardise_uses_the_first_sets_mean_and_deviation() -> None:
    X, other = data.standardise(np.array([[1.0, 5.0], [3.0, 5.0]]), np.array([[5.0, 6.0]]))
    assert X.tolist() == [[-1.0, 0.0], [1.0, 0.0]]
    assert other.tolist() == [[3.0, 1.0]]


def test_shifted_images() -> None:
    X, y = data.shifted(np.arange(1.0, 7.0)[None], np.array([7]), 2, 3)
    assert X.tolist() == [
        [1, 2, 3, 4, 5, 6],
        [0, 1, 2, 0, 4, 5],
        [2, 3, 0, 5, 6, 0],
        [0, 0, 0, 1, 2, 3],
        [4, 5, 6, 0, 0, 0],
    ]
    assert y.tolist() == [7] * 5


@pytest.mark.parametrize("size", [1, 3, 7, 10, 99, None])
def test_batches_have_each_sample_once_and_keep_the_short_one(size: int | None) -> None:
    parts = list(data.batches(10, size, seed=0, epoch=4))
    assert sorted(np.concatenate(parts).tolist()) == list(range(10))
    whole = min(size or 10, 10)
    assert [len(part) for part in parts] == [whole] * (10 // whole) + [10 % whole] * (10 % whole > 0)
    again = list(data.batches(10, size, seed=0, epoch=4))
    assert all(np.array_equal(a, b) for a, b in zip(parts, again, strict=True))


def test_batches_differ_between_epochs_and_seeds() -> None:
    orders = {tuple(np.concatenate(list(data.batches(50, 7, seed, epoch)))) for seed in (0, 1) for epoch in (0, 1)}
    assert len(orders) == 4
    with pytest.raises(ValueError, match="batch size is 0; a whole number of at least 1 is needed, or None"):
        list(data.batches(10, 0, 0, 0))


def idx(shape: tuple[int, ...], content: bytes, kind: int = 8) -> bytes:
    return bytes([0, 0, kind, len(shape)]) + b"".join(struct.pack(">i", d) for d in shape) + content


def test_idx_plain_and_gzip(tmp_path: Path) -> None:
    raw = idx((2, 2, 3), bytes(range(12)))
    (tmp_path / "a").write_bytes(raw)
    (tmp_path / "b.gz").write_bytes(gzip.compress(raw, mtime=0))
    expected = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    for name in ("a", "b.gz"):
        found = data.read_idx(tmp_path / name)
        assert found.dtype == np.uint8
        assert np.array_equal(found, expected)
    (tmp_path / "c").write_bytes(idx((2,), struct.pack(">dd", 1.5, -2.0), 0x0E))
    assert data.read_idx(str(tmp_path / "c")).tolist() == [1.5, -2.0]
    (tmp_path / "d").write_bytes(idx((0, 3), b""))
    assert data.read_idx(tmp_path / "d").shape == (0, 3)
    assert data.read_idx(tmp_path / "d", mapped=True).shape == (0, 3)


def test_a_mapped_idx_file_is_read_row_by_row(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(idx((3, 2, 2), struct.pack(">12i", *range(12)), 0x0C))
    found = data.read_idx(path, mapped=True)
    assert isinstance(found, np.memmap)
    assert found[1:].tolist() == data.read_idx(path)[1:].tolist()
    with pytest.raises(ValueError, match="read-only"):
        found[0, 0, 0] = 1
    (tmp_path / "b").write_bytes(gzip.compress(path.read_bytes()))
    with pytest.raises(DataError, match="a gzip file cannot be memory-mapped; unpack it, or leave out mapped=True"):
        data.read_idx(tmp_path / "b", mapped=True)
    path.write_bytes(idx((3, 2, 2), b"", 0x0C))
    with pytest.raises(DataError, match=r"the shape \[3, 2, 2\] needs 48 bytes of data, the file has 0"):
        data.read_idx(path, mapped=True)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "0 bytes are too few for an IDX header"),
        (b"\0\0\x08", "3 bytes are too few"),
        (b"PNG\x03" + bytes(20), "bad magic number 504e4703"),
        (bytes([0, 0, 7, 1, 0, 0, 0, 0]), "bad magic number 00000701"),
        (idx((), b"\1"), "needs 4 bytes .and 1 dimension at least., got 5"),
        (idx((2, 3), b"")[:8], "a header of 2 dimensions needs 12 bytes"),
        (idx((2, -3), bytes(6)), r"negative dimension in the shape \[2, -3\]"),
        (idx((2, 3), bytes(5)), r"the shape \[2, 3\] needs 6 bytes of data, the file has 5"),
        (idx((2, 3), bytes(7)), "the file has 7"),
        (idx((2**31 - 1,) * 4, b""), "more than an IDX file may hold here"),
        (gzip.compress(idx((2, 3), bytes(6)), mtime=0)[:-9], "cannot be read"),
        (gzip.compress(idx((2, 3), bytes(6)), mtime=0)[:12] + b"\xff" * 20, "cannot be read"),
    ],
)
def test_malformed_idx_files(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "images"
    path.write_bytes(content)
    with pytest.raises(DataError, match=f"images: .*{told}"):
        data.read_idx(path)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="none: cannot be read"):
        data.read_idx(tmp_path / "none")
    with pytest.raises(DataError, match="none: cannot be read"):
        data.read_csv(tmp_path / "none")


def test_csv(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a, b,kind\n1,2.5,cat\n3,-4e1,dog\n\n5,6,cat\n", encoding="utf-8")
    X, y, names = data.read_csv(path)
    assert X.tolist() == [[1, 2.5], [3, -40], [5, 6]]
    assert (y.tolist(), names) == ([0, 1, 0], ["cat", "dog"])
    path.write_text("1,0,2\n0,1,3\n", encoding="utf-8")
    X, y, names = data.read_csv(path, target=0)
    assert (X.tolist(), y.tolist(), names) == ([[0, 2], [1, 3]], [1, 0], [])
    assert y.dtype.kind == "i"
    path.write_text("y,x\n0.5,1\n1.5,2\n", encoding="utf-8")
    X, y, _ = data.read_csv(path, target="y")
    assert (X.tolist(), y.tolist()) == ([[1], [2]], [0.5, 1.5])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the file is empty"),
        ("1\n2\n", "one column; at least one feature and the target"),
        ("a,b\n", "a first line of names, but no samples"),
        ("1,2\n3,4,5\n", "line 2: 3 columns, 2 in the first line"),
        ("1,2,0\n3,x,1\n", "line 2: 'x' is not a finite number"),
        ("1,x,0\n3,4,1\n", "line 1: 'x' is not a finite number"),
        ("1,2\nnan,3\n", "line 2: 'nan' is not a finite number"),
        ("1,2\n,3\n", "line 2: '' is not a finite number"),
    ],
)
def test_malformed_csv_files(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=rf"bad\.csv.*{told}"):
        data.read_csv(path)


def test_csv_targets_and_encoding(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("1,2\n", encoding="utf-8")
    with pytest.raises(DataError, match="target column 5 of 2; give -2 to 1 or a name"):
        data.read_csv(path, target=5)
    with pytest.raises(DataError, match="no column 'z' in the first line"):
        data.read_csv(path, target="z")
    path.write_bytes(b"1,2\n\xff\xfe,3\n")
    with pytest.raises(DataError, match="cannot be read"):
        data.read_csv(path)


def test_sizes_and_noise_are_checked() -> None:
    with pytest.raises(ValueError, match="n is 1; a whole number of at least 2"):
        data.spiral(1)
    with pytest.raises(ValueError, match="noise is -1; a finite number of at least 0"):
        data.moons(10, noise=-1)
