"""A CSV file in blocks: every line once, in order, in each number of shares; memory that does not grow."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_mini import data, losses, nn, optim
from autograd_mini.data import CsvBlocks, DataError
from autograd_mini.training import Trainer

RNG = np.random.default_rng(0)
TABLE = RNG.normal(size=(1003, 4)).round(6)


def write(path: Path, header: str = "a,b,c,y\n", end: str = "\n") -> Path:
    path.write_text(header + end.join(",".join(map(repr, row)) for row in TABLE.tolist()), newline="")
    return path


@pytest.mark.parametrize("header", ["", "a,b,c,y\n", '"the, first",b,c,y\n'])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n"])
@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_the_shares_have_every_line_once(tmp_path: Path, header: str, end: str, count: int) -> None:
    path = write(tmp_path / "x.csv", header, end)
    shares = [CsvBlocks(path, size=64, part=(number, count)) for number in range(count)]
    found = [np.column_stack(block) for share in shares for block in share()]
    assert np.array_equal(np.concatenate(found), TABLE)
    assert max(map(len, found)) <= 64
    sizes = [len(share.read()[0]) for share in shares]
    assert max(sizes) - min(sizes) < 30


def test_more_shares_than_lines(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("1,2\n3,4\n5,6")
    parts = [CsvBlocks(path, part=(number, 20)).read() for number in range(20)]
    assert np.array_equal(np.concatenate([np.column_stack(part) for part in parts]), [[1, 2], [3, 4], [5, 6]])


def test_it_reads_what_read_csv_reads(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv")
    for target in (-1, 0, 2, "b"):
        X, y = CsvBlocks(path, target, size=100).read()
        wanted, targets, _ = data.read_csv(path, target)
        assert np.array_equal(X, wanted)
        assert np.array_equal(y, targets)
    assert CsvBlocks(path).names == ["a", "b", "c", "y"]
    assert repr(CsvBlocks(path, size=2000, part=(1, 3))) == f"<blocks of 2,000 rows of {path}, part=(1, 3)>"


def test_classes_by_name(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text('\ufeff"x";kind\n1.5; cat\n-2e3;"dog"\n.5;cat\n', encoding="utf-8")
    X, y = CsvBlocks(path, "kind", classes=["dog", "cat"]).read()
    assert X.tolist() == [[1.5], [-2000.0], [0.5]]
    assert y.tolist() == [1, 0, 1]
    with pytest.raises(DataError, match=r"line 3: 'dog' is none of the classes dogs, cat; did you mean 'dogs'\?"):
        CsvBlocks(path, "kind", classes=["dogs", "cat"]).read()


def trainer() -> Trainer:
    model = nn.network(3, "4:tanh, 1:linear", rng=0)
    return Trainer(model, losses.mean_squared_error, optim.Adam(model.parameters(), lr=0.02), engine="numpy", seed=5)


def test_a_run_on_blocks_resumes_to_the_same_bits(tmp_path: Path) -> None:
    blocks = CsvBlocks(write(tmp_path / "x.csv"), size=100)
    whole, part, rest = trainer(), trainer(), trainer()
    whole.fit(blocks, None, 4, 64)
    part.fit(blocks, None, 4, 64, callbacks=lambda t: t.run.epoch == 2, checkpoint=tmp_path / "run.json")
    rest.resume(tmp_path / "run.json")
    rest.history.stopped = ""
    rest.fit(blocks, None, 4, 64)
    assert rest.history["loss"] == whole.history["loss"]
    assert [p.data for p in rest.parameters] == [p.data for p in whole.parameters]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the file is empty; one line per sample is needed"),
        ("\n \n", "the file is empty"),
        ("1\n2\n", "one column; at least one feature and the target are needed"),
        (
            "1,2\n3,x\n",
            "line 2: 'x' is not a finite number; blocks are of numbers with a decimal point, and read",
        ),
        ("a,b\n1,2\n\n3,\n", r"line 4: '' is not a finite number"),
        ("1,2\n3,nan\n", r"line 2: 'nan' is not a finite number"),
        ("1,2\n3,inf\n", r"line 2: 'inf' is not a finite number"),
        ("1,2\n3,4,5\n", r"line 2: 3 columns, 2 in the first line"),
        ("1,2,3\n3,4\n3,4\n", r"line 2: 2 columns, 3 in the first line"),
    ],
)
def test_a_file_that_is_no_table_of_numbers(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=told):
        CsvBlocks(path).read()


def test_a_wrong_line_is_named_in_every_share(tmp_path: Path) -> None:
    lines = [f"{i},{i}" for i in range(100)]
    lines[77] = "77,x"
    path = tmp_path / "x.csv"
    path.write_text("\n".join(lines))
    with pytest.raises(DataError, match="line 78: 'x' is not a finite number"):
        list(CsvBlocks(path, size=3, part=(1, 2))())


@pytest.mark.parametrize(
    ("given", "error", "told"),
    [
        ({"size": 0}, ValueError, "size is 0; a whole number of rows of at least 1"),
        ({"part": (2, 2)}, ValueError, r"part is \(2, 2\); the numbers 0 to count − 1 are legal"),
        ({"part": 1}, TypeError, r"part is .*; a pair \(number, count\) is needed"),
        ({"target": 4}, DataError, "column 4 of 4; give -4 to 3 or a name"),
        ({"target": "z"}, DataError, "there is no column 'z' in the first line"),
        ({"classes": "ab"}, TypeError, "classes is the text 'ab'; a list with the name of each class is needed"),
    ],
)
def test_arguments_are_refused(tmp_path: Path, given: Any, error: type[Exception], told: str) -> None:
    path = write(tmp_path / "x.csv")
    with pytest.raises(error, match=told):
        CsvBlocks(path, **given)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read: No such file"):
        CsvBlocks(tmp_path / "none.csv")
    (tmp_path / "wide.csv").write_bytes("1,2\n".encode("utf-16"))
    with pytest.raises(DataError, match="the file is UTF-16; save it as UTF-8 to read it in blocks"):
        CsvBlocks(tmp_path / "wide.csv")


MEASURE = """
import sys
from autograd_mini import losses, nn, optim
from autograd_mini.data import CsvBlocks
from autograd_mini.training import Trainer
model = nn.network(20, "1:linear", rng=0)
trainer = Trainer(model, losses.mean_squared_error, optim.SGD(model.parameters(), lr=0.1), engine="numpy")
trainer.fit(CsvBlocks(sys.argv[1]), None, 1, 10_000)
print(next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


@pytest.mark.slow
def test_memory_is_flat(tmp_path: Path) -> None:
    """Ten times as many lines, 210 MB, need little more memory than a window of 100,000 does."""
    if not Path("/proc/self/status").exists():
        pytest.skip("/proc is needed to see the peak of memory")
    rows = RNG.normal(size=(10_000, 21)).round(6)
    text = "".join(",".join(map(str, row)) + "\n" for row in rows.tolist())

    def peak(times: int) -> int:
        path = tmp_path / "x.csv"
        with path.open("w") as file:
            for _ in range(times):
                file.write(text)
        made = subprocess.run([sys.executable, "-c", MEASURE, str(path)], capture_output=True, text=True, check=True)
        return int(made.stdout)

    assert peak(120) - peak(12) < 50_000  # kB
