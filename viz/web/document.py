"""Pages: assets put together into one file that needs no network and asks for none."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files

from viz.formats.svg import escape
from viz.style.theme import DARK, LIGHT, MONO, SANS, Palette
from viz.web.bundle import bundle

_INDENT = re.compile(r"^[ \t]+|[ \t]+// [^\n`\"']*$", re.MULTILINE)
"""What a script does not need: indentation, and comments at the ends of lines."""
_REMARK = re.compile(r"/\*.*?\*/\n?", re.DOTALL)

__all__ = ["asset", "bundled", "colours", "digest", "document", "json_text", "numbers"]


def document(
    template: str,
    title: str,
    theme: str,
    styles: Sequence[str],
    entry: str,
    data: object,
    last: str = "",
    workers: bool = False,
    inner: Sequence[str] = (),
    **more: str,
) -> str:
    """Return ``template`` with its {{slots}} filled: title, policy, theme, style, data, script and ``more``.

    The content security policy allows the styles and the one script written here, nothing else: with ``workers``
    also that the script runs itself in a worker, and the scripts of ``inner`` pages, which inherit the policy.
    The script is the module ``entry`` with all it imports, then ``last``, which knows what the entry exports.
    Assets are named by their path in this package, as "page/assets/page.html".
    """
    script = _INDENT.sub("", f'"use strict";\n(() => {{\n{bundled(entry)}{last}\n}})();')
    hashes = dict.fromkeys([digest(script), *(each for page in inner for each in digests(page))])
    known = " ".join(f"'{each}'" for each in hashes)
    worker = "worker-src blob:; " if workers else ""
    parts = {
        "title": escape(title),
        "policy": f"default-src 'none'; style-src 'unsafe-inline'; script-src {known}; {worker}base-uri 'none'",
        "theme": theme,
        "style": colours() + _REMARK.sub("", "".join(map(asset, styles))),
        "data": json_text(data),
        "script": script,
        **more,
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda match: parts[match[1]], asset(template))


@cache
def asset(path: str) -> str:
    """Return the text of a file of this package, as "film/assets/film.css"."""
    return files("viz").joinpath(path).read_text(encoding="utf-8")


@cache
def bundled(entry: str) -> str:
    """Return the module ``entry`` and all it imports as one script."""
    return bundle(entry, asset)


def digest(script: str) -> str:
    """Return the hash by which a policy knows a script."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def digests(page: str) -> list[str]:
    """Return the hashes of the scripts that a page's own policy allows."""
    return re.findall(r"'(sha256-[^']+)'", page.split("</head>")[0])


def json_text(data: object) -> str:
    """Return JSON that may stand inside a script element: no "<" in it, whatever a label says."""
    return json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")


def numbers(values: Iterable[float]) -> list[float | None]:
    """Return numbers as JSON has them; what is not finite as null."""
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
