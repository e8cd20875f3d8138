"""Drawing: a finished picture that shows itself in a notebook and saves in the usual formats."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from autograd_mini.engine.value import Value
from autograd_mini.files import as_path
from autograd_mini.language import language, speaking, tell
from autograd_mini.program.ir import Program
from viz.formats.dot import digraph
from viz.formats.svg import svg
from viz.graph.model import Model
from viz.graph.words import describe
from viz.scene.shapes import Scene
from viz.style.theme import ThemeName
from viz.web.notebook import cell

if TYPE_CHECKING:
    import graphviz

__all__ = ["Drawing"]


class Drawing:
    """A picture of a graph.

    ``scalars``  every value and function, with the numbers at the time of drawing
    ``model``    the nodes and edges that are shown; ``detail`` is the level of detail
    ``scene``    the shapes with their coordinates
    ``graph``    the Value, Values or Program it was made from, None for a difference
    """

    def __init__(
        self,
        model: Model,
        scene: Scene,
        theme: ThemeName,
        scalars: Model,
        detail: str,
        text: str = "",
        graph: Value | Sequence[Value] | Program | None = None,
    ) -> None:
        self.model, self.scene, self.theme, self.scalars, self.detail = model, scene, theme, scalars, detail
        self.graph = graph
        self.lang = language()
        self._text = text

    def __repr__(self) -> str:
        size = f"{self.scene.width:.0f}×{self.scene.height:.0f}"
        return f"<Drawing {self.title!r}, {self.detail}, {self.model.size:,} functions, {size}>"

    @property
    def title(self) -> str:
        """The title of the picture."""
        return self.scene.title

    @property
    def notes(self) -> tuple[str, ...]:
        """What the picture folds or leaves out, a sentence each."""
        return self.scene.notes

    @property
    def text(self) -> str:
        """The forward and the backward pass as text, see ``narrate``."""
        if not self._text:
            with speaking(self.lang):
                self._text = describe(self.scalars)
        return self._text

    @cached_property
    def svg(self) -> str:
        """The picture as SVG text."""
        with speaking(self.lang):
            return svg(self.scene, self.theme)

    @cached_property
    def dot(self) -> graphviz.Digraph:
        """The graph as a ``graphviz.Digraph``, for editing."""
        with speaking(self.lang):
            return digraph(self.model, self.theme, self.title)

    def save(self, path: str | FilePath, *, scale: float = 2.0) -> FilePath:
        """Write the picture to ``path``, in the format of its ending, and return the path.

        ``.svg``, ``.dot``, ``.txt`` and ``.html`` (the live page) need no further package; ``.png`` needs
        the extra ``png``, ``.pdf`` the extra ``plots``. ``scale`` multiplies the size of a PNG.

        Raises ValueError for another ending, ImportError naming what to install.
        """
        path = as_path(path, "save")
        writers: dict[str, Callable[[], bytes]] = {
            ".svg": lambda: self.svg.encode(),
            ".dot": lambda: self.dot.source.encode(),
            ".txt": lambda: (self.text + "\n").encode(),
            ".png": lambda: self.png(scale),
            ".pdf": self.pdf,
            ".html": lambda: self.page().encode(),
        }
        ending = path.suffix.lower()
        if ending not in writers:
            raise ValueError(
                tell(
                    "cannot save a drawing as {ending}; use one of {known}",
                    ending=repr(ending or path.name),
                    known=", ".join(writers),
                )
            )
        path.write_bytes(writers[ending]())
        return path

    def png(self, scale: float = 2.0) -> bytes:
        """Return the picture as PNG bytes; theme "auto" is drawn light."""
        from viz.formats.png import png

        return png(svg(self.scene, "light" if self.theme == "auto" else self.theme), scale)

    def pdf(self) -> bytes:
        """Return the picture as a PDF of vectors; theme "auto" is drawn light."""
        from viz.formats.pdf import pdf

        return pdf(self.scene, self.theme)

    def page(self) -> str:
        """Return the live page: an HTML text, one file, on which one steps through the graph and changes its inputs.

        Raises ValueError for a Program without numbers, for a difference, and for a graph too large.
        """
        if self.graph is None:
            raise ValueError("a difference of two passes has no live page; save it as .svg, .png, .pdf or .txt")
        from viz.page.page import page

        return page(self.graph, self.title, self.theme, self.detail, lang=self.lang)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/html": cell(self.scene, self.theme), "image/svg+xml": self.svg, "text/plain": repr(self)}
