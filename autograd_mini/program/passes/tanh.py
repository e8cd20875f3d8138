"""A pass for vector engines: tanh from the exponential that its derivative needs anyway.

A vector tanh of a maths library costs three times a vector exp. Where a program has
exp(−2|x|) besides tanh x, as every gradient of a tanh has, one division gives tanh from it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from autograd_mini.primitives.row import Primitive
from autograd_mini.primitives.table import abs, exp, mul, tanh, where
from autograd_mini.program.ir import Operand, Program
from autograd_mini.program.record.recorder import Recorder
from autograd_mini.program.record.replay import replay
from autograd_mini.program.record.replay import step as again

__all__ = ["tanh_from_exp"]

# (tanh x − x)/x³ on [0, 0.625] as a quotient of polynomials in x², after Moshier, Cephes Math Library (tanh.c).
TOP = (-9.64399179425052238628e-1, -9.92877231001918586564e1, -1.61468768441708447952e3)
BOTTOM = (1.0, 1.12811678491632931402e2, 2.23548839060100448583e3, 4.84406305325125486048e3)
SMALL = 0.625


def tanh_from_exp(program: Program) -> Program:
    """Return ``program`` with each tanh x for which it also computes exp(−2|x|) written in terms of that."""
    made = {result: step for step in program.instructions for result in step.results}
    halves: set[Operand] = set()
    for step in program.instructions:
        if step.primitive is exp and isinstance(step.operands[0], int):
            inner = made.get(step.operands[0])
            if inner is not None and inner.primitive is mul and -2.0 in inner.operands:
                (size,) = (x for x in inner.operands if x != -2.0) if inner.operands.count(-2.0) == 1 else (None,)
                outer = made.get(size) if isinstance(size, int) else None
                if outer is not None and outer.primitive is abs:
                    halves.add(outer.operands[0])
    if not halves:
        return program
    recorder = _Rewriting()
    with recorder:
        place = replay(recorder, program)
        recorder.chosen.update(place[x] for x in halves if isinstance(x, int) and x in place)
        for step in program.instructions:
            again(recorder, step, place)
            recorder.chosen |= {place[x] for x in step.results if x in halves}
        outputs = [x if isinstance(x, float) else place[x] for x in program.outputs]
    return replace(recorder.program(outputs), guards=())


class _Rewriting(Recorder):
    """Records the program, with another formula in place of some tanh."""

    def __init__(self) -> None:
        super().__init__()
        self.chosen: set[Operand] = set()

    def apply(self, primitive: Primitive, args: tuple[Any, ...]) -> Any:
        if primitive is tanh and self.operand(args[0]) in self.chosen:
            return _tanh(args[0])
        return super().apply(primitive, args)


def _polynomial(coefficients: tuple[float, ...], z: Any) -> Any:
    total = coefficients[0]
    for c in coefficients[1:]:
        total = total * z + c
    return total


def _tanh(x: Any) -> Any:
    """x + x·q near 0, else ±(1 − q): one division for both."""
    size, z = abs(x), x * x
    e = exp(-2.0 * size)
    small = size < SMALL
    # 0.0 + turns the −0 at x = −0 into +0, so that x + x·q stays −0
    q = where(small, 0.0 + z * _polynomial(TOP, z), 2.0 * e) / where(small, _polynomial(BOTTOM, z), 1.0 + e)
    return where(small, x + x * q, where(x < 0.0, q - 1.0, 1.0 - q))
