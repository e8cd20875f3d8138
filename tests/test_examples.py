"""Every example runs, writes its figures and says what it found."""

from __future__ import annotations

import gzip
import importlib
import struct
import sys
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parent.parent / "examples"

GALLERY = ["arithmetic", "branches", "cards", "composite", "fan_out", "folded", "groups", "heat", "neuron"]
FIGURES = {
    "activations": ["activations.png", "collapse.png", "relu_sums.gif", "relu_sums.png", "softmax_line.png"],
    "boundaries": ["lifted.gif", "lifted.png", "likelihood.png", "one_path.png", "radius.png", "staircase.png"],
    "steps": ["batches.png", "remedies.png", "updates.png"],
    "microgpt": ["head.svg", "learning.png"],
    "perceptrons": ["learning.png", "perceptrons.png"],
    "forward_pass": ["forward_pass.svg", "losses.png"],
    "least_squares": ["least_squares.png", "other_losses.png"],
    "watching": ["D4.gif", "D4.png", "D8.gif", "D8.png"],
    "layers": ["contrast.png", "descent.png", "gradients.png", "phases.png", "stack.png", "tree.png"],
    "digits": ["digits.png", "filters.png", "mistakes.png"],
    "graphs": [
        "f1_arithmetic.svg",
        "f2_chain_rule.svg",
        "f3_network.svg",
        "f3_neuron.svg",
        "g10_vectors.svg",
        "g11_neurons.svg",
    ],
    "numeric_vs_reverse": ["costs.png", "minibatches.png", "overfitting.png"],
    "gallery": sorted(
        [f"{name}{tint}.svg" for name in GALLERY for tint in ("", "-dark")]
        + ["difference.svg", "program.svg", "live.html", "film.html", "index.html"]
    ),
}
TOLD = {
    "activations": "relu(-1) + relu(3) = 3, relu(-1 + 3) = 2",
    "boundaries": "1,000 probabilities of 0.4: product 0 with slope 0; sum of logarithms -916.29 with slope 2500",
    "steps": "∂L/∂w₁ is 8; with w₂ updated in the middle of the backward pass it comes out as 4.8",
    "microgpt": "4192 parameters, 500 names such as ramus",
    "perceptrons": "xor   by hand [0, 1, 1, 0]",
    "forward_pass": "layer 3  [0.31682708, 0.69627909]",
    "least_squares": "closed form  ['1.00000000', '-3.00000000', '5.00000000', '-7.00000000']",
    "watching": "D4  spiral · 2 tanh ×5 → 2 softmax",
    "layers": "separate modules equal the fused layer to the last bit: True",
    "digits": "held-out digits right",
    "graphs": "∂y/∂x = ",
    "numeric_vs_reverse": "times faster",
    "gallery": "index.html",
}
PATTERNS = {"watching": ["<row>.gif"], "gallery": ["NAME-dark.svg", *GALLERY, "program.svg", "index.html", "film.html"]}
ARGUMENTS = {"watching": ["--only", "D4", "D8"], "microgpt": ["--engine", "eager"]}


def run(name: str, arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> str | None:
    monkeypatch.syspath_prepend(str(FOLDER))
    module = importlib.import_module(name)
    try:
        module.main(arguments)
    finally:
        del sys.modules[name]
    return module.__doc__


@pytest.mark.parametrize("name", FIGURES)
def test_example(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is in the plots extra")
    if name in ("digits", "steps"):
        pytest.importorskip("sklearn", reason="scikit-learn is in the examples extra")
    text = run(name, ["--fast", "--out", str(tmp_path / "figures"), *ARGUMENTS.get(name, [])], monkeypatch)
    written = sorted(path.name for path in (tmp_path / "figures").iterdir())
    assert written == FIGURES[name]
    assert all((tmp_path / "figures" / figure).stat().st_size > 1000 for figure in written)
    assert TOLD[name] in capsys.readouterr().out
    assert text is not None
    for figure in PATTERNS.get(name, FIGURES[name]):
        assert figure in text, "the docstring says what one sees"


def test_the_table_of_examples_names_every_script_and_figure() -> None:
    table = (FOLDER / "README.md").read_text(encoding="utf-8")
    for name, figures in FIGURES.items():
        assert f"[{name}.py]({name}.py)" in table
        assert name in PATTERNS or all(figure in table for figure in figures)
    counts = dict(zip("ABCDEFG", (4, 3, 5, 8, 8, 6, 12), strict=True))
    rows = [f"{letter}{i}" for letter, count in counts.items() for i in range(1, count + 1)]
    assert [row for row in rows if f"| {row} |" not in table] == []


def write_idx(path: Path, array: np.ndarray, pack: bool) -> None:
    header = bytes([0, 0, 8, array.ndim]) + b"".join(struct.pack(">i", d) for d in array.shape)
    content = header + array.astype(np.uint8).tobytes()
    path.write_bytes(gzip.compress(content) if pack else content)


def test_digits_trains_on_mnist_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Files in MNIST's form, holding scikit-learn's digits thrice as large."""
    datasets = pytest.importorskip("sklearn.datasets", reason="scikit-learn is in the examples extra")
    pytest.importorskip("matplotlib", reason="the example imports its charts")
    found = datasets.load_digits()
    images = np.pad(np.kron(found.images * 15.0, np.ones((1, 3, 3))), ((0, 0), (2, 2), (2, 2)))
    for part, held, pack in (("train", slice(0, 1500), True), ("t10k", slice(1500, None), False)):
        end = ".gz" if pack else ""
        write_idx(tmp_path / f"{part}-images-idx3-ubyte{end}", images[held], pack)
        write_idx(tmp_path / f"{part}-labels-idx1-ubyte{end}", found.target[held], pack)
    run("digits", ["--fast", "--mnist", str(tmp_path)], monkeypatch)
    told = capsys.readouterr().out
    assert told.startswith("MNIST, 196 → 8 relu → 10: 1666 parameters, ")
    assert float(told.split("parameters, ")[1].split("%")[0]) > 30.0, "three times chance after one epoch"
    (tmp_path / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(SystemExit, match="t10k-labels-idx1-ubyte: no such file, with or without"):
        run("digits", ["--fast", "--mnist", str(tmp_path)], monkeypatch)
