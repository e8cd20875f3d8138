"""The golden table on every engine: value, first and second partials of every primitive, to the ulp of its bound."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from itertools import groupby
from typing import Any

import pytest

from autograd_mini.primitives.floats import by_ieee
from autograd_mini.primitives.row import Primitive
from autograd_mini.program.passes.adjoint import pull_back
from autograd_mini.program.passes.simplify import simplify
from autograd_mini.program.record.trace import trace
from autograd_mini.transforms.functions import gradients
from tests.support import golden
from tests.support.golden import Line
from tests.support.program_targets import RUN, WAYS
from tests.support.reference import limits

ROUNDED = 1.0  # the table's numbers are themselves rounded
LIBRARY = 8.0
"""What another maths library, vectorised or a browser's, may add to each number of a compiled program, in ulp."""
BEYOND: dict[tuple[str, str], str] = {}
"""Where an engine does not hold its bound, and why: (engine, row)."""


@cache
def table() -> list[Line]:
    return golden.read()


def off(computed: float, exact: float) -> float:
    """The distance in ulp; infinity stands for what rounds to it, nan only for nan."""
    if computed == exact or (computed != computed and exact != exact):
        return 0.0
    if computed != computed or exact != exact:
        return math.inf
    if math.isinf(computed) or math.isinf(exact):
        near = 1.7976931348623157e308 * (1.0 - 2.0**-48)
        return 0.0 if abs(computed) >= near and abs(exact) >= near and computed * exact > 0.0 else math.inf
    return abs(computed - exact) / math.ulp(exact)


def orders(row: Primitive, count: int) -> list[int]:
    """The order of each number of a line: its value, its first partials, its second."""
    return [0] + [1] * count + [2] * (count * (count + 1) // 2)


def moving(line: Line) -> list[int]:
    return [i for i in range(len(line.args)) if i not in line.row.static]


def test_the_table_is_large_enough_and_small_enough() -> None:
    assert len(table()) >= 25_000
    assert golden.PATH.stat().st_size < 1_000_000
    assert sum(x is None for line in table() for x in line.numbers) < 0.1 * sum(len(line.numbers) for line in table())


@pytest.mark.long
def test_eager() -> None:
    """The very numbers of the row: the same walk as that of the accuracy tests, against the table."""
    hold_eager(table())


def hold_eager(lines: Sequence[Line]) -> None:
    wrong = []
    for line in lines:
        bound = limits(line.row)
        for order, computed, exact in zip(orders(line.row, len(moving(line))), eager(line), line.numbers, strict=True):
            if exact is not None and off(computed, exact) > bound[order] + ROUNDED:
                wrong.append(f"{line.name}{line.args}: order {order}, {computed!r} instead of {exact!r}")
    assert not wrong, f"{len(wrong)}\n" + "\n".join(wrong[:40])


@pytest.mark.long
def test_values_written_in_other_primitives() -> None:
    """``expand``, which targets without a word for a row use, gives the value too."""
    hold_expanded(table())


def hold_expanded(lines: Sequence[Line]) -> None:
    wrong = []
    for line in lines:
        if line.row.expand is not None and line.numbers[0] is not None:
            found = by_ieee(line.row.expand, line.args)
            value = found[line.output] if line.row.outputs else found
            if off(value, line.numbers[0]) > limits(line.row)[0] + ROUNDED:
                wrong.append(f"{line.name}{line.args}: {value!r} instead of {line.numbers[0]!r}")
    assert not wrong, f"{len(wrong)}\n" + "\n".join(wrong[:40])


def eager(line: Line) -> list[float]:
    """Value, partials and second partials at the arguments of a line."""
    from autograd_mini.engine.record import record
    from autograd_mini.engine.value import Value

    places = moving(line)
    mixed = tuple(Value(x) if i in places else x for i, x in enumerate(line.args))
    made = record(line.row, mixed)
    outs = made if line.row.outputs else [made]
    out = outs[line.output]
    numbers = [out.data, *(out.partials[i] or 0.0 for i in places)]
    if line.row.outputs:
        slopes = line.row.derivatives(mixed, outs, line.output)
    else:
        slopes = line.row.derivatives(mixed, out)
    for i in places:
        xs = [mixed[j] for j in places if j >= i]
        numbers += gradients(slopes[i], xs) if isinstance(slopes[i], Value) else [0.0] * len(xs)
    return numbers


def derivatives(line: Line) -> Any:
    """The function of a program: all numbers of a line from its moving arguments."""
    row, places = line.row, moving(line)

    def function(*xs: Any) -> list[Any]:
        args = list(line.args)
        for i, x in zip(places, xs, strict=True):
            args[i] = x
        if row.name == "affine":
            out = row(args[:2], args[2:4], args[4])
        elif row.name == "take":
            out = row(args[:-1], args[-1])
        elif row.arity is None:
            out = row(args)[line.output] if row.outputs else row(args)
        else:
            out = row(*args)
        first = gradients(out, xs, create_graph=True)
        second = [each for i, slope in enumerate(first) for each in gradients(slope, xs[i:])]
        return [out, *first, *second]

    return function


def key(line: Line) -> tuple[Any, ...]:
    return line.name, tuple(line.args[i] for i in line.row.static)


@pytest.mark.long
@pytest.mark.parametrize("target", WAYS)
def test_compiled(target: str) -> None:
    """One program for each primitive, its value and derivatives, on every point of it at once."""
    hold_compiled(target, table())


def hold_compiled(target: str, lines: Sequence[Line]) -> None:
    groups = [list(group) for _, group in groupby(sorted(lines, key=key), key)]
    programs = [simplify(trace(derivatives(group[0]), held(group[0]), pull_back=pull_back)) for group in groups]
    found = RUN[target](programs, [[held(line) for line in group] for group in groups])
    wrong: dict[str, list[str]] = {}
    for group, rows in zip(groups, found, strict=True):
        bound = limits(group[0].row)
        kinds = orders(group[0].row, len(moving(group[0])))
        for line, got in zip(group, rows, strict=True):
            for order, computed, exact in zip(kinds, got, line.numbers, strict=True):
                if exact is not None and off(computed, exact) > bound[order] + LIBRARY * (order + 1) + ROUNDED:
                    text = f"{line.args}: order {order}, {computed!r} instead of {exact!r}"
                    wrong.setdefault(line.name.partition(".")[0], []).append(f"{line.name}{text}")
    unexplained = {name: texts for name, texts in wrong.items() if (target, name) not in BEYOND}
    assert not unexplained, "\n".join(f"{len(texts)} {texts[:3]}" for texts in unexplained.values())


def held(line: Line) -> Sequence[float]:
    return [line.args[i] for i in moving(line)]
