"""A program is printed whole while it is short, as blocks where it is long and regular."""

import random

from autograd_mini import jit, parameter, relu
from autograd_mini.nn import MLP
from autograd_mini.program import Program, recover


def test_a_short_program_is_printed_line_by_line() -> None:
    program = jit(lambda x, y: x * y + 2.0).program(1.0, 2.0)
    assert str(program).splitlines() == ["program(x, y)", "  x₂ = x × y", "  x₃ = x₂ + 2", "  return x₃"]


def test_a_long_one_shows_its_shapes() -> None:
    model = MLP(70, [50, 10])
    program = jit(lambda *x: model(list(x))).program(*[0.5] * 70)
    lines = str(program).splitlines()
    assert lines[0] == "program(x0…x69)"
    assert [line.partition(" = ")[2].partition(":")[0] for line in lines[2:-2]] == [
        "50 × dot of 70", "50 × relu", "10 × dot of 50",
    ]  # fmt: skip
    assert lines[-1] == f"({len(program):,} instructions in 3 blocks)"


def test_one_that_is_long_and_irregular_is_printed_whole() -> None:
    chosen = tuple(random.Random(1).choices((True, False), k=80))

    def chain(x):  # type: ignore[no-untyped-def]
        for i, one in enumerate(chosen):
            x = (x * (i + 0.5)).sin() if one else relu(x - i)
        return x

    program = jit(chain).program(1.0)
    assert len(str(program).splitlines()) == 2 + len(program)


def test_the_names_of_the_package() -> None:
    w = parameter(2.0, "w")
    program = jit(lambda x: w * x).program(1.0)
    assert isinstance(program, Program)
    assert len(recover(program)) == len(program) == 1
