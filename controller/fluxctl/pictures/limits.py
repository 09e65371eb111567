"""Opens picture files that may be anything: what would take too much memory is refused."""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from PIL import Image

from fluxctl.pictures.formats import PictureFormat

MOST_PIXELS = 8192 * 8192
"""Four times the largest picture that a recipe can ask for."""
MOST_FILE_BYTES = 256 * 1024 * 1024
"""More than such a picture takes without any packing."""
MOST_JSON_BYTES = 64 * 1024 * 1024
_SIGNATURES = ((b"\x89PNG\r\n\x1a\n", 0), (b"\xff\xd8\xff", 0), (b"WEBP", 8))
_HEAD_BYTES = 64


class TooLargeError(ValueError):
    """A file would take too much memory; the text says why."""


def is_picture(content: bytes) -> bool:
    """Given the beginning of a file, return whether it is a PNG, JPEG or WebP."""
    return any(content[place:].startswith(signature) for signature, place in _SIGNATURES)


def read_limited(path: Path) -> bytes:
    """Given a file, which may be a pipe, return its content; raise OSError, and TooLargeError for more than ours can have."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
        most = MOST_FILE_BYTES if is_picture(head) else MOST_JSON_BYTES
        rest = file.read(most - len(head) + 1)
    if len(head) + len(rest) > most:
        raise TooLargeError(f"it is larger than {most // 2**20} MiB, more than any file of ours")
    return head + rest


def opened(source: IO[bytes], formats: Sequence[PictureFormat] = tuple(PictureFormat)) -> Image.Image:
    """Given a file, return its picture, whose pixels are not read yet; raise TooLargeError, or OSError and ValueError as Pillow does."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            image = Image.open(source, formats=[name.upper() for name in formats])
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise TooLargeError(f"its head promises too many pixels: {error}") from error
    if image.width * image.height > MOST_PIXELS:
        image.close()
        raise TooLargeError(f"its head promises {image.width}x{image.height} pixels, more than any picture of ours")
    return image
