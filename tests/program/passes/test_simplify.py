"""simplify alone, against the program it was given: the same bits, on random programs of every row.

The programs are made to provoke it: few inputs, literals that a rewrite might mistake (±0, ±1,
infinities, nan, powers of two), nested choices on one condition, negations of negations.
"""

from __future__ import annotations

import itertools
import math
import random
from dataclasses import replace

import pytest

import autograd_mini.program.passes.simplify as simplify_module
from autograd_mini import jit
from autograd_mini.primitives import table as rows
from autograd_mini.primitives.registry import PRIMITIVES
from autograd_mini.primitives.row import Primitive
from autograd_mini.program.ir import Instruction, Operand, Program
from autograd_mini.program.passes.simplify import RULES, part, simplify
from autograd_mini.program.record.recorder import TRUTHS
from autograd_mini.program.verify import verify
from tests.support.interpret import interpret, values

LITERALS = (0.0, -0.0, 1.0, -1.0, 2.0, 0.5, -0.25, 3.0, math.inf, -math.inf, math.nan, 5e-324, 2.0**-1022, 1e308)
POINTS = (*LITERALS, -1.5, 0.75, -5e-324, -1e308)
STATIC = {
    "power": (0.0, -0.0, 1.0, 2.0, -1.0, 0.5, 3.0), "dpow": (1.0, 2.0), "bell": (0.5, 1.0), "dbell": (0.5, 1.0),
    "round_to": (0.0, 2.0, -1.0, 22.0, -22.0), "polygamma": (1.0, 2.0, 3.0),
}  # fmt: skip
REWRITTEN = [row for row in RULES if row is not rows.where]


def bits(number: float) -> str:
    return "nan" if number != number else float(number).hex()


def random_program(chance: random.Random, inputs: int) -> Program:
    """A few dozen instructions; numbers and truth values stand where they may."""
    numbers: list[int] = list(range(inputs))
    truths: list[int] = []
    steps: list[Instruction] = []
    fresh = inputs

    def number() -> Operand:
        return chance.choice(LITERALS) if chance.random() < 0.25 else chance.choice(numbers[-6:] + numbers[:inputs])

    def truth() -> Operand:
        return float(chance.random() < 0.5) if not truths or chance.random() < 0.1 else chance.choice(truths[-3:])

    def new() -> tuple[Primitive, tuple[Operand, ...]]:
        row = chance.choice(
            [*[rows.where, rows.neg, rows.neg] * 2, rows.less, rows.logical_not, *REWRITTEN, *PRIMITIVES.values()]
        )
        least = 2 if row is rows.take else 1  # a number and an index
        count = row.arity or (chance.choice((3, 5)) if row is rows.affine else chance.randrange(least, 5))
        kinds = ("truth" if i in TRUTHS.get(row, ()) else "static" if i in row.static else "" for i in range(count))
        return row, tuple(
            truth() if kind == "truth" else chance.choice(STATIC[row.name]) if kind else number() for kind in kinds
        )

    def again() -> tuple[Primitive, tuple[Operand, ...]]:
        """An instruction that is there already, its operands swapped or a zero's sign turned."""
        step = chance.choice(steps)
        if step.primitive.static:
            return step.primitive, step.operands
        turned = tuple(-x if x == 0.0 and isinstance(x, float) else x for x in step.operands)
        return step.primitive, chance.choice((step.operands, step.operands[::-1], turned))

    for _ in range(chance.randrange(4, 30)):
        row, operands = again() if steps and chance.random() < 0.25 else new()
        results = tuple(range(fresh, fresh + (len(operands) if row.outputs else 1)))
        fresh = results[-1] + 1
        steps.append(Instruction(row, operands, results))
        (truths if row.boolean else numbers).extend(results)
    outputs = tuple(chance.choices(numbers, k=6))
    program = Program(tuple(range(inputs)), tuple(steps), outputs)
    seen = values(program, tuple(chance.choice(POINTS) for _ in range(inputs)))  # by what ``if`` would have seen here
    return verify(replace(program, guards=tuple((x, bool(seen[x])) for x in truths[-2:])))


@pytest.mark.parametrize("start", [0, 200, *(pytest.param(i, marks=pytest.mark.long) for i in range(400, 1200, 200))])
def test_no_bit_changes(start: int) -> None:
    for seed in range(start, start + 200):
        chance = random.Random(seed)
        program = random_program(chance, 3)
        simple = verify(simplify(program))
        assert len(simple) <= len(program)
        places = [tuple(chance.choice(POINTS) for _ in range(3)) for _ in range(8)]
        for xs in places:
            before, after = ([*map(bits, interpret(each, xs))] for each in (program, simple))
            assert before == after, f"seed {seed}, at {xs}:\n{program}\n\n{simple}"
            holds = [interpret(each.matching, xs) for each in (program, simple)]
            assert holds[0] == holds[1], f"seed {seed}, guards at {xs}:\n{program}\n\n{simple}"


def test_what_is_simple_stays_as_it_is_and_is_not_simplified_again() -> None:
    for seed in range(300):
        program = random_program(random.Random(seed), 3)
        simple = simplify(program)
        assert simple.is_normal
        assert simplify(simple) is simple
        changed = replace(simple)  # what a pass makes is not known to be simple
        assert not changed.is_normal
        assert simplify(changed) == simple


def test_a_part_of_what_is_simple_is_simple() -> None:
    for seed in range(300):
        simple = simplify(random_program(random.Random(seed), 3))
        for outputs in (None, simple.outputs[:1], simple.outputs[2:4]):
            made = verify(part(simple, outputs))
            assert made.is_normal
            assert not made.guards
            assert simplify(replace(made)) == made
    open_program = random_program(random.Random(1), 3)
    assert not part(open_program, open_program.outputs[:1]).is_normal


@pytest.mark.parametrize("engine", ["python", "numpy"])
def test_a_jitted_function_simplifies_each_program_once(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Program] = []
    run = simplify_module._Folding.run
    monkeypatch.setattr(simplify_module._Folding, "run", lambda fold: (made.append(fold.program), run(fold))[1])
    f = jit(lambda x, y: x * y + 1.0 if x > y else x - y, engine=engine)
    assert f(3.0, 2.0) == 7.0
    assert len(made) == 2, "the path, and the path with the test of its guard"
    assert [f(3.0, 2.0), f(4.0, 2.0)] == [7.0, 9.0]
    assert len(made) == 2


def choice(*steps: tuple[Primitive, *tuple[Operand, ...]]) -> Program:
    """A program of (row, operands…) on four inputs."""
    made = tuple(Instruction(row, operands, (4 + i,)) for i, (row, *operands) in enumerate(steps))
    made = tuple(Instruction(step.primitive, tuple(step.operands), step.results) for step in made)
    return verify(Program((0, 1, 2, 3), made, (3 + len(made),)))


@pytest.mark.parametrize(
    ("steps", "picked"),
    [
        ([(rows.less, 0, 1), (rows.where, 4, 1, 2), (rows.where, 4, 5, 3)], (4, 1, 3)),  # where(c, where(c, p, q), b)
        ([(rows.less, 0, 1), (rows.where, 4, 1, 2), (rows.where, 4, 3, 5)], (4, 3, 2)),  # where(c, a, where(c, p, q))
        ([(rows.less, 0, 1), (rows.logical_not, 4), (rows.where, 5, 2, 3)], (4, 3, 2)),
    ],
)
def test_a_choice_within_a_choice_on_the_same_condition(
    steps: list[tuple[Primitive, *tuple[Operand, ...]]], picked: tuple[Operand, ...]
) -> None:
    program = choice(*steps)
    simple = verify(simplify(program))
    last = simple.instructions[-1]
    assert (last.primitive, last.operands) == (rows.where, picked)
    for xs in itertools.product((1.0, 2.0), (1.0, 2.0), (30.0,), (40.0,)):
        assert interpret(simple, xs) == interpret(program, xs)


@pytest.mark.parametrize(
    ("steps", "xs"),
    [
        ([(rows.neg, 0), (rows.add, 4, 1)], (2.0, 5.0)),  # -x + y is y - x
        ([(rows.neg, 0), (rows.neg, 1), (rows.mul, 4, 5)], (2.0, 5.0)),
        ([(rows.div, 0, 5e-324)], (5e-324, 0.0)),  # 1, though 1/5e-324 overflows
        ([(rows.div, 0, 2.0**-1023)], (2.0**-1023, 0.0)),  # 1, and 2**1023 is a number
    ],
)
def test_an_exact_rewrite_keeps_the_number(
    steps: list[tuple[Primitive, *tuple[Operand, ...]]], xs: tuple[float, float]
) -> None:
    program = choice(*steps)
    assert interpret(simplify(program), (*xs, 0.0, 0.0)) == interpret(program, (*xs, 0.0, 0.0))


@pytest.mark.parametrize("nan_first", [False, True])
def test_the_slope_of_relu_times_an_adjoint_is_a_choice(nan_first: bool) -> None:
    """1 where x > 0 and nan where x is nan, times a number: that number, or nan."""
    product = (math.nan, 0) if nan_first else (0, math.nan)
    program = choice((rows.less, 0.0, 0), (rows.mul, *product), (rows.where, 4, 1.0, 5), (rows.mul, 1, 6))
    simple = verify(simplify(program))
    assert [step.primitive for step in simple.instructions] == [rows.less, rows.where]
    for xs in itertools.product(POINTS, POINTS, (0.0,), (0.0,)):
        assert [*map(bits, interpret(simple, xs))] == [*map(bits, interpret(program, xs))]


def test_an_index_that_is_none_folds_to_nan_as_a_program_gives_it() -> None:
    program = choice((rows.take, 2.0, 3.0, 7.0), (rows.add, 0, 4))
    assert math.isnan(interpret(simplify(program), (1.0, 0.0, 0.0, 0.0))[0])
    program = choice((rows.take, 2.0, 3.0, -1.0), (rows.add, 0, 4))
    assert interpret(simplify(program), (1.0, 0.0, 0.0, 0.0)) == [4.0]


@pytest.mark.parametrize("x", [-0.0, 0.0])
@pytest.mark.parametrize("zero", [-0.0, 0.0])
def test_a_sum_with_zero_keeps_the_sign_that_ieee_gives(x: float, zero: float) -> None:
    for operands in ((0, zero), (zero, 0)):
        for row in (rows.add, rows.sub):
            simple = simplify(choice((row, *operands)))
            assert bits(interpret(simple, (x, 1.0, 1.0, 1.0))[0]) == bits(
                row.evaluate(tuple(x if each == 0 and isinstance(each, int) else zero for each in operands))
            )
