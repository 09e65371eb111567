"""Draws the eight shapes as anti-aliased masks from their distance to an edge."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.floating[Any]]
"""Numbers over a grid of points; distances are negative inside, in units of the shape's radius."""


def mask(shape: str, width: int, height: int, centre_x: float, centre_y: float, radius: float) -> Field:
    """How much of each pixel the shape covers, 0 to 1, shape (height, width); centre and radius in pixels.

    Raises KeyError for a shape that is not in `SHAPES`.
    """
    across = (np.arange(width, dtype=np.float32) + 0.5 - centre_x) / radius
    down = (np.arange(height, dtype=np.float32) + 0.5 - centre_y) / radius
    distance = SHAPES[shape](across[None, :], down[:, None])
    return np.clip(0.5 - distance * radius, 0.0, 1.0).astype(np.float32)


def _circle(x: Field, y: Field) -> Field:
    return np.hypot(x, y) - 1.0


def _square(x: Field, y: Field) -> Field:
    return np.maximum(np.abs(x), np.abs(y)) - 0.88


def _convex(x: Field, y: Field, corners: list[tuple[float, float]]) -> Field:
    """Distance to a convex polygon around the origin, its corners in clockwise order on the screen."""
    distances: list[Field] = []
    for (x0, y0), (x1, y1) in zip(corners, corners[1:] + corners[:1], strict=True):
        length = math.hypot(x1 - x0, y1 - y0)
        distances.append(((x - x0) * (y1 - y0) - (y - y0) * (x1 - x0)) / length)
    return np.maximum.reduce(np.broadcast_arrays(*distances))


def _triangle(x: Field, y: Field) -> Field:
    return _convex(x, y, [(0.0, -1.0), (1.0, 0.85), (-1.0, 0.85)])


def _hexagon(x: Field, y: Field) -> Field:
    return _convex(x, y, [(math.cos(turn * math.pi / 3), math.sin(turn * math.pi / 3)) for turn in range(6)])


def _star(x: Field, y: Field) -> Field:
    """Five points, the inner corners at 0.42 of the radius: the plane is folded onto one half of one point."""
    angle = np.mod(np.arctan2(x, -y) + math.pi / 5, 2 * math.pi / 5) - math.pi / 5
    length = np.hypot(x, y)
    along, aside = length * np.cos(angle), np.abs(length * np.sin(angle))
    corner_along, corner_aside = 0.42 * math.cos(math.pi / 5), 0.42 * math.sin(math.pi / 5)
    edge = math.hypot(1.0 - corner_along, corner_aside)
    return ((along - 1.0) * corner_aside + aside * (1.0 - corner_along)) / edge


def _heart(x: Field, y: Field) -> Field:
    """A square that stands on its corner, with half a circle on each of its upper edges."""
    side, half, lower = np.abs(x), 0.6, 0.12
    middle = half / math.sqrt(2.0)
    lobes = np.hypot(side - middle, y - lower + middle) - half
    tip = (side + np.abs(y - lower)) / math.sqrt(2.0) - half
    return np.minimum(lobes, tip)


def _ring(x: Field, y: Field) -> Field:
    return np.abs(np.hypot(x, y) - 0.77) - 0.23


def _cross(x: Field, y: Field) -> Field:
    wide, narrow = np.maximum(np.abs(x) - 0.95, np.abs(y) - 0.34), np.maximum(np.abs(x) - 0.34, np.abs(y) - 0.95)
    return np.minimum(wide, narrow)


SHAPES: dict[str, Callable[[Field, Field], Field]] = {
    "circle": _circle,
    "square": _square,
    "triangle": _triangle,
    "star": _star,
    "heart": _heart,
    "ring": _ring,
    "cross": _cross,
    "hexagon": _hexagon,
}
NAMES = tuple(SHAPES)
