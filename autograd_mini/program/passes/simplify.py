"""Simplification: fewer instructions, the same bits.

Every rewrite is exact in IEEE 754 arithmetic, signed zeros, infinities and nan included
(of a nan only that it is one). So x·0 stays, because x may be infinite, and x + 0.0 stays,
because −0.0 + 0.0 is +0.0; but x + (−0.0) is x. Instructions with only literals
are computed by the row's value, equal instructions are merged, and instructions that no output
needs are dropped.

A simplified program is marked (``is_normal``) and returned at once when it is simplified again, so
each program is simplified only once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from autograd_mini.primitives import table as rows
from autograd_mini.primitives.row import Primitive
from autograd_mini.program.ir import Instruction, Operand, Program

__all__ = ["part", "simplify"]


def simplify(program: Program) -> Program:
    """Return an equivalent program: constants folded, without repeated and without dead instructions.

    Outputs are equal to the bit, except for the bits of a nan. A simplified program is returned as it is.
    """
    assert program.pull is None
    return program if program.is_normal else _marked(_without_dead(_Folding(program).run()))


def part(program: Program, outputs: Sequence[Operand] | None = None) -> Program:
    """Return the part of ``program`` that computes these outputs (default: all), without guards.

    A part of a simplified program is simplified: only dead instructions are removed.
    """
    wanted = program.outputs if outputs is None else tuple(outputs)
    if not program.guards and wanted == program.outputs:
        return program
    pull = program.pull
    if pull is not None and set(pull.results).isdisjoint(wanted):
        pull = None
    made = _without_dead(replace(program, outputs=wanted, guards=(), pull=pull))
    return _marked(made) if program.is_normal else made


def _marked(program: Program) -> Program:
    object.__setattr__(program, "is_normal", True)  # the class is frozen for all other code
    return program


def _is(operand: Operand, number: float) -> bool:
    """Tell whether ``operand`` is this literal, sign of zero included."""
    return (
        isinstance(operand, float) and operand == number and math.copysign(1.0, operand) == math.copysign(1.0, number)
    )


def _is_nan(operand: Operand) -> bool:
    return isinstance(operand, float) and operand != operand


def _key(operand: Operand) -> int | str:
    return operand.hex() if isinstance(operand, float) else operand


class _Folding:
    """One forward pass: each instruction is replaced by an existing operand, or kept."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.place: dict[int, Operand] = {x: x for x in program.inputs}
        self.maker: dict[int, Instruction] = {}
        self.known: dict[tuple[object, ...], tuple[int, ...]] = {}
        self.kept: list[Instruction] = []
        self.fresh = program.next_variable

    def run(self) -> Program:
        program, place = self.program, self.place
        for step in program.instructions:
            operands = tuple(x if isinstance(x, float) else place[x] for x in step.operands)
            for result, operand in zip(step.results, self.apply(step.primitive, operands, step.results), strict=True):
                place[result] = operand
        guards: dict[int, bool] = {}
        for variable, outcome in program.guards:
            now: Operand = place[variable]
            while isinstance(now, int) and now in self.maker and self.maker[now].primitive is rows.logical_not:
                now, outcome = self.maker[now].operands[0], not outcome
            if isinstance(now, int):
                guards[now] = outcome
        moved = ((place.get(x), name) for x, name in program.names.items())
        names = {x: name for x, name in moved if isinstance(x, int)}
        return replace(
            program,
            instructions=tuple(self.kept),
            outputs=tuple(x if isinstance(x, float) else place[x] for x in program.outputs),
            names={**names, **{x: program.names[x] for x in program.inputs if x in program.names}},
            guards=tuple(guards.items()),
        )

    def apply(self, row: Primitive, operands: tuple[Operand, ...], results: tuple[int, ...]) -> tuple[Operand, ...]:
        """Return the operands that replace ``results``; append an instruction where there are none."""
        if all(isinstance(x, float) for x in operands):
            out = _computed(row, operands)
            return tuple(map(float, out)) if row.outputs else (float(out),)
        rule = RULES.get(row)
        if rule is not None:
            found = rule(self, operands)
            if isinstance(found, tuple):  # another row
                return self.apply(found[0], found[1:], results)
            if found is not None:
                return (found,)
        key = (row, *map(_key, operands))
        if len(operands) == 2 and row in COMMUTATIVE:
            key = (row, *sorted(map(_key, operands), key=str))
        known = self.known.get(key)
        if known is None:
            known = self.known[key] = results
            step = Instruction(row, operands, results)
            self.kept.append(step)
            self.maker.update((result, step) for result in results)
        return known

    def made_by(self, operand: Operand, row: Primitive) -> Instruction | None:
        """Return the instruction that made ``operand`` where it is one of ``row``."""
        maker = self.maker.get(operand) if isinstance(operand, int) else None
        return maker if maker is not None and maker.primitive is row else None


def _computed(row: Primitive, literals: tuple[Any, ...]) -> Any:
    """Return the row's value at literals, or its expansion's where the value raises, as ``take`` for a wrong index."""
    try:
        return row.evaluate(literals)
    except IndexError:
        if row.expand is None:
            raise
        return row.expand(*literals)


def _without_dead(program: Program) -> Program:
    needed = {x for x in program.outputs if isinstance(x, int)}
    needed.update(variable for variable, _ in program.guards)
    if program.pull is not None:
        ends = (*program.pull.outputs, *program.pull.seeds, *program.pull.inputs)
        needed.update(x for x in ends if isinstance(x, int))
    kept: list[Instruction] = []
    for step in reversed(program.instructions):
        if not needed.isdisjoint(step.results):
            needed.update(step.variables())
            kept.append(step)
    kept.reverse()
    alive = {*program.inputs, *(result for step in kept for result in step.results)}
    names = {x: name for x, name in program.names.items() if x in alive}
    return replace(program, instructions=tuple(kept), names=names)


# ---------------------------------------------------------------- one rule per row
# A rule returns an operand, or a row and its operands, or None where it does not apply.

Found = Operand | tuple  # type: ignore[type-arg]
COMMUTATIVE = {rows.add, rows.mul, rows.equal, rows.not_equal, rows.logical_and, rows.logical_or}


def _add(fold: _Folding, operands: tuple[Operand, ...]) -> Found | None:
    a, b = operands
    if _is(a, -0.0):
        return b
    if _is(b, -0.0):
        return a
    if negated := fold.made_by(b, rows.neg):
        return rows.sub, a, negated.operands[0]
    if negated := fold.made_by(a, rows.neg):
        return rows.sub, b, negated.operands[0]
    return None


def _sub(fold: _Folding, operands: tuple[Operand, ...]) -> Found | None:
    a, b = operands
    if _is(b, 0.0):
        return a
    if _is(a, -0.0):
        return rows.neg, b
    if negated := fold.made_by(b, rows.neg):
        return rows.add, a, negated.operands[0]
    return None


def _mul(fold: _Folding, operands: tuple[Operand, ...]) -> Found | None:
    for a, b in (operands, operands[::-1]):
        if _is(b, 1.0):
            return a
        if _is(b, -1.0):
            return rows.neg, a
        if _is_nan(b):
            return b
        if (slope := fold.made_by(b, rows.where)) and _is(slope.operands[1], 1.0) and _is_nan(slope.operands[2]):
            return rows.where, slope.operands[0], a, math.nan  # the slope of relu, where it flows
    a, b = operands
    left, right = fold.made_by(a, rows.neg), fold.made_by(b, rows.neg)
    if left and right:
        return rows.mul, left.operands[0], right.operands[0]
    return None


def _div(fold: _Folding, operands: tuple[Operand, ...]) -> Found | None:
    a, b = operands
    if _is(b, 1.0):
        return a
    if _is(b, -1.0):
        return rows.neg, a
    if isinstance(b, float) and abs(math.frexp(b)[0]) == 0.5 and abs(b) >= 2.0**-1022:
        return rows.mul, a, 1.0 / b  # a power of two: both give the same rounded result
    return None


def _neg(fold: _Folding, operands: tuple[Operand, ...]) -> Found | None:
    negated = fold.made_by(operands[0], rows.neg)
    return negated.operands[0] if negated else None


def _power(fold: _Folding, operands: tuple[Operand, ...]) -> Found | None:
    x, c = operands
    if _is(c, 1.0):
        return x
    if c.__class__ is float and c == 0.0:
        return 1.0  # also for nan, by IEEE 754
    return None


def _where(fold: _Folding, operands: tuple[Operand, ...]) -> Found | None:
    condition, a, b = operands
    if isinstance(condition, float):
        return a if condition else b
    if _key(a) == _key(b):
        return a
    if negated := fold.made_by(condition, rows.logical_not):
        return rows.where, negated.operands[0], b, a
    if (inner := fold.made_by(a, rows.where)) and inner.operands[0] == condition:
        return rows.where, condition, inner.operands[1], b
    if (inner := fold.made_by(b, rows.where)) and inner.operands[0] == condition:
        return rows.where, condition, a, inner.operands[2]
    return None


def _not(fold: _Folding, operands: tuple[Operand, ...]) -> Found | None:
    negated = fold.made_by(operands[0], rows.logical_not)
    return negated.operands[0] if negated else None


def _and(fold: _Folding, operands: tuple[Operand, ...]) -> Found | None:
    for a, b in (operands, operands[::-1]):
        if isinstance(b, float):
            return a if b else 0.0
    return operands[0] if operands[0] == operands[1] else None


def _or(fold: _Folding, operands: tuple[Operand, ...]) -> Found | None:
    for a, b in (operands, operands[::-1]):
        if isinstance(b, float):
            return 1.0 if b else a
    return operands[0] if operands[0] == operands[1] else None


def _total(fold: _Folding, operands: tuple[Operand, ...]) -> Found | None:
    if len(operands) == 1:
        return operands[0]
    return (rows.add, *operands) if len(operands) == 2 else None


RULES: dict[Primitive, Callable[[_Folding, tuple[Operand, ...]], Found | None]] = {
    rows.identity: lambda fold, operands: operands[0],
    rows.add: _add,
    rows.sub: _sub,
    rows.mul: _mul,
    rows.div: _div,
    rows.neg: _neg,
    rows.power: _power,
    rows.where: _where,
    rows.logical_not: _not,
    rows.logical_and: _and,
    rows.logical_or: _or,
    rows.total: _total,
}
