"""SVG to PNG, by resvg: one wheel, no system library."""

from __future__ import annotations

from functools import cache
from typing import Any

from viz.style.theme import SANS

__all__ = ["png"]

DEJAVU = {
    "font_family": "DejaVu Sans",
    "sans_serif_family": "DejaVu Sans",
    "serif_family": "DejaVu Sans",
    "monospace_family": "DejaVu Sans Mono",
}


def png(svg: str, scale: float = 2.0) -> bytes:
    """Return ``svg`` drawn at ``scale`` pixels per unit.

    Raises ImportError without resvg, RuntimeError where the machine has no font to write with.
    """
    try:
        import resvg_py
    except ImportError:
        raise ImportError("a .png needs resvg; run `pip install 'autograd_mini[png]'`, or save as .svg") from None
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, zoom=scale, **_fonts()))


@cache
def _fonts() -> dict[str, Any]:
    """Return the options with which text is written: the system's fonts, or those matplotlib carries."""
    choices: list[dict[str, Any]] = [{}, DEJAVU]
    try:
        import matplotlib
    except ImportError:
        pass
    else:
        choices.append(DEJAVU | {"font_dirs": [f"{matplotlib.get_data_path()}/fonts/ttf"]})
    for options in choices:
        if _writes(options):
            return options
    raise RuntimeError(
        "no font is installed, so a .png would have no text; install one (for example fonts-dejavu), "
        "or `pip install matplotlib`, which carries its own; or save as .svg"
    )


def _writes(options: dict[str, Any]) -> bool:
    import resvg_py

    def drawn(letters: str) -> bytes:
        text = f"<text y='30' font-size='30' font-family='{SANS}'>{letters}</text>"
        svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40">{text}</svg>'
        return bytes(resvg_py.svg_to_bytes(svg_string=svg, **options))

    return drawn("W") != drawn("")
