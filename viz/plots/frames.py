"""The frames of a moving picture: which epochs they show, and how they become one file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["frame_epochs", "save_frames"]

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]
MILLISECONDS, LAST = 90, 1800
"""How long a frame is shown, and the last one."""


def frame_epochs(epochs: int, count: int) -> list[int]:
    """Return about ``count`` epochs from 0 to ``epochs``, dense at the start, where the network changes most."""
    spread = np.geomspace(1.0, epochs + 1.0, count) - 1.0
    return sorted({0, epochs, *np.round(spread).astype(int).tolist()})


def save_frames(images: Sequence[Array], path: str | Path, milliseconds: int = MILLISECONDS) -> Path:
    """Write pictures (H, W, 3) of bytes as a film that loops, with a pause on its last picture.

    ``.apng`` has every colour, ``.gif`` 256 of them and is shown everywhere. Raises ValueError for another ending.
    """
    from PIL import Image

    path = Path(path)
    if path.suffix.lower() not in (".gif", ".apng"):
        raise ValueError(f"cannot save frames as {path.suffix or path.name!r}; use .gif or .apng")
    path.parent.mkdir(parents=True, exist_ok=True)
    shown = [Image.fromarray(image) for image in images]
    times = [milliseconds] * (len(shown) - 1) + [LAST]
    if path.suffix.lower() == ".apng":
        shown[0].save(path, format="PNG", save_all=True, append_images=shown[1:], duration=times, loop=0)
        return path
    flat = _few_colours(images, shown)
    flat[0].save(path, save_all=True, append_images=flat[1:], duration=times, loop=0, optimize=True)
    return path


def _few_colours(images: Sequence[Array], shown: Sequence[Image]) -> list[Image]:
    """The pictures in one palette for all, so that colours do not flicker: from the first, middle and last one."""
    from PIL import Image

    sample = Image.fromarray(np.concatenate([images[0], images[len(images) // 2], images[-1]]))
    colours = sample.quantize(256, method=Image.Quantize.MEDIANCUT)
    return [image.quantize(palette=colours, dither=Image.Dither.NONE) for image in shown]
