"""Text for messages and the terminal: numbers with a minus sign −, aligned columns, suggestions."""

from __future__ import annotations

import difflib
import math
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

__all__ = ["brief", "columns", "described", "display_width", "number", "nearest", "similar", "visible"]


def display_width(text: str) -> int:
    """Return the width of ``text`` in terminal cells: 2 for a CJK character, 0 for a combining mark."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def visible(text: str) -> str:
    """Return ``text`` on one line without control characters: white space as a space, others as \ufffd."""
    return "".join(char if char.isprintable() else " " if char.isspace() else "\ufffd" for char in text)


def brief(text: str, limit: int = 60) -> str:
    """Return ``text`` without control characters and cut to ``limit`` characters, for a message."""
    return visible(text if len(text) <= limit else text[: limit - 1] + "…")


def described(item: object) -> str:
    """Describe what was given, for a message: "'0.1', a str", "the class Adam"."""
    if isinstance(item, type):
        return f"the class {item.__name__}"
    return f"{brief(repr(item))}, {'an' if type(item).__name__[0] in 'aeiou' else 'a'} {type(item).__name__}"


def similar(name: str, known: Iterable[str], usual: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return "; did you mean 'Affine'?" for a name that is not known, "" where no known name is similar.

    ``usual`` maps names in other packages, in lower case, to names here.

    >>> similar("addam", ["SGD", "Adam"]), similar("Linear", ["Affine"], {"linear": "Affine"})
    ("; did you mean 'Adam'?", "; did you mean 'Affine'?")
    """
    found = nearest(name, known, usual)
    return f"; did you mean {found!r}?" if found else ""


def nearest(name: str, known: Iterable[str], usual: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return the known name that is similar to ``name``, "" where none is; ``usual`` as in ``similar``."""
    plain = {each.lower(): each for each in known}
    return usual.get(name.lower()) or next(
        (plain[each] for each in difflib.get_close_matches(name.lower(), plain, 1, 0.6)), ""
    )


def number(x: float, digits: int = 6) -> str:
    """Return ``x`` to ``digits`` significant digits, with a minus sign − (not a hyphen) and a short exponent.

    >>> number(-0.5), number(1 / 3), number(1.25e-7), number(80.0)
    ('−0.5', '0.333333', '1.25e−7', '80')
    """
    text = f"{x:.{digits}g}"
    if math.isfinite(x) and "e" in text:
        mantissa, exponent = text.split("e")
        text = f"{mantissa}e{int(exponent)}"
    return text.replace("-", "−")


def columns(rows: Sequence[Sequence[str]], align: str, gap: str = "   ") -> list[str]:
    """Return ``rows`` as lines of aligned columns.

    ``align`` holds one character per column: ``<`` left, ``>`` right, ``.`` on the decimal
    point, under a heading: the first row.

    >>> print("\\n".join(columns([["x", "value"], ["a", "−0.25"], ["b", "10"]], "<.")))
    x   value
    a   −0.25
    b   10
    """
    padded = [_column([row[i] for row in rows], how) for i, how in enumerate(align)]
    return [gap.join(cells).rstrip() for cells in zip(*padded, strict=True)]


def _column(cells: list[str], how: str) -> list[str]:
    if how == ".":
        heading, *numbers = cells
        whole = [_whole(cell) for cell in numbers]
        left = max(map(len, whole), default=0)
        cells = [heading, *(" " * (left - len(part)) + cell for part, cell in zip(whole, numbers, strict=True))]
        how = "<"
    width = max(map(display_width, cells), default=0)
    blanks = [" " * (width - display_width(cell)) for cell in cells]
    return [blank + cell if how == ">" else cell + blank for blank, cell in zip(blanks, cells, strict=True)]


def _whole(cell: str) -> str:
    """The part of a number before its decimal point or exponent."""
    return cell.split(".")[0].split("e")[0]
