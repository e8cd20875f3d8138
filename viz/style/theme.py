"""Colours: a palette for light, one for dark, and the style of each role of a shape."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = ["DARK", "HEAT_STEPS", "LIGHT", "Palette", "Style", "ThemeName", "contrast", "mix", "palettes", "styles"]

ThemeName: TypeAlias = Literal["light", "dark", "auto"]
HEAT_STEPS = 24
"""Steps of a heat scale on each side of 0; colours are quantised, so that a page can restyle them."""

SANS = (
    'Inter, "Helvetica Neue", Helvetica, Arial, "Liberation Sans", "Noto Sans JP", "Hiragino Sans", "Yu Gothic UI", '
    "sans-serif"
)
MONO = '"SF Mono", Menlo, Consolas, "Liberation Mono", "Noto Sans Mono CJK JP", monospace'
WIDE = '"Noto Sans JP", "Noto Sans CJK JP", "Hiragino Sans", "Yu Gothic UI", sans-serif'
SIGNS = 'Inter, "Helvetica Neue", "Segoe UI", "DejaVu Sans", sans-serif'


@dataclass(frozen=True)
class Palette:
    """The colours of one theme, by role."""

    name: ThemeName
    background: str
    value_fill: str
    value_stroke: str
    value_text: str
    function_fill: str
    function_stroke: str
    function_text: str
    card_fill: str
    forward: str
    gradient: str
    edge: str
    muted: str
    constant_fill: str
    constant_stroke: str
    constant_text: str
    warning_fill: str
    warning_stroke: str
    warning_text: str
    group_fill: str
    group_stroke: str
    positive: str
    negative: str
    heat_low: str
    heat_middle: str
    heat_high: str
    heat_gradient: str


LIGHT = Palette(
    name="light", background="#FFFFFF",
    value_fill="#DCEBFA", value_stroke="#1F6FB2", value_text="#0B2E4F",
    function_fill="#FBDEDA", function_stroke="#C0392B", function_text="#6E1B12", card_fill="#FDEDEB",
    forward="#0B5394", gradient="#00695C", edge="#8A96A1", muted="#66737F",
    constant_fill="#F1F4F6", constant_stroke="#8A96A1", constant_text="#55616C",
    warning_fill="#FFF0C2", warning_stroke="#A15C00", warning_text="#7A3E00",
    group_fill="#F4F6F8", group_stroke="#C9D1D9", positive="#00796B", negative="#B8651B",
    heat_low="#D9730D", heat_middle="#F1F4F6", heat_high="#0B62A8", heat_gradient="#00574B",
)  # fmt: skip
DARK = Palette(
    name="dark", background="#0F1720",
    value_fill="#12314D", value_stroke="#5AB0F5", value_text="#DCEEFF",
    function_fill="#4A1A17", function_stroke="#FF8A7A", function_text="#FFE3DE", card_fill="#2F191C",
    forward="#8CC8FF", gradient="#4DD0B8", edge="#74828F", muted="#9AA7B3",
    constant_fill="#1C2834", constant_stroke="#74828F", constant_text="#AEBAC5",
    warning_fill="#463307", warning_stroke="#FFC24D", warning_text="#FFE0A3",
    group_fill="#141F2A", group_stroke="#33414E", positive="#4DD0B8", negative="#FFB066",
    heat_low="#FFB066", heat_middle="#1C2834", heat_high="#5AB0F5", heat_gradient="#4DD0B8",
)  # fmt: skip


def palettes(theme: str) -> tuple[Palette, ...]:
    """Return the palette of ``theme``: two for "auto", the first being the one without a preference."""
    theme = theme if isinstance(theme, str) else repr(theme)
    if theme == "light":
        return (LIGHT,)
    if theme == "dark":
        return (DARK,)
    if theme == "auto":
        return (LIGHT, DARK)
    raise ValueError(f"theme is {theme!r}; 'light', 'dark' or 'auto' is needed")


@dataclass(frozen=True)
class Style:
    """The style of a shape; an empty field is inherited or none."""

    fill: str = "none"
    stroke: str = ""
    stroke_width: float = 0.0
    dash: str = ""
    opacity: float = 1.0


def styles(p: Palette) -> dict[str, Style]:
    """Return the style of every role under palette ``p``."""
    value, parameter = Style(p.value_fill, p.value_stroke, 1.6), Style("none", p.value_stroke, 1.1)
    table = {
        "background": Style(p.background),
        "value": value,
        "ring": parameter,
        "output": Style(p.value_fill, p.value_stroke, 3.2),
        "constant": Style(p.constant_fill, p.constant_stroke, 1.2),
        "warning": Style(p.warning_fill, p.warning_stroke, 2.0, "4 2.5"),
        "function": Style(p.function_fill, p.function_stroke, 1.8),
        "asleep": Style(p.constant_fill, p.function_stroke, 1.6, "4 3"),
        "saturated": Style(p.background, p.function_stroke, 1.6),
        "card": Style(p.card_fill, p.function_stroke, 1.8),
        "tray": Style(p.group_fill, p.value_stroke, 1.4),
        "group": Style(p.group_fill, p.group_stroke, 1.2, "5 4"),
        "curve": Style("none", p.function_stroke, 1.3),
        "tangent": Style("none", p.gradient, 1.5),
        "point": Style(p.forward),
        "open": Style(p.background, p.edge, 1.0),
        "bar": Style(p.value_fill, p.value_stroke, 0.9),
        "growth": Style(p.gradient),
        "port": Style(p.background, p.value_stroke, 1.2),
        "pill": Style(p.value_fill, p.value_stroke, 0.9),
        "edge": Style("none", p.edge, 1.6),
        "still": Style("none", p.edge, 1.3, "1 3.5"),
        "untaken": Style("none", p.edge, 1.3, "6 4"),
        "positive": Style("none", p.positive, 1.4, opacity=0.85),
        "negative": Style("none", p.negative, 1.4, opacity=0.85),
        "band": Style(p.edge, opacity=0.2),
        "value-text": Style(p.value_text),
        "function-text": Style(p.function_text),
        "constant-text": Style(p.constant_text),
        "warning-text": Style(p.warning_text),
        "forward": Style(p.forward),
        "gradient": Style(p.gradient),
        "muted": Style(p.muted),
        "arrow": Style(p.edge),
    }
    for step in range(-HEAT_STEPS, HEAT_STEPS + 1):
        end = p.heat_high if step > 0 else p.heat_low
        table[f"heat{step}"] = Style(mix(p.heat_middle, end, abs(step) / HEAT_STEPS))
    for step in range(HEAT_STEPS + 1):
        table[f"glow{step}"] = Style(mix(p.heat_middle, p.heat_gradient, step / HEAT_STEPS))
    return table


def mix(a: str, b: str, share: float) -> str:
    """Return the colour ``share`` of the way from ``a`` to ``b``."""
    return "#" + "".join(f"{round(x + (y - x) * share):02X}" for x, y in zip(_rgb(a), _rgb(b), strict=True))


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def contrast(a: str, b: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (Web Content Accessibility Guidelines 2.1, 1.4.3)."""
    light, dark = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [c / 255 for c in _rgb(colour)]
    linear = [c / 12.92 if c <= 0.04045 else math.pow((c + 0.055) / 1.055, 2.4) for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
