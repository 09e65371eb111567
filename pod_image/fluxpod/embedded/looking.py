"""Reads a scene out of a picture's pixels: the background's colour, and colour, shape and place of each figure. No neural network."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from fluxpod.embedded import palette, shapes
from fluxpod.embedded.drawing import Picture
from fluxpod.embedded.regions import Mask, eroded, grown, regions

FARTHEST_COLOUR = 75.0
"""RGB distance from which a pixel has no colour of the palette; two neighbours in the palette are 83 apart."""
Box = tuple[int, int, int, int]
"""Left, top, right and bottom, in pixels."""
LEAST_SHARE = 0.004
LEAST_BORDER_SHARE = 0.7
LEAST_LIKENESS = 0.72


@dataclass(frozen=True)
class Seen:
    """One figure: colour, shape (empty when like none), how like it is, 0 to 1, and its box."""

    colour: str
    shape: str
    likeness: float
    box: Box

    @property
    def centre(self) -> tuple[float, float]:
        """The middle of the box, x and y in pixels."""
        return (self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2

    @property
    def diameter(self) -> int:
        """The longer side of the box, in pixels."""
        return max(self.box[2] - self.box[0], self.box[3] - self.box[1])


@dataclass(frozen=True)
class Sight:
    """What a picture shows; the background is empty when its border has no one colour."""

    background: str
    figures: tuple[Seen, ...]


def look(picture: Picture) -> Sight:
    """Read `picture`, (height, width, 3), 0 to 255."""
    height, width, _ = picture.shape
    indices, distances = palette.nearest(picture)
    indices = np.where(distances < FARTHEST_COLOUR, indices, -1)
    margin = max(2, min(width, height) // 24)
    border = np.ones((height, width), dtype=np.bool_)
    border[margin:-margin, margin:-margin] = False
    counts = np.bincount(indices[border] + 1, minlength=len(palette.NAMES) + 1)[1:]
    background = int(counts.argmax())
    thin, least = max(1, min(width, height) // 100), int(LEAST_SHARE * width * height)
    found: list[tuple[int, Mask]] = []
    for colour in range(len(palette.NAMES)):
        if colour != background:
            # Opening takes away the seams where two colours mix into a third.
            coloured = indices == colour
            opened = grown(eroded(coloured, thin), thin)
            found += [(colour, grown(region, thin + 1) & coloured) for region in regions(opened, least)]
    seen = [_seen(colour, region, [other for other in found if other[1] is not region]) for colour, region in found]
    clear = counts[background] >= LEAST_BORDER_SHARE * border.sum()
    return Sight(palette.NAMES[background] if clear else "", tuple(one for one in seen if not _is_a_hole(one, seen)))


def _seen(colour: int, region: Mask, others: list[tuple[int, Mask]]) -> Seen:
    left, top, right, bottom = box = _box(region)
    inside = region[top:bottom, left:right]
    hidden = np.zeros_like(inside)
    around = {other for other, mask in others if _within(box, _box(mask))}
    for other, mask in others:
        if _within(_box(mask), box) and other not in around:
            # What is painted over the figure, and the seam around it, says nothing about its shape.
            hidden |= grown(mask[top:bottom, left:right], 2) & ~inside
    height, width = inside.shape
    shape, likeness = "", 0.0
    for name in shapes.NAMES:
        template, aspect = _template(name, width, height)
        union = ((template | inside) & ~hidden).sum()
        alike = (template & inside & ~hidden).sum() / max(1, union) * min(aspect, 1 / aspect)
        if alike > likeness:
            shape, likeness = name, float(alike)
    return Seen(palette.NAMES[colour], shape if likeness >= LEAST_LIKENESS else "", likeness, box)


def _is_a_hole(one: Seen, seen: list[Seen]) -> bool:
    """Whether `one` is where an outer figure shows through a figure painted on it, as through a ring."""
    outer = [other for other in seen if other.colour == one.colour and other is not one]
    return any(_within(one.box, middle.box) and _within(middle.box, other.box) for middle in seen for other in outer if middle is not one)


def _box(region: Mask) -> Box:
    rows, columns = np.flatnonzero(region.any(axis=1)), np.flatnonzero(region.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _within(inner: Box, outer: Box) -> bool:
    return outer[0] < inner[0] and outer[1] < inner[1] and outer[2] > inner[2] and outer[3] > inner[3]


@cache
def _extent(shape: str) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of a shape of radius 1 around the origin."""
    drawn = shapes.mask(shape, 240, 240, 120, 120, 100) > 0.5
    rows, columns = np.flatnonzero(drawn.any(axis=1)), np.flatnonzero(drawn.any(axis=0))
    left, top, right, bottom = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
    return (left - 120) / 100, (top - 120) / 100, (right - 120) / 100, (bottom - 120) / 100


@cache
def _template(shape: str, width: int, height: int) -> tuple[Mask, float]:
    """The shape stretched to fill a box, and by how much it had to be stretched."""
    left, top, right, bottom = _extent(shape)
    across = left + (np.arange(width, dtype=np.float32) + 0.5) / width * (right - left)
    down = top + (np.arange(height, dtype=np.float32) + 0.5) / height * (bottom - top)
    distance = shapes.SHAPES[shape](across[None, :], down[:, None])
    return np.asarray(distance <= 0.0), (width / height) / ((right - left) / (bottom - top))
