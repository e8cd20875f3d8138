"""Pages: assets combined into one file that makes no network requests."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files

from autograd_mini.language import language, table, tell
from viz.formats.svg import escape
from viz.style.theme import DARK, LIGHT, MONO, SANS, Palette
from viz.web.bundle import bundle

_INDENT = re.compile(r"^[ \t]+|[ \t]+// [^\n`\"']*$", re.MULTILINE)
"""Removed from scripts: indentation, and comments at the ends of lines."""
_REMARK = re.compile(r"/\*.*?\*/\n?", re.DOTALL)

__all__ = ["asset", "bundled", "colours", "digest", "document", "json_text", "numbers"]

WORDS = re.compile(r"(?<!<kbd)(?<!<code)>([^<>{}]*[A-Za-z][^<>{}]*)<")
NAMED = re.compile(r'\b(aria-label|title|placeholder)="([^"{}]*[A-Za-z][^"{}]*)"')
"""The words of a template: texts between tags, and the attributes that are read."""


def document(
    body: str,
    title: str,
    theme: str,
    styles: Sequence[str],
    entry: str,
    data: object,
    last: str = "",
    workers: bool = False,
    inner: Sequence[str] = (),
    kind: str = "",
    **more: str,
) -> str:
    """Return the page whose body is the template ``body``, of the class ``kind``, in the frame of all pages.

    The {{slots}} of both are filled: title, policy, theme, style, data, script and ``more``.

    The content security policy allows the styles and the one script written here, nothing else: with ``workers``
    also that the script runs itself in a worker, and the scripts of ``inner`` pages, which inherit the policy.
    The script is the module ``entry`` with all it imports, then ``last``, which can use the entry's exports.
    Assets are named by their path in this package, as "page/assets/page.html".
    """
    script = f'"use strict";\n(() => {{\n{bundled(entry)}{_INDENT.sub("", last)}\n}})();'
    hashes = dict.fromkeys([digest(script), *(each for page in inner for each in digests(page))])
    known = " ".join(f"'{each}'" for each in hashes)
    worker = "worker-src blob:; " if workers else ""
    texts = texts_of(script)
    parts = {
        "title": escape(title),
        "kind": f' class="{kind}"' if kind else "",
        "policy": f"default-src 'none'; style-src 'unsafe-inline'; script-src {known}; {worker}base-uri 'none'",
        "theme": theme,
        "style": colours() + _REMARK.sub("", "".join(map(asset, styles))),
        "data": json_text(data),
        "script": script,
        "texts": f'<script type="application/json" id="texts">{json_text(texts)}</script>\n' if texts else "",
        **more,
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda match: parts[match[1]], translated(framed(body)))


def framed(body: str) -> str:
    """Return the template of a whole page: the head and the end that all pages share, around ``body``."""
    inside = asset(body).replace("{{themes}}\n", asset("web/assets/themes.html"))
    return asset("web/assets/document.html").replace("{{body}}", inside)


def texts_of(script: str) -> dict[str, str]:
    """Return English → translation in the current language, for the texts that occur in a script."""
    return {
        english: text
        for english, text in table(language()).items()
        if json.dumps(english, ensure_ascii=False) in script or json.dumps(english)[1:-1] in script
    }


def translated(page: str) -> str:
    """Return a template translated into the current language."""
    if language() == "en":
        return page
    page = page.replace('<html lang="en"', f'<html lang="{language()}"')
    page = WORDS.sub(lambda found: f">{_spaced(found[1])}<", page)
    return NAMED.sub(lambda found: f'{found[1]}="{tell(found[2])}"', page)


def _spaced(words: str) -> str:
    """Return words of a template in the current language, with the space around them."""
    inside = " ".join(words.split())
    before, after = words[: len(words) - len(words.lstrip())], words[len(words.rstrip()) :]
    return f"{before}{tell(inside)}{after}"


@cache
def asset(path: str) -> str:
    """Return the text of a file of this package, as "film/assets/film.css"."""
    return files("viz").joinpath(path).read_text(encoding="utf-8")


@cache
def bundled(entry: str) -> str:
    """Return the module ``entry`` and all it imports as one script, without indentation."""
    return _INDENT.sub("", bundle(entry, asset))


def digest(script: str) -> str:
    """Return the hash that identifies a script in a policy."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def digests(page: str) -> list[str]:
    """Return the hashes of the scripts that a page's own policy allows."""
    return re.findall(r"'(sha256-[^']+)'", page.split("</head>")[0])


def json_text(data: object) -> str:
    """Return JSON that is safe inside a script element: without "<", also in labels."""
    return json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")


def numbers(values: Iterable[float]) -> list[float | None]:
    """Return numbers for JSON; nan and infinities become null."""
    return [x if math.isfinite(x) else None for x in values]


def colours() -> str:
    """Return the palettes as custom properties: --value-fill, --gradient… in each theme."""

    def properties(palette: Palette) -> str:
        fields = ((key, colour) for key, colour in vars(palette).items() if key != "name")
        return "".join(f"--{key.replace('_', '-')}:{colour};" for key, colour in fields)

    light, dark = properties(LIGHT) + "color-scheme:light;", properties(DARK) + "color-scheme:dark;"
    return (
        f":root{{--sans:{SANS};--mono:{MONO};{light}}}"
        f"@media (prefers-color-scheme:dark){{:root[data-theme=auto]{{{dark}}}}}"
        f":root[data-theme=dark]{{{dark}}}"
        f"@media print{{:root,:root[data-theme]{{{light}}}}}\n"
    )
