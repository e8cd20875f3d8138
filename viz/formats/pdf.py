"""A scene as a PDF of vectors, drawn by matplotlib, whose wheel contains fonts and needs no system library.

matplotlib sets right-to-left text as it is read (from 3.11 on).
"""

from __future__ import annotations

import io
import logging
import warnings
from typing import TYPE_CHECKING, Any

from viz.scene.shapes import Circle, Group, Path, Rect, Scene, Shape, Text
from viz.style.fonts import complain, drawn, families, unseen
from viz.style.theme import MONO, SANS, SIGNS, WIDE, Style, palettes, styles

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["pdf"]

POINTS = 72.0
ARROW = 12.8
KAPPA = 0.5523  # a quarter circle as one cubic


def pdf(scene: Scene, theme: str = "light") -> bytes:
    """Return ``scene`` as PDF bytes, without a date, so that the same scene gives the same bytes.

    Warns, in one sentence, of characters that no installed font has. Raises ImportError without matplotlib.
    """
    try:
        import matplotlib
        from matplotlib.backends.backend_pdf import FigureCanvasPdf
        from matplotlib.figure import Figure
    except ImportError:
        raise ImportError(
            "a .pdf needs matplotlib; run `pip install 'autograd_mini[plots]'`, or save as .svg"
        ) from None

    palette = palettes(theme)[0]
    figure = Figure(figsize=(scene.width / POINTS, scene.height / POINTS), facecolor=palette.background)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, scene.width)
    axes.set_ylim(scene.height, 0)
    out = io.BytesIO()
    loud = logging.getLogger("matplotlib.font_manager")
    level = loud.level
    loud.setLevel(logging.ERROR)  # a missing font of the list is expected
    try:
        pen = _Pen(axes, styles(palette), palette.background, _letters(scene))
        for shape in scene.shapes:
            pen.draw(shape)
        with matplotlib.rc_context({"pdf.fonttype": 42, "svg.hashsalt": "viz"}), warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Glyph", UserWarning)  # one sentence names all characters
            FigureCanvasPdf(figure).print_pdf(out, metadata={"Title": scene.title, "CreationDate": None})
    finally:
        loud.setLevel(level)
    complain(pen.missing)
    return out.getvalue()


def _letters(scene: Scene) -> str:
    return "".join(span.text for shape in scene.walk() if isinstance(shape, Text) for span in shape.spans)


class _Pen:
    def __init__(self, axes: Axes, table: dict[str, Style], background: str, letters: str) -> None:
        self.axes, self.table, self.background = axes, table, background
        self.sans = families(SANS, SIGNS, WIDE, text=letters)
        self.mono = families(MONO, "DejaVu Sans Mono", WIDE, text=letters)
        self.missing: list[str] = []

    def draw(self, shape: Shape) -> None:
        """Draw a shape and everything in it."""
        if isinstance(shape, Group):
            for each in shape.shapes:
                self.draw(each)
        elif isinstance(shape, Text):
            self._text(shape)
        elif isinstance(shape, Circle):
            x, y, r, k = shape.x, shape.y, shape.radius, shape.radius * KAPPA
            self._curve(
                [(x + r, y), (x + r, y + k), (x + k, y + r), (x, y + r), (x - k, y + r), (x - r, y + k), (x - r, y),
                 (x - r, y - k), (x - k, y - r), (x, y - r), (x + k, y - r), (x + r, y - k), (x + r, y)],
                shape.role, True,
            )  # fmt: skip
        elif isinstance(shape, Rect):
            self._rect(shape)
        else:
            self._curve(list(shape.points), shape.role, shape.closed, shape.thickness)
            if shape.arrow:
                self._arrow(shape)

    def _rect(self, rect: Rect) -> None:
        from matplotlib.patches import FancyBboxPatch

        r = min(rect.radius, rect.width / 2, rect.height / 2)
        self.axes.add_patch(
            FancyBboxPatch(
                (rect.x + r, rect.y + r), rect.width - 2 * r, rect.height - 2 * r,
                boxstyle=f"round,pad={r},rounding_size={r}" if r else "square,pad=0", **self._ink(rect.role),
            )
        )  # fmt: skip

    def _ink(self, role: str, thickness: float = 0.0, filled: bool = True) -> dict[str, Any]:
        style = self.table[role]
        dash = tuple(float(part) for part in style.dash.split())
        return {
            "facecolor": style.fill if filled else "none",
            "edgecolor": style.stroke or "none",
            "linewidth": thickness or style.stroke_width,
            "linestyle": (0, dash) if dash else "solid",
            "alpha": style.opacity if style.opacity != 1 else None,
        }

    def _curve(self, points: list[tuple[float, float]], role: str, closed: bool, thickness: float = 0.0) -> None:
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path as Outline

        codes = [Outline.MOVETO] + [Outline.CURVE4] * (len(points) - 1)
        if closed:
            points, codes = [*points, points[0]], [*codes, Outline.CLOSEPOLY]
        self.axes.add_patch(PathPatch(Outline(points, codes), **self._ink(role, thickness, closed)))

    def _arrow(self, path: Path) -> None:
        """The head of the SVG marker: 12.8 long, 10.2 wide, its tip just past the end."""
        from matplotlib.patches import Polygon

        (x0, y0), (x1, y1) = path.points[-2], path.points[-1]
        length = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5 or 1.0
        dx, dy = (x1 - x0) / length, (y1 - y0) / length
        tip, back = 0.1 * ARROW, 0.9 * ARROW
        half = 0.4 * ARROW
        corners = [
            (x1 + dx * tip, y1 + dy * tip),
            (x1 - dx * back - dy * half, y1 - dy * back + dx * half),
            (x1 - dx * back + dy * half, y1 - dy * back - dx * half),
        ]
        self.axes.add_patch(Polygon(corners, closed=True, facecolor=self.table["arrow"].fill, edgecolor="none"))

    def _text(self, text: Text) -> None:
        from matplotlib.patheffects import Normal, withStroke

        wide = sum(span.width for span in text.spans)
        x = text.x - {"start": 0.0, "middle": wide / 2, "end": wide}[text.anchor]
        for span in text.spans:
            fonts = self.mono if span.mono else self.sans
            bold = span.bold and not unseen(span.text, drawn(tuple(fonts), bold=True))
            self.missing += unseen(span.text, drawn(tuple(fonts), bold))
            room = span.width - span.gap
            self.axes.text(
                x + span.gap + room / 2, text.y, span.text, fontsize=span.size, ha="center", va="baseline",
                color=self.table[span.role].fill, fontfamily=fonts,
                fontweight="bold" if bold else "normal", parse_math=False,
                path_effects=[withStroke(linewidth=4, foreground=self.background), Normal()] if text.halo else [],
            )  # fmt: skip
            x += span.width
