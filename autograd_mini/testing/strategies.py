"""Hypothesis strategies: expressions, programs, networks, and state that changes between calls."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

try:
    import hypothesis.strategies as st
except ImportError:
    raise ImportError("the strategies of autograd_mini.testing need hypothesis; run `pip install hypothesis`") from None

from autograd_mini import nn
from autograd_mini.expression import Expression, parse
from autograd_mini.program.ir import Program
from autograd_mini.program.record.trace import trace
from autograd_mini.testing.changes import FORMULAS, PLACES, Changing, keep

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

__all__ = ["changing", "expressions", "networks", "programs"]

SMOOTH = ("exp", "tanh", "sin", "cos", "atan", "sigmoid", "softplus", "silu", "gelu", "erf", "asinh")
KINKED = ("abs", "relu", "floor", "sign")
ACTIVATIONS = (nn.Tanh, nn.Sigmoid, nn.ReLU, nn.GELU, nn.SiLU, nn.Softplus)
NUMBERS = ("0.5", "1", "2", "3", "0.1")


def expressions(
    names: Sequence[str] = ("x", "y"), *, smooth: bool = False, max_leaves: int = 12
) -> SearchStrategy[Expression]:
    """A strategy of formulas in the variables ``names``, as ``autograd_mini.expression.parse`` returns them.

    Every formula has a value at every number (inf where an exponential overflows). With ``smooth``
    none has a kink, a jump or a pole. ``max_leaves`` bounds its size.
    """
    unary = SMOOTH if smooth else SMOOTH + KINKED
    leaves = st.sampled_from((*names, *names, *NUMBERS))

    def larger(parts: SearchStrategy[str]) -> SearchStrategy[str]:
        calls = st.tuples(st.sampled_from(unary), parts).map(lambda each: f"{each[0]}({each[1]})")
        sums = st.tuples(parts, st.sampled_from("+-*"), parts).map(lambda each: f"({each[0]} {each[1]} {each[2]})")
        squares = parts.map(lambda each: f"({each})**2")
        safe = st.tuples(parts, parts).map(lambda each: f"({each[0]} / (1 + ({each[1]})**2))")
        if smooth:
            return calls | sums | squares | safe
        choices = st.tuples(parts, parts, parts).map(lambda each: f"where({each[0]} > 0, {each[1]}, {each[2]})")
        return calls | sums | squares | safe | choices

    return st.recursive(leaves, larger, max_leaves=max_leaves).map(parse)


@st.composite
def programs(draw: DrawFn, *, outputs: int = 2, smooth: bool = False) -> Program:
    """A strategy of recorded Programs of two arguments x and y with one to ``outputs`` results."""
    formulas = draw(st.lists(expressions(smooth=smooth), min_size=1, max_size=outputs))
    examples = draw(st.tuples(*[st.floats(-2.0, 2.0)] * 2))

    def function(x: float, y: float) -> list[object]:
        numbers = {"x": x, "y": y}
        return [formula(**{name: numbers[name] for name in formula.names}) for formula in formulas]

    return trace(function, examples, ("x", "y"))


@st.composite
def networks(draw: DrawFn, *, inputs: int = 2, outputs: int = 1, max_layers: int = 3, width: int = 4) -> nn.Sequential:
    """A strategy of networks of affine layers and activations, (inputs,) → outputs Values, with drawn parameters."""
    sizes = [inputs, *draw(st.lists(st.integers(1, width), max_size=max_layers - 1)), outputs]
    seed = draw(st.integers(0, 2**16))
    layers: list[nn.Module] = []
    for depth, (into, out) in enumerate(pairwise(sizes)):
        layers.append(nn.Affine(into, out, rng=seed + depth))
        if depth < len(sizes) - 2:
            layers.append(draw(st.sampled_from(ACTIVATIONS))())
    return nn.Sequential(*layers)


def changing(*, calls: int = 4) -> SearchStrategy[Changing]:
    """A strategy of functions that read a state which changes between calls: see ``Changing``.

    A compiled function must never return a result of an older state::

        @given(changing())
        def test_the_law(case):
            compiled = jit(case.function)
            for x, state in case.calls:
                case.change(state)
                assert compiled(x) == case.function(Value(x)).data
    """
    numbers = st.floats(-3.0, 3.0)
    return st.builds(
        keep,
        st.sampled_from(sorted(PLACES)),
        st.integers(0, len(FORMULAS) - 1),
        st.lists(st.tuples(numbers, numbers), min_size=2, max_size=calls).map(tuple),
    )
