"""The user's own tables on the command line: train, predict, grad --rows."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from autograd_mini.cli import main
from autograd_mini.predictor import Predictor


def flowers(count: int = 60, missing: bool = False) -> str:
    """Three kinds by the length and the color of a petal, in Japanese, with decimal commas."""
    rng = np.random.default_rng(3)
    lines = ["花弁の長さ;色;品種"]
    for i in range(count):
        kind = i % 3
        length = f"{1.0 + 2.0 * kind + rng.normal() * 0.2:.2f}".replace(".", ",")
        lines.append(
            f"{'' if missing and i % 7 == 5 else length};{('赤', '青', '赤')[kind]};{('椿', '菊', '百合')[kind]}"
        )
    return "\n".join(lines) + "\n"


def rents(count: int = 80) -> str:
    rng = np.random.default_rng(5)
    area, age = rng.uniform(20, 90, count), rng.uniform(0, 40, count)
    rent = 2.0 * area - 0.8 * age + 30.0
    rows = zip(range(1, count + 1), area, age, rent, strict=True)
    return "id,area,age,rent\n" + "".join(f"{i},{a:.2f},{b:.2f},{c:.3f}\n" for i, a, b, c in rows)


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(list(arguments))
    out, errors = capsys.readouterr()
    return status, out, errors


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_names_of_classes_and_words_in_japanese(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], encoding: str
) -> None:
    (tmp_path / "花.csv").write_text(flowers(), encoding=encoding)
    out = tmp_path / "run"
    arguments = [
        "train",
        str(tmp_path / "花.csv"),
        "--epochs",
        "150",
        "--lr",
        "0.05",
        "--no-figures",
        "--out",
        str(out),
    ]
    named = ["--encoding", encoding] if encoding == "cp932" else []
    if named:
        status, _, errors = call(capsys, *arguments)
        assert status == 2
        assert "as in --encoding cp932" in errors
        assert errors.count("\n") == 1
    status, told, errors = call(capsys, *arguments, *named)
    assert (status, errors) == (0, "")
    assert "target '品種': 3 classes (椿, 百合, 菊); 3 features: 花弁の長さ, 色=赤, 色=青\n" in told
    assert "10:tanh,3:softmax" in told
    assert "held out   right   of   accuracy\n" in told
    assert "true \\ predicted   椿   百合   菊\n" in told
    assert "for comparison, always predicting '" in told
    rows = tmp_path / "rows.csv"
    rows.write_text("色,余分,花弁の長さ\n赤,x,1.1\n青,y,3.0\n赤,z,5.2\n", encoding="utf-8")
    status, told, errors = call(capsys, "predict", str(out), str(rows))
    assert (status, errors) == (0, "")
    found = list(csv.reader(io.StringIO(told)))
    assert found[0] == ["品種", "p(椿)", "p(百合)", "p(菊)"]
    assert [row[0] for row in found[1:]] == ["椿", "菊", "百合"]
    assert all(sum(map(float, row[1:])) == pytest.approx(1.0) for row in found[1:])
    status, told, _ = call(capsys, "predict", str(out / "model.json"), str(rows), "--json")
    objects = [json.loads(line) for line in told.splitlines()]
    assert [each["品種"] for each in objects] == ["椿", "菊", "百合"]
    assert set(objects[0]["probabilities"]) == {"椿", "百合", "菊"}


def test_a_regression_is_told_in_the_unit_of_its_target(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "rent.csv").write_text(rents())
    out = tmp_path / "run"
    status, told, _ = call(
        capsys, "train", str(tmp_path / "rent.csv"), "--epochs", "600", "--no-figures", "--out", str(out),
        "--test-share", "0.3",
    )  # fmt: skip
    assert status == 0
    assert "left out 'id', which only numbers the rows; --features can include it\n" in told
    assert "target 'rent': a number; 2 features: area, age\n" in told
    assert "56 samples to train on, 24 held out; 10:tanh,1:linear" in told
    error = float(told.split("mean absolute error ")[1].split(",")[0])
    always = float(told.split("mean absolute error ")[2].split("\n")[0])
    assert error < 0.1 * always
    (tmp_path / "new.csv").write_text("age,area\n10,50\n30,80\n")
    _, told, _ = call(capsys, "predict", str(out), str(tmp_path / "new.csv"))
    found = [float(line) for line in told.splitlines()[1:]]
    assert found == pytest.approx([122.0, 166.0], abs=6.0)


def test_scaling_is_learned_on_the_training_rows_alone(tmp_path: Path) -> None:
    (tmp_path / "rent.csv").write_text(rents())
    assert (
        main(["train", str(tmp_path / "rent.csv"), "--epochs", "1", "--no-figures", "--out", str(tmp_path / "r")]) == 0
    )
    from autograd_mini import data

    table = data.read_table(tmp_path / "rent.csv")
    train, _, _, _ = data.split(np.arange(80), np.arange(80), 0.25, 0)
    area = table.rows(train)["area"].numbers
    assert area is not None
    feature = Predictor.load(tmp_path / "r" / "model.json").features.each[0]
    assert (feature.mean, feature.deviation) == (float(area.mean()), float(area.std()))


@pytest.mark.parametrize(
    ("choice", "told"),
    [("drop", "left out 8 of 60 rows, which have missing cells"), ("mean", "45 samples to train on")],
)
def test_missing_cells_are_a_choice(tmp_path: Path, capsys: pytest.CaptureFixture[str], choice: str, told: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(flowers(missing=True), encoding="utf-8")
    arguments = ["train", str(path), "--epochs", "20", "--no-figures", "--out", str(tmp_path / "run")]
    status, _, errors = call(capsys, *arguments)
    assert status == 2
    assert "'花弁の長さ' is missing; fill it in, or train with --missing mean" in errors
    status, out, _ = call(capsys, *arguments, "--missing", choice)
    assert status == 0
    assert told in out
    rows = tmp_path / "rows.csv"
    rows.write_text("花弁の長さ,色\n,赤\n", encoding="utf-8")
    status, out, errors = call(capsys, "predict", str(tmp_path / "run"), str(rows))
    assert (status == 0) == (choice == "mean")
    assert ("line 2: '花弁の長さ' is missing" in errors) == (choice == "drop")


def test_target_and_features_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "t.csv").write_text(rents())
    same = ["train", str(tmp_path / "t.csv"), "--epochs", "2", "--no-figures", "--out", str(tmp_path / "r")]
    _, told, _ = call(capsys, *same, "--target", "area", "--features", "rent,id")
    assert "target 'area': a number; 2 features: rent, id\n" in told
    for more, text in (
        (["--features", "rent"], "'rent' is the target; it cannot be a feature too"),
        (["--features", "rend", "--target", "age"], "there is no column 'rend' in the first line; "),
        (["--target", "ranet"], "did you mean 'rent'?"),
        (["--missing", "zero"], "invalid choice: 'zero'"),
        (["--decimal", ";"], "invalid choice: ';'"),
        (["--test-share", "0.999"], "leaves a part empty"),
    ):
        status, _, errors = call(capsys, *same, *more)
        assert status == 2
        assert text in errors
        assert errors.count("\n") == 1


@pytest.mark.parametrize(
    ("model", "rows", "told"),
    [
        ("none", "rows.csv", "none: cannot be read: No such file"),
        ("run", "none.csv", "none.csv: cannot be read: No such file"),
        ("run/checkpoint.json", "rows.csv", "a checkpoint, which resumes training; the model is model.json"),
        ("rows.csv", "rows.csv", "not a model, or cut off"),
        ("run", "other.csv", "there is no column '色' in the first line; the columns are 花弁の長さ"),
        ("run", "green.csv", "line 2: '緑' in column '色' did not occur in training"),
    ],
)
def test_predict_refuses_in_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    model: str,
    rows: str,
    told: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("t.csv").write_text(flowers(), encoding="utf-8")
    assert main(["train", "t.csv", "--epochs", "1", "--no-figures"]) == 0
    Path("rows.csv").write_text("花弁の長さ,色\n1,赤\n", encoding="utf-8")
    Path("other.csv").write_text("花弁の長さ\n1\n", encoding="utf-8")
    Path("green.csv").write_text("花弁の長さ,色\n1,緑\n", encoding="utf-8")
    capsys.readouterr()
    status, out, errors = call(capsys, "predict", model, rows)
    assert (status, out) == (2, "")
    assert told in errors
    assert errors.count("\n") == 1


def test_predict_reads_standard_input(tmp_path: Path) -> None:
    assert main(["train", "xor", "--layers", "2:softmax", "--epochs", "1", "--no-figures", "--out", str(tmp_path)]) == 0
    found = subprocess.run(
        [sys.executable, "-m", "autograd_mini", "predict", str(tmp_path), "-"],
        input=b"x1,x2\n0.5,0.5\n-1,2\n", capture_output=True, check=True, env={**os.environ, "PYTHONPATH": os.getcwd()},
    )  # fmt: skip
    assert found.stdout.splitlines()[0] == b"class,p(0),p(1)"
    assert len(found.stdout.splitlines()) == 3


# ---------------------------------------------------------------- grad --rows


def test_a_formula_over_the_rows_of_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "t.csv"
    path.write_text("more,y,x\na,2,1\nb,4,0\n")
    status, told, _ = call(capsys, "grad", "k * y / x", "k=3", "--rows", str(path))
    assert status == 0
    assert told == "value,d/dk,d/dy,d/dx\n6.0,2.0,3.0,-6.0\ninf,inf,inf,-inf\n"
    _, told, _ = call(capsys, "grad", "k * y / x", "k=3", "--rows", str(path), "--json")
    first, second = (json.loads(line) for line in told.splitlines())
    assert first == {"value": 6.0, "gradient": {"k": 2.0, "y": 3.0, "x": -6.0}}
    assert second["value"] == "inf"
    _, told, _ = call(capsys, "grad", "a * b", "a=2", "b=3", "--json")
    assert json.loads(told) == {"value": 6.0, "gradient": {"a": 3.0, "b": 2.0}}
    path.write_text("x;y\n1,5;2\n")
    _, told, _ = call(capsys, "grad", "x * y", "--rows", str(path), "--decimal", ",")
    assert told.splitlines()[1] == "3.0,2.0,1.5"


@pytest.mark.parametrize(
    ("formula", "content", "more", "told"),
    [
        ("x + y", "x\n1\n", [], "no column 'y' in the first line (x); add the column, or y=number"),
        ("x + width", "x,widht\n1,2\n", [], "did you mean 'widht'?; add the column"),
        ("x", "x\nabc\n", [], "line 2: 'abc' in column 'x' is not a finite number"),
        ("x", "x\n1\n\n1,2\n", [], "line 4: 2 columns, 1 in the first line"),
        ("x", 'x;y\n"1,5";2\n', [], "'1,5' in column 'x' is not a finite number; for a decimal comma say --decimal ,"),
        ("x", "", [], "the file is empty; names of the variables in the first line are needed"),
        ("x", "x,x\n1,2\n", [], "2 columns are named 'x'; give each its own name"),
        ("1 + 2", "x\n1\n", [], "the formula has no variables"),
        ("x", "x\n1\n", ["--draw", "a.svg"], "--draw and --narrate are for one graph; leave --rows out"),
        ("x", "x\n1\n", ["z=1"], "'z' is no variable of the formula"),
    ],
)
def test_rows_that_cannot_be_used(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], formula: str, content: str, more: list[str], told: str
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(content)
    status, _, errors = call(capsys, "grad", formula, *more, "--rows", str(path))
    assert status == 2
    assert told in errors
    assert errors.count("\n") == 1


def test_each_row_of_a_pipe_is_answered_before_the_next_one_comes() -> None:
    command = [sys.executable, "-m", "autograd_mini", "grad", "x ** 2", "--rows", "-"]
    environment = {**os.environ, "PYTHONPATH": os.getcwd()}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"x\n3\n")
        process.stdin.flush()
        assert process.stdout.readline() == b"value,d/dx\n"
        assert process.stdout.readline() == b"9.0,6.0\n"
        process.stdin.write(b"-1\n")
        process.stdin.flush()
        assert process.stdout.readline() == b"1.0,-2.0\n"
        process.stdin.close()
        assert process.wait() == 0
