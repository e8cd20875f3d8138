"""SVG to PNG, by resvg: one wheel, no system library."""

from __future__ import annotations

import re
from functools import cache
from html import escape, unescape
from typing import Any

from viz.style.fonts import brought, complain, has_ink
from viz.style.theme import SANS

__all__ = ["png"]

LARGEST = 100.0
"""The largest number of pixels per unit."""
DEJAVU = {
    "font_family": "DejaVu Sans",
    "sans_serif_family": "DejaVu Sans",
    "serif_family": "DejaVu Sans",
    "monospace_family": "DejaVu Sans Mono",
}


def png(svg: str, scale: float = 2.0) -> bytes:
    """Return ``svg`` drawn at ``scale`` pixels per unit.

    Warns, in one sentence, of characters that no font here has.
    Raises ImportError without resvg, RuntimeError where the machine has no font to write with.
    """
    if isinstance(scale, bool) or not isinstance(scale, (int, float)) or not 0.0 < scale <= LARGEST:
        raise ValueError(f"scale is {scale!r}; a number above 0, up to {LARGEST:g}, is needed")
    try:
        import resvg_py
    except ImportError:
        raise ImportError("a .png needs resvg; run `pip install 'autograd_mini[png]'`, or save as .svg") from None
    fonts = _fonts()
    complain(c for c in dict.fromkeys(_letters(svg)) if not _seen(c))
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, zoom=scale, **fonts))


def _letters(svg: str) -> str:
    """The characters in the text elements of a picture."""
    texts = re.findall(r"<text\b.*?</text>", svg, re.DOTALL)
    return unescape(re.sub(r"<[^>]*>", "", "".join(texts)))


@cache
def _fonts() -> dict[str, Any]:
    """Return the options with which text is written: the system's fonts, then those in installed packages."""
    carried: dict[str, Any] = {"font_files": brought()}
    for options in (carried, DEJAVU | carried):
        if _draws("W", options):
            return options
    raise RuntimeError(
        "no font is installed, so a .png would have no text; install one (for example fonts-dejavu), "
        "or `pip install matplotlib`, which contains fonts; or save as .svg"
    )


@cache
def _seen(character: str) -> bool:
    return not has_ink(character) or _draws(character, _fonts())


def _draws(character: str, options: dict[str, Any]) -> bool:
    """Tell whether a character is drawn differently from one that no font has."""
    import resvg_py

    def drawn(letters: str) -> bytes:
        text = f"<text y='30' font-size='30' font-family='{SANS}'>{escape(letters)}</text>"
        svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40">{text}</svg>'
        return bytes(resvg_py.svg_to_bytes(svg_string=svg, **options))

    return drawn(character) != drawn("\U000ffffd")
