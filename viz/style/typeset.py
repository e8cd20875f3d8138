"""Numbers in short form, and the width of a text, without a font library.

Widths are those of Helvetica (Arial and Liberation Sans share them), in thousandths of an em; other
characters are estimated by their Unicode class: one em for Chinese, Japanese and Korean, 0 for
combining marks.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

from autograd_mini.language import tell

__all__ = [
    "MINUS",
    "NOT_COMPUTED",
    "because",
    "clean",
    "factor",
    "number",
    "printed",
    "relation",
    "shorten",
    "subscript",
    "superscript",
    "width",
]

MINUS = "−"
NOT_COMPUTED = "–"
ELLIPSIS = "…"
_SUPERSCRIPTS = str.maketrans("0123456789-+", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺")
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")

_CONTROLS = (*range(9), 11, 12, *range(14, 32), *range(127, 160), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF)
_UNPRINTABLE = dict.fromkeys(_CONTROLS, "�")

# fmt: off
_REGULAR = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556,
    556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833,
    722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556,
    556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334,
    260, 334, 584,
)
_BOLD = (
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556,
    556, 556, 556, 333, 333, 584, 584, 584, 611, 975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722, 611, 833,
    722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556, 333, 556, 611, 556, 611,
    556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611, 611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389,
    280, 389, 584,
)
_SYMBOLS = {
    "−": 584, "×": 584, "÷": 584, "∂": 517, "·": 300, "→": 1000, "←": 1000, "Σ": 632, "∞": 780, "√": 620, "–": 556,
    "—": 1000, "…": 1000, "≤": 584, "≥": 584, "≠": 584, "≈": 584, "¬": 584, "∧": 732, "∨": 732, "Δ": 700, "′": 230,
    "⌊": 390, "⌋": 390, "⌈": 390, "⌉": 390, "ᵢ": 200, "ⱼ": 200,
}
# fmt: on


def clean(text: str) -> str:
    """Return ``text`` with "�" in place of control characters and unpaired surrogates."""
    return text if text.isprintable() else text.translate(_UNPRINTABLE)


RAISED = re.compile("[\u02b0-\u02ff\u1d2c-\u1d6a\u1d9c\u2070\u2074-\u209c\u221b\u2227\u2228\u2308-\u230b]")
"""Characters that Helvetica lacks; a text with one of these may be drawn in DejaVu Sans."""
SIGN_PLAIN, SIGN_BOLD = 1.13, 1.25
"""How much wider DejaVu Sans is than Helvetica."""


@lru_cache(maxsize=4096)
def _advance(character: str, bold: bool) -> int:
    code = ord(character)
    if 32 <= code < 127:
        return (_BOLD if bold else _REGULAR)[code - 32]
    known = _SYMBOLS.get(character)
    if known is not None:
        return known
    if unicodedata.category(character) in ("Mn", "Me", "Cf", "Cc"):
        return 0
    if unicodedata.east_asian_width(character) in ("W", "F"):
        return 1000
    if "<su" in unicodedata.decomposition(character):  # <super> and <sub>
        return 400
    return 660 if bold else 610


def width(text: str, size: float, *, bold: bool = False, mono: bool = False) -> float:
    """Return the width of ``text`` at font size ``size``, in the same unit.

    A text with superscripts or subscripts may be drawn in a wider font that has them.
    """
    if mono:
        return sum(max(600, _advance(c, bold)) if _advance(c, bold) else 0 for c in text) * size / 1000
    wide = sum([_advance(c, bold) for c in text]) * size / 1000
    return wide * (SIGN_BOLD if bold else SIGN_PLAIN) if not text.isascii() and RAISED.search(text) else wide


def shorten(text: str, room: float, size: float, *, bold: bool = False) -> str:
    """Return ``text``, with "…" in place of its middle where it is wider than ``room``.

    Names that start alike differ at their end: "layer3.unit2.w₁" and "layer3.unit2.w₂".
    """
    if width(text, size, bold=bold) <= room:
        return text
    left = room - width(ELLIPSIS, size, bold=bold)
    head, tail = 0, len(text)
    while head < tail:  # from both ends alternately
        at = head if head <= len(text) - tail else tail - 1
        left -= _advance(text[at], bold) * size / 1000
        if left < 0:
            break
        head, tail = (head + 1, tail) if at == head else (head, tail - 1)
    return text[:head].rstrip() + ELLIPSIS + text[tail:].lstrip()


def superscript(text: str) -> str:
    """Return digits and signs of ``text`` raised: "-12" → "⁻¹²"."""
    return text.replace(MINUS, "-").translate(_SUPERSCRIPTS)


def subscript(text: str) -> str:
    """Return the digits of ``text`` lowered: "12" → "₁₂"."""
    return text.translate(_SUBSCRIPTS)


def number(x: float | None) -> str:
    """Return ``x`` in 3 to 4 significant digits, with a minus sign −; "–" for None.

    Whole numbers below a million are exact. A number other than zero is never shown as 0: tiny and
    huge numbers are in scientific form.

    >>> number(-0.61702), number(1e-7), number(3.0), number(None), number(-0.0)
    ('−0.617', '1e−7', '3', '–', '−0')
    """
    if x is None:
        return NOT_COMPUTED
    if x == 0:  # −0 equals 0, but is shown as −0
        return MINUS + "0" if math.copysign(1.0, x) < 0 else "0"
    return _written(float(x))


@lru_cache(maxsize=4096)
def _written(x: float) -> str:
    if x != x:
        return "nan"
    sign, size = (MINUS, -x) if x < 0 else ("", x)
    if size == math.inf:
        return sign + "∞"
    if size == int(size) and size < 1e6:
        return f"{sign}{int(size)}"
    digits = 4 if size >= 1 else 3
    mantissa, _, exponent = f"{size:.{digits - 1}e}".partition("e")
    power = int(exponent)
    if -4 < power < 6:
        text = f"{size:.{max(0, digits - 1 - power)}f}"
        return sign + (text.rstrip("0").rstrip(".") if "." in text else text)
    short = f"{size:.2e}".partition("e")
    mantissa, power = short[0].rstrip("0").rstrip("."), int(short[2])
    return f"{sign}{mantissa}e{str(power).replace('-', MINUS)}"


def factor(x: float | None) -> str:
    """Return a number inside a product or a sum: a negative one in brackets."""
    text = number(x)
    return f"({text})" if text.startswith(MINUS) else text


def relation(shown: float, made: Iterable[float], product: bool = False) -> str:
    """Return "=" where the printed numbers give exactly the printed result, else "≈".

    >>> relation(0.5, (0.25, 2.0), product=True), relation(1.543, (1.605, 0.961), product=True)
    ('=', '≈')
    """
    terms = [printed(x) for x in made]
    written = number(shown)
    if not math.isfinite(shown) or not all(math.isfinite(x) for x in terms):
        return "="
    total = math.prod(terms) if product else math.fsum(terms)
    mantissa, _, power = written.replace(MINUS, "-").partition("e")
    digits = len(mantissa.partition(".")[2])
    unit = 10.0 ** (int(power or 0) - digits)
    return "=" if abs(total - printed(shown)) <= unit / 2 * (1 + 1e-9) else "≈"


def printed(x: float | None) -> float:
    """Return the number that a reader sees."""
    return float(number(x).replace(MINUS, "-").replace("∞", "inf"))


def because(shown: float, made: Sequence[float], product: bool = False, room: int = 24) -> str:
    """Return "= 1.2·0.5", "≈ 3.01 + (−4.2)", or "= sum of 7" where that is too long.

    The rest of a sum comes from elsewhere: a value that several outputs use, or an earlier pass.
    """
    if product:
        return f"{relation(shown, made, product=True)} {'·'.join(map(factor, made))}"
    rest = shown - math.fsum(made)
    before = math.isfinite(rest) and abs(rest) > 1e-9 * max(1.0, abs(shown))
    parts = [number(x) if not place else factor(x) for place, x in enumerate(made)]
    if before:
        earlier = tell("{number} before", number=number(rest))
        parts.append(f"({earlier})" if number(rest).startswith(MINUS) else earlier)
    joined = f"{relation(shown, (*made, rest) if before else made)} {' + '.join(parts)}"
    return joined if len(joined) <= room else tell("= sum of {count}", count=len(parts))
