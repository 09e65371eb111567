"""Draws a scene: places its figures and paints them, anti-aliased, on the background."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray

from fluxpod.embedded import palette, shapes
from fluxpod.embedded.scenes import Scene

Picture = NDArray[np.uint8]
"""Red, green and blue, shape (height, width, 3)."""

# Diameters as a share of the picture's shorter side.
_ALONE = {"small": 0.30, "": 0.50, "large": 0.74}
_PAIR = {"small": 0.24, "": 0.35, "large": 0.46}
_IN_A_ROW, _OUTER, _INNER = 0.28, 0.86, 0.24
_WANDER = 0.015
_MIDDLE_OF_TRIANGLE = 0.2


@dataclass(frozen=True)
class Place:
    """Where a figure stands: centre and radius, in pixels."""

    x: float
    y: float
    radius: float


def places(scene: Scene, width: int, height: int, random: Random) -> list[Place]:
    """Centre and radius of each figure for a picture of `width` by `height` pixels; `random` moves and scales them a little."""
    short = min(width, height)

    def place(x: float, y: float, diameter: float) -> Place:
        moved_x = x * width + random.uniform(-_WANDER, _WANDER) * short
        moved_y = y * height + random.uniform(-_WANDER, _WANDER) * short
        return Place(moved_x, moved_y, diameter * short / 2 * random.uniform(0.97, 1.03))

    count = len(scene.figures)
    if scene.relation == "inside":
        outer = place(0.5, 0.5, _OUTER)
        lower = _MIDDLE_OF_TRIANGLE * outer.radius if scene.figures[1].shape == "triangle" else 0.0
        return [Place(outer.x, outer.y + lower, _INNER * short / 2), outer]
    if count == 1:
        return [place(0.5, 0.5, _ALONE[scene.figures[0].size])]
    steps = [0.26, 0.74] if count == 2 else [0.18, 0.5, 0.82]
    if scene.relation in ("right of", "below"):
        steps.reverse()
    upright = scene.relation in ("above", "below")
    diameters = [_PAIR[figure.size] if count == 2 else _IN_A_ROW for figure in scene.figures]
    return [place(0.5, step, size) if upright else place(step, 0.5, size) for step, size in zip(steps, diameters, strict=True)]


def draw(scene: Scene, width: int, height: int, random: Random) -> Picture:
    """The scene as a picture; an inner figure is painted over the outer one."""
    canvas = np.empty((height, width, 3), dtype=np.float32)
    canvas[:] = palette.COLOURS[scene.background]
    for figure, place in reversed(list(zip(scene.figures, places(scene, width, height, random), strict=True))):
        covered = shapes.mask(figure.shape, width, height, place.x, place.y, place.radius)[..., None]
        canvas += covered * (np.array(palette.COLOURS[figure.colour], dtype=np.float32) - canvas)
    return np.rint(canvas).astype(np.uint8)
