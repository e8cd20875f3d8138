"""The HTML of a drawing in a notebook: no wider than its cell, with alternative text, in the notebook's theme."""

from __future__ import annotations

from hashlib import sha256

from viz.formats.svg import sheet, svg
from viz.scene.shapes import Scene
from viz.style.theme import DARK, styles

__all__ = ["cell"]

DARK_NOTEBOOKS = (
    '[data-jp-theme-light="false"]',  # JupyterLab and Notebook 7
    "body.vscode-dark", "body.vscode-high-contrast",  # Visual Studio Code
    'html[theme="dark"]',  # Colab
)  # fmt: skip


def cell(scene: Scene, theme: str) -> str:
    """Return HTML of ``scene``; with theme "auto" it follows the theme of the notebook, not of the system.

    The picture's title and description are its alternative text.
    """
    shown = "light" if theme == "auto" else theme
    prefix = "c" + sha256(f"{theme}{svg(scene, shown)}".encode()).hexdigest()[:10]
    rules = f".{prefix}{{max-width:100%;height:auto}}"
    if theme == "auto":
        rules += f":is({','.join(DARK_NOTEBOOKS)}){{{sheet((DARK,), styles(DARK), prefix)}}}"
    return f"<style>{rules}</style>\n{svg(scene, shown, prefix)}"
