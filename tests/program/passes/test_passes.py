"""Tracing, adjoint, lowering, simplification, verification and the printed form."""

from __future__ import annotations

import itertools
import math
import random
from dataclasses import replace
from typing import Any

import pytest

from autograd_mini.engine.value import Value, parameter
from autograd_mini.primitives import table as rows
from autograd_mini.primitives.registry import PRIMITIVES, primitive
from autograd_mini.program.ir import Instruction, Operand, Program
from autograd_mini.program.passes.adjoint import adjoint, pull_back
from autograd_mini.program.passes.lower import lower
from autograd_mini.program.passes.simplify import simplify
from autograd_mini.program.record.recorder import Recorder, Traced, TraceError
from autograd_mini.program.record.trace import agreed, trace
from autograd_mini.program.source import prepared
from autograd_mini.program.target import TARGETS
from autograd_mini.program.verify import VerificationError, verify
from autograd_mini.transforms.functions import gradients
from tests.program.test_agreement import random_function
from tests.support.interpret import interpret
from tests.support.program_targets import same

inf, nan = math.inf, math.nan


# ---------------------------------------------------------------- trace


def test_a_trace_records_each_operation_once() -> None:
    w = parameter(3.0, "w")
    program = verify(trace(lambda x, y: rows.affine([w, 2.0], [x, y], 1.0) * w * w, [1.0, 2.0], ["x", "y"]))
    assert [step.primitive.name for step in program.instructions] == ["affine", "mul", "mul"]
    assert program.captured == (w,)
    assert len(program) == 3
    assert interpret(program, (1.0, 2.0)) == [72.0]
    w.data = 1.0
    assert interpret(program, (1.0, 2.0)) == [6.0]


def test_an_instruction_may_have_several_results() -> None:
    program = verify(trace(lambda *xs: rows.softmax(xs), [1.0, 2.0, 3.0]))
    (step,) = program.instructions
    assert len(step.results) == 3
    assert program.outputs == step.results


def test_every_operation_on_captured_values_is_recorded() -> None:
    w = parameter(3.0)
    program = verify(trace(lambda x: x + w * w, [1.0]))
    w.data = 5.0
    assert interpret(program, (1.0,)) == [26.0]


def test_literals_are_computed_at_once() -> None:
    program = trace(lambda x: x * (rows.exp(Value(2.0) * 0.0) + rows.log(0.0)), [1.0])
    assert len(program) == 4  # Value(2.0) is somebody's Value: its number may change
    assert trace(lambda x: rows.where(rows.less(1.0, 2.0), x, 1.0 / x), [1.0]).outputs == (0,)


def test_guards_are_what_python_saw() -> None:
    def branching(x: Any, y: Any) -> Any:
        return x * y if x > 0 and not y > 1.0 else x

    program = verify(trace(branching, [1.0, 0.5]))
    assert [outcome for _, outcome in program.guards] == [True, False]
    matching = verify(program.matching)
    assert [interpret(matching, point)[0] for point in ((1.0, 0.5), (1.0, 2.0), (-1.0, 0.5), (nan, nan))] == [
        1,
        0,
        0,
        0,
    ]
    assert interpret(verify(trace(lambda x: x, [1.0]).matching), (1.0,)) == [1.0]
    simple = verify(simplify(program))
    assert [interpret(simple.matching, point)[0] for point in ((1.0, 0.5), (1.0, 2.0), (-1.0, 0.5))] == [1, 0, 0]


def test_what_a_trace_refuses() -> None:
    with pytest.raises(TraceError, match="returned a list; a traced function returns Values or numbers"):
        trace(lambda x: [[x]], [1.0])
    exponent = Value(2.0)
    with pytest.raises(TraceError, match=r"power: argument 2 must be a plain number in a traced function"):
        trace(lambda x: rows.power(x, exponent), [1.0])
    with pytest.raises(TraceError, match="a Traced is made by a recorder"):
        Traced()
    with pytest.raises(
        TraceError, match="gradients cannot be taken while a derivative rule or an expansion is recorded"
    ):
        trace(lambda x: gradients(x * x, [x])[0], [1.0])
    others = [trace(lambda x, k=k: x * k, [1.0]) for k in (2.0, 3.0)]
    with pytest.raises(TraceError, match="f computed something else when run a second time"):
        agreed("f", *others)


def test_labels_become_names() -> None:
    def labelled(x: Any) -> Any:
        y = x * 2.0
        y.label = "twice"
        assert y.label == "twice"
        return y + x

    assert "twice = x × 2" in str(trace(labelled, [1.0], ["x"]))


# ---------------------------------------------------------------- adjoint


def test_the_adjoint_is_a_program_of_value_and_gradient() -> None:
    w = parameter(3.0, "w")
    program = trace(lambda x: x * w * w, [2.0])
    both = verify(adjoint(program))
    assert interpret(both, (2.0,)) == [18.0, 9.0, 12.0]
    assert interpret(verify(adjoint(program, wrt=[program.inputs[1]])), (2.0,)) == [18.0, 12.0]
    two = trace(lambda x: [x * x, 3.0 * x], [2.0])
    assert interpret(verify(adjoint(two, seeds=(1.0, 10.0))), (2.0,)) == [4.0, 6.0, 34.0]
    with pytest.raises(ValueError, match="the program has 2 outputs and got 0 seeds; give one per output"):
        adjoint(two)


def test_affine_stays_one_instruction() -> None:
    program = simplify(adjoint(trace(lambda a, b, x, y: rows.tanh(rows.affine([a, b], [x, y], 0.5)), [1.0] * 4)))
    assert sum(step.primitive is rows.affine for step in program.instructions) == 1


@pytest.mark.parametrize("order", [1, 2, 3])
def test_nothing_flows_to_the_branch_not_taken_at_any_order(order: int) -> None:
    def guarded(x: Any) -> Any:
        root = rows.sqrt(x)  # shared by two branches: neither flows at 0
        return rows.where(x > 0, root * rows.log(x), 0.0) + rows.where(x > 0, 2.0 * root, x * x)

    program = trace(guarded, [0.0])
    for _ in range(order):
        program = verify(simplify(verify(adjoint(program, seeds=[*[0.0] * (len(program.outputs) - 1), 1.0]))))
        program = replace(program, outputs=program.outputs[-1:])
    assert interpret(program, (0.0,)) == [{1: 0.0, 2: 2.0, 3: 0.0}[order]]


def test_a_rule_that_branches_says_so(table: None) -> None:
    hinge = primitive("hinge", lambda x: max(x, 0.0), lambda x, out: 1.0 if x > 0 else 0.0)
    with pytest.raises(TraceError, match=r"branches with Python's `if` on a number that is not known yet; write where"):
        adjoint(trace(hinge, [1.0]))


# ---------------------------------------------------------------- simplify


def made(*steps: tuple[Any, ...], inputs: int = 2) -> Program:
    """A program from (row, operands…), each result the next variable, the last the output."""
    instructions = tuple(
        Instruction(row, operands, (inputs + i,)) for i, (row, *operands) in enumerate((s[0], *s[1:]) for s in steps)
    )
    instructions = tuple(replace(step, operands=tuple(step.operands)) for step in instructions)
    return verify(Program(tuple(range(inputs)), instructions, (inputs + len(steps) - 1,)))


@pytest.mark.parametrize(
    ("steps", "output"),
    [
        ([(rows.mul, 0, 1.0)], 0),
        ([(rows.mul, 1.0, 0)], 0),
        ([(rows.div, 0, 1.0)], 0),
        ([(rows.sub, 0, 0.0)], 0),
        ([(rows.add, 0, -0.0)], 0),
        ([(rows.add, -0.0, 0)], 0),
        ([(rows.neg, 0), (rows.neg, 2)], 0),
        ([(rows.identity, 0)], 0),
        ([(rows.power, 0, 1.0)], 0),
        ([(rows.power, 0, 0.0)], 1.0),
        ([(rows.total, 0)], 0),
        ([(rows.mul, 3.0, 0.0)], 0.0),
        ([(rows.div, 1.0, 0.0)], inf),
        ([(rows.less, 0, 1), (rows.where, 2, 0, 0)], 0),
        ([(rows.where, 0.0, 0, 1)], 1),
        ([(rows.less, 0, 1), (rows.logical_and, 2, 1.0), (rows.logical_or, 3, 0.0), (rows.where, 4, 1, 1)], 1),
    ],
)
def test_what_simplifies_to_an_operand(steps: list[tuple[Any, ...]], output: Operand) -> None:
    program = verify(simplify(made(*steps)))
    assert program.outputs == (output,)
    assert len(program) == 0


@pytest.mark.parametrize(
    ("steps", "left"),
    [
        ([(rows.add, 0, 0.0)], ["add"]),  # −0.0 + 0.0 is 0.0
        ([(rows.sub, 0, -0.0)], ["sub"]),
        ([(rows.mul, 0, 0.0)], ["mul"]),  # 0·inf is nan
        ([(rows.sub, 0, 0)], ["sub"]),  # inf − inf is nan
        ([(rows.div, 0, 0)], ["div"]),
        ([(rows.div, 0, 3.0)], ["div"]),  # 1/3 is rounded
        ([(rows.div, 0, 8.0)], ["mul"]),
        ([(rows.div, 0, 5e-324)], ["div"]),  # 1/5e-324 overflows
        ([(rows.mul, 0, -1.0)], ["neg"]),
        ([(rows.neg, 1), (rows.add, 0, 2)], ["sub"]),
        ([(rows.neg, 1), (rows.sub, 0, 2)], ["add"]),
        ([(rows.neg, 0), (rows.neg, 1), (rows.mul, 2, 3)], ["mul"]),
        ([(rows.add, 0, 1), (rows.add, 1, 0), (rows.mul, 2, 3)], ["add", "mul"]),
        ([(rows.sub, 0, 1), (rows.sub, 1, 0), (rows.mul, 2, 3)], ["sub", "sub", "mul"]),
        ([(rows.mul, 0, 0.0), (rows.mul, 0, -0.0), (rows.div, 2, 3)], ["mul", "mul", "div"]),
        ([(rows.exp, 0), (rows.exp, 1)], ["exp"]),  # the first is dead
        ([(rows.less, 0, 1), (rows.logical_not, 2), (rows.where, 3, 0, 1)], ["less", "where"]),
        ([(rows.total, 0, 1)], ["add"]),
    ],
)
def test_only_what_is_exact_is_rewritten(steps: list[tuple[Any, ...]], left: list[str]) -> None:
    before = made(*steps)
    after = verify(simplify(before))
    assert [step.primitive.name for step in after.instructions] == left
    special = (0.0, -0.0, 1.5, -3.0, inf, -inf, nan, 5e-324, -1e308, 2.0**-1022)
    for point in itertools.product(special, repeat=2):
        (a,), (b,) = interpret(before, point), interpret(after, point)
        assert same(a, b), (point, a, b)
        assert a != 0.0 or math.copysign(1.0, a) == math.copysign(1.0, b), (point, a, b)


@pytest.mark.parametrize("seed", range(0, 60, 2))
def test_simplifying_changes_no_bit(seed: int) -> None:
    function, count = random_function(seed, exact=True)
    chance = random.Random(seed)
    xs = tuple(chance.uniform(-2, 2) for _ in range(count))
    program = verify(adjoint(verify(trace(function, xs))))
    simple = verify(simplify(program))
    assert len(simple) <= len(program)
    assert [*map(repr, interpret(simple, xs))] == [*map(repr, interpret(program, xs))]
    assert verify(simplify(simple)).outputs == simple.outputs


def test_names_and_inputs_survive() -> None:
    program = simplify(trace(lambda x, y: x * 1.0, [1.0, 2.0], ["x", "y"]))
    assert program.inputs == (0, 1)
    assert program.names == {0: "x", 1: "y"}


# ---------------------------------------------------------------- lower


@pytest.mark.parametrize("target", TARGETS.values(), ids=list(TARGETS))
def test_lowering_leaves_only_what_the_target_spells(target: str) -> None:
    row_names = ["softmax", "logsumexp", "log_softmax", "affine", "total"]

    def everything(x: Any, y: Any) -> Any:
        made = [rows.gelu(x), rows.sigmoid(y), rows.elu(x, 1.0), rows.logaddexp(x, y), rows.clip(x, -1.0, 1.0)]
        several = [PRIMITIVES[name]([x, y]) for name in row_names if name != "affine"]
        return [*made, *(each for one in several for each in (one if isinstance(one, list) else [one]))]

    program = trace(everything, [0.5, -0.5])
    lowered = verify(lower(program, target))
    assert all(target.word(step.primitive) is not None for step in lowered.instructions)
    expected, found = interpret(program, (0.5, -0.5)), interpret(lowered, (0.5, -0.5))
    assert all(same(a, b, ulps=2.0) for a, b in zip(expected, found, strict=True))
    assert prepared(program, target).outputs


def test_an_expansion_may_divide_by_a_literal_zero(table: None) -> None:
    strange = primitive("strange", partials=lambda x, y, out: (1.0, 0.0), arity=2, expand=lambda x, y: x + 1.0 / y)
    program = trace(lambda x: strange(x, 0.0), [1.0])
    assert interpret(lower(program, TARGETS["python"]), (1.0,)) == [inf]


# ---------------------------------------------------------------- verify


def test_verify_says_what_is_wrong() -> None:
    good = trace(lambda x, y: rows.where(x < y, x, rows.power(y, 2.0)), [1.0, 2.0])
    less, power, where = good.instructions
    cases: list[tuple[Program, str]] = [
        (replace(good, instructions=(less, power, power, where)), "variable 3 is assigned a second time"),
        (
            replace(good, instructions=(where, less, power)),
            "instruction 0 .where.: variable 2 is used before it is assigned",
        ),
        (replace(good, instructions=good.instructions[:2]), "the outputs: variable 4 is used before"),
        (replace(good, inputs=(0, 0, 1)), "the inputs: variable 0 is assigned a second time"),
        (replace(good, outputs=(less.results[0],)), "the outputs: variable 2 is a truth value, a number is needed"),
        (replace(good, guards=((0, True),)), "the guards: variable 0 is a number, a truth value is needed"),
        (replace(good, captured=(Value(1.0),) * 3), "3 captured Values but only 2 inputs"),
        (
            replace(good, instructions=(replace(less, operands=(0,)), power, where)),
            r"instruction 0 \(less\): 2 operands are",
        ),
        (replace(good, instructions=(replace(less, results=(2, 9)), power, where)), "1 results are needed, got 2"),
        (replace(good, instructions=(less, replace(power, operands=(1, 0)), where)), "operand 1 must be a literal"),
        (
            replace(good, instructions=(less, power, replace(where, operands=(0, 0, 1)))),
            "variable 0 is a number, a truth",
        ),
        (
            replace(good, instructions=(less, power, replace(where, operands=(0.5, 0, 1)))),
            "literal 0.5 is used where a truth",
        ),
        (replace(good, outputs=("x",)), "operand 'x' is neither a variable"),  # type: ignore[arg-type]
        (replace(good, inputs=(0, 1.0)), "1.0 is not a variable"),  # type: ignore[arg-type]
        (replace(good, inputs=(0, True)), "True is not a variable"),
    ]
    verify(good)
    for program, message in cases:
        with pytest.raises(VerificationError, match=message):
            verify(program)


# ---------------------------------------------------------------- text


def test_a_program_reads_like_a_page_of_mathematics() -> None:
    w = parameter(2.0, "w")

    def function(x: Any, y: Any) -> Any:
        top = rows.affine([w, 0.5], [x, y], -1.0) if x > y else x
        return [rows.where(abs(top) < 1.0, top, -top / 3.0), rows.softmax([x, y])[0] ** 2, 1.0 - y * -2.5]

    assert str(simplify(trace(function, [2.0, 1.0], ["x", "y"]))) == (
        "program(x, y)\n"
        "  given w  (read at each call)\n"
        "  where x₂ is True\n"
        "  x₂       = y < x\n"
        "  x₄       = −1 + w·x + 0.5·y\n"
        "  x₅       = |x₄|\n"
        "  x₆       = x₅ < 1\n"
        "  x₇       = −x₄\n"
        "  x₈       = x₇ ÷ 3\n"
        "  x₉       = x₄ if x₆ else x₈\n"
        "  x₁₀, x₁₁ = softmax(x, y)\n"
        "  x₁₂      = x₁₀ ** 2\n"
        "  x₁₃      = y × (−2.5)\n"
        "  x₁₄      = 1 − x₁₃\n"
        "  return x₉, x₁₂, x₁₄"
    )


def test_names_are_given_once() -> None:
    a, b = parameter(1.0, "a"), parameter(2.0, "a")
    assert "given a, a₂" in str(trace(lambda x: x * a * b, [1.0], ["x"]))
    assert str(trace(lambda x, y: x - y, [1.0, 2.0], ["x₁", ""])).startswith("program(x₁, x₁′)")


# ---------------------------------------------------------------- the recorder


def test_a_recorder_for_each_thread_and_no_leftovers() -> None:
    recorder = Recorder(concrete=True, pull_back=pull_back)
    with pytest.raises(ZeroDivisionError), recorder:
        raise ZeroDivisionError
    assert (Value(2.0) * 3.0).data == 6.0  # nothing is recorded any more
    with pytest.raises(TraceError, match="is used after that call"), Recorder() as other:
        other.traced(recorder.argument(2.0).operand) + recorder.argument(2.0)
