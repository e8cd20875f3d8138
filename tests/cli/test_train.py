from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograd_mini import checkpoint
from autograd_mini.cli import main


def train(*arguments: str) -> int:
    return main(["train", *arguments])


def parameters(folder: Path) -> dict[str, float]:
    return checkpoint.read(folder / "checkpoint.json").parameters


def test_a_run_leaves_its_results_and_resumes_to_the_same_bits(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is in the plots extra")
    out = tmp_path / "run"
    assert train("moons", "--layers", "4:tanh,2:softmax", "--epochs", "30", "--batch", "20", "--out", str(out)) == 0
    told, errors = capsys.readouterr()
    assert errors == ""
    assert told.startswith(
        "moons: 150 samples to train on, 50 held out; 4:tanh,2:softmax, 22 parameters\nepoch 30: loss 0."
    )
    assert "% right" not in told
    assert "held out: loss 0." in told
    files = [
        "boundary.png",
        "checkpoint.json",
        "history.csv",
        "history.png",
        "model.json",
        "settings.json",
        "training.gif",
        "training.html",
    ]
    assert sorted(path.name for path in out.iterdir()) == files
    assert len((out / "history.csv").read_text().splitlines()) == 31
    more = ["moons", "--layers", "4:tanh,2:softmax", "--epochs", "45", "--batch", "20", "--out", str(out), "--resume"]
    assert train(*more) == 0
    assert capsys.readouterr().out.startswith("resumed at epoch 30\n")
    assert len((out / "history.csv").read_text().splitlines()) == 46
    whole = tmp_path / "whole"
    assert (
        train(
            "moons",
            "--layers",
            "4:tanh,2:softmax",
            "--epochs",
            "45",
            "--batch",
            "20",
            "--out",
            str(whole),
            "--no-figures",
        )
        == 0
    )
    assert parameters(out) == parameters(whole)


@pytest.mark.parametrize(
    ("layers", "text", "shown"),
    [
        ("3:softmax", "a,b,c,kind\n" + "0,1,2,x\n1,0,5,y\n5,5,0,z\n" * 8, '"classes":["x","y","z"]'),
        ("4:softmax", "a,b,kind\n" + "0,1,x\n1,0,y\n" * 8, '"classes":["x","y","class 2","class 3"]'),
        ("3:tanh,1:sigmoid", "a,b,kind\n" + "0,1,no\n1,0,yes\n" * 10, "3 tanh → 1 sigmoid"),
        ("1:linear", "x,price\n" + "".join(f"{i},{i / 7}\n" for i in range(30)), '"inputs":["x"]'),
    ],
)
def test_the_film_of_every_task(tmp_path: Path, layers: str, text: str, shown: str) -> None:
    (tmp_path / "t.csv").write_text(text)
    out = tmp_path / "run"
    assert train(str(tmp_path / "t.csv"), "--layers", layers, "--epochs", "5", "--out", str(out)) == 0
    assert shown in (out / "training.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("layers", "text", "told"),
    [
        ("3:softmax", "a,b,kind\n" + "0,1,x\n1,0,y\n5,5,z\n" * 8, "accuracy"),
        ("2:linear", "0,1,0\n1,0,1\n" * 10, "accuracy"),
        ("1:sigmoid", "0,1,0\n1,0,1\n" * 10, "accuracy"),
        ("1:linear", "0,1,0.5\n1,0,1.5\n" * 10, "loss"),
    ],
)
def test_tables_of_ones_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], layers: str, text: str, told: str
) -> None:
    (tmp_path / "t.csv").write_text(text)
    out = str(tmp_path / "run")
    assert (
        train(
            str(tmp_path / "t.csv"), "--layers", layers, "--epochs", "200", "--lr", "0.1", "--out", out, "--no-figures"
        )
        == 0
    )
    result = capsys.readouterr().out
    assert "held out" in result
    assert ("accuracy 100.0%" in result) == (told == "accuracy")


def test_a_target_column_by_name(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("class,a\n" + "0,1\n1,2\n" * 10)
    arguments = [
        str(tmp_path / "t.csv"),
        "--layers",
        "2:softmax",
        "--epochs",
        "2",
        "--no-figures",
        "--out",
        str(tmp_path / "r"),
    ]
    assert train(*arguments, "--target", "class") == 0
    assert train(*arguments, "--target", "0") == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["spirl"], "no data set 'spirl', and no such file; the sets are linear, spiral, doughnut, moons, xor"),
        (["spiral", "--layers", "10:tan"], "layer '10:tan' is not NODES:ACTIVATION"),
        (["spiral", "--layers", ""], "layer '' is not NODES:ACTIVATION"),
        (
            ["spiral", "--layers", "1:softmax"],
            "the data have classes up to 1, the last layer '1:softmax' is for 1 classes",
        ),
        (["spiral", "--lr", "0"], "Adam: lr is 0.0; a finite number above 0 is needed"),
        (["spiral", "--lr", "fast"], "'fast' is not a finite number of at least 0"),
        (["spiral", "--epochs", "0"], "'0' is not a whole number of at least 1"),
        (["spiral", "--seed", "-1"], "'-1' is not a whole number of at least 0"),
        (["spiral", "--test", "1"], "leaves a part empty"),
        (["spiral", "--samples", "1"], "n is 1; a whole number of at least 2"),
        (["spiral", "--optimizer", "newton"], "invalid choice: 'newton'"),
        (["bad.csv"], "bad.csv, line 2: 'x' is not a finite number"),
        (["bad.csv", "--target", "7"], "target column 7 of 2"),
        (
            ["three.csv", "--layers", "2:softmax"],
            "the data have classes up to 2, the last layer '2:softmax' is for 2 classes",
        ),
        (["three.csv", "--layers", "1:sigmoid"], "1:sigmoid is for the classes 0 and 1"),
        (["real.csv", "--layers", "2:softmax"], "targets that are no class numbers"),
        (
            ["real.csv", "--task", "classification"],
            "'column2' has numbers such as 0.5, targets that are no class numbers",
        ),
        (
            ["spiral", "--layers", "2:softmax", "--task", "regression"],
            "regression does not suit the last layer '2:softmax'",
        ),
        (["spiral", "--resume"], "nothing to resume in run: settings.json is missing or damaged"),
    ],
)
def test_bad_input_is_one_line_and_exit_status_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bad.csv").write_text("1,0\nx,1\n")
    Path("three.csv").write_text("1,0\n2,1\n3,2\n" * 4)
    Path("real.csv").write_text("1,0.5\n2,1.5\n" * 4)
    assert train(*arguments) == 2
    out, errors = capsys.readouterr()
    assert out == ""
    assert told in errors
    assert errors.count("\n") == 1
    assert not Path("run").exists()


def test_resuming_another_run_or_a_damaged_one_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "run"
    same = ["xor", "--layers", "2:softmax", "--epochs", "2", "--no-figures", "--out", str(out)]
    assert train(*same) == 0
    assert train(*same, "--resume", "--lr", "0.5") == 2
    assert "began with lr 0.02, not 0.5" in capsys.readouterr().err
    (out / "checkpoint.json").write_text("{")
    assert train(*same, "--resume") == 2
    assert "checkpoint.json: not a checkpoint, or cut off" in capsys.readouterr().err
    (out / "settings.json").write_text("[")
    assert train(*same, "--resume") == 2
    assert "settings.json is missing or damaged" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert train("xor", "--out", str(tmp_path / "file" / "run")) == 2
    assert "cannot write into" in capsys.readouterr().err


def test_ctrl_c_keeps_the_run(tmp_path: Path) -> None:
    out = tmp_path / "run"
    command = [
        sys.executable,
        "-m",
        "autograd_mini",
        "train",
        "xor",
        "--layers",
        "2:tanh,2:softmax",
        "--epochs",
        "500000",
    ]
    environment = {**os.environ, "PYTHONPATH": os.getcwd()}
    process = subprocess.Popen(
        [*command, "--out", str(out)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    )
    while not (out / "checkpoint.json").exists():
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    told, errors = process.communicate()
    assert process.returncode == 130
    assert b"the same command with --resume continues" in told
    assert b"Traceback" not in errors
    assert checkpoint.read(out / "checkpoint.json").training["run"]["epoch"] > 0
    assert (out / "history.csv").exists()
