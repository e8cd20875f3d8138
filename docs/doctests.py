"""A griffe extension: doctests become blocks of code, aligned terms become lists."""

from __future__ import annotations

import re
from typing import Any

import griffe

TERM = re.compile(r"(``[^`]+``(?:, ``[^`]+``)*) {2,}(?=\S)")


class Doctests(griffe.Extension):
    """Fence every run of ``>>>`` lines with what they print; make items of ``name``   what it is."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rewrite the docstring of an object once it is loaded."""
        if obj.docstring is not None:
            obj.docstring.value = fenced(listed(obj.docstring.value))


def fenced(text: str) -> str:
    """Return the text with its doctests fenced: from ``>>>`` to the next blank line."""
    out: list[str] = []
    inside = False
    for line in text.splitlines():
        if line.lstrip().startswith(">>>") and not inside:
            out += ["", "```pycon"]
            inside = True
        elif inside and not line.strip():
            out.append("```")
            inside = False
        out.append(line)
    return "\n".join([*out, "```"] if inside else out)


def listed(text: str) -> str:
    """Return the text with its aligned terms as items, each with the lines that go on below it."""
    out: list[str] = []
    inside = False
    for line in text.splitlines():
        if TERM.match(line):
            out += ([] if inside else [""]) + [f"- {TERM.sub(lambda found: found[1] + ': ', line, count=1)}"]
            inside = True
        elif inside and line.startswith("   "):
            out.append(f"  {line.strip()}")
        else:
            inside = False
            out.append(line)
    return "\n".join(out)
