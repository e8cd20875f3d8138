"""Kinks, poles, ties, infinities and nan: the eager engine held to the table of ``edge_cases``."""

from __future__ import annotations

import itertools
import math
import random
import re

import pytest

from autograd_mini.engine.record import record
from autograd_mini.engine.value import Value
from autograd_mini.primitives.registry import PRIMITIVES
from autograd_mini.primitives.row import NO_FLOW, Primitive
from autograd_mini.primitives.table import complement, sqrt
from autograd_mini.program.jit import jit
from autograd_mini.transforms.functions import grad, gradients, jvp
from tests.support.edge_cases import CASES, LARGEST, NO_FLOWS, TINY, Case

nan, inf = math.nan, math.inf
ROWS = [row for row in PRIMITIVES.values() if not row.boolean]
PYTHONS_OWN = re.compile(r"/|\*\*")
NAMES = [case[0] for case in CASES]


def close(computed: float, exact: float, signed: bool = False) -> bool:
    """Equal to 8 ulp; nan and infinities exactly, and the sign of a zero where ``signed``."""
    if exact != exact or math.isinf(exact):
        return computed == exact or (computed != computed and exact != exact)
    if signed and exact == 0.0:
        return computed == 0.0 and math.copysign(1.0, computed) == math.copysign(1.0, exact)
    return abs(computed - exact) <= 8.0 * math.ulp(exact)


def test_the_names_of_cases_are_unique() -> None:
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_value_and_gradient(case: Case) -> None:
    _, function, args, value, gradient, _ = case
    xs = [Value(x) for x in args]
    out = function(*xs)
    out.backward()
    assert close(out.data, value, signed=math.copysign(1.0, value) < 0.0), out
    assert all(close(x.grad, d) for x, d in zip(xs, gradient, strict=True)), [x.grad for x in xs]


@pytest.mark.parametrize("case", [case for case in CASES if case[5] is not None], ids=lambda case: case[0])
def test_second_order(case: Case) -> None:
    _, function, args, _, gradient, hessian = case
    xs = [Value(x) for x in args]
    first = gradients(function(*xs), xs, create_graph=True)
    assert all(close(g.data, d) for g, d in zip(first, gradient, strict=True)), first
    assert hessian is not None
    second = [gradients(g, xs) for g in first]
    assert all(close(a, b) for a, b in zip(itertools.chain(*second), itertools.chain(*hessian), strict=True)), second


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_forward_mode(case: Case) -> None:
    """One direction per argument: the partials are those of reverse mode."""
    _, function, args, value, gradient, _ = case
    for i, slope in enumerate(gradient):
        out, moved = jvp(function, args, [float(i == j) for j in range(len(args))])
        assert close(out, value)
        assert close(moved, slope), (i, moved, slope)


@pytest.mark.parametrize("case", [case for case in CASES if case[5] is not None], ids=lambda case: case[0])
def test_forward_over_reverse(case: Case) -> None:
    _, function, args, _, _, hessian = case
    both = tuple(range(len(args)))
    for i, line in enumerate(hessian or ()):
        _, moved = jvp(grad(function, both), args, [float(i == j) for j in range(len(args))])
        assert all(close(a, b) for a, b in zip(moved, line, strict=True)), (i, moved, line)


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_a_compiled_function_of_values(case: Case) -> None:
    """A node of a compiled function remembers where nothing flows: its gradient is the plain function's."""
    _, function, args, value, gradient, _ = case
    xs = [Value(x) for x in args]
    out = jit(function, engine="python")(*xs)
    out.backward()
    assert close(out.data, value)
    assert all(close(x.grad, d) for x, d in zip(xs, gradient, strict=True)), [x.grad for x in xs]


@pytest.mark.parametrize("case", NO_FLOWS, ids=lambda case: case[0])
def test_nothing_flows_on_behind_a_compiled_function(case: Case) -> None:
    """The infinite slope stands before the compiled function and not in it."""
    _, function, args, *_ = case
    inner = jit(lambda *rs: function(*(r * r for r in rs)), engine="python")
    xs = [Value(x * x) for x in args]
    inner(*(sqrt(x) for x in xs)).backward()
    plain = [Value(x * x) for x in args]
    function(*(sqrt(x) * sqrt(x) for x in plain)).backward()
    assert all(close(a.grad, b.grad) for a, b in zip(xs, plain, strict=True)), (xs, plain)


@pytest.mark.parametrize("case", [case for case in CASES if not PYTHONS_OWN.search(case[0])], ids=lambda case: case[0])
def test_numbers_give_the_value_of_the_graph(case: Case) -> None:
    """The same function of plain numbers, where Python's own / and ** are not asked."""
    _, function, args, value, _, _ = case
    assert close(function(*args), value)


# ---------------------------------------------------------------- every primitive, special numbers

SPECIAL = (0.0, -0.0, 1.0, -1.0, 0.5, -2.0, TINY, -TINY, 1e-310, 1e300, -1e300, LARGEST, -LARGEST, inf, -inf, nan)


def arguments(row: Primitive) -> list[tuple[float, ...]]:
    """Every special number in every argument; static ones stay what rules may give them."""
    if row.arity is None:
        count = 5 if row.name == "affine" else 3
        chance = random.Random(row.name)
        if row.name == "take":  # another index is an IndexError
            return [
                (chance.choice(SPECIAL), chance.choice(SPECIAL), float(chance.randrange(-2, 2))) for _ in range(400)
            ]
        return [tuple(chance.choice(SPECIAL) for _ in range(count)) for _ in range(400)] + [
            (x,) * count for x in SPECIAL
        ]
    statics = {
        "polygamma": (1.0, 2.0, 3.0),
        "round_to": (0.0, 2.0, -3.0, 22.0),
        "dpow": (1.0, 2.0),
        "bell": (0.5, 1.0),
        "dbell": (0.5, 1.0),
        "where": (0.0, 1.0),
    }
    return list(
        itertools.product(
            *(statics[row.name] if i in row.static and row.name in statics else SPECIAL for i in range(row.arity))
        )
    )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_nothing_raises_on_a_number(row: Primitive) -> None:
    for args in arguments(row):
        mixed = tuple(a if i in row.static else Value(a) for i, a in enumerate(args))
        made = record(row, mixed)
        for out in made if row.outputs else [made]:
            assert type(out.data) is float, args
            assert all(d is NO_FLOW or type(d) is float for d in out.partials), args
            for slope in out.op.derivatives(mixed, out):
                if isinstance(slope, Value):
                    slope.backward()
                    assert all(type(x.grad) is float for x in mixed if isinstance(x, Value)), args


METHODS = [row for row in ROWS if row.arity and row.name != "where" and hasattr(Value, row.name)]


@pytest.mark.parametrize("row", METHODS, ids=lambda row: row.name)
def test_a_method_answers_as_the_function_does(row: Primitive) -> None:
    """Value's methods are a second door to a row, with floats bound ahead: same value, same partials."""
    for args in arguments(row)[:: 1 if len(row.domain) < 3 else 17]:
        first, *rest = (Value(a) if i not in row.static else a for i, a in enumerate(args))
        by_method = getattr(first, row.name)(*rest)
        by_record = record(row, (first, *rest))
        for a, b in zip((by_method.data, *by_method.partials), (by_record.data, *by_record.partials), strict=True):
            assert a == b or (a != a and b != b), args


LINEAR = {
    "take": (1,),
    "where": (1, 2), "identity": (0,), "add": (0, 1), "sub": (0, 1), "mul": (0, 1), "div": (0,), "neg": (0,),
    "leaky_relu": (1,), "elu": (1,), "total": (0, 1, 2), "affine": (0, 1, 2, 3, 4), "complement": (0, 1),
    "stop_gradient": (0,),
}  # fmt: skip
"""Arguments in which a row is linear: the partial is made of the other arguments, and a number at nan too."""


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_nan_in_nan_out(row: Primitive) -> None:
    """A nan argument gives a nan value, and the partial to that argument is nan."""
    usual = {
        "dpow": (1.5, 2.5, 1.0),
        "clip": (0.5, -1.0, 1.0),
        "where": (1.0, 2.0, 3.0),
        "bell": (0.3, 1.0),
        "dbell": (0.3, 1.0),
    }
    usual |= {"take": (1.5, 2.5, 1.0), "polygamma": (1.5, 1.0), "round_to": (1.5, 1.0)}
    usual |= {"leaky_relu": (-1.5, 0.5), "elu": (-1.5, 0.5)}  # where the slope and α count
    count = row.arity or (5 if row.name == "affine" else 3)
    start = usual.get(row.name, (1.5, 2.5, 0.5, 0.75, 1.25)[:count])
    for i in (i for i in range(count) if i not in row.static):
        args = [*start[:i], nan, *start[i + 1 :]]
        if row.name == "where" and i == 2:
            continue  # the branch not taken
        if row.name == "take" and i != 1:
            continue  # not the one taken
        if row.name == "complement" and i == 0:
            continue  # the value is given by the other shares alone; the share itself drags its nan along
        made = record(row, tuple(a if j in row.static else Value(a) for j, a in enumerate(args)))
        for out in made if row.outputs else [made]:
            assert out.data != out.data, args
            if i in LINEAR.get(row.name, ()):
                continue
            assert out.partials[i] != out.partials[i], (args, out.partials)


def test_an_infinite_partial_of_an_untaken_branch_does_not_flow() -> None:
    x = Value(0.0)
    out = PRIMITIVES["where"](False, PRIMITIVES["sqrt"](x), x)
    assert out.partials[1] is NO_FLOW
    out.backward()
    assert x.grad == 1.0


def test_what_complement_is_computed_from_gets_no_adjoint() -> None:
    """1 − s is given by the other shares; their own slopes, here infinite, have no part in its derivative."""

    def left(s: Value, x: Value) -> Value:
        return complement(s, sqrt(x))  # type: ignore[no-any-return]

    assert gradients(left(s := Value(1.0), x := Value(0.0)), [s, x]) == [-1.0, 0.0]
    assert jit(grad(left, (0, 1)))(1.0, 0.0) == (-1.0, 0.0)
