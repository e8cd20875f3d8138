"""Scenes without what the page writes itself."""

from __future__ import annotations

from dataclasses import replace

from viz.scene.shapes import Group, Path, Scene, Shape

__all__ = ["bare"]


def bare(scene: Scene, whole: bool) -> Scene:
    """Return the scene without tooltips, which the page writes as the numbers change; lines in ``whole`` pixels."""

    def without(shape: Shape) -> Shape:
        if isinstance(shape, Group):
            return replace(shape, title="", shapes=tuple(map(without, shape.shapes)))
        if isinstance(shape, Path) and whole:
            return replace(shape, points=tuple((round(x), round(y)) for x, y in shape.points))
        return shape

    return replace(scene, shapes=tuple(map(without, scene.shapes)))
