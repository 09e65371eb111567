"""Turns the worker's PNG into the bytes of the file to save, with or without what it says about itself."""

import io
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, PngImagePlugin

from fluxctl.errors import NotSavedError
from fluxctl.pictures.exif import exif_block
from fluxctl.pictures.formats import Encoding, PictureFormat
from fluxctl.pictures.jpeg import jpeg_metadata
from fluxctl.pictures.limits import opened
from fluxctl.pictures.parameters import parameters_text
from fluxctl.pictures.record import PictureRecord, record_to_json
from fluxctl.pictures.xmp import xmp_packet
from fluxpod.protocol import pixels_sha256

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_KEPT_CHUNKS = (b"IHDR", b"IDAT", b"IEND")
_WEBP_METHOD = 2
"""Files as large as with the default 4, in half the time."""


class DamagedPictureError(NotSavedError):
    """What arrived is not the picture that the worker made; nothing was saved."""

    default_code = "damaged_picture"


def verified(png: bytes, expected_sha256: str) -> Image.Image:
    """Given a PNG from the worker and the hash of its pixels, return the picture; raise DamagedPictureError if they differ."""
    try:
        with opened(io.BytesIO(png), (PictureFormat.PNG,)) as image:
            image.load()
            found = pixels_sha256(image.width, image.height, image.tobytes()) if image.mode == "RGB" else f"mode {image.mode}"
    except (OSError, ValueError, SyntaxError, zlib.error, struct.error) as error:
        raise DamagedPictureError(f"the picture did not arrive whole: {error}") from error
    if found != expected_sha256:
        raise DamagedPictureError(f"the picture that arrived is not the one that was made: {found} instead of {expected_sha256}")
    return image


def encoded(png: bytes, image: Image.Image, wanted: PictureFormat, record: PictureRecord | None, encoding: Encoding, home: Path) -> bytes:
    """Given the worker's PNG, its pixels, the format and the record (None: say nothing), return the bytes of the file."""
    if wanted is PictureFormat.PNG:
        return b"".join(_png_parts(png, _png_texts(record, home) if record else []))
    target = io.BytesIO()
    says: dict[str, bytes] = {}
    if wanted is PictureFormat.JPEG:
        says = jpeg_metadata(record, home) if record else says
        image.save(target, "JPEG", quality=encoding.jpeg_quality, subsampling=0, **says)
    else:
        if record:
            says = {"exif": exif_block(parameters_text(record.recipe), record_to_json(record, home)), "xmp": xmp_packet().encode()}
        image.save(target, "WEBP", quality=encoding.webp_quality, method=_WEBP_METHOD, **says)
    return target.getvalue()


def _png_texts(record: PictureRecord, home: Path) -> list[tuple[bytes, bytes]]:
    """Return type and content of the chunks with a record's texts."""
    texts = PngImagePlugin.PngInfo()
    texts.add_text("parameters", parameters_text(record.recipe))
    texts.add_text("fluxctl", record_to_json(record, home))
    texts.add_itxt("XML:com.adobe.xmp", xmp_packet())
    return [(kind, content) for kind, content, _ in texts.chunks]


def _png_parts(png: bytes, texts: list[tuple[bytes, bytes]]) -> Iterator[bytes]:
    """Given a PNG that was read without an error, yield it with other texts: its pixels stay as they are packed, which costs no time."""
    yield _SIGNATURE
    place = len(_SIGNATURE)
    kind = b""
    while kind != b"IEND":
        length = int.from_bytes(png[place : place + 4])
        kind = png[place + 4 : place + 8]
        if kind in _KEPT_CHUNKS:
            yield png[place : place + 12 + length]
        place += 12 + length
        if kind == b"IHDR":
            yield from (_chunk(*text) for text in texts)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return len(content).to_bytes(4) + kind + content + zlib.crc32(kind + content).to_bytes(4)
