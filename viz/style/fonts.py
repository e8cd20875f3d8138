"""Fonts for PDF and PNG: installed fonts, then fonts in Python packages; and the characters that none of them has.

A page or an SVG uses the reader's fonts. A PDF or PNG is drawn on this machine, which may have no
fonts. matplotlib contains DejaVu (Latin, Greek, Arabic, Hebrew, signs) and matplotlib-fontja IPAex
Gothic (Japanese); one warning names the characters that cannot be drawn.
"""

from __future__ import annotations

import logging
import unicodedata
import warnings
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

__all__ = ["brought", "complain", "drawn", "families", "unseen"]

BROUGHT = {"matplotlib": "mpl-data/fonts/ttf", "matplotlib_fontja": "fonts"}
LAST_RESORT = "Last Resort"
NAMED = 5
CURES = {
    "Chinese, Japanese and Korean": "pip install matplotlib-fontja (Japanese), or on Debian fonts-noto-cjk",
    "emoji": "on Debian fonts-symbola",
    "other scripts": "on Debian fonts-noto-core",
}


def brought(package: str = "") -> list[str]:
    """Return the font files in installed packages, of all packages or of one."""
    found = []
    for name, folder in BROUGHT.items():
        spec = find_spec(name) if package in ("", name) else None
        if spec is not None and spec.origin is not None:
            found += sorted(str(path) for path in Path(spec.origin).parent.joinpath(folder).glob("*.[to]tf"))
    return found


def families(*stacks: str, text: str = "") -> list[str]:
    """Return names for matplotlib: installed fonts of the stacks, fonts in packages, and a font for the rest.

    A stack is written as in CSS. Where the fonts of the stacks lack a character of ``text``, the first
    other font that has it is added at the end.
    """
    from matplotlib import font_manager

    quiet = logging.getLogger(font_manager.__name__)
    if _brought_weight not in quiet.filters:
        quiet.addFilter(_brought_weight)
    manager = font_manager.fontManager
    known = {entry.fname for entry in manager.ttflist}
    for path in brought("matplotlib_fontja"):
        if path not in known:
            manager.addfont(path)
    installed = {entry.name for entry in manager.ttflist}
    wanted = [name.strip().strip('"') for stack in stacks for name in stack.split(",")]
    wanted += ["DejaVu Sans", "IPAexGothic"]
    found = list(dict.fromkeys(name for name in wanted if name in installed))
    for character in unseen(text, drawn(tuple(found))):
        other = _with(character) if not drawn(tuple(found)) >= {character} else None
        if other is not None:
            found.append(other)
    return found


def _brought_weight(record: logging.LogRecord) -> bool:
    """Whether to log a message: none about a bold IPAex Gothic, which does not exist; the usual one is drawn."""
    return not record.getMessage().startswith("findfont: Failed to find font weight bold for IPAexGothic")


@cache
def drawn(names: tuple[str, ...], bold: bool = False) -> frozenset[str]:
    """Return every character that matplotlib draws with these families."""
    from matplotlib.font_manager import FontProperties, findfont

    weight = "bold" if bold else "normal"
    return frozenset().union(*(_characters(findfont(FontProperties(family=[name], weight=weight))) for name in names))


@cache
def _characters(path: str) -> frozenset[str]:
    from matplotlib.font_manager import get_font

    return frozenset(chr(code) for code in get_font(path).get_charmap())


@cache
def _with(character: str) -> str | None:
    """The first installed family, by name, whose regular face has the character."""
    from matplotlib.font_manager import fontManager

    for entry in sorted(fontManager.ttflist, key=lambda entry: (entry.name, entry.fname)):
        if LAST_RESORT in entry.name:
            continue  # it draws a box for every character
        try:
            if character in _characters(entry.fname):
                return str(entry.name)
        except (OSError, RuntimeError):
            continue  # a font of bitmaps, which matplotlib cannot draw
    return None


def unseen(text: Iterable[str], known: frozenset[str]) -> list[str]:
    """Return the visible characters of ``text`` that are not among the known ones, each once, in order."""
    return [c for c in dict.fromkeys(text) if c not in known and has_ink(c)]


def has_ink(character: str) -> bool:
    """Tell whether a character is visible; spaces, joiners and variation selectors are not."""
    return (
        unicodedata.category(character) not in ("Cc", "Cf", "Zs", "Zl", "Zp") and not "\ufe00" <= character <= "\ufe0f"
    )


def complain(missing: Iterable[str]) -> None:
    """Warn, in one sentence for all, that no font here draws these characters; no warning where there are none."""
    missing = list(dict.fromkeys(missing))
    if not missing:
        return
    shown = ", ".join(f"{c} (U+{ord(c):04X})" for c in missing[:NAMED])
    more = f" and {len(missing) - NAMED} more" if len(missing) > NAMED else ""
    kinds = dict.fromkeys(_kind(c) for c in missing)
    cures = "; ".join(f"for {kind}: {CURES[kind]}" for kind in CURES if kind in kinds)
    warnings.warn(
        f"no installed font draws {shown}{more}, so this picture has boxes or gaps there; "
        f"install a font that has them ({cures}), or save as .svg",
        UserWarning,
        stacklevel=4,
    )


def _kind(character: str) -> str:
    if unicodedata.category(character) == "So" and ord(character) >= 0x1F000:
        return "emoji"
    return "Chinese, Japanese and Korean" if unicodedata.east_asian_width(character) in "WF" else "other scripts"
