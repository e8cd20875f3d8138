"""C text: compiles as strictly as gcc can be asked, in double and in float, with a header and with the gradient."""

from __future__ import annotations

import ctypes
import math
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_mini import erf, hypot, jit, maximum, minimum, parameter, softmax, tanh, where
from autograd_mini.program.ir import Program
from autograd_mini.program.source import prepared
from autograd_mini.program.target import TARGETS
from autograd_mini.program.targets.c import literal
from tests.support.program_targets import C_FLAGS, c_library

pytestmark = pytest.mark.skipif(not shutil.which("gcc"), reason="gcc is not installed")


@pytest.fixture
def neuron() -> Program:
    w, b = parameter(0.75, "w"), parameter(-0.25, "b")
    found: Program = jit(lambda x, y: tanh(w * x + b) + maximum(x, y) * minimum(y, 0.5)).program(0.5, 2.0)
    return found


def call(library: ctypes.CDLL, name: str, real: Any, *arrays: list[float], outputs: int) -> list[float]:
    out = (real * outputs)()
    library[name](*((real * len(array))(*array) for array in arrays), out)
    return list(out)


def test_the_value_and_the_gradient_have_pythons_numbers(neuron: Program) -> None:
    library = c_library(neuron.source("c", "neuron", gradient=True), "-O2")
    space: dict[str, Any] = {}
    exec(neuron.source("python", "neuron", gradient=True), space)
    for x, y in ((0.5, 2.0), (-1.5, 0.25), (0.0, -0.0), (1e300, -math.inf)):
        found = call(library, "neuron", ctypes.c_double, [x, y], [0.75, -0.25], outputs=5)
        assert found == pytest.approx(list(space["neuron"](x, y)), rel=1e-15, nan_ok=True)
    numbers = (ctypes.c_double * 2).in_dll(library, "neuron_parameters")
    assert list(numbers) == [0.75, -0.25]


def test_a_header_for_another_file(neuron: Program, tmp_path: Path) -> None:
    (tmp_path / "neuron.c").write_text(neuron.source("c", "neuron"))
    (tmp_path / "neuron.h").write_text(neuron.source("c", "neuron", header=True))
    (tmp_path / "main.c").write_text(
        '#include <stdio.h>\n#include "neuron.h"\n#include "neuron.h"\nint main(void) {\n'
        "    double inputs[NEURON_INPUTS] = {0.5, 2.0}, outputs[NEURON_OUTPUTS];\n"
        '    neuron(inputs, neuron_parameters, outputs);\n    printf("%.17g\\n", outputs[0]);\n    return 0;\n}\n'
    )
    subprocess.run(["gcc", *C_FLAGS, "-o", "run", "main.c", "neuron.c", "-lm"], cwd=tmp_path, check=True)
    found = subprocess.run([str(tmp_path / "run")], capture_output=True, text=True, check=True).stdout
    assert float(found) == pytest.approx(math.tanh(0.75 * 0.5 - 0.25) + 2.0 * 0.5, rel=1e-15)


def test_single_precision_for_small_processors() -> None:
    def several(x: Any, y: Any) -> Any:
        return erf(x) + hypot(x, y) * softmax([x, y, 1e300])[0] + where(x > y, x**2.5, 1e-300) + maximum(x, y)

    program = jit(several).program(1.5, 0.5)
    text = program.source("c", "several", real="float", gradient=True)
    assert "double" not in text
    found = call(c_library(text), "several", ctypes.c_float, [1.5, 0.5], outputs=3)
    wanted = jit(several)(1.5, 0.5)
    assert found[0] == pytest.approx(wanted, rel=1e-5)


def test_literals_read_back_as_the_same_bits() -> None:
    numbers = (0.1, -0.0, 1e-320, 1.7976931348623157e308, 123456789.0)
    text = "\n".join(f"double f{i}(void) {{ return {literal(number)}; }}" for i, number in enumerate(numbers))
    library = c_library(f"#include <math.h>\n{text}")
    for i, number in enumerate(numbers):
        function = library[f"f{i}"]
        function.restype = ctypes.c_double
        assert repr(function()) == repr(number)
    assert [literal(x) for x in (math.nan, math.inf, -math.inf)] == ["NAN", "INFINITY", "(-INFINITY)"]
    assert literal(1e300, "float") == "INFINITY"
    assert np.float32(literal(0.1, "float").rstrip("f")) == np.float32(0.1)


def test_a_constant_function_and_one_that_branches_warn_of_nothing() -> None:
    c_library(jit(lambda x: 3.0).program(1.0).source("c", "constant"))
    c_library(jit(lambda x, y: x * y if x > y else y).program(1.0, 2.0).source("c", "branching", gradient=True))


def test_no_line_is_longer_than_c99_allows() -> None:
    ws = [parameter(math.sin(i), f"w{i}") for i in range(600)]
    program = jit(lambda *x: sum(w * each for w, each in zip(ws, x, strict=True))).program(*[0.5] * 600)
    for text in (program.source("c"), program.source("c", header=True)):
        assert max(map(len, text.splitlines())) < 4_095
    c_library(program.source("c", gradient=True))


@pytest.mark.parametrize("name", ["a b", "float", "2x", "", "é", "main"])
def test_a_name_that_is_none_in_c(neuron: Program, name: str) -> None:
    with pytest.raises(ValueError, match=r"function name .* is not valid in C; use letters, digits and _, no keyword"):
        neuron.source("c", name)


def test_options_are_refused_by_name(neuron: Program) -> None:
    with pytest.raises(ValueError, match="real is 'half'; 'double', 'float' are legal"):
        neuron.source("c", real="half")
    with pytest.raises(TypeError, match="source for 'c' has no option 'size'; it has gradient, real, header"):
        neuron.source("c", size="1")
    with pytest.raises(TypeError, match="source for 'python' has no option 'header'; it has gradient"):
        neuron.source("python", header=True)


@pytest.mark.usefixtures("table")
def test_a_users_word_in_c() -> None:
    from autograd_mini import primitive

    gamma = primitive("own_gamma", math.gamma, lambda x, y: y, words={"c": "tgamma"})
    program = prepared(jit(gamma).program(2.5), TARGETS["c"])
    assert "tgamma(inputs[0])" in TARGETS["c"].source(program, "f")
    assert "tgammaf(inputs[0])" in TARGETS["c"].source(program, "f", real="float")
