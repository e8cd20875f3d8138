"""Functions that repeat themselves in time, and some that only look so; each with numbers to call it at.

``RECURRENCES`` name → (function, arguments, whether it has loops; None where that is left to chance).
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

from autograd_mini import parameter
from autograd_mini.primitives import affine, exp, floor, maximum, relu, sin, sqrt, tanh, where
from autograd_mini.program.blocks.ir import BlockProgram
from autograd_mini.program.blocks.recover import recover
from autograd_mini.program.blocks.roll import roll
from autograd_mini.program.ir import Program
from tests.support.block_programs import numbers, weights

Case = tuple[Callable[..., Any], list[float], bool | None]


def rolled(program: Program) -> BlockProgram:
    """Return a program as blocks, with loops where it repeats itself."""
    return roll(program) or recover(program)


def runge_kutta(x: Any, v: Any, drag: Any) -> list[Any]:
    """A driven oscillator: two states, a parameter in every turn, constants that change from turn to turn."""
    h = 0.05

    def slope(x: Any, v: Any, t: float) -> tuple[Any, Any]:
        return v, -x - drag * v + math.sin(t)

    for turn in range(30):
        t = turn * h
        a = slope(x, v, t)
        b = slope(x + h / 2 * a[0], v + h / 2 * a[1], t + h / 2)
        c = slope(x + h / 2 * b[0], v + h / 2 * b[1], t + h / 2)
        d = slope(x + h * c[0], v + h * c[1], t + h)
        x = x + h / 6 * (a[0] + 2 * b[0] + 2 * c[0] + d[0])
        v = v + h / 6 * (a[1] + 2 * b[1] + 2 * c[1] + d[1])
    return [x, v]


def newton(x: Any, a: Any) -> Any:
    for _ in range(25):
        x = x - 0.5 * (x * x - a) / x
    return x


def cells(*x: Any) -> Any:
    """A recurrent cell of three units over the inputs, two in each turn; the outputs of all turns are read."""
    w, u = weights(3, 3, 1), weights(3, 2, 2)
    h: list[Any] = [0.0, 0.0, 0.0]
    total: Any = 0.0
    for turn in range(len(x) // 2):
        now = x[2 * turn : 2 * turn + 2]
        h = [tanh(affine([*w[i], *u[i]], [*h, *now], 0.1)) for i in range(3)]
        total = total + h[0] * h[1]
    return total * h[2]


def fibonacci(a: Any, b: Any, c: Any) -> list[Any]:
    """What was made two turns ago, and three; the middle is read too."""
    middle = a
    for turn in range(40):
        a, b, c = b, c, 0.3 * c + 0.2 * sin(b) - 0.1 * a
        if turn == 20:
            middle = c
    return [c, middle]


def branches(x: Any, a: Any) -> Any:
    """The branch that is not taken has an infinite slope."""
    for _ in range(30):
        x = where(x > 0.4, a * sqrt(maximum(x - 0.4, 0.0)) + 0.1, relu(x - 0.1) + 0.5 * a)
    return x


def flat_steps(x: Any, a: Any) -> Any:
    for _ in range(20):
        x = x * a + floor(4.0 * x) * 0.1 + 0.01
    return x


def accumulated(*x: Any) -> Any:
    """Everything but the sum runs for all turns at once; a product, which the sum needs, runs in turn."""
    found: Any = 1.0
    for each in x:
        found = found * (1.0 + 0.1 * exp(-each * each))
    return found


def gathered(*x: Any) -> Any:
    """Reads its inputs in an order that is no stride."""
    order = random.Random(0).choices(range(len(x)), k=40)
    found = x[0]
    for i in order:
        found = 0.9 * found + x[i] * found * found
    return found


def two_phases(x: Any, y: Any) -> Any:
    """Two loops of different bodies, the second reads each result of the first."""
    seen = []
    for _ in range(40):
        x, y = x + 0.1 * y, y - 0.1 * sin(x)
        seen.append(x * y)
    found = y
    for each in seen:
        found = 0.5 * found + each / (1.0 + found * found)
    return found


def unread(x: Any, y: Any) -> Any:
    """A state that no output needs, and one that does not depend on the arguments."""
    clock: Any = parameter(0.5)
    for _ in range(30):
        x, y, clock = x * 0.9 + 0.1 * clock, y + x * y, clock * 0.99
    return x


def one_turn(x: Any, y: Any) -> Any:
    return tanh(x * y + 0.5) * x


def lookalike(seed: int) -> Case:
    """The same two rows in turn, but each reads at random."""

    def function(*x: Any) -> Any:
        chance = random.Random(seed)
        made = list(x)
        for turn in range(200):
            a, b = chance.choice(made), chance.choice(made[-20:])
            made.append(a * b if turn % 2 else sin(a + b))
        return made[-1] + made[-2] * made[-3]

    return function, numbers(4, seed), False


OPERATIONS: tuple[Callable[[Any, Any, Any], Any], ...] = (
    lambda a, b, c: 0.4 * a * b + 0.1,
    lambda a, b, c: a + 0.5 * b,
    lambda a, b, c: tanh(a) - b * 0.3,
    lambda a, b, c: where(c > b, a, 0.5 * b),
    lambda a, b, c: maximum(a, b) * 0.7,
    lambda a, b, c: a / (1.5 + b * b),
)


def random_recurrence(seed: int) -> Case:
    """A random body over several states, with parameters, numbers that change, and delays."""
    chance = random.Random(seed)
    states, operations, turns = chance.randint(1, 4), chance.randint(2, 9), chance.randint(9, 40)
    plan = [(chance.randrange(len(OPERATIONS)), chance.random(), chance.random()) for _ in range(operations)]
    ends = [chance.randrange(operations) for _ in range(states)]
    held = [parameter(chance.uniform(-0.5, 0.5)) for _ in range(2)]
    moving = numbers(turns, seed)
    read = sorted(chance.sample(range(turns), 2))

    def function(*x: Any) -> Any:
        state, found, old = list(x[:states]), [], x[states]
        for turn in range(turns):
            made: list[Any] = [*state, old, *held, moving[turn]]
            for kind, a, b in plan:
                left, right = made[int(a * len(made))], made[int(b * len(made))]
                made.append(OPERATIONS[kind](left, right, state[0]))
            old = state[0]
            state = [made[len(made) - operations + end] for end in ends]
            if turn in read:
                found.append(state[0])
        return [*found, sum(tanh(each) for each in state)]

    return function, numbers(states + 1, seed), None


RECURRENCES: dict[str, Case] = {
    "runge_kutta": (runge_kutta, [1.0, 0.2, 0.3], True),
    "newton": (newton, [3.0, 2.0], True),
    "cells": (cells, numbers(40, 3), True),
    "fibonacci": (fibonacci, [0.3, 0.5, -0.2], True),
    "branches": (branches, [0.9, 0.8], True),
    "flat_steps": (flat_steps, [0.7, 0.8], True),
    "accumulated": (accumulated, numbers(50, 4), True),
    "gathered": (gathered, [0.1 * each for each in numbers(12, 5)], True),
    "two_phases": (two_phases, [0.4, 0.3], True),
    "unread": (unread, [0.4, 0.3], True),
    "one_turn": (one_turn, [0.4, 0.3], False),
    **{f"lookalike {seed}": lookalike(seed) for seed in range(4)},
}
