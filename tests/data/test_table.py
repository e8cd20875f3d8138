"""Tables as people have them: encodings, separators, decimal commas, quotes, missing cells, words."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_mini import data
from autograd_mini.data import DataError, Features, Table, Target
from autograd_mini.data.cells import cells


def read(tmp_path: Path, content: str | bytes, **options: Any) -> Table:
    path = tmp_path / "t.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return data.read_table(path, **options)


@pytest.mark.parametrize(
    ("content", "options"),
    [
        ("width,kind\n1.5,cat\n-2,dog\n", {}),
        ("width;kind\n1,5;cat\n-2;dog\n", {}),
        ("width\tkind\n1,5\tcat\n-2,0\tdog\n", {}),
        ("width|kind\n1.5|cat\n-2|dog\n", {}),
        ('"width","kind"\n"1.5","cat"\n"-2","dog"\n', {}),
        ("\ufeffwidth,kind\r\n1.5,cat\r\n\r\n-2,dog\r\n", {}),
        ("width,kind\n1.5,cat\n−2,dog\n", {}),
        ("width , kind\n 1.5 , cat\n -2 , dog\n,\n", {}),
        ("width,kind\n1.5e0,cat\n-.2e1,dog\n", {}),
        ("1.5,cat\n-2,dog\n", {"header": False}),
        ("width:kind\n1.5:cat\n-2:dog\n", {"separator": ":"}),
        ("width;kind\n1,5;cat\n-2;dog\n", {"decimal": ","}),
        ("width,kind\n1.5,cat\n-2,dog\n".encode("utf-16"), {}),
        (b"\xfe\xff" + "width,kind\n1.5,cat\n-2,dog\n".encode("utf-16-be"), {}),
        ("width,kind\n1.5,cat\n-2,dog\n".encode("utf-16-le"), {"encoding": "utf-16-le"}),
    ],
)
def test_the_same_table_however_it_is_written(tmp_path: Path, content: str | bytes, options: dict[str, Any]) -> None:
    table = read(tmp_path, content, **options)
    assert len(table.columns) == 2
    numbers = table[0].numbers
    assert numbers is not None
    assert numbers.tolist() == [1.5, -2.0]
    assert table[1].cells == ("cat", "dog")
    assert table.names == (["column1", "column2"] if options.get("header") is False else ["width", "kind"])


@pytest.mark.parametrize("encoding", ["cp932", "euc_jp", "utf-8", "utf-16"])
def test_japanese_tables_in_their_encodings(tmp_path: Path, encoding: str) -> None:
    content = "品種,花びらの長さ\n野茨,1.4\n山桜,4.7\n".encode(encoding)
    table = read(tmp_path, content, encoding=encoding)
    assert table.names == ["品種", "花びらの長さ"]
    assert table["品種"].cells == ("野茨", "山桜")
    target = Target.learn(table["品種"])
    assert target.classes == ("山桜", "野茨")
    assert target.encode(table, table["品種"]).tolist() == [1, 0]


def test_a_wrong_encoding_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path, "品種,長さ\n野茨,1.4\n".encode("cp932"))
    assert str(caught.value).endswith(
        "t.csv: cannot be read: byte 0x95 is not UTF-8; give the encoding of the file, as in --encoding cp932 or "
        "encoding='cp932' (the first lines read as cp932 (Windows in Japanese) or cp1252 (Windows in western "
        "Europe)), or save the file as UTF-8"
    )
    late = b"a,b\n" + b"1,2\n" * 50_000 + "品,1\n".encode("cp932")
    with pytest.raises(DataError, match="is not UTF-8; give the encoding of the file"):
        read(tmp_path, late)
    with pytest.raises(DataError, match="there is no encoding 'shift-jiss'; examples are utf-8, cp932 and latin-1"):
        read(tmp_path, "a,b\n1,2\n", encoding="shift-jiss")


def test_quotes_hold_separators_quotes_and_lines(tmp_path: Path) -> None:
    table = read(tmp_path, 'name,n\n"Smith, ""Al""",1\n"two\nlines",2\n')
    assert table["name"].cells == ('Smith, "Al"', "two\nlines")
    assert table.where(1).endswith("line 4")


@pytest.mark.parametrize("word", ["", "NA", "n/a", "NaN", "null", "None", "?", "-", "#N/A", "欠損"])
def test_missing_cells(tmp_path: Path, word: str) -> None:
    table = read(tmp_path, f"a,b\n1,x\n{word},y\n3,{word}\n")
    numbers = table["a"].numbers
    assert numbers is not None
    assert np.isnan(numbers).tolist() == [False, True, False]
    assert table["b"].cells == ("x", "y", "")
    with pytest.raises(DataError, match="line 3: 'a' is missing; fill it in, or train with --missing mean"):
        Features.learn(table, ["a"]).encode(table)
    assert Features.learn(table, ["a"]).complete(table) == [0, 2]
    mean = Features.learn(table, ["a", "b"], "mean")
    found = mean.encode(table)
    assert math.isnan(found[1, 0])
    assert found[2, 1:].tolist() == [0.0, 0.0], "a missing word is none of the words"
    assert mean.filled()[0] == 2.0


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "the file is empty; one line per sample is needed"),
        ("a,b\n", "a first line of names, but no samples"),
        ("a,b\n1,2\n1,2,3\n", "line 3: 3 columns, 2 in the first line; a cell that holds the separator itself"),
        ('a,b\n"1,2\n', 'line [0-9]: a quote " is opened and never closed'),
        ('a,b\n"1"2,3\n', "line 2: text follows a closing quote; inside quotes, a quote is written twice"),
        ("a,b\n1\0,2\n", "line 2: a zero byte; this is not a text file in utf-8"),
        ("a;b\n1,5;2\n1.5;3\n", "line 3 has '1.5' and line 2 '1,5'; say which mark is the decimal one"),
    ],
)
def test_files_that_are_no_tables(tmp_path: Path, content: str, told: str) -> None:
    with pytest.raises(DataError, match=rf"t\.csv.*{told}"):
        read(tmp_path, content)
    with pytest.raises(DataError, match="cannot be read: No such file"):
        data.read_table(tmp_path / "none")
    with pytest.raises(DataError, match="cannot be read: Is a directory"):
        data.read_table(tmp_path)


@pytest.mark.parametrize("text", ["1_000", "0x1F", "1e999", "inf", "1,2,3", "１２", "1 000", "True", "--1"])
def test_what_python_takes_for_a_number_and_a_table_does_not(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, f'a,b\n"{text}",1\n')["a"].numbers is None


def test_options_that_are_wrong(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"decimal is ';'; '.' or ',' is legal"):
        read(tmp_path, "a\n1\n", decimal=";")
    with pytest.raises(DataError, match="separator is '::'; one character is needed"):
        read(tmp_path, "a\n1\n", separator="::")


def test_columns_that_are_not_there(tmp_path: Path) -> None:
    table = read(tmp_path, "width,kind,kind\n1,a,b\n")
    with pytest.raises(DataError, match=r"no column 'widht' in the first line; .*did you mean 'width'"):
        table["widht"]
    with pytest.raises(DataError, match="column 3 of 3; give -3 to 2 or a name"):
        table[3]
    with pytest.raises(DataError, match="2 columns are named 'kind'; give each its own name"):
        table["kind"]


def test_words_become_numbers_in_training_and_after(tmp_path: Path) -> None:
    table = read(tmp_path, "n,color\n1,red\n3,blue\n5,red\n7,blue\n")
    features = Features.learn(table, ["n", "color"])
    assert features.names == ["n", "color=blue", "color=red"]
    assert features.encode(table).tolist() == [[1, 0, 1], [3, 1, 0], [5, 0, 1], [7, 1, 0]]
    assert (features.each[0].mean, features.each[0].deviation) == (4.0, math.sqrt(5.0))
    other = read(tmp_path, "color,more,n\ngreen,9,1\n")
    with pytest.raises(DataError, match=r"line 2: 'green' in column 'color' did not occur in training; .*blue, red"):
        features.encode(other)
    with pytest.raises(DataError, match="line 2: 'x' in column 'n', which held numbers in training"):
        features.encode(read(tmp_path, "n,color\nx,red\n"))
    with pytest.raises(DataError, match="there is no column 'n'"):
        features.encode(read(tmp_path, "m,color\n1,red\n"))


def test_columns_that_cannot_be_learned_from(tmp_path: Path) -> None:
    names = read(tmp_path, "name\n" + "".join(f"person {i}\n" for i in range(51)))
    with pytest.raises(DataError, match=r"column 'name' has 51 different words, .*leave the column out with --feat"):
        Features.learn(names, ["name"])
    table = read(tmp_path, "a,b,c\n1,NA,x\n2,NA,1\n3,NA,2\n")
    with pytest.raises(DataError, match="every cell of column 'b' is missing"):
        Features.learn(table, ["b"])
    with pytest.raises(DataError, match="line 2: 'x' is not a finite number, as most of column 'c' are"):
        Features.learn(table, ["c"])
    with pytest.raises(DataError, match="no column is left for a feature"):
        Features.learn(table, [])
    with pytest.raises(DataError, match="missing is 'zero'; 'refuse', 'drop', 'mean' are legal"):
        Features.learn(table, ["a"], "zero")


@pytest.mark.parametrize(
    ("cells_", "task", "classes"),
    [
        (["b", "a"], "auto", ("a", "b")),
        ([1, 2, 10], "auto", ("1", "2", "10")),
        ([1.0, 2.0], "classification", ("1", "2")),
        ([0.5, 2.0], "auto", ()),
        (list(range(11)), "auto", ()),
        ([0, 1], "regression", ()),
        ([True, False], "auto", ("0", "1")),
    ],
)
def test_targets(cells_: list[Any], task: str, classes: tuple[str, ...]) -> None:
    table = Table.of({"y": cells_})
    target = Target.learn(table["y"], task)
    assert target.classes == classes
    encoded = target.encode(table, table["y"])
    if not classes:
        assert encoded.mean() == pytest.approx(0.0)
        assert encoded.std() == pytest.approx(1.0)
        assert encoded * target.deviation + target.mean == pytest.approx(np.array(cells_, dtype=float))


@pytest.mark.parametrize(
    ("cells_", "task", "told"),
    [
        (["a", "a"], "auto", r"has 1 class \(a\); at least two"),
        ([None, None], "classification", r"has 0 classes \(\)"),
        (["a", "b"], "regression", "holds words, as 'a'; a regression needs numbers"),
        ([0.5, 1.0], "classification", "has numbers such as 0.5, targets that are no class numbers"),
        ([0, 1], "guess", "task is 'guess'; 'auto', 'classification', 'regression' are legal"),
    ],
)
def test_targets_that_do_not_suit(cells_: list[Any], task: str, told: str) -> None:
    with pytest.raises(DataError, match=told):
        Target.learn(Table.of({"y": cells_})["y"], task)


def test_cells_that_are_no_target() -> None:
    target = Target.learn(Table.of({"y": ["a", "b"]})["y"])
    for found, told in ((["c"], "'c' is no class of 'y'; the classes are a, b"), ([None], "the target 'y' is missing")):
        other = Table.of({"y": found})
        with pytest.raises(DataError, match=f"line 0: {told}"):
            target.encode(other, other["y"])
    number = Target.learn(Table.of({"y": [0.5, 1.5]})["y"])
    words = Table.of({"y": ["x"]})
    with pytest.raises(DataError, match="'x' is not a number; 'y' held numbers"):
        number.encode(words, words["y"])


class Frame:
    """What a table needs of a DataFrame: ``columns``, and each of them by name."""

    def __init__(self, **columns: list[Any]) -> None:
        self.columns, self.held = list(columns), columns

    def __getitem__(self, name: str) -> list[Any]:
        return self.held[name]


@pytest.mark.parametrize("make", [dict, Frame])
def test_frames(make: Callable[..., Any]) -> None:
    table = Table.of(make(a=[1, None, np.float32(2.5)], b=["x", float("nan"), "z"], c=[True, False, np.int64(3)]))
    assert table["a"].cells == ("1", "", "2.5")
    assert table["b"].cells == ("x", "", "z")
    numbers = table["c"].numbers
    assert numbers is not None
    assert numbers.tolist() == [1.0, 0.0, 3.0]
    with pytest.raises(DataError, match=r"columns of \[1, 2\] cells"):
        Table.of(make(a=[1], b=[1, 2]))
    with pytest.raises(DataError, match="row 1: a is infinite"):
        Table.of(make(a=[1.0, math.inf]))


def test_pandas_frames() -> None:
    pandas = pytest.importorskip("pandas", reason="pandas is not a dependency; frames of any kind are tested above")
    frame = pandas.DataFrame({"a": [1.0, None], "b": pandas.Categorical(["x", "y"]), "c": pandas.array([1, None])})
    table = Table.of(frame)
    assert table["a"].cells == ("1", "")
    assert table["b"].cells == ("x", "y")
    assert table["c"].cells == ("1", "")


def test_a_pipe_is_read_line_by_line() -> None:
    """A row comes out before the next one has been written."""
    import os

    readable, writable = os.pipe()
    with os.fdopen(readable, "rb") as source, os.fdopen(writable, "wb", buffering=0) as sink:
        sink.write(b"a,b\n")
        rows = cells(source, "pipe", lines=1)
        assert next(rows) == (1, ["a", "b"])
        for i in range(3):
            sink.write(f"{i},x\n".encode())
            assert next(rows) == (i + 2, [str(i), "x"])


def test_an_open_file(tmp_path: Path) -> None:
    assert data.read_table(io.BytesIO(b"a\n1\n"))["a"].cells == ("1",)
