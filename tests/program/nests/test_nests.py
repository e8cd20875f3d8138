"""Programs as loop nests: the bits of the straight lines in every language, in text that grows with the idea."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pytest

from autograd_mini import jit, nn, parameter, take
from autograd_mini.primitives import affine, log_softmax, relu, tanh, total, where
from autograd_mini.program.blocks.recover import recover
from autograd_mini.program.blocks.roll import roll
from autograd_mini.program.ir import Program
from autograd_mini.program.nests.build import as_nests
from autograd_mini.program.passes.adjoint import adjoint
from autograd_mini.program.record.trace import trace
from autograd_mini.program.source import prepared
from autograd_mini.program.target import TARGETS
from autograd_mini.program.targets import c, javascript, python
from tests.support.block_programs import REGULAR, Case, irregular, numbers
from tests.support.program_targets import ELSEWHERE, Outputs, c_compiles, c_library, run_c, run_javascript
from tests.support.recurrences import RECURRENCES

LANGUAGES = [
    "python", *(pytest.param(name, marks=pytest.mark.skipif(bool(ELSEWHERE[name][1]), reason=ELSEWHERE[name][1]))
                for name in ("c", "javascript"))
]  # fmt: skip


@pytest.fixture(params=[True, False], ids=["loops", "lines"])
def written(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def write(monkeypatch: pytest.MonkeyPatch, loops: bool) -> None:
    """Let all texts be loops, however short and irregular the program, or none."""

    def chosen(program: Program, *, apart: bool, least: int = 0) -> Any:
        return as_nests(roll(program, exact=True) or recover(program, exact=True), apart=apart) if loops else None

    for module in (c, javascript, python):
        monkeypatch.setattr(module, "nests_of", chosen)


def closed(program: Program) -> Program:
    """Return the program with its captured inputs as arguments."""
    return Program(program.inputs, program.instructions, program.outputs)


def outputs(language: str, programs: Sequence[Program], places: Sequence[list[float]]) -> Outputs:
    programs, points = [closed(program) for program in programs], [[place] for place in places]
    if language == "c":
        return run_c(programs, points)
    if language == "javascript":
        return run_javascript(programs, points)
    found = []
    for program, (place,) in zip(programs, points, strict=True):
        space: dict[str, Any] = {}
        exec(TARGETS["python"].source(prepared(program, TARGETS["python"]), "f"), space)
        result = space["f"](*place)
        found.append([result if isinstance(result, tuple) else (result,)])
    return found


REGULARS = [*REGULAR.values(), *RECURRENCES.values()]


def cases(losses: Iterable[Case]) -> Iterator[tuple[Program, list[float]]]:
    for loss, at, _ in losses:
        program = trace(loss, at)
        place = [*at, *(value.data for value in program.captured)]
        yield program, place
        yield adjoint(program, seeds=[1.0] * len(program.outputs)), place


@pytest.mark.parametrize("language", LANGUAGES)
def test_loops_have_the_bits_of_straight_lines(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    compare([*REGULARS, irregular(0), irregular(1)], language, monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_loops_of_irregular_programs_have_the_bits_of_straight_lines(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    compare([irregular(seed) for seed in range(2, 24)], language, monkeypatch)


def compare(losses: Sequence[Case], language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    programs, places = zip(*cases(losses), strict=True)
    write(monkeypatch, loops=False)
    lines = outputs(language, programs, places)
    write(monkeypatch, loops=True)
    loops = outputs(language, programs, places)
    wrong = [i for i, (a, b) in enumerate(zip(loops, lines, strict=True)) if repr(a) != repr(b)]
    assert not wrong


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("number", [0.0, 2.0, 4.0, 5.0, -1.0, -5.0, 1.5, float("nan"), float("inf")])
def test_a_choice_by_number(language: str, number: float, monkeypatch: pytest.MonkeyPatch) -> None:
    program = trace(lambda n, *x: [take(x, n), take(x[::-1], n) * 2.0], [1.0, *[0.5] * 5])
    place = [number, *numbers(5, 1)]
    write(monkeypatch, loops=True)
    blocks = recover(prepared(program, TARGETS["python"]), exact=True).blocks
    assert any(block.primitive.name == "choice" for block in blocks)
    loops = outputs(language, [program], [place])
    write(monkeypatch, loops=False)
    assert repr(loops) == repr(outputs(language, [program], [place]))


def loss_of(sizes: Sequence[int]) -> Program:
    model = nn.network(sizes[0], f"{sizes[1]}:relu,{sizes[2]}:linear", rng=1)
    found: Program = jit(lambda *x: -log_softmax(model(list(x)))[0]).program(*[0.1] * sizes[0])
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_text_grows_with_the_idea(language: str) -> None:
    """A layer twice as wide has more numbers, and as many lines of another kind."""
    texts = [loss_of(sizes).source(language, gradient=True) for sizes in ((16, 12, 10), (32, 24, 10))]
    told = re.compile("   inputs.*: |[^a-z]*$")  # in a comment, what each input is; numbers
    short, long = (len([line for line in text.splitlines() if not told.match(line)]) for text in texts)
    assert short == long
    flat = prepared(adjoint(loss_of((32, 24, 10))), TARGETS[language])
    assert 4 * len(texts[1].splitlines()) < len(flat)


def test_outputs_that_are_copied_row_by_row() -> None:
    """Long rows of inputs among the outputs, of several lengths: a loop for each length, and few numbers in tables."""
    order = [*range(40), *range(70, 100), *range(40, 70), 3, 1, *range(110, 140)]
    program = jit(lambda *x: [x[i] for i in order] + [each * 2.0 for each in x]).program(*[0.5] * 150)
    text = program.source("python", "f")
    space: dict[str, Any] = {}
    exec(text, space)
    xs = numbers(150, 4)
    assert space["f"](*xs) == (*(xs[i] for i in order), *(each * 2.0 for each in xs))
    assert len(text) < 1_500


def test_a_short_or_irregular_program_stays_straight() -> None:
    chance = random.Random(0)
    turns = [chance.random() < 0.5 for _ in range(200)]

    def chain(x: Any) -> Any:
        for i in range(200):
            x = (x * (i + 0.5)).sin() if turns[i] else relu(x - i)
        return x

    for function, count in ((chain, 1), (lambda *x: total([tanh(each) for each in x]), 12)):
        text = jit(function).program(*[0.5] * count).source("python")
        assert "for i in" not in text


def test_what_python_text_says() -> None:
    w = [[parameter(0.5 + i + j) for j in range(20)] for i in range(6)]
    program = jit(lambda *x: [relu(affine(row, x, 0.25)) for row in w]).program(*[0.5] * 20)
    text = program.source("python", "layer")
    assert text.endswith(
        """\


def layer(*x):
    if not 20 <= len(x) <= 140:
        raise TypeError(f"layer takes 20 numbers, and up to 120 parameters, got {len(x)}")
    try:
        m = [*x, *layer_parameters[len(x) - 20 :]]
        out = [0.0] * 6
        for i in range(6):
            v0 = 0.25
            for a, b in zip(m[20 * i + 20 : 20 * i + 40], m[0 : 20]):
                v0 += a * b
            v1 = 0.0 if v0 <= 0.0 else v0
            out[i] = v1
        return tuple(out)
    except (ArithmeticError, ValueError):
        pass
    m = [*x, *layer_parameters[len(x) - 20 :]]
    out = [0.0] * 6
    for i in range(6):
        v0 = 0.25
        for a, b in zip(m[20 * i + 20 : 20 * i + 40], m[0 : 20]):
            v0 += a * b
        v1 = maximum(v0, 0.0)
        out[i] = v1
    return tuple(out)
"""
    )
    space: dict[str, Any] = {}
    exec(text, space)
    xs = numbers(20, 2)
    expected = tuple(relu(affine([each.data for each in row], xs, 0.25)) for row in w)
    assert space["layer"](*xs) == expected
    assert space["layer"](*xs, *[0.0] * 20) == (0.25, *expected[1:])  # the first of the parameters
    for count in (19, 141):
        with pytest.raises(TypeError, match=f"layer takes 20 numbers, and up to 120 parameters, got {count}"):
            space["layer"](*[0.0] * count)


def test_what_repeats_in_time_is_a_loop() -> None:
    def growth(x: Any, rate: Any) -> Any:
        for _ in range(2_000):
            x = x + rate * x * (1.0 - x)
        return x

    program = jit(growth).program(0.25, 0.01)
    assert """\
    double s1_1 = work[0];
    for (long i = 0; i < 1999; i++) {
        const double v2 = inputs[1] * s1_1;
        const double v3 = 1.0 - s1_1;
        const double v4 = v2 * v3;
        const double v5 = s1_1 + v4;
        work[1] = v5;
        s1_1 = v5;
    }
    outputs[0] = work[1];
}
""" in program.source("c", "growth")
    for language in ("python", "javascript", "c"):
        assert len(program.source(language, gradient=True).splitlines()) < 120


def test_what_c_text_says() -> None:
    w = [[parameter(0.5 + i + j) for j in range(20)] for i in range(6)]
    program = jit(lambda *x: [where(h > 0.0, h, tanh(h)) for h in (affine(row, x, 0.0) for row in w)]).program(
        *[0.5] * 20
    )
    text = program.source("c", "layer", real="float")
    assert text.endswith(
        """\
void layer(const float inputs[20], const float parameters[120], float outputs[6]) {
    for (long i = 0; i < 6; i++) {
        float v0 = 0.0f;
        for (long j = 0; j < 20; j++) {
            v0 += parameters[20 * i + j] * inputs[j];
        }
        const int v1 = 0.0f < v0;
        const float v2 = tanhf(v0);
        const float v3 = v1 ? v0 : v2;
        outputs[i] = v3;
    }
}
"""
    )
    if c_compiles():
        c_library(text)


def test_javascript_text_refuses_a_wrong_count() -> None:
    if ELSEWHERE["javascript"][1]:
        pytest.skip(ELSEWHERE["javascript"][1])
    program = jit(lambda *x: total([each * each for each in x])).program(*[0.5] * 120)
    text = program.source("javascript", "norm")
    assert "function norm(...x) {" in text
    from tests.support.node import run_node

    asked = "try { norm(1, 2); } catch (error) { console.log(String(error)); }"
    assert run_node(text + asked).strip() == "RangeError: norm takes 120 numbers, got 2"
