"""Bundling: ECMAScript modules of several files as one script, because a page is a single file.

Every module becomes a function that is called once and returns what it exports, after the modules it
imports. Supported are ``import { a, b as c } from "./other.js"`` and ``export`` before a declaration.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable

__all__ = ["bundle"]

_IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.[^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?function|class|const|let) (\w+)", re.MULTILINE)
_OTHER = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]*(?:/\*.*?\*/|//[^\n]*)\n", re.MULTILINE | re.DOTALL)
_BLANK = re.compile(r"\n{2,}")


def bundle(entry: str, read: Callable[[str], str]) -> str:
    """Return one script that runs the module ``entry`` and declares what it exports.

    ``read`` gives the text of a module by its path, as "page/assets/page.js". Comments that fill whole lines
    are left out. Raises ValueError for circular imports, for a name that is
    not exported, and for other forms of import and export.
    """
    exported: dict[str, list[str]] = {}
    parts: list[str] = []

    def add(path: str, waiting: tuple[str, ...]) -> None:
        if path in waiting:
            circle = " → ".join([*waiting[waiting.index(path) :], path])
            raise ValueError(f"modules import each other in a circle: {circle}; move what they share to a third one")
        if path in exported:
            return
        text = _COMMENT.sub("", read(path))
        head = ""
        for names, where in _IMPORT.findall(text):
            other = posixpath.normpath(posixpath.join(posixpath.dirname(path), where))
            add(other, (*waiting, path))
            wanted = [name.strip() for name in names.split(",") if name.strip()]
            for name in wanted:
                if name.split()[0] not in exported[other]:
                    raise ValueError(f"{path} imports {name.split()[0]} from {other}, which does not export it")
            head += f"const {{ {', '.join(name.replace(' as ', ': ') for name in wanted)} }} = {_name(other)};\n"
        found = [name for _, name in _EXPORT.findall(text)]
        body = _EXPORT.sub(r"\1 \2", _IMPORT.sub("", text))
        odd = _OTHER.search(body)
        if odd:
            raise ValueError(
                f'{path}: cannot bundle "{odd[0]}"; write import {{ a, b as c }} from "./other.js" on one line, and '
                "export before a declaration"
            )
        exported[path] = found
        body = _BLANK.sub("\n", head + body).strip()
        parts.append(f"const {_name(path)} = (() => {{\n{body}\nreturn {{ {', '.join(found)} }};\n}})();\n")

    add(entry, ())
    return "".join(parts) + f"const {{ {', '.join(exported[entry])} }} = {_name(entry)};\n"


def _name(path: str) -> str:
    """A module's variable: "page/assets/zoom.js" is ``page_zoom_js``."""
    return re.sub(r"\W", "_", path.replace("/assets/", "/"))
