"""Names the colours of the scenes and finds the nearest one to a pixel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

COLOURS: dict[str, tuple[int, int, int]] = {
    "red": (220, 38, 38),
    "orange": (246, 138, 28),
    "yellow": (250, 218, 50),
    "green": (34, 150, 66),
    "cyan": (64, 206, 218),
    "blue": (38, 76, 216),
    "purple": (132, 48, 176),
    "pink": (250, 150, 194),
    "brown": (118, 72, 36),
    "black": (16, 16, 18),
    "white": (246, 246, 244),
    "gray": (128, 130, 132),
}
"""Red, green and blue of each colour, 0 to 255; the nearest two are 78 apart."""

NAMES = tuple(COLOURS)
_TABLE = np.array(list(COLOURS.values()), dtype=np.float32)


def nearest(pixels: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """For pixels of shape (height, width, 3): the index in `NAMES` of the nearest colour, and its Euclidean distance in RGB."""
    distances = np.linalg.norm(pixels.astype(np.float32)[..., None, :] - _TABLE, axis=-1)
    indices = distances.argmin(axis=-1)
    return indices, np.take_along_axis(distances, indices[..., None], axis=-1)[..., 0]
