"""Colour scales: one of values and one of gradients, each with its legend."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from viz.scene.shapes import Rect, Shape, text
from viz.style.theme import HEAT_STEPS
from viz.style.typeset import number, width

__all__ = ["Scales", "finite", "heat_legend"]

DECADES = 3.0


@dataclass(frozen=True)
class Scales:
    """The colour scales of one picture: values from −value to +value, |∂| over three decades up to gradient."""

    value: float
    gradient: float

    @classmethod
    def of(cls, values: Iterable[float | None], grads: Iterable[float | None]) -> Scales:
        """Return scales for these numbers, with round limits, not determined by a few outliers."""
        ranked, sizes = sorted(map(abs, finite(values))), [abs(grad) for grad in finite(grads)]
        reach = ranked[int(0.98 * (len(ranked) - 1))] if ranked else 1.0
        return cls(_round_up(reach), _round_up(max(sizes)) if any(sizes) else 0.0)

    def signed(self, x: float | None) -> str:
        """Return the role of a cell that shows ``x``."""
        if x is None or not math.isfinite(x):
            return "warning"
        return f"heat{round(max(-1.0, min(1.0, x / self.value)) * HEAT_STEPS)}"

    def glow(self, x: float | None) -> str:
        """Return the role of a cell that shows how large ``x`` is."""
        if x is None or not math.isfinite(x):
            return "constant" if x is None else "warning"
        if x == 0 or not self.gradient:
            return "glow0"
        share = 1 + math.log10(abs(x) / self.gradient) / DECADES
        return f"glow{round(max(0.0, min(1.0, share)) * HEAT_STEPS)}"


def finite(xs: Iterable[float | None]) -> list[float]:
    """Return those that are numbers, neither nan nor infinite."""
    return [x for x in xs if x is not None and math.isfinite(x)]


def _round_up(x: float) -> float:
    """The next of 1, 2, 5, 10…"""
    if x <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(x))
    return next(step * power for step in (1, 2, 5, 10, 20) if step * power >= x * (1 - 1e-12))


def heat_legend(scale: Scales, x: float, y: float) -> list[Shape]:
    """Return the two colour scales, left to right from (x, y)."""
    shapes: list[Shape] = []
    shapes += (Rect(x + 11 * i, y - 5.5, 11, 11, f"heat{round((i - 4) / 4 * HEAT_STEPS)}") for i in range(9))
    words = f"value  {number(-scale.value)} … +{number(scale.value)}"
    shapes.append(text(x + 106, y + 4, words, "muted", 11, anchor="start"))
    if scale.gradient:
        x += 106 + width(words, 11) + 34
        shapes += (Rect(x + 11 * i, y - 5.5, 11, 11, f"glow{round(i / 8 * HEAT_STEPS)}") for i in range(9))
        words = f"|∂L/∂·|  {number(scale.gradient / 10**DECADES)} … {number(scale.gradient)}  (log)"
        shapes.append(text(x + 106, y + 4, words, "muted", 11, anchor="start"))
    return shapes
