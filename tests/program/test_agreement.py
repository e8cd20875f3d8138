"""Every engine gives the same numbers: primitives, edges and random programs on every target.

Where an operation is correctly rounded (+ − × ÷ √, choices, comparisons) all targets give the
same bits. Elsewhere the maths libraries differ by a few ulp, and what is computed from them
as far as the program carries the difference: each random program is therefore held to its own
conditioning, measured by evaluating it with every such operation a few ulp off.
"""

from __future__ import annotations

import functools
import itertools
import math
import random
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from autograd_mini.engine.value import Value
from autograd_mini.primitives import table as am
from autograd_mini.primitives.registry import PRIMITIVES
from autograd_mini.primitives.row import Primitive
from autograd_mini.program.ir import Program
from autograd_mini.program.passes.adjoint import adjoint, pull_back
from autograd_mini.program.passes.simplify import simplify
from autograd_mini.program.record.trace import trace
from autograd_mini.program.verify import verify
from autograd_mini.transforms.functions import gradients
from tests.support.edge_cases import CASES
from tests.support.program_targets import RUN, WAYS, keeps, same
from tests.support.reference import COMPONENTS, REFERENCES, mp
from tests.support.sampling import points

ROWS = list(PRIMITIVES.values())
EXACT = {
    "identity", "add", "sub", "mul", "div", "neg", "abs", "sign", "step", "floor", "ceil", "round", "maximum",
    "minimum", "clip", "nonnegative", "relu", "leaky_relu", "where", "sqrt", "total", "affine", "less", "less_equal",
    "equal", "not_equal", "logical_and", "logical_or", "logical_not", "trunc", "fmod", "mod", "floordiv", "round_to",
    "take", "stop_gradient",
}  # fmt: skip
SLOW = ("llvm", "jax", "c")  # to compile
FUSED = {"add", "sub", "mul", "affine", "total"}
"""What XLA joins into one rounding, or adds in another order."""
XLA = {
    "log1p": 32.0, "atanh": 32.0, "logit": 32.0, "cbrt": 128.0, "sinh": 512.0, "cosh": 512.0, "erfc": 512.0,
    "normal_cdf": 512.0, "gelu": 512.0, "affine": 8.0, "total": 8.0, "round_to": 2.0,
}  # fmt: skip
"""What XLA does not keep, in ulp: its functions far out, sums in its order, x/10 as a product with 1/10."""
JUMPING = {"floor", "ceil", "round", "sign", "step", "trunc", "floordiv", "round_to", "mod", "fmod"}


# ---------------------------------------------------------------- edges


@pytest.mark.parametrize("target", WAYS)
def test_edges(target: str) -> None:
    """Value, gradient and Hessian at kinks, poles, ties and infinities are those of the table."""
    programs, places, wanted, names = [], [], [], []
    for name, function, args, value, gradient, hessian in CASES:
        if not keeps(target, *args):
            continue

        def derivatives(
            *xs: Any, function: Callable[..., Any] = function, second: bool = hessian is not None
        ) -> list[Any]:
            out = function(*xs)
            first = gradients(out, xs, create_graph=True)
            rows = [each for slope in first for each in gradients(slope, xs)] if second else []
            return [out, *first, *rows]

        programs.append(verify(simplify(verify(trace(derivatives, args, pull_back=pull_back)))))
        places.append([args])
        wanted.append([value, *gradient, *(each for row in hessian or () for each in row)])
        names.append(name)
    found = RUN[target](programs, places)
    wrong = [
        f"{name}: {got} instead of {want}"
        for name, ((*got,),), want in zip(names, found, wanted, strict=True)
        if not all(same(a, b, ulps=16.0) for a, b in zip(got, want, strict=True))
    ]
    assert not wrong, "\n".join(wrong)


# ---------------------------------------------------------------- primitives


def apply(row: Primitive, args: tuple[Any, ...]) -> Any:
    """``row`` at arguments as its rule takes them, one number out."""
    if row.boolean:
        return am.where(row(*args), 1.0, 0.0)
    if row.name == "affine":
        n = len(args) // 2
        return row(args[:n], args[n:-1], args[-1])
    if row.name == "take":
        return row(args[:-1], args[-1])
    if row.arity is not None:
        return row(*args)
    out = row(args) if row.flatten else row(*args)
    return am.total([(i + 1.0) * y for i, y in enumerate(out)]) if row.outputs else out


@pytest.mark.parametrize("target", WAYS)
def test_every_primitive(target: str) -> None:
    """Each row over its domain: the bits of the eager value where rounding is exact, else a few ulp."""
    programs, places, wanted, rows = [], [], [], []
    chance = random.Random(3)
    for row in ROWS:
        every = list(points(row))
        # static arguments are literals of the program: one program for each
        groups: dict[tuple[float, ...], list[tuple[float, ...]]] = {}
        static = row.static if row.name != "where" else ()
        for args in chance.sample(every, min(len(every), 400)):
            groups.setdefault(tuple(args[i] for i in static), []).append(args)
        for fixed, group in list(groups.items())[:12]:
            literals = dict(zip(static, fixed, strict=True))

            def function(*xs: Any, row: Primitive = row, literals: dict[int, float] = literals) -> Any:
                return apply(row, tuple(literals.get(i, x) for i, x in enumerate(xs)))

            programs.append(trace(function, group[0]))
            assert not programs[-1].guards
            places.append(group)
            wanted.append([float(apply(row, tuple(args))) for args in group])
            rows.append(row)
    found = RUN[target](programs, places)
    wrong = []
    for row, group, got, want in zip(rows, places, found, wanted, strict=True):
        allowed = 0.0 if row.name in EXACT else 8.0
        if target == "jax":
            allowed = XLA.get(row.name, allowed)
        scale = 1.0 if row.name in ("dgelu", "dsilu") else 0.0  # sums that cancel at a root
        wrong += [
            f"{row.name}{args}: {a} instead of {b}, {abs(a - b) / math.ulp(b)} ulp"
            for args, (a,), b in zip(group, got, want, strict=True)
            if keeps(target, *args, b) and not same(a, b, allowed, scale)
        ]
    assert not wrong, "\n".join(wrong[:40])


SIGNED = (0.0, -0.0, 1.0, -1.0, 0.5, 5e-324, -5e-324, math.inf, -math.inf, math.nan)


def bits(number: float) -> str:
    return "nan" if number != number else float(number).hex()


@pytest.mark.parametrize("target", WAYS)
def test_signs_of_zeros(target: str) -> None:
    """Rows that round to nothing but the exact number keep its sign, also beside a literal."""
    programs, places, wanted, names = [], [], [], []
    for row in ROWS:
        if row.name not in EXACT or row.boolean or row.arity is None or row.name == "round_to":
            continue
        group = list(itertools.product(SIGNED, repeat=row.arity))
        group = random.Random(row.name).sample(group, min(len(group), 100))
        if row.name == "where":
            group = [(float(a == a and a > 0.0), *rest) for a, *rest in group]
        fixed: list[dict[int, float]] = [
            {},
            *({i: x} for i in range(row.arity) for x in (0.0, -0.0, 1.0) if row.arity > 1),
        ]
        for literals in fixed:

            def function(*xs: Any, row: Primitive = row, literals: dict[int, float] = literals) -> Any:
                return row(*(literals.get(i, x) for i, x in enumerate(xs)))

            programs.append(trace(function, group[0]))
            places.append(group)
            wanted.append([float(row.evaluate(tuple(literals.get(i, x) for i, x in enumerate(xs)))) for xs in group])
            names.append((row.name, literals))
    found = RUN[target](programs, places)
    wrong = [
        f"{name}{xs}: {a!r} instead of {b!r}"
        for name, group, got, want in zip(names, places, found, wanted, strict=True)
        for xs, (a,), b in zip(group, got, want, strict=True)
        if keeps(target, *xs, b) and bits(a) != bits(b)
        if not (target == "jax" and repr(name) == "('sub', {1: -0.0})")  # XLA takes x − (−0) for x
    ]
    assert not wrong, f"{len(wrong)}\n" + "\n".join(wrong[:40])


@pytest.mark.parametrize("target", WAYS)
def test_zeros_have_their_sign(target: str) -> None:
    """max(0, −0) is 0 and min(0, −0) is −0, in whichever order and lane they stand."""
    places = [(0.0, -0.0), (-0.0, 0.0), (-0.0, -0.0), (0.0, 0.0)] * 9
    programs = [trace(lambda a, b, row=row: row(a, b), places[0]) for row in (am.maximum, am.minimum)]
    larger, smaller = RUN[target](programs, [places, places])
    assert [math.copysign(1.0, x) for (x,) in larger] == [1.0, 1.0, -1.0, 1.0] * 9
    assert [math.copysign(1.0, x) for (x,) in smaller] == [-1.0, -1.0, -1.0, 1.0] * 9


# ---------------------------------------------------------------- random programs

UNARY = [
    am.exp, am.tanh, am.sigmoid, am.relu, am.sin, am.cos, am.sqrt, am.log, am.log1p, am.abs, am.softplus, am.erf,
    am.atan, am.silu, am.gelu, am.floor, am.sign, am.neg, am.asinh, am.expm1, am.elu, am.leaky_relu, am.cbrt,
]  # fmt: skip
BINARY = [am.add, am.sub, am.mul, am.div, am.maximum, am.minimum, am.hypot, am.atan2, am.logaddexp]
ROUNDED = [am.relu, am.abs, am.sqrt, am.sign, am.neg, am.floor, am.step, am.leaky_relu]
ROUNDED_BINARY = [am.add, am.sub, am.mul, am.div, am.maximum, am.minimum]


def random_function(seed: int, exact: bool) -> tuple[Callable[..., Any], int]:
    """A function of a few numbers, 1 to 200 operations, with sharing, constants and branches."""
    chance = random.Random(seed)
    count, size = chance.randint(1, 4), int(200 ** chance.random())
    unary, binary = (ROUNDED, ROUNDED_BINARY) if exact else (UNARY, BINARY)
    plan: list[tuple[Any, ...]] = []
    for i in range(size):
        recent = max(0, count + i - 12)
        pick = [chance.randrange(recent if chance.random() < 0.7 else 0, count + i) for _ in range(4)]
        number = chance.choice((chance.uniform(-2, 2), 0.5, 1.0, 2.0, 0.0, -1.0, 3.0))
        kinds = ("unary", "binary", "binary", "number", "where", "if", "affine", "power", "softmax")
        kind = chance.choices(kinds, (6, 5, 5, 3, 2, 0.4, 1, 0 if exact else 1, 0 if exact else 0.6))[0]
        row = chance.choice(unary if kind == "unary" else binary)
        plan.append((kind, row, pick, number))

    def function(*xs: Any) -> Any:
        values = list(xs)
        for kind, row, (a, b, c, d), number in plan:
            p, q, r, s = values[a], values[b], values[c], values[d]
            if kind == "unary":
                values.append(row(p))
            elif kind == "binary":
                values.append(row(p, q))
            elif kind == "number":
                values.append(row(p, number) if row in binary else p + number)
            elif kind == "where":
                values.append(am.where(p > q, r, s))
            elif kind == "if":
                values.append(r * number if p > number else s)
            elif kind == "affine":
                values.append(am.affine([p, number], [q, r], s))
            elif kind == "power":
                values.append(p ** random.Random(number).choice((2, 3, -1, 0.5, 1.5)))
            else:
                values.append(am.softmax([p, q, r])[0])
        return values[-1] + values[-1 - len(plan) // 2] * 0.5 if plan else values[-1]

    return function, count


def eager(function: Callable[..., Any], xs: tuple[float, ...]) -> list[float]:
    values = [Value(x) for x in xs]
    out = function(*values)
    if not isinstance(out, Value):
        return [float(out), *(0.0 for _ in xs)]
    out.backward()
    return [out.data, *(value.grad for value in values)]


def shaken(program: Program, xs: tuple[float, ...], chance: random.Random, rounded: set[str] = EXACT) -> list[float]:
    """The outputs where each inexact operation is off by up to 4 ulp, as another maths library may be."""
    known: dict[int, Any] = dict(zip(program.inputs, xs, strict=True))
    for step in program.instructions:
        row = step.primitive
        out = row.evaluate(tuple(known[x] if isinstance(x, int) else x for x in step.operands))
        outs = out if row.outputs else (out,)
        if row.name not in rounded:
            outs = tuple(y * (1.0 + chance.uniform(-1.0, 1.0) * 2.0**-50) for y in outs)
        known.update(zip(step.results, outs, strict=True))
    return [known[x] if isinstance(x, int) else x for x in program.outputs]


def moved(
    program: Program, xs: tuple[float, ...], base: list[float], chance: random.Random, rounded: set[str] = EXACT
) -> list[float]:
    """How far differences in rounding may carry each result."""
    reach = [0.0] * len(base)
    for _ in range(6):
        there = shaken(program, xs, chance, rounded)
        reach = [
            max(r, abs(a - b)) if math.isfinite(a) and math.isfinite(b) else math.inf
            for r, a, b in zip(reach, there, base, strict=True)
        ]
    return reach


def exact_value(program: Program, xs: tuple[float, ...]) -> Any:
    """The first output to 50 digits, along the way the floats take; None near steps, poles, infinities."""
    floats: dict[int, Any] = dict(zip(program.inputs, xs, strict=True))
    exact: dict[int, Any] = {x: mp.mpf(number) for x, number in floats.items()}
    for step in program.instructions:
        row = step.primitive
        numbers = tuple(floats[x] if isinstance(x, int) else x for x in step.operands)
        out = row.evaluate(numbers)
        outs = out if row.outputs else (out,)
        if not all(math.isfinite(each) for each in outs):
            return None
        floats.update(zip(step.results, outs, strict=True))
        if row.boolean:
            continue
        if row.name == "where":
            numbers = (numbers[0], *map(float, numbers[1:]))
            chosen = step.operands[1 if numbers[0] else 2]
            exact[step.results[0]] = exact[chosen] if isinstance(chosen, int) else mp.mpf(chosen)
            continue
        if row.name in JUMPING and abs(numbers[0] - round(numbers[0])) < 1e-6:
            return None
        args = tuple(exact[x] if isinstance(x, int) else mp.mpf(x) for x in step.operands)
        for i, result in enumerate(step.results):
            reference = COMPONENTS[row.name](i) if row.outputs else REFERENCES[row.name]
            try:
                exact[result] = reference(*args)[0]
            except ZeroDivisionError:  # the reference gives derivatives too, and one has a pole here
                return None
    first = program.outputs[0]
    return exact[first] if isinstance(first, int) else mp.mpf(first)


@functools.lru_cache(maxsize=1000)
def exact_case(seed: int) -> tuple[Program, tuple[float, ...], Any, float] | None:
    """A random program, its value to 50 digits, and how far rounding may carry it; None for what is left out."""
    function, count = random_function(seed, exact=False)
    chance = random.Random(-seed)
    xs = tuple(chance.uniform(-3, 3) for _ in range(count))
    program = verify(trace(function, xs))
    value = exact_value(program, xs)
    if value is None or not mp.isfinite(value):
        return None
    reach = [abs(float(exact_value(program, moved_xs) or mp.inf) - float(value)) for moved_xs in nearby(xs, chance)]
    return verify(simplify(program)), xs, value, max(reach)


def nearby(xs: tuple[float, ...], chance: random.Random) -> Iterator[tuple[float, ...]]:
    """Points a few ulp away."""
    for _ in range(4):
        yield tuple(x * (1.0 + chance.uniform(-1, 1) * 2.0**-49) for x in xs)


@pytest.mark.parametrize("target", WAYS)
def test_random_programs_against_fifty_digits(target: str) -> None:
    found = [case for case in map(exact_case, range(60 if target in SLOW else 300)) if case is not None]
    assert len(found) > 10
    outputs = RUN[target]([case[0] for case in found], [[case[1]] for case in found])
    wrong = [
        f"{got} instead of {value}, reach {reach}: {xs}"
        for (_, xs, value, reach), ((got, *_),) in zip(found, outputs, strict=True)
        if abs(mp.mpf(got) - value) > 64 * (reach + math.ulp(float(value))) and math.isfinite(reach)
    ]
    assert not wrong, "\n".join(wrong)


class Case(NamedTuple):
    """One random program, and what the eager engine makes of it."""

    program: Program
    xs: tuple[float, ...]
    wanted: list[float]
    room: list[float] | None  # how far the results may move; None where every operation is correctly rounded


@functools.lru_cache(maxsize=1000)
def random_case(seed: int) -> Case:
    exact = seed % 2 == 0
    function, count = random_function(seed, exact)
    chance = random.Random(-seed)
    xs = tuple(chance.choice((chance.uniform(-3, 3), chance.uniform(-1, 1), 0.5)) for _ in range(count))
    program = verify(simplify(verify(adjoint(verify(trace(function, xs))))))
    wanted = eager(function, xs)
    return Case(program, xs, wanted, None if exact else moved(program, xs, wanted, chance))


def check_random(target: str, seeds: range) -> None:
    cases = [random_case(seed) for seed in seeds]
    found = RUN[target]([case.program for case in cases], [[case.xs] for case in cases])
    wrong = []
    for seed, case, ((*got,),) in zip(seeds, cases, found, strict=True):
        room = case.room
        if target == "jax":
            room = moved(case.program, case.xs, case.wanted, random.Random(seed), EXACT - FUSED)
        for i, (a, b) in enumerate(zip(got, case.wanted, strict=True)):
            if room is None:
                fine = same(a, b)
            else:
                fine = math.isinf(room[i]) or same(a, b, 64.0) or abs(a - b) <= 16.0 * room[i]
            if not fine:
                wrong.append(f"seed {seed}, result {i}: {a} instead of {b}")
    assert not wrong, f"{len(wrong)} wrong:\n" + "\n".join(wrong[:30])


@pytest.mark.parametrize("target", WAYS)
def test_random_programs(target: str) -> None:
    check_random(target, range(50 if target.startswith(SLOW) else 300))


@pytest.mark.slow
@pytest.mark.parametrize("target", WAYS)
@pytest.mark.parametrize("start", range(300, 10_300, 1000))
def test_ten_thousand_random_programs(target: str, start: int) -> None:
    check_random(target, range(start, start + 1000))
