"""Finds the connected regions of a mask, and thins and thickens masks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


def regions(mask: Mask, least: int) -> list[Mask]:
    """The 4-connected regions of `mask` with at least `least` pixels, the largest first, each as a mask of the same shape."""
    numbers = _numbered(mask)
    counts = np.bincount(numbers.ravel())
    counts[0] = 0
    order = np.argsort(-counts, kind="stable")
    return [numbers == number for number in order if counts[number] >= least]


def eroded(mask: Mask, pixels: int) -> Mask:
    """`mask` without what lies within `pixels` of its edge; the picture's border is no edge."""
    for _ in range(pixels):
        padded = np.pad(mask, 1, mode="edge")
        mask = mask & padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return mask


def grown(mask: Mask, pixels: int) -> Mask:
    """`mask` with everything within `pixels` of it."""
    return ~eroded(~mask, pixels)


def _numbered(mask: Mask) -> NDArray[np.int64]:
    """Each region's pixels bear its number, from 1; runs of pixels in a row are joined to the runs above that they touch."""
    height, width = mask.shape
    numbers = np.zeros((height, width), dtype=np.int64)
    parents = [0]

    def root(number: int) -> int:
        while parents[number] != number:
            parents[number] = parents[parents[number]]
            number = parents[number]
        return number

    edges = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    for row in range(height):
        starts, ends = np.flatnonzero(edges[row] == 1), np.flatnonzero(edges[row] == -1)
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            above = {root(int(number)) for number in np.unique(numbers[row - 1, start:end]) if number} if row else set[int]()
            number = min(above, default=len(parents))
            if number == len(parents):
                parents.append(number)
            for other in above:
                parents[other] = number
            numbers[row, start:end] = number
    return np.array([root(number) for number in range(len(parents))])[numbers]
