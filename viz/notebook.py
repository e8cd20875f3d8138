"""After ``import viz`` a notebook shows Values and Programs as pictures."""

from __future__ import annotations

import sys
from typing import Any

from autograd_mini.engine.value import Value
from autograd_mini.program.ir import Program
from viz.draw import draw
from viz.web.notebook import cell

__all__ = ["register"]


def register() -> bool:
    """Register pictures of Values and Programs in the running notebook; return whether there is one.

    A graph too large for a picture, or a machine without Graphviz, shows the reason in place of the picture.
    """
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is None:
        return False
    for kind in (Value, Program):
        shell.display_formatter.mimebundle_formatter.for_type(kind, bundle)
    return True


def bundle(graph: Value | Program, include: Any = None, exclude: Any = None) -> dict[str, str]:
    """Return the notebook's representation of ``graph``: its picture, and one line of text."""
    line = repr(graph) if isinstance(graph, Value) else f"<Program of {len(graph):,} instructions>"
    try:
        drawing = draw(graph, theme="auto")
        return {"text/html": cell(drawing.scene, "auto"), "image/svg+xml": drawing.svg, "text/plain": line}
    except (ValueError, RuntimeError) as reason:
        return {"text/plain": f"{line}  (not drawn: {reason})"}
