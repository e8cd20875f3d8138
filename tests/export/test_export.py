"""A model that left the package answers as the model does, in every language it can leave in."""

from __future__ import annotations

import ctypes
import json
import math
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_mini import nn
from autograd_mini.data import Features, Table, Target
from autograd_mini.export import export
from autograd_mini.export.exchange import ExchangeError, from_json
from autograd_mini.predictor import ModelError, Predictor
from tests.support.program_targets import C_FLAGS, c_compiles

rng = random.Random(0)
MODELS: dict[str, tuple[nn.Module, int]] = {
    "linear": (nn.Affine(3, 2, rng=1), 3),
    "softmax": (nn.network(4, "10:tanh, 3:softmax", rng=1), 4),
    "every activation": (
        nn.network(2, "3:sigmoid,3:relu,3:leaky_relu,3:elu,3:gelu,3:silu,3:softplus,3:tanh,1:linear", rng=2),
        2,
    ),
    "micrograd's": (nn.MLP(3, [4, 4, 1], rng=3), 3),
    "images": (
        nn.Sequential(
            nn.Reshape(1, 4, 4), nn.Conv2d(1, 2, 3, padding=1, rng=rng), nn.ReLU(), nn.LocalContrastNorm(3),
            nn.MaxPool2d(2), nn.Flatten(), nn.HierarchicalSoftmax(8, 3, rng=rng),
        ),
        16,
    ),
}  # fmt: skip


def numbers(outputs: Any) -> list[float]:
    return [float(y.data) for y in nn.Flatten()([outputs])]


def samples(count: int) -> list[list[float]]:
    drawn = np.random.default_rng(7).normal(size=(20, count)) * 2.0
    return [*drawn.tolist(), [0.0] * count, [1e3] * count, [-1e3] * count]


def assert_near(found: list[list[float]], expected: list[list[float]], ulp: int = 4) -> None:
    """Each output within so many units in the last place of the largest output of its sample."""
    assert len(found) == len(expected)
    for a, b in zip(found, expected, strict=True):
        unit = math.ulp(max(map(abs, b)))
        assert all(abs(x - y) <= ulp * unit for x, y in zip(a, b, strict=True)), (a, b)


def run(command: list[str], folder: Path, text: bytes = b"") -> bytes:
    found = subprocess.run(command, cwd=folder, input=text, capture_output=True, check=False)
    assert found.returncode == 0, found.stderr.decode()
    return found.stdout


def run_python(path: Path, rows: list[list[float]]) -> list[list[float]]:
    """Run the file isolated: neither this package nor any other can be imported."""
    code = (
        f"import json, sys; sys.path.insert(0, '.'); import {path.stem} as m; "
        f"print(json.dumps([m.predict(row) for row in {rows!r}]))"
    )
    return json.loads(run([sys.executable, "-I", "-S", "-c", code], path.parent))  # type: ignore[no-any-return]


def run_numpy(path: Path, rows: list[list[float]]) -> list[list[float]]:
    code = (
        f"import json, sys, {path.stem} as m; print(json.dumps(m.predict({rows!r}).tolist())); "
        "assert not any(name.startswith('autograd_mini') for name in sys.modules)"
    )
    return json.loads(run([sys.executable, "-c", code], path.parent))  # type: ignore[no-any-return]


def run_node(path: Path, rows: list[list[float]]) -> list[list[float]]:
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    code = f"console.log(JSON.stringify({json.dumps(rows)}.map(require('./{path.name}').predict)))"
    return json.loads(run(["node", "-e", code], path.parent))  # type: ignore[no-any-return]


def run_json(path: Path, rows: list[list[float]]) -> list[list[float]]:
    program = from_json(json.loads(path.read_text())["program"])
    namespace: dict[str, Any] = {}
    exec(program.source("python"), namespace)
    found = [namespace["program"](*row) for row in rows]
    return [list(each) if isinstance(each, tuple) else [each] for each in found]


def run_c(path: Path, rows: list[list[float]]) -> list[list[float]]:
    if not c_compiles():
        pytest.skip("gcc is not installed")
    outputs = int(path.read_text().split("OUTPUTS = ")[1].split()[0])
    run(["gcc", *C_FLAGS, "-shared", "-fPIC", "-o", "library.so", path.name, "-lm"], path.parent)
    function = ctypes.CDLL(str(path.parent / "library.so")).predict
    found = []
    for row in rows:
        out = (ctypes.c_double * outputs)()
        function((ctypes.c_double * len(row))(*row), out)
        found.append(list(out))
    return found


RUNNERS = {".py": run_python, ".npz": run_numpy, ".js": run_node, ".c": run_c, ".json": run_json}


@pytest.mark.parametrize("ending", RUNNERS)
@pytest.mark.parametrize("kind", MODELS)
def test_a_model_answers_the_same_outside(tmp_path: Path, kind: str, ending: str) -> None:
    model, count = MODELS[kind]
    written = model.export(tmp_path / f"model{ending}")
    assert written[0] == tmp_path / f"model{ending}"
    assert sorted(tmp_path.iterdir()) == sorted(written)
    rows = samples(count)
    expected = [numbers(model(row)) for row in rows]
    assert_near(
        RUNNERS[ending](tmp_path / f"model{ending}", rows), expected, 4 if ending != ".npz" else 64
    )  # NumPy rounds otherwise


def predictor(missing: str = "refuse") -> tuple[Predictor, Table]:
    table = Table.of({
        "長さ": [1.0, 4.0, 6.0, 3.0], "色": ["赤", "青", "赤", "青"],
        "種": ["</script>", 'バラ "x"', "</script>", "*/ ハス"],
    })  # fmt: skip
    features = Features.learn(table, ["長さ", "色"], missing)
    return Predictor.of(nn.network(3, "5:tanh,3:softmax", rng=4), features, Target.learn(table["種"])), table


@pytest.mark.parametrize("ending", RUNNERS)
def test_scaling_and_names_of_classes_are_inside(tmp_path: Path, ending: str) -> None:
    found, table = predictor()
    path = tmp_path / f"model{ending}"
    found.export(path)
    expected = found.outputs(table)
    assert expected.sum(axis=1) == pytest.approx(np.ones(4))
    assert_near(RUNNERS[ending](path, found.features.encode(table).tolist()), expected.tolist(), 8)


def test_the_files_run_from_a_shell_and_name_the_class(tmp_path: Path) -> None:
    found, table = predictor()
    rows = found.features.encode(table).tolist()
    text = "\n".join(",".join(map(repr, row)) for row in rows)
    expected = found.predict(table)
    for ending, command in ((".py", sys.executable), (".npz", sys.executable), (".js", "node")):
        if shutil.which(command) is not None:
            file = found.export(tmp_path / f"m{ending}")[-1]
            assert run([command, file.name], tmp_path, text.encode()).decode().splitlines() == expected


@pytest.mark.skipif(not c_compiles(), reason="gcc is not installed")
def test_a_c_file_is_called_from_another_and_runs_alone(tmp_path: Path) -> None:
    found, table = predictor()
    rows, expected = found.features.encode(table).tolist(), found.predict(table)
    found.export(tmp_path / "model.c")
    (tmp_path / "main.c").write_text(
        "#include <stdio.h>\nvoid predict(const double *x, double *y);\nint classify(const double *x);\n"
        "extern const char *const classes[3];\nint main(void) {\n    double y[3];\n"
        f"    const double x[3] = {{{', '.join(map(repr, rows[1]))}}};\n    predict(x, y);\n"
        '    printf("%.17g %s\\n", y[0], classes[classify(x)]);\n    return 0;\n}\n'
    )
    run(["gcc", *C_FLAGS, "-o", "main", "main.c", "model.c", "-lm"], tmp_path)
    number, name = run(["./main"], tmp_path).decode().strip().split(" ", 1)
    assert (float(number), name) == (pytest.approx(found.outputs(table)[1, 0], rel=1e-15), expected[1])

    run(["gcc", *C_FLAGS, "-DMODEL_MAIN", "-o", "alone", "model.c", "-lm"], tmp_path)
    text = "\n".join(",".join(map(repr, row)) for row in rows) + "\n\n"
    assert run(["./alone"], tmp_path, text.encode()).decode().splitlines() == expected
    for wrong in ("1,2\n3,4,5\n", "1,2,3,4\n", "1,,3\n", "a,b,c\n", "1,2,"):
        told = subprocess.run(["./alone"], cwd=tmp_path, input=wrong.encode(), capture_output=True, check=False)
        assert told.returncode == 1
        assert re.fullmatch(rb"row \d: 3 numbers are needed, separated by commas\n", told.stderr)


@pytest.mark.skipif(not c_compiles(), reason="gcc is not installed")
def test_a_c_file_of_numbers_prints_them(tmp_path: Path) -> None:
    model = nn.network(2, "3:relu, 2:linear", rng=1)
    model.export(tmp_path / "model.c")
    run(["gcc", *C_FLAGS, "-DMODEL_MAIN", "-o", "alone", "model.c", "-lm"], tmp_path)
    printed = run(["./alone"], tmp_path, b"0.5, -2\n1e-3,4").decode().splitlines()
    expected = [numbers(model(row)) for row in ([0.5, -2.0], [1e-3, 4.0])]
    assert_near([[float(word) for word in line.split()] for line in printed], expected)


def test_a_predictor_comes_back_from_its_json(tmp_path: Path) -> None:
    for missing in ("refuse", "drop", "mean"):
        found, table = predictor(missing)
        (path,) = found.export(tmp_path / "model.json")
        again = Predictor.load(path)
        assert again.outputs(table).tolist() == found.outputs(table).tolist()
        assert (again.features, again.target) == (found.features, found.target)
        again.export(tmp_path / "second.json")
        assert (tmp_path / "second.json").read_bytes() == path.read_bytes()
    holed = Table.of({"長さ": [None, 3.5], "色": ["赤", None]})
    outputs = found.outputs(holed)
    full = found.outputs(Table.of({"長さ": [3.5, 3.5], "色": ["赤", "赤"]}))
    assert outputs[0].tolist() == full[0].tolist(), "the mean of 1, 4, 6 and 3 stands for the missing one"
    assert np.isfinite(outputs).all()


def test_one_output_for_two_classes_and_a_number_with_its_unit() -> None:
    table = Table.of({"x": [0.0, 2.0], "y": ["no", "yes"], "z": [10.0, 30.0]})
    features = Features.learn(table, ["x"])
    two = Predictor.of(nn.network(1, "1:sigmoid", rng=0), features, Target.learn(table["y"]))
    assert two.outputs(table).sum(axis=1).tolist() == [1.0, 1.0]
    layer = nn.Affine.of([[1.0]], [0.0])
    number = Predictor.of(layer, features, Target.learn(table["z"], "regression"))
    assert number.predict(table) == [10.0, 30.0]
    with pytest.raises(ValueError, match=r"the model takes 1 numbers and gives 2; there are 1 features and 1 target"):
        Predictor.of(nn.network(1, "2:tanh", rng=0), features, Target("z"))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda c: c.update(format="x"), '"format": "autograd-mini model" is missing'),
        (lambda c: c.update(format="autograd-mini checkpoint"), "a checkpoint, which resumes training"),
        (lambda c: c.update(version=2), "version 2, this program reads 1"),
        (lambda c: c.pop("program"), "program is missing"),
        (lambda c: c.update(program=[]), "a program is an object with the lists inputs, steps and outputs"),
        (lambda c: c["program"]["steps"].insert(0, ["system", ["ls"]]), "'system' is not a function of the table"),
        (lambda c: c["program"]["steps"].insert(0, ["__import__", [1]]), "'__import__' is not a function of the table"),
        (lambda c: c["program"]["steps"].insert(0, "exp"), r"steps.0: \[function, \[operands\]\] is needed"),
        (lambda c: c["program"]["steps"].insert(0, ["exp", [{"v": 10**6}]]), "variable 1000000 is used before"),
        (lambda c: c["program"]["steps"].insert(0, ["exp", [True]]), "'True' is neither a number nor"),
        (lambda c: c["program"]["steps"].insert(0, ["exp", [1.0, 2.0]]), "1 operands are needed, got 2"),
        (
            lambda c: c["program"]["outputs"].pop(),
            "the model takes 3 numbers and gives 2; there are 3 features",
        ),
        (lambda c: c["features"].update(missing="guess"), "missing is one of refuse, drop, mean"),
        (lambda c: c["features"].update(each=[1]), r"each\.0: \[column, word, mean, deviation\] is needed"),
        (lambda c: c["features"]["each"][0].__setitem__(2, "x"), r"each\.0: 'x' is not a number"),
        (lambda c: c["target"].update(classes=[1]), "name is a text and classes a list of texts"),
        (lambda c: c.pop("target"), "target is missing"),
    ],
)
def test_a_damaged_model_is_refused_with_its_place(tmp_path: Path, change: Any, told: str) -> None:
    (path,) = predictor()[0].export(tmp_path / "model.json")
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(ModelError, match=rf"model\.json.*{told}"):
        Predictor.load(path)


def test_files_that_are_no_model(tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    for content, told in (
        (b"{", "not a model, or cut off"),
        (b"\xff", "byte 0 is not UTF-8"),
        (b"[" * 10**5, "not a model"),
    ):
        path.write_bytes(content)
        with pytest.raises(ModelError, match=told):
            Predictor.load(path)
    with pytest.raises(ModelError, match="cannot be read: No such file"):
        Predictor.load(tmp_path / "none")


def test_programs_that_are_none() -> None:
    for content in (None, [], {"inputs": 1, "steps": [], "outputs": []}):
        with pytest.raises(ExchangeError, match="a program is an object with the lists"):
            from_json(content)


def test_what_cannot_leave(tmp_path: Path) -> None:
    model = nn.network(2, "2:softmax", rng=0)
    with pytest.raises(ValueError, match=r"m\.exe: the ending says what to write; \.py, \.npz, \.js"):
        model.export(tmp_path / "m.exe")
    with pytest.raises(ValueError, match="3 classes for a model of 2 outputs; give one name per output"):
        model.export(tmp_path / "m.py", classes=["a", "b", "c"])
    with pytest.raises(ValueError, match="inputs is the text 'ab'; give a number of inputs, or a list"):
        model.export(tmp_path / "m.py", inputs="ab")
    with pytest.raises(ValueError, match=r"Tanh\(\) does not tell how many numbers it takes; give inputs"):
        nn.Tanh().export(tmp_path / "m.py")
    with pytest.raises(ValueError, match=r"branches with `if`.*choose with where"):
        export(lambda xs: xs[0] * 2.0 if xs[0] > 0.0 else xs[0], tmp_path / "m.py", 1)
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_count_is_named_outside_too(tmp_path: Path) -> None:
    path = nn.network(2, "2:softmax", rng=0).export(tmp_path / "m.py", inputs=["width", "height"])[0]
    namespace: dict[str, Any] = {"__name__": "m"}
    exec(path.read_text(), namespace)
    with pytest.raises(ValueError, match=r"predict takes 2 numbers \(width, height\), got 1"):
        namespace["predict"]([1.0])


def test_names_from_a_file_cannot_break_out_of_the_text(tmp_path: Path) -> None:
    names = ['"""\nimport os', "*/ alert(1) /*", "</script> ??/", "\u2028x"]
    model = nn.network(4, "2:softmax", rng=0)
    for ending in (".py", ".js", ".npz", ".c"):
        path = tmp_path / f"m{ending}"
        model.export(path, inputs=names, classes=["'''", "${x}`"])
        assert_near(RUNNERS[ending](path, samples(4)), [numbers(model(row)) for row in samples(4)], 8)
