"""A scene as SVG text: one style sheet, unique ids, no scripts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256

from autograd_mini.language import language
from viz.scene.shapes import Circle, Group, Path, Rect, Scene, Shape, Span, Text
from viz.style.theme import MONO, SANS, SIGNS, WIDE, Palette, Style, palettes, styles
from viz.style.typeset import RAISED, clean

__all__ = ["escape", "sheet", "svg"]

HALO, BOLD = 4, 700


_WIDE = re.compile("[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]")


def escape(text: str) -> str:
    """Return ``text`` as XML character data, also safe inside a quoted attribute."""
    text = clean(text)
    for plain, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#39;")):
        text = text.replace(plain, entity)
    return text


def svg(scene: Scene, theme: str = "light", prefix: str = "", styled: bool = True) -> str:
    """Return ``scene`` as an SVG document; the same scene and theme give the same text.

    With theme "auto" the drawing follows the reader's preferred colour scheme. Every id and class
    starts from ``prefix``, by default a digest of the content, so that drawings on one page do not
    conflict. A shape that shows a number has ``data-shows``: a key, and "value" or "gradient".
    Without ``styled`` the style sheet is empty: a page writes its own.
    """
    inks = palettes(theme)
    body = "\n".join(_markup(scene.shapes, "\0"))
    size = f'width="{_n(scene.width)}" height="{_n(scene.height)}" viewBox="0 0 {_n(scene.width)} {_n(scene.height)}"'
    prefix = prefix or "d" + sha256(f"{theme}{size}{escape(scene.title)}{body}".encode()).hexdigest()[:10]
    rules = sheet(inks, _roles(scene), prefix) if styled else ""
    lang = "" if language() == "en" else f' lang="{language()}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{prefix}"{lang} role="img" '
        f'aria-labelledby="{prefix}-title {prefix}-desc" {size}>\n'
        f'<title id="{prefix}-title">{escape(scene.title)}</title>'
        f'<desc id="{prefix}-desc">{escape(scene.description)}</desc>\n'
        f"<style>{rules}</style>\n"
        f'<defs><marker id="{prefix}-arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" '
        f'orient="auto"><path class="arrow" d="M0,1 L10,5 L0,9 z"/></marker></defs>\n'
        f'<rect class="background" width="{_n(scene.width)}" height="{_n(scene.height)}"/>\n'
        f"{body.replace(chr(0), prefix)}\n</svg>\n"
    )


def _roles(scene: Scene) -> list[str]:
    used = {"background", "arrow"}
    for shape in scene.walk():
        if isinstance(shape, Text):
            used |= {span.role for span in shape.spans}
        elif not isinstance(shape, Group):
            used.add(shape.role)
    return [role for role in styles(palettes("light")[0]) if role in used]


def sheet(inks: tuple[Palette, ...], roles: Iterable[str], prefix: str) -> str:
    """Return the style sheet of ``roles`` inside ``.prefix``; a second palette is the dark one."""
    roles = list(roles)

    def rules(palette: Palette) -> str:
        table = styles(palette)
        lines = [f".{prefix} .{role}{{{_css(table[role])}}}" for role in roles]
        return "".join(lines) + f".{prefix} .halo{{stroke:{palette.background}}}"

    text = (
        f".{prefix} text{{font-family:{SANS}}}.{prefix} .sans{{font-family:{SANS}}}"
        f".{prefix} .mono{{font-family:{MONO}}}"
        f".{prefix} .wide{{font-family:{WIDE}}}.{prefix} .sign{{font-family:{SIGNS}}}"
        f".{prefix} .halo{{stroke-width:{HALO};stroke-linejoin:round;paint-order:stroke}}"
    )
    found = text + rules(inks[0])
    if len(inks) > 1:
        found += f"@media (prefers-color-scheme:dark){{{rules(inks[1])}}}"
    return found


def _css(style: Style) -> str:
    parts = [f"fill:{style.fill}"]
    if style.stroke:
        parts.append(f"stroke:{style.stroke};stroke-width:{_n(style.stroke_width)}")
    if style.dash:
        parts.append(f"stroke-dasharray:{style.dash}")
    if style.opacity != 1:
        parts.append(f"opacity:{_n(style.opacity)}")
    return ";".join(parts)


def _n(x: float) -> str:
    """A coordinate, to a tenth of a pixel (a hundredth below ten), without trailing zeros."""
    text = (f"{x:.2f}" if abs(x) < 10 else f"{x:.1f}").rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _markup(shapes: Iterable[Shape], prefix: str) -> Iterable[str]:
    for shape in shapes:
        if isinstance(shape, Group):
            name = f' id="{prefix}-{shape.key}"' if shape.key else ""
            kind = f' class="{shape.kind}"' if shape.kind else ""
            yield f"<g{name}{kind}>" + (f"<title>{escape(shape.title)}</title>" if shape.title else "")
            yield from _markup(shape.shapes, prefix)
            yield "</g>"
        elif isinstance(shape, Circle):
            place = f'cx="{_n(shape.x)}" cy="{_n(shape.y)}" r="{_n(shape.radius)}"'
            yield f'<circle class="{shape.role}" {place}{_shows(shape)}/>'
        elif isinstance(shape, Rect):
            corner = f' rx="{_n(shape.radius)}"' if shape.radius else ""
            yield (
                f'<rect class="{shape.role}" x="{_n(shape.x)}" y="{_n(shape.y)}" width="{_n(shape.width)}" '
                f'height="{_n(shape.height)}"{corner}{_shows(shape)}/>'
            )
        elif isinstance(shape, Path):
            yield _path(shape, prefix)
        else:
            yield _text(shape)


def _shows(shape: Circle | Rect | Text) -> str:
    return f' data-shows="{shape.shows[0]} {shape.shows[1]}"' if shape.shows else ""


def _path(path: Path, prefix: str) -> str:
    (x, y), *rest = path.points
    data = f"M{_n(x)},{_n(y)}"
    for start in range(0, len(rest), 3):
        data += " C" + " ".join(f"{_n(px)},{_n(py)}" for px, py in rest[start : start + 3])
    end = f' marker-end="url(#{prefix}-arrow)"' if path.arrow else ""
    thick = f' style="stroke-width:{_n(path.thickness)}"' if path.thickness else ""
    return f'<path class="{path.role}" d="{data}{" z" if path.closed else ""}"{thick}{end}/>'


def _font(span: Span) -> str:
    """The class of a font stack with all characters, because renderers differ in font fallback."""
    if span.mono:
        return " mono"
    if _WIDE.search(span.text):
        return " wide"
    return " sign" if RAISED.search(span.text) else ""


def _text(text: Text) -> str:
    first, *others = text.spans
    halo, plain = (" halo", ' stroke="none"') if text.halo else ("", "")
    anchor = "" if text.anchor == "start" else f' text-anchor="{text.anchor}"'
    inner = escape(first.text)
    for span in others:
        gap = f' dx="{_n(span.gap)}"' if span.gap else ""
        font = _font(span) or (" sans" if _font(first) else "")
        inner += (
            f'<tspan class="{span.role}{font}"{gap} font-size="{_n(span.size)}" '
            f'font-weight="{BOLD if span.bold else 400}"{plain}>{escape(span.text)}</tspan>'
        )
    weight = f' font-weight="{BOLD}"' if first.bold else ""
    return (
        f'<text class="{first.role}{_font(first)}{halo}" x="{_n(text.x)}" y="{_n(text.y)}" '
        f'font-size="{_n(first.size)}"{weight}{anchor}{_shows(text)}>{inner}</text>'
    )
