"""Random functions: directed graphs of primitives with sharing, branches and constants, run on any kind of number.

``draw`` makes a graph from a seed; ``Graph.run`` computes it with whatever functions it is given: the package's
primitives, 50-digit dual numbers (``exact``), or complex numbers (``complex_step``).
"""

from __future__ import annotations

import cmath
import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, TypeAlias

from tests.support.reference import COMPONENTS, REFERENCES, mp, ulp

__all__ = [
    "ANALYTIC",
    "COMPLEX",
    "KINKED",
    "SMOOTH",
    "Bounded",
    "Graph",
    "Step",
    "complex_step",
    "draw",
    "exact",
    "exact_third",
    "shrink",
]

SMOOTH = {
    "add": 2, "sub": 2, "mul": 2, "neg": 1, "exp": 1, "expm1": 1, "log1p": 1, "sin": 1, "cos": 1, "tanh": 1, "sinh": 1,
    "atan": 1, "asinh": 1, "erf": 1, "erfc": 1, "sigmoid": 1, "softplus": 1, "silu": 1, "gelu": 1, "normal_cdf": 1,
    "atan2": 2, "hypot": 2, "logaddexp": 2, "div": 2, "sqrt": 1, "log": 1, "cbrt": 1, "pow": 2, "total": 3,
    "logsumexp": 3, "softmax": 3, "log_softmax": 3, "affine": 5, "tan": 1, "cosh": 1, "exp2": 1,
}  # fmt: skip
"""Primitives without kinks, and how many arguments a graph gives them."""
KINKED = {"abs": 1, "relu": 1, "maximum": 2, "minimum": 2, "leaky_relu": 2, "elu": 2, "clip": 3, "where": 3, "step": 1}
ANALYTIC = {"add", "sub", "mul", "neg", "exp", "sin", "cos", "tanh", "sinh", "cosh", "div", "sqrt", "log", "total",
    "affine", "tan", "pow"}  # fmt: skip
"""Functions that cmath has too."""
LARGE = 50.0  # of every number in a graph: beyond it, rounding alone is what one measures
NEAR = 1e-3  # a graph stays this far from a kink, a pole and a branch point


class Step(NamedTuple):
    """One operation: a primitive and the places of its operands among inputs, constants and earlier steps."""

    name: str
    operands: tuple[int, ...]
    index: int = 0  # which output, of those with several


Apply: TypeAlias = Callable[[Step, list[Any]], Any]


@dataclass(frozen=True)
class Graph:
    """A function of ``inputs``; the last step is its value."""

    inputs: tuple[float, ...]
    constants: tuple[float, ...]
    steps: tuple[Step, ...]
    standing: Mapping[str, str] = field(default_factory=dict)
    """Which primitive another name stands for."""

    def run(self, apply: Apply, inputs: Sequence[Any], constant: Callable[[float], Any]) -> Any:
        """Return the value, each step computed by ``apply``."""
        pool = [*inputs, *map(constant, self.constants)]
        for step in self.steps:
            pool.append(apply(step, [pool[i] for i in step.operands]))
        return pool[-1]

    def function(self, rows: Mapping[str, Any]) -> Callable[..., Any]:
        """Return the function on Values or floats, by these primitives."""

        def apply(step: Step, args: list[Any]) -> Any:
            return call(rows[step.name], step._replace(name=self.standing.get(step.name, step.name)), args)

        return lambda *xs: self.run(apply, xs, float)

    def __str__(self) -> str:
        names = [f"x{i}" for i in range(len(self.inputs))] + [repr(c) for c in self.constants]
        lines = [f"x{i} = {x!r}" for i, x in enumerate(self.inputs)]
        for i, step in enumerate(self.steps):
            names.append(f"t{i}")
            which = f"[{step.index}]" if step.name in COMPONENTS else ""
            lines.append(f"t{i} = {step.name}{which}({', '.join(names[k] for k in step.operands)})")
        return "\n".join(lines)


def call(row: Any, step: Step, args: list[Any]) -> Any:
    """Apply a primitive as users do."""
    if step.name == "affine":
        return row(args[:2], args[2:4], args[4])
    if step.name == "where":
        return row(args[0] > 0.0, args[1], args[2])
    if step.name in ("total", "logsumexp"):
        return row(args)
    if step.name in COMPONENTS:
        return row(args)[step.index]
    return row(*args)


# ---------------------------------------------------------------- drawing


def draw(chance: random.Random, size: int, names: Mapping[str, int] = SMOOTH, inputs: int = 3) -> Graph:
    """Return a random graph of ``size`` steps whose values stay moderate and away from kinks and poles."""
    xs = tuple(math.copysign(10.0 ** chance.uniform(-2.0, 0.7), chance.uniform(-1.0, 1.0)) for _ in range(inputs))
    constants = tuple(chance.choice((0.5, 2.0, -1.0, 1.5, 3.0, chance.uniform(-2.0, 2.0))) for _ in range(2))
    steps: list[Step] = []
    pool = [*xs, *constants]
    moving = [True] * inputs + [False] * len(constants)
    kinds = list(names)
    while len(steps) < size:
        name = chance.choice(kinds)
        # mostly what was made last, so that the graph is deep; now and then anything, so that it shares
        operands = tuple(
            chance.randrange(max(0, len(pool) - 4), len(pool)) if chance.random() < 0.6 else chance.randrange(len(pool))
            for _ in range(names[name])
        )
        step = Step(name, operands, chance.randrange(3))
        value = _tame(step, [pool[i] for i in operands]) if any(moving[i] for i in operands) else None
        if value is not None:
            steps.append(step)
            pool.append(value)
            moving.append(True)
    return Graph(xs, constants, tuple(steps))


def _tame(step: Step, args: list[float]) -> float | None:
    """The value of a step, None where it is large, or too near to where the primitive is not smooth."""
    from autograd_mini.primitives.registry import PRIMITIVES

    name = step.name
    first, last = args[0], args[-1]
    if name in ("div", "atan2", "hypot") and min(abs(a) for a in args) < 0.05:
        return None
    if name in ("log", "sqrt", "pow") and first < 0.05:
        return None
    if name == "cbrt" and abs(first) < 0.05:
        return None
    if name == "log1p" and first < -0.95:
        return None
    if name == "tan" and abs(math.cos(first)) < 0.2:
        return None
    if name in ("abs", "relu", "leaky_relu", "elu", "where", "step") and abs(first) < NEAR:
        return None
    if name in ("maximum", "minimum") and abs(first - last) < NEAR:
        return None
    if name == "clip" and (not args[1] + NEAR < args[2] or min(abs(first - args[1]), abs(first - args[2])) < NEAR):
        return None
    value = call(PRIMITIVES[name], step, args)
    return float(value) if abs(value) <= LARGE else None


def shrink(graph: Graph, fails: Callable[[Graph], bool]) -> Graph:
    """Return a smaller graph that still fails: steps are cut from the end and bypassed one by one."""
    smaller = True
    while smaller:
        smaller = False
        for candidate in _smaller(graph):
            if _is_tame(candidate) and fails(candidate):
                graph, smaller = candidate, True
                break
    return graph


def _is_tame(graph: Graph) -> bool:
    pool = [*graph.inputs, *graph.constants]
    for step in graph.steps:
        value = _tame(step, [pool[i] for i in step.operands])
        if value is None:
            return False
        pool.append(value)
    return True


def _smaller(graph: Graph) -> list[Graph]:
    base = len(graph.inputs) + len(graph.constants)
    found = [replace(graph, steps=graph.steps[:n]) for n in range(1, len(graph.steps))]
    for gone in range(len(graph.steps) - 1):
        place = base + gone
        for stand_in in graph.steps[gone].operands:
            steps = [
                Step(s.name, tuple((stand_in if i == place else i - (i > place)) for i in s.operands), s.index)
                for k, s in enumerate(graph.steps)
                if k != gone
            ]
            found.append(replace(graph, steps=tuple(steps)))
    return found


# ---------------------------------------------------------------- the exact derivative, and what rounding may do to it


class Bounded(NamedTuple):
    """A number at 50 digits: its derivatives to the inputs, and how far floats may be off in each.

    ``paths`` is the sum of the absolute values of all products along paths to an input: what cancels in a derivative.
    """

    value: Any
    doubt: Any
    slopes: tuple[Any, ...]
    doubts: tuple[Any, ...]
    paths: tuple[Any, ...]


SUMS = {"total", "affine", "logsumexp", "logaddexp", "gelu", "log_softmax"}
"""Values that may be small sums of large terms."""
ULPS_OF_VALUES, ULPS_OF_PARTIALS, ROUNDING = 4, 8, 2.0**-53


def exact(graph: Graph, xs: Sequence[float] | None = None) -> Bounded:
    """Return value and derivatives at 50 digits with running error bounds for floats (Wilkinson's running analysis).

    Every step may be off by the bound of its primitive, and carries on what its operands were off by: a value
    to first order by the partials, a partial by the second partials.
    """
    count = len(graph.inputs)
    zero = mp.mpf(0)

    def leaf(value: float, place: int = -1) -> Bounded:
        unit = tuple(mp.mpf(i == place) for i in range(count))
        return Bounded(mp.mpf(value), zero, unit, (zero,) * count, unit)

    def apply(step: Step, args: list[Bounded]) -> Bounded:
        reference = COMPONENTS[step.name](step.index) if step.name in COMPONENTS else REFERENCES[step.name]
        at = [a.value for a in args]
        if step.name == "where":
            at[0] = mp.mpf(at[0] > 0)
        value, partials, second = reference(*at)
        value, partials = mp.mpf(value), [mp.mpf(p) for p in partials]
        off = [
            ULPS_OF_PARTIALS * (ulp(p) if p else 0) + mp.fsum(abs(h) * a.doubt for h, a in zip(row, args, strict=True))
            for p, row in zip(partials, second, strict=True)
        ]
        both = list(zip(partials, off, args, strict=True))
        rounding = mp.mpf((len(args) + 2) * ROUNDING)
        doubt = ULPS_OF_VALUES * ulp(value) + mp.fsum(abs(p) * a.doubt for p, _, a in both)
        if step.name in (
            "total",
            "affine",
            "logsumexp",
            "logaddexp",
            "gelu",
            "log_softmax",
        ):  # small sums of large terms
            doubt += rounding * 4 * mp.fsum(abs(p * a.value) + abs(a.value) for p, _, a in both)
        slopes, doubts, paths = [], [], []
        for i in range(count):
            slopes.append(mp.fsum(p * a.slopes[i] for p, _, a in both))
            paths.append(mp.fsum(abs(p) * a.paths[i] for p, _, a in both))
            carried = mp.fsum(abs(p) * a.doubts[i] + o * (a.paths[i] + a.doubts[i]) for p, o, a in both)
            doubts.append(carried + 2 * rounding * paths[i])
        return Bounded(value, doubt, tuple(slopes), tuple(doubts), tuple(paths))

    inputs = [leaf(x, i) for i, x in enumerate(xs if xs is not None else graph.inputs)]
    return graph.run(apply, inputs, leaf)


COMPLEX: dict[str, Callable[..., complex]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "neg": lambda a: -a,
    "pow": lambda a, b: cmath.exp(b * cmath.log(a)),
    "total": lambda *xs: sum(xs),
    "affine": lambda v, w, x, y, b: b + v * x + w * y,
    **{name: getattr(cmath, name) for name in ("exp", "sin", "cos", "tan", "tanh", "sinh", "cosh", "sqrt", "log")},
}


def complex_step(graph: Graph, place: int, h: float = 1e-30) -> float:
    """Return the derivative to one input as Im f(x + ih)/h, which subtracts nothing (Squire and Trapp 1998)."""
    inputs = [complex(x, h * (i == place)) for i, x in enumerate(graph.inputs)]
    value = graph.run(lambda step, args: COMPLEX[step.name](*args), inputs, complex)
    return complex(value).imag / h


def exact_third(graph: Graph) -> tuple[Any, Any]:
    """Return the third derivative to the first input by differences at 100 digits, and the size of the function."""
    with mp.workdps(100):
        h = mp.mpf("1e-20")

        def at(x: Any) -> Any:
            def apply(step: Step, args: list[Any]) -> Any:
                reference = COMPONENTS[step.name](step.index) if step.name in COMPONENTS else REFERENCES[step.name]
                return mp.mpf(reference(*args)[0])

            return graph.run(apply, [x, *map(mp.mpf, graph.inputs[1:])], mp.mpf)

        x = mp.mpf(graph.inputs[0])
        far, near = at(x + 2 * h) - at(x - 2 * h), at(x + h) - at(x - h)
        return (far - 2 * near) / (2 * h**3), abs(near / (2 * h)) + 1
